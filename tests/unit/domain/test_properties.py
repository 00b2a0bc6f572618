"""Whatever is sent, and however goals are rated, reworded and dropped."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from course import course, frame, mentee, submit
from course import goals as first_form
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moodle_bridge.domain.answers import check
from moodle_bridge.domain.answers.scope import Context
from moodle_bridge.domain.answers.visibility import visible
from moodle_bridge.domain.course import goals
from moodle_bridge.domain.instrument import conditions
from moodle_bridge.domain.instrument.definition import definition
from moodle_bridge.domain.instrument.model import Catalogue, Item
from moodle_bridge.domain.instrument.read import catalogue as catalogue_files
from moodle_bridge.errors import AnswersRefused

CATALOGUE = catalogue_files.load()
CONTEXT = Context("interim", "2026-03-09", previous={"next_step": "Стъпка", "mentor_expectation": "Нещо"})
SOME = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
texts = st.text(max_size=40) | st.text(alphabet="абвгдеЩъьЯ <>&\"'\n\t\r\u200b\u0301", max_size=400)


def plausible(item: Item) -> st.SearchStrategy[Any]:
    """Answers of the right shape, not always allowed ones."""
    codes = st.sampled_from([option.value for option in item.options] or ["r1", "e_job"]) | st.just("x_bad")
    shapes: dict[str, st.SearchStrategy[Any]] = {
        "short_text": texts,
        "long_text": texts,
        "scale": st.none() | st.integers(-1, 8),
        "single_choice": codes.filter(lambda code: isinstance(code, str)),
        "multi_choice": st.lists(codes, max_size=5),
        "date": st.dates().map(str) | st.sampled_from(["31.02.2026", "1.3.2026 г.", "утре"]),
        "number": st.integers(-5, 400) | st.sampled_from(["7", "7,0", "седем"]),
        "yes_no": st.booleans(),
    }
    return shapes[item.type]


def row_of(item: Item) -> st.SearchStrategy[dict[str, Any]]:
    columns = {c.id: plausible(c) for c in item.columns if not c.read_only}
    return st.fixed_dictionaries({"row": st.integers(1, 6)}, optional=columns)


def form_of(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Answers to a form, of the right shape."""
    items = {}
    for item in CATALOGUE.instruments[name].items:
        if item.columns:
            items[item.id] = st.lists(row_of(item), max_size=4, unique_by=lambda row: row["row"])
        elif item.type != "computed":
            items[item.id] = plausible(item)
    return st.fixed_dictionaries({}, optional=items)


def carried_for(name: str) -> dict[str, Any]:
    """Two rows in every carried table, and something to choose from."""
    carried: dict[str, Any] = {}
    for item in CATALOGUE.instruments[name].items:
        if item.type == "carried_table":
            carried[item.id] = [
                {"row": n, "id": f"i{n}", "text": "Цел", "prev_level": n, "due_date": "2026-03-01"}
                for n in (1, 2)
            ]
        for key in (f"{item.id}.options", *(f"{item.id}.{c.id}.options" for c in item.columns)):
            carried[key] = [{"value": "e_job", "label": "Работа"}]
    return carried


@SOME
@given(st.sampled_from(sorted(CATALOGUE.instruments)), junk)
def test_validation_never_crashes(name: str, sent: Any) -> None:
    with contextlib.suppress(AnswersRefused):
        check.validate(CATALOGUE.instruments[name], "bg", sent, {}, CONTEXT)


@SOME
@given(st.data())
def test_a_known_item_with_anything_in_it_is_refused_or_reported_but_never_crashes(
    data: st.DataObject,
) -> None:
    instrument = CATALOGUE.instruments[data.draw(st.sampled_from(sorted(CATALOGUE.instruments)))]
    item = data.draw(st.sampled_from(instrument.items))
    value = data.draw(
        junk | st.lists(st.fixed_dictionaries({"row": st.integers(0, 3)}, optional={"text": junk}))
    )
    try:
        found = check.validate(instrument, "en", {item.id: value}, carried_for(instrument.id), CONTEXT)
    except AnswersRefused:
        return
    json.dumps(found.answers, ensure_ascii=False).encode("utf-8")


def allowed(item: dict[str, Any], value: Any, rows: dict[str, Any], offered: Any) -> bool:
    """What the published definition, not our validation, permits an answer to be."""
    kind = item["type"]
    if kind in ("short_text", "long_text"):
        return isinstance(value, str) and 0 < len(value) <= item["max_length"]
    if kind == "yes_no":
        return isinstance(value, bool)
    if kind == "number":
        return type(value) is int and item["min"] <= value <= item["max"]
    if kind == "date":
        return isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-"
    choices = [option["value"] for option in item.get("options", [])]
    if "options_from" in item:
        own = [f"r{row['row']}" for row in rows.get(item["options_from"], [])]
        choices = own or [option["value"] for option in offered or []]
    if kind == "multi_choice":
        single = [o["value"] for o in item.get("options", []) if o.get("exclusive")]
        alone = len(value) == 1 or not set(single) & set(value)
        return alone and set(value) <= set(choices) and len(value) <= item.get("max", len(value))
    return value in choices and not isinstance(value, bool)


