"""What the service knows of Moodle: sessions, who takes part in them, and what was submitted.

A private copy: all of it can be read from Moodle again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, true

from moodle_bridge.contract.records import ParticipantsRecord, SessionRecord, SubmissionRecord, as_json
from moodle_bridge.store import aside, decisions, documents, ledger, tables
from moodle_bridge.store.engine import Source, read

# What every archived form runs through is made once: making a statement takes longer than running it.
_SESSION = select(tables.session.c.record).where(tables.session.c.id == bindparam("id"))
_SESSIONS = select(tables.session.c.record).where(tables.session.c.course == bindparam("course"))
_PARTICIPANTS = select(tables.participants.c.answer).where(
    tables.participants.c.session == bindparam("session")
)
_ROWS = 100
"""Rows of submissions that are read at a time."""
_SUBMISSIONS = select(tables.submission.c.record, tables.submission.c.problems)


def put_session(connection: Connection, record: SessionRecord) -> None:
    """Remember a session in place of what was known of it."""
    row = {"id": record.id, "course": record.course, "record": as_json(record)}
    tables.put(connection, tables.session, row)


def session(source: Source, session_id: str) -> SessionRecord | None:
    """One session."""
    with read(source) as connection:
        row = connection.execute(_SESSION, {"id": session_id}).scalar()
    return None if row is None else SessionRecord.of(row)


def sessions(source: Source, course: int | None = None) -> list[SessionRecord]:
    """All sessions, or those of one course, by course and number."""
    wanted = select(tables.session.c.record) if course is None else _SESSIONS
    with read(source) as connection:
        rows = connection.execute(wanted, {} if course is None else {"course": course}).scalars()
        found = [SessionRecord.of(row) for row in rows]
    return sorted(found, key=lambda record: (record.course, record.number, record.id))


def delete_session(connection: Connection, session_id: str) -> None:
    """Forget a session and everything in it."""
    documents.delete_where(connection, tables.document.c.session == session_id)
    connection.execute(delete(tables.submission).where(tables.submission.c.session == session_id))
    connection.execute(delete(tables.participants).where(tables.participants.c.session == session_id))
    connection.execute(delete(tables.pushed).where(tables.pushed.c.session == session_id))
    ledger.forget(connection, session_id)
    decisions.forget_session(connection, session_id)
    connection.execute(delete(tables.session).where(tables.session.c.id == session_id))
    aside.clear_session(connection, session_id)


def keep_sessions(connection: Connection, kept: Collection[str]) -> None:
    """Forget every session but these, with everything in them."""
    for row in connection.execute(select(tables.session.c.id)).all():
        if row.id not in kept:
            delete_session(connection, row.id)


def put_participants(connection: Connection, record: ParticipantsRecord) -> None:
    """Remember who takes part in a session."""
    row = {"session": record.session, "answer": as_json(record)}
    tables.put(connection, tables.participants, row)


def participants(source: Source, session_id: str) -> ParticipantsRecord | None:
    """Who takes part in a session, as ``get_participants`` answered last."""
    with read(source) as connection:
        row = connection.execute(_PARTICIPANTS, {"session": session_id}).scalar()
    return None if row is None else ParticipantsRecord.of(row)


def put_submission(connection: Connection, record: SubmissionRecord) -> None:
    """Remember a submission and the problems found in it."""
    said = as_json(record)
    problems = said.pop("problems")
    row = {
        "id": record.id,
        "session": record.session,
        "respondent": record.respondent,
        "group": record.group,
        "record": said,
        "problems": problems,
    }
    tables.put(connection, tables.submission, row)


def submission(source: Source, submission_id: str) -> SubmissionRecord | None:
    """One submission."""
    found = _submissions(source, [tables.submission.c.id == submission_id])
    return found[0] if found else None


def sessions_of(source: Source, submissions: Iterable[str]) -> set[str | None]:
    """The sessions of these submissions; None stands for those of submissions that are not known."""
    wanted = set(submissions)
    table = tables.submission
    with read(source) as connection:
        rows = connection.execute(select(table.c.id, table.c.session).where(table.c.id.in_(wanted))).all()
    found: set[str | None] = {row.session for row in rows}
    return found | {None} if len(rows) < len(wanted) else found


def submissions(source: Source, session: str | None = None) -> list[SubmissionRecord]:
    """All submissions, or those of one session, oldest first."""
    return _submissions(source, [true() if session is None else tables.submission.c.session == session])


def submission_ids(source: Source, session: str) -> set[str]:
    """Ids of a session's submissions."""
    with read(source) as connection:
        wanted = select(tables.submission.c.id).where(tables.submission.c.session == session)
        return set(connection.execute(wanted).scalars())


