"""Compile WeasyPrint's draft of a form into a normalised AcroForm template.

WeasyPrint sets every field as a text input named ``f<n>``. Here each becomes the field that
:mod:`moodle_bridge.pdf.template.form_html` listed, with a name hierarchy, appearances, tooltip and a place in
the page's content: a comment ``%@<widget> a b c d e f`` marks where its answer stands in reading
order, with the transformation in force there. Build time only.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from moodle_bridge import languages
from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.program.widgets import COMBO, MULTILINE, PUSH, RADIO
from moodle_bridge.pdf.syntax.conventions import FONT, FOOT, INK, PAGE_MARK
from moodle_bridge.pdf.syntax.graph import Node, resolve
from moodle_bridge.pdf.syntax.objects import circle, number
from moodle_bridge.pdf.syntax.pack import whole_file
from moodle_bridge.pdf.template.form_html import Field, FormSource
from moodle_bridge.pdf.template.locate import mark_fields, outlines, reading_order
from moodle_bridge.pdf.template.shrink import lift_wrappers, shorten_content
from moodle_bridge.pdf.text.fonts import face_of
from moodle_bridge.pdf.text.typeface import bare_program, to_unicode

_READ_ONLY = 1
_RADIO_ONE_ON = RADIO | 1 << 14
_PRINT = 4
_SUBSET_TAG = re.compile(r"^/[A-Z]{6}\+")


def compile_template(draft: bytes, form: FormSource, language: str, *, numbered: bool = True) -> bytes:
    """Return the template for a draft that WeasyPrint made of ``form``, its pages ``numbered``.

    Raises :class:`TemplateError` if the draft does not hold every field once, or its content does
    not follow the reading order.
    """
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(draft)), keep_initial_header=True)
    catalog: Node = writer.root_object
    acro: Node = catalog["/AcroForm"].get_object()
    font = _answer_font(writer)
    builder = _FieldBuilder(writer, form.fields, font)
    pages = list(writer.pages)
    order = reading_order(catalog)
    shapes = outlines(writer)
    for index, page in enumerate(pages):
        widgets = builder.build_page(page)
        content = b"q\n" + mark_fields(page, widgets, order, index, shapes) + b"\nQ\n"
        content = shorten_content(content)
        if numbered:
            content += _page_number(page, font, language, index, len(pages))
        stream = DecodedStreamObject()
        stream.set_data(content)
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    builder.check_complete()
    lift_wrappers(catalog)
    acro.clear()
    acro[NameObject("/Fields")] = builder.tree()
    acro[NameObject("/DR")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject(FONT): font})}
    )
    acro[NameObject("/DA")] = TextStringObject(f"{FONT} 9 Tf {INK}")
    _drop_empty_resources(writer)
    return whole_file(writer)


def _answer_font(writer: PdfWriter) -> Node:
    """Make the regular face, which WeasyPrint embeds whole for forms, usable for any of its characters."""
    for page in writer.pages:
        for reference in resolve(page["/Resources"])["/Font"].values():
            font = reference.get_object()
            if "Bold" in font["/BaseFont"]:
                continue
            descendant = font["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"].get_object()
            program = descriptor["/FontFile2"].get_object().get_data()
            tt = TTFont(io.BytesIO(program), recalcTimestamp=False)
            metrics = tt["hmtx"]
            scale = 1000 / tt["head"].unitsPerEm
            order = tt.getGlyphOrder()
            descendant[NameObject("/W")] = ArrayObject(
                [
                    NumberObject(0),
                    ArrayObject([NumberObject(round(metrics[g][0] * scale)) for g in order]),
                ]
            )
            descriptor[NameObject("/FontFile2")] = writer._add_object(bare_program(tt))
            cmap = DecodedStreamObject()
            cmap.set_data(to_unicode(tt))
            font[NameObject("/ToUnicode")] = writer._add_object(cmap.flate_encode())
            descriptor.pop("/CIDSet", None)
            result = font.indirect_reference
            if result is None:
                raise TemplateError("the draft's regular font is not an object of its own")
            return result
    raise TemplateError("the draft has no text in the regular font")


class _FieldBuilder:
    """Turns the draft's inputs into the listed fields and collects their name tree."""

    def __init__(self, writer: PdfWriter, fields: Sequence[Field], font: Node) -> None:
        self._writer = writer
        self._fields = fields
        self._font = font
        self._resources = writer._add_object(
            DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject(FONT): font})})
        )
        self._seen: set[int] = set()
        self._groups: dict[str, Node] = {}
        self._tree: dict[str, Any] = {}
        self._marks: dict[tuple[bytes, float, float], Node] = {}

    def build_page(self, page: Node) -> list[Node]:
        widgets = list(page.get("/Annots", ArrayObject()))
        for reference in widgets:
            self._build(reference)
        return widgets

    def check_complete(self) -> None:
        missing = [f.name for i, f in enumerate(self._fields) if i not in self._seen]
        if missing:
            raise TemplateError(f"the draft lacks the fields {', '.join(missing[:5])}")

    def tree(self) -> Node:
        return ArrayObject([self._node(name, child, None) for name, child in self._tree.items()])

    def _build(self, reference: Node) -> None:
        widget = reference.get_object()
        index = int(str(widget["/T"]).removeprefix("f"))
        if index in self._seen:
            raise TemplateError(f"the draft holds field {self._fields[index].name} twice")
        self._seen.add(index)
        field = self._fields[index]
        x0, y0, x1, y1 = (float(v) for v in widget["/Rect"])
        x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        for key in ("/T", "/FT", "/DA", "/V", "/Ff", "/MK", "/Border", "/AP", "/AS", "/TU"):
            widget.pop(key, None)
        widget[NameObject("/Rect")] = ArrayObject([FloatObject(round(v, 3)) for v in (x0, y0, x1, y1)])
        widget[NameObject("/F")] = NumberObject(_PRINT)
        widget[NameObject("/TU")] = TextStringObject(field.tooltip)
        width, height = x1 - x0, y1 - y0
        if field.kind in ("radio", "check"):
            self._button(reference, field, width, height)
        elif field.kind == "image":
            self._plain(widget, "/Btn", PUSH | _READ_ONLY, width, height)
            self._register(field.name, reference)
        else:
            self._text(widget, field, width, height)
            self._register(field.name, reference)

    def _text(self, widget: Node, field: Field, width: float, height: float) -> None:
        flags = (MULTILINE if field.multiline else 0) | (_READ_ONLY if field.read_only else 0)
        kind = "/Ch" if field.kind == "combo" else "/Tx"
        if field.kind == "combo":
            flags |= COMBO
            pairs = [
                ArrayObject([TextStringObject(value), TextStringObject(label)])
                for value, label in field.options
            ]
            widget[NameObject("/Opt")] = ArrayObject(pairs)
        self._plain(widget, kind, flags, width, height)
        widget[NameObject("/DA")] = TextStringObject(f"{FONT} {number(field.size)} Tf {INK}")

    def _plain(self, widget: Node, kind: str, flags: int, width: float, height: float) -> None:
        widget[NameObject("/FT")] = NameObject(kind)
        widget[NameObject("/Ff")] = NumberObject(flags)
        # Each widget has an appearance of its own: viewers write into it.
        data = b"/Tx BMC EMC" if kind != "/Btn" else b""
        appearance = self._writer._add_object(self._form(data, width, height))
        widget[NameObject("/AP")] = DictionaryObject({NameObject("/N"): appearance})

    def _button(self, reference: Node, field: Field, width: float, height: float) -> None:
        widget = reference.get_object()
        states = DictionaryObject(
            {
                NameObject("/" + field.value): self._mark(_mark(field.kind, width, height), width, height),
                NameObject("/Off"): self._mark(b"", width, height),
            }
        )
        widget[NameObject("/AP")] = DictionaryObject({NameObject("/N"): states})
        widget[NameObject("/AS")] = NameObject("/Off")
        if field.kind == "check":
            widget[NameObject("/FT")] = NameObject("/Btn")
            widget[NameObject("/V")] = NameObject("/Off")
            self._register(field.name, reference)
            return
        group = self._groups.get(field.name)
        if group is None:
            group = self._groups[field.name] = self._writer._add_object(
                DictionaryObject(
                    {
                        NameObject("/FT"): NameObject("/Btn"),
                        NameObject("/Ff"): NumberObject(_RADIO_ONE_ON),
                        NameObject("/V"): NameObject("/Off"),
                        NameObject("/TU"): TextStringObject(field.question),
                        NameObject("/Kids"): ArrayObject(),
                    }
                )
            )
            self._register(field.name, group)
        resolve(group)["/Kids"].append(reference)
        widget[NameObject("/Parent")] = group

    def _mark(self, data: bytes, width: float, height: float) -> Node:
        key = (data, round(width, 2), round(height, 2))
        if key not in self._marks:
            self._marks[key] = self._writer._add_object(self._form(data, width, height))
        return self._marks[key]

    def _form(self, data: bytes, width: float, height: float) -> Node:
        form = DecodedStreamObject()
        form.set_data(data)
        form.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Form"),
                NameObject("/BBox"): ArrayObject(
                    [FloatObject(v) for v in (0, 0, round(width, 3), round(height, 3))]
                ),
                NameObject("/Resources"): self._resources,
            }
        )
        return form

    def _register(self, name: str, reference: Node) -> None:
        node = self._tree
        *path, last = name.split(".")
        for part in path:
            node = node.setdefault(part, {})
        if last in node:
            raise TemplateError(f"two fields are named {name}")
        node[last] = reference

    def _node(self, name: str, child: Any, parent: Node) -> Node:
        if isinstance(child, dict):
            field = DictionaryObject()
            reference = self._writer._add_object(field)
            kids = [self._node(key, value, reference) for key, value in child.items()]
            field[NameObject("/Kids")] = ArrayObject(kids)
        else:
            reference = child
            field = reference.get_object()
        field[NameObject("/T")] = TextStringObject(name)
        if parent is not None:
            field[NameObject("/Parent")] = parent
        return reference


