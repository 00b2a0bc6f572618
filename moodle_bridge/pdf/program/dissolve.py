"""Dissolve a record's AcroForm template into strips: what each draws, where answers stand, how it is tagged.

Every page of the template is one strip, and its field ``strip.<role>.<name>`` says which. Uses pypdf's public
object model; runs once per template and process.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.program.assemble import number_of, wire_catalog
from moodle_bridge.pdf.program.program import ObjectNumbers
from moodle_bridge.pdf.program.record import Cell, Kid, Pip, RecordNumbers, RecordTemplate, Strip, Tag
from moodle_bridge.pdf.program.widgets import Widget, read_widget
from moodle_bridge.pdf.syntax.conventions import ANSWER_MARK, FONT
from moodle_bridge.pdf.syntax.graph import Node, resolve
from moodle_bridge.pdf.syntax.pack import Counter, reachable, renumber, serialise, static_part
from moodle_bridge.pdf.text.fonts import face_of

_STRIP = "strip."
_MARK = "mark."
_SIZE = re.compile(r"([\d.]+)\s+Tf")
_TAGGED = re.compile(rb"/\w+\s*<</MCID \d+>>\s*BDC")
_LINE = 1.26
"""Distance of two baselines in ems."""
_MEAN = 0.3
"""From the middle of a line down to its baseline, in ems: half of ascent and descent."""
_SCOPES = {"columns": b"/A<</O/Table/Scope/Column>>", "row": b"/A<</O/Table/Scope/Row>>"}
"""What the heads of a table are heads of, by the strip's role."""
_WRAPPERS = frozenset({"/Document", "/Div", "/Sect", "/NonStruct", "/Span", "/Form"})
"""Elements that say nothing: what they hold stands in their place."""


def dissolve(template: bytes) -> RecordTemplate:
    """Take a record's template apart; raises :class:`TemplateError` if it is not one."""
    try:
        return _Dissolver(template).record()
    except (PyPdfError, KeyError, ValueError, AttributeError, TypeError, IndexError) as error:
        raise TemplateError(f"the template cannot be read: {type(error).__name__}: {error}") from error


