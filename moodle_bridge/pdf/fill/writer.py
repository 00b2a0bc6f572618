"""Write a filled document: the template's unchanging bytes, then everything that is this document's.

One revision with a cross-reference stream (ISO 32000-1, 7.5.7 and 7.5.8). No clock and no chance: the
same placement gives the same bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from moodle_bridge.pdf.fill import annex as annexes
from moodle_bridge.pdf.fill.placer import Placement
from moodle_bridge.pdf.program.program import ObjectNumbers, Program
from moodle_bridge.pdf.syntax.conventions import FONT, FOOT, FOOT_SIZE, MUTED
from moodle_bridge.pdf.syntax.images import Image
from moodle_bridge.pdf.syntax.matrix import IDENTITY, Matrix, multiply
from moodle_bridge.pdf.syntax.metadata import info, pdf_date, xmp
from moodle_bridge.pdf.syntax.objects import LEVEL, Body, deflate, number, object_stream
from moodle_bridge.pdf.text.layout import shorten

_IDENTITY_SIZE = 6.3
_MOST_FEET = 256
_LARGE = 4096
"""Bytes of attached data from which compressing it saves more than it costs."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a document says of itself; ``page_words`` is a pattern with ``{page}`` and ``{pages}``."""

    title: str
    author: str
    identifier: str
    seconds: int
    attached: bytes
    foot: tuple[str, str]
    page_words: str
    logo: Image | None
    logo_words: str = ""
    """What the logo shows, for those who do not see it."""


def write(program: Program, placement: Placement, document: Particulars) -> tuple[bytes, int]:
    """Return the file and its number of pages."""
    annex = placement.annex
    pages = len(program.pages) + (len(annex.pages) if annex else 0)
    numbers = program.numbers
    size = numbers.first_free + (annexes.count_objects(annex, program) if annex else 0)
    body = Body(program.prefix, program.rows, size)
    foot = _Foot(program, document, placement, pages)
    parts = placement.parts
    if document.logo:
        _write_logo(program, placement, document.logo, body)
    for index, page in enumerate(program.pages):
        parts[page.end - 1] = foot.draw(index, page.foot, page.foot_width)
        body.put_stream(page.contents, b"", b"".join(parts[page.start : page.end]))
    extra = None
    if annex:
        extra = annexes.write(
            annex,
            program,
            numbers.first_free,
            body,
            lambda index: foot.draw(len(program.pages) + index, IDENTITY, FOOT[0] * 2 + FOOT[2]),
        )
    date = pdf_date(document.seconds)
    checksum = write_attachment(numbers.attachment, document, date, body)
    packet = xmp(
        document.title, document.author, document.identifier, date, claim="3b" if program.archival else ""
    )
    body.put_stream(numbers.metadata, b"/Type/Metadata/Subtype/XML", packet)
    facts = info(document.title, document.author, date)
    body.put(numbers.info, b"%d 0 obj\n%s\nendobj\n" % (numbers.info, facts))
    _write_small_objects(program, document, extra, pages, body)
    write_end(numbers, program.identity, body, size, checksum)
    return b"".join(body.parts), pages


class _Foot:
    """The two lines at the foot of every page: artifacts, not part of the text that is read aloud."""

    def __init__(self, program: Program, document: Particulars, placement: Placement, pages: int) -> None:
        face = self._face = program.face
        self._words = document.page_words
        self._pages = pages
        self._lines = [
            face.cleaner.clean(line, placement.replaced).replace("\n", " ") for line in document.foot
        ]
        self._cache: dict[float, tuple[bytes, bytes]] = {}
        self._around = program.feet

    def draw(self, index: int, frame: Matrix, width: float) -> bytes:
        left = min(FOOT[0], width / 12)
        room = width - 2 * left
        key = (index, self._pages, self._words)
        around = self._around.get(key)
        if around is None:
            page = self._words.format(page=index + 1, pages=self._pages)
            around = self._frame(page, multiply((1.0, 0.0, 0.0, 1.0, left, FOOT[1]), frame), room)
            if len(self._around) < _MOST_FEET:
                self._around[key] = around
        before, between, after = around
        upper, lower = self._encoded(room)
        return before + upper + between + lower + after

    def _frame(self, page: str, matrix: Matrix, room: float) -> tuple[bytes, bytes, bytes]:
        """Operators before, between and after the two lines: a page's own, whatever the lines say."""
        font, leading = FONT.encode("ascii"), number(FOOT[3]).encode("ascii")
        shift = number(room - self._face.width(page) * FOOT_SIZE).encode("ascii")
        small = number(min(_IDENTITY_SIZE, _IDENTITY_SIZE * room / 480)).encode("ascii")
        transform = " ".join([number(value) for value in matrix]).encode("ascii")
        before = b"\n/Artifact <</Type/Pagination/Subtype/Footer>> BDC\nq %s cm %s BT %s %s Tf 0 %s Td "
        between = b" Tj\n%s 0 Td %s Tj\n%s %s Tf -%s -%s Td "
        return (
            before % (transform, MUTED.encode("ascii"), font, number(FOOT_SIZE).encode("ascii"), leading),
            between % (shift, self._face.encode(page), font, small, shift, leading),
            b" Tj\nET Q EMC\n",
        )

    def _encoded(self, room: float) -> tuple[bytes, bytes]:
        known = self._cache.get(room)
        if known is None:
            line = self._lines[0]
            most = (room - 70) / FOOT_SIZE
            if self._face.width(line) > most:
                line = shorten(self._face, line, "…", most)
            # The second line holds an id and a hash, which are in no other document.
            identity = b"(%s)" % self._face.words.encode(self._lines[1])
            known = self._cache[room] = (self._face.encode(line), identity)
        return known


