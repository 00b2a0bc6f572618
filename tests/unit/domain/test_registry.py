"""The functions that instrument files name, and what docs/instruments.md says of names and ids."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import moodle_bridge.domain
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.registry import Functions, Names, Thresholds
from moodle_bridge.resources import config_dir

DOMAIN = Path(moodle_bridge.domain.__file__).parent
GUIDE = (config_dir().parent / "docs" / "instruments.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return GUIDE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def made() -> Functions[int]:
    functions = Functions[int]()

    @functions("count")
    def count(known: int, *, least: int, share: float, kinds: Names) -> int:
        return known

    @functions("step")
    def step(known: int, *, thresholds: Thresholds) -> int:
        return known

    return functions


@pytest.mark.parametrize(
    ("name", "given", "problem"),
    [
        ("count", {"least": 2, "share": 0.5, "kinds": ("a", "b")}, ""),
        ("count", {"least": 2, "share": 1, "kinds": ()}, ""),
        ("step", {"thresholds": (1, 2.5, 4)}, ""),
        ("other", {}, "'other' is not one of count, step"),
        (None, {}, "None is not one of count, step"),
        ("count", {"least": 2, "share": 1}, "'count' needs the parameter 'kinds'"),
        ("step", {"thresholds": (1, 2, 3), "least": 1}, "'step' has no parameter 'least'"),
        ("count", {"least": 2.5, "share": 1, "kinds": ()}, "wrong kind"),
        ("count", {"least": True, "share": 1, "kinds": ()}, "wrong kind"),
        ("count", {"least": 2, "share": "1", "kinds": ()}, "wrong kind"),
        ("count", {"least": 2, "share": 1, "kinds": ("a", 2)}, "wrong kind"),
        ("count", {"least": 2, "share": 1, "kinds": "ab"}, "wrong kind"),
        ("step", {"thresholds": (1, 3, 2)}, "three rising numbers"),
        ("step", {"thresholds": (1, 2)}, "three rising numbers"),
    ],
)
def test_a_reference_gives_what_the_function_takes(
    name: object, given: dict[str, object], problem: str
) -> None:
    told = made().fault(name, given)
    assert problem in told
    assert bool(problem) is bool(told)


def test_a_name_is_registered_once() -> None:
    functions = made()
    with pytest.raises(ValueError, match="'step' is registered twice"):
        functions("step")(lambda known: known)


@pytest.mark.parametrize(
    "functions",
    [
        registry.SOURCES,
        registry.OPENINGS,
        registry.LINES,
        registry.SUGGESTIONS,
    ],
    ids=["source", "opens_when", "computed", "suggest"],
)
def test_the_guide_names_every_function(functions: Functions[object]) -> None:
    assert set(functions)
    told = set(re.findall(r"`(\w+)`", section("Named functions")))
    assert set(functions) - told == set()
    for name in functions:
        assert set(functions.parameters(name)) - told == set(), name


def test_the_guide_names_every_signal_and_its_thresholds() -> None:
    told = set(re.findall(r"`(\w+)`", section("Early-warning signals")))
    assert set(registry.SIGNALS)
    for name in registry.SIGNALS:
        assert {name, *registry.SIGNALS.parameters(name)} - told == set()


def test_the_guide_names_every_id_that_the_code_reads(catalogue: Catalogue) -> None:
    items = {item.id for each in catalogue.instruments.values() for item in each.items}
    columns = {
        column.id for each in catalogue.instruments.values() for item in each.items for column in item.columns
    }
    rooms = [path for name in ("course", "session", "carryover") for path in (DOMAIN / name).glob("*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in rooms]
    said = {text for tree in trees for text in texts(tree)}
    read = (said & items) | {text for tree in trees for text in keys(tree) if text in columns}
    told = set(re.findall(r"`(\w+)`", section("Ids that carry meaning")))
    assert {"weak_points", "overall", "start_level"} <= read
    assert read - told == set()
    assert told - said == set()


def texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def keys(tree: ast.AST) -> Iterator[str]:
    """The texts by which something is looked up in a row."""
    for node in ast.walk(tree):
        asked: ast.expr | None = None
        match node:
            case ast.Call(func=ast.Attribute(attr="get"), args=[first, *_]):
                asked = first
            case ast.Subscript(slice=key):
                asked = key
            case ast.Compare(left=left, ops=[ast.In()]):
                asked = left
        if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
            yield asked.value
