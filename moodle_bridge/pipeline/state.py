"""One course's process as the domain sees it, put together from what this service remembers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from moodle_bridge.domain.process import Participant, Process, Session, Submission
from moodle_bridge.store import progress, records
from moodle_bridge.store.engine import Source, read


def process_of(source: Source, course: int, now: float, *, of: int = 0) -> Process:
    """Everything known of a course at ``now``: its sessions, people, and every version of every form.

    With ``of`` only the forms of that person and of coordinators are read: enough to judge one form,
    without reading a whole course for each.
    """
    with read(source) as connection:
        sessions = records.sessions(connection, course)
        answers = [records.participants(connection, session["id"]) for session in sessions]
        people = _people(answer for answer in answers if answer is not None)
        wanted = {of} | {person.id for person in people if "coordinator" in person.roles} if of else None
        forms = progress.submissions_in(connection, [session["id"] for session in sessions], wanted)
    return Process(
        sessions=tuple(session_of(record) for record in sessions),
        participants=people,
        submissions=tuple(submission_of(record) for record in forms),
        groups=_groups(sessions),
        as_of=int(now),
    )


def session_of(record: Mapping[str, Any]) -> Session:
    """A session of the contract as the domain's."""
    return Session(
        id=record["id"],
        kind=record["kind"],
        number=record["number"],
        date=held_on(record),
        opens=record["opens"],
        due=record["due"],
        closed=record["closed"],
        instruments=frozenset(record["instruments"]),
    )


def held_on(record: Mapping[str, Any]) -> str:
    """The day a session is held on, in its time zone: when it opens, else when its forms are due."""
    moment = record["opens"] or record["due"] or record["modified"]
    return datetime.fromtimestamp(moment, ZoneInfo(record["timezone"])).date().isoformat()


def submission_of(record: Mapping[str, Any]) -> Submission:
    """A submission of the contract, answers parsed, as the domain's."""
    return Submission(
        session=record["session"],
        instrument=record["instrument"],
        group=record["group"],
        respondent=record["respondent"],
        version=record["version"],
        submitted=record["submitted"],
        answers=record["answers"],
        carried=record["carried"],
    )


def _people(answers: Iterable[Mapping[str, Any]]) -> tuple[Participant, ...]:
    """Everyone of any session; whoever takes part in one of them takes part."""
    people: dict[int, Participant] = {}
    for answer in answers:
        for person in answer["participants"]:
            known = people.get(person["id"])
            groups = {*person["groups"], *(known.groups if known else ())}
            people[person["id"]] = Participant(
                id=person["id"],
                name=person["name"],
                roles=tuple(person["roles"]),
                groups=tuple(sorted(groups)),
                active=person["active"] or bool(known and known.active),
                joined=person.get("joined", 0),
            )
    return tuple(people[key] for key in sorted(people))


def _groups(sessions: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    return {
        group["id"]: group["name"]
        for session in sessions
        if session["groupmode"] != "none"
        for group in session["groups"]
    }
