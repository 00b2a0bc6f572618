"""Doing one thing apart from all others: if it fails it is set aside by name, and the rest goes on.

What is wrong with the whole site (no connection, no token, no database) is no fault of the thing: that is
raised.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from moodle_bridge.contract.records import SessionRecord, Unread
from moodle_bridge.errors import (
    BridgeError,
    MoodleBroken,
    MoodleFunctionMissing,
    MoodleGarbled,
    MoodleGuarded,
    MoodleMaintenance,
    MoodleRedirects,
    MoodleRefused,
    MoodleSlow,
    MoodleTokenRefused,
    MoodleUnreachable,
    NotPaired,
    StoreError,
)
from moodle_bridge.pipeline.context import Context
from moodle_bridge.store import aside
from moodle_bridge.store.aside import Kind, Thing
from moodle_bridge.store.engine import write

log = logging.getLogger(__name__)

OF_THE_SITE = (
    *(MoodleUnreachable, MoodleMaintenance, MoodleTokenRefused, MoodleFunctionMissing, MoodleRedirects),
    *(MoodleGuarded, NotPaired, StoreError),
)
"""Trouble that says nothing about the thing in hand."""

IN_A_ROW = 3
"""So many things in a row that Moodle is too slow or too broken for: then it is Moodle, not they."""

_KINDS: dict[str, Kind] = {
    "sessions": "session",
    "changes": "change",
    "submissions": "submission",
    "participants": "person",
    "documents": "document",
}


class Apart:
    """Does things apart, and counts how many failed in a row as only Moodle itself makes them fail."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._in_a_row = 0

    @contextmanager
    def each(self, thing: Thing, *, clear: bool = True) -> Iterator[None]:
        """Do what the block does with a thing; afterwards it is done, or set aside.

        Raises what is wrong with the whole site. What was deleted in Moodle meanwhile is no fault.
        """
        try:
            yield
        except OF_THE_SITE:
            raise
        except (MoodleSlow, MoodleBroken) as error:
            set_aside(self._context, thing, error.code, error.message)
            self._in_a_row += 1
            if self._in_a_row >= IN_A_ROW:
                raise
            return
        except MoodleRefused as error:
            if error.moodle_code != "sessionmissing":  # its tombstone comes with a later page
                set_aside(self._context, thing, error.code, error.message)
        except BridgeError as error:
            set_aside(self._context, thing, error.code, error.message)
        except Exception as error:
            # Its text may quote an answer: the table keeps its type, the log its type and place.
            log.exception("%s %s failed unexpectedly", thing.kind, thing.id)
            set_aside(self._context, thing, BridgeError.code, type(error).__name__)
        else:
            if clear:
                self._clear(thing)
        self._in_a_row = 0

    def _clear(self, thing: Thing) -> None:
        if aside.get(self._context.engine, thing) is not None:
            with write(self._context.engine) as connection:
                aside.clear(connection, thing)
            log.info("%s %s is set aside no longer", thing.kind, thing.id)


def set_aside(context: Context, thing: Thing, code: str, message: str) -> None:
    """Set a thing aside, and say so in the log."""
    with write(context.engine) as connection:
        aside.put(connection, thing, code, message, context.clock())
    named = f"{thing.kind} {thing.id}" + (f" of session {thing.session}" if thing.session != thing.id else "")
    log.warning("%s (course %d) is set aside: %s: %s", named, thing.course, code, message)


def set_unread_aside(
    context: Context, unread: Iterable[Unread], session: SessionRecord | None = None
) -> None:
    """Set aside what could not be read of an answer, which is one about ``session`` if given."""
    for each in unread:
        set_aside(context, thing_of(each, session), MoodleGarbled.code, each.why)


def thing_of(unread: Unread, session: SessionRecord | None = None) -> Thing:
    """What an unreadable record is called."""
    kind = _KINDS[unread.list]
    identifier = unread.id or unread.why.split(":")[0]
    if kind == "session":
        return Thing(unread.id, kind, identifier, name=unread.name, seq=unread.seq)
    if kind == "change":
        return Thing("", kind, str(unread.seq) if unread.seq else identifier, seq=unread.seq)
    if session is None:
        return Thing(unread.session, kind, identifier)
    return Thing(session.id, kind, identifier, session.course, session.name)


def session_thing(session: SessionRecord, seq: int = 0) -> Thing:
    """A session as a whole."""
    return Thing(session.id, "session", session.id, session.course, session.name, seq)
