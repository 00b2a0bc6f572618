"""Decide who may see which answer: the one rule for documents, attached data, pushes and exports.

A column never has more readers than its table. The mentor's copy holds nothing that only the coordinator
reads: in answers, carried rows and data-dependent options alike; and no row addressed to the coordinator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from moodle_bridge.domain.course.model import Answers, Content, Role
from moodle_bridge.domain.instrument.model import (
    ADDRESSEE,
    ONLY_COORDINATOR,
    Instrument,
    Item,
    Variant,
    addressed,
    in_variant,
    readers_of,
)
from moodle_bridge.domain.instrument.remember import Memory

Audience = Literal["coordinator", "mentor", "mentee"]
"""Who a summary is for; ``mentee``: the group."""
FOR_MENTORS = ".mentor"
"""Ends the name under which carried data hold what the mentors' copy shows in place of an item."""
_ROW_KEYS = frozenset({"row", "id"})


def visible_items(instrument: Instrument, variant: Variant) -> tuple[Item, ...]:
    """The items and columns that a variant shows; a table that has no column left is left out."""
    return _remembered_items(instrument, variant)


def _visible_items(instrument: Instrument, variant: Variant) -> tuple[Item, ...]:
    found = []
    for item in instrument.items:
        if not in_variant(variant, item.readers):
            continue
        columns = tuple(c for c in item.columns if in_variant(variant, readers_of(item, c)))
        if columns or not item.columns:
            found.append(replace(item, columns=columns))
    return tuple(found)


_remembered_items = Memory(_visible_items)


def differs(instrument: Instrument) -> bool:
    """Whether the mentor's copy shows less than the full document."""
    return visible_items(instrument, "full") != visible_items(instrument, "mentor")


def visible(
    instrument: Instrument, variant: Variant, answers: Answers, carried: Answers
) -> tuple[Content, Content]:
    """The answers and carried values that this variant may show, and nothing else.

    Keys that the instrument does not know stay in the full variant only: nobody said who may read
    them.
    """
    left_for_mentors = {key for key in carried if key.endswith(FOR_MENTORS)}
    carried = instead(variant, carried)
    if variant == "full":
        return dict(answers), dict(carried)
    hidden, columns = _hidden(instrument, variant)
    known = {item.id: item for item in instrument.items}
    seen_answers = {
        key: _visible_rows(
            _reaching_rows(
                value, known[key], carried.get(key) if f"{key}{FOR_MENTORS}" in left_for_mentors else None
            ),
            known[key],
            columns.get(key, frozenset()),
        )
        for key, value in answers.items()
        if key in known and key not in hidden
    }
    seen_carried: Content = {}
    for key, value in carried.items():
        item, _, rest = key.partition(".")
        if item not in known or item in hidden:
            continue
        if not rest:
            seen_carried[key] = _visible_rows(value, known[item], columns.get(item, frozenset()))
        elif rest == "options" or rest.removesuffix(".options") not in columns.get(item, frozenset()):
            seen_carried[key] = value
    return seen_answers, seen_carried


def instead(variant: Variant, carried: Answers) -> Content:
    """The carried data with what a coordinator's form shows, or what its mentors' copy shows instead."""
    own = {key: value for key, value in carried.items() if not key.endswith(FOR_MENTORS)}
    if variant == "full":
        return own
    theirs = {key: value for key, value in carried.items() if key.endswith(FOR_MENTORS)}
    return own | {key.removesuffix(FOR_MENTORS): value for key, value in theirs.items()}


def row_reaches(variant: Variant, row: Mapping[str, object]) -> bool:
    """Whether a row stands in that variant: what is addressed to the coordinator reaches nobody else."""
    return variant == "full" or row.get(ADDRESSEE) != ONLY_COORDINATOR


def _reaching_rows(value: object, item: Item, shown: object) -> object:
    """The answered rows without those addressed to the coordinator and those left out for mentors."""
    if not isinstance(value, list):
        return value
    if addressed(item):
        value = [row for row in value if not isinstance(row, Mapping) or row_reaches("mentor", row)]
    if item.type == "carried_table" and isinstance(shown, list):
        left = {row.get("row") for row in shown if isinstance(row, Mapping)}
        value = [row for row in value if isinstance(row, Mapping) and row.get("row") in left]
    return value


def _hidden(instrument: Instrument, variant: Variant) -> tuple[set[str], dict[str, frozenset[str]]]:
    items = {item.id for item in instrument.items if not in_variant(variant, item.readers)}
    columns = {
        item.id: frozenset(c.id for c in item.columns if not in_variant(variant, readers_of(item, c)))
        for item in instrument.items
        if item.columns
    }
    return items, columns


def _visible_rows(value: object, item: Item, hidden: frozenset[str]) -> object:
    if hidden:  # what is no row of cells cannot be told apart by column
        value = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
    if not item.columns or not isinstance(value, list):
        return value
    allowed = {c.id for c in item.columns} - hidden | _ROW_KEYS
    return [
        {key: cell for key, cell in row.items() if key in allowed} if isinstance(row, Mapping) else row
        for row in value
    ]


def variant_for(
    role: Role,
    *,
    own: bool,
    mentored: bool,
    mentor: bool,
    in_group: bool,
    coordinator: bool,
    all_groups: bool,
) -> Variant | None:
    """The variant of a form that somebody may read; None for neither.

    ``role`` is its author's. The reader wrote it (``own``), is the mentor of its author in the group it was
    written in (``mentored``), is a mentor, has the group it was written in (``in_group``), coordinates, may
    see all groups (a coordinator who may not has the own groups only; a mentor who may sees no more). Who
    mentors a group reads its forms as its mentor, also as coordinator: some of it is about them.
    """
    if own:
        return "full"
    if role == "mentee" and mentored:
        return "mentor"
    if coordinator and (all_groups or in_group):
        return "full"
    return "mentor" if role == "coordinator" and mentor and in_group else None


def opens(readable: Variant | None, stored: Variant, *, coordinator: bool) -> bool:
    """Whether somebody who may read one variant may open a document that holds ``stored``."""
    return readable is not None and (readable == stored or (readable == "full" and coordinator))
