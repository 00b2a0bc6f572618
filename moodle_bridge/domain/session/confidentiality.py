"""Make the figures that are told to people who do not read the answers behind them.

In groups of three to eight, in which everybody knows the own answer, a median, a least or a most gives single
answers away. So answers are coarsened *before* they are counted: a scale is cut once, with two steps or more
on each side; categories are "several" or merely named; of answers for the coordinator alone only the
direction is told. ``tests/unit/domain/test_confidentiality.py`` plays through what can be concluded.

Each function takes what people answered, one entry a person, the reader's own included; None where nothing
may be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

FEWEST = 3
"""Of fewer people nothing is told."""
FEWEST_CONFIDENTIAL = 5
"""Of answers that only the coordinator reads."""
FEWEST_NAMING = 5
"""Of what people name; with fewer the group hears what the coordinator words for it."""
FEWEST_OF_EACH = 5
"""In every group, of a figure over several of them."""
SEVERAL = 3
"""So many people are several."""

Direction = Literal["low", "middle", "high"]
_LOW, _HIGH = 7, 11
"""Thirds of a scale of five steps: at most 2 1/3 is low, at least 3 2/3 is high."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of all say a certain step or more."""

    k: int
    of: int


@dataclass(frozen=True, slots=True)
class Lean:
    """Which way the answers in the middle lean."""

    direction: Direction


@dataclass(frozen=True, slots=True)
class Named:
    """What several people name, and what some do, without a number."""

    several: tuple[str, ...]
    some: tuple[str, ...]


Figure = Share | Lean | Named


def share(values: Collection[float], cut: float) -> Share | None:
    """How many of the people say the cut or more; from three people on."""
    if len(values) < FEWEST:
        return None
    return Share(sum(value >= cut for value in values), len(values))


def share_of_all(values: Collection[Collection[int]], cut: int) -> Share | None:
    """How many of all that people rated reach the cut; from three people on, however much each rated."""
    if len(values) < FEWEST:
        return None
    rated = [value for each in values for value in each]
    return Share(sum(value >= cut for value in rated), len(rated))


def lean(values: Sequence[int]) -> Lean | None:
    """Which way answers for the coordinator alone lean; from five people on.

    The middle two of an even number of answers count, the middle three of an odd one: a median of an odd
    number is somebody's answer.
    """
    if len(values) < FEWEST_CONFIDENTIAL:
        return None
    ordered, half = sorted(values), len(values) // 2
    middle = ordered[half - 1 : half + 1 + len(values) % 2]
    thirds = 3 * sum(middle)
    if thirds <= _LOW * len(middle):
        return Lean("low")
    return Lean("high" if thirds >= _HIGH * len(middle) else "middle")


def named(values: Collection[Collection[str]]) -> Named | None:
    """Tell what several people name, then what others do; from five people on.

    The others are told from two on: where everybody has to name something, a single one, or none, would say
    of everybody else what they named.
    """
    if len(values) < FEWEST_NAMING:
        return None
    people = Counter(category for each in values for category in set(each))
    several = tuple(sorted(category for category, number in people.items() if number >= SEVERAL))
    some = tuple(sorted(set(people) - set(several)))
    return Named(several, some if len(some) > 1 else ())


def as_json(figure: Figure | None) -> dict[str, Any]:
    """The figure as the ledger keeps it; empty where nothing may be told."""
    match figure:
        case Share(k, of):
            return {"kind": "share", "k": k, "of": of}
        case Lean(direction):
            return {"kind": "lean", "direction": direction}
        case Named(several, some):
            return {"kind": "named", "several": list(several), "some": list(some)}
    return {}


def of_json(content: Mapping[str, Any]) -> Figure | None:
    """The figure that the ledger keeps."""
    match content:
        case {"kind": "share", "k": int(k), "of": int(of)}:
            return Share(k, of)
        case {"kind": "lean", "direction": "low" | "middle" | "high" as direction}:
            return Lean(direction)
        case {"kind": "named", "several": several, "some": some}:
            return Named(tuple(several), tuple(some))
    return None
