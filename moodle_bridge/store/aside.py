"""What is set aside by name because it could not be read, while everything else went on.

Knows neither why something fails nor how it is tried again; holds no answers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select

from moodle_bridge.store import tables
from moodle_bridge.store.engine import Source, read

Kind = Literal["session", "submission", "document", "person", "change", "section"]

_FIRST_PAUSE = 10
_LONGEST_PAUSE = 3600


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of a session, named; ``session`` is empty where it is not known.

    ``name`` is the session's for people, ``seq`` the change of Moodle's sequence by which it was met.
    """

    session: str
    kind: Kind
    id: str
    course: int = 0
    name: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class SetAside(Thing):
    """A thing that is set aside: why, since when, and when it is tried again."""

    code: str = ""
    message: str = ""
    since: float = 0.0
    tries: int = 0
    again_at: float = 0.0


def put(connection: Connection, thing: Thing, code: str, message: str, now: float) -> None:
    """Set a thing aside, or note that another try failed."""
    known = get(connection, thing)
    tries = known.tries + 1 if known else 1
    row = {each.name: getattr(thing, each.name) for each in dataclasses.fields(Thing)}
    pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(tries - 1, 10))
    if known:
        row |= {name: row[name] or getattr(known, name) for name in ("course", "name", "seq")}
    row |= {"code": code, "message": message, "tries": tries, "again_at": now + pause}
    row["since"] = known.since if known else now
    tables.put(connection, tables.set_aside, row)


def get(source: Source, thing: Thing) -> SetAside | None:
    """The thing, if it is set aside."""
    found = _rows(source, _is(thing))
    return found[0] if found else None


def clear(connection: Connection, thing: Thing) -> None:
    """The thing could be read: it is set aside no longer."""
    connection.execute(delete(tables.set_aside).where(_is(thing)))


def clear_session(connection: Connection, session: str) -> None:
    """Clear everything of a session that is set aside."""
    connection.execute(delete(tables.set_aside).where(tables.set_aside.c.session == session))


def clear_kind(connection: Connection, session: str, kind: Kind, but: Collection[str] = ()) -> None:
    """Clear what is set aside of one kind in a session, except the ids in ``but``."""
    table = tables.set_aside
    chosen = (table.c.session == session) & (table.c.kind == kind) & table.c.id.not_in(but)
    connection.execute(delete(table).where(chosen))


def clear_id(connection: Connection, kind: Kind, identifier: str) -> None:
    """The thing of that id is set aside in no session any longer."""
    table = tables.set_aside
    connection.execute(delete(table).where(table.c.kind == kind, table.c.id == identifier))


def things(source: Source) -> list[SetAside]:
    """Everything that is set aside, what has waited longest first."""
    return _rows(source)


def ids(source: Source, session: str, kind: Kind) -> set[str]:
    """Ids of the things of a kind that are set aside in a session."""
    table = tables.set_aside
    return {thing.id for thing in _rows(source, (table.c.session == session) & (table.c.kind == kind))}


def due(source: Source, now: float) -> list[SetAside]:
    """What is to be tried again."""
    return _rows(source, tables.set_aside.c.again_at <= now)


def hasten(connection: Connection) -> int:
    """Let everything be tried again at once; how many."""
    table = tables.set_aside
    return connection.execute(table.update().values(again_at=0.0)).rowcount


def count(source: Source) -> int:
    """How many things are set aside."""
    with read(source) as connection:
        found: int = connection.execute(select(func.count()).select_from(tables.set_aside)).scalar_one()
    return found


def _rows(source: Source, *chosen: ColumnElement[bool]) -> list[SetAside]:
    table = tables.set_aside
    wanted = select(table).where(*chosen).order_by(table.c.since, table.c.session, table.c.kind, table.c.id)
    with read(source) as connection:
        return [_set_aside(row) for row in connection.execute(wanted)]


def _set_aside(row: Row[Any]) -> SetAside:
    return SetAside(**row._asdict())


def _is(thing: Thing) -> ColumnElement[bool]:
    table = tables.set_aside
    return (table.c.session == thing.session) & (table.c.kind == thing.kind) & (table.c.id == thing.id)
