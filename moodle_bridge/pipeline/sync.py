"""Reading Moodle's change sequence from the cursor on: what no webhook told is found here.

The cursor moves when a page of changes is remembered and its work is queued, so a kill between any two lines
repeats a page and never skips one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from moodle_bridge.contract.exchanges import ChangePage
from moodle_bridge.contract.records import (
    ChangeRecord,
    DecisionRecord,
    ParticipantsRecord,
    SessionRecord,
    SubmissionRecord,
)
from moodle_bridge.domain.course import openings
from moodle_bridge.errors import (
    MoodleAccountHeld,
    MoodleBroken,
    MoodleCertificate,
    MoodleError,
    MoodleFunctionMissing,
    MoodleGarbled,
    MoodleGuarded,
    MoodleMaintenance,
    MoodleRedirects,
    MoodleSlow,
    MoodleTokenRefused,
    MoodleUnreachable,
    MoodleUploadLimit,
    NotPaired,
    StoreError,
)
from moodle_bridge.moodle.client import SUBMISSIONS, Client
from moodle_bridge.pipeline import cursor, hints, stale
from moodle_bridge.pipeline.apart import Apart, session_thing, set_unread_aside
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.push import push_definitions
from moodle_bridge.pipeline.restore import PAGE, restore
from moodle_bridge.pipeline.sessions import is_its_turn, is_unread, put_people, read_session
from moodle_bridge.pipeline.variants import is_archived
from moodle_bridge.plain_json import text, whole
from moodle_bridge.store import decisions, facts, pairing, pushed, queue, records
from moodle_bridge.store.aside import Thing
from moodle_bridge.store.engine import pieces, write
from moodle_bridge.store.queue import Job
from moodle_bridge.store.standing import note_sync

log = logging.getLogger(__name__)

PASSED = "passed"
"""The fact up to which moment deadlines have been looked at."""

MENDED = (
    *(
        MoodleTokenRefused.code,
        MoodleAccountHeld.code,
        MoodleFunctionMissing.code,
        MoodleRedirects.code,
        NotPaired.code,
    ),
    *(MoodleUnreachable.code, MoodleSlow.code, MoodleMaintenance.code, MoodleBroken.code),
    *(MoodleCertificate.code, MoodleGuarded.code, MoodleUploadLimit.code),
)
"""Reasons that are gone once Moodle answers: the jobs that died of them are tried again."""

AWAY = (MoodleUnreachable.code, MoodleMaintenance.code, MoodleCertificate.code)
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

    Each session is read by itself: one that cannot be read is set aside, and the cursor goes on. Nobody's
    erasure waits for any of them. ``tell`` is given how many are read, and of how many as far as is known.
    Raises :class:`MoodleError` for what is wrong with the site as a whole.
    """
    client = context.connect()
    seen, looked_ahead, ahead = 0, False, 0.0
    while True:
        known = cursor.read(context.engine)
        page = client.get_changes(max(0, known.seq - 1), PAGE)  # the last change that is known once more
        ahead = page.time - context.clock() if page.time else 0.0
        if page.site.rstrip("/") != client.site:
            raise MoodleGarbled(f"{client.site} answers for another site")
        if page.more and page.cursor <= known.seq:
            raise MoodleGarbled("the cursor of Moodle's changes does not move")
        if known.seq and known.is_of_another(page):
            log.warning("Moodle's change sequence is a new one, or was set back: all is read anew")
            restore(context)
            continue
        if not looked_ahead:
            _forget_first(context, client, page, known.seq)
            looked_ahead = True
        seen += take(context, client, page, known.seq, trace)
        if tell is not None:
            tell(seen, seen + PAGE if page.more else seen)
        if not page.more:
            with write(context.engine) as connection:
                note_sync(connection, context.clock(), ahead)
            return seen


def take(context: Context, client: Client, page: ChangePage, seq: int, trace: str) -> int:
    """Do what the changes of a page behind ``seq`` ask for, and move the cursor; how many they are."""
    changes = [change for change in page.changes if change.seq > seq]
    last = {change.session: change.seq for change in changes}
    _set_new_unread_aside(context, page, seq, last)
    known, people = _read_sessions(context, client, page, changes, last)
    moved = _moved(context, client, changes)
    act = partial(_act, context, known, people, moved, page.decisions, trace)
    try:
        with write(context.engine) as connection:
            act(connection, [])
        for some in pieces(changes):
            with write(context.engine) as connection:
                _act(context, (), (), (), (), trace, connection, some)
    except (StoreError, MoodleError):
        raise
    except Exception:
        log.exception("a page of changes failed unexpectedly: each is done by itself")
        apart = Apart(context)
        for change in changes:
            thing = Thing(change.session, "change", str(change.seq), seq=change.seq)
            with apart.each(thing), write(context.engine) as connection:
                act(connection, [change])
    with write(context.engine) as connection:
        cursor.move(connection, page)
    return len(changes)


