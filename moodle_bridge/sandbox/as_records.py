"""The stand-in's rows as the contract's records: sessions, submissions, participants."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace

from moodle_bridge.contract.records import (
    DocumentRecord,
    DocumentState,
    Group,
    PersonRecord,
    StretchRecord,
    as_json,
)
from moodle_bridge.plain_json import Json
from moodle_bridge.sandbox import instrument_versions
from moodle_bridge.sandbox.cast import ROLES
from moodle_bridge.sandbox.sqlite_file import Database, Row


def session(database: Database, row: Row) -> dict[str, Json]:
    """One session (contract ``common#session``)."""
    course = database.row("SELECT name FROM course WHERE id = ?", row["course"])
    return {
        **{key: row[key] for key in row.keys() if key not in ("instruments", "groupmode")},  # noqa: SIM118
        "course_name": course["name"] if course else "",
        "instruments": json.loads(row["instruments"]),
        "groupmode": row["groupmode"],
        "groups": [as_json(each) for each in groups(database, row)],
        "versions": [
            {"instrument": name, "version": version}
            for name, version in instrument_versions.of_session(database, row["id"]).items()
        ],
    }


def groups(database: Database, session_row: Row) -> list[Group]:
    """The groups of a session's activity; none where it has no groups."""
    if session_row["groupmode"] == "none":
        return []
    found = database.rows('SELECT id, name FROM "group" WHERE course = ? ORDER BY id', session_row["course"])
    return [Group(row["id"], row["name"]) for row in found]


def submission(database: Database, row: Row) -> dict[str, Json]:
    """One submission (contract ``common#submission``)."""
    group = database.row('SELECT name FROM "group" WHERE id = ?', row["group"])
    person = database.row("SELECT name FROM person WHERE id = ?", row["respondent"])
    return {
        **dict(row),
        "group_name": group["name"] if group else "",
        "respondent_name": person["name"] if person else "",
    }


def participants(database: Database, session_row: Row, *, memberships: bool = False) -> list[PersonRecord]:
    """People of a session with roles and groups; who left stays, inactive, while they have submissions.

    With ``memberships`` also those of a session held without groups: things may have been written in them.
    """
    shown = {group.id for group in groups(database, session_row)}
    enrolled = database.rows(
        "SELECT person.id, name, language, role, active, joined FROM enrolment"
        " JOIN person ON person.id = person"
        " WHERE course = ? ORDER BY person.id",
        session_row["course"],
    )
    wrote = {
        row["respondent"]
        for row in database.rows(
            "SELECT DISTINCT respondent FROM submission WHERE session = ?", session_row["id"]
        )
    }
    found: dict[int, PersonRecord] = {}
    for row in enrolled:
        member = database.rows('SELECT "group" FROM membership WHERE person = ? ORDER BY 1', row["id"])
        roles = {each["role"] for each in enrolled if each["id"] == row["id"]}
        found[row["id"]] = PersonRecord(
            id=row["id"],
            name=row["name"],
            roles=tuple(role for role in ROLES if role in roles),
            groups=tuple(each["group"] for each in member if memberships or each["group"] in shown),
            language=row["language"],
            active=bool(row["active"]),
            joined=row["joined"],
        )
    for row in database.rows("SELECT * FROM roster WHERE session = ?", session_row["id"]):
        person = found.get(row["person"])
        if person is not None:
            stretch = StretchRecord(row["role"], row["group"], row["since"], 0)
            found[person.id] = replace(person, roster=(*person.roster, stretch))
    if session_row["closed"]:
        found = {key: replace(each, expected=bool(each.roster)) for key, each in found.items()}
    return [each for each in found.values() if each.active or each.roster or each.id in wrote]


def told(person: PersonRecord) -> dict[str, Json]:
    """One of the people whom ``get_participants`` answers; why somebody left only where there is a why."""
    stretches: list[Json] = [_worded(as_json(each)) for each in person.roster]
    return {**_worded(as_json(person)), "roster": stretches}


def _worded(record: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in record.items() if name != "why" or value}


def document(database: Database, row: Row) -> DocumentRecord:
    """One entry of the register of documents (contract ``list_documents``)."""
    state: DocumentState = "current"
    if row["content"] is None:
        state = "erased"
    else:
        author = database.row("SELECT state FROM submission WHERE id = ?", row["submission"])
        if author is not None and author["state"] == "superseded":
            state = "superseded"
    return DocumentRecord(
        document=row["id"],
        submission=row["submission"],
        variant=row["variant"],
        language=row["language"],
        filename=row["filename"],
        size=row["size"],
        sha256=row["sha256"],
        answers_sha256=row["answers_sha256"],
        stored=row["stored"],
        state=state,
    )


def decisions(database: Database, changed: Collection[str]) -> list[dict[str, Json]]:
    """Decisions on signals by id (contract ``common#decision``); without those that are gone."""
    found: list[dict[str, Json]] = []
    for identifier in changed:
        row = database.row("SELECT * FROM decision WHERE id = ?", identifier)
        if row is not None:
            person = database.row("SELECT name FROM person WHERE id = ?", row["user"])
            found.append(
                {
                    **dict(row),
                    "occurrences": json.loads(row["occurrences"]),
                    "user": row["user"] if person else 0,
                    "name": person["name"] if person else "–",
                }
            )
    return found
