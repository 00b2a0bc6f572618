"""Keep a summary within bounds: one of a thousand people is still sent in one call, and can still be read.

A summary travels as one item, and PHP takes 8 MB by default, in which Cyrillic grows threefold. What is left
out of the summary of all groups stands in those of the groups; what is left out of a group's, in the forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from moodle_bridge.domain.session.view import View

WHOLE_CHARACTERS = 20_000
GROUP_CHARACTERS = 60_000
"""In one table or list of lines."""

SIGNALS = 300
PEOPLE = 500
"""In ``numbers``: whoever draws charts of more reads the groups' own."""


def bounded(view: View, content: dict[str, Any]) -> dict[str, Any]:
    """The summary with long tables cut after whole rows, saying so in words; the same if nothing is long."""
    sections = [
        {**section, "blocks": [part for block in section["blocks"] for part in _cut(view, block)]}
        for section in content["sections"]
    ]
    signals = content["signals"]
    if len(signals) > SIGNALS and sections:
        left_out = view.say("more_signals", shown=SIGNALS, all=len(signals))
        sections[0]["blocks"].append({"kind": "lines", "lines": [left_out]})
    numbers = content["numbers"]
    if "people" in numbers:
        numbers = {**numbers, "people": numbers["people"][:PEOPLE]}
    return {**content, "sections": sections, "signals": signals[:SIGNALS], "numbers": numbers}


def _cut(view: View, block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    key = "lines" if block["kind"] == "lines" else "rows"
    entries = block[key]
    is_whole = len(view.groups) > 1
    shown = _fitting(entries, WHOLE_CHARACTERS if is_whole else GROUP_CHARACTERS)
    if shown == len(entries):
        yield block
        return
    where = "more_rows_whole" if is_whole else "more_rows_group"
    yield {**block, key: entries[:shown]}
    yield {"kind": "lines", "lines": [view.say(where, shown=shown, all=len(entries))]}


def _fitting(entries: Sequence[Any], characters: int) -> int:
    """How many of the entries fit; at least one."""
    for number, entry in enumerate(entries):
        cells = entry.values() if isinstance(entry, dict) else [entry] if isinstance(entry, str) else entry
        characters -= sum(len(str(cell)) for cell in cells)
        if characters < 0:
            return max(number, 1)
    return len(entries)
