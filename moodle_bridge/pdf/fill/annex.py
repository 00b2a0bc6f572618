"""Annex pages: answers in full that do not fit in the boxes of a form, tagged like the form itself.

Lays the entries out first, so that the form can say on which page each begins, then writes pages
and structure. Page geometry: A4 like the forms, points.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from moodle_bridge.pdf.program.program import Program
from moodle_bridge.pdf.syntax.conventions import FONT, INK, MUTED
from moodle_bridge.pdf.syntax.objects import LEVEL, Body, number
from moodle_bridge.pdf.text.fonts import Face
from moodle_bridge.pdf.text.layout import wrap

_LEFT, _RIGHT, _TOP, _BOTTOM = 48.2, 547.1, 790.0, 62.0
_HEADING = "0.09 0.2 0.31 rg"
_LEADING = 1.28


@dataclass(frozen=True, slots=True)
class AnnexEntry:
    """One answer, or one row of a table, with all of its text; ``page`` is where it belongs, from 1."""

    names: tuple[str, ...]
    heading: str
    paragraphs: tuple[str, ...]
    page: int | None = None


@dataclass(slots=True)
class _SetLine:
    text: str
    size: float
    x: float
    y: float
    colour: str
    rule: bool = False


@dataclass(slots=True)
class _Element:
    """A structure element and its marked content: (page of the annex, mcid)."""

    tag: str
    content: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Annex:
    """Pages laid out: for each page runs of lines, one run per marked-content sequence."""

    pages: list[list[list[_SetLine]]]
    elements: list[_Element]
    starts: dict[str, int]
    """Page of the annex, from 0, where the entry with a name begins."""


def lay_out(face: Face, entries: Sequence[AnnexEntry], words: Mapping[str, str]) -> Annex:
    """Set all entries; texts must be clean."""
    sheet = _Sheet(face)
    sheet.paragraph("H2", words["annex"], 15, _HEADING)
    sheet.gap(3)
    sheet.paragraph("P", words["annex_intro"], 8.5, MUTED)
    for entry in entries:
        sheet.gap(11)
        sheet.keep(60)
        for name in entry.names:
            sheet.annex.starts[name] = len(sheet.annex.pages) - 1
        sheet.rule()
        sheet.paragraph("H3", entry.heading, 10.5, _HEADING)
        if entry.page is not None:
            sheet.paragraph("P", words["from_page"].format(page=entry.page), 8, MUTED)
        sheet.gap(2)
        for text in entry.paragraphs:
            sheet.paragraph("P", text, 9.5, INK)
            sheet.gap(2)
    return sheet.annex


class _Sheet:
    """Lets lines run down the pages."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self.annex = Annex([[]], [], {})
        self._y = _TOP

    def gap(self, points: float) -> None:
        self._y -= points

    def keep(self, points: float) -> None:
        """Begin a new page unless so much of this one is left."""
        if self._y - points < _BOTTOM:
            self._turn()

    def rule(self) -> None:
        self.annex.pages[-1].append([_SetLine("", 0, _LEFT, self._y, "", rule=True)])
        self._y -= 3

    def paragraph(self, tag: str, text: str, size: float, colour: str) -> None:
        element = _Element(tag)
        self.annex.elements.append(element)
        run: list[_SetLine] = []
        for line in wrap(self._face, text, (_RIGHT - _LEFT) / size):
            if self._y - size * _LEADING < _BOTTOM:
                self._close(run, element)
                run = []
                self._turn()
            self._y -= size * _LEADING
            run.append(_SetLine(line, size, _LEFT, self._y - self._face.descent * size * 0.2, colour))
        self._close(run, element)

    def _close(self, run: list[_SetLine], element: _Element) -> None:
        if not run:
            return
        page = self.annex.pages[-1]
        mcid = sum(1 for other in page if not other[0].rule)
        page.append(run)
        element.content.append((len(self.annex.pages) - 1, mcid))

    def _turn(self) -> None:
        self.annex.pages.append([])
        self._y = _TOP


@dataclass(frozen=True, slots=True)
class AnnexObjects:
    """What the annex adds to the file's dictionaries."""

    objects: list[tuple[int, bytes]]
    page_refs: bytes
    kid: bytes
    nums: bytes


