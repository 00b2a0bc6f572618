"""Which version of each form a session of the stand-in uses: the one that its course began with.

A session takes the versions of the course's other sessions; a form that is new to the course comes in the
newest version there is. Nothing changes them but somebody who moves a session (:func:`move`), and only as
long as nobody has submitted that form in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from moodle_bridge.sandbox.database import Database, Row


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


def settle(connection: sqlite3.Connection) -> None:
    """Give every session the versions that it lacks."""
    newest: dict[str, str] = {}
    for name, version in pushed(connection):
        newest[name] = max(version, newest.get(name, "0.0.0"), key=_order)
    chosen: dict[str, dict[str, str]] = {}
    rows = connection.execute("SELECT session, instrument, version FROM session_version").fetchall()
    for row in rows:
        chosen.setdefault(row["session"], {})[row["instrument"]] = row["version"]
    course: dict[int, dict[str, str]] = {}
    sessions = connection.execute("SELECT id, course FROM session ORDER BY number").fetchall()
    for session in sessions:
        course.setdefault(session["course"], {}).update(chosen.get(session["id"], {}))
    for session in sessions:
        known = {**newest, **course[session["course"]]}
        own = chosen.get(session["id"], {})
        _write(connection, session["id"], {name: known[name] for name in newest if name not in own})


def move(connection: sqlite3.Connection, session: str, versions: Mapping[str, str]) -> None:
    """Let a session use other versions; :class:`ValueError` for a form that somebody has submitted in it."""
    for name in versions:
        if connection.execute(
            "SELECT 1 FROM submission WHERE session = ? AND instrument = ?", (session, name)
        ).fetchone():
            raise ValueError(f"{name} was submitted in the session already; its version stays")
    _write(connection, session, versions)


def _write(connection: sqlite3.Connection, session: str, versions: Mapping[str, str]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO session_version (session, instrument, version) VALUES (?, ?, ?)",
        [(session, name, version) for name, version in versions.items()],
    )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
