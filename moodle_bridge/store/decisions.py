"""What coordinators decided on signals: a private copy, all of it can be read from Moodle again."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from moodle_bridge.contract.records import DecisionRecord, as_json
from moodle_bridge.store import tables
from moodle_bridge.store.engine import Source, read


def put(connection: Connection, record: DecisionRecord) -> None:
    """Remember a decision in place of what was known of it."""
    row = {"id": record.id, "session": record.session, "record": as_json(record)}
    tables.put(connection, tables.decision, row)


def of_sessions(source: Source, sessions: Collection[str]) -> list[DecisionRecord]:
    """The decisions taken on the pages of these sessions, oldest first."""
    with read(source) as connection:
        rows = connection.execute(
            select(tables.decision.c.record).where(tables.decision.c.session.in_(sessions))
        ).scalars()
        found = [DecisionRecord.of(row) for row in rows]
    return sorted(found, key=lambda each: (each.time, each.id))


def forget(connection: Connection, decision: str) -> None:
    """Forget a decision."""
    connection.execute(delete(tables.decision).where(tables.decision.c.id == decision))


def forget_session(connection: Connection, session: str) -> None:
    """Forget what was decided on the page of a session that is no more."""
    connection.execute(delete(tables.decision).where(tables.decision.c.session == session))


def forget_person(connection: Connection, user: int) -> set[str]:
    """Forget what was decided about a person; the sessions this concerns."""
    touched = set()
    for row in connection.execute(select(tables.decision)).all():
        if row.record.get("person") == user:
            forget(connection, row.id)
            touched.add(row.session)
    return touched


def forget_all(connection: Connection) -> None:
    """Forget every decision: all are read anew."""
    connection.execute(delete(tables.decision))
