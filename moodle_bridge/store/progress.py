"""How far each submission has come, and the forms of chosen people: questions across the records' tables."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from moodle_bridge.store import tables
from moodle_bridge.store.engine import Source, read
from moodle_bridge.store.records import Record


def submissions_in(
    source: Source, sessions: Collection[str], respondents: Collection[int] | None = None
) -> list[Record]:
    """The submissions of these sessions, of everyone or of these people, oldest first."""
    wanted = select(tables.submission.c.record).where(tables.submission.c.session.in_(sessions))
    if respondents is not None:
        wanted = wanted.where(tables.submission.c.respondent.in_(respondents))
    with read(source) as connection:
        found: list[Record] = list(connection.execute(wanted).scalars())
    return sorted(found, key=lambda record: (record["submitted"], record["version"], record["id"]))


def waiting_for_correction(source: Source, session_id: str) -> list[str]:
    """Ids of a session's submissions in which problems were found and of which no document was made."""
    made = select(tables.document.c.submission).where(tables.document.c.session == session_id)
    wanted = select(tables.submission.c.id, tables.submission.c.problems).where(
        tables.submission.c.session == session_id, tables.submission.c.id.not_in(made)
    )
    with read(source) as connection:
        return [row.id for row in connection.execute(wanted) if row.problems]


def forget_all(connection: Connection) -> None:
    """Forget everything that came from Moodle: it can be read again. Jobs, secrets and the inbox stay."""
    for table in (tables.pushed, tables.document, tables.submission, tables.participants, tables.session):
        connection.execute(delete(table))
