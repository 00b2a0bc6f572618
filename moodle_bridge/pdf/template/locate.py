"""Find the place of every field in the content of a draft's pages, in reading order. Build time only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject

from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.program.widgets import PUSH, RADIO
from moodle_bridge.pdf.syntax.graph import Node, resolve
from moodle_bridge.pdf.syntax.matrix import IDENTITY, Matrix, invert, multiply
from moodle_bridge.pdf.syntax.objects import circle, number


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A leaf of the structure tree: marked content ``mcid`` or the widget ``widget``."""

    page: int
    mcid: int | None
    widget: int | None


def reading_order(catalog: Node) -> list[_Leaf]:
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


def mark_fields(
    page: Node,
    widgets: Sequence[Node],
    order: Sequence[_Leaf],
    index: int,
    shapes: Mapping[str, Node],
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
    # Outlines of buttons are no text: drawn before all of it, they stand in what no answer interrupts.
    position, matrix = start
    pieces = [content[:position]]
    pieces += [_outline(page, widget.get_object(), matrix, shapes) for widget in widgets]
    stops = sorted((ends.get(mcid, start), fields) for mcid, fields in after.items())
    for (offset, matrix), fields in stops:
        pieces.append(content[position:offset])
        position = offset
        transform = " ".join(f"{value:.6f}" for value in matrix)
        pieces += [b"\n%%@%d %s\n" % (n, transform.encode("ascii")) for n in fields]
    pieces.append(content[position:])
    return b"".join(pieces)


def outlines(writer: PdfWriter) -> dict[str, Node]:
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
    shapes: Mapping[str, Node],
) -> bytes:
    """Draw the outline of a button where the widget is; other fields have borders of their own."""
    field = widget.get("/Parent", widget).get_object()
    if field.get("/FT") != "/Btn" or int(field.get("/Ff", 0)) & PUSH:
        return b""
    name = "/Ring" if int(field.get("/Ff", 0)) & RADIO else "/Box"
    resources = page["/Resources"].get_object()
    objects = resources.setdefault(NameObject("/XObject"), DictionaryObject()).get_object()
    objects[NameObject(name)] = shapes[name]
    x0, y0, x1, y1 = (float(v) for v in widget["/Rect"])
    a, b, c, d, e, f = multiply((x1 - x0, 0.0, 0.0, y1 - y0, x0, y0), invert(content))
    transform = " ".join(number(v) for v in (a, b, c, d, e, f)).encode("ascii")
    return b"\n/Artifact BMC q %s cm %s Do Q EMC" % (transform, name.encode("ascii"))


def _start(content: bytes) -> tuple[int, Matrix]:
    """Where the text of a page begins, after backgrounds and borders."""
    for offset, operator, matrix, _ in _operators(content):
        if operator == b"BDC":
            # The operands of BDC stand before it: go back to the line that holds its tag.
            return content.rfind(b"\n/Span", 0, offset), matrix
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
