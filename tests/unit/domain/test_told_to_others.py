"""Whatever somebody is shown who does not read the answers stands in the publication ledger, or is their own.

Held as it is meant: with the same ledger, other answers of others that the reader may not read change nothing
that the reader is shown, on pages, in forms, in the mentors' copies of documents and their attached data.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Callable
from typing import Any

from course import COORDINATOR, close, course, mentee, mentor, submit, view
from course import goals as first_form
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moodle_bridge.domain.answers import visibility
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import ALL_GROUPS, Frame, frame_of
from moodle_bridge.domain.course.model import Process, Submission, Target
from moodle_bridge.domain.instrument.read import catalogue as catalogue_files
from moodle_bridge.domain.session import ledger, summary

CATALOGUE = catalogue_files.load()
FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
AREAS = ("w_goals", "w_group", "w_schedule", "w_tech")
NEEDS = ("n_knowledge", "n_practice", "n_time", "n_none")
REASONS = ("r_time", "r_unclear", "r_other")
ADDRESSEES = ("to_mentor", "to_coordinator", "to_group", "to_self")
MENTOR, LAST = 50, 4
Change = Callable[[random.Random, dict[str, Any]], dict[str, Any]]


def answers_of_session(chance: random.Random, goals: int, expectations: int) -> dict[str, Any]:
    """A mentee's answers to an interim or last form; what nobody but mentor and coordinator reads."""
    return {
        **rated_goals(chance, "goals_progress", goals),
        "own_expectations_rating": [
            {"row": n + 1, "rating": chance.choice((1, 3, 4, 5, None))} for n in range(expectations)
        ],
        "others_expectations_rating": [{"row": 1, "rating": chance.randint(1, 5)}],
        **{
            name: chance.randint(1, 5)
            for name in ("cl_voice", "cl_help", "cl_useful", "sa_knowledge", "sa_confidence", "sa_plan")
        },
        **confidential(chance),
        "needs_now": chance.sample(NEEDS[:3], chance.randint(1, 2)) if chance.random() < 0.8 else ["n_none"],
        "weak_points": [
            {
                "row": 1,
                "area": chance.choice(AREAS),
                "severity": chance.randint(1, 3),
                "text": some_text(chance),
            }
        ]
        if chance.random() < 0.7
        else [],
        "recommendations": [
            {
                "row": 1,
                "area": chance.choice(AREAS),
                "text": some_text(chance),
                "addressee": chance.choice(ADDRESSEES),
            }
        ],
        "next_step": some_text(chance),
    }


def rated_goals(chance: random.Random, table: str, goals: int) -> dict[str, Any]:
    rows = [
        {
            "row": n + 1,
            "level": chance.randint(0, 6),
            "status": "g_active",
            "reason": [chance.choice(REASONS)],
        }
        for n in range(goals)
    ]
    return {table: rows}


def confidential(chance: random.Random) -> dict[str, Any]:
    return {
        "cl_included": chance.randint(1, 5),
        "mentor_support": chance.randint(1, 5),
        "confidential_note": some_text(chance),
        "contact_me": chance.random() < 0.3,
    }


def some_text(chance: random.Random) -> str:
    return f"Казано {chance.randint(0, 10**9)}."


