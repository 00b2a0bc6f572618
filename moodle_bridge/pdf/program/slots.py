"""Make slots of a form's widgets: where and how each answer is drawn, and what marks its buttons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from moodle_bridge.pdf.program.appearance import draw_mark, opening
from moodle_bridge.pdf.program.program import Box, Drawn, Marks, Slot
from moodle_bridge.pdf.program.widgets import COMB, COMBO, MULTILINE, PUSH, RADIO, Widget
from moodle_bridge.pdf.syntax.conventions import INK
from moodle_bridge.pdf.syntax.matrix import Matrix, invert, multiply, upright
from moodle_bridge.pdf.syntax.objects import number
from moodle_bridge.pdf.text.fonts import Face
from moodle_bridge.pdf.text.layout import LEADING, PADDING, capacity

_COLOUR = re.compile(r"((?:-?[\d.]+\s+){1,4}(?:g|rg|k))(?=\s|$)")
_SIZE = re.compile(r"([\d.]+)\s+Tf")
_DEFAULT_SIZE = 9.0
_LARGEST_AUTOMATIC = 11.0
_POINTER = 5.0
_INK = INK.encode("ascii")
_ROW = re.compile(r"([^.]+)\.r(\d+)\.[^.]+")


class Slots:
    """The slots of all pages, by what they are for."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.texts: dict[str, list[Slot]] = {}
        self.images: dict[str, Slot] = {}
        self._groups: dict[str, dict[str, list[Slot]]] = {}

    def add(self, widget: Widget, page: int, part: int, content: Matrix) -> None:
        """Take the widget whose answer is the ``part``-th part; ``content`` is in force there."""
        slot = slot_of(self.face, widget, page, part, content)
        if slot.kind == "mark":
            states = self._groups.setdefault(widget.name, {})
            states.setdefault(widget.state, []).append(slot)
        elif slot.kind == "image":
            self.images[widget.name] = slot
        elif widget.kind in ("/Tx", "/Ch"):
            self.texts.setdefault(widget.name, []).append(slot)

    def boxes(self) -> dict[str, Box]:
        """The texts that one plain box holds."""
        face = self.face
        return {
            name: Box(
                slot.part,
                (slot.width - 2 * PADDING) / slot.size + face.space,
                capacity(slot.height, slot.size) if slot.multiline else 1,
                opening(face, slot, slot.size, PADDING, slot.colour) + b"(",
                b") Tj\n" + number(LEADING * slot.size).encode("ascii") + b" TL\n(",
                slot.labels,
            )
            for name, (slot, *others) in self.texts.items()
            if not (others or slot.align or slot.comb or slot.kind == "list")
        }

    def marks(self) -> Mapping[str, Marks]:
        """What marks each button, drawn: by question and state.

        A group of buttons is a question, and so are check boxes named ``question.code``; a single check
        box is ticked for yes and left empty for no.
        """
        marks: dict[str, dict[str, tuple[Drawn, ...]]] = {}
        for name, states in self._groups.items():
            marks[name] = {state: self._marked(slots) for state, slots in states.items()}
            only = next(iter(states.values()))
            if len(states) == 1 and only[0].tick:
                marks[name].setdefault("yes", self._marked(only))
                marks[name].setdefault("no", ())
        for name, states in self._groups.items():
            question, _, code = name.rpartition(".")
            if question and question not in self._groups:
                marks.setdefault(question, {})[code] = self._marked(next(iter(states.values())))
        return marks

    def pointers(self) -> dict[str, tuple[Slot, ...]]:
        """By question with buttons, over each button a narrow line that can say where an answer stands."""
        found: dict[str, tuple[Slot, ...]] = {}
        for name, states in self._groups.items():
            question, _, _ = name.rpartition(".")
            asked = question if question and question not in self._groups and len(states) == 1 else name
            lines = tuple(_over(slot) for slots in states.values() for slot in slots)
            found[asked] = found.get(asked, ()) + lines
        return found

    def _marked(self, slots: Iterable[Slot]) -> tuple[Drawn, ...]:
        return tuple(drawn(slot, draw_mark(self.face, slot, _INK)) for slot in slots)

    def rows(self) -> dict[str, int]:
        """How many rows there are of each table."""
        rows: dict[str, int] = {}
        for name in (*self.texts, *self._groups):
            found = _ROW.fullmatch(name)
            if found:
                rows[found[1]] = max(rows.get(found[1], 0), int(found[2]))
        return rows


def drawn(slot: Slot, plain: bytes) -> Drawn:
    """Content of a slot, ready to be laid into a page."""
    return Drawn(slot.part, plain)


def _over(slot: Slot) -> Slot:
    """A line over a button, drawn in its part."""
    above = multiply((1.0, 0.0, 0.0, 1.0, 0.0, slot.height), slot.matrix)
    return replace(
        slot, kind="text", width=60.0, height=_POINTER + 1, matrix=above, size=_POINTER, tick=False
    )


def slot_of(face: Face, widget: Widget, page: int, part: int, content: Matrix) -> Slot:
    frame, width, height = upright(widget.rotation, widget.box)
    matrix = multiply(frame, invert(content))
    linear = " ".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in matrix[:4]).encode("ascii")
    colour = _COLOUR.search(widget.appearance)
    button = widget.kind == "/Btn"
    mark = button and not widget.flags & PUSH
    listed = widget.kind == "/Ch" and not widget.flags & COMBO
    size, multiline = _setting(face, widget, height, listed=listed)
    return Slot(
        name=widget.name,
        kind="mark" if mark else "image" if button else "list" if listed else "text",
        page=page,
        part=part,
        width=width,
        height=height,
        matrix=matrix,
        frame=linear,
        size=size,
        align=widget.align,
        multiline=multiline,
        comb=widget.length if widget.flags & COMB and widget.kind == "/Tx" else 0,
        tick=mark and not widget.flags & RADIO,
        colour=(colour[1] if colour else INK).encode("ascii"),
        labels=dict(widget.options) if widget.kind == "/Ch" else None,
    )


def _setting(face: Face, widget: Widget, height: float, *, listed: bool) -> tuple[float, bool]:
    """Size of a box's text, and whether it may run over several lines."""
    found = _SIZE.search(widget.appearance)
    size = float(found[1]) if found else 0.0
    multiline = listed or (widget.kind == "/Tx" and bool(widget.flags & MULTILINE))
    if widget.kind == "/Ch" and not listed and size and height > 2.3 * size * face.height:
        # A choice in a box of several lines: labels are longer than boxes in a table are wide.
        multiline = True
    if not size:
        automatic = _DEFAULT_SIZE if multiline else (height - 2) / face.height
        size = min(_LARGEST_AUTOMATIC, max(4.0, automatic))
    return size, multiline
