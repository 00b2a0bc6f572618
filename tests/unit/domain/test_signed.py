"""What is signed says when its figures have changed since, which, and why."""

from __future__ import annotations

import dataclasses
from typing import Any

from course import DATES, close, course, goals, levels, mentee, mentor, submit, view
from year import epoch

from moodle_bridge.domain.carryover import signed
from moodle_bridge.domain.course.model import Process
from moodle_bridge.domain.instrument.model import Catalogue


def named(state: Process) -> Process:
    """The process with an id for every form."""
    forms = tuple(dataclasses.replace(each, id=f"form {n}") for n, each in enumerate(state.submissions))
    return dataclasses.replace(state, submissions=forms)


def later(
    catalogue: Catalogue, state: Process, number: int, person: int, answers: dict[str, Any], version: int
) -> Process:
    """The process after an interim form a day after everything else."""
    state = dataclasses.replace(state, as_of=state.as_of + 86400)
    return submit(catalogue, state, number, "mentee_interim", person, answers, version=version)


def signed_record(catalogue: Catalogue) -> Process:
    """A course of two mentees in which session 2 has its record, one form having come."""
    state = course(mentee(1), mentee(2), mentor(50))
    for person in (1, 2):
        state = submit(catalogue, state, 1, "mentee_initial", person, goals(("Цел", 2, 0)))
    state = submit(catalogue, state, 2, "mentee_interim", 1, levels(2))
    return submit(catalogue, state, 2, "session_protocol", 90, {"confirmed": True})


def told(catalogue: Catalogue, state: Process, number: int, language: str = "bg") -> list[list[str]]:
    state = named(state)
    seen = view(catalogue, state, state.ordered[number - 1], 0, "coordinator", language)
    return [each["lines"] for each in signed.changed(seen)]


def test_nothing_is_said_while_the_figures_stand(catalogue: Catalogue) -> None:
    state = signed_record(catalogue)
    assert told(catalogue, state, 2) == []
    assert told(catalogue, state, 2, "en") == []
    assert told(catalogue, dataclasses.replace(state, as_of=epoch(DATES[3])), 2) == []
    assert told(catalogue, close(state, 2), 2) == []


def test_a_form_that_came_later_is_named_with_the_figures_it_changed(catalogue: Catalogue) -> None:
    state = later(catalogue, signed_record(catalogue), 2, 2, levels(4), 1)
    (lines,) = told(catalogue, state, 2)
    assert lines[-1] == "След подписването са подадени или променени формуляри на: M2."
    assert any("1 от 2" in line.split("→")[0] and "2 от 2" in line.split("→")[1] for line in lines[:-1])
    assert any("50 %" in line for line in lines[:-1])


def test_a_changed_form_is_named_too(catalogue: Catalogue) -> None:
    state = later(catalogue, signed_record(catalogue), 2, 1, levels(4), 2)
    (lines,) = told(catalogue, state, 2)
    assert lines[-1].endswith(": M1.")


def test_a_later_session_changes_nothing_in_an_earlier_record(catalogue: Catalogue) -> None:
    state = later(catalogue, signed_record(catalogue), 3, 1, levels(4), 1)
    assert told(catalogue, state, 2) == []


def test_what_was_erased_is_told_without_a_name(catalogue: Catalogue) -> None:
    state = signed_record(catalogue)
    left = tuple(each for each in state.submissions if each.respondent != 1)
    people = tuple(each for each in state.participants if each.id != 1)
    (lines,) = told(catalogue, dataclasses.replace(state, submissions=left, participants=people), 2)
    assert lines[-1] == "Променило се е кой участва, или отговори вече ги няма."


def test_a_new_edition_stands(catalogue: Catalogue) -> None:
    state = later(catalogue, signed_record(catalogue), 2, 2, levels(4), 1)
    state = submit(catalogue, state, 2, "session_protocol", 90, {"confirmed": True}, version=2)
    assert told(catalogue, state, 2) == []
