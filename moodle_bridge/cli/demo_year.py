"""The demo's scenario of a year: a whole course, session by session, through the stand-in Moodle."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import NotRequired, TypedDict

import click
import yaml

from moodle_bridge.cli.demo_parts import (
    Both,
    DemoFailed,
    Steps,
    both,
    copy,
    instruments_by_kind,
    wait_until_idle,
)
from moodle_bridge.domain.course.model import Role
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.domain.session.shape import SignalShown
from moodle_bridge.plain_json import JsonObject
from moodle_bridge.sandbox.cast import Course, Person

COURSE = 7
RECORD = "session_protocol"
SUMS = "SHA256SUMS"
"""The list of the files' hashes; ``sha256sum -c SHA256SUMS`` checks them."""

_KINDS = {"initial": "Първоначална", "interim": "Междинна", "final": "Заключителна"}


_Joins = TypedDict("_Joins", {"from": NotRequired[str]})
"""On which day; the field's name is a word of Python's."""


class Enrolled(_Joins):
    """Somebody of the story; may join or leave on a day of it."""

    id: int
    name: str
    role: Role
    groups: list[int]
    until: NotRequired[str]


class Held(TypedDict):
    """A session of the story."""

    id: str
    number: int
    kind: str
    date: str


class Written(TypedDict):
    """A form that somebody submits, so many days after the session's date, at that hour."""

    session: int
    instrument: str
    person: int
    group: int
    day: int
    hour: int
    answers: JsonObject


class Decided(TypedDict):
    """A decision on a signal of a session, eight days after its date at 9, before the records."""

    session: int
    group: int
    rule: str
    person: int
    subject: NotRequired[str]
    decision: str
    due: NotRequired[str]
    note: NotRequired[str]


class Scenario(TypedDict):
    """The story of a year, as ``scenarios/year.yaml`` tells it."""

    course: str
    language: str
    timezone: str
    due_days: int
    closed_days: int
    groups: dict[int, str]
    people: list[Enrolled]
    sessions: list[Held]
    decisions: list[Decided]
    forms: list[Written]


class _Moment:
    """The time in the story: what the stand-in writes into its records."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def run(folder: Path, out: Path) -> None:
    """Play the year, file every form, print what went where, and copy the documents into ``out``.

    Raises :class:`~moodle_bridge.errors.BridgeError` when a form was not open or was not filed.
    """
    text = (resources.files("moodle_bridge.sandbox") / "scenarios" / "year.yaml").read_text(encoding="utf-8")
    year: Scenario = yaml.safe_load(text)
    everything = catalogue.load()
    kinds = instruments_by_kind(everything)
    moment = _Moment(_epoch(year["sessions"][0]["date"]))
    course = Course(
        id=COURSE,
        name=year["course"],
        groups=tuple(year["groups"].items()),
        people=tuple(_person(each, moment.now) for each in year["people"] if _has_come(each, moment.now)),
    )
    steps = Steps()
    with both(folder, steps, language=year["language"], course=course, kinds=kinds, clock=moment) as site:
        for number, session in enumerate(year["sessions"]):
            moment.now = _epoch(session["date"])
            if number:
                _come_and_go(site, year["people"], _epoch(year["sessions"][number - 1]["date"]), moment.now)
            _hold(site, year, session, kinds[session["kind"]], moment)
            steps.say(f"session {session['number']} ({session['kind']}, {session['date']}) filed and closed")
            _report(site, session, everything, year["language"])
        written = copy(site.sandbox, out)
    (out / SUMS).write_text(
        "".join(f"{digest}  {name}\n" for name, digest in written.items()), encoding="utf-8"
    )
    click.echo(f"\n{len(written)} documents in {out}, their hashes in {out / SUMS}")


def _hold(site: Both, year: Scenario, session: Held, instruments: Iterable[str], moment: _Moment) -> None:
    """One session from its opening to its closing, every form in its turn."""
    world = site.sandbox.world
    world.create_session(
        course=COURSE,
        name=f"{_KINDS[session['kind']]} мониторинг сесия",
        number=session["number"],
        kind=session["kind"],
        instruments=tuple(instruments),
        language=year["language"],
        due=_epoch(session["date"], year["due_days"], 22),
        timezone=year["timezone"],
        session_id=session["id"],
    )
    roles = {person["id"]: person["role"] for person in year["people"]}
    last = ""
    for form in (each for each in year["forms"] if each["session"] == session["number"]):
        if form["instrument"] != last:
            # What a form shows may come from the forms of another kind before it.
            wait_until_idle(site)
            last = form["instrument"]
            if last == RECORD:
                moment.now = _epoch(session["date"], 8, 9)
                _decide(site, year, session)
                wait_until_idle(site)
        moment.now = _epoch(session["date"], form["day"], form["hour"])
        address = (session["id"], form["instrument"], form["person"], form["group"])
        offered = world.personal(*address)
        if offered is None or not offered["open"]:
            reason = offered["reason"] if offered else "it is not offered"
            raise DemoFailed(f"{form['instrument']} of person {form['person']} cannot be filled in: {reason}")
        world.submit(*address[:3], form["answers"], role=roles[form["person"]], group=form["group"])
    wait_until_idle(site)
    moment.now = _epoch(session["date"], year["closed_days"], 18)
    world.close_session(session["id"])
    wait_until_idle(site)


def _decide(site: Both, year: Scenario, session: Held) -> None:
    """Decide on the session's signals, as its coordinator does on its page."""
    shown = _signals(site, session["id"])
    coordinator = next(each["id"] for each in year["people"] if each["role"] == "coordinator")
    for each in (one for one in year["decisions"] if one["session"] == session["number"]):
        signal = next((one for one in shown if _is_meant(each, one)), None)
        if signal is None:
            raise DemoFailed(f"session {session['number']} has no signal {each['rule']} to decide on")
        due = _epoch(each["due"]) if "due" in each else 0
        site.sandbox.world.decide(
            session["id"], [signal], each["decision"], each.get("note", ""), due, coordinator
        )


