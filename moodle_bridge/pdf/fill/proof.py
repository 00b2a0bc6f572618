"""The cheap check of every document before it leaves the engine: structure, glyphs, values."""

from __future__ import annotations

import re

from moodle_bridge.errors import FillError
from moodle_bridge.pdf.fill.placer import Placement
from moodle_bridge.pdf.program.program import Program

_START = re.compile(rb"startxref\n(\d+)\n%%EOF\n\Z")


def check_file(content: bytes, program: Program, placement: Placement) -> None:
    """Raise :class:`FillError` if the file is not put together as it should be.

    Every answer has been placed, every slot that was drawn draws glyphs of the font, and the file
    ends in a cross-reference stream that stands where the end says.
    """
    if placement.answered != placement.placed:
        raise FillError(
            f"{placement.answered - placement.placed} of {placement.answered} answers have no place"
        )
    ending = _START.search(content, len(content) - 64)
    if ending is None:
        raise FillError("the file has no end")
    expected = b"%d 0 obj\n<</Type/XRef" % program.numbers.xref
    if not content.startswith(expected, int(ending[1])):
        raise FillError("the file's end points to the wrong place")
    if len(placement.parts) != len(program.parts):
        raise FillError("the pages have lost their order")
