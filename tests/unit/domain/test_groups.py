"""Groups that come, go and are switched off: every form counts once, and is told to nobody else."""

from __future__ import annotations

import dataclasses
from typing import Any

from course import close, course, frame, goals, levels, mentee, mentor, submit, view

from moodle_bridge.domain.course.model import Process
from moodle_bridge.domain.course.weakpoints import clusters
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import figures, summary
from moodle_bridge.domain.session.shape import Summary

FIRST = goals(("Четене", 2, 3))


def told(catalogue: Catalogue, state: Process, group: int = 0, audience: Any = "coordinator") -> Summary:
    return summary.summary(view(catalogue, state, state.ordered[0], group, audience, "en"))


def moved(state: Process, group: int, written_in: int | None = None) -> Process:
    """The process with all its forms in that group."""
    forms = tuple(dataclasses.replace(each, group=group, written_in=written_in) for each in state.submissions)
    return dataclasses.replace(state, submissions=forms)


def test_forms_written_before_a_session_had_groups_are_summed_up_with_the_rest(catalogue: Catalogue) -> None:
    people = (mentee(1, 1), mentee(2, 1), mentor(50, 1))
    state = moved(submit(catalogue, course(*people), 1, "mentee_initial", 1, FIRST), 0)
    state = submit(catalogue, dataclasses.replace(state, groups={1: "A"}), 1, "mentee_initial", 2, FIRST, 1)
    found = told(catalogue, state)["numbers"]
    assert found["responses"]["mentee_initial"]["submitted"] == 2
    assert {each["person"] for each in found["people"] if each["rated"]} == {1, 2}
    assert told(catalogue, state, 1)["numbers"]["responses"]["mentee_initial"]["submitted"] == 1


def test_forms_of_a_group_that_is_gone_are_summed_up_with_the_rest(catalogue: Catalogue) -> None:
    people = (mentee(1), mentee(2, 1), mentor(50, 1))
    state = course(*people, groups={1: "A", 2: "B"})
    state = submit(catalogue, state, 1, "mentee_initial", 1, FIRST, 2)
    state = submit(catalogue, state, 1, "mentee_initial", 2, FIRST, 1)
    gone = dataclasses.replace(state, groups={1: "A"})
    found = told(catalogue, gone)["numbers"]
    assert found["responses"]["mentee_initial"]["submitted"] == 2
    assert found["goals_attained"] == {"attained": 0, "rated": 2}
    assert len(figures.mentees_goals(frame(catalogue, gone, gone.ordered[0]))) == len(
        figures.mentees_expectations(frame(catalogue, gone, gone.ordered[0]))
    )


def test_goals_keep_their_name_when_a_session_is_held_without_groups_since(catalogue: Catalogue) -> None:
    state = course(mentee(1, 1), mentor(50, 1), groups={1: "A"})
    state = submit(catalogue, state, 1, "mentee_initial", 1, FIRST, 1)
    state = submit(catalogue, close(state, 1), 2, "mentee_interim", 1, levels(6), 1)
    together = dataclasses.replace(moved(state, 0, written_in=1), groups={})
    later = frame(catalogue, together, together.ordered[1])
    (goal,) = figures.goals_of(later, 1).goals
    assert goal.rating(together.ordered[1].id) is not None


def test_what_was_written_in_a_group_is_not_told_to_all_when_the_session_has_none_any_more(
    catalogue: Catalogue,
) -> None:
    state = course(mentee(1, 1), mentee(2, 2), mentor(50, 1), mentor(51, 2), groups={1: "A", 2: "B"})
    state = submit(catalogue, state, 1, "mentee_initial", 1, FIRST, 1)
    together = dataclasses.replace(moved(state, 0, written_in=1), groups={})
    assert "Четене" in str(told(catalogue, together))
    shared = together.shared(together.ordered[0].id)
    found = told(catalogue, shared, audience="mentor")
    assert "Четене" not in str(found)
    assert found["numbers"]["responses"]["mentee_initial"]["submitted"] == 1


def test_a_record_recodes_areas_within_its_own_group(catalogue: Catalogue) -> None:
    people = (mentee(1, 5), mentee(2, 6), mentor(50, 5), mentor(51, 6))
    state = course(*people, groups={5: "A", 6: "B"})
    point = {"weak_points": [{"row": 1, "area": "w_other", "severity": 2, "text": "Часовете."}]}
    for person, group in ((1, 5), (2, 6)):
        state = submit(catalogue, state, 2, "mentee_interim", person, point, group)
    for group, area in ((5, "w_schedule"), (6, "w_other")):
        rows = [{"row": 1, "area": area, "status": "p_confirmed"}]
        state = submit(catalogue, state, 2, "session_protocol", 90, {"weak_points_review": rows}, group)
    session = state.ordered[1]

    def areas(group: int) -> list[tuple[str, int]]:
        return [(each.area, each.people) for each in clusters(frame(catalogue, state, session, group))]

    assert areas(5) == [("w_schedule", 1)]
    assert areas(6) == [("w_other", 1)]
    assert areas(0) == [("w_other", 1), ("w_schedule", 1)]


def test_what_was_written_in_a_group_that_was_left_follows_to_the_first_group_only(
    catalogue: Catalogue,
) -> None:
    held = course(mentee(1, 3), mentor(50, 3), groups={1: "А", 2: "Б", 3: "В"})
    state = submit(catalogue, held, 1, "mentee_initial", 1, FIRST, group=3)
    state = dataclasses.replace(state, participants=(mentee(1, 1, 2), mentor(50, 1, 2)))
    assert [len(state.history(1, group)) for group in (1, 2, 3)] == [1, 0, 1]
