"""How far Moodle's change sequence has been read, and whether a page goes on from there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from moodle_bridge.contract.exchanges import ChangePage
from moodle_bridge.contract.records import ChangeRecord, as_json
from moodle_bridge.plain_json import Json, as_object, text, whole
from moodle_bridge.store import facts
from moodle_bridge.store.engine import Source

_FACT = "cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last change that is known: ``last`` says which it was, so that a sequence set back is noticed."""

    feed: str
    seq: int
    last: tuple[Json, ...] | None

    def is_of_another(self, page: ChangePage) -> bool:
        """Whether a page read from the last known change on belongs to another sequence than the one known.

        A site that was restored from a backup has the same feed but a shorter sequence, or one that went on
        differently. A change goes from the sequence only when a later one says the same of the same thing.
        """
        if page.feed == self.feed and any(each.list == "changes" for each in page.unread):
            return False  # which change it is cannot be told
        if page.feed != self.feed or not page.changes:
            return True
        first = page.changes[0]
        return first.seq == self.seq and self.last is not None and _mark(first) != self.last


START = Cursor(feed="", seq=0, last=None)


def read(source: Source) -> Cursor:
    """The cursor; :data:`START` if nothing was read yet."""
    known = facts.get(source, _FACT)
    if known is None:
        return START
    fact = as_object(known, _FACT)
    last = fact.get("last")
    return Cursor(
        feed=text(fact, "feed"),
        seq=whole(fact, "seq"),
        last=tuple(last) if isinstance(last, list) else None,
    )


def move(connection: Connection, page: ChangePage) -> None:
    """Everything up to the end of this page has been read."""
    last = page.changes[-1] if page.changes else None
    if any(each.list == "changes" for each in page.unread) and (last is None or page.cursor > last.seq):
        facts.put(connection, _FACT, as_json(Cursor(page.feed, page.cursor, None)))
    elif last is not None:
        facts.put(connection, _FACT, as_json(Cursor(page.feed, last.seq, _mark(last))))


def rewind(connection: Connection) -> None:
    """The sequence is to be read from its start."""
    facts.put(connection, _FACT, as_json(START))


def _mark(change: ChangeRecord) -> tuple[Json, ...]:
    return (change.kind, change.id, change.time)
