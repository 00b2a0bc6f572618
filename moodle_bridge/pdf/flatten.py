"""Compile an AcroForm template into the program that fills it: fields become slots in the content.

The form itself is dissolved: each widget's place in the structure tree becomes marked content, so
that answers are page content that every viewer shows, finds and reads aloud after their labels.
Uses pypdf's public object model; runs once per template and process.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.fonts import face_of
from moodle_bridge.pdf.marks import ATTACHMENT, FONT, INK, PAGE_MARK, PLACE
from moodle_bridge.pdf.matrix import IDENTITY, Matrix, invert, multiply, upright
from moodle_bridge.pdf.nodes import Node, resolve
from moodle_bridge.pdf.objects import ROW_SIZE, Splice, XrefRows, number
from moodle_bridge.pdf.pack import Counter, reachable, renumber, serialise, static_part
from moodle_bridge.pdf.program import Numbers, PageProgram, Program, Slot, Structure
from moodle_bridge.pdf.widgets import RADIO, Widget, ancestors, inherited, read_widget

_MULTILINE = 1 << 12
_PUSH = 1 << 16
_COMBO = 1 << 17
_COMB = 1 << 24
_COLOUR = re.compile(r"((?:-?[\d.]+\s+){1,4}(?:g|rg|k))(?=\s|$)")
_SIZE = re.compile(r"([\d.]+)\s+Tf")
_DEFAULT_SIZE = 9.0
_LARGEST_AUTOMATIC = 11.0


def flatten(template: bytes) -> Program:
    """Compile a template; raises :class:`TemplateError` if it is not one."""
    try:
        return _Flattener(template).program()
    except (PyPdfError, KeyError, ValueError, AttributeError, TypeError, ZeroDivisionError) as error:
        raise TemplateError(f"the template cannot be read: {type(error).__name__}: {error}") from error


def output_profile(template: Path) -> bytes:
    """The ICC profile of a template's output intent."""
    catalog: Node = resolve(PdfReader(template).trailer["/Root"])
    return bytes(resolve(resolve(catalog["/OutputIntents"][0])["/DestOutputProfile"]).get_data())