def _forget_first(context: Context, client: Client, page: ChangePage, seq: int) -> None:
    """Forget what is erased or deleted further on before anything is read: that may take long, or fail."""
    while True:
        changes = [change for change in page.changes if change.seq > seq and _forgets(change)]
        apart = Apart(context)
        for change in changes:
            thing = Thing(change.session, "change", str(change.seq), seq=change.seq)
            with apart.each(thing), write(context.engine) as connection:
                apply(context, connection, change, "", context.clock())
        if not page.more:
            return
        before = page.cursor
        page = client.get_changes(before, PAGE)
        if page.more and page.cursor <= before:
            raise MoodleGarbled("the cursor of Moodle's changes does not move")


def _forgets(change: ChangeRecord) -> bool:
    return change.kind == "erasure" or (
        change.action == "deleted" and change.kind in ("session", "submission")
    )


def _set_new_unread_aside(context: Context, page: ChangePage, seq: int, last: Mapping[str, int]) -> None:
    """Set aside what cannot be read of a page; not again what the page before told already."""
    for each in page.unread:
        if each.list == "sessions":
            if each.id in last or (not each.id and last):
                set_unread_aside(context, [replace(each, seq=last.get(each.id, 0))])
        elif each.seq > seq or (not each.seq and page.cursor > seq):
            set_unread_aside(context, [each])


def _read_sessions(
    context: Context,
    client: Client,
    page: ChangePage,
    changes: Collection[ChangeRecord],
    last: Mapping[str, int],
) -> tuple[list[SessionRecord], list[ParticipantsRecord]]:
    """The sessions of a page that could be read, and who takes part in those where that may have changed."""
    apart = Apart(context)
    changed = {record.id: record for record in page.sessions}
    wanted = _with_new_people(context, changes, changed)
    people: list[ParticipantsRecord] = []
    for identifier in sorted(wanted | set(changed)):
        session = changed.get(identifier) or records.session(context.engine, identifier)
        if session is None or not is_its_turn(context, session, last.get(identifier, 0)):
            continue
        if identifier in wanted or is_unread(context, session):  # else Moodle is not asked, and not failing
            with apart.each(session_thing(session, last.get(identifier, 0))):
                answer = read_session(context, client, session, people=identifier in wanted)
                if answer is not None:
                    people.append(answer)
    known = [each for each in changed.values() if records.session(context.engine, each.id) is not None]
    return known, people


def _moved(context: Context, client: Client, changes: Iterable[ChangeRecord]) -> list[SubmissionRecord]:
    """Archived forms that have gone with their author to another group; their documents stay as they are."""
    known: dict[str, SubmissionRecord] = {}
    for change in changes:
        if change.kind == "submission" and change.action == "saved":
            form = records.submission(context.engine, change.id)
            if form is not None and is_archived(context.engine, context.catalogue, change.id):
                known[change.id] = form
    found = []
    ids = sorted(known)
    for begin in range(0, len(ids), SUBMISSIONS):
        for sent in client.get_submissions(ids[begin : begin + SUBMISSIONS]).submissions:
            form, group = known[sent.id], whole(sent.record, "group")
            if group != form.group:
                found.append(replace(form, group=group, group_name=text(sent.record, "group_name")))
    return found


def _act(
    context: Context,
    known: Iterable[SessionRecord],
    people: Iterable[ParticipantsRecord],
    moved: Iterable[SubmissionRecord],
    decided: Iterable[DecisionRecord],
    trace: str,
    connection: Connection,
    changes: Iterable[ChangeRecord],
) -> None:
    """Remember what was read, and act on changes."""
    now = context.clock()
    for record in known:
        records.put_session(connection, record)
    touched: set[str] = set()
    for answer in people:
        put_people(connection, answer)
        touched.add(answer.session)
    for form in moved:
        records.put_submission(connection, form)
        touched.add(form.session)
    for decision in decided:
        decisions.put(connection, decision)
    for change in changes:
        touched |= apply(context, connection, change, trace, now)
    stale.sessions(connection, touched, now, trace)


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
                *(record.due + days * openings.DAY for days in openings.TURNS if record.due),
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


def apply(context: Context, connection: Connection, change: ChangeRecord, trace: str, now: float) -> set[str]:
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
        session = records.session(connection, change.session)
        course = records.sessions(connection, session.course) if session else []
        # What it brought into later sessions goes; what it had answered is asked for again.
        return {change.session, *(each.id for each in course if not each.closed)}
    elif kind == "decision":
        if action == "deleted":
            decisions.forget(connection, identifier)
        session = records.session(connection, change.session)
        # Earlier pages of the course show the signal too.
        return {each.id for each in records.sessions(connection, session.course)} if session else set()
    elif kind == "submission" and not is_archived(connection, context.catalogue, identifier):
        queue.enqueue(connection, hints.archive_job(identifier, trace), now)
    return set()
