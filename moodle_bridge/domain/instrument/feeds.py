"""Which answers of mentees feed figures that are told to people who do not read the answers themselves.

The promise beside a question names these people (:func:`.definition.readers_text`); what they are told, and
when, is decided in :mod:`moodle_bridge.domain.session.confidentiality`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from moodle_bridge.domain.instrument.model import Item

Listener = Literal["mentee", "mentor"]
"""Who is told a figure without reading the answers: the group's mentees; mentors who do not read them."""
EVERYONE: Final[frozenset[Listener]] = frozenset({"mentee", "mentor"})


@dataclass(frozen=True, slots=True)
class Feed:
    """The answers that one figure is made of, and who is told it."""

    answers: tuple[str, ...]
    """An item; a family of scales (``cl_*``); a column of a table (``weak_points.area``) or of the carried
    tables of a source (``own_goals:level``)."""
    listeners: frozenset[Listener] = EVERYONE
    confidential: bool = False
    """Made of answers that only the coordinator reads."""


FEEDS: Final[Mapping[str, Feed]] = {
    "goals_attained": Feed(("own_goals:level", "specific_goals.start_level")),
    "group_goals": Feed(("group_goals:level",)),
    "reasons": Feed(("own_goals:reason",)),
    "expectation_own": Feed(("own_expectations:rating",)),
    "expectation_others": Feed(("others_categories:rating",)),
    "climate": Feed(("cl_*",)),
    "self_assessment": Feed(("sa_*",)),
    "impact": Feed(("imp_*",)),
    "needs": Feed(("needs_now",)),
    "weak_points": Feed(("weak_points.area",)),
    "overall": Feed(("overall",)),
    "recommend": Feed(("recommend",)),
    "monitoring_useful": Feed(("monitoring_useful",)),
    "included": Feed(("cl_included",), confidential=True),
    "support": Feed(("mentor_support",), frozenset({"mentor"}), confidential=True),
}


def listeners(item: Item, column: Item | None = None) -> frozenset[Listener]:
    """Who is told a figure made of a mentee's answer to an item, or in a column of it."""
    confidential = "mentor" not in item.readers
    told = [
        feed.listeners
        for feed in FEEDS.values()
        if feed.confidential is confidential and any(_names(path, item, column) for path in feed.answers)
    ]
    return frozenset().union(*told)


def _names(path: str, item: Item, column: Item | None) -> bool:
    """Whether the path names this answer; of a table without a column, one of its columns."""
    if path.endswith("*"):
        return item.type == "scale" and item.id.startswith(path[:-1])
    table, separator, named = path.replace(":", ".").partition(".")
    if not separator:
        return item.id == table
    where = item.source.name if ":" in path and item.source is not None else item.id
    if where != table or (":" in path) is (item.source is None):
        return False
    return named in ({each.id for each in item.columns} if column is None else {column.id})
