"""Who counts in a session: the course while answers are taken, the roster that was fixed afterwards."""

from __future__ import annotations

import dataclasses

from course import close, course, frame, goals, mentee, mentor, name, submit, view

from moodle_bridge.domain.course import attendance
from moodle_bridge.domain.course.model import Participant, Process, Target
from moodle_bridge.domain.course.roster import Place, Roster
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import summary

FIRST = goals(("Четене", 2, 3))
GROUPS = {1: "A", 2: "B"}
MENTEES = {1: 1, 2: 1, 3: 2, 4: 2}


def fixed(state: Process, number: int) -> Process:
    """The process after that session was closed, its roster fixed as the course was."""
    places = [
        Place(person.id, role, group)
        for person in state.participants
        for role in person.roles
        for group in person.groups
    ]
    roster = Roster.of(places)
    sessions = tuple(
        dataclasses.replace(each, roster=roster, groups=roster.groups) if each.number == number else each
        for each in close(state, number).sessions
    )
    return dataclasses.replace(close(state, number), sessions=sessions)


def played(catalogue: Catalogue) -> Process:
    """The first session, in which everybody has submitted, closed."""
    people = [mentee(person, group) for person, group in MENTEES.items()]
    state = course(*people, mentor(50, 1), mentor(51, 2), groups=GROUPS)
    for person, group in MENTEES.items():
        state = submit(catalogue, state, 1, "mentee_initial", person, FIRST, group)
    return fixed(state, 1)


def with_person(state: Process, person: Participant) -> Process:
    others = tuple(each for each in state.participants if each.id != person.id)
    return dataclasses.replace(state, participants=(*others, person))


def responses(catalogue: Catalogue, state: Process, group: int = 0) -> tuple[int, int, int]:
    """Expected, submitted and missing first forms of the first session."""
    found = summary.summary(view(catalogue, state, state.ordered[0], group, "coordinator", "en"))
    told = found["numbers"]["responses"]["mentee_initial"]
    return told["expected"], told["submitted"], told["missing"]


def test_who_moves_counts_where_they_were(catalogue: Catalogue) -> None:
    state = played(catalogue)
    moved = with_person(state, mentee(1, 2))
    for group, numbers in {0: (4, 4, 0), 1: (2, 2, 0), 2: (2, 2, 0)}.items():
        assert responses(catalogue, state, group) == numbers
        assert responses(catalogue, moved, group) == numbers
    first = state.ordered[0]
    told = [
        summary.summary(view(catalogue, each, first, 2, "coordinator", "en"))["signals"]
        for each in (state, moved)
    ]
    assert told[0] == told[1]


def test_mentors_who_swap_groups_are_not_missing_in_a_closed_session(catalogue: Catalogue) -> None:
    state = played(catalogue)
    swapped = with_person(with_person(state, mentor(50, 2)), mentor(51, 1))
    before, after = (attendance.forms(frame(catalogue, each, each.ordered[0])) for each in (state, swapped))
    assert {form.target for form in before} == {form.target for form in after}
    assert Target(name(1), 1, "mentor_initial", 50) in {form.target for form in after}


def test_who_leaves_afterwards_still_counts_and_who_comes_afterwards_does_not(catalogue: Catalogue) -> None:
    state = played(catalogue)
    left = with_person(state, mentee(1, 1, active=False))
    joined = with_person(left, mentee(5, 1))
    assert responses(catalogue, joined) == (4, 4, 0)
    assert responses(catalogue, joined, 1) == (2, 2, 0)


def test_a_group_that_is_gone_counts_in_the_session_it_was_in(catalogue: Catalogue) -> None:
    state = played(catalogue)
    gone = dataclasses.replace(
        state, participants=tuple(dataclasses.replace(each, groups=()) for each in state.participants)
    )
    assert responses(catalogue, gone) == (4, 4, 0)
    assert responses(catalogue, gone, 2) == (2, 2, 0)


def test_nothing_is_expected_of_whom_a_restriction_keeps_out(catalogue: Catalogue) -> None:
    state = course(mentee(1, 1), mentee(2, 1), groups={1: "A"})
    first = dataclasses.replace(state.ordered[0], excused=frozenset({2}))
    state = dataclasses.replace(state, sessions=(first, *state.ordered[1:]))
    assert responses(catalogue, state, 1)[0] == 1
