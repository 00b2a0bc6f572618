"""What a page showed besides its content: annotations and fields as they looked, to be drawn into it.

An appearance is put on the page by the algorithm of ISO 32000-1, 12.5.5. What cannot be drawn is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from moodle_bridge.pdf.adopt.layers import Layers
from moodle_bridge.pdf.adopt.operators import operations
from moodle_bridge.pdf.syntax.graph import Node, resolve
from moodle_bridge.pdf.syntax.matrix import IDENTITY, Matrix

_HIDDEN, _PRINTED, _NO_VIEW = 1 << 1, 1 << 2, 1 << 5
_SILENT = frozenset({"/Popup", "/Widget"})
_PAINTS = frozenset(
    {b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"Do", b"sh", b"BI", b"Tj", b"TJ", b"'", b'"'}
)
_WRITES = frozenset({b"Tj", b"TJ", b"'", b'"'})
_TEXT = re.compile(rb"\(\s*\)|<\s*>")
_MOST = 2_000
"""Annotations of a page that are looked at."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An appearance and the transformation that puts it on its page."""

    form: StreamObject
    matrix: Matrix


def annotations_of(page: Node, layers: Layers, left: list[str]) -> Iterator[Seen]:
    """The looks of a page's annotations that are no fields; ``left`` collects what cannot be drawn."""
    found = resolve(page.get("/Annots"))
    for reference in list(list.__iter__(found))[:_MOST] if isinstance(found, ArrayObject) else ():
        annotation = resolve(reference)
        if not isinstance(annotation, DictionaryObject):
            continue
        kind = str(annotation.get("/Subtype", ""))
        if kind in _SILENT or hidden(annotation, layers):
            continue
        looks = appearance(annotation)
        if looks is not None:
            yield looks
        elif kind == "/Link":
            left.append("links, which documents do not have")
        else:
            left.append(f"an annotation ({kind[1:30]}) that does not say how it looks")


def hidden(annotation: Node, layers: Layers) -> bool:
    """Whether nobody saw it: by its flags, or in a layer that is off."""
    flags = annotation.get("/F", 0)
    flags = int(flags) if isinstance(flags, int | float) else 0
    return bool(flags & (_HIDDEN | _NO_VIEW)) or (
        "/OC" in annotation and layers.off(annotation.raw_get("/OC"))
    )


def printed(annotation: Node) -> bool:
    """Whether it stands on paper too."""
    flags = annotation.get("/F", 0)
    return bool((int(flags) if isinstance(flags, int | float) else 0) & _PRINTED)


def appearance(annotation: Node, state: str = "") -> Seen | None:
    """How an annotation looks in a state, its own if none is named; nothing if it does not say."""
    looks = resolve(annotation.get("/AP"))
    normal = resolve(looks.get("/N")) if isinstance(looks, DictionaryObject) else None
    if isinstance(normal, DictionaryObject) and not isinstance(normal, StreamObject):
        normal = resolve(normal.get(state or str(annotation.get("/AS", "/Off"))))
    if not isinstance(normal, StreamObject):
        return None
    rectangle, box = _floats(annotation.get("/Rect")), _floats(normal.get("/BBox"))
    if len(rectangle) != 4 or len(box) != 4:
        return None
    own = _floats(normal.get("/Matrix"))
    matrix: Matrix = (own[0], own[1], own[2], own[3], own[4], own[5]) if len(own) == 6 else IDENTITY
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x in (box[0], box[2]) for y in (box[1], box[3])]
    ys = [b * x + d * y + f for x in (box[0], box[2]) for y in (box[1], box[3])]
    x0, x1 = sorted((rectangle[0], rectangle[2]))
    y0, y1 = sorted((rectangle[1], rectangle[3]))
    if max(xs) - min(xs) < 1e-6 or max(ys) - min(ys) < 1e-6:
        return None
    across, up = (x1 - x0) / (max(xs) - min(xs)), (y1 - y0) / (max(ys) - min(ys))
    fit = (across, 0.0, 0.0, up, x0 - min(xs) * across, y0 - min(ys) * up)
    return Seen(normal, fit)


def paints(seen: Seen) -> bool:
    """Whether an appearance draws anything."""
    return any(name in _PAINTS for name, *_ in operations(seen.form.get_data()))


def writes(seen: Seen) -> bool:
    """Whether an appearance shows text, which in a field is its value."""
    for name, operands, *_ in operations(seen.form.get_data()):
        if name == b"Do" or (name in _WRITES and any(_says(operand) for operand in operands)):
            return True
    return False


def without_resources(form: StreamObject) -> bool:
    """Whether an appearance leaves its resources to whoever draws it."""
    return not isinstance(resolve(form.get(NameObject("/Resources"))), DictionaryObject)


def _says(operand: bytes) -> bool:
    return operand[:1] in (b"(", b"<") and not _TEXT.fullmatch(operand)


def _floats(value: Node) -> list[float]:
    value = resolve(value)
    try:
        return [float(resolve(each)) for each in value] if isinstance(value, ArrayObject) else []
    except (TypeError, ValueError):
        return []
