"""Find where a brought page has room for our foot: a strip at its bottom or top on which nothing stands.

An estimate from the operators, without fonts: it takes a line of text for as wide as its letters could be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pypdf.generic import ArrayObject, DictionaryObject

from moodle_bridge.pdf.adopt.operators import numbers, operations
from moodle_bridge.pdf.syntax.conventions import FOOT, FOOT_SIZE
from moodle_bridge.pdf.syntax.graph import Node, resolve
from moodle_bridge.pdf.syntax.matrix import IDENTITY, Matrix, invert, multiply, upright

Box = tuple[float, float, float, float]
Where = Literal["bottom", "top", "below"]

BELOW = 24.0
"""By how many points a page grows that has no room for the foot."""
_UNDER, _OVER = 3.0, FOOT[3] + FOOT_SIZE
"""How far the foot reaches under its lower baseline and over it."""
_EDGE, _REACH = 8.0, 64.0
"""How near to the edge of the paper, and how far from it, the foot may stand."""
_MOST_OPERATIONS = 400_000
_MOST_DEPTH = 6
_WHOLE = 0.5
"""From this share of the page's height on a shape is its background or frame, not something on it."""


@dataclass(frozen=True, slots=True)
class FootPlace:
    """Where the foot of a page stands: the height of its lower baseline as the page is read, in points."""

    where: Where
    baseline: float


def foot_place(boxes: Iterable[Box], page: Box, rotation: int, scale: float, wish: str) -> FootPlace:
    """Where the foot goes; ``wish`` is ``auto``, ``bottom``, ``top`` or ``below``.

    ``boxes`` are what stands on the page, ``scale`` the points of one of its units. ``bottom`` and ``top``
    take the usual height where there is no free one.
    """
    back, _, height = upright(rotation, page)
    back = invert(back)
    taken = sorted(_heights(box, back, scale) for box in boxes)
    height *= scale
    low = [_EDGE + _UNDER + 2.0 * n for n in range(int((_REACH - _EDGE) / 2))]
    bottoms = sorted(low, key=lambda baseline: abs(baseline - FOOT[1]))
    tops = [height - baseline - (_OVER - _UNDER) for baseline in low]
    for where, baselines in (("bottom", bottoms), ("top", tops)):
        if wish in ("auto", where) and height > 2 * _REACH:
            for baseline in baselines:
                if not any(a < baseline + _OVER and b > baseline - _UNDER for a, b in taken):
                    return FootPlace("bottom" if where == "bottom" else "top", baseline)
    if wish == "bottom":
        return FootPlace("bottom", FOOT[1])
    if wish == "top":
        return FootPlace("top", height - 20.0)
    return FootPlace("below", _UNDER + 4.0)


def grown(page: Box, rotation: int, by: float) -> Box:
    """The page with a strip of paper added under what is read."""
    left, bottom, right, top = page
    return {
        90: (left, bottom, right + by, top),
        180: (left, bottom, right, top + by),
        270: (left - by, bottom, right, top),
    }.get(rotation % 360, (left, bottom - by, right, top))


def _heights(box: Box, back: Matrix, scale: float) -> tuple[float, float]:
    _, a, _, b = _around(back, box)
    return a * scale, b * scale


def drawn_boxes(content: bytes, resources: Node, page: Box) -> list[Box]:
    """About where content draws, in the page's coordinates."""
    return list(_Walk(page).boxes(content, resources, IDENTITY, 0))