def _mark(kind: str, width: float, height: float) -> bytes:
    """A disc for a radio button, a tick for a check box, for use in interactive viewers."""
    if kind == "check":
        points = ((0.2, 0.5), (0.42, 0.24), (0.82, 0.8))
        (x0, y0), (x1, y1), (x2, y2) = [(number(x * width), number(y * height)) for x, y in points]
        return f"{INK} 0.05 0.1 0.25 RG 1.4 w {x0} {y0} m {x1} {y1} l {x2} {y2} l S".encode("ascii")
    return f"{INK} {circle(width / 2, height / 2, width * 0.27)} f".encode("ascii")


def _page_number(page: Node, font: Node, language: str, index: int, pages: int) -> bytes:
    face = face_of(font.get_object())
    text = languages.of(language).words["page"].format(page=index + 1, pages=pages)
    left, baseline, width, leading = FOOT
    x = left + width - face.width(text) * 7.5
    name = _font_name(page, font)
    head = f"/Artifact BMC q BT {name} 7.5 Tf 0.3 g {number(x)} {number(baseline + leading)} Td ".encode()
    return b"\n" + PAGE_MARK + head + face.encode(text) + b" Tj ET Q EMC\n"


def _font_name(page: Node, font: Node) -> str:
    """The name of the answer font on a page, added to its resources if need be."""
    fonts = page["/Resources"]["/Font"].get_object()
    fonts[NameObject(FONT)] = font
    return FONT


def _drop_empty_resources(writer: PdfWriter) -> None:
    """WeasyPrint leaves empty resource categories, which strict PDF/A checkers refuse."""
    for found in list(writer._objects):
        if not isinstance(found, DictionaryObject):
            continue
        for holder in (found, found.get("/Resources")):
            holder = holder.get_object() if holder is not None else None
            if not isinstance(holder, DictionaryObject):
                continue
            for key in ("/Pattern", "/Shading", "/XObject", "/ExtGState", "/Properties"):
                value = holder.get(key)
                value = value.get_object() if value is not None else None
                if isinstance(value, DictionaryObject) and not value:
                    del holder[key]
