"""A small course for the tests: people, sessions and submissions in a few words."""

from __future__ import annotations

import dataclasses
from typing import Any

from year import epoch

from moodle_bridge.domain.answers.visibility import Audience
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import Frame, frame_of, one_or_all
from moodle_bridge.domain.course.model import Participant, Process, Session, Submission, Target
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session.view import View

DATES = ("2026-01-12", "2026-02-09", "2026-03-09", "2026-04-13")
KINDS = ("initial", "interim", "interim", "final")


def name(number: int) -> str:
    """The id of the session of that number."""
    return f"{number:08d}-aaaa-4000-8000-000000000000"


def sessions() -> tuple[Session, ...]:
    """Four sessions, a month apart."""
    return tuple(
        Session(name(n), kind, n, date, opens=epoch(date), due=epoch(date, 7))  # type: ignore[arg-type]
        for n, (kind, date) in enumerate(zip(KINDS, DATES, strict=True), start=1)
    )


def frame(catalogue: Catalogue, state: Process, session: Session, group: int = 0) -> Frame:
    """A session in the group of that id; 0: in all."""
    return Frame(catalogue, state, session, one_or_all(group))


def view(
    catalogue: Catalogue,
    state: Process,
    session: Session,
    group: int,
    audience: Audience,
    language: str = "bg",
    person: int = 0,
) -> View:
    """What an audience sees of it."""
    return View(catalogue, state, session, one_or_all(group), audience, language, person)


def mentee(number: int, *groups: int, **more: Any) -> Participant:
    """A mentee called M<number>."""
    return Participant(number, f"M{number}", ("mentee",), groups, **more)


def mentor(number: int, *groups: int) -> Participant:
    """A mentor called T<number>."""
    return Participant(number, f"T{number}", ("mentor",), groups)


COORDINATOR = Participant(90, "K", ("coordinator",))


def course(*people: Participant, groups: dict[int, str] | None = None, at: int = 0) -> Process:
    """A course with these people and nothing submitted."""
    return Process(sessions(), (*people, COORDINATOR), groups=groups or {}, as_of=at)


def submit(
    catalogue: Catalogue,
    state: Process,
    number: int,
    instrument: str,
    person: int,
    answers: dict[str, Any],
    group: int = 0,
    version: int = 1,
) -> Process:
    """The process after this form, with what it showed; two days after the session's date."""
    target = Target(name(number), group, instrument, person)
    now = max(state.as_of, epoch(DATES[number - 1], 2))
    state = dataclasses.replace(state, as_of=now)
    shown = carryover.carried(frame_of(catalogue, state, target), target, "bg")
    form = frame_of(catalogue, state, target).instruments[instrument]
    new = Submission(
        *(name(number), instrument, group, person, version, now, answers, shown),
        instrument_version=form.version,
    )
    return dataclasses.replace(state, submissions=(*state.submissions, new))


def keeping(state: Process, instrument: str, version: str) -> Process:
    """The process in a course that began with this version of a form."""
    kept = frozenset({(instrument, version)})
    held = tuple(dataclasses.replace(each, versions=each.versions | kept) for each in state.sessions)
    return dataclasses.replace(state, sessions=held)


def close(state: Process, number: int) -> Process:
    """The process after a session was closed, ten days after its date."""
    closed = epoch(DATES[number - 1], 10)
    shut = tuple(
        dataclasses.replace(each, closed=closed) if each.number == number else each for each in state.sessions
    )
    return dataclasses.replace(state, sessions=shut, as_of=max(state.as_of, closed))


def goals(*goals: tuple[str, int, int], due: str = "2026-12-31") -> dict[str, Any]:
    """First answers with specific goals as (text, importance, start level)."""
    return {
        "general_goals": [{"row": 1, "text": "Обща цел"}],
        "specific_goals": [
            {
                "row": row,
                "text": text,
                "parent": "r1",
                "criterion": "Вижда се.",
                "due_date": due,
                "importance": importance,
                "start_level": start,
            }
            for row, (text, importance, start) in enumerate(goals, start=1)
        ],
    }


def levels(*levels: int | None, **more: Any) -> dict[str, Any]:
    """Interim answers with a level for each goal shown."""
    rows = [{"row": row, "level": level, "status": "g_active"} for row, level in enumerate(levels, start=1)]
    return {"goals_progress": rows, **more}