def write(
    annex: Annex,
    program: Program,
    first_number: int,
    body: Body,
    foot: Callable[[int], bytes],
) -> AnnexObjects:
    """Add the pages' contents to ``body``; return the objects that go into the object stream.

    ``foot`` draws the foot of the annex page with that index.
    """
    size = count_objects(annex, program)
    numbers = iter(range(first_number, first_number + size))
    pages = [(next(numbers), next(numbers)) for _ in annex.pages]
    objects: list[tuple[int, bytes]] = []
    structure = program.structure
    for index, (page, contents) in enumerate(pages):
        data = _page_content(program.face, annex.pages[index], tagged=structure is not None)
        packed = zlib.compress(data + foot(index), LEVEL)
        body.put_stream(contents, b"/Filter/FlateDecode", packed)
        key = b"/StructParents %d" % (structure.next_key + index) if structure else b""
        objects.append(
            (
                page,
                b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595.276 841.89]/Contents %d 0 R"
                b"/Resources<</Font<<%s>>>>%s>>" % (program.numbers.pages, contents, program.font, key),
            )
        )
    kid, nums = b"", b""
    if structure:
        kid, nums = _write_structure(annex, program, pages, numbers, objects)
    refs = b"".join(b" %d 0 R" % page for page, _ in pages)
    return AnnexObjects(objects, refs, kid, nums)


def count_objects(annex: Annex, program: Program) -> int:
    """Object numbers that :func:`write` will use."""
    structure = len(annex.elements) + 1 + len(annex.pages) if program.structure else 0
    return 2 * len(annex.pages) + structure


def _write_structure(
    annex: Annex,
    program: Program,
    pages: Sequence[tuple[int, int]],
    numbers: Iterator[int],
    objects: list[tuple[int, bytes]],
) -> tuple[bytes, bytes]:
    structure = program.structure
    if structure is None:
        return b"", b""
    section = next(numbers)
    parents: list[dict[int, int]] = [{} for _ in pages]
    kids = []
    for element in annex.elements:
        own = next(numbers)
        kids.append(b"%d 0 R" % own)
        content = []
        for page, mcid in element.content:
            parents[page][mcid] = own
            content.append(b"<</Type/MCR/Pg %d 0 R/MCID %d>>" % (pages[page][0], mcid))
        objects.append(
            (
                own,
                b"<</Type/StructElem/S/%s/P %d 0 R/K[%s]>>"
                % (element.tag.encode("ascii"), section, b" ".join(content)),
            )
        )
    objects.append(
        (
            section,
            b"<</Type/StructElem/S/Sect/P %d 0 R/K[%s]>>" % (structure.document, b" ".join(kids)),
        )
    )
    nums = []
    for index, parent in enumerate(parents):
        array = next(numbers)
        refs = b" ".join(b"%d 0 R" % parent[mcid] for mcid in sorted(parent))
        objects.append((array, b"[%s]" % refs))
        nums.append(b" %d %d 0 R" % (structure.next_key + index, array))
    return b" %d 0 R" % section, b"".join(nums)


def _page_content(face: Face, runs: Sequence[Sequence[_SetLine]], *, tagged: bool) -> bytes:
    pieces: list[bytes] = []
    mcid = 0
    for run in runs:
        if run[0].rule:
            y = number(run[0].y)
            pieces.append(
                f"/Artifact BMC q 0.77 0.81 0.85 RG 0.6 w {number(_LEFT)} {y} m "
                f"{number(_RIGHT)} {y} l S Q EMC".encode("ascii")
            )
            continue
        if tagged:
            pieces.append(b"/Span <</MCID %d>> BDC" % mcid)
            mcid += 1
        first = run[0]
        pieces.append(
            f"q {first.colour} BT {FONT} {number(first.size)} Tf {number(first.x)} {number(first.y)} Td "
            f"{number(first.size * _LEADING)} TL".encode("ascii")
        )
        pieces.append(face.encode(first.text) + b" Tj")
        pieces.extend([face.encode(line.text) + b" '" for line in run[1:]])
        pieces.append(b"ET Q")
        if tagged:
            pieces.append(b"EMC")
    return b"\n".join(pieces)