def submissions_of(source: Source, ids: Collection[str]) -> dict[str, SubmissionRecord]:
    """The submissions of these ids that are known, by id."""
    return {each.id: each for each in _submissions(source, [tables.submission.c.id.in_(ids)])}


def submissions_in(
    source: Source,
    sessions: Collection[str],
    respondents: Collection[int] | None = None,
    groups: Collection[int] = (),
    *,
    kept: Callable[[SubmissionRecord], SubmissionRecord] = lambda record: record,
) -> list[SubmissionRecord]:
    """The submissions of these sessions, oldest first: of everyone, or of these people and groups.

    Each as ``kept`` makes it as soon as it is read, for where all of all would not fit.
    """
    table = tables.submission
    within = table.c.session.in_(sessions)
    if respondents is None:
        return _submissions(source, [within], kept)
    chosen = [within & table.c.respondent.in_(respondents), within & table.c.group.in_(groups)]
    return _submissions(source, chosen, kept)


def waiting_for_correction(source: Source, session_id: str) -> list[str]:
    """Ids of a session's submissions in which problems were found and of which no document was made."""
    made = select(tables.document.c.submission).where(tables.document.c.session == session_id)
    wanted = select(tables.submission.c.id, tables.submission.c.problems).where(
        tables.submission.c.session == session_id, tables.submission.c.id.not_in(made)
    )
    with read(source) as connection:
        return [row.id for row in connection.execute(wanted) if row.problems]


def delete_submission(connection: Connection, submission_id: str) -> None:
    """Forget a submission, its answers and its documents."""
    documents.delete_where(connection, tables.document.c.submission == submission_id)
    connection.execute(delete(tables.submission).where(tables.submission.c.id == submission_id))
    aside.clear_id(connection, "submission", submission_id)


def keep_in_session(
    connection: Connection, session_id: str, submissions: Collection[str], stored: Collection[str]
) -> None:
    """Forget a session's submissions but these, and its documents that are noted as stored but these.

    A document that is not stored yet stays with its bytes, if its submission does.
    """
    forms, filed = tables.submission, tables.document
    for row in connection.execute(select(forms.c.id).where(forms.c.session == session_id)).all():
        if row.id not in submissions:
            delete_submission(connection, row.id)
    kept = select(filed.c.id, filed.c.submission, filed.c.stored_at)
    for row in connection.execute(kept.where(filed.c.session == session_id)).all():
        lost = row.stored_at is not None and row.id not in stored
        if lost or row.submission not in submissions:
            documents.delete_where(connection, filed.c.id == row.id)


def erase_person(connection: Connection, user: int) -> list[str]:
    """Forget what a person submitted, and that they took part; ids of the sessions this concerns."""
    aside.clear_id(connection, "person", str(user))
    own = tables.submission.c.respondent == user
    found = connection.execute(select(tables.submission.c.id, tables.submission.c.session).where(own)).all()
    touched = {row.session for row in found} | decisions.forget_person(connection, user)
    for row in found:
        delete_submission(connection, row.id)
    # As they lie there: a row that cannot be read must not keep anybody from being erased.
    for table, column, listed, key in (
        (tables.participants, tables.participants.c.answer, "participants", "id"),
        (tables.session, tables.session.c.record, "extensions", "user"),
    ):
        keys = list(table.primary_key)
        for identifier, record in connection.execute(select(keys[0], column)).all():
            everybody = record.get(listed) or []
            staying = [each for each in everybody if each.get(key) != user]
            if len(staying) < len(everybody):
                touched.add(identifier)
                changed = {column.name: {**record, listed: staying}}
                connection.execute(table.update().where(keys[0] == identifier).values(changed))
    return sorted(touched)


def _submissions(
    source: Source,
    chosen: Iterable[ColumnElement[bool]],
    kept: Callable[[SubmissionRecord], SubmissionRecord] = lambda record: record,
) -> list[SubmissionRecord]:
    """Select submissions that meet one of the conditions, each by a query that uses its own index."""
    found: dict[str, SubmissionRecord] = {}
    with read(source) as connection:
        for each in chosen:
            rows = connection.execute(_SUBMISSIONS.where(each), execution_options={"yield_per": _ROWS})
            for row in rows:
                record = SubmissionRecord.of(row.record, tuple(row.problems))
                if record.id not in found:
                    found[record.id] = kept(record)
    return sorted(found.values(), key=lambda record: (record.submitted, record.version, record.id))
