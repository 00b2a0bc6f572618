"""Keep a summary within bounds: one of a thousand people is still sent in one call, and can still be read.

A summary travels as one item, and PHP takes 8 MB by default, in which Cyrillic grows threefold. What is left
out of the summary of all groups stands in those of the groups; what is left out of a group's, in the forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moodle_bridge.domain.session.shape import Block, Section, Summary
from moodle_bridge.domain.session.view import View

WHOLE_CHARACTERS = 20_000
GROUP_CHARACTERS = 60_000
"""In one table or list of lines."""

SIGNALS = 300
PEOPLE = 500
"""In ``numbers``: whoever draws charts of more reads the groups' own."""


def bounded(view: View, content: Summary) -> Summary:
    """The summary with long tables cut after whole rows, saying so in words; the same if nothing is long."""
    sections: list[Section] = [
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


def _cut(view: View, block: Block) -> Iterator[Block]:
    is_whole = len(view.groups) > 1
    characters = WHOLE_CHARACTERS if is_whole else GROUP_CHARACTERS
    if block["kind"] == "lines":
        shown, entries = _fitting(((line,) for line in block["lines"]), characters), len(block["lines"])
        cut: Block = {**block, "lines": block["lines"][:shown]}
    elif block["kind"] == "table":
        shown, entries = _fitting(block["rows"], characters), len(block["rows"])
        cut = {**block, "rows": block["rows"][:shown]}
    else:
        shown, entries = _fitting((bar.values() for bar in block["rows"]), characters), len(block["rows"])
        cut = {**block, "rows": block["rows"][:shown]}
    if shown == entries:
        yield block
        return
    where = "more_rows_whole" if is_whole else "more_rows_group"
    yield cut
    yield {"kind": "lines", "lines": [view.say(where, shown=shown, all=entries)]}


def _fitting(rows: Iterable[Iterable[object]], characters: int) -> int:
    """How many of the rows of cells fit; at least one."""
    number = 0
    for cells in rows:
        characters -= sum(len(str(cell)) for cell in cells)
        if characters < 0:
            return max(number, 1)
        number += 1
    return number
