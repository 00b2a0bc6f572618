"""Compile an AcroForm template into the program that fills it: fields become slots in the content.

The form itself is dissolved: each widget's place in the structure tree becomes marked content, so
that answers are page content that every viewer shows, finds and reads aloud after their labels.
Uses pypdf's public object model; runs once per template and process.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
)

from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.program.assemble import PageDraft, assemble
from moodle_bridge.pdf.program.program import Program
from moodle_bridge.pdf.program.slots import Slots
from moodle_bridge.pdf.program.widgets import PUSH, ancestors, inherited, read_widget
from moodle_bridge.pdf.syntax.conventions import ANSWER_MARK, FONT, PAGE_MARK
from moodle_bridge.pdf.syntax.graph import Node, resolve
from moodle_bridge.pdf.syntax.matrix import IDENTITY, Matrix, invert, multiply
from moodle_bridge.pdf.syntax.objects import number
from moodle_bridge.pdf.text.fonts import face_of


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
        self._slots = Slots(face_of(self._font.get_object()))
        self._elements: dict[int, Node] = {}
        self._arrays: dict[int, Node] = {}
        self._dropped: set[int] = set()

    def program(self) -> Program:
        self._read_structure()
        self._level_pages()
        drafts: list[PageDraft] = []
        for page in self._writer.pages:
            start = drafts[-1].end if drafts else 0
            drafts.append(self._page(PageDraft(page, len(drafts), start)))
        return assemble(self._template, self._writer, drafts, self._slots, self._font, self._dropped)

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

    def _page(self, draft: PageDraft) -> PageDraft:
        page = draft.page
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
        pieces = ANSWER_MARK.split(content)
        if len(pieces) == 1:
            # A form that somebody brought has no marks: its answers follow all of its own content.
            draft.add(b"q\n" + content + b"\nQ\n")
            stops = [(n, IDENTITY) for n in range(len(widgets))]
            bodies = [b""] * len(stops)
        else:
            draft.add(pieces[0])
            stops = [(int(pieces[i]), _matrix(pieces[i + 1])) for i in range(1, len(pieces), 3)]
            bodies = pieces[3::3]
        for (n, matrix), body in zip(stops, bodies, strict=True):
            self._slot(draft, widgets[n], matrix, array)
            draft.add(body)
        for key in ("/Annots", "/AA", "/Tabs"):
            page.pop(key, None)
        draft.slot()  # the page's foot
        draft.parts.pop()
        head = DecodedStreamObject()
        head.set_data(draft.head())
        page[NameObject("/Contents")] = self._writer._add_object(head)
        return draft

    def _slot(self, draft: PageDraft, reference: Any, matrix: Matrix, array: Node) -> None:
        annotation = reference.get_object()
        if annotation.get("/Subtype") != "/Widget":
            return
        widget = read_widget(annotation, self._acro)
        element = self._elements.get(reference.idnum) if isinstance(reference, IndirectObject) else None
        decorative = widget.kind == "/Btn" and bool(widget.flags & PUSH)
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
        self._slots.add(widget, draft.index, draft.slot(), matrix)
        draft.add(b"\nEMC\n" if tagged else b"\n")


def _matrix(text: bytes) -> Matrix:
    a, b, c, d, e, f = (float(v) for v in text.split())
    return (a, b, c, d, e, f)


def _at(matrix: Matrix, drawing: bytes) -> bytes:
    transform = " ".join(number(v) for v in matrix).encode("ascii")
    return b"\n/Artifact BMC q " + transform + b" cm " + drawing + b" Q EMC\n"
