"""Read the fields and pages of a brought form with suspicion: sizes, depths, types and counts.

Returns plain values; whatever is not as ISO 32000-1 has it is repaired here, left out or refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from moodle_bridge.pdf.program.widgets import COMBO, PUSH, RADIO
from moodle_bridge.pdf.syntax.conventions import INK
from moodle_bridge.pdf.syntax.graph import Node, resolve

MOST_WIDGETS = 2_000
MOST_OPTIONS = 500
_DEPTH = 24
_SMALLEST_PAGE = 18.0
_LARGEST_PAGE = 14_400.0
_KINDS = {"/Tx": "text", "/Ch": "choice", "/Btn": "button", "/Sig": "signature"}
_COLOUR = re.compile(r"((?:-?\d*\.?\d+\s+){1,4}(?:g|rg))(?=\s|$)")
_ESCAPED = re.compile(r"(?:#[89A-Fa-f][0-9A-Fa-f])+")
_SIZE = re.compile(r"(\d*\.?\d+)\s+Tf")


class Unusable(Exception):
    """Why a form cannot be used, for the person who brought it; ``cause`` stands for what to do."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


@dataclass(slots=True)
class BroughtField:
    """One widget with everything it inherits."""

    name: str
    kind: str
    flags: int
    box: tuple[float, float, float, float]
    rotation: int
    align: int
    size: float
    colour: str
    length: int
    options: list[tuple[str, str]]
    state: str
    background: list[float]
    border: list[float]
    line: float
    page: int
    annotation: Node
    tooltip: str = ""
    value: str = ""
    read_only: bool = False
    signature: bool = False
    repairs: list[str] = field(default_factory=list)

    @property
    def radio(self) -> bool:
        """Whether it is one button of a group."""
        return self.kind == "button" and bool(self.flags & RADIO)

    @property
    def named_kind(self) -> str:
        """What people call its kind."""
        if self.kind == "button":
            return "button" if self.push else "radio" if self.radio else "check"
        if self.kind == "choice":
            return "combo" if self.flags & COMBO else "list"
        return self.kind

    @property
    def push(self) -> bool:
        """Whether it is a push button, which holds no answer."""
        return self.kind == "button" and bool(self.flags & PUSH)


def page_box(page: Node) -> tuple[float, float, float, float]:
    """Return the visible box of a page, in its units; refuse a size that no page has."""
    whole = _corners(page.mediabox)
    left, bottom, right, top = whole
    if page.get("/CropBox") is not None:
        x0, y0, x1, y1 = _corners(resolve(page["/CropBox"]))
        cut = max(left, x0), max(bottom, y0), min(right, x1), min(top, y1)
        left, bottom, right, top = cut if cut[0] < cut[2] and cut[1] < cut[3] else whole
    if not (
        _SMALLEST_PAGE <= right - left <= _LARGEST_PAGE and _SMALLEST_PAGE <= top - bottom <= _LARGEST_PAGE
    ):
        raise Unusable(
            "size",
            "a page of the form is smaller than a postage stamp (18 points) or larger than five metres",
        )
    return left, bottom, right, top


def _corners(box: Node) -> tuple[float, float, float, float]:
    values = [_number(v) for v in box]
    if len(values) != 4:
        raise Unusable("size", "a page of the form has no size")
    left, right = sorted((values[0], values[2]))
    bottom, top = sorted((values[1], values[3]))
    return left, bottom, right, top


def unit_of(page: Node) -> float:
    """How many points a unit of the page is (ISO 32000-1, 14.11.2)."""
    value = resolve(page.get("/UserUnit", 1))
    return float(value) if isinstance(value, int | float) and 0.01 <= float(value) <= 200 else 1.0


def widgets_of(reader: PdfReader, acro: Node, left: list[str]) -> dict[int, list[BroughtField]]:
    """The widgets of every page in the order of its annotations; ``left`` collects those that are none."""
    default = str(resolve(acro.get("/DA")) or "")
    found: dict[int, list[BroughtField]] = {}
    total = 0
    for index, page in enumerate(reader.pages):
        annotations = resolve(page.get("/Annots"))
        for reference in annotations if isinstance(annotations, ArrayObject) else ():
            annotation = resolve(reference)
            if not isinstance(annotation, DictionaryObject) or annotation.get("/Subtype") != "/Widget":
                continue
            total += 1
            if total > MOST_WIDGETS:
                raise Unusable("large", f"the form has more than {MOST_WIDGETS} fields")
            widget = _widget(reference, annotation, default, index)
            if widget is None:
                left.append(f"a field without a size or kind (page {index + 1})")
            else:
                found.setdefault(index, []).append(widget)
    return found


