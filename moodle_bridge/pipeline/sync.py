"""Reading Moodle's change sequence from the cursor on: what no webhook told is found here.

The cursor moves in the same transaction that remembers a page of changes and queues its work, so a kill
between any two lines repeats a page and never skips one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection

from moodle_bridge.contract.records import ChangeRecord, ParticipantsRecord, SessionRecord
from moodle_bridge.errors import (
    MoodleBroken,
    MoodleFunctionMissing,
    MoodleGarbled,
    MoodleMaintenance,
    MoodleRedirects,
    MoodleRefused,
    MoodleSlow,
    MoodleTokenRefused,
    MoodleUnreachable,
    NotPaired,
)
from moodle_bridge.moodle.client import Client
from moodle_bridge.pipeline import cursor, hints, stale
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.push import push_definitions
from moodle_bridge.pipeline.restore import PAGE, restore, restore_session
from moodle_bridge.pipeline.variants import is_archived
from moodle_bridge.store import facts, pairing, pushed, queue, records
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job

log = logging.getLogger(__name__)

PASSED = "passed"
"""The fact up to which moment deadlines have been looked at."""

MENDED = (
    *(MoodleTokenRefused.code, MoodleFunctionMissing.code, MoodleRedirects.code, NotPaired.code),
    *(MoodleUnreachable.code, MoodleSlow.code, MoodleMaintenance.code, MoodleBroken.code),
)
"""Reasons that are gone once Moodle answers: the jobs that died of them are tried again."""

AWAY = (MoodleUnreachable.code, MoodleMaintenance.code)
"""Reasons that say nothing about a job of its own: once Moodle answers, its pause of up to hours ends."""


def sync(context: Context, job: Job) -> None:
    """Handle a ``sync`` job: everything Moodle knows is known here or queued."""
    if pairing.current(context.engine) is None:
        return
    catch_up(context, job.trace)
    push_definitions(context, context.connect())
    _push_what_time_changed(context, job.trace)
    for code in MENDED:
        queue.retry_dead(context.engine, context.clock(), code)
    queue.hasten(context.engine, context.clock(), AWAY)


def catch_up(context: Context, trace: str = "", *, tell: Callable[[int, int], None] | None = None) -> int:
    """Read all changes since the cursor; return how many there were.

    ``tell`` is given how many are read, and of how many as far as is known. Raises :class:`MoodleError`.
    """
    client = context.connect()
    seen = 0
    while True:
        known = cursor.read(context.engine)
        page = client.get_changes(max(0, known.seq - 1), PAGE)  # the last change that is known once more
        if page.site.rstrip("/") != client.site:
            raise MoodleGarbled(f"{client.site} answers for another site")
        if page.more and page.cursor <= known.seq:
            raise MoodleGarbled("the cursor of Moodle's changes does not move")
        if known.seq and known.is_of_another(page):
            log.warning("Moodle's change sequence is a new one, or was set back: all is read anew")
            restore(context)
            continue
        changes = [change for change in page.changes if change.seq > known.seq]
        changed = {record.id: record for record in page.sessions}
        _read_what_came_along(context, client, changed.values())
        people = _participants(client, _with_new_people(context, changes, changed))
        with write(context.engine) as connection:
            now = context.clock()
            for record in changed.values():
                records.put_session(connection, record)
            for answer in people.values():
                _put_people(connection, answer)
            touched = set(people)
            for change in changes:
                touched |= _apply(context, connection, change, trace, now)
            stale.sessions(connection, touched, now, trace)
            if changes:
                cursor.move(connection, page.feed, changes[-1])
        seen += len(changes)
        if tell is not None:
            tell(seen, seen + PAGE if page.more else seen)
        if not page.more:
            return seen


def _read_what_came_along(context: Context, client: Client, sessions: Iterable[SessionRecord]) -> None:
    """A session new to us may bring forms and documents along, from a backup or a database we lost.

    What Moodle holds already is noted as filed: made anew it might differ from what was filed.
    """
    for session in sessions:
        if records.session(context.engine, session.id) is None:
            with _unless_deleted():
                restore_session(context, client, session)


@contextmanager
def _unless_deleted() -> Iterator[None]:
    """What was deleted since is no error: its tombstone comes with a later page."""
    try:
        yield
    except MoodleRefused as error:
        if error.moodle_code != "sessionmissing":
            raise


def _push_what_time_changed(context: Context, trace: str) -> None:
    """A form may wait for a deadline: sessions whose times have passed since last time are pushed.

    So are those that open soon: until then they are not kept up to date.
    """
    now = context.clock()
    noted = facts.get(context.engine, PASSED, now)
    since = noted if isinstance(noted, int | float) else now
    if since > now:
        since = 0  # the clock was wrong, nobody knows since when: all that has ever passed is looked at
    passed = [
        record.id
        for record in records.sessions(context.engine)
        if any(
            since < moment <= now
            for moment in (
                record.opens,
                record.opens - stale.AHEAD_SECONDS,
                record.due,
                *(each.due for each in record.extensions),
            )
        )
    ]
    with write(context.engine) as connection:
        stale.sessions(connection, passed, now, trace)
        facts.put(connection, PASSED, now)


def _with_new_people(
    context: Context, changes: Collection[ChangeRecord], changed: Mapping[str, SessionRecord]
) -> set[str]:
    """Sessions to read the participants of: the changed ones, and all of a course whose people changed."""
    courses = {int(change.id) for change in changes if change.kind == "participants"}
    found = {change.id for change in changes if change.kind == "session"} & set(changed)
    for course in courses:
        found |= {record.id for record in records.sessions(context.engine, course)}
        found |= {record.id for record in changed.values() if record.course == course}
    return found


def _put_people(connection: Connection, answer: ParticipantsRecord) -> None:
    """Remember who takes part, and in which groups now: those change without the session."""
    records.put_participants(connection, answer)
    record = records.session(connection, answer.session)
    if record is not None:
        now = replace(record, groupmode=answer.groupmode, groups=answer.groups)
        if now != record:
            records.put_session(connection, now)


def _participants(client: Client, sessions: Collection[str]) -> dict[str, ParticipantsRecord]:
    found: dict[str, ParticipantsRecord] = {}
    for session in sorted(sessions):
        with _unless_deleted():
            found[session] = client.get_participants(session)
    return found


def _apply(
    context: Context, connection: Connection, change: ChangeRecord, trace: str, now: float
) -> set[str]:
    """Act on one change; return the sessions whose pushed data it may alter."""
    kind, action, identifier = change.kind, change.action, change.id
    if action == "deleted" or kind == "erasure":
        # A form that is being worked on may have been read before this and be written down after it. (First
        # this, then the deleting: a job that ends meanwhile waits for us, or we see what it wrote.)
        queue.run_again(connection, "archive")
    if kind == "erasure":
        return set(records.erase_person(connection, int(identifier)))
    if (kind, action) in (("session", "saved"), ("submission", "deleted")):
        # A course may have been reset, or a person erased: then Moodle has deleted rows that we pushed.
        pushed.forget_shown_in(connection, change.session)
    if kind == "session" and action == "deleted":
        records.delete_session(connection, identifier)
    elif kind == "session" and action == "closed":
        for waiting in records.waiting_for_correction(connection, identifier):
            queue.enqueue(connection, hints.archive_job(waiting, trace), now)
    elif kind == "submission" and action == "deleted":
        records.delete_submission(connection, identifier)
        return {change.session}
    elif kind == "submission" and not is_archived(connection, context.catalogue, identifier):
        queue.enqueue(connection, hints.archive_job(identifier, trace), now)
    return set()
