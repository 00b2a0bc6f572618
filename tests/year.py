"""The scenario of a year, replayed through the domain alone: every form opened, checked and remembered."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

import yaml

from moodle_bridge.domain.answers import check as answer_rules
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import Frame, frame_of
from moodle_bridge.domain.course.model import Decision, Participant, Process, Session, Submission, Target
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import followed, ledger
from moodle_bridge.domain.session.signals import Signal
from moodle_bridge.resources import config_dir

SCENARIO = config_dir().parent / "moodle_bridge" / "sandbox" / "scenarios" / "year.yaml"


@dataclass(frozen=True)
class Step:
    """One form of the year: what was offered, what came of it, and the process afterwards."""

    target: Target
    personal: dict[str, Any]
    validated: answer_rules.Validated
    before: Process
    after: Process


@dataclass(frozen=True)
class Year:
    """The whole year."""

    steps: tuple[Step, ...]
    at_close: dict[int, Process]
    """The process when each session was closed, by its number."""

    @property
    def end(self) -> Process:
        """The process after the last session."""
        return self.at_close[max(self.at_close)]

    def session(self, number: int) -> Session:
        """A session by its number, as it is at the end of the year."""
        return self.end.ordered[number - 1]

    def step(self, number: int, instrument: str, person: int) -> Step:
        """The step in which that form was submitted."""
        wanted = (self.session(number).id, instrument, person)
        return next(
            s for s in self.steps if (s.target.session, s.target.instrument, s.target.person) == wanted
        )


def epoch(date: str, days: int = 0, hour: int = 0) -> int:
    """UTC seconds of an hour so many days after a date."""
    start = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    return int((start + dt.timedelta(days=days, hours=hour)).timestamp())


def replay(catalogue: Catalogue) -> Year:
    """Play the year; fails where a form is not open or an answer is refused."""
    year = yaml.load(SCENARIO.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    sessions = [
        Session(
            id=each["id"],
            kind=each["kind"],
            number=each["number"],
            date=each["date"],
            opens=epoch(each["date"]),
            due=epoch(each["date"], year["due_days"], 22),
        )
        for each in year["sessions"]
    ]
    state = Process(tuple(sessions), (), groups=year["groups"])
    steps: list[Step] = []
    at_close: dict[int, Process] = {}
    for number, session in enumerate(sessions, start=1):
        undecided = [each for each in year["decisions"] if each["session"] == number]
        for form in (each for each in year["forms"] if each["session"] == number):
            now = epoch(session.date, form["day"], form["hour"])
            if form["instrument"] == "session_protocol" and undecided:
                state = _decide(catalogue, state, session, undecided)
                undecided = []
            state = dataclasses.replace(state, participants=_people(year["people"], now), as_of=now)
            step = _submit(catalogue, state, session, form, year["language"], now)
            steps.append(step)
            state = step.after
        closed = epoch(session.date, year["closed_days"], 18)
        shut = tuple(
            dataclasses.replace(each, closed=closed) if each.id == session.id else each
            for each in state.sessions
        )
        state = dataclasses.replace(
            state, sessions=shut, participants=_people(year["people"], closed), as_of=closed
        )
        state = ledger.published(catalogue, state)
        at_close[number] = state
    return Year(tuple(steps), at_close)


def _decide(catalogue: Catalogue, state: Process, session: Session, wanted: list[dict[str, Any]]) -> Process:
    """The process after the coordinator decided on signals, eight days after the session's date."""
    now = epoch(session.date, 8, 9)
    state = dataclasses.replace(state, as_of=now)
    taken = []
    for each in wanted:
        seen = followed.followed(Frame(catalogue, state, session, each["group"]))
        (found,) = (one for one in seen if is_meant(each, one.latest))
        taken.append(
            Decision(
                signal=found.latest.id,
                session=session.id,
                occurrences=frozenset(one.session for one in found.occurrences),
                code=each["decision"],
                note=each.get("note", ""),
                due=each.get("due", ""),
                name="Дора Янкулова",
                time=now,
            )
        )
    return dataclasses.replace(state, decisions=(*state.decisions, *taken))


def is_meant(decision: dict[str, Any], signal: Signal) -> bool:
    """Whether a decision of the scenario is on a signal."""
    about = str(decision.get("subject", ""))
    if (signal.rule, signal.person) != (decision["rule"], decision["person"]):
        return False
    return about in ("", signal.subject, signal.subject[-1:])


def _people(people: list[dict[str, Any]], now: int) -> tuple[Participant, ...]:
    return tuple(
        Participant(
            id=each["id"],
            name=each["name"],
            roles=(each["role"],),
            groups=tuple(each["groups"]),
            active="until" not in each or now < epoch(each["until"]),
            joined=epoch(each["from"]) if "from" in each else 0,
        )
        for each in people
        if "from" not in each or now >= epoch(each["from"])
    )


def _submit(
    catalogue: Catalogue, state: Process, session: Session, form: dict[str, Any], language: str, now: int
) -> Step:
    target = Target(session.id, form["group"], form["instrument"], form["person"])
    frame = frame_of(catalogue, state, target)
    assert target in carryover.expected(frame), target
    personal = carryover.personal(frame, target, language)
    assert personal["open"], (target, personal["reason"])
    instrument = frame.instruments[target.instrument]
    context = carryover.context(frame, target)
    carried = personal["carried"]
    validated = answer_rules.validate(instrument, language, form["answers"], carried, context)
    new = Submission(
        *(session.id, instrument.id, target.group, target.person, 1, now, validated.answers, carried),
        instrument_version=instrument.version,
    )
    after = dataclasses.replace(state, submissions=(*state.submissions, new), as_of=now)
    return Step(target, personal, validated, state, after)