@SOME
@given(st.data())
def test_what_is_accepted_is_what_the_definition_allows(data: st.DataObject) -> None:
    name = data.draw(
        st.sampled_from(["mentee_initial", "mentee_interim", "mentor_observation", "mentee_final"])
    )
    instrument = CATALOGUE.instruments[name]
    published = {item["id"]: item for item in definition(CATALOGUE, instrument, "bg")["items"]}
    sent, carried = data.draw(form_of(name)), carried_for(name)
    found = check.validate(instrument, "bg", sent, carried, CONTEXT)
    wrong = {(p.item, p.row, p.column) for p in found.problems}
    for key, value in found.answers.items():
        item = published[key]
        if "columns" not in item:
            fine = allowed(item, value, found.answers, carried.get(f"{key}.options"))
            assert fine or (key, None, "") in wrong, (key, value)
            continue
        columns = {column["id"]: column for column in item["columns"]}
        for row in value:
            for column, answer in row.items():
                if column != "row":
                    offered = carried.get(f"{key}.{column}.options")
                    fine = allowed(columns[column], answer, found.answers, offered)
                    assert fine or {(key, row["row"], column), (key, row["row"], "")} & wrong, (key, column)
    for key, item in published.items():
        shown = conditions.holds(item.get("show_if"), {**CONTEXT.as_json(), "form": found.answers})
        if item["required"] and shown and key not in found.answers and item["type"] != "carried_table":
            assert any(place[0] == key for place in wrong), key


@SOME
@given(st.data())
def test_answers_come_back_unchanged_from_what_a_document_carries(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(CATALOGUE.instruments)))
    instrument = CATALOGUE.instruments[name]
    carried = carried_for(name)
    first = check.validate(instrument, "bg", data.draw(form_of(name)), carried, CONTEXT).answers
    attached, shown = visible(instrument, "full", first, carried)
    text = json.dumps({"answers": attached, "carried": shown}, ensure_ascii=False)
    read = json.loads(text.encode("utf-8"))
    again = check.validate(instrument, "bg", read["answers"], read["carried"], CONTEXT).answers
    assert again == first
    assert list(again) == list(first)


actions = st.sampled_from(["rate", "rate", "rate", "reword", "drop", "cannot", "skip"])


@SOME
@given(
    st.integers(1, 4),
    st.lists(st.lists(st.tuples(actions, st.integers(0, 6)), min_size=4, max_size=4), max_size=2),
    st.booleans(),
)
def test_carrying_over_never_invents_loses_or_doubles_a_goal(
    count: int, rounds: list[list[tuple[str, int]]], resubmitted: bool
) -> None:
    state = course(mentee(1))
    set_goals = first_form(*((f"Цел {n}", n % 3 + 1, 0) for n in range(1, count + 1)))
    state = submit(CATALOGUE, state, 1, "mentee_initial", 1, set_goals)
    if resubmitted:
        state = submit(CATALOGUE, state, 1, "mentee_initial", 1, set_goals, version=2)
    alive = {n: f"Цел {n}" for n in range(1, count + 1)}
    told = dict.fromkeys(alive, 0)
    for number, planned in enumerate(rounds, start=2):
        rows = []
        for row, goal in enumerate(list(alive), start=1):
            action, level = planned[row - 1]
            answer: dict[str, Any] = {"row": row, "level": level, "status": "g_active"}
            if action == "skip":
                continue
            if action == "cannot":
                answer["level"] = None
            else:
                told[goal] = level
            if action == "reword":
                alive[goal] = f"{alive[goal]} по-ясно"
                answer |= {"status": "g_changed", "new_text": alive[goal]}
            if action == "drop":
                answer["status"] = "g_dropped"
                del alive[goal]
            rows.append(answer)
        state = submit(CATALOGUE, state, number, "mentee_interim", 1, {"goals_progress": rows})
        found = goals.personal_goals(frame(CATALOGUE, state, state.ordered[number - 1], 0), 1)
        assert len({goal.id for goal in found}) == len(found) == count
        assert [goal.text for goal in found if goal.active] == list(alive.values())
        assert [goal.known_levels()[-1] for goal in found] == list(told.values())


@SOME
@given(st.data())
def test_conditions_are_true_or_false_in_any_scope(data: st.DataObject) -> None:
    trees = [
        tree
        for instrument in CATALOGUE.instruments.values()
        for item in instrument.items
        for each in (item, *item.columns)
        for tree in (each.show_if, each.required_if)
        if tree is not None
    ]
    names = sorted({name for tree in trees for name in conditions.leaves(tree, "ref")})
    values = st.dictionaries(st.sampled_from(names), junk, max_size=5)
    scope = {"form": data.draw(values), "row": data.draw(values), **CONTEXT.as_json()}
    for tree in trees:
        assert conditions.holds(tree, scope) in (True, False)


def test_the_catalogue_of_the_properties_is_the_shipped_one(catalogue: Catalogue) -> None:
    assert CATALOGUE.instruments == catalogue.instruments
