"""Read one widget of a template with everything it inherits (ISO 32000-1, 12.5.6.19 and 12.7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdf.generic import ArrayObject, DictionaryObject, NullObject, StreamObject

from moodle_bridge.pdf.syntax.graph import Node
from moodle_bridge.pdf.syntax.objects import circle, number

MULTILINE = 1 << 12
RADIO = 1 << 15
PUSH = 1 << 16
COMBO = 1 << 17
COMB = 1 << 24
"""Flags of fields: text of several lines, buttons that exclude each other, a button that only acts, a
list that opens, one cell a character."""


@dataclass(slots=True)
class Widget:
    """What a widget inherits from its field, gathered."""

    name: str
    kind: str
    flags: int
    appearance: str
    align: int
    length: int
    options: list[tuple[str, str]]
    box: tuple[float, float, float, float]
    rotation: int
    state: str
    decoration: bytes


def read_widget(annotation: Node, acro: Node) -> Widget:
    """Gather what a widget is, with what it inherits from its field and the form."""
    chain = list(ancestors(annotation))
    name = ".".join(str(node["/T"]) for node in reversed(chain) if "/T" in node)
    x0, y0, x1, y1 = (float(v) for v in annotation["/Rect"])
    style = annotation.get("/MK", DictionaryObject()).get_object()
    kind = str(inherited(chain, "/FT") or "")
    flags = int(inherited(chain, "/Ff") or 0)
    box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    return Widget(
        name=name,
        kind=kind,
        flags=flags,
        appearance=str(inherited(chain, "/DA") or acro.get("/DA", "")),
        align=int(inherited(chain, "/Q") or acro.get("/Q", 0)),
        length=int(inherited(chain, "/MaxLen") or 0),
        options=_options(inherited(chain, "/Opt")),
        box=box,
        rotation=int(style.get("/R", 0)),
        state=_on_state(annotation) if kind == "/Btn" else "",
        decoration=decoration(annotation, style, box, kind == "/Btn" and bool(flags & RADIO)),
    )


def ancestors(node: Node) -> Iterator[Node]:
    """A node of a tree and those above it, at most 32 of them."""
    depth = 0
    current: Any = node
    while current is not None and depth < 32:
        yield current
        current = current.get("/Parent")
        current = current.get_object() if current is not None else None
        depth += 1


def inherited(chain: list[Node], key: str) -> Any:
    """An attribute of the nearest node that has it."""
    for node in chain:
        if key in node:
            value = node[key]
            return None if isinstance(value, NullObject) else value
    return None


def _options(value: Any) -> list[tuple[str, str]]:
    pairs = []
    for entry in value or ():
        entry = entry.get_object()
        if isinstance(entry, ArrayObject) and len(entry) == 2:
            pairs.append((str(entry[0]), str(entry[1])))
        else:
            pairs.append((str(entry), str(entry)))
    return pairs


def _on_state(annotation: Node) -> str:
    normal = annotation.get("/AP", DictionaryObject()).get_object().get("/N", DictionaryObject()).get_object()
    if not isinstance(normal, StreamObject):
        for state in normal:
            if state != "/Off":
                return str(state)[1:]
    return "Yes"


_FILL = {1: "g", 3: "rg", 4: "k"}
_STROKE = {1: "G", 3: "RG", 4: "K"}


def decoration(
    annotation: Node,
    style: Node,
    box: tuple[float, float, float, float],
    round_border: bool,
) -> bytes:
    """Background and border that the widget itself asks for (12.5.6.19), in its own coordinates."""
    width, height = box[2] - box[0], box[3] - box[1]
    border = annotation.get("/BS", DictionaryObject()).get_object()
    line = float(border.get("/W", 1))
    fill, stroke = list(style.get("/BG") or []), list(style.get("/BC") or [])
    drawing = []
    if round_border:
        if len(stroke) in _STROKE and line:
            drawing.append(" ".join(number(float(v)) for v in stroke) + f" {_STROKE[len(stroke)]}")
            radius = (min(width, height) - line) / 2
            drawing.append(f"{number(line)} w {circle(width / 2, height / 2, radius)} s")
        return " ".join(drawing).encode("ascii")
    if len(fill) in _FILL:
        drawing.append(" ".join(number(float(v)) for v in fill) + f" {_FILL[len(fill)]}")
        drawing.append(f"0 0 {number(width)} {number(height)} re f")
    if len(stroke) in _STROKE and line:
        drawing.append(" ".join(number(float(v)) for v in stroke) + f" {_STROKE[len(stroke)]}")
        inner = f"{number(width - line)} {number(height - line)}"
        drawing.append(f"{number(line)} w {number(line / 2)} {number(line / 2)} {inner} re S")
    return " ".join(drawing).encode("ascii")