class _Walk:
    def __init__(self, page: Box) -> None:
        self._page = page
        self._left = _MOST_OPERATIONS

    def boxes(self, content: bytes, resources: Node, matrix: Matrix, depth: int) -> Iterator[Box]:
        saved: list[tuple[Matrix, float, float]] = []
        size, leading, width = 10.0, 0.0, 1.0
        line = cursor = IDENTITY
        points: list[tuple[float, float]] = []
        for name, operands, _, _ in operations(content):
            self._left -= 1
            if self._left < 0:
                yield self._page
                return
            if name == b"q":
                saved.append((matrix, size, leading))
            elif name == b"Q" and saved:
                matrix, size, leading = saved.pop()
            elif name == b"cm" and (found := numbers(operands, 6)):
                matrix = multiply(_six(found), matrix)
            elif name == b"w" and (found := numbers(operands, 1)):
                width = found[0]
            elif name == b"BT":
                line = cursor = IDENTITY
            elif name == b"Tf" and (found := numbers(operands, 1)):
                size = found[0]
            elif name == b"TL" and (found := numbers(operands, 1)):
                leading = found[0]
            elif name == b"Tm" and (found := numbers(operands, 6)):
                line = cursor = _six(found)
            elif name in (b"Td", b"TD") and (found := numbers(operands, 2)):
                leading = -found[1] if name == b"TD" else leading
                line = cursor = multiply((1.0, 0.0, 0.0, 1.0, found[0], found[1]), line)
            elif name == b"T*":
                line = cursor = multiply((1.0, 0.0, 0.0, 1.0, 0.0, -leading), line)
            elif name in (b"Tj", b"TJ", b"'", b'"'):
                if name in (b"'", b'"'):
                    line = cursor = multiply((1.0, 0.0, 0.0, 1.0, 0.0, -leading), line)
                letters = sum(len(each) for each in operands if each[:1] in (b"(", b"<"))
                whole = multiply(cursor, matrix)
                yield _around(whole, (0.0, -0.25 * size, 0.3 * size * letters, 0.85 * size))
            elif name in (b"m", b"l", b"c", b"v", b"y"):
                points += zip(*[iter(_floats(operands))] * 2, strict=False)
            elif name == b"re" and (found := numbers(operands, 4)):
                x, y, w, h = found
                points += ((x, y), (x + w, y + h))
            elif name in (b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"):
                yield from self._shape(points, matrix, width if name not in (b"f", b"F", b"f*") else 0.0)
                points = []
            elif name == b"n":
                points = []
            elif name == b"BI":
                yield _around(matrix, (0.0, 0.0, 1.0, 1.0))
            elif name == b"Do" and operands:
                yield from self._object(operands[-1], resources, matrix, depth)

    def _shape(self, points: Sequence[tuple[float, float]], matrix: Matrix, line: float) -> Iterator[Box]:
        if not points:
            return
        xs, ys = [x for x, _ in points], [y for _, y in points]
        box = _around(
            matrix, (min(xs) - line / 2, min(ys) - line / 2, max(xs) + line / 2, max(ys) + line / 2)
        )
        left, bottom, right, top = self._page
        across, up = box[2] - box[0], box[3] - box[1]
        if across < _WHOLE * (right - left) or up < _WHOLE * (top - bottom):
            yield box
        elif line:
            yield (box[0], box[1], box[2], box[1] + line)
            yield (box[0], box[3] - line, box[2], box[3])
            yield (box[0], box[1], box[0] + line, box[3])
            yield (box[2] - line, box[1], box[2], box[3])

    def _object(self, name: bytes, resources: Node, matrix: Matrix, depth: int) -> Iterator[Box]:
        held = resolve(resources.get("/XObject")) if isinstance(resources, DictionaryObject) else None
        thing = resolve(held.get(name.decode("latin-1"))) if isinstance(held, DictionaryObject) else None
        if not isinstance(thing, DictionaryObject):
            return
        if thing.get("/Subtype") != "/Form":
            yield _around(matrix, (0.0, 0.0, 1.0, 1.0))
            return
        own = _floats_of(thing.get("/Matrix"))
        inner = multiply(_six(own), matrix) if len(own) == 6 else matrix
        if depth < _MOST_DEPTH and (data := getattr(thing, "get_data", None)):
            yield from self.boxes(data(), resolve(thing.get("/Resources")) or resources, inner, depth + 1)
        elif len(box := _floats_of(thing.get("/BBox"))) == 4:
            yield _around(inner, (box[0], box[1], box[2], box[3]))


def _around(matrix: Matrix, box: Box) -> Box:
    """The upright box around a transformed one."""
    a, b, c, d, e, f = matrix
    x0, y0, x1, y1 = box
    xs = [a * x + c * y + e for x in (x0, x1) for y in (y0, y1)]
    ys = [b * x + d * y + f for x in (x0, x1) for y in (y0, y1)]
    return min(xs), min(ys), max(xs), max(ys)


def _six(values: Sequence[float]) -> Matrix:
    a, b, c, d, e, f = values
    return a, b, c, d, e, f


def _floats(operands: Sequence[bytes]) -> Iterator[float]:
    for operand in operands:
        try:
            yield float(operand)
        except ValueError:
            return


def _floats_of(value: Node) -> list[float]:
    value = resolve(value)
    try:
        return [float(resolve(each)) for each in value] if isinstance(value, ArrayObject) else []
    except (TypeError, ValueError):
        return []
