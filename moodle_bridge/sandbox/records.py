"""The stand-in's rows as the contract's records: sessions, submissions, participants."""

from __future__ import annotations

import json
from typing import Any

from moodle_bridge.sandbox.cast import ROLES
from moodle_bridge.sandbox.database import Database, Row


def session(database: Database, row: Row) -> dict[str, Any]:
    """One session (contract ``common#session``)."""
    course = database.row("SELECT name FROM course WHERE id = ?", row["course"])
    return {
        **{key: row[key] for key in row.keys() if key not in ("instruments", "groupmode")},  # noqa: SIM118
        "course_name": course["name"] if course else "",
        "instruments": json.loads(row["instruments"]),
        "groupmode": row["groupmode"],
        "groups": groups(database, row),
    }


def groups(database: Database, session_row: Row) -> list[dict[str, Any]]:
    """The groups of a session's activity; none where it has no groups."""
    if session_row["groupmode"] == "none":
        return []
    found = database.rows('SELECT id, name FROM "group" WHERE course = ? ORDER BY id', session_row["course"])
    return [{"id": row["id"], "name": row["name"]} for row in found]


def submission(database: Database, row: Row) -> dict[str, Any]:
    """One submission (contract ``common#submission``)."""
    group = database.row('SELECT name FROM "group" WHERE id = ?', row["group"])
    person = database.row("SELECT name FROM person WHERE id = ?", row["respondent"])
    return {
        **dict(row),
        "group_name": group["name"] if group else "",
        "respondent_name": person["name"] if person else "",
    }


def participants(database: Database, session_row: Row) -> list[dict[str, Any]]:
    """People of a session with roles and groups; who left stays, inactive, while they have submissions."""
    shown = {group["id"] for group in groups(database, session_row)}
    found: dict[int, dict[str, Any]] = {}
    for row in database.rows(
        "SELECT person.id, name, language, role, active, joined FROM enrolment"
        " JOIN person ON person.id = person"
        " WHERE course = ? ORDER BY person.id",
        session_row["course"],
    ):
        entry = found.setdefault(
            row["id"],
            {"id": row["id"], "name": row["name"], "roles": [], "groups": [], "language": row["language"]},
        )
        entry["roles"].append(row["role"])
        entry |= {"active": bool(row["active"]), "joined": row["joined"]}
    for entry in found.values():
        entry["roles"].sort(key=ROLES.index)
        member = database.rows('SELECT "group" FROM membership WHERE person = ? ORDER BY 1', entry["id"])
        entry["groups"] = [row["group"] for row in member if row["group"] in shown]
    wrote = {
        row["respondent"]
        for row in database.rows(
            "SELECT DISTINCT respondent FROM submission WHERE session = ?", session_row["id"]
        )
    }
    return [entry for entry in found.values() if entry["active"] or entry["id"] in wrote]


def document(database: Database, row: Row) -> dict[str, Any]:
    """One entry of the register of documents (contract ``list_documents``)."""
    state = "current"
    if row["content"] is None:
        state = "erased"
    else:
        author = database.row("SELECT state FROM submission WHERE id = ?", row["submission"])
        if author is not None and author["state"] == "superseded":
            state = "superseded"
    keys = ("submission", "variant", "language", "filename", "size", "sha256", "answers_sha256", "stored")
    return {"document": row["id"], **{key: row[key] for key in keys}, "state": state}
