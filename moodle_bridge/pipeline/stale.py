"""Decide what has to be pushed again after an event, and how long the push is delayed to collect more events.

A form changes the carried rows and figures of its own group, in its own session and the later ones; the rest
of a large course is not computed again. A push of a whole course takes the longer the larger the course is,
so its delay grows with the time that the last one took.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from moodle_bridge.contract.records import SessionRecord, SubmissionRecord
from moodle_bridge.pipeline import hints
from moodle_bridge.store import facts, pushed, queue, records

SHARE = 20
"""What covers a whole course takes at most a twentieth of a worker's time."""

CHEAP_SECONDS = 0.25
"""What takes no longer than this need not gather longer than others."""

AHEAD_SECONDS = 3_600
"""So long before it opens a session is kept up to date; earlier nobody sees it."""


def sessions(connection: Connection, stale: Iterable[str], now: float, trace: str) -> None:
    """Everything of these sessions, as far as they are known."""
    for identifier in stale:
        session = records.session(connection, identifier)
        if session is not None:
            # Whoever has just made a session waits for its forms.
            wait = _wait(connection, session.course) if pushed.was_ever(connection, identifier) else 0
            queue.enqueue(connection, hints.push_job(identifier, now + wait, trace), now)


def submission(
    connection: Connection,
    form: SubmissionRecord,
    session: SessionRecord,
    now: float,
    trace: str,
    *,
    catch_up: bool = False,
) -> None:
    """Name what a form makes stale: its group at once, all groups together (``group`` 0) after a delay.

    One that is asked for until it is filled in (``catch_up``) is asked for nowhere else from then on.
    """
    later = now + _wait(connection, session.course)
    own = _groups_of_author(connection, form)
    for each in _concerned(connection, form, session, now, catch_up=catch_up):
        groups = own & _groups(each)
        if groups:
            soon = now if each.id == session.id else later
            for group in sorted(groups):
                queue.enqueue(connection, hints.push_job(each.id, soon, trace, group=group), now)
            queue.enqueue(connection, hints.push_job(each.id, later, trace, group=0), now)
        else:
            queue.enqueue(connection, hints.push_job(each.id, later, trace), now)


def took(connection: Connection, course: int, seconds: float) -> None:
    """Remember the processor time that pushing everything of a course's session took."""
    facts.put(connection, _fact(course), round(seconds, 3))


def _concerned(
    connection: Connection, form: SubmissionRecord, session: SessionRecord, now: float, *, catch_up: bool
) -> list[SessionRecord]:
    """The session itself and those open ones that look back on it; a coordinator's form concerns all.

    What is asked for until it is filled in concerns those of the far future too.
    """
    everywhere = catch_up or form.respondent_role == "coordinator"
    return [
        each
        for each in records.sessions(connection, session.course)
        if each.id == session.id
        or (
            not each.closed
            and (everywhere or each.number >= session.number)
            and (catch_up or each.opens <= now + AHEAD_SECONDS)
        )
    ]


def _groups_of_author(connection: Connection, form: SubmissionRecord) -> set[int]:
    """The group a form was written in; of somebody who has left it also where they are now.

    What people wrote goes with them. Coordinators are in no group and write for each.
    """
    written = {form.group}
    answer = records.participants(connection, form.session) if form.group else None
    if answer is None or form.respondent_role == "coordinator":
        return written
    now = {g for each in answer.participants if each.id == form.respondent for g in each.groups}
    return written if written <= now else written | now


def _groups(session: SessionRecord) -> set[int]:
    return set() if session.groupmode == "none" else {each.id for each in session.groups if not each.gone}


def _wait(connection: Connection, course: int) -> float:
    seconds = facts.get(connection, _fact(course))
    return SHARE * seconds if isinstance(seconds, int | float) and seconds > CHEAP_SECONDS else 0.0


def _fact(course: int) -> str:
    return f"pushing/{course}"
