"""Lay text out in lines and boxes: wrap, shrink to a readable minimum, say what did not fit.

Sizes are points; knows no PDF operators.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from moodle_bridge.pdf.text.fonts import Face

PADDING = 2.5
"""Space between a box's edge and its text."""
LEADING = 1.2
"""Distance of two baselines in ems; :mod:`moodle_bridge.pdf.template.form_html` plans boxes with the same."""
SMALLEST = 7.0
"""No answer is set smaller; what then does not fit continues on an annex page."""
_STEP = 0.5


class Fitted(NamedTuple):
    """Lines at a size; ``complete`` is false when the box could not hold all of them."""

    lines: list[str]
    size: float
    complete: bool


def wrap(face: Face, text: str, width: float) -> list[str]:
    """Break cleaned ``text`` into lines of at most ``width`` em.

    Breaks at spaces; a word wider than a line is cut. Line feeds are kept.
    """
    lines: list[str] = []
    for paragraph in text.split("\n") if "\n" in text else (text,):
        _wrap_paragraph(face, paragraph, width, lines)
    return lines


def _wrap_paragraph(face: Face, paragraph: str, width: float, lines: list[str]) -> None:
    words = paragraph.split(" ")
    ends = line_ends(face.steps(words), width + face.space)
    if ends is None:
        _wrap_wide_words(face, words, width, lines)
        return
    start = 0
    for end in ends:
        lines.append(" ".join(words[start:end]))
        start = end


def line_ends(steps: Sequence[float], room: float) -> list[int] | None:
    """After how many words each line of a paragraph ends; none if a word is wider than a line.

    ``steps`` are the widths of the words, each with the space after it, and ``room`` that of a line with
    a space after it.
    """
    ends = list(accumulate(steps))
    if ends[-1] <= room:
        return [len(ends)]
    # A word fits if it ends where the line's room does; sums of many widths are not quite exact.
    room -= 1e-9
    if max(steps) > room:
        return None
    found = []
    end, used = 0, 0.0
    while end < len(ends):
        end = bisect_right(ends, used + room, end)
        found.append(end)
        used = ends[end - 1]
    return found


def _wrap_wide_words(face: Face, words: list[str], width: float, lines: list[str]) -> None:
    """The same, word for word, where a word is wider than a line."""
    space = face.space
    line: list[str] = []
    used = -space
    for word in words:
        wide = face.width(word)
        if used + space + wide > width and line:
            lines.append(" ".join(line))
            line, used = [], -space
        if wide > width:
            *whole, word = _cut(face, word, width)
            lines += whole
            wide = face.width(word)
        used += space + wide
        line.append(word)
    lines.append(" ".join(line))


def _cut(face: Face, word: str, width: float) -> list[str]:
    """A word in pieces as wide as a line, each character measured once; the last is what is left."""
    pieces, start, used = [], 0, 0.0
    for index, character in enumerate(word):
        advance = face.advance(character)
        if used + advance > width and index > start:
            pieces.append(word[start:index])
            start, used = index, 0.0
        used += advance
    return [*pieces, word[start:]]


def _head(face: Face, word: str, width: float) -> str:
    used = 0.0
    for index, character in enumerate(word):
        used += face.advance(character)
        if used > width and index:
            return word[:index]
    return word[:1]


def fit_box(face: Face, text: str, width: float, height: float, size: float) -> Fitted:
    """Set a paragraph in a box, shrinking from ``size`` to :data:`SMALLEST` if it must."""
    room = width - 2 * PADDING
    inner = _inner(height)
    # Long answers cannot fit at any size: do not wrap them five times to find that out.
    hopeless = len(text) * face.space * SMALLEST * SMALLEST * LEADING > 1.6 * room * inner
    while True:
        if hopeless:
            size = min(size, SMALLEST)
        lines = wrap(face, text, room / size)
        most = capacity(height, size)
        if len(lines) <= most:
            return Fitted(lines, size, True)
        if size <= SMALLEST:
            return Fitted(lines[:most], size, False)
        size = max(SMALLEST, size - _STEP)


def _inner(height: float) -> float:
    return height - 2 * PADDING + 0.6


def capacity(height: float, size: float) -> int:
    """How many lines a box holds."""
    return max(1, int(_inner(height) / (LEADING * size)))


def fit_line(face: Face, text: str, width: float, size: float) -> Fitted:
    """Set one line, shrinking if it must; line feeds become spaces."""
    line = text.replace("\n", " ")
    room = width - 2 * PADDING
    wide = face.width(line)
    if wide * size <= room:
        return Fitted([line], size, True)
    fitting = room / wide
    if fitting >= SMALLEST:
        return Fitted([line], int(fitting * 100) / 100, True)
    size = min(size, SMALLEST)
    return Fitted([_head(face, line, room / size)], size, False)


def shorten(face: Face, line: str, ending: str, width: float) -> str:
    """``line`` cut so that it fits in ``width`` em together with ``ending``."""
    room = width - face.width(ending)
    while line and face.width(line) > room:
        line = line[: max(0, min(len(line) - 1, int(len(line) * room / face.width(line))))]
    return line.rstrip() + ending