class _Dissolver:
    def __init__(self, template: bytes) -> None:
        self._template = template
        self._writer = PdfWriter(clone_from=PdfReader(io.BytesIO(template)), keep_initial_header=True)
        self._catalog: Node = self._writer.root_object
        self._acro: Node = resolve(self._catalog["/AcroForm"])
        self._font = resolve(resolve(self._acro["/DR"])["/Font"]).raw_get(FONT)
        self._pages = {number_of(page): n for n, page in enumerate(self._writer.pages)}
        self._leaves: list[list[Any]] = [[] for _ in self._pages]
        """Per page its structure: marked content, widgets and elements as nested lists."""

    def record(self) -> RecordTemplate:
        root = resolve(self._catalog["/StructTreeRoot"])
        for page, leaf in self._meaningful(root.raw_get("/K"), None):
            self._leaves[page].append(leaf)
        strips = tuple(self._strip(page, n) for n, page in enumerate(self._writer.pages))
        return self._assemble(strips)

    # -- structure --------------------------------------------------------------------------

    def _meaningful(self, node: Node, page: int | None) -> Iterator[tuple[int, Any]]:
        """What a node says, each with its page: a number, a widget's number in a list, or a tag with kids."""
        value = resolve(node)
        if isinstance(value, ArrayObject):
            for kid in value:
                yield from self._meaningful(kid, page)
            return
        if not isinstance(value, DictionaryObject):
            if page is not None:
                yield page, int(value)
            return
        if "/Pg" in value:
            page = self._pages[value.raw_get("/Pg").idnum]
        if value.get("/Type") == "/OBJR":
            if page is not None:
                yield page, [value.raw_get("/Obj").idnum]
            return
        if value.get("/Type") == "/MCR":
            if page is not None:
                yield page, int(resolve(value["/MCID"]))
            return
        inner = list(self._meaningful(value.raw_get("/K"), page)) if "/K" in value else []
        name = str(value["/S"])
        if name in _WRAPPERS:
            yield from inner
        elif inner or (name in ("/TD", "/TH") and page is not None):
            # The rows of a table stand on several strips: whoever puts them together makes the table.
            own = inner[0][0] if inner else page
            if name in ("/Table", "/THead", "/TBody"):
                yield from inner
            elif own is not None:
                yield own, (name[1:], [kid for _, kid in inner])

    # -- strips -----------------------------------------------------------------------------

    def _strip(self, page: Node, index: int) -> Strip:
        pieces = tuple(_TAGGED.split(_without_marks(page.get_contents().get_data())))
        widgets: dict[int, Widget] = {}
        for reference in page.get("/Annots", ArrayObject()):
            widgets[reference.idnum] = read_widget(reference.get_object(), self._acro)
        number = next(n for n, widget in widgets.items() if widget.name.startswith(_STRIP))
        extent = widgets.pop(number)
        text = str(resolve(self._writer._objects[number - 1])["/TU"])
        role, _, name = extent.name.removeprefix(_STRIP).partition(".")
        cells: list[Cell] = []
        places: dict[int, Kid] = {}
        pips: dict[str, Pip] = {}
        image = None
        for number, widget in widgets.items():
            left, bottom, right, top = widget.box
            if widget.name.startswith(_MARK):
                radius = (right - left) / 2
                pips[widget.state] = Pip(left + radius, bottom + radius, radius)
            elif widget.kind == "/Btn":
                image = (left, bottom, right - left, top - bottom)
                places[number] = Kid("image", 0)
            else:
                places[number] = Kid("cell", len(cells))
                cells.append(_cell(widget))
        tags: list[Tag] = []
        roots = []
        for leaf in self._leaves[index]:
            kid = self._tag(leaf, places, tags, _SCOPES.get(role, b""))
            if kid is None:
                continue
            if kid.kind != "element":
                tags.append(Tag("Figure" if kid.kind == "image" else "P", b"", (kid,)))
            roots.append(len(tags) - 1)
        return Strip(
            role=role,
            name=name,
            top=extent.box[3],
            bottom=extent.box[1],
            pieces=pieces,
            artifact=b"/Artifact BMC".join(pieces),
            text=text,
            cells=tuple(cells),
            pips=pips,
            image=image,
            tags=tuple(tags),
            roots=tuple(roots),
            before=_before(tags, roots),
        )

    def _tag(self, leaf: Any, places: Mapping[int, Kid], tags: list[Tag], scope: bytes) -> Kid | None:
        """The kid that a leaf or an element is; elements are added to ``tags``."""
        if isinstance(leaf, int):
            return Kid("content", leaf)
        if isinstance(leaf, list):
            return places.get(leaf[0])
        name, inner = leaf
        kids = [kid for kid in (self._tag(each, places, tags, scope) for each in inner) if kid is not None]
        if not kids and name not in ("TD", "TH"):
            return None
        tags.append(Tag(name, scope if name == "TH" else b"", tuple(kids)))
        return Kid("element", len(tags) - 1)

    # -- the file ---------------------------------------------------------------------------

    def _assemble(self, strips: tuple[Strip, ...]) -> RecordTemplate:
        writer, catalog = self._writer, self._catalog
        first: Node = writer.pages[0]
        media = [float(value) for value in first["/MediaBox"]]
        resources = DictionaryObject(self._resources())
        fonts = DictionaryObject(resolve(resources["/Font"]))
        fonts[NameObject(FONT)] = self._font
        resources[NameObject("/Font")] = fonts
        xobjects = DictionaryObject(resources.pop("/XObject", DictionaryObject()).get_object())
        for key in ("/AcroForm", "/Pages", "/StructTreeRoot", "/Outlines", "/Names", "/Dests"):
            catalog.pop(key, None)
        catalog[NameObject("/_Kept")] = ArrayObject([resources, xobjects])
        keep = renumber(writer, reachable(writer, catalog))
        del catalog["/_Kept"]
        fresh = Counter(len(keep) + 1)
        common = ObjectNumbers(
            root=number_of(catalog),
            info=fresh.next(),
            metadata=fresh.next(),
            attachment=fresh.next(),
            resources=fresh.next(),
            logo=fresh.next(),
            logo_mask=fresh.next(),
            pages=fresh.next(),
            object_stream=fresh.next(),
            xref=fresh.next(),
            first_free=0,
        )
        own = RecordNumbers(common, fresh.next(), fresh.next(), fresh.next(), fresh.next())
        keep.discard(catalog.raw_get("/Metadata").idnum if "/Metadata" in catalog else 0)
        extra = wire_catalog(writer, common, fresh)
        for key, number in (
            ("/Pages", common.pages),
            ("/StructTreeRoot", own.structure),
            ("/Outlines", own.outlines),
        ):
            catalog[NameObject(key)] = IndirectObject(number, 0, writer)
        prefix, rows = static_part(writer, keep, extra, fresh)
        common = replace(common, first_free=fresh.value)
        by_role = {(strip.role, strip.name): strip for strip in strips}
        return RecordTemplate(
            identity=hashlib.md5(self._template, usedforsecurity=False).hexdigest(),
            face=face_of(self._font.get_object()),
            font=self._font.idnum,
            prefix=prefix,
            rows=bytes(rows),
            numbers=RecordNumbers(common, own.structure, own.document, own.parents, own.outlines),
            resources=serialise(resources)[:-2],
            xobjects=serialise(xobjects)[2:-2],
            media=(media[2], media[3]),
            strips=strips,
            by_role=by_role,
            columns=_columns(strips),
            digest=hashlib.sha256(prefix),
        )

    def _resources(self) -> Node:
        """What the strips use, which has to go by the same names on all of them."""
        found = DictionaryObject()
        for page in self._writer.pages:
            for key, value in resolve(page["/Resources"]).items():
                value = resolve(value)
                if not isinstance(value, DictionaryObject):
                    continue
                kind = found.setdefault(NameObject(key), DictionaryObject())
                for name in value:
                    if name in kind and serialise(kind.raw_get(name)) != serialise(value.raw_get(name)):
                        raise TemplateError(f"two strips name other things {name}")
                    kind[NameObject(name)] = value.raw_get(name)
        return found


def _cell(widget: Widget) -> Cell:
    left, bottom, right, top = widget.box
    found = _SIZE.search(widget.appearance)
    size = float(found[1]) if found else 10.0
    drop = (top - bottom) / 2 + _MEAN * size
    return Cell(widget.name, left, top, right - left, size, drop, _LINE * size)


def _before(tags: Sequence[Tag], roots: Sequence[int]) -> int:
    """How many cells come before the first content of a strip in reading order."""
    kinds: list[str] = []
    waiting = [Kid("element", root) for root in reversed(roots)]
    while waiting:
        kid = waiting.pop()
        if kid.kind == "element":
            waiting += reversed(tags[kid.at].kids)
        else:
            kinds.append(kid.kind)
    first = kinds.index("content") if "content" in kinds else 0
    return kinds[:first].count("cell")


def _columns(strips: tuple[Strip, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for strip in strips:
        if strip.role == "card":
            table, _, column = strip.name.partition(".")
            found[table] = (*found.get(table, ()), column)
    return found


def _without_marks(content: bytes) -> bytes:
    return b"".join(ANSWER_MARK.split(content)[::3])
