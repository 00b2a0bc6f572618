"""The typed dictionaries of summaries and personal data have the names of the contract's schemas."""

from __future__ import annotations

from typing import Any, NotRequired, get_origin, get_type_hints

import pytest

from moodle_bridge import contract
from moodle_bridge.domain.answers import scope
from moodle_bridge.domain.carryover import personal
from moodle_bridge.domain.session import shape

BLOCKS = "$defs/block/oneOf"
SHAPES: list[tuple[str, str, Any]] = [
    ("summary", "", shape.Summary),
    ("summary", "properties/session", shape.SessionShown),
    ("summary", "properties/group", shape.GroupShown),
    ("summary", "properties/sections/items", shape.Section),
    ("summary", f"{BLOCKS}/0", shape.Lines),
    ("summary", f"{BLOCKS}/1", shape.Table),
    ("summary", f"{BLOCKS}/2", shape.Bars),
    ("summary", f"{BLOCKS}/2/properties/rows/items", shape.Bar),
    ("summary", "$defs/signal", shape.SignalShown),
    ("summary", "$defs/spread/oneOf/1", shape.SpreadShown),
    ("summary", "properties/numbers", shape.Numbers),
    ("summary", "properties/numbers/properties/responses/additionalProperties", shape.Responses),
    ("summary", "properties/numbers/properties/goals_attained/oneOf/1", shape.Attained),
    ("summary", "properties/numbers/properties/reasons/items", shape.Reason),
    ("summary", "properties/numbers/properties/weak_points/items", shape.WeakPointShown),
    ("summary", "properties/numbers/properties/recommendations", shape.RecommendationCounts),
    ("summary", "properties/numbers/properties/people/items", shape.PersonNumbers),
    ("personal", "", personal.Personal),
    ("personal", "properties/notes/items", personal.Note),
    ("personal", "properties/context", scope.ContextContent),
]


@pytest.mark.parametrize(("schema", "path", "kind"), SHAPES, ids=[kind.__name__ for *_, kind in SHAPES])
def test_a_typed_dictionary_has_the_names_of_its_schema(schema: str, path: str, kind: Any) -> None:
    part: Any = contract.schema(schema)
    for step in path.split("/") if path else ():
        part = part[int(step)] if isinstance(part, list) else part[step]
    used = {name: each for name, each in part["properties"].items() if "reserved" not in each}
    hints = get_type_hints(kind, include_extras=True)
    assert set(hints) == set(used)
    optional = {name for name, hint in hints.items() if get_origin(hint) is NotRequired}
    assert optional == {name for name in used if name not in part["required"]}