def played(chance: random.Random) -> Process:
    """A course with what happens in one: groups, late answers, corrections, reopening, leavers, moves."""
    two = chance.random() < 0.5
    groups = {5: "А", 6: "Б"} if two else {}
    number = chance.randint(3, 6)
    here = [5 if not two or n % 2 else 6 for n in range(1, number + 1)] if two else [0] * number
    people = [mentee(n, *([here[n - 1]] if two else [])) for n in range(1, number + 1)]
    if chance.random() < 0.8:
        people.append(mentor(MENTOR, *groups))
    state = course(*people, groups=groups)
    goals = {}
    for n in range(1, number + 1):
        goals[n] = chance.randint(1, 2)
        expected = [
            {"row": 1, "text": f"Очакване {n}", "category": "e_job", "importance": chance.randint(1, 3)}
        ]
        answers = {
            **first_form(*((f"Цел {n}.{each}", 2, 0) for each in range(goals[n]))),
            "own_expectations": expected,
            "share_name": n % 2 == 0,
            "needs_now": [chance.choice(NEEDS)],
            **{f"sa_{each}": chance.randint(1, 5) for each in ("knowledge", "confidence", "plan")},
        }
        state = submit(CATALOGUE, state, 1, "mentee_initial", n, answers, group=here[n - 1])
    state = ledger.published(CATALOGUE, close(state, 1))
    for session in (2, 3):
        late = chance.randint(1, number) if chance.random() < 0.5 else 0
        for n in range(1, number + 1):
            if n != late and chance.random() < 0.9:
                given = answers_of_session(chance, goals[n], 1)
                state = submit(CATALOGUE, state, session, "mentee_interim", n, given, group=here[n - 1])
        state = triaged(chance, state, session, groups or {0: ""})
        if late:
            state = with_session(
                close(state, session), session, extensions=frozenset({(late, state.as_of + 10**6)})
            )
            state = ledger.published(CATALOGUE, state)
            given = answers_of_session(chance, goals[late], 1)
            state = submit(CATALOGUE, state, session, "mentee_interim", late, given, group=here[late - 1])
            state = dataclasses.replace(state, as_of=state.as_of + 2 * 10**6)
        if chance.random() < 0.8:
            state = ledger.published(CATALOGUE, close(state, session))
        if chance.random() < 0.4:  # reopened, corrected by somebody everybody knows, closed again
            state = ledger.published(CATALOGUE, with_session(state, session, closed=0))
            given = answers_of_session(chance, goals[1], 1)
            state = submit(CATALOGUE, state, session, "mentee_interim", 1, given, here[0], version=2)
            state = ledger.published(CATALOGUE, close(state, session))
        if chance.random() < 0.3:
            gone = dataclasses.replace(state.person(number), active=False)
            state = with_person(state, gone)
        if two and chance.random() < 0.3:
            here[1] = 5
            state = with_person(state, dataclasses.replace(state.person(2), groups=(5,)))
    return state


def triaged(chance: random.Random, state: Process, session: int, groups: dict[int, str]) -> Process:
    """The coordinator's record in every group: every recommendation decided, some in words for the group."""
    for group in groups:
        target = Target(state.ordered[session - 1].id, group, "session_protocol", COORDINATOR.id)
        shown = carryover.carried(frame_of(CATALOGUE, state, target), target, "bg")
        rows = [
            {
                "row": row["row"],
                "status": chance.choice(("q_accepted", "q_done", "q_declined")),
                "answer": chance.choice(("", f"Дума {row['row']}")),
            }
            for row in shown["recommendations_triage"]  # type: ignore[attr-defined]
        ]
        given = {"recommendations_triage": rows, "message_to_group": "До групата."}
        state = submit(CATALOGUE, state, session, "session_protocol", COORDINATOR.id, given, group)
    return state


def with_session(state: Process, number: int, **changes: Any) -> Process:
    return dataclasses.replace(
        state,
        sessions=tuple(
            dataclasses.replace(each, **changes) if each.number == number else each for each in state.sessions
        ),
    )


def with_person(state: Process, person: Any) -> Process:
    people = tuple(person if each.id == person.id else each for each in state.participants)
    return dataclasses.replace(state, participants=people)


def otherwise(state: Process, reader: int, change: Change, chance: random.Random) -> Process:
    """The same course in which others have answered otherwise what the reader may not read."""

    def other(each: Submission) -> Submission:
        if each.respondent in (reader, COORDINATOR.id) or each.respondent == MENTOR:
            return each
        return dataclasses.replace(each, answers=change(chance, dict(each.answers)))

    return dataclasses.replace(state, submissions=tuple(map(other, state.submissions)))


