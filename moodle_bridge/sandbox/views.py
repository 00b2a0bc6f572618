"""What the stand-in's pages show, gathered from its rows for one person. Knows no HTTP and no HTML."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from moodle_bridge.contract.records import DocumentRecord, PersonRecord
from moodle_bridge.contract.shown import Definition, Personal, ProblemReport
from moodle_bridge.domain.session.shape import Summary
from moodle_bridge.plain_json import JsonObject
from moodle_bridge.sandbox import access, as_records
from moodle_bridge.sandbox.drafts import draft_of
from moodle_bridge.sandbox.sqlite_file import Row
from moodle_bridge.sandbox.world import World


@dataclass(frozen=True, slots=True)
class OfferedForm:
    """A form that is offered to somebody, and how far they have come with it."""

    instrument: str
    title: str
    minutes: int
    group: int
    group_name: str
    state: str
    reason: str
    expected: bool
    version: int
    submission: str


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document that somebody may open."""

    record: DocumentRecord
    author: str = ""
    instrument: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One person's forms, by instrument."""

    person: PersonRecord
    cells: dict[str, OfferedForm]


@dataclass(frozen=True, slots=True)
class Grid:
    """Who submitted what; ``titles`` by instrument."""

    titles: dict[str, str]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class ListedProblem:
    """What the service reported of somebody's form."""

    submission: str
    code: str
    content: ProblemReport
    author: str
    instrument: str


def person_in(world: World, session: Row, person: int) -> PersonRecord | None:
    """A participant of the session, or None."""
    found = as_records.participants(world.database, session, memberships=True)
    return next((each for each in found if each.id == person), None)


def my_forms(world: World, session: Row, person: int) -> list[OfferedForm]:
    """The forms that are offered to somebody, per group, with their state, in the session's order.

    What the service pushed decides: without personal data an instrument is not offered. Of what it has
    withdrawn only what was submitted is shown.
    """
    names = {group.id: group.name for group in as_records.groups(world.database, session)}
    rows = world.database.rows(
        'SELECT instrument, "group", content, withdrawn FROM personal WHERE session = ? AND person = ?'
        ' ORDER BY "group"',
        *(session["id"], person),
    )
    found = []
    listed: list[str] = json.loads(session["instruments"])
    # A form that somebody who joined late catches up with is not among the session's own.
    listed += sorted({row["instrument"] for row in rows} - set(listed))
    for instrument in listed:
        definition = world.definition(session["id"], instrument, session["language"])
        for row in rows:
            if row["instrument"] != instrument or definition is None:
                continue
            content: Definition = json.loads(definition["content"])
            form = _offered(world, session, person, row, content, names.get(row["group"], ""))
            if form.version or not row["withdrawn"]:
                found.append(form)
    return found


def _offered(
    world: World, session: Row, person: int, row: Row, definition: Definition, group_name: str
) -> OfferedForm:
    personal: Personal = json.loads(row["content"])
    versions = world.versions(session["id"], row["instrument"], person, row["group"])
    _, draft = draft_of(world.database, session["id"], row["instrument"], person, row["group"])
    last = versions[-1] if versions else None
    state = "draft" if draft else last["state"] if last else "none"
    if not personal["open"] and last is None:
        state = "wait"
    return OfferedForm(
        instrument=row["instrument"],
        title=definition["title"],
        minutes=definition["minutes"],
        group=row["group"],
        group_name=group_name,
        state=state,
        reason=personal["reason"] or "",
        expected=personal["expected"] and not row["withdrawn"],
        version=last["version"] if last else 0,
        submission=last["id"] if last else "",
    )


