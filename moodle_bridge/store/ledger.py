"""The publication ledger: an entry is written once and never changed; it goes with its session only."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, delete, select

from moodle_bridge.domain.course.model import Published
from moodle_bridge.store import tables
from moodle_bridge.store.engine import Source, is_sqlite, read


def of_sessions(source: Source, sessions: Collection[str]) -> tuple[Published, ...]:
    """The entries of these sessions."""
    table = tables.ledger
    with read(source) as connection:
        rows = connection.execute(
            select(table)
            .where(table.c.session.in_(sessions))
            .order_by(table.c.session, table.c.group, table.c.audience, table.c.item)
        )
        return tuple(
            Published(row.session, row.group, row.audience, row.item, row.figure, row.published_at)
            for row in rows
        )


def write_once(connection: Connection, entries: Iterable[Published]) -> None:
    """Write the entries that are not there yet; those that are stay as they are."""
    table = tables.ledger
    for each in entries:
        row = {
            "session": each.session,
            "group": each.group,
            "audience": each.audience,
            "item": each.item,
            "figure": dict(each.figure),
            "published_at": each.when,
        }
        connection.execute(
            tables.insert_for(is_sqlite(connection), table).values(row).on_conflict_do_nothing()
        )


def forget(connection: Connection, session: str) -> None:
    """Forget what was published of a session that is no more."""
    connection.execute(delete(tables.ledger).where(tables.ledger.c.session == session))
