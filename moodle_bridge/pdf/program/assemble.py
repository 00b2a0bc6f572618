"""Assemble a program: number the objects that stay, write them once, note where documents differ."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.program.program import ObjectNumbers, PageProgram, Program, Structure
from moodle_bridge.pdf.program.slots import Slots
from moodle_bridge.pdf.syntax.conventions import ATTACHMENT, FONT, FOOT, FOOT_AT
from moodle_bridge.pdf.syntax.graph import Node
from moodle_bridge.pdf.syntax.matrix import multiply, upright
from moodle_bridge.pdf.syntax.objects import XrefRows
from moodle_bridge.pdf.syntax.pack import Counter, reachable, renumber, serialise, static_part


class PageDraft:
    """A page while its content is taken apart; its parts are counted on from ``start``."""

    def __init__(self, page: Node, index: int, start: int) -> None:
        self.page = page
        self.index = index
        self.start = start
        self.parts: list[bytes] = [b""]
        at = page.pop(FOOT_AT, None)
        self.foot_at = (float(at[0]), float(at[1])) if at is not None else None

    @property
    def end(self) -> int:
        """The position after its last part."""
        return self.start + len(self.parts)

    def add(self, content: bytes) -> None:
        """Continue the unchanging part."""
        self.parts[-1] += content

    def slot(self) -> int:
        """Open a slot here; returns its position among the parts."""
        self.parts += [b"", b""]
        return self.end - 2

    def head(self) -> bytes:
        """Take away what stands before the first slot, which every document has alike."""
        head, self.parts[0] = self.parts[0], b""
        return head

    def program(self, contents: int) -> PageProgram:
        """The finished page, whose content stream gets the number ``contents``."""
        left, bottom, right, top = (float(v) for v in self.page["/MediaBox"])
        rotation = int(self.page.get("/Rotate", 0))
        foot, width, _ = upright(rotation, (left, bottom, right, top))
        if self.foot_at:
            baseline, unit = self.foot_at
            foot = multiply((1 / unit, 0.0, 0.0, 1 / unit, 0.0, (baseline - FOOT[1]) / unit), foot)
            width *= unit
        return PageProgram(self.start, self.end, contents, foot, width)


def assemble(
    template: bytes,
    writer: PdfWriter,
    drafts: Sequence[PageDraft],
    slots: Slots,
    font: IndirectObject,
    dropped: Collection[int],
) -> Program:
    """The program of a dissolved form; raises :class:`TemplateError` if its structure is of no use.

    ``dropped`` are the keys of the parent tree that belonged to fields.
    """
    catalog: Node = writer.root_object
    catalog.pop("/AcroForm")
    # pypdf numbers objects from one; what follows them here gets numbers of its own.
    catalog[NameObject("/_Font")] = font
    keep = reachable(writer, catalog)
    del catalog["/_Font"]
    keep = renumber(writer, keep)
    fresh = Counter(len(keep) + 1)
    numbers = ObjectNumbers(
        root=number_of(catalog),
        info=fresh.next(),
        metadata=fresh.next(),
        attachment=fresh.next(),
        resources=number_of(drafts[0].page["/Resources"]),
        logo=fresh.next(),
        logo_mask=fresh.next(),
        pages=number_of(catalog["/Pages"]),
        object_stream=fresh.next(),
        xref=fresh.next(),
        first_free=0,
    )
    keep.discard(catalog.raw_get("/Metadata").idnum if "/Metadata" in catalog else 0)
    extra = wire_catalog(writer, numbers, fresh)
    structure = _structure(writer, dropped, keep)
    contents = [_wire_page(writer, draft.page, fresh) for draft in drafts]
    first = drafts[0].page["/Resources"].get_object()
    xobjects = DictionaryObject(first.get("/XObject", DictionaryObject()).get_object())
    first.pop("/XObject", None)
    keep -= {numbers.resources, numbers.pages}
    prefix, rows = static_part(writer, keep, extra, fresh)
    rewritten = [numbers.pages, numbers.resources]
    rewritten += [structure.document, structure.parent_tree] if structure else []
    table = XrefRows(fresh.value, bytes(rows))
    for index, each in enumerate(rewritten):
        table.inside(each, numbers.object_stream, index)
    media = drafts[0].page["/MediaBox"]
    return Program(
        identity=hashlib.md5(template, usedforsecurity=False).hexdigest(),
        face=slots.face,
        font=b"%s %d 0 R" % (FONT.encode("ascii"), font.idnum),
        prefix=prefix,
        rows=bytes(table.rows),
        rewritten=tuple(rewritten),
        digest=hashlib.sha256(prefix),
        numbers=replace(numbers, first_free=fresh.value),
        pages=tuple(d.program(c) for d, c in zip(drafts, contents, strict=True)),
        parts=tuple(part for draft in drafts for part in draft.parts),
        page_refs=b" ".join(b"%d 0 R" % number_of(d.page) for d in drafts),
        resources=serialise(first)[:-2],
        xobjects=serialise(xobjects)[2:-2],
        media=(float(media[2]) - float(media[0]), float(media[3]) - float(media[1])),
        texts={name: tuple(each) for name, each in slots.texts.items()},
        boxes=slots.boxes(),
        marks=slots.marks(),
        pointers=slots.pointers() if drafts[0].foot_at else {},
        images=slots.images,
        rows_of=slots.rows(),
        structure=structure,
        archival="/OutputIntents" in catalog,
    )


def wire_catalog(writer: PdfWriter, numbers: ObjectNumbers, fresh: Counter) -> dict[int, Node]:
    """Hang the attached data and the metadata into the catalog; returns the object that this adds."""
    catalog: Node = writer.root_object
    specification = fresh.next()
    embedded = IndirectObject(numbers.attachment, 0, writer)
    reference = IndirectObject(specification, 0, writer)
    extra: dict[int, Node] = {
        specification: DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Filespec"),
                NameObject("/F"): TextStringObject(ATTACHMENT),
                NameObject("/UF"): TextStringObject(ATTACHMENT),
                NameObject("/AFRelationship"): NameObject("/Data"),
                NameObject("/Desc"): TextStringObject("Answers of the form / Отговори от формуляра"),
                NameObject("/EF"): DictionaryObject(
                    {NameObject("/F"): embedded, NameObject("/UF"): embedded}
                ),
            }
        )
    }
    names = DictionaryObject()
    names[NameObject("/EmbeddedFiles")] = DictionaryObject(
        {NameObject("/Names"): ArrayObject([TextStringObject(ATTACHMENT), reference])}
    )
    catalog[NameObject("/Names")] = names
    catalog[NameObject("/AF")] = ArrayObject([reference])
    catalog[NameObject("/Metadata")] = IndirectObject(numbers.metadata, 0, writer)
    for key in ("/OpenAction", "/AA", "/Outlines", "/Dests", "/PageLabels", "/Perms", "/Legal"):
        catalog.pop(key, None)
    return extra


def _structure(writer: PdfWriter, dropped: Collection[int], keep: set[int]) -> Structure | None:
    """Find the objects that an annex extends, which are not part of the shared prefix."""
    root = writer.root_object.get("/StructTreeRoot")
    if root is None:
        return None
    root = root.get_object()
    kids = root["/K"]
    kids = kids if isinstance(kids, ArrayObject) else ArrayObject([root.raw_get("/K")])
    if len(kids) != 1:
        raise TemplateError("the template's structure has more than one root element")
    document = kids[0].get_object()
    children = document["/K"]
    children = children if isinstance(children, ArrayObject) else ArrayObject([document.raw_get("/K")])
    head = DictionaryObject({key: document.raw_get(key) for key in document if key != "/K"})
    tree = root["/ParentTree"].get_object()
    tree_number = number_of(tree) if tree.indirect_reference else 0
    nums = tree["/Nums"]
    entries = ArrayObject()
    for position in range(0, len(nums), 2):
        if int(nums[position]) not in dropped:
            entries += [nums[position], list.__getitem__(nums, position + 1)]
    if not tree_number:
        reference = writer._add_object(tree)
        root[NameObject("/ParentTree")] = reference
        tree_number = reference.idnum
    keys = [int(entries[i]) for i in range(0, len(entries), 2)]
    root[NameObject("/ParentTreeNextKey")] = NumberObject(max(keys, default=0) + 1000)
    keep -= {number_of(document), tree_number}
    return Structure(
        document=number_of(document),
        document_head=serialise(head)[:-2],
        kids=serialise(children)[1:-1],
        parent_tree=tree_number,
        nums=serialise(entries)[1:-1],
        next_key=max(keys, default=-1) + 1,
    )


def _wire_page(writer: PdfWriter, page: Node, fresh: Counter) -> int:
    """Give a page a second content stream, of each document's own; returns the stream's number."""
    result = fresh.next()
    own = IndirectObject(result, 0, writer)
    page[NameObject("/Contents")] = ArrayObject([page.raw_get("/Contents"), own])
    return result


def number_of(value: Any) -> int:
    """The number of an object of its own; raises :class:`TemplateError` for one that stands in place."""
    reference = value if isinstance(value, IndirectObject) else value.indirect_reference
    if reference is None:
        raise TemplateError("the template holds an object in place that needs a number")
    return int(reference.idnum)
