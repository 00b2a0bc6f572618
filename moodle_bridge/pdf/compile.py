"""Compile WeasyPrint's draft of a form into a normalised AcroForm template.

WeasyPrint sets every field as a text input named ``f<n>``. Here each becomes the field that
:mod:`moodle_bridge.pdf.author` listed, with a name hierarchy, appearances, tooltip and a place in
the page's content: a comment ``%@<widget> a b c d e f`` marks where its answer stands in reading
order, with the transformation in force there. Build time only.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.author import Field, Form
from moodle_bridge.pdf.fonts import face_of
from moodle_bridge.pdf.marks import FONT, FOOT, INK, PAGE_MARK
from moodle_bridge.pdf.matrix import IDENTITY, Matrix, invert, multiply
from moodle_bridge.pdf.nodes import Node, resolve
from moodle_bridge.pdf.objects import circle, number
from moodle_bridge.pdf.pack import whole_file
from moodle_bridge.pdf.tidy import tidy_content, tidy_structure
from moodle_bridge.pdf.typeface import bare_program, to_unicode
from moodle_bridge.pdf.words import WORDS

_MULTILINE = 1 << 12
_READ_ONLY = 1
_RADIO = (1 << 15) | (1 << 14)
_PUSH = 1 << 16
_COMBO = 1 << 17
_PRINT = 4
_SUBSET_TAG = re.compile(r"^/[A-Z]{6}\+")


def compile_template(draft: bytes, form: Form, language: str) -> bytes:
    """Return the template for a draft that WeasyPrint made of ``form``.

    Raises :class:`TemplateError` if the draft does not hold every field once, or its content does
    not follow the reading order.
    """
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(draft)), keep_initial_header=True)
    catalog: Node = writer.root_object
    acro: Node = catalog["/AcroForm"].get_object()
    font = _answer_font(writer)
    builder = _Fields(writer, form.fields, font)
    pages = list(writer.pages)
    order = _reading_order(catalog)
    outlines = _outlines(writer)
    for index, page in enumerate(pages):
        widgets = builder.build_page(page)
        content = b"q\n" + _place(page, widgets, order, index, outlines) + b"\nQ\n"
        content = tidy_content(content)
        content += _page_number(page, font, language, index, len(pages))
        stream = DecodedStreamObject()
        stream.set_data(content)
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    builder.check_complete()
    tidy_structure(catalog)
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


class _Fields:
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
            self._plain(widget, "/Btn", _PUSH | _READ_ONLY, width, height)
            self._register(field.name, reference)
        else:
            self._text(widget, field, width, height)
            self._register(field.name, reference)

    def _text(self, widget: Node, field: Field, width: float, height: float) -> None:
        flags = (_MULTILINE if field.multiline else 0) | (_READ_ONLY if field.read_only else 0)
        kind = "/Ch" if field.kind == "combo" else "/Tx"
        if field.kind == "combo":
            flags |= _COMBO
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
                        NameObject("/Ff"): NumberObject(_RADIO),
                        NameObject("/V"): NameObject("/Off"),
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


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A leaf of the structure tree: marked content ``mcid`` or the widget ``widget``."""

    page: int
    mcid: int | None
    widget: int | None


def _reading_order(catalog: Node) -> list[_Leaf]:
    pages: dict[int, int] = {}
    for index, page in enumerate(catalog["/Pages"].get_object()["/Kids"]):
        pages[page.idnum] = index
    return list(_leaves(catalog["/StructTreeRoot"]["/K"], 0, pages))


def _leaves(node: Any, page: int, pages: Mapping[int, int]) -> Iterator[_Leaf]:
    node = resolve(node)
    if isinstance(node, ArrayObject):
        for child in node:
            yield from _leaves(child, page, pages)
    elif isinstance(node, DictionaryObject):
        if "/Pg" in node:
            page = pages[node.raw_get("/Pg").idnum]
        if node.get("/Type") == "/OBJR":
            yield _Leaf(page, None, node.raw_get("/Obj").idnum)
        elif node.get("/Type") == "/MCR":
            yield _Leaf(page, int(resolve(node)["/MCID"]), None)
        elif "/K" in node:
            yield from _leaves(node.raw_get("/K"), page, pages)
    else:
        yield _Leaf(page, int(node), None)


_TOKEN = re.compile(
    rb"<<.*?>>|<[^>]*>|\((?:[^()\\]|\\.)*\)|\[[^\]]*\]|/[^\s/<>\[\]()]+|[-+.\d]+|[A-Za-z*'\"]+", re.DOTALL
)