class _Flattener:
    def __init__(self, template: bytes) -> None:
        self._template = template
        self._writer = PdfWriter(clone_from=PdfReader(io.BytesIO(template)), keep_initial_header=True)
        self._catalog: Node = self._writer.root_object
        self._acro: Node = resolve(self._catalog["/AcroForm"])
        resources: Node = resolve(self._acro["/DR"])
        fonts: Node = resolve(resources["/Font"])
        self._font = fonts.raw_get(FONT)
        self._face = face_of(self._font.get_object())
        self._elements: dict[int, Node] = {}
        self._arrays: dict[int, Node] = {}
        self._dropped: set[int] = set()
        self._texts: dict[str, list[Slot]] = {}
        self._groups: dict[str, dict[str, list[Slot]]] = {}
        self._images: dict[str, Slot] = {}

    def program(self) -> Program:
        self._read_structure()
        self._level_pages()
        drafts = [self._page(index, page) for index, page in enumerate(self._writer.pages)]
        return self._assemble(drafts)

    # -- structure --------------------------------------------------------------------------

    def _read_structure(self) -> None:
        root = self._catalog.get("/StructTreeRoot")
        if root is None:
            return
        root = root.get_object()
        self._collect(root.get("/K"), None)
        nums = root["/ParentTree"].get_object()["/Nums"]
        for position in range(0, len(nums), 2):
            value = nums[position + 1].get_object()
            if isinstance(value, ArrayObject):
                self._arrays[int(nums[position])] = value

    def _collect(self, node: Any, parent: Node) -> None:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, ArrayObject):
            for child in node:
                self._collect(child, parent)
        elif isinstance(node, DictionaryObject):
            if node.get("/Type") == "/OBJR" and parent is not None:
                self._elements[node.raw_get("/Obj").idnum] = parent
            elif "/K" in node:
                self._collect(node.raw_get("/K"), node)

    def _level_pages(self) -> None:
        """Hang every page right under the root, with what it inherited written into it."""
        root = self._catalog.raw_get("/Pages")
        for page in self._writer.pages:
            chain = list(ancestors(page))
            for key in ("/Resources", "/MediaBox", "/CropBox", "/Rotate"):
                value = inherited(chain, key)
                if value is not None and key not in page:
                    page[NameObject(key)] = value
            page[NameObject("/Parent")] = root

    # -- pages ------------------------------------------------------------------------------

    def _page(self, index: int, page: Node) -> _PageDraft:
        resources = page["/Resources"].get_object()
        fonts = DictionaryObject(resources.get("/Font", DictionaryObject()).get_object())
        fonts[NameObject(FONT)] = self._font
        resources = DictionaryObject(resources)
        resources[NameObject("/Font")] = fonts
        page[NameObject("/Resources")] = self._writer._add_object(resources)
        widgets = list(page.get("/Annots", ArrayObject()).get_object())
        found = page.get_contents()
        content = (b"" if found is None else found.get_data()).split(PAGE_MARK)[0]
        array = self._arrays.get(int(page["/StructParents"])) if "/StructParents" in page else None
        draft = _PageDraft(page, index)
        pieces = PLACE.split(content)
        if len(pieces) == 1:
            # A form that somebody brought has no marks: its answers follow all of its own content.
            draft.add(b"q\n" + content + b"\nQ\n")
            places = [(n, IDENTITY) for n in range(len(widgets))]
            bodies = [b""] * len(places)
        else:
            draft.add(pieces[0])
            places = [(int(pieces[i]), _matrix(pieces[i + 1])) for i in range(1, len(pieces), 3)]
            bodies = pieces[3::3]
        for (n, matrix), body in zip(places, bodies, strict=True):
            self._slot(draft, widgets[n], matrix, array)
            draft.add(body)
        for key in ("/Annots", "/AA", "/Tabs"):
            page.pop(key, None)
        return draft

    def _slot(self, draft: _PageDraft, reference: Any, matrix: Matrix, array: Node) -> None:
        annotation = reference.get_object()
        if annotation.get("/Subtype") != "/Widget":
            return
        widget = read_widget(annotation, self._acro)
        element = self._elements.get(reference.idnum) if isinstance(reference, IndirectObject) else None
        decorative = widget.kind == "/Btn" and bool(widget.flags & _PUSH)
        if decorative and element is not None:
            element.pop("/K", None)
            element[NameObject("/S")] = NameObject("/NonStruct")
        tagged = element is not None and array is not None and not decorative
        if widget.decoration:
            x, y = widget.box[0], widget.box[1]
            draft.add(_at(multiply((1.0, 0.0, 0.0, 1.0, x, y), invert(matrix)), widget.decoration))
        if tagged and element is not None and array is not None:
            draft.add(b"\n/Span <</MCID %d>> BDC\n" % len(array))
            element[NameObject("/S")] = NameObject("/Span")
            element[NameObject("/K")] = NumberObject(len(array))
            element[NameObject("/Pg")] = draft.page.indirect_reference
            element.pop("/A", None)
            array.append(element.indirect_reference)
        if "/StructParent" in annotation:
            self._dropped.add(int(annotation["/StructParent"]))
        self._register(widget, draft, matrix)
        draft.add(b"\nEMC\n" if tagged else b"\n")

    def _register(self, widget: Widget, draft: _PageDraft, content: Matrix) -> None:
        frame, width, height = upright(widget.rotation, widget.box)
        matrix = multiply(frame, invert(content))
        linear = " ".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in matrix[:4]).encode("ascii")
        found = _SIZE.search(widget.appearance)
        size = float(found[1]) if found else 0.0
        colour = _COLOUR.search(widget.appearance)
        mark = widget.kind == "/Btn" and not widget.flags & _PUSH
        listed = widget.kind == "/Ch" and not widget.flags & _COMBO
        multiline = widget.kind == "/Tx" and bool(widget.flags & _MULTILINE)
        if widget.kind == "/Ch" and not listed and size and height > 2.3 * size * self._face.height:
            # A choice in a box of several lines: labels are longer than boxes in a table are wide.
            multiline = True
        if not size:
            automatic = _DEFAULT_SIZE if multiline or listed else (height - 2) / self._face.height
            size = min(_LARGEST_AUTOMATIC, max(4.0, automatic))
        slot = Slot(
            name=widget.name,
            kind="mark" if mark else "list" if listed else "text",
            page=draft.index,
            part=draft.slot(),
            width=width,
            height=height,
            matrix=matrix,
            frame=linear,
            size=size,
            align=widget.align,
            multiline=multiline,
            comb=widget.length if widget.flags & _COMB and widget.kind == "/Tx" else 0,
            tick=mark and not widget.flags & RADIO,
            colour=(colour[1] if colour else INK).encode("ascii"),
            labels=dict(widget.options) if widget.kind == "/Ch" else None,
        )
        if mark:
            states = self._groups.setdefault(widget.name, {})
            states.setdefault(widget.state, []).append(slot)
        elif widget.kind in ("/Tx", "/Ch"):
            self._texts.setdefault(widget.name, []).append(slot)
        elif widget.kind == "/Btn":
            self._images[widget.name] = slot

    # -- the file ---------------------------------------------------------------------------

    def _assemble(self, drafts: list[_PageDraft]) -> Program:
        writer, catalog = self._writer, self._catalog
        catalog.pop("/AcroForm")
        # pypdf numbers objects from one; what follows them here gets numbers of its own.
        catalog[NameObject("/_Font")] = self._font
        keep = reachable(writer, catalog)
        del catalog["/_Font"]
        keep = renumber(writer, keep)
        fresh = Counter(len(keep) + 1)
        numbers = Numbers(
            root=_number_of(catalog),
            info=fresh.next(),
            metadata=fresh.next(),
            attachment=fresh.next(),
            resources=_number_of(drafts[0].page["/Resources"]),
            logo=fresh.next(),
            logo_mask=fresh.next(),
            pages=_number_of(catalog["/Pages"]),
            object_stream=fresh.next(),
            xref=fresh.next(),
            first_free=0,
        )
        keep.discard(catalog.raw_get("/Metadata").idnum if "/Metadata" in catalog else 0)
        self._wire_catalog(catalog, numbers, fresh)
        structure = self._structure(keep)
        contents = [self._wire_page(draft, fresh, keep) for draft in drafts]
        first = drafts[0].page["/Resources"].get_object()
        xobjects = DictionaryObject(first.get("/XObject", DictionaryObject()).get_object())
        first.pop("/XObject", None)
        keep -= {numbers.resources, numbers.pages}
        extra = self._extra
        prefix, rows = static_part(writer, keep, extra, fresh)
        rewritten = [numbers.pages, numbers.resources]
        rewritten += [structure.document, structure.parent_tree] if structure else []
        table = XrefRows(fresh.value, bytes(rows))
        for index, each in enumerate(rewritten):
            table.inside(each, numbers.object_stream, index)
        # Nothing before the numbers that were given out last differs from document to document.
        settled = bytes(table.rows[: ROW_SIZE * numbers.info])
        media = drafts[0].page["/MediaBox"]
        return Program(
            identity=hashlib.md5(self._template, usedforsecurity=False).hexdigest(),
            face=self._face,
            font=b"%s %d 0 R" % (FONT.encode("ascii"), self._font.idnum),
            prefix=prefix,
            rows=bytes(table.rows),
            settled_rows=(settled, Splice.compressed(settled, 9)),
            rewritten=tuple(rewritten),
            digest=hashlib.sha256(prefix),
            numbers=replace(numbers, first_free=fresh.value),
            pages=tuple(d.program(c) for d, c in zip(drafts, contents, strict=True)),
            page_refs=b" ".join(b"%d 0 R" % _number_of(d.page) for d in drafts),
            resources=serialise(first)[:-2],
            xobjects=serialise(xobjects)[2:-2],
            media=(float(media[2]) - float(media[0]), float(media[3]) - float(media[1])),
            texts={name: tuple(slots) for name, slots in self._texts.items()},
            groups={
                name: {state: tuple(slots) for state, slots in states.items()}
                for name, states in self._groups.items()
            },
            checks=frozenset(name.rpartition(".")[0] for name in self._groups if "." in name),
            images=self._images,
            rows_of=_rows_of([*self._texts, *self._groups]),
            structure=structure,
            archival="/OutputIntents" in catalog,
        )

    def _wire_catalog(self, catalog: Node, numbers: Numbers, fresh: Counter) -> None:
        specification = fresh.next()
        embedded = IndirectObject(numbers.attachment, 0, self._writer)
        reference = IndirectObject(specification, 0, self._writer)
        self._extra = {
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
        catalog[NameObject("/Metadata")] = IndirectObject(numbers.metadata, 0, self._writer)
        for key in ("/OpenAction", "/AA", "/Outlines", "/Dests", "/PageLabels", "/Perms", "/Legal"):
            catalog.pop(key, None)

    def _structure(self, keep: set[int]) -> Structure | None:
        root = self._catalog.get("/StructTreeRoot")
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
        tree_number = _number_of(tree) if tree.indirect_reference else 0
        nums = tree["/Nums"]
        entries = ArrayObject()
        for position in range(0, len(nums), 2):
            if int(nums[position]) not in self._dropped:
                entries += [nums[position], list.__getitem__(nums, position + 1)]
        if not tree_number:
            reference = self._writer._add_object(tree)
            root[NameObject("/ParentTree")] = reference
            tree_number = reference.idnum
        keys = [int(entries[i]) for i in range(0, len(entries), 2)]
        root[NameObject("/ParentTreeNextKey")] = NumberObject(max(keys, default=0) + 1000)
        keep -= {_number_of(document), tree_number}
        return Structure(
            document=_number_of(document),
            document_head=serialise(head)[:-2],
            kids=serialise(children)[1:-1],
            parent_tree=tree_number,
            nums=serialise(entries)[1:-1],
            next_key=max(keys, default=-1) + 1,
        )

    def _wire_page(self, draft: _PageDraft, fresh: Counter, keep: set[int]) -> int:
        contents = draft.page.raw_get("/Contents")
        for reference in contents.get_object() if isinstance(contents.get_object(), list) else [contents]:
            keep.discard(getattr(reference, "idnum", 0))
        keep.discard(getattr(contents, "idnum", 0))
        result = fresh.next()
        draft.page[NameObject("/Contents")] = IndirectObject(result, 0, self._writer)
        return result


class _PageDraft:
    """A page while its content is taken apart."""

    def __init__(self, page: Node, index: int) -> None:
        self.page = page
        self.index = index
        self._parts: list[bytes] = [b""]

    def add(self, content: bytes) -> None:
        self._parts[-1] += content

    def slot(self) -> int:
        """Open a slot here; returns its position among the parts."""
        self._parts += [b"", b""]
        return len(self._parts) - 2

    def program(self, contents: int) -> PageProgram:
        left, bottom, right, top = (float(v) for v in self.page["/MediaBox"])
        rotation = int(self.page.get("/Rotate", 0))
        foot, width, _ = upright(rotation, (left, bottom, right, top))
        return PageProgram(
            parts=tuple(Splice.compressed(part, 9) if part else b"" for part in self._parts),
            plain=tuple(self._parts),
            contents=contents,
            foot=foot,
            foot_width=width,
        )


def _number_of(value: Any) -> int:
    reference = value if isinstance(value, IndirectObject) else value.indirect_reference
    if reference is None:
        raise TemplateError("the template holds an object in place that needs a number")
    return int(reference.idnum)


def _matrix(text: bytes) -> Matrix:
    a, b, c, d, e, f = (float(v) for v in text.split())
    return (a, b, c, d, e, f)


def _at(matrix: Matrix, drawing: bytes) -> bytes:
    transform = " ".join(number(v) for v in matrix).encode("ascii")
    return b"\n/Artifact BMC q " + transform + b" cm " + drawing + b" Q EMC\n"


_ROW = re.compile(r"([^.]+)\.r(\d+)\.[^.]+")


def _rows_of(names: list[str]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for name in names:
        found = _ROW.fullmatch(name)
        if found:
            rows[found[1]] = max(rows.get(found[1], 0), int(found[2]))
    return rows
