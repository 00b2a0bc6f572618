from __future__ import annotations

from typing import Any

import pytest

from moodle_bridge.domain.instrument import conditions


@pytest.mark.parametrize(
    ("expression", "tree"),
    [
        ("status == g_changed", ["==", ["ref", "status"], ["lit", "g_changed"]]),
        ("weak_none == false", ["==", ["ref", "weak_none"], ["lit", False]]),
        (
            "level < 4 and level <= prev.level",
            ["and", ["<", ["ref", "level"], ["lit", 4]], ["<=", ["ref", "level"], ["prev", "level"]]],
        ),
        ("g_changed in reason", ["in", ["lit", "g_changed"], ["ref", "reason"]]),
        ("status not in [g_changed]", ["not", ["in", ["ref", "status"], ["list", ["lit", "g_changed"]]]]),
        ("not level >= -1", ["not", [">=", ["ref", "level"], ["lit", -1]]]),
        ("session.kind != final", ["!=", ["session", "kind"], ["lit", "final"]]),
        ("due > session.date + 30", [">", ["ref", "due"], ["+", ["session", "date"], ["lit", 30]]]),
        ("count(mentees) >= 5", [">=", ["count", "mentees"], ["lit", 5]]),
        ("rows(steps) > 1", [">", ["rows", "steps", ["and"]], ["lit", 1]]),
        (
            "rows(steps, done == g_changed) + 1 <= level",
            [
                "<=",
                ["+", ["rows", "steps", ["==", ["ref", "done"], ["lit", "g_changed"]]], ["lit", 1]],
                ["ref", "level"],
            ],
        ),
        ("plan.frequency == 'x y'", ["==", ["plan", "frequency"], ["lit", "x y"]]),
    ],
)
def test_an_expression_becomes_its_tree(expression: str, tree: list[Any]) -> None:
    ids = {"status", "weak_none", "level", "reason", "due"}
    assert conditions.parse(expression, ids, {"g_changed"}, {"steps": ("done",)}) == tree


@pytest.mark.parametrize(
    "expression",
    [
        "stauts == g_changed",
        "level ==",
        "__import__('os')",
        "level.__class__",
        "session.password == 1",
        "count(mentors) > 1",
        "count(*mentees)",
        "rows(level) > 1",
        "rows(steps, undone == 1) > 1",
        "rows(steps, rows(steps) > 1) > 1",
        "rows(steps, done, done) > 1",
        "level < 4 < 5",
        "lambda: 1",
        "level == 1.5",
        "level * 2 == 4",
        "level is 4",
        "[x for x in level]",
        "level if level else level",
        "(level := 3) == 3",
        "f'{level}' == 3",
        "level == None",
        "",
    ],
)
def test_what_is_not_a_condition_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"not an expression|not allowed|neither|has no"):
        conditions.parse(expression, {"level"}, {"g_changed"}, {"steps": ("done",)})


def test_leaves_name_what_a_condition_looks_at() -> None:
    tree = conditions.parse("level < 4 and (level <= prev.level or due < session.date)", {"level", "due"}, ())
    assert list(conditions.leaves(tree, "ref")) == ["level", "level", "due"]
    assert list(conditions.leaves(tree, "prev")) == ["level"]


def test_leaves_are_found_within_rows_too() -> None:
    tree = conditions.parse("rows(steps, done < session.date) > 1", (), (), {"steps": ("done",)})
    assert list(conditions.leaves(tree, "ref")) == ["done"]