def _widget(reference: Node, annotation: Node, default: str, page: int) -> BroughtField | None:
    chain = list(_chain(annotation))
    kind = str(_inherited(chain, "/FT") or "")
    if kind not in _KINDS:
        return None
    rectangle = resolve(annotation.get("/Rect"))
    if not isinstance(rectangle, ArrayObject) or len(rectangle) != 4:
        return None
    x0, y0, x1, y1 = (_number(v) for v in rectangle)
    box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    if box[2] - box[0] < 2 or box[3] - box[1] < 2:
        return None
    appearance = str(_inherited(chain, "/DA") or default)
    size, colour = _SIZE.search(appearance), _COLOUR.search(appearance)
    style = resolve(annotation.get("/MK"))
    style = style if isinstance(style, DictionaryObject) else DictionaryObject()
    border = resolve(annotation.get("/BS"))
    line = _number(border.get("/W", 1)) if isinstance(border, DictionaryObject) else 1.0
    flags = _whole(_inherited(chain, "/Ff"))
    options = _options(_inherited(chain, "/Opt"))
    widget = BroughtField(
        name=".".join(_name(resolve(node["/T"])) for node in reversed(chain) if "/T" in node)[:200],
        kind=_KINDS[kind],
        flags=flags & 0x7FFFFFF,
        box=box,
        rotation=_whole(style.get("/R")) % 360 // 90 * 90,
        align=_whole(_inherited(chain, "/Q")) % 3,
        size=min(72.0, float(size[1])) if size else 0.0,
        colour=colour[1] if colour else INK,
        length=min(1_000, max(0, _whole(_inherited(chain, "/MaxLen")))),
        options=options if kind == "/Ch" else [],
        state="",
        background=_colour(style.get("/BG")),
        border=_colour(style.get("/BC")),
        line=min(10.0, max(0.0, line)),
        page=page,
        annotation=annotation,
        tooltip=_text(_inherited(chain, "/TU")),
        value=_text(_inherited(chain, "/V")) if kind in ("/Tx", "/Ch") else "",
        read_only=bool(flags & 1),
        signature=kind == "/Sig" and _inherited(chain, "/V") is not None,
    )
    if kind == "/Btn" and not widget.push:
        widget.state = _state(reference, annotation, chain, options, widget)
    for key in ("/A", "/AA"):
        if any(key in node for node in chain):
            widget.repairs.append("left out actions of fields")
    if kind in ("/Tx", "/Ch") and "/AP" not in annotation:
        widget.repairs.append("drew fields that had no appearance")
    if not size and kind in ("/Tx", "/Ch"):
        widget.repairs.append("gave a size to fields without one")
    return widget


def _name(value: Node) -> str:
    """A field's name as its author wrote it: LibreOffice writes bytes beyond ASCII as PDF names do, #D0."""
    name = str(value)
    if not _ESCAPED.search(name) or not name.isascii():
        return name
    with suppress(UnicodeDecodeError):
        return _ESCAPED.sub(lambda found: bytes.fromhex(found[0].replace("#", "")).decode(), name)
    return name


def _text(value: Node) -> str:
    return str(value)[:500] if isinstance(value, str) and not str(value).startswith("/") else ""


def _chain(annotation: Node) -> Iterator[Node]:
    """The widget and the fields above it; refused if they go round in a circle."""
    node, depth = annotation, 0
    while isinstance(node, DictionaryObject):
        if depth > _DEPTH:
            raise Unusable("damaged", "the form's fields nest deeper than any form's do")
        yield node
        node = resolve(node.get("/Parent"))
        depth += 1


def _inherited(chain: list[Node], key: str) -> Node:
    for node in chain:
        if key in node:
            return resolve(node[key])
    return None


def _options(value: Node) -> list[tuple[str, str]]:
    pairs = []
    for entry in list(value)[:MOST_OPTIONS] if isinstance(value, ArrayObject) else ():
        entry = resolve(entry)
        if isinstance(entry, ArrayObject) and len(entry) >= 2:
            pairs.append((str(resolve(entry[0])), str(resolve(entry[1]))))
        else:
            pairs.append((str(entry), str(entry)))
    return pairs


def _state(
    reference: Node, annotation: Node, chain: list[Node], options: list[tuple[str, str]], widget: BroughtField
) -> str:
    """What a button stands for: its "on" appearance, or through /Opt where that is an index."""
    appearance = resolve(annotation.get("/AP"))
    normal = resolve(appearance.get("/N")) if isinstance(appearance, DictionaryObject) else None
    names = []
    if isinstance(normal, DictionaryObject) and not isinstance(normal, StreamObject):
        names = [str(key)[1:] for key in normal if key != "/Off"]
        if "/Off" not in normal:
            widget.repairs.append("added the state Off to buttons")
    if not names:
        widget.repairs.append("named the state of buttons that had none")
        return "Yes"
    state = names[0]
    kids = resolve(chain[1].get("/Kids")) if len(chain) > 1 else None
    if (
        options
        and isinstance(kids, ArrayObject)
        and state.isdigit()
        and isinstance(reference, IndirectObject)
    ):
        position = next((i for i, k in enumerate(kids) if getattr(k, "idnum", None) == reference.idnum), -1)
        if 0 <= position < len(options):
            return options[position][0]
    return state


def _colour(value: Node) -> list[float]:
    value = resolve(value)
    if not isinstance(value, ArrayObject) or len(value) not in (1, 3):
        return []
    return [min(1.0, max(0.0, _number(v))) for v in value]


def _number(value: Node) -> float:
    number = float(resolve(value))
    if not math.isfinite(number) or abs(number) > 1e6:
        raise Unusable("damaged", "the form holds a number that no form holds")
    return number


def _whole(value: Node) -> int:
    value = resolve(value)
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else 0
