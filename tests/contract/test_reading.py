"""A record is read by the types of its fields: what a message lacks or has otherwise is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from moodle_bridge.contract.reading import Record, ours
from moodle_bridge.plain_json import Json, WrongField


@dataclass(frozen=True, slots=True)
class Part(Record):
    """A part of a thing."""

    size: int


@dataclass(frozen=True, slots=True)
class Thing(Record):
    """One field of every kind."""

    name: str
    number: int
    whether: bool
    kind: Literal["one", "two"]
    kinds: tuple[Literal["one", "two"], ...]
    words: tuple[str, ...]
    numbers: tuple[int, ...]
    content: Mapping[str, Json]
    part: Part
    parts: tuple[Part, ...]
    perhaps: int | None = None
    later: str = "-"
    mine: tuple[str, ...] = ours(("kept",))


WHOLE: dict[str, Any] = {
    "name": "a",
    "number": 1,
    "whether": True,
    "kind": "two",
    "kinds": ["one", "two"],
    "words": ["x"],
    "numbers": [1, 2],
    "content": {"k": None},
    "part": {"size": 3},
    "parts": [{"size": 4}, {"size": 5}],
}


def test_every_field_is_read_by_its_type_and_what_is_ours_never() -> None:
    assert Thing.of({**WHOLE, "mine": ["theirs"], "stranger": 1}) == Thing(
        name="a",
        number=1,
        whether=True,
        kind="two",
        kinds=("one", "two"),
        words=("x",),
        numbers=(1, 2),
        content={"k": None},
        part=Part(3),
        parts=(Part(4), Part(5)),
        perhaps=None,
        later="-",
        mine=("kept",),
    )
    assert (Thing.of({**WHOLE, "perhaps": 7, "later": "+"}).perhaps, Thing.of(WHOLE).later) == (7, "-")


@pytest.mark.parametrize("name", WHOLE)
def test_a_field_without_a_default_has_to_be_there(name: str) -> None:
    with pytest.raises(WrongField, match=name):
        Thing.of({key: value for key, value in WHOLE.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", 1),
        ("number", True),
        ("number", "1"),
        ("whether", 1),
        ("kind", "three"),
        ("kinds", ["three"]),
        ("words", [1]),
        ("numbers", ["1"]),
        ("content", []),
        ("part", 3),
        ("part", {"size": "3"}),
        ("parts", [4]),
        ("perhaps", None),
        ("later", None),
    ],
)
def test_a_value_of_another_kind_is_refused(name: str, value: Any) -> None:
    with pytest.raises(WrongField, match="size" if value == {"size": "3"} else name):
        Thing.of({**WHOLE, name: value})


def test_a_field_of_a_kind_that_no_message_holds_is_an_error_of_ours() -> None:
    @dataclass(frozen=True, slots=True)
    class Odd(Record):
        share: float

    with pytest.raises(TypeError, match="no reader"):
        Odd.of({"share": 0.5})