def unread_by_the_group(chance: random.Random, answers: dict[str, Any]) -> dict[str, Any]:
    changed = dict(answers)
    if "goals_progress" in answers:
        fresh = answers_of_session(chance, len(answers["goals_progress"]), 1)
        # Whom it is addressed to decides whether the coordinator's words for it reach the group.
        fresh["recommendations"] = [
            {**row, "addressee": answers["recommendations"][0]["addressee"]}
            for row in fresh["recommendations"]
        ]
        return changed | fresh
    texts = [{**row, "text": some_text(chance)} for row in answers["specific_goals"]]
    return changed | {
        "specific_goals": texts,
        "needs_now": [chance.choice(NEEDS)],
        **{name: chance.randint(1, 5) for name in answers if name.startswith("sa_")},
    }


def unread_by_the_mentor(chance: random.Random, answers: dict[str, Any]) -> dict[str, Any]:
    changed = dict(answers)
    if "cl_included" in answers:
        changed |= confidential(chance)
        changed["recommendations"] = [
            {**row, "text": some_text(chance), "area": chance.choice(AREAS)}
            if row["addressee"] == "to_coordinator"
            else row
            for row in answers["recommendations"]
        ]
    return changed


def shown_to_mentee(state: Process, person: int) -> str:
    """Every page and form of one mentee; without the aliases of recommendations, hashes of their texts."""
    shown: list[Any] = []
    for session in state.ordered:
        everywhere = Frame(CATALOGUE, state, session, ALL_GROUPS)
        for group in everywhere.groups:
            shown.append(summary.summary(view(CATALOGUE, state, session, group, "mentee", "bg", person)))
        for target in carryover.expected(everywhere):
            if target.person == person:
                shown.append((target, carryover.personal(frame_of(CATALOGUE, state, target), target, "bg")))
    return re.sub(r"'id': '[0-9a-f]{20}'", "alias", str(shown))


def shown_to_mentors(state: Process) -> list[Any]:
    """Every page and form of mentors, and the mentors' copy of every document with its attached data."""
    shown: list[Any] = []
    for session in state.ordered:
        everywhere = Frame(CATALOGUE, state, session, ALL_GROUPS)
        for group in everywhere.groups:
            shown.append(summary.summary(view(CATALOGUE, state, session, group, "mentor", "bg")))
        for target in carryover.expected(everywhere):
            frame = frame_of(CATALOGUE, state, target)
            if target.person == MENTOR:
                shown.append((target, carryover.personal(frame, target, "bg")))
            elif target.person == COORDINATOR.id:
                form = CATALOGUE.instruments[target.instrument]
                carried = carryover.carried(frame, target, "bg")
                shown.append((target, visibility.visible(form, "mentor", {}, carried)))
    for each in state.submissions:
        form = CATALOGUE.instruments[each.instrument]
        if form.respondent == "mentee":
            shown.append(visibility.visible(form, "mentor", each.answers, each.carried))
    return shown


@FEW
@given(st.integers(0, 10**9))
def test_other_answers_that_the_group_does_not_read_change_nothing_a_mentee_is_shown(seed: int) -> None:
    chance = random.Random(seed)
    state = played(chance)
    for reader in (1, 2):
        other = otherwise(state, reader, unread_by_the_group, chance)
        assert shown_to_mentee(other, reader) == shown_to_mentee(state, reader)


@FEW
@given(st.integers(0, 10**9))
def test_answers_for_the_coordinator_alone_change_nothing_a_mentor_is_shown(seed: int) -> None:
    chance = random.Random(seed)
    state = played(chance)
    other = otherwise(state, 0, unread_by_the_mentor, chance)
    assert shown_to_mentors(other) == shown_to_mentors(state)


def test_the_courses_played_have_figures_that_are_told() -> None:
    """What is compared is not empty: shares, leans and what is named all occur, and are read from there."""
    kinds = {each.figure.get("kind") for seed in range(12) for each in played(random.Random(seed)).published}
    assert kinds == {None, "share", "lean", "named"}


def test_without_the_ledger_a_mentee_is_told_no_figure() -> None:
    states = [played(random.Random(seed)) for seed in range(4)]
    told = re.compile(r"\d от \d казв|Посочва[тш]|Постигнати от оценените цели:|общо взето")
    assert any(told.search(shown_to_mentee(state, 1)) for state in states)
    for state in states:
        without = dataclasses.replace(state, published=())
        assert told.search(shown_to_mentee(without, 1)) is None
