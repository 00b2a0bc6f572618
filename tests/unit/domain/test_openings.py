"""Forms that wait for others: when they open, when they are due, what they wait for; groups of every size."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from course import DATES, close, course, frame, goals, mentee, mentor, name, submit
from year import epoch

from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course import attendance
from moodle_bridge.domain.course.frame import frame_of
from moodle_bridge.domain.course.model import Process, Target
from moodle_bridge.domain.instrument.model import Catalogue

FIRST, OTHERS, MENTOR = "mentee_initial", "mentee_group_expectations", "mentor_initial"
TEACHER, COORDINATOR = 50, 90
OPENS, DUE = epoch(DATES[0]), epoch(DATES[0], 7)
DAY = 86_400


def held(catalogue: Catalogue, size: int, submitted: int, now: int = 0) -> Process:
    """A course of so many mentees, of whom so many have submitted, one on each hour of its second day."""
    state = course(*(mentee(n) for n in range(1, size + 1)), mentor(TEACHER))
    for n in range(1, submitted + 1):
        state = dataclasses.replace(state, as_of=OPENS + DAY + 3600 * n)
        form = submit(catalogue, state, 1, FIRST, n, goals(("Цел", 2, 0)))
        [*_, new] = form.submissions
        state = dataclasses.replace(
            form, submissions=(*state.submissions, dataclasses.replace(new, submitted=OPENS + DAY + 3600 * n))
        )
    return dataclasses.replace(state, as_of=now or OPENS + 2 * DAY)


def shown(catalogue: Catalogue, state: Process, instrument: str, person: int) -> dict[str, Any]:
    """What the form says of itself; empty where it is not offered at all."""
    target = Target(name(1), 0, instrument, person)
    own = frame_of(catalogue, state, target)
    if target not in carryover.expected(own):
        return {}
    told = carryover.personal(own, target, "bg")
    return {key: told[key] for key in ("open", "expected", "opened", "due", "waits_for", "latest")}  # type: ignore[literal-required]


def opened(moment: int) -> dict[str, Any]:
    """An open form that is due a session's time or three days after that moment."""
    return {"open": True, "opened": moment, "due": max(DUE, moment + 3 * DAY)}


def waiting(count: int, latest: int) -> dict[str, Any]:
    """A form that waits for so many, and opens at the latest then."""
    return {"open": False, "expected": True, "opened": 0, "due": 0, "waits_for": count, "latest": latest}


SECOND = OPENS + DAY
MENTORS_LATEST = DUE - 3 * DAY

OTHERS_TABLE: list[tuple[int, int, dict[str, Any]]] = [
    # mentees, submitted (the first ones), what the last mentee's form of expectations says
    (1, 0, {}),
    (1, 1, {}),
    (2, 0, waiting(1, DUE)),
    (2, 1, opened(SECOND + 3600)),
    (2, 2, opened(SECOND + 3600)),
    (3, 0, waiting(2, DUE)),
    (3, 1, waiting(1, DUE)),
    (3, 2, opened(SECOND + 2 * 3600)),
    (4, 2, waiting(1, DUE)),
    (4, 3, opened(SECOND + 3 * 3600)),
    (8, 0, waiting(3, DUE)),
    (8, 2, waiting(1, DUE)),
    (8, 3, opened(SECOND + 3 * 3600)),
    (8, 7, opened(SECOND + 3 * 3600)),
]


@pytest.mark.parametrize(("size", "submitted", "wanted"), OTHERS_TABLE)
def test_the_groups_expectations_open_with_all_others_or_three(
    catalogue: Catalogue, size: int, submitted: int, wanted: dict[str, Any]
) -> None:
    told = shown(catalogue, held(catalogue, size, submitted), OTHERS, size)
    assert told | wanted == told
    assert bool(told) is bool(wanted)


MENTOR_TABLE: list[tuple[int, int, dict[str, Any]]] = [
    (1, 0, waiting(1, MENTORS_LATEST)),
    (1, 1, opened(SECOND + 3600)),
    (2, 1, waiting(1, MENTORS_LATEST)),
    (2, 2, opened(SECOND + 2 * 3600)),
    (3, 1, waiting(1, MENTORS_LATEST)),
    (3, 2, opened(SECOND + 2 * 3600) | {"waits_for": 1}),
    (4, 2, waiting(1, MENTORS_LATEST)),
    (4, 3, opened(SECOND + 3 * 3600) | {"waits_for": 1}),
    (8, 5, waiting(1, MENTORS_LATEST)),
    (8, 6, opened(SECOND + 6 * 3600) | {"waits_for": 2}),
    (8, 8, opened(SECOND + 6 * 3600) | {"waits_for": 0}),
]


@pytest.mark.parametrize(("size", "submitted", "wanted"), MENTOR_TABLE)
def test_the_mentors_first_form_opens_with_two_of_three_mentees(
    catalogue: Catalogue, size: int, submitted: int, wanted: dict[str, Any]
) -> None:
    told = shown(catalogue, held(catalogue, size, submitted), MENTOR, TEACHER)
    assert told | wanted == told