def documents(world: World, session: Row, person: PersonRecord) -> list[ListedDocument]:
    """The documents of a session that somebody may open, newest first."""
    everybody = as_records.participants(world.database, session, memberships=True)
    people = {each.id: each for each in everybody}
    found = []
    for row in world.database.rows(
        "SELECT * FROM document WHERE session = ? ORDER BY stored DESC, rowid DESC", session["id"]
    ):
        entry = as_records.document(world.database, row)
        submission = world.database.row("SELECT * FROM submission WHERE id = ?", row["submission"])
        if submission is None:
            if access.role_of(person) == "coordinator":
                found.append(ListedDocument(entry))
            continue
        author = people.get(submission["respondent"])
        waits = is_to_write_before(world, session, person.id, submission)
        if access.may_read(person, session["groupmode"], submission, author, row["variant"], waits=waits):
            name = author.name if author else ""
            found.append(ListedDocument(entry, name, submission["instrument"], submission["version"]))
    return found


def is_to_write_before(world: World, session: Row, person: int, submission: Row) -> bool:
    """Whether a mentor has still to fill in a form of their own before reading a mentee's."""
    row = world.definition(session["id"], submission["instrument"], session["language"])
    first = "" if row is None else json.loads(row["content"]).get("mentor_reads_after", "")
    if not first or session["closed"]:
        return False
    slot = (session["id"], first, person, submission["group"])
    return world.personal(*slot) is not None and not world.versions(*slot)


def grid(world: World, session: Row, groups: Collection[int] | None) -> Grid:
    """Who submitted what: people by instruments; ``groups`` None shows everyone."""
    titles: dict[str, str] = {}
    lines = []
    for person in as_records.participants(world.database, session):
        if groups is not None and not set(groups) & set(person.groups):
            continue
        forms = my_forms(world, session, person.id)
        cells: dict[str, OfferedForm] = {}
        for form in forms:
            titles.setdefault(form.instrument, form.title)
            cells.setdefault(form.instrument, form)
        if forms:
            lines.append(Line(person, cells))
    return Grid(titles, lines)


def problems(world: World, session: Row) -> list[ListedProblem]:
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
            ListedProblem(
                submission=row["submission"],
                code=row["code"],
                content=json.loads(row["content"]),
                author=author.name if author else "",
                instrument=submission["instrument"],
            )
        )
    return found


def set_aside(world: World, session: Row) -> list[JsonObject]:
    """What the service could not read or work out in a session."""
    row = world.database.row("SELECT items FROM set_aside WHERE session = ?", session["id"])
    return [] if row is None else [json.loads(each["content"]) for each in json.loads(row["items"])]


def correction(world: World, submission: str) -> ProblemReport | None:
    """What the service asks the author of a submission to correct."""
    row = world.database.row(
        "SELECT content FROM problem WHERE submission = ? AND kind = 'needs_correction'", submission
    )
    return None if row is None else json.loads(row["content"])


@dataclass(frozen=True, slots=True)
class ListedChange:
    """A signed record or report whose figures have changed since."""

    submission: str
    title: str
    own: bool
    lines: list[str]


def changed(world: World, session: Row, contents: Collection[Summary], person: int) -> list[ListedChange]:
    """What the coordinator's summaries say has changed, each form once."""
    told = {each["submission"]: each["lines"] for content in contents for each in content.get("changed", [])}
    found = []
    for submission, lines in told.items():
        row = world.database.row("SELECT * FROM submission WHERE id = ? AND state = 'submitted'", submission)
        if row is not None:
            definition = world.definition(session["id"], row["instrument"], session["language"])
            title = json.loads(definition["content"])["title"] if definition else row["instrument"]
            found.append(ListedChange(submission, title, row["respondent"] == person, lines))
    return found


def summaries(world: World, session: Row, person: PersonRecord) -> list[Summary]:
    """The summaries that were pushed for this person's role, groups and themselves, group by group.

    One that is for the person alone takes the place of the one for everybody.
    """
    role = access.role_of(person)
    found: dict[int, Summary] = {}
    for row in world.database.rows(
        "SELECT * FROM summary WHERE session = ? AND audience = ? AND person IN (0, ?) AND withdrawn = 0"
        ' ORDER BY "group", person',
        *(session["id"], role, person.id),
    ):
        own = session["groupmode"] != "none" and row["group"] in person.groups
        if role == "coordinator" or row["group"] == 0 or own:
            found[row["group"]] = json.loads(row["content"])
    return list(found.values())
