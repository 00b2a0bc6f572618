"""Trying again what is set aside, each thing for itself and after longer and longer pauses."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from moodle_bridge.contract.records import SessionRecord
from moodle_bridge.errors import MoodleGarbled
from moodle_bridge.moodle.client import Client
from moodle_bridge.pipeline import hints, stale
from moodle_bridge.pipeline.apart import Apart, set_aside
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.restore import restore_documents, restore_session
from moodle_bridge.pipeline.sessions import put_people, read_people, read_session
from moodle_bridge.pipeline.sync import apply
from moodle_bridge.store import aside, pairing, queue, records
from moodle_bridge.store.aside import SetAside, Thing
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job, NewJob

log = logging.getLogger(__name__)


def again(context: Context, job: Job) -> None:
    """Handle an ``again`` job: what is set aside and due is tried once more."""
    if pairing.current(context.engine) is not None:
        try_again(context, job.trace)


def try_again(context: Context, trace: str = "") -> None:
    """Try everything once more that is due. Raises what is wrong with the site as a whole."""
    due = aside.due(context.engine, context.clock())
    if not due:
        return
    client = context.connect()
    apart = Apart(context)
    for thing in _each_once(due):
        # Reading people and documents clears them itself; a form's own job clears it.
        with apart.each(_named(thing), clear=thing.kind in ("session", "change")):
            if thing.kind == "change":
                _change(context, client, thing, trace)
            elif thing.kind == "submission" and "/" not in thing.id:
                _ask(context, thing, hints.archive_job(thing.id, trace))
            elif thing.kind == "section":
                _ask(context, thing, hints.push_job(thing.session, context.clock(), trace))
            else:
                _of_session(context, client, thing, trace)


def _each_once(due: list[SetAside]) -> Iterator[SetAside]:
    """People and documents of a session are read together, and with it where all of it is read."""
    seen: set[tuple[str, str]] = {(thing.session, "session") for thing in due if thing.kind == "session"}
    for thing in due:
        if thing.kind in ("person", "document"):
            if {(thing.session, "session"), (thing.session, thing.kind)} & seen:
                continue
            seen.add((thing.session, thing.kind))
        yield thing


def _named(thing: SetAside) -> Thing:
    return Thing(thing.session, thing.kind, thing.id, thing.course, thing.name, thing.seq)


def _of_session(context: Context, client: Client, thing: SetAside, trace: str) -> None:
    known = records.session(context.engine, thing.session)
    if thing.kind == "session":
        session = _told(client, thing) or known
        if session is None:
            raise MoodleGarbled(f"session {thing.session}: Moodle tells nothing of it that can be read")
        answer = read_session(context, client, session, people=True)
        with write(context.engine) as connection:
            records.put_session(connection, session)
            if answer is not None:
                put_people(connection, answer)
            stale.sessions(connection, [session.id], context.clock(), trace)
    elif known is not None and thing.kind == "person":
        people = read_people(context, client, known)
        with write(context.engine) as connection:
            put_people(connection, people)
            stale.sessions(connection, [known.id], context.clock(), trace)
    elif known is not None and thing.kind == "document":
        restore_documents(context, client, known)
    elif known is not None:  # a form that does not say which it is
        restore_session(context, client, known)


def _told(client: Client, thing: SetAside) -> SessionRecord | None:
    """The session as the change by which it was met tells of it; None where a later change tells more."""
    if not thing.seq:
        return None
    page = client.get_changes(thing.seq - 1, 1)
    for each in page.unread:
        if each.list == "sessions" and each.id == thing.session:
            raise MoodleGarbled(each.why)
    return next((each for each in page.sessions if each.id == thing.session), None)


def _change(context: Context, client: Client, thing: SetAside, trace: str) -> None:
    """A change that could not be read or acted on; a later one of the same thing may have replaced it."""
    if not thing.seq:
        return
    page = client.get_changes(thing.seq - 1, 1)
    for each in page.unread:
        if each.list == "changes" and each.seq == thing.seq:
            raise MoodleGarbled(each.why)
    for change in page.changes:
        if change.seq == thing.seq:
            with write(context.engine) as connection:
                touched = apply(context, connection, change, trace, context.clock())
                stale.sessions(connection, touched, context.clock(), trace)


def _ask(context: Context, thing: SetAside, job: NewJob) -> None:
    """A job of its own does it; the thing is set aside until that has succeeded."""
    with write(context.engine) as connection:
        queue.enqueue(connection, job, context.clock())
    set_aside(context, _named(thing), thing.code, thing.message)