@pytest.mark.parametrize("size", [1, 2, 3, 4, 8])
def test_or_three_days_before_the_deadline(catalogue: Catalogue, size: int) -> None:
    before, then = (held(catalogue, size, 0, MENTORS_LATEST + n) for n in (-1, 0))
    assert shown(catalogue, before, MENTOR, TEACHER)["open"] is False
    told = shown(catalogue, then, MENTOR, TEACHER)
    assert (told["open"], told["opened"], told["due"]) == (True, MENTORS_LATEST, DUE)


@pytest.mark.parametrize("size", [2, 3, 4, 8])
def test_after_the_deadline_one_other_is_enough_and_the_time_begins_then(
    catalogue: Catalogue, size: int
) -> None:
    last = size if size > 2 else 1
    one = dataclasses.replace(held(catalogue, size, 1), as_of=DUE)
    told = shown(catalogue, one, OTHERS, last if size > 2 else 2)
    moment = DUE if size > 2 else SECOND + 3600
    assert told | opened(moment) == told
    nobody = held(catalogue, size, 0, DUE)
    assert shown(catalogue, nobody, OTHERS, size)["open"] is False


def test_what_is_open_stays_open_when_somebody_joins_or_leaves(catalogue: Catalogue) -> None:
    state = held(catalogue, 3, 2)
    more = (*state.participants, *(mentee(n, joined=OPENS + 2 * DAY) for n in (7, 8, 9)))
    grown = dataclasses.replace(state, participants=more)
    assert shown(catalogue, grown, MENTOR, TEACHER)["opened"] == SECOND + 2 * 3600
    assert shown(catalogue, grown, OTHERS, 3)["opened"] == SECOND + 2 * 3600
    fewer = dataclasses.replace(state, participants=tuple(p for p in state.participants if p.id != 1))
    assert shown(catalogue, fewer, OTHERS, 3)["opened"] == SECOND + 2 * 3600


def test_who_came_after_the_deadline_is_not_waited_for(catalogue: Catalogue) -> None:
    state = held(catalogue, 2, 1)
    more = (*state.participants, mentee(9, joined=DUE + 1))
    assert shown(catalogue, dataclasses.replace(state, participants=more), OTHERS, 2)["open"] is True


def test_a_later_version_does_not_open_a_form_later(catalogue: Catalogue) -> None:
    state = held(catalogue, 3, 2)
    again = dataclasses.replace(state.submissions[0], version=2, submitted=OPENS + 6 * DAY)
    changed = dataclasses.replace(state, submissions=(*state.submissions, again), as_of=OPENS + 6 * DAY)
    assert shown(catalogue, changed, OTHERS, 3)["opened"] == SECOND + 2 * 3600


def status(catalogue: Catalogue, state: Process, instrument: str) -> dict[int, str]:
    """How people stand with one form."""
    listed = attendance.forms(frame(catalogue, state, state.ordered[0]))
    return {form.target.person: form.status for form in listed if form.target.instrument == instrument}


@pytest.mark.parametrize(("hours", "wanted"), [(71, "waiting"), (72, "missing")])
def test_a_form_that_opened_late_is_missing_three_days_after_it_opened(
    catalogue: Catalogue, hours: int, wanted: str
) -> None:
    state = dataclasses.replace(held(catalogue, 3, 1), as_of=DUE + hours * 3600)
    assert status(catalogue, state, OTHERS)[3] == wanted


@pytest.mark.parametrize(("hours", "wanted"), [(1, "on_time"), (72, "on_time"), (73, "late")])
def test_lateness_counts_from_when_a_form_opened(catalogue: Catalogue, hours: int, wanted: str) -> None:
    state = dataclasses.replace(held(catalogue, 3, 1), as_of=DUE + hours * 3600)
    state = submit(catalogue, state, 1, OTHERS, 3, {})
    assert status(catalogue, state, OTHERS)[3] == wanted


def test_a_form_still_to_open_is_awaited_and_one_that_never_opened_is_not_missed(
    catalogue: Catalogue,
) -> None:
    state = held(catalogue, 4, 1)
    assert status(catalogue, state, OTHERS) == dict.fromkeys((1, 2, 3, 4), "waiting")
    assert not attendance.is_settled(frame(catalogue, state, state.ordered[0]))
    early = dataclasses.replace(close(state, 1), as_of=OPENS + 3 * DAY)
    shut = dataclasses.replace(
        early,
        sessions=tuple(
            dataclasses.replace(each, closed=OPENS + 3 * DAY) if each.number == 1 else each
            for each in early.sessions
        ),
    )
    assert status(catalogue, shut, OTHERS) == {}
    assert shown(catalogue, shut, OTHERS, 1) == {}
    opened_before = status(catalogue, close(held(catalogue, 4, 3), 1), OTHERS)
    assert opened_before == dict.fromkeys((1, 2, 3, 4), "missing")


def test_what_a_coordinator_writes_is_open_and_says_how_many_are_missing(catalogue: Catalogue) -> None:
    state = course(mentee(1), mentee(2), mentor(TEACHER))
    last = state.ordered[-1]
    target = Target(last.id, 0, "effectiveness_report", COORDINATOR)
    told = carryover.personal(frame_of(catalogue, state, target), target, "bg")
    assert (told["open"], told["waits_for"], told["reason"]) == (True, 3, None)
    state = submit(catalogue, state, 4, "mentee_final", 1, {})
    told = carryover.personal(frame_of(catalogue, state, target), target, "bg")
    assert told["waits_for"] == 2
