"""The canonical text of JSON: the one form under which answers, definitions and pushes are hashed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodle_bridge.plain_json import Json, canonical

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"б": [1, 2], "a": None}, '{"a":null,"б":[1,2]}'),
        ({"a": (1, 2)}, '{"a":[1,2]}'),
        ("„Искър“ \x00", '"„Искър“ \\u0000"'),
        ("half \ud83d", '"half \\ud83d"'),
    ],
    ids=[
        "keys in order, no spaces",
        "a tuple is a list",
        "characters as they are",
        "lone surrogates escaped",
    ],
)
def test_the_canonical_text(value: Json, text: str) -> None:
    assert canonical(value) == text
    canonical(value).encode("utf-8")


@given(VALUES)
def test_the_canonical_text_holds_the_value_and_can_be_stored(value: Json) -> None:
    text = canonical(value)
    assert json.loads(text.encode("utf-8")) == value
    assert canonical(json.loads(text)) == text
