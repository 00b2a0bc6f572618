"""What the stand-in's pages show, gathered from its rows for one person. Knows no HTTP and no HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moodle_bridge.sandbox import access, records
from moodle_bridge.sandbox.database import Row
from moodle_bridge.sandbox.drafts import draft_of
from moodle_bridge.sandbox.world import World

Person = Mapping[str, Any]


def person_in(world: World, session: Row, person: int) -> Person | None:
    """A participant of the session, or None."""
    found = records.participants(world.database, session)
    return next((each for each in found if each["id"] == person), None)


def my_forms(world: World, session: Row, person: int) -> list[dict[str, Any]]:
    """The forms that are offered to somebody, per group, with their state, in the session's order.

    What the service pushed decides: without personal data an instrument is not offered.
    """
    names = {group["id"]: group["name"] for group in records.groups(world.database, session)}
    rows = world.database.rows(
        'SELECT instrument, "group", content FROM personal WHERE session = ? AND person = ? ORDER BY "group"',
        *(session["id"], person),
    )
    found = []
    listed: list[str] = json.loads(session["instruments"])
    # A form that somebody who joined late catches up with is not among the session's own.
    listed += sorted({row["instrument"] for row in rows} - set(listed))
    for instrument in listed:
        definition = world.definition(instrument, session["language"])
        for row in rows:
            if row["instrument"] != instrument or definition is None:
                continue
            content = json.loads(definition["content"])
            found.append(
                {
                    "instrument": instrument,
                    "title": content["title"],
                    "minutes": content["minutes"],
                    "group": row["group"],
                    "group_name": names.get(row["group"], ""),
                    **_state(world, session, instrument, person, row),
                }
            )
    return found


def _state(world: World, session: Row, instrument: str, person: int, row: Row) -> dict[str, Any]:
    personal = json.loads(row["content"])
    versions = world.versions(session["id"], instrument, person, row["group"])
    _, draft = draft_of(world.database, session["id"], instrument, person, row["group"])
    last = versions[-1] if versions else None
    state = "draft" if draft else last["state"] if last else "none"
    if not personal["open"] and last is None:
        state = "wait"
    return {
        "state": state,
        "reason": personal["reason"] or "",
        "expected": personal["expected"],
        "version": last["version"] if last else 0,
        "submission": last["id"] if last else "",
    }


def documents(world: World, session: Row, person: Person) -> list[dict[str, Any]]:
    """The documents of a session that somebody may open, newest first."""
    people = {each["id"]: each for each in records.participants(world.database, session)}
    found = []
    for row in world.database.rows(
        "SELECT * FROM document WHERE session = ? ORDER BY stored DESC, rowid DESC", session["id"]
    ):
        entry = records.document(world.database, row)
        submission = world.database.row("SELECT * FROM submission WHERE id = ?", row["submission"])
        if submission is None:
            if access.role_of(person) == "coordinator":
                found.append({**entry, "author": "", "instrument": "", "version": 0})
            continue
        author = people.get(submission["respondent"])
        if access.may_read(person, session["groupmode"], dict(submission), author, row["variant"]):
            name = author["name"] if author else ""
            facts = {"author": name, "instrument": submission["instrument"], "version": submission["version"]}
            found.append({**entry, **facts})
    return found


def grid(world: World, session: Row, groups: list[int] | None) -> dict[str, Any]:
    """Who submitted what: people by instruments; ``groups`` None shows everyone."""
    titles: dict[str, str] = {}
    lines = []
    for person in records.participants(world.database, session):
        if groups is not None and not set(groups) & set(person["groups"]):
            continue
        forms = my_forms(world, session, person["id"])
        cells: dict[str, dict[str, Any]] = {}
        for form in forms:
            titles.setdefault(form["instrument"], form["title"])
            cells.setdefault(form["instrument"], form)
        if forms:
            lines.append({"person": person, "cells": cells})
    return {"titles": titles, "lines": lines}


def problems(world: World, session: Row) -> list[dict[str, Any]]:
    """Problems that the service reported in a session."""
    found = []
    for row in world.database.rows(
        "SELECT * FROM problem WHERE session = ? ORDER BY reported", session["id"]
    ):
        submission = world.database.row("SELECT * FROM submission WHERE id = ?", row["submission"])
        if submission is None:
            continue
        author = person_in(world, session, submission["respondent"])
        found.append(
            {
                **dict(row),
                "content": json.loads(row["content"]),
                "author": author["name"] if author else "",
                "instrument": submission["instrument"],
            }
        )
    return found


def correction(world: World, submission: str) -> dict[str, Any] | None:
    """What the service asks the author of a submission to correct."""
    row = world.database.row(
        "SELECT content FROM problem WHERE submission = ? AND kind = 'needs_correction'", submission
    )
    return None if row is None else json.loads(row["content"])


def summaries(world: World, session: Row, person: Person) -> list[dict[str, Any]]:
    """The summaries that were pushed for this person's role, groups and themselves, group by group.

    One that is for the person alone takes the place of the one for everybody.
    """
    role = access.role_of(person)
    found: dict[int, dict[str, Any]] = {}
    for row in world.database.rows(
        "SELECT * FROM summary WHERE session = ? AND audience = ? AND person IN (0, ?)"
        ' ORDER BY "group", person',
        *(session["id"], role, person["id"]),
    ):
        if role == "coordinator" or row["group"] == 0 or row["group"] in person["groups"]:
            found[row["group"]] = json.loads(row["content"])
    return list(found.values())
