"""Write a record: its pages, drawn strip by strip, the tree of tags over them and the end of the file.

One revision with a cross-reference stream (ISO 32000-1, 7.5.7 and 7.5.8). No clock and no chance: the same
composition gives the same bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from moodle_bridge.pdf.fill.elastic import Composition, Piece, SetText
from moodle_bridge.pdf.fill.paging import Placed, paginate
from moodle_bridge.pdf.fill.tagging import Tagging, Trace, Where
from moodle_bridge.pdf.fill.writer import Particulars, write_attachment, write_end, write_picture
from moodle_bridge.pdf.program.record import RecordTemplate
from moodle_bridge.pdf.syntax.conventions import FONT, FOOT, FOOT_SIZE, INK, MUTED
from moodle_bridge.pdf.syntax.images import Image
from moodle_bridge.pdf.syntax.metadata import info, pdf_date, xmp
from moodle_bridge.pdf.syntax.objects import LEVEL, Body, circle, number, object_stream, text_string
from moodle_bridge.pdf.text.fonts import Face
from moodle_bridge.pdf.text.layout import shorten

_BOTTOM = 58.0
"""Nothing stands lower but the foot."""
_AGAIN = 3.0
"""From the top of what goes on on another page down to its first line."""
_DOT = 0.56
"""Radius of the dot in the ring of a scale."""
_FONT = FONT.encode("ascii")
_INK, _MUTED = INK.encode("ascii"), MUTED.encode("ascii")
_DEEP_INK = b"0.09 0.2 0.31 rg"


@dataclass(frozen=True, slots=True)
class Page:
    """What one page draws, and how many pieces of marked content there are on it."""

    content: bytes
    marked: int


@dataclass(frozen=True, slots=True)
class Laid:
    """A document laid out: its pages, and where each piece of it stands."""

    pages: list[Page]
    traces: list[Trace]
    bookmarks: list[tuple[str, int, float]]
    """Text, page and height."""


def lay_out(record: RecordTemplate, composition: Composition, document: Particulars) -> Laid:
    """Put the pieces on pages and draw them."""
    pieces = composition.pieces
    top = record.strips[0].top
    placed = paginate([piece.portion for piece in pieces], top, _BOTTOM)
    traces = [Trace(len(piece.texts)) for piece in pieces]
    foot = _Foot(record.face, document, len(placed), composition.replaced)
    pages: list[Page] = []
    bookmarks: list[tuple[str, int, float]] = []
    for index, blocks in enumerate(placed):
        sheet = _Sheet(record, index, document.logo)
        for each in blocks:
            piece, trace = pieces[each.block], traces[each.block]
            sheet.draw(piece, trace, each)
            if piece.strip.role in _MARKED and not each.first and not each.repeated:
                bookmarks.append((piece.strip.text, index, each.y))
        sheet.parts.append(foot.draw(index))
        pages.append(Page(b"".join(sheet.parts), sheet.marked))
    return Laid(pages, traces, bookmarks)


_MARKED = frozenset({"title", "section", "others"})
"""The strips that have a bookmark."""


class _Sheet:
    """Draws one page."""

    def __init__(self, record: RecordTemplate, index: int, logo: Image | None) -> None:
        self._face = record.face
        self._index = index
        self._logo = logo
        self.parts: list[bytes] = []
        self.marked = 0

    def draw(self, piece: Piece, trace: Trace, placed: Placed) -> None:
        """Draw a piece, or some lines of it."""
        strip = piece.strip
        shift = placed.y - strip.top
        if placed.repeated:
            self._static(strip.artifact, shift)
            return
        before = strip.before
        for text, runs in zip(piece.texts[:before], trace.runs, strict=False):
            self._text(text, runs, placed, shift)
        if not placed.first:
            trace.base, trace.shift = Where(self._index, self.marked), shift
            pieces = [strip.pieces[0]]
            for part in strip.pieces[1:]:
                pieces += (b"/Span <</MCID %d>> BDC" % self.marked, part)
                self.marked += 1
            self._static(b"".join(pieces), shift)
            if piece.pip:
                x, y, radius = piece.pip
                dot = circle(x, y + shift, _DOT * radius).encode("ascii")
                self.parts.append(b"\n/Artifact BMC q %s %s f Q EMC" % (_DEEP_INK, dot))
            if strip.image and self._logo:
                self._picture(strip.image, shift, trace)
        for text, runs in zip(piece.texts[before:], trace.runs[before:], strict=True):
            self._text(text, runs, placed, shift)

    def _static(self, content: bytes, shift: float) -> None:
        self.parts.append(b"\nq 1 0 0 1 0 %s cm\n%s\nQ" % (number(shift).encode("ascii"), content))

    def _picture(self, place: tuple[float, float, float, float], shift: float, trace: Trace) -> None:
        logo = self._logo
        if logo is None:
            return
        left, bottom, width, height = place
        scale = min(width / logo.width, height / logo.height)
        wide, high = logo.width * scale, logo.height * scale
        x, y = left + width - wide, bottom + shift + height - high
        values = " ".join(number(value) for value in (wide, 0, 0, high, x, y)).encode("ascii")
        trace.image = Where(self._index, self.marked)
        self.parts.append(b"\n/Figure <</MCID %d>> BDC q %s cm /Logo Do Q EMC" % (self.marked, values))
        self.marked += 1

    def _text(self, text: SetText, runs: list[tuple[int, Where]], placed: Placed, shift: float) -> None:
        """Draw those lines of a text that stand on this page, each item of a list as content of its own."""
        cell = text.cell
        first, end = placed.first, len(text.lines)
        if placed.end and placed.end < end:
            end = placed.end
        # What goes on here begins at the top of its strip, whatever stood over its first line.
        y = (cell.top + shift if not first else placed.y - _AGAIN) - cell.drop
        starts = [*text.items, len(text.lines)] if text.items else [0, len(text.lines)]
        colour = _MUTED if text.quiet else _INK
        for item, (begin, stop) in enumerate(pairwise(starts)):
            lines = text.lines[max(begin, first) : min(stop, end)]
            if not lines:
                continue
            height = y - (max(begin, first) - first) * cell.step
            runs.append((item, Where(self._index, self.marked)))
            drawn = _lines(self._face, cell.left, height, cell.size, cell.step, lines, colour)
            self.parts.append(b"\n/Span <</MCID %d>> BDC\n%s\nEMC" % (self.marked, drawn))
            self.marked += 1


def _lines(
    face: Face, x: float, y: float, size: float, step: float, lines: Sequence[str], colour: bytes
) -> bytes:
    at = f"{number(size)} Tf {number(x)} {number(y)} Td".encode("ascii")
    head = b"q %s BT %s %s %s Tj" % (colour, _FONT, at, face.encode(lines[0]))
    if len(lines) == 1:
        return head + b" ET Q"
    rest = b"".join([b"\n%s '" % face.encode(line) for line in lines[1:]])
    return head + b"\n%s TL" % number(step).encode("ascii") + rest + b" ET Q"


class _Foot:
    """The two lines at the foot of every page: artifacts, no part of the text that is read aloud."""

    def __init__(self, face: Face, document: Particulars, pages: int, replaced: set[str]) -> None:
        self._face = face
        self._words = document.page_words
        self._pages = pages
        upper, lower = (face.cleaner.clean(line, replaced).replace("\n", " ") for line in document.foot)
        most = (FOOT[2] - 70) / FOOT_SIZE
        self._upper = upper if face.width(upper) <= most else shorten(face, upper, "…", most)
        self._lower = lower

    def draw(self, index: int) -> bytes:
        left, base, width, leading = FOOT
        face = self._face
        page = self._words.format(page=index + 1, pages=self._pages)
        right = left + width - face.width(page) * FOOT_SIZE
        size = min(FOOT_SIZE, width / face.width(self._lower))
        lines = (
            (left, base + leading, FOOT_SIZE, self._upper),
            (right, base + leading, FOOT_SIZE, page),
            (left, base, size, self._lower),
        )
        drawn = b"\n".join(
            b"BT %s %s Tf %s %s Td %s Tj ET"
            % (_FONT, *(number(v).encode("ascii") for v in (size, x, y)), face.encode(line))
            for x, y, size, line in lines
        )
        return b"\n/Artifact <</Type/Pagination/Subtype/Footer>> BDC\nq %s\n%s\nQ EMC\n" % (_MUTED, drawn)


def write(record: RecordTemplate, composition: Composition, laid: Laid, document: Particulars) -> bytes:
    """The file."""
    numbers = record.numbers
    common = numbers.common
    first = common.first_free
    count = len(laid.pages)
    pages = [first + index for index in range(count)]
    contents = [first + count + index for index in range(count)]
    bookmarks = [first + 2 * count + index for index in range(len(laid.bookmarks))]
    tagging = Tagging(
        numbers, pages, [page.marked for page in laid.pages], first + 2 * count + len(bookmarks)
    )
    small = tagging.objects(composition.pieces, laid.traces, document.logo_words)
    small += _pages(record, pages, contents, logo=document.logo is not None)
    small += _bookmarks(record, laid, pages, bookmarks)
    body = Body(record.prefix, record.rows, tagging.end)
    for number_, page in zip(contents, laid.pages, strict=True):
        body.put_stream(number_, b"/Filter/FlateDecode", zlib.compress(page.content, LEVEL))
    if document.logo:
        write_picture(common, document.logo, body)
    date = pdf_date(document.seconds)
    checksum = write_attachment(common.attachment, document, date, body)
    packet = xmp(document.title, document.author, document.identifier, date, claim="3a")
    body.put_stream(common.metadata, b"/Type/Metadata/Subtype/XML", packet)
    facts = info(document.title, document.author, date)
    body.put(common.info, b"%d 0 obj\n%s\nendobj\n" % (common.info, facts))
    small.sort()
    for index, (number_, _) in enumerate(small):
        body.table.inside(number_, common.object_stream, index)
    body.put(common.object_stream, object_stream(common.object_stream, small, LEVEL))
    write_end(common, record.identity, body, tagging.end, checksum)
    return b"".join(body.parts)


def _pages(
    record: RecordTemplate, pages: Sequence[int], contents: Sequence[int], *, logo: bool
) -> list[tuple[int, bytes]]:
    common = record.numbers.common
    width, height = (number(value).encode("ascii") for value in record.media)
    found = []
    for index, (page, content) in enumerate(zip(pages, contents, strict=True)):
        written = (
            b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Resources %d 0 R/Contents %d 0 R"
            b"/StructParents %d/Tabs/S>>"
        )
        found.append((page, written % (common.pages, width, height, common.resources, content, index)))
    kids = b" ".join(b"%d 0 R" % page for page in pages)
    found.append((common.pages, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), kids)))
    xobjects = record.xobjects + (b"/Logo %d 0 R" % common.logo if logo else b"")
    found.append((common.resources, b"%s/XObject<<%s>>>>" % (record.resources, xobjects)))
    return found


def _bookmarks(
    record: RecordTemplate, laid: Laid, pages: Sequence[int], numbers: Sequence[int]
) -> list[tuple[int, bytes]]:
    """One bookmark for the title and for each section."""
    outlines = record.numbers.outlines
    found = []
    for index, (text, page, y) in enumerate(laid.bookmarks):
        links = b"/Prev %d 0 R" % numbers[index - 1] if index else b""
        links += b"/Next %d 0 R" % numbers[index + 1] if index + 1 < len(numbers) else b""
        height = number(y).encode("ascii")
        entry = b"<</Title%s/Parent %d 0 R%s/Dest[%d 0 R/XYZ 0 %s null]>>"
        found.append((numbers[index], entry % (text_string(text), outlines, links, pages[page], height)))
    ends = (numbers[0], numbers[-1], len(numbers))
    found.append((outlines, b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>" % ends))
    return found
