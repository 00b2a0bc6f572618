"""Rules that stand in Python and in PHP give the same: the contract's vectors, and many odd cases besides."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from bare_php import run_php

from moodle_bridge.domain.answers import tidy, visibility
from moodle_bridge.domain.instrument import conditions
from moodle_bridge.domain.instrument.days import parse_day
from moodle_bridge.domain.instrument.model import in_variant
from moodle_bridge.resources import contract_dir

FACTS = ("own", "mentored", "mentor", "in_group", "coordinator", "all_groups")
ROLES = ("mentee", "mentor", "coordinator")

Case = list[Any]


def variant_for(role: Any, *facts: bool) -> str:
    return visibility.variant_for(role, **dict(zip(FACTS, facts, strict=True))) or ""


PYTHON: dict[str, Callable[..., Any]] = {
    "conditions": conditions.holds,
    "text": lambda text, lines: tidy.tidy_text(text, lines=lines),
    "lengths": lambda text, lines, limit: tidy.excess(text, lines=lines, limit=limit),
    "numbers": tidy.tidy_number,
    "days": lambda text: parse_day(text) is not None,
    "variants": variant_for,
    "readers": lambda variant, readers: in_variant(variant, frozenset(readers)),
    "rows": visibility.row_reaches,
    "instead": visibility.instead,
    "opens": lambda readable, stored, coordinator: visibility.opens(
        readable or None, stored, coordinator=coordinator
    ),
}
ARGUMENTS: dict[str, Callable[[dict[str, Any]], Case]] = {
    "conditions": lambda vector: [vector["tree"], vector["scope"]],
    "text": lambda vector: [vector["text"], vector["lines"]],
    "lengths": lambda vector: [vector["text"], vector["lines"], vector["limit"]],
    "numbers": lambda vector: [vector["text"]],
    "days": lambda vector: [vector["text"]],
    "variants": lambda vector: [vector["role"], *(vector[fact] for fact in FACTS)],
    "readers": lambda vector: [vector["variant"], vector["readers"]],
    "rows": lambda vector: [vector["variant"], vector["row"]],
    "instead": lambda vector: [vector["variant"], vector["carried"]],
}


def vectors(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        (contract_dir() / "vectors" / f"{name}.json").read_text(encoding="utf-8")
    )
    return found


def expected(vector: dict[str, Any]) -> Any:
    return vector["day"] if "day" in vector else vector["expected"]


def php(cases: Iterable[tuple[str, Case]]) -> list[Any]:
    """What the plugin's classes answer, under PHP alone."""
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    return [json.loads(line) for line in run_php("replay.php", lines).splitlines()]


def test_every_vector_file_is_replayed() -> None:
    assert {path.stem for path in (contract_dir() / "vectors").glob("*.json")} == set(ARGUMENTS)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_python_gives_what_the_vectors_say(name: str) -> None:
    for vector in vectors(name):
        assert PYTHON[name](*ARGUMENTS[name](vector)) == expected(vector), vector["why"]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_plugin_gives_what_the_vectors_say(name: str) -> None:
    chosen = vectors(name)
    answers = php((name, ARGUMENTS[name](vector)) for vector in chosen)
    for vector, answer in zip(chosen, answers, strict=True):
        assert answer == expected(vector), vector["why"]


def odd_texts() -> list[str]:
    """Texts of every kind of space, break, mark and control that people paste."""
    chance = random.Random(20261128)
    pieces = [
        *"аА б.,0159+-eй\n\r\t\v\f\x00\x1c\x1f\x7f\x85",
        *"\u00a0\u00ad\u0301\u0306\u1680\u180e\u2000\u2009\u200a\u200b\u200c\u200d\u200e\u2028\u2029\u202e",
        *"\u202f\u205f\u2060\u2066\u3000\ufeff\ufe0f👩",
        "\r\n",
        "\n\n\n",
        "  ",
    ]
    return ["".join(chance.choices(pieces, k=chance.randrange(12))) for _ in range(3000)]


def cases() -> list[tuple[str, Case]]:
    """Odd texts as texts, numbers and days; every combination of facts about a reader."""
    texts = odd_texts()
    yes_no = [list(each) for each in itertools.product((False, True), repeat=len(FACTS))]
    chance = random.Random(20261129)
    years, months, dates = ("2026", "2028", "0001", "9999"), range(14), range(33)
    days = [
        f"{chance.choice(years)}-{chance.choice(months):02}-{chance.choice(dates):02}" for _ in range(300)
    ]
    sums = [
        ["==", [sign, ["lit", date], ["lit", count]], ["lit", other]]
        for date, other in itertools.product(days[:25], days[25:50])
        for sign, count in itertools.product("+-", (0, 1, 31, 400000, 4000001))
    ]
    return [
        *(("text", [text, lines]) for text in texts for lines in (False, True)),
        *(("numbers", [text]) for text in texts),
        *(("days", [text]) for text in [*days, *texts]),
        *(("conditions", [tree, {}]) for tree in sums),
        *(("variants", [role, *facts]) for role in ROLES for facts in yes_no),
        *(
            ("opens", [readable, stored, coordinator])
            for readable in ("full", "mentor", "")
            for stored in ("full", "mentor")
            for coordinator in (False, True)
        ),
    ]


def test_both_sides_agree_on_odd_cases_too() -> None:
    chosen = cases()
    differing = [
        (name, arguments, answer)
        for (name, arguments), answer in zip(chosen, php(chosen), strict=True)
        if PYTHON[name](*arguments) != answer
    ]
    assert differing == []
