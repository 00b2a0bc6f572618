"""Reading a posted form and checking the structured rules, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from moodle_bridge.sandbox import posting

TEXT = {"id": "a", "type": "short_text", "label": "A", "required": False}
CHOICES = [{"value": "x", "label": "X"}, {"value": "none", "label": "N", "exclusive": True}]
TABLE: dict[str, Any] = {
    "id": "t",
    "type": "table",
    "label": "T",
    "required": True,
    "min_rows": 1,
    "max_rows": 3,
    "columns": [
        {"id": "text", "type": "short_text", "label": "Text", "required": True},
        {"id": "weight", "type": "scale", "label": "Weight", "required": True, "default": 2},
    ],
}


def definition(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(items)}


@pytest.mark.parametrize(
    ("kind", "posted", "expected"),
    [
        ("short_text", ["  two\r\nlines <3 "], {"a": "  two\nlines <3 "}),
        ("short_text", ["   "], {}),
        ("scale", ["3"], {"a": 3}),
        ("scale", ["null"], {"a": None}),
        ("scale", ["many"], {}),
        ("number", [" 7 "], {"a": 7}),
        ("number", ["seven"], {"a": "seven"}),
        ("yes_no", ["0"], {"a": False}),
        ("yes_no", ["1"], {"a": True}),
        ("multi_choice", ["x", "y"], {"a": ["x", "y"]}),
        ("multi_choice", [], {}),
        ("date", ["2026-03-31"], {"a": "2026-03-31"}),
        ("computed", ["made up"], {}),
    ],
)
def test_a_posted_field_becomes_an_answer_of_its_type(
    kind: str, posted: list[str], expected: dict[str, Any]
) -> None:
    assert posting.read(definition(TEXT | {"type": kind}), {}, {"a": posted}) == expected


def test_a_row_that_holds_only_defaults_was_not_filled_in() -> None:
    posted = {"t.r1.text": ["goal"], "t.r1.weight": ["2"], "t.r3.text": [""], "t.r3.weight": ["2"]}
    assert posting.read(definition(TABLE), {}, posted) == {"t": [{"row": 1, "text": "goal", "weight": 2}]}


def test_rows_keep_their_numbers_when_one_between_them_is_left_empty() -> None:
    posted = {"t.r1.text": ["one"], "t.r3.text": ["three"]}
    assert [row["row"] for row in posting.read(definition(TABLE), {}, posted)["t"]] == [1, 3]


@pytest.mark.parametrize(
    ("item", "answers", "faults"),
    [
        (TEXT | {"required": True}, {}, [("a", "required")]),
        (TEXT | {"max_length": 3}, {"a": "🎉🎉🎉"}, []),
        (TEXT | {"max_length": 3}, {"a": "🎉🎉🎉🎉"}, [("a", "too_long")]),
        (TEXT | {"type": "multi_choice", "options": CHOICES, "max": 1}, {"a": ["x"]}, []),
        (TEXT | {"type": "multi_choice", "options": CHOICES}, {"a": ["x", "none"]}, [("a", "exclusive")]),
        (TEXT | {"type": "multi_choice", "options": [], "max": 1}, {"a": ["x", "y"]}, [("a", "too_many")]),
        (TEXT | {"type": "date"}, {"a": "31.3.26"}, [("a", "not_a_date")]),
        (TEXT | {"type": "number", "min": 1, "max": 9}, {"a": 10}, [("a", "out_of_range")]),
        (TEXT | {"type": "number"}, {"a": "ten"}, [("a", "not_a_number")]),
        (TABLE, {}, [("t", "one_row")]),
        (TABLE, {"t": [{"row": 2, "weight": 3}]}, [("t.r2.text", "required")]),
        (TEXT | {"required": True, "show_if": ["lit", False]}, {"a": "hidden"}, []),
    ],
)
def test_every_rule_is_checked(
    item: dict[str, Any], answers: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    _, found = posting.check(definition(item), {}, {}, answers)
    assert [(fault.field, fault.code) for fault in found] == faults


def test_what_a_condition_hides_is_not_kept() -> None:
    hidden = TEXT | {"id": "b", "show_if": ["==", ["ref", "a"], ["lit", "yes"]]}
    both = {"a": "no", "b": "left over"}
    assert posting.check(definition(TEXT, hidden), {}, {}, both)[0] == {"a": "no"}
    assert posting.check(definition(TEXT, hidden), {}, {}, both | {"a": "yes"})[0] == both | {"a": "yes"}


def test_options_come_from_the_rows_of_another_table_or_from_what_was_carried() -> None:
    choice = TEXT | {"type": "single_choice", "options_from": "t"}
    rows = posting.options(definition(TABLE, choice), choice, "", {}, {"t": [{"row": 2, "text": "two"}]})
    assert [option["label"] for option in rows] == ["1.", "2. two", "3."]
    elsewhere = TEXT | {"options_from": "people"}
    offered = [{"value": "42", "label": "Юлия"}]
    assert posting.options(definition(elsewhere), elsewhere, "", {"a.options": offered}, {}) == offered
    assert posting.options(definition(elsewhere), elsewhere, "t", {"t.a.options": offered}, {}) == offered