def _place(
    page: Node,
    widgets: Sequence[Node],
    order: Sequence[_Leaf],
    index: int,
    outlines: Mapping[str, Node],
) -> bytes:
    """The page's content with a mark for every widget after the text that precedes it."""
    content = page.get_contents().get_data()
    ends = dict(_marked_ends(content))
    after: dict[int, list[int]] = {}
    numbers = {reference.idnum: n for n, reference in enumerate(widgets)}
    last = -1
    for leaf in order:
        if leaf.mcid is not None and leaf.page == index:
            if leaf.mcid not in ends:
                continue
            if last >= 0 and ends[leaf.mcid][0] < ends[last][0]:
                raise TemplateError(f"page {index + 1}: content does not follow the reading order")
            last = leaf.mcid
        elif leaf.widget in numbers:
            after.setdefault(last, []).append(numbers.pop(leaf.widget))
    if numbers:
        raise TemplateError(f"page {index + 1}: {len(numbers)} fields have no place in the structure")
    start = _start(content)
    pieces: list[bytes] = []
    position = 0
    places = sorted((ends.get(mcid, start), fields) for mcid, fields in after.items())
    for (offset, matrix), fields in places:
        pieces.append(content[position:offset])
        position = offset
        transform = " ".join(f"{value:.6f}" for value in matrix)
        for n in fields:
            pieces.append(_outline(page, widgets[n].get_object(), matrix, outlines))
            pieces.append(b"\n%%@%d %s\n" % (n, transform.encode("ascii")))
    pieces.append(content[position:])
    return b"".join(pieces)


def _outlines(writer: PdfWriter) -> dict[str, Node]:
    """The empty box of a check box and the ring of a radio button, in a unit square."""
    ring = f"0.29 0.35 0.4 RG 0.085 w {circle(0.5, 0.5, 0.455)} s".encode("ascii")
    box = b"0.29 0.35 0.4 RG 0.085 w 1 j 0.05 0.05 0.9 0.9 re S"
    found = {}
    for name, data in (("/Ring", ring), ("/Box", box)):
        form = DecodedStreamObject()
        form.set_data(data)
        form.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Form"),
                NameObject("/BBox"): ArrayObject([NumberObject(v) for v in (0, 0, 1, 1)]),
                NameObject("/Resources"): DictionaryObject(),
            }
        )
        found[name] = writer._add_object(form)
    return found


def _outline(
    page: Node,
    widget: Node,
    content: Matrix,
    outlines: Mapping[str, Node],
) -> bytes:
    """Draw the outline of a button where the widget is; other fields have borders of their own."""
    field = widget.get("/Parent", widget).get_object()
    if field.get("/FT") != "/Btn" or int(field.get("/Ff", 0)) & _PUSH:
        return b""
    name = "/Ring" if int(field.get("/Ff", 0)) & _RADIO else "/Box"
    resources = page["/Resources"].get_object()
    objects = resources.setdefault(NameObject("/XObject"), DictionaryObject()).get_object()
    objects[NameObject(name)] = outlines[name]
    x0, y0, x1, y1 = (float(v) for v in widget["/Rect"])
    a, b, c, d, e, f = multiply((x1 - x0, 0.0, 0.0, y1 - y0, x0, y0), invert(content))
    transform = " ".join(number(v) for v in (a, b, c, d, e, f)).encode("ascii")
    return b"\n/Artifact BMC q %s cm %s Do Q EMC" % (transform, name.encode("ascii"))


def _start(content: bytes) -> tuple[int, Matrix]:
    """Where content begins when a field precedes all text of its page."""
    for offset, operator, matrix, _ in _operators(content):
        if operator in (b"BDC", b"BMC"):
            # The operands of BDC stand before it: go back to the line that holds its tag.
            return max(content.rfind(b"\n/Span", 0, offset), content.rfind(b"\n/Artifact", 0, offset)), matrix
    return 0, IDENTITY


def _marked_ends(content: bytes) -> Iterator[tuple[int, tuple[int, Matrix]]]:
    """Where each marked-content sequence of a page ends, and the matrix there."""
    stack: list[int | None] = []
    clipped = [0]
    for offset, operator, matrix, operands in _operators(content):
        if operator == b"BDC":
            found = re.search(rb"/MCID (\d+)", b" ".join(operands))
            stack.append(int(found[1]) if found else None)
        elif operator == b"BMC":
            stack.append(None)
        elif operator == b"q":
            clipped.append(clipped[-1])
        elif operator == b"Q":
            clipped.pop()
        elif operator == b"W":
            clipped[-1] += 1
        elif operator == b"EMC":
            mcid = stack.pop()
            if mcid is not None and not stack and not clipped[-1]:
                yield mcid, (offset + 3, matrix)


def _operators(content: bytes) -> Iterator[tuple[int, bytes, Matrix, list[bytes]]]:
    """Offset, operator, current matrix and operands; enough for WeasyPrint's own syntax."""
    matrix = IDENTITY
    saved: list[Matrix] = []
    operands: list[bytes] = []
    for token in _TOKEN.finditer(content):
        word = token[0]
        if not (word[:1].isalpha() or word in (b"'", b'"')):
            operands.append(word)
            continue
        if word == b"q":
            saved.append(matrix)
        elif word == b"Q":
            matrix = saved.pop()
        elif word == b"cm":
            a, b, c, d, e, f = (float(v) for v in operands[-6:])
            matrix = multiply((a, b, c, d, e, f), matrix)
        yield token.start(), word, matrix, operands
        operands = []


def _page_number(page: Node, font: Node, language: str, index: int, pages: int) -> bytes:
    face = face_of(font.get_object())
    text = WORDS[language]["page"].format(page=index + 1, pages=pages)
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
