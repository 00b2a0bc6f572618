"""Who may see which answer: variants of a document, and figures in small groups.

Rules: a column never has more readers than its table; the mentor's copy holds nothing that only the
coordinator reads, in answers, carried rows and data-dependent options alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moodle_bridge.domain.instruments import Instrument, Item, Variant, in_variant, readers_of

Audience = str
"""``coordinator``, ``mentor`` or ``mentee`` (the group): who a summary is for."""


def visible(
    instrument: Instrument, variant: Variant, answers: Mapping[str, Any], carried: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Answers and carried data as that variant shows them; what the definition does not know is left out."""
    shown_answers: dict[str, Any] = {}
    shown_carried: dict[str, Any] = {}
    for item in instrument.items:
        if not in_variant(variant, item.readers):
            continue
        hidden = {column.id for column in item.columns if not in_variant(variant, readers_of(item, column))}
        if item.id in answers:
            shown_answers[item.id] = _rows(answers[item.id], hidden) if item.columns else answers[item.id]
        if item.id in carried:
            shown_carried[item.id] = _rows(carried[item.id], hidden) if item.columns else carried[item.id]
        keys = [
            f"{item.id}.options",
            *(f"{item.id}.{c.id}.options" for c in item.columns if c.id not in hidden),
        ]
        shown_carried |= {key: carried[key] for key in keys if key in carried}
    return shown_answers, shown_carried


def _rows(rows: Any, hidden: set[str]) -> Any:
    if not isinstance(rows, list):
        return rows
    return [
        {k: v for k, v in row.items() if k not in hidden} if isinstance(row, dict) else row for row in rows
    ]


def least_reader(item: Item) -> Audience:
    """The reader with the fewest rights: what a computed item shows may hold no more than they may see."""
    if "group" in item.readers:
        return "mentee"
    return "mentor" if "mentor" in item.readers else "coordinator"


def is_confidential(item: Item) -> bool:
    """Whether only author and coordinator read the answer."""
    return "mentor" not in item.readers
