"""Draw answers in their slots: content operators for lines of text and for the marks of buttons."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from moodle_bridge.pdf.program.program import Slot
from moodle_bridge.pdf.syntax.conventions import DISC, FONT, TICK
from moodle_bridge.pdf.syntax.objects import number
from moodle_bridge.pdf.text.cells import in_cells
from moodle_bridge.pdf.text.fonts import Face
from moodle_bridge.pdf.text.layout import LEADING, PADDING, Fitted, fit_box, fit_line

_FONT = FONT.encode("ascii")
_MARK_CENTRE = 0.36
"""Height of the middle of tick and disc above the baseline, in em (as the font draws them)."""


def fit(face: Face, slot: Slot, text: str) -> Fitted:
    """Set cleaned text as the slot asks for; ``complete`` tells whether all of it fits."""
    if slot.comb:
        line = in_cells(text, slot.comb).replace("\n", " ")
        complete = len(line) <= slot.comb
        # Half of a text in cells reads as another one: what does not fit stands on the annex alone.
        return Fitted([line if complete else ""], slot.size, complete)
    if slot.multiline:
        return fit_box(face, text, slot.width, slot.height, slot.size)
    return fit_line(face, text, slot.width, slot.size)


def draw_text(face: Face, slot: Slot, fitted: Fitted, colour: bytes) -> bytes:
    """Operators that draw fitted lines; multi-line text hangs from the top, a line stands centred."""
    if slot.comb:
        return _comb(face, slot, fitted, colour)
    size, lines = fitted.size, fitted.lines
    if slot.align == 0:
        head = opening(face, slot, size, PADDING, colour)
        if len(lines) == 1:
            return head + face.encode(lines[0]) + b" Tj ET Q"
        first, *rest = map(face.encode, lines)
        step = number(LEADING * size).encode("ascii")
        # The first line is shown by Tj, each further one by the operator that also moves down.
        return head + first + b" Tj\n" + step + b" TL\n" + b" '\n".join(rest) + b" ' ET Q"
    starts = [_start(face, slot, line, size) for line in lines]
    pieces = [opening(face, slot, size, starts[0], colour) + face.encode(lines[0]) + b" Tj"]
    step = number(LEADING * size).encode("ascii")
    for index, line in enumerate(lines[1:], 1):
        shift = number(starts[index] - starts[index - 1]).encode("ascii")
        pieces.append(b"%s -%s Td %s Tj" % (shift, step, face.encode(line)))
    pieces.append(b"ET Q")
    return b"\n".join(pieces)


def opening(face: Face, slot: Slot, size: float, x: float, colour: bytes) -> bytes:
    """Everything before the text of the first line, which begins at ``x``."""
    if slot.multiline:
        y = slot.height - PADDING - face.ascent * size
    else:
        y = (slot.height - face.height * size) / 2 - face.descent * size
    return b"q %s BT %s %s Tf %s %s Tm " % (
        colour,
        _FONT,
        number(size).encode("ascii"),
        slot.frame,
        _point(slot, x, y),
    )


def draw_mark(face: Face, slot: Slot, colour: bytes) -> bytes:
    """A tick or a disc in the middle of a button: a character, so that it is also found as text."""
    character = TICK if slot.tick else DISC
    size = min(slot.width, slot.height) * (1.15 if slot.tick else 1.0)
    x = (slot.width - face.width(character) * size) / 2
    y = slot.height / 2 - _MARK_CENTRE * size
    return b"q %s BT %s %s Tf %s %s Tm %s Tj ET Q" % (
        colour,
        _FONT,
        number(size).encode("ascii"),
        slot.frame,
        _point(slot, x, y),
        face.encode(character),
    )


def draw_list(face: Face, slot: Slot, chosen: Collection[str], labels: Sequence[tuple[str, str]]) -> Fitted:
    """Lines of a list box in which each chosen one begins with a mark."""
    lines = [f"{DISC if value in chosen else ' '} {label}" for value, label in labels]
    return fit_box(face, "\n".join(lines), slot.width, slot.height, slot.size)


def _comb(face: Face, slot: Slot, fitted: Fitted, colour: bytes) -> bytes:
    cell = slot.width / slot.comb
    size = min(fitted.size, slot.height * 0.75)
    y = (slot.height - face.height * size) / 2 - face.descent * size
    operators = [b"q %s BT %s %s Tf" % (colour, _FONT, number(size).encode("ascii"))]
    for index, character in enumerate(fitted.lines[0]):
        x = index * cell + (cell - face.width(character) * size) / 2
        operators.append(b"%s %s Tm %s Tj" % (slot.frame, _point(slot, x, y), face.encode(character)))
    operators.append(b"ET Q")
    return b"\n".join(operators)


def _start(face: Face, slot: Slot, line: str, size: float) -> float:
    if slot.align == 0:
        return PADDING
    free = slot.width - face.width(line) * size
    return free / 2 if slot.align == 1 else free - PADDING


def _point(slot: Slot, x: float, y: float) -> bytes:
    a, b, c, d, e, f = slot.matrix
    return f"{a * x + c * y + e:.3f} {b * x + d * y + f:.3f}".encode("ascii")
