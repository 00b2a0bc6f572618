"""How far each submission has come, and the forms of chosen people: questions across the records' tables."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, delete, select, true

from moodle_bridge.store import records, tables
from moodle_bridge.store.engine import Source, read
from moodle_bridge.store.records import Record


def submissions_in(
    source: Source,
    sessions: Collection[str],
    respondents: Collection[int] | None = None,
    groups: Collection[int] = (),
) -> list[Record]:
    """The submissions of these sessions, oldest first: of everyone, or of these people and groups."""
    table = tables.submission
    chosen: list[ColumnElement[bool]] = [true()]
    if respondents is not None:
        chosen = [table.c.respondent.in_(respondents), table.c.group.in_(groups)]
    found: dict[str, Record] = {}
    with read(source) as connection:
        for each in chosen:  # one after the other, each by its own index
            wanted = select(table.c.record).where(each, table.c.session.in_(sessions))
            found |= {record["id"]: record for record in connection.execute(wanted).scalars()}
    return sorted(found.values(), key=lambda record: (record["submitted"], record["version"], record["id"]))


def waiting_for_correction(source: Source, session_id: str) -> list[str]:
    """Ids of a session's submissions in which problems were found and of which no document was made."""
    made = select(tables.document.c.submission).where(tables.document.c.session == session_id)
    wanted = select(tables.submission.c.id, tables.submission.c.problems).where(
        tables.submission.c.session == session_id, tables.submission.c.id.not_in(made)
    )
    with read(source) as connection:
        return [row.id for row in connection.execute(wanted) if row.problems]


def keep_in_session(
    connection: Connection, session_id: str, submissions: Collection[str], stored: Collection[str]
) -> None:
    """Forget a session's submissions but these, and its documents that are noted as stored but these.

    A document that is not stored yet stays with its bytes, if its submission does.
    """
    forms, documents = tables.submission, tables.document
    for row in connection.execute(select(forms.c.id).where(forms.c.session == session_id)).all():
        if row.id not in submissions:
            records.delete_submission(connection, row.id)
    kept = select(documents.c.id, documents.c.submission, documents.c.stored_at)
    for row in connection.execute(kept.where(documents.c.session == session_id)).all():
        lost = row.stored_at is not None and row.id not in stored
        if lost or row.submission not in submissions:
            connection.execute(delete(documents).where(documents.c.id == row.id))


def keep_sessions(connection: Connection, sessions: Collection[str]) -> None:
    """Forget every session but these, with everything in them."""
    for row in connection.execute(select(tables.session.c.id)).all():
        if row.id not in sessions:
            records.delete_session(connection, row.id)


def forget_pushed(connection: Connection) -> None:
    """Forget what was pushed: everything is pushed anew."""
    connection.execute(delete(tables.pushed))


def forget_pushed_in(connection: Connection, session_id: str) -> None:
    """Forget which rows and summaries of a session were pushed; what was reported of its forms stays."""
    shown = tables.pushed.c.target.like("personal/%") | tables.pushed.c.target.like("summary/%")
    connection.execute(delete(tables.pushed).where(tables.pushed.c.session == session_id, shown))
