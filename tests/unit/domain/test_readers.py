"""Nothing is asked for nothing: another answer to any question of mentees and mentors is seen by somebody.

What is seen: the pages of coordinators, mentors and mentees with their figures and signals, and what later
forms and the coordinator's forms begin with. The author's own document does not count.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from year import Year

from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import Frame, frame_of
from moodle_bridge.domain.course.model import Process, Submission
from moodle_bridge.domain.instrument import conditions
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Item
from moodle_bridge.domain.instrument.read.catalogue import load
from moodle_bridge.domain.session import summary
from moodle_bridge.domain.session.view import View

FORMS = {
    "mentee_initial": 1,
    "mentee_group_expectations": 1,
    "mentor_initial": 1,
    "mentee_interim": 3,
    "mentor_observation": 3,
    "mentee_final": 6,
    "mentor_final": 6,
}
"""The session of the year in which each form is looked at: one to which recommendations were carried."""
GROUP = 1


def questions() -> list[tuple[str, str, str]]:
    """Every (form, item, column) that a mentee or mentor answers; the column is empty outside tables."""
    found = []
    for name in FORMS:
        for item in load().instruments[name].items:
            if item.columns:
                found += [(name, item.id, each.id) for each in item.columns if _asked(each)]
            elif _asked(item):
                found.append((name, item.id, ""))
    return found


def _asked(item: Item) -> bool:
    return not item.read_only and item.type != "computed"


@pytest.mark.parametrize(("form", "item", "column"), questions(), ids=lambda value: value or "-")
def test_every_answer_is_seen_by_somebody(
    catalogue: Catalogue, year: Year, form: str, item: str, column: str
) -> None:
    if decides_what_is_asked(catalogue.instruments[form], item):
        return
    asked = catalogue.instruments[form].item(item)
    session = year.session(FORMS[form])
    shown = set()
    for value in other_answers(asked, column):
        changed = with_answer(year.end, form, session.id, asked, column, value)
        shown.add(seen(catalogue, changed, FORMS[form]))
        if len(shown) > 1:
            return
    pytest.fail(f"{form}.{item}.{column}: whatever is answered, nobody sees a difference")


def decides_what_is_asked(form: Instrument, name: str) -> bool:
    """Whether an item outside tables decides what the form asks or refuses elsewhere: no answer to read."""
    trees = [
        tree
        for item in form.items
        for each in (item, *item.columns)
        if each.id != name
        for tree in (each.show_if, each.required_if)
        if tree is not None
    ]
    return any(name in conditions.leaves(tree, "ref") for tree in trees) and form.item(name).type == "yes_no"


_SEEN: dict[int, str] = {}


def seen(catalogue: Catalogue, state: Process, number: int) -> str:
    """All that the group's people and the coordinator are shown of a session, and in the forms after it."""
    if id(state) in _SEEN and number == _SEEN_AT.get(id(state)):
        return _SEEN[id(state)]
    frame = Frame(catalogue, state, state.ordered[number - 1], GROUP)
    shown: list[Any] = [
        summary.summary(View.of(frame, audience, "bg", person))
        for audience, person in (("coordinator", 0), ("mentee", 11))
    ]
    shown += later_forms(catalogue, state, number)
    told = json.dumps(shown, ensure_ascii=False, default=str)
    _SEEN[id(state)], _SEEN_AT[id(state)] = told, number
    _KEPT.append(state)
    return told


_SEEN_AT: dict[int, int] = {}
_KEPT: list[Process] = []
"""So that an id is not given to another process."""


def later_forms(catalogue: Catalogue, state: Process, number: int) -> Iterator[object]:
    """What forms of this session, the next and the last begin with, for four people."""
    for session in dict.fromkeys([*state.ordered[number - 1 : number + 1], state.ordered[-1]]):
        for target in carryover.expected(Frame(catalogue, state, session, GROUP)):
            if target.person in (11, 12, 31, 41):
                yield carryover.personal(frame_of(catalogue, state, target), target, "bg")


def other_answers(asked: Item, column: str) -> list[object]:
    """Answers of which one has to make a difference."""
    one = next((each for each in asked.columns if each.id == column), asked)
    if one.type == "yes_no":
        return [True, False]
    if one.type in ("scale", "single_choice") and one.options:
        return [option.value for option in one.options if option.value is not None]
    if one.type == "multi_choice":
        return [[option.value] for option in one.options]
    if one.type == "date":
        return ["2026-02-20", "2027-06-30"]
    if one.type == "number":
        return [1, 59]
    if one.options_from is not None:
        return ["r1", "r2"]
    return ["Съвсем друг отговор", "И още един, трети отговор"]


def with_answer(state: Process, form: str, session: str, item: Item, column: str, value: object) -> Process:
    """The course in which everybody of the group answered that in the session's form, in their first row."""
    found = tuple(
        _answered(each, item, column, value)
        if (each.instrument, each.session, each.group) == (form, session, GROUP)
        else each
        for each in state.submissions
    )
    return dataclasses.replace(state, submissions=found)


def _answered(submission: Submission, item: Item, column: str, value: object) -> Submission:
    answers = {**submission.answers}
    if not column:
        answers[item.id] = value
    else:
        carried = submission.carried.get(item.id) or []
        rows = [dict(row) for row in answers.get(item.id, [])] or [{"row": row["row"]} for row in carried]
        rows = rows or [
            {"row": 1, "text": "Друго", "area": "w_tech", "severity": 2, "addressee": "to_mentor"}
        ]
        rows[0] |= _shown_when(next(each for each in item.columns if each.id == column))
        offered = submission.carried.get(f"{item.id}.{column}.options") or []
        rows[0][column] = offered[0]["value"] if offered and value == "r1" else value
        answers[item.id] = rows
    return dataclasses.replace(submission, answers=answers)


def _shown_when(column: Item) -> dict[str, object]:
    """The answer of the same row under which a column is shown."""
    match column.show_if:
        case ["==", ["ref", name], ["lit", wanted]]:
            return {name: wanted}
    return {}
