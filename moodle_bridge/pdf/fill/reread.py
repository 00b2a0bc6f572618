"""Read a finished document back from its bytes: its streams, and the text that its glyphs draw.

Shares no code with what draws and writes. Objects are found by the file's own cross-reference stream, glyphs
become characters by the map that the font embeds for viewers (ISO 32000-1, 7.5.7, 7.5.8, 9.4.3, 9.10.3).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping

from moodle_bridge.errors import FillError

Characters = Mapping[int, str]
"""What each glyph of a font stands for, by its number."""

_START = re.compile(rb"startxref\n(\d+)\n%%EOF\n\Z")
_XREF = re.compile(rb"\d+ 0 obj\n<</Type/XRef")
_ROW = struct.Struct(">BIH")
_LENGTH = re.compile(rb"/Length\s+(\d+)")
_FIRST = re.compile(rb"/First\s+(\d+)")
_STREAM = re.compile(rb">>\s*stream\r?\n")
_PAIRS = re.compile(rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]{4,})>")
_SHOWN = re.compile(rb"\(((?:[^\\()]++|\\.)*+)\)\s*(?:Tj|')", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_END_OF_LINE = b"\xff\xff"
"""No glyph of a font has this number."""
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_REFERENCE = re.compile(rb"(\d+) 0 R")


class Reread:
    """The objects of a finished file; raises :class:`FillError` where it is not put together rightly."""

    def __init__(self, content: bytes) -> None:
        ending = _START.search(content, len(content) - 64)
        if ending is None:
            raise FillError("the file has no end")
        self._content = content
        self._containers: dict[int, list[bytes]] = {}
        start = int(ending[1])
        if not _XREF.match(content, start):
            raise FillError("the file's end points to the wrong place")
        self._rows = self._stream_at(start)

    def stream(self, number: int) -> bytes:
        """The data of a stream, inflated."""
        kind, offset, _ = self._row(number)
        if kind != 1 or not self._content.startswith(b"%d 0 obj" % number, offset):
            raise FillError(f"object {number} does not stand where the file says")
        return self._stream_at(offset)

    def small(self, number: int) -> bytes:
        """An object without data, as it is written in an object stream."""
        kind, container, index = self._row(number)
        if kind != 2:
            raise FillError(f"object {number} does not stand where the file says")
        if container not in self._containers:
            self._containers[container] = self._objects(container)
        return self._containers[container][index]

    def characters(self, font: int) -> Characters:
        """What the glyphs of a font stand for, by the map that it embeds."""
        found = re.search(rb"/ToUnicode\s+(\d+)", self.small(font))
        if found is None:
            raise FillError("the font of the answers says nothing of its characters")
        pairs = _PAIRS.findall(self.stream(int(found[1])).partition(b"beginbfchar")[2])
        return {
            int(glyph, 16): bytes.fromhex(code.decode("ascii")).decode("utf-16-be") for glyph, code in pairs
        }

    def kids(self, pages: int) -> list[int]:
        """The numbers of the pages, in the order in which viewers turn them."""
        kids = self.small(pages).partition(b"/Kids[")[2].partition(b"]")[0]
        return [int(number) for number in _REFERENCE.findall(kids)]

    def contents(self, page: int) -> bytes:
        """What a page of one content stream draws."""
        found = re.search(rb"/Contents\s+(\d+) 0 R", self.small(page))
        if found is None:
            raise FillError(f"page object {page} draws nothing")
        return self.stream(int(found[1]))

    def _row(self, number: int) -> tuple[int, int, int]:
        kind, second, third = _ROW.unpack_from(self._rows, number * _ROW.size)
        return kind, second, third

    def _stream_at(self, offset: int) -> bytes:
        begin = _STREAM.search(self._content, offset)
        entries = self._content[offset : begin.start()] if begin else b""
        length = _LENGTH.search(entries)
        if begin is None or length is None:
            raise FillError("a stream of the file has no length")
        data = self._content[begin.end() : begin.end() + int(length[1])]
        return zlib.decompress(data) if b"/FlateDecode" in entries else data

    def _objects(self, container: int) -> list[bytes]:
        data = self.stream(container)
        _, offset, _ = self._row(container)
        found = _FIRST.search(self._content, offset)
        first = int(found[1]) if found else 0
        starts = [int(word) for word in data[:first].split()[1::2]]
        return [data[first + a : first + b] for a, b in zip(starts, [*starts[1:], len(data)], strict=True)]


def lines_of(content: bytes, characters: Characters) -> list[str]:
    """The lines of text that operators show, in their order; glyphs without a character stay numbers."""
    shown = _SHOWN.findall(content)
    glyphs = _END_OF_LINE.join(shown)
    if b"\\" in glyphs:
        glyphs = _ESCAPE.sub(_unescaped, glyphs)
    text = glyphs.decode("utf-16-be", "replace").translate(characters)
    return text.split("\uffff") if shown else []


def _unescaped(found: re.Match[bytes]) -> bytes:
    return _NAMED.get(found[1], found[1])
