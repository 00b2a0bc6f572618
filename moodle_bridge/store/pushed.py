"""What Moodle's pages were given last, so that only what has changed is given again.

Targets are the names under which it is remembered; they are made here and nowhere else.
"""

from __future__ import annotations

from typing import Literal, NewType

from sqlalchemy import ColumnElement, Connection, delete, select

from moodle_bridge.store import tables
from moodle_bridge.store.engine import Source, read

PushTarget = NewType("PushTarget", str)
"""What of a session was given: its kind, a slash, and what names one of that kind."""

_Kind = Literal["definition", "personal", "summary", "problem", "set_aside"]

EVERYWHERE = ""
"""The session of what belongs to none: what one session brought, the others have too."""


def definition_target(instrument: str, version: str, language: str) -> PushTarget:
    """A form's definition."""
    return _target("definition", instrument, version, language)


def personal_target(instrument: str, person: int, group: int) -> PushTarget:
    """The carried-over rows of one person's form."""
    return _target("personal", instrument, person, group)


def summary_target(audience: str, group: int, user: int) -> PushTarget:
    """A summary of a group (0: of all) for one audience, or for one user of it."""
    return _target("summary", audience, group, user)


def problem_target(submission: str, kind: str) -> PushTarget:
    """What was reported of a submission."""
    return _target("problem", submission, kind)


def set_aside_target() -> PushTarget:
    """All that is set aside in a session."""
    return _target("set_aside")


def sessions_with(source: Source, target: PushTarget) -> set[str]:
    """The sessions of which something was given to ``target``."""
    table = tables.pushed
    with read(source) as connection:
        return set(connection.execute(select(table.c.session).where(table.c.target == target)).scalars())


def differs(source: Source, session_id: str, target: PushTarget, sha256: str) -> bool:
    """Whether ``target`` of a session holds something else in Moodle than what has this SHA-256."""
    return last(source, session_id, target) != sha256


def last(source: Source, session_id: str, target: PushTarget) -> str | None:
    """SHA-256 of what was pushed last to ``target`` of a session; None if nothing was."""
    table = tables.pushed
    with read(source) as connection:
        wanted = select(table.c.sha256).where(table.c.session == session_id, table.c.target == target)
        return connection.execute(wanted).scalar()


def of_session(source: Source, session_id: str) -> dict[PushTarget, str]:
    """SHA-256 of what was pushed last, by target."""
    table = tables.pushed
    with read(source) as connection:
        rows = connection.execute(select(table.c.target, table.c.sha256).where(table.c.session == session_id))
        return {PushTarget(row.target): row.sha256 for row in rows}


def was_ever(source: Source, session_id: str) -> bool:
    """Whether anything of a session was pushed."""
    table = tables.pushed
    with read(source) as connection:
        wanted = select(table.c.target).where(table.c.session == session_id).limit(1)
        return connection.execute(wanted).first() is not None


def note(connection: Connection, session_id: str, target: PushTarget, sha256: str, revision: int) -> None:
    """Note what Moodle holds now."""
    row = {"session": session_id, "target": target, "sha256": sha256, "revision": revision}
    tables.put(connection, tables.pushed, row)


def group_of(target: PushTarget) -> int:
    """The group that rows or a summary are for; 0: all together."""
    kind, *rest = target.split("/")
    return int(rest[2] if kind == "personal" else rest[1])


def withdraw(connection: Connection, session_id: str, target: PushTarget) -> None:
    """Note that Moodle shows it no longer."""
    table = tables.pushed
    connection.execute(delete(table).where(table.c.session == session_id, table.c.target == target))


def forget(connection: Connection) -> None:
    """Forget what was pushed: everything is pushed anew."""
    connection.execute(delete(tables.pushed))


def forget_shown_in(connection: Connection, session_id: str) -> None:
    """Forget which rows and summaries of a session were pushed; what was reported of its forms stays."""
    shown = _of_kind("personal") | _of_kind("summary")
    connection.execute(delete(tables.pushed).where(tables.pushed.c.session == session_id, shown))


def _target(kind: _Kind, *rest: str | int) -> PushTarget:
    return PushTarget("/".join(map(str, (kind, *rest))))


def _of_kind(kind: _Kind) -> ColumnElement[bool]:
    return tables.pushed.c.target.like(f"{kind}/%")
