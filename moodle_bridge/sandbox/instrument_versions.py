"""Which version of each form a session of the stand-in uses: the one that its course began with.

A session takes the versions of the course's other sessions; a form that is new to the course comes in the
newest version there is. Nothing changes them but a coordinator who moves a session (:func:`use_newest`), and
only forms that nobody has begun in it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from moodle_bridge.sandbox.sqlite_file import Database, Row


def of_session(database: Database, session: str) -> dict[str, str]:
    """The version of each form, by instrument."""
    rows = database.rows(
        "SELECT instrument, version FROM session_version WHERE session = ? ORDER BY instrument", session
    )
    return {row["instrument"]: row["version"] for row in rows}


def definition(database: Database, session: str, instrument: str, language: str) -> Row | None:
    """The pushed form that a session uses, in a language."""
    chosen = of_session(database, session).get(instrument)
    rows = database.rows(
        "SELECT * FROM definition WHERE instrument = ? AND language = ?", *(instrument, language)
    )
    fitting = [row for row in rows if chosen in (None, row["version"])]
    return max(fitting, key=lambda row: _order(row["version"]), default=None)


def pushed(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Every instrument and version there is."""
    rows = connection.execute("SELECT DISTINCT instrument, version FROM definition").fetchall()
    return {(row["instrument"], row["version"]) for row in rows}


def newest(connection: sqlite3.Connection) -> dict[str, str]:
    """The newest version there is of every instrument."""
    latest: dict[str, str] = {}
    for name, version in pushed(connection):
        latest[name] = max(version, latest.get(name, "0.0.0"), key=_order)
    return latest


def settle(connection: sqlite3.Connection) -> None:
    """Give every session the versions that it lacks."""
    latest = newest(connection)
    chosen: dict[str, dict[str, str]] = {}
    rows = connection.execute("SELECT session, instrument, version FROM session_version").fetchall()
    for row in rows:
        chosen.setdefault(row["session"], {})[row["instrument"]] = row["version"]
    course: dict[int, dict[str, str]] = {}
    sessions = connection.execute("SELECT id, course FROM session ORDER BY number").fetchall()
    for session in sessions:
        course.setdefault(session["course"], {}).update(chosen.get(session["id"], {}))
    for session in sessions:
        known = {**latest, **course[session["course"]]}
        own = chosen.get(session["id"], {})
        _write(connection, session["id"], {name: known[name] for name in latest if name not in own})


def use_newest(connection: sqlite3.Connection, session: str) -> list[str]:
    """Let a session use the newest version of the forms that nobody has begun in it; which were moved."""
    offered = connection.execute("SELECT instruments FROM session WHERE id = ?", (session,)).fetchone()[0]
    pushed_too = connection.execute(
        "SELECT instrument FROM personal WHERE session = ? AND withdrawn = 0", (session,)
    ).fetchall()
    begun = connection.execute(
        "SELECT instrument FROM submission WHERE session = ?1"
        " UNION SELECT instrument FROM draft WHERE session = ?1",
        (session,),
    ).fetchall()
    forms = {*json.loads(offered), *(row["instrument"] for row in pushed_too)}
    rows = connection.execute("SELECT * FROM session_version WHERE session = ?", (session,)).fetchall()
    own = {row["instrument"]: row["version"] for row in rows}
    chosen = {
        name: version
        for name, version in newest(connection).items()
        if name in forms - {row["instrument"] for row in begun} and own.get(name, version) != version
    }
    _write(connection, session, chosen)
    return sorted(chosen)


def _write(connection: sqlite3.Connection, session: str, versions: Mapping[str, str]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO session_version (session, instrument, version) VALUES (?, ?, ?)",
        [(session, name, version) for name, version in versions.items()],
    )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