def _is_meant(decision: Decided, signal: SignalShown) -> bool:
    about = decision.get("subject", "")
    place = (signal["rule"], signal["group"], signal["person"])
    return place == (decision["rule"], decision["group"], decision["person"]) and (
        signal["id"].endswith(f".{about}") or not about
    )


def _come_and_go(site: Both, people: Iterable[Enrolled], before: float, now: float) -> None:
    """Enrol who joined since the last session and end the enrolment of who left."""
    for each in people:
        joined = "from" in each and before < _epoch(each["from"]) <= now
        left = "until" in each and before < _epoch(each["until"]) <= now
        if joined or left:
            site.sandbox.world.enrol(COURSE, _person(each, now))


def _has_come(person: Enrolled, now: float) -> bool:
    return "from" not in person or _epoch(person["from"]) <= now


def _person(each: Enrolled, now: float) -> Person:
    active = "until" not in each or now < _epoch(each["until"])
    return Person(each["id"], each["name"], (each["role"],), tuple(each["groups"]), active=active)


def _report(site: Both, session: Held, everything: Catalogue, language: str) -> None:
    """Print what was filed in a session, and the signals as the coordinator sees them."""
    rows = site.sandbox.database.rows(
        'SELECT person.name, submission.instrument, submission."group", submission.version,'
        " group_concat(document.variant, ' + ') AS variants FROM submission"
        " JOIN person ON person.id = submission.respondent"
        " LEFT JOIN document ON document.submission = submission.id WHERE submission.session = ?"
        " GROUP BY submission.id ORDER BY submission.submitted, submission.rowid",
        session["id"],
    )
    groups = {row["id"]: row["name"] for row in site.sandbox.database.rows('SELECT id, name FROM "group"')}
    lines = [
        (
            row["name"],
            groups.get(row["group"], "–"),
            everything.instruments[row["instrument"]].title[language],
            f"v{row['version']}",
            row["variants"] or "NOT FILED",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    for line in lines:
        click.echo(
            "    " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
    if missing := [line for line in lines if line[4] == "NOT FILED"]:
        raise DemoFailed(f"{len(missing)} forms of session {session['number']} were not filed")
    for signal in _signals(site, session["id"]):
        click.echo(f"    {signal['level'].upper():5}  {signal['label']}: {signal['text']}")


def _signals(site: Both, session: str) -> list[SignalShown]:
    """The signals of every group of a session, each once."""
    found: dict[str, SignalShown] = {}
    for row in site.sandbox.database.rows(
        "SELECT content FROM summary WHERE session = ? AND audience = 'coordinator' ORDER BY \"group\" DESC",
        session,
    ):
        found |= {signal["id"]: signal for signal in json.loads(row["content"])["signals"]}
    return list(found.values())


def _epoch(date: str, days: int = 0, hour: int = 0) -> int:
    start = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    return int((start + dt.timedelta(days=days, hours=hour)).timestamp())
