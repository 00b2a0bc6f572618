"""Read the fields and pages of a brought form with suspicion: sizes, depths, types and counts.

Returns plain values; whatever is not as ISO 32000-1 has it is repaired here, left out or refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from moodle_bridge.pdf.program.widgets import PUSH, RADIO
from moodle_bridge.pdf.syntax.conventions import INK
from moodle_bridge.pdf.syntax.graph import Node, resolve

MOST_WIDGETS = 2_000
MOST_OPTIONS = 500
_DEPTH = 24
_LARGEST_PAGE = 14_400.0
_KINDS = {"/Tx": "text", "/Ch": "choice", "/Btn": "button"}
_COLOUR = re.compile(r"((?:-?\d*\.?\d+\s+){1,4}(?:g|rg))(?=\s|$)")
_SIZE = re.compile(r"(\d*\.?\d+)\s+Tf")


class Unusable(Exception):
    """Why a form cannot be used, for the person who brought it."""


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
    repairs: list[str] = field(default_factory=list)

    @property
    def radio(self) -> bool:
        """Whether it is one button of a group."""
        return self.kind == "button" and bool(self.flags & RADIO)

    @property
    def push(self) -> bool:
        """Whether it is a push button, which holds no answer."""
        return self.kind == "button" and bool(self.flags & PUSH)


def page_box(page: Node) -> tuple[float, float, float, float]:
    """The page's visible box in points; refused if it is no size that a page has."""
    values = [_number(v) for v in (page.get("/CropBox") or page.mediabox)]
    if len(values) != 4:
        raise Unusable("a page of the form has no size")
    left, right = sorted((values[0], values[2]))
    bottom, top = sorted((values[1], values[3]))
    if not (72 <= right - left <= _LARGEST_PAGE and 72 <= top - bottom <= _LARGEST_PAGE):
        raise Unusable("a page of the form is smaller than an inch or larger than five metres")
    return left, bottom, right, top


def widgets_of(reader: PdfReader, acro: Node) -> dict[int, list[BroughtField]]:
    """The widgets of every page in the order of its annotations."""
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
                raise Unusable(f"the form has more than {MOST_WIDGETS} fields")
            widget = _widget(reference, annotation, default)
            if widget is not None:
                found.setdefault(index, []).append(widget)
    return found


def _widget(reference: Node, annotation: Node, default: str) -> BroughtField | None:
    chain = list(_chain(annotation))
    kind = str(_inherited(chain, "/FT") or "")
    if kind == "/Sig":
        if _inherited(chain, "/V") is not None:
            raise Unusable("the form is signed: bring it without signatures")
        return None
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
        name=".".join(str(resolve(node["/T"])) for node in reversed(chain) if "/T" in node)[:200],
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
    )
    if kind == "/Btn" and not widget.push:
        widget.state = _state(reference, annotation, chain, options, widget)
    for key in ("/A", "/AA"):
        if any(key in node for node in chain):
            widget.repairs.append("left out actions of fields")
    if kind != "/Btn" and "/AP" not in annotation:
        widget.repairs.append("drew fields that had no appearance")
    if not size and kind != "/Btn":
        widget.repairs.append("gave a size to fields without one")
    return widget


def _chain(annotation: Node) -> Iterator[Node]:
    """The widget and the fields above it; refused if they go round in a circle."""
    node, depth = annotation, 0
    while isinstance(node, DictionaryObject):
        if depth > _DEPTH:
            raise Unusable("the form's fields nest deeper than any form's do")
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
        raise Unusable("the form holds a number that no form holds")
    return number


def _whole(value: Node) -> int:
    value = resolve(value)
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else 0


_CMYK = re.compile(rb"(?:-?\d*\.?\d+\s+){4}[kK]\s")


_KEPT = ("/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties")
_NAME = re.compile(rb"/([^\x00\t\n\f\r ()<>\[\]{}/%]+)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def page_resources(page: Node, content: bytes) -> DictionaryObject:
    """What a page's content draws with; fonts that only its fields name are left out.

    LibreOffice puts the fonts of fields, which it does not embed, among those of the page.
    """
    resources = resolve(page.get("/Resources"))
    if not isinstance(resources, DictionaryObject):
        return DictionaryObject()
    kept = DictionaryObject({NameObject(key): resources.raw_get(key) for key in _KEPT if key in resources})
    fonts = resolve(kept.get("/Font"))
    if isinstance(fonts, DictionaryObject) and not _shares_resources(kept):
        named = {_ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), n) for n in _NAME.findall(content)}
        # Names beyond ASCII can be written in several encodings: those fonts stay.
        used = [key for key in fonts if not key.isascii() or key[1:].encode() in named]
        kept[NameObject("/Font")] = DictionaryObject({NameObject(key): fonts.raw_get(key) for key in used})
    return kept


def _shares_resources(resources: DictionaryObject) -> bool:
    """Whether something that is drawn may name fonts of the page, having no resources of its own."""
    seen: dict[int, DictionaryObject] = {}
    waiting: list[Node] = [resources]
    while waiting:
        here = waiting.pop()
        if not isinstance(here, DictionaryObject):
            return True
        if id(here) not in seen:
            seen[id(here)] = here
            things = [t for key in ("/XObject", "/Pattern", "/Font") for t in _values(here.get(key))]
            waiting.extend(resolve(thing.get("/Resources")) for thing in things if _draws(thing))
    return False


def _draws(thing: Node) -> bool:
    return thing.get("/Subtype") in ("/Form", "/Type3") or thing.get("/PatternType") == 1


def obstacles_of(resources: DictionaryObject, content: bytes, fonts: set[str]) -> Iterator[str]:
    """What keeps a page from PDF/A, and the names of its fonts."""
    if _CMYK.search(content):
        yield "colours of a printing press (CMYK) without a profile"
    yield from _resource_obstacles(resources, fonts, 0)


def _resource_obstacles(resources: Node, fonts: set[str], depth: int) -> Iterator[str]:
    if not isinstance(resources, DictionaryObject) or depth > _DEPTH:
        return
    for font in _values(resources.get("/Font")):
        name = str(font.get("/BaseFont", "/?"))[1:]
        fonts.add(name)
        if not _embedded(font):
            yield f"the font {name} is not embedded"
    for thing in _values(resources.get("/XObject")):
        if thing.get("/Subtype") == "/Form":
            yield from _resource_obstacles(resolve(thing.get("/Resources")), fonts, depth + 1)
        elif resolve(thing.get("/ColorSpace")) == "/DeviceCMYK":
            yield "a picture in CMYK"
        elif thing.get("/Subtype") == "/PS":
            yield "PostScript in a page"


def _values(holder: Node) -> Iterator[Node]:
    holder = resolve(holder)
    if isinstance(holder, DictionaryObject):
        for key in holder:
            value = resolve(holder[key])
            if isinstance(value, DictionaryObject):
                yield value


def _embedded(font: Node) -> bool:
    if font.get("/Subtype") == "/Type3":
        return True
    descendants = resolve(font.get("/DescendantFonts"))
    if isinstance(descendants, ArrayObject) and len(descendants):
        font = resolve(descendants[0])
    descriptor = resolve(font.get("/FontDescriptor")) if isinstance(font, DictionaryObject) else None
    return isinstance(descriptor, DictionaryObject) and any(
        key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")
    )