def _write_logo(program: Program, placement: Placement, logo: Image, body: Body) -> None:
    slot = program.images.get("header.logo")
    if slot is None:
        return
    scale = min(slot.width / logo.width, slot.height / logo.height)
    width, height = logo.width * scale, logo.height * scale
    inner = (width, 0.0, 0.0, height, slot.width - width, (slot.height - height) / 2)
    transform = " ".join(f"{value:.4f}" for value in multiply(inner, slot.matrix)).encode("ascii")
    placement.parts[slot.part] = b"/Artifact BMC q %s cm /Logo Do Q EMC" % transform
    write_picture(program.numbers, logo, body)


def write_picture(numbers: ObjectNumbers, logo: Image, body: Body) -> None:
    """Write a logo, and its transparency beside it."""
    entries = logo.entries
    if logo.mask is not None:
        grey = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
        described = grey % (logo.width, logo.height) + b"/Filter/FlateDecode"
        body.put_stream(numbers.logo_mask, described, logo.mask)
        entries += b"/SMask %d 0 R" % numbers.logo_mask
    body.put_stream(numbers.logo, entries, logo.data)


def write_attachment(number_: int, document: Particulars, date: str, body: Body) -> bytes:
    """Write the attached data; its MD5, which also tells this document from others, is returned."""
    data = document.attached
    checksum = hashlib.md5(data, usedforsecurity=False).hexdigest().encode("ascii")
    entries = b"/Type/EmbeddedFile/Subtype/application#2Fjson/Params<</Size %d/ModDate(%s)/CheckSum<%s>>>" % (
        len(data),
        date.encode("ascii"),
        checksum,
    )
    if len(data) > _LARGE:
        entries, data = entries + b"/Filter/FlateDecode", deflate(data)
    body.put_stream(number_, entries, data)
    return checksum


def _write_small_objects(
    program: Program, document: Particulars, extra: annexes.AnnexObjects | None, pages: int, body: Body
) -> None:
    """The dictionaries that differ where there is a logo or an annex; else they are the same ones as ever."""
    logo = document.logo is not None and "header.logo" in program.images
    container = program.numbers.object_stream
    if not extra and logo in program.settled:
        body.put(container, program.settled[logo])
        return
    objects = _small_objects(program, extra, pages, logo=logo)
    written = object_stream(container, objects, LEVEL if extra else 9)
    if not extra:
        program.settled[logo] = written
    body.put(container, written)
    for index, (number_, _) in enumerate(objects[len(program.rewritten) :], len(program.rewritten)):
        body.table.inside(number_, container, index)


def _small_objects(
    program: Program, extra: annexes.AnnexObjects | None, pages: int, *, logo: bool
) -> list[tuple[int, bytes]]:
    """What :attr:`Program.rewritten` numbers, in that order, and the annex."""
    numbers, structure = program.numbers, program.structure
    refs = program.page_refs + (extra.page_refs if extra else b"")
    xobjects = program.xobjects
    if logo:
        xobjects += b"/Logo %d 0 R" % numbers.logo
    small = [
        (numbers.pages, b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, refs)),
        (
            numbers.resources,
            b"%s%s>>" % (program.resources, b"/XObject<<%s>>" % xobjects if xobjects else b""),
        ),
    ]
    if structure:
        kid, nums = (extra.kid, extra.nums) if extra else (b"", b"")
        small.append((structure.document, b"%s/K[%s%s]>>" % (structure.document_head, structure.kids, kid)))
        small.append((structure.parent_tree, b"<</Nums[%s%s]>>" % (structure.nums, nums)))
    return small + (extra.objects if extra else [])


def write_end(numbers: ObjectNumbers, identity: str, body: Body, size: int, checksum: bytes) -> None:
    """Write the cross-reference stream and what follows it."""
    start = body.length
    entries = b"/Type/XRef/Size %d/W[1 4 2]/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]" % (
        size,
        numbers.root,
        numbers.info,
        identity.encode("ascii"),
        checksum,
    )
    body.table.at(numbers.xref, start)
    body.put_stream(numbers.xref, entries, bytes(body.table.rows))
    body.add(b"startxref\n%d\n%%%%EOF\n" % start)
