"""Put blocks of known heights on pages: what belongs together stays together, and no page is left half empty.

Knows heights only, neither texts nor PDF. Distances are points, measured from the foot of the page.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_FEWEST_LINES = 2
"""So many lines of a text stand at least at the foot of a page and at the head of the next one."""
_LONG = 8
_FEWEST_LEFT = 4
"""The same of a text that is ``_LONG``, at the head of the next page."""
_LEAST_LAST = 4 * 12.6
"""A last page has at least four lines."""
_EMPTY = 0.24
"""Most of a page that is left empty to keep together what need not be."""


@dataclass(slots=True)
class Portion:
    """What is placed as a whole, or is split between the lines of its text."""

    height: float
    lead: float = 0.0
    """What stands over the first line, or over what goes on on another page."""
    step: float = 0.0
    """Distance of two lines."""
    lines: int = 0
    tail: float = 0.0
    """What stands below the last line."""
    keep: bool = False
    """Whether it never stands last on a page."""
    cling: bool = False
    """Whether it stays with the next block if that leaves no hole."""
    heads: int | None = None
    """The block that is repeated over it where it begins a page."""


class Placed(NamedTuple):
    """A block or so many of its lines, from the height ``y`` down."""

    block: int
    y: float
    first: int
    end: int
    repeated: bool
    """Whether it stands there once more, over its rows on a further page."""


def paginate(blocks: Sequence[Portion], top: float, bottom: float) -> list[list[Placed]]:
    """The pages of a document whose blocks follow each other."""
    pages = _Flow(blocks, top, bottom, ()).pages()
    if len(pages) == 1:
        return pages
    start = _earlier(blocks, pages)
    return pages if start is None else _Flow(blocks, top, bottom, {start}).pages()


def _earlier(blocks: Sequence[Portion], pages: Sequence[Sequence[Placed]]) -> int | None:
    """The block that has to begin the last page so that it is none of a few lines; none if all is well."""
    last = [each for each in pages[-1] if not each.repeated]
    if last[0].first or sum(blocks[each.block].height for each in last) >= _LEAST_LAST:
        return None
    height = sum(blocks[each.block].height for each in last)
    before = [each.block for each in pages[-2] if not each.repeated and not each.first]
    for block in reversed(before[1:]):
        height += blocks[block].height
        previous = blocks[block - 1]
        if height >= _LEAST_LAST and not previous.keep:
            return block
    return None


class _Flow:
    """Lets blocks run down the pages."""

    def __init__(self, blocks: Sequence[Portion], top: float, bottom: float, breaks: Collection[int]) -> None:
        self._blocks = blocks
        self._top, self._bottom = top, bottom
        self._breaks = breaks
        self._pages: list[list[Placed]] = [[]]
        self._y = top
        self._fresh = True

    def pages(self) -> list[list[Placed]]:
        index = 0
        while index < len(self._blocks):
            index = self._next(index)
        return self._pages

    def _next(self, index: int) -> int:
        """Place the chain of blocks that begins with ``index``; returns the block after what was placed."""
        if index in self._breaks and not self._fresh:
            self._turn(index)
        end = self._chain(index, cling=True)
        height = self._height(index, end)
        room = self._y - self._bottom
        if height <= room:
            return self._place(index, end)
        hole = room > _EMPTY * (self._top - self._bottom)
        if not self._fresh and not hole and height <= self._top - self._bottom:
            self._turn(index)
            return index
        end = self._chain(index, cling=False)
        if self._height(index, end) <= room:
            return self._place(index, end)
        fitting = index
        while fitting < end and self._height(index, fitting + 1) <= room:
            fitting += 1
        rest = room - self._height(index, fitting)
        if (hole or self._fresh or height > self._top - self._bottom) and self._split_at(fitting, rest):
            self._place(index, fitting)
            self._split(fitting)
            return fitting + 1
        if not self._fresh:
            self._turn(index)
            return index
        return self._place(index, max(fitting, index + 1))

    def _chain(self, index: int, *, cling: bool) -> int:
        """The end of what has to stand together, from ``index``."""
        while index < len(self._blocks) - 1:
            block = self._blocks[index]
            if not (block.keep or (cling and block.cling)):
                break
            index += 1
        return index + 1

    def _height(self, index: int, end: int) -> float:
        return sum(block.height for block in self._blocks[index:end])

    def _place(self, index: int, end: int) -> int:
        for each in range(index, end):
            block = self._blocks[each]
            self._put(each, 0, block.lines, block.height)
        return end

    def _put(self, index: int, first: int, end: int, height: float, *, repeated: bool = False) -> None:
        self._pages[-1].append(Placed(index, self._y, first, end, repeated))
        self._y -= height
        self._fresh = self._fresh and repeated

    def _turn(self, index: int) -> None:
        """Begin a page, with the heads of the table if ``index`` goes on with one."""
        self._pages.append([])
        self._y = self._top
        self._fresh = True
        heads = self._blocks[index].heads
        if heads is not None:
            block = self._blocks[heads]
            self._put(heads, 0, block.lines, block.height, repeated=True)

    def _split_at(self, index: int, room: float) -> int:
        """After how many lines a block can be split so that they fit in ``room``; 0 if it cannot."""
        block = self._blocks[index]
        if block.lines < 2 * _FEWEST_LINES or not block.step:
            return 0
        left = _FEWEST_LEFT if block.lines >= _LONG else _FEWEST_LINES
        lines = min(int((room - block.lead - block.tail) / block.step), block.lines - left)
        return lines if lines >= _FEWEST_LINES else 0

    def _split(self, index: int) -> None:
        """Place a block whose text goes on on the next page, and on the ones after it."""
        block = self._blocks[index]
        first = 0
        while True:
            lines = block.lines - first
            room = int((self._y - self._bottom - block.lead - block.tail) / block.step)
            if lines <= room:
                self._put(index, first, block.lines, block.lead + lines * block.step + block.tail)
                return
            left = _FEWEST_LEFT if lines >= _LONG else _FEWEST_LINES
            end = first + min(room, lines - left)
            self._put(index, first, end, block.lead + (end - first) * block.step + block.tail)
            first = end
            self._turn(index)
