"""Place every answer: in its field, beside its buttons, or in full on an annex page.

Nothing a person wrote is clipped or dropped: what a field cannot hold, what no button stands for and
what has no field at all becomes an entry of the annex, and its box says on which page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from moodle_bridge import languages
from moodle_bridge.pdf.fill.annex import Annex, AnnexEntry, lay_out
from moodle_bridge.pdf.fill.boxes import set_text, without_answer, worded
from moodle_bridge.pdf.fill.values import Shown
from moodle_bridge.pdf.program.appearance import draw_list, draw_text, fit
from moodle_bridge.pdf.program.program import Drawn, Marks, Program, Slot
from moodle_bridge.pdf.syntax.conventions import MUTED
from moodle_bridge.pdf.text.layout import PADDING, Fitted, shorten

_MUTED = MUTED.encode("ascii")
_MEASURED_SIZE = 7.0


@dataclass(slots=True)
class Placement:
    """The parts of all pages, filled, and the annex."""

    parts: list[bytes]
    annex: Annex | None = None
    annexed: tuple[str, ...] = ()
    replaced: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Overflow:
    """An answer that a box cannot hold, until it is known on which page it continues."""

    name: str
    boxes: list[tuple[Slot, Fitted]]


class Placer:
    """Lays the answers of one document, and the facts of its head, over the ``parts`` of a template."""

    def __init__(self, program: Program, language: str, parts: list[bytes]) -> None:
        self._program = program
        self._face = program.face
        self._language, self._words = language, languages.of(language).words
        self._boxes, self._marks = program.boxes, program.marks
        self._parts = parts
        self._result = Placement(self._parts)
        self._overflows: list[_Overflow] = []
        self._pointers: list[tuple[str, Slot]] = []
        self._entries: list[AnnexEntry | list[Shown]] = []
        self._rows: dict[str, list[Shown]] = {}
        """Cells beyond the template's capacity by the heading of their row; each list is an entry too."""

    # -- one answer -------------------------------------------------------------------------

    def answer(self, answer: Shown) -> None:
        """Set an answer where it belongs, or say there that there is none."""
        text = answer.text
        if text:
            box = self._boxes.get(answer.name)
            if box is not None:
                self.text(answer.name, worded(box, answer), answer)
                return
        slots = self._program.texts.get(answer.name)
        if slots is None:
            marks = self._marks.get(answer.name)
            if marks is not None:
                self._buttons(answer, marks)
            elif text:
                self._without_field(answer)
        elif text:
            self._fill(answer, slots)
        else:
            self._lay(without_answer(self._program, self._language, slots, answer))

    def _fill(self, answer: Shown, slots: tuple[Slot, ...]) -> None:
        """Set an answer in a list, in cells for single letters or in several boxes."""
        slot, text = slots[0], answer.text
        if slot.kind == "list" and self._list(answer, slots):
            return
        if slot.kind != "list":
            text = worded(slot, answer)
        self._long(answer, self._clean(text), slots)

    def text(self, name: str, text: str, answer: Shown | None = None) -> None:
        """Set a text in the boxes of the field ``name``: a fact of the head, or of an answer."""
        box = self._boxes.get(name)
        content = set_text(self._face, box, text) if box is not None else None
        if box is None or content is None:
            self._long(answer or Shown(name, name, text), self._clean(text), self._program.texts[name])
        else:
            self._parts[box.part] = content

    def _long(self, answer: Shown, text: str, slots: tuple[Slot, ...]) -> None:
        """Set clean text in all boxes of an answer, or none of it where it does not fit in one."""
        face = self._face
        fitted = [(slot, fit(face, slot, text)) for slot in slots]
        for _, one in fitted:
            if not one.complete:
                self._overflows.append(_Overflow(answer.name, fitted))
                self._entry(answer, text, slots[0].page + 1)
                return
        for slot, one in fitted:
            self._draw(slot, draw_text(face, slot, one, slot.colour))

    def _list(self, answer: Shown, slots: tuple[Slot, ...]) -> bool:
        """Mark the chosen lines of a list; false if a box of it does not have or hold them all."""
        chosen = {state for state, _ in answer.parts}
        found = []
        for slot in slots:
            labels = [(value, self._clean(label)) for value, label in (slot.labels or {}).items()]
            fitted = draw_list(self._face, slot, chosen, labels)
            if not (fitted.complete and chosen and chosen <= {value for value, _ in labels}):
                return False
            found.append((slot, fitted))
        for slot, fitted in found:
            self._draw(slot, draw_text(self._face, slot, fitted, slot.colour))
        return True

    def _buttons(self, answer: Shown, marks: Marks) -> None:
        """Mark the buttons of an answer; what none of them stands for goes beside the question."""
        notes = self._program.texts.get(f"note.{answer.name}", ())
        if not answer.text:
            self._lay(without_answer(self._program, self._language, notes, answer))
            return
        self._lay([Drawn(note.part, b"") for note in notes])
        rest = [] if answer.parts else [answer.text]
        for state, label in answer.parts:
            drawn = marks.get(state)
            if drawn is None:
                rest.append(label)
                continue
            self._lay(drawn)
        if rest:
            text = "; ".join(rest)
            if notes:
                self.text(f"note.{answer.name}", text, answer)
            else:
                pointer = self._pointer(answer, marks)
                if pointer is not None:
                    self._pointers.append((answer.name, pointer))
                self._entry(answer, self._clean(text), pointer.page + 1 if pointer else None)

    def _pointer(self, answer: Shown, marks: Marks) -> Slot | None:
        """A line over the first button that is left empty."""
        marked = {drawn.part for state, _ in answer.parts for drawn in marks.get(state, ())}
        lines = self._program.pointers.get(answer.name, ())
        return next((slot for slot in lines if slot.part not in marked), None)

    def _without_field(self, answer: Shown) -> None:
        if answer.group and not answer.quiet:
            cells = self._rows.get(answer.group)
            if cells is None:
                cells = self._rows[answer.group] = []
                self._entries.append(cells)
            cells.append(answer)
        else:
            self._entry(answer, self._clean(answer.text), None)

    # -- what does not fit ------------------------------------------------------------------

    def _entry(self, answer: Shown, text: str, page: int | None) -> None:
        heading = f"{answer.group}: {answer.label}" if answer.group else answer.label
        self._entries.append(AnnexEntry((answer.name,), self._clean(heading), tuple(text.split("\n")), page))

    def _row_entry(self, cells: list[Shown]) -> AnnexEntry:
        """One entry of a row beyond the template's capacity."""
        names = tuple(cell.name for cell in cells)
        lines = [line for cell in cells for line in self._clean(_labelled(cell)).split("\n")]
        return AnnexEntry(names, self._clean(cells[0].group), tuple(lines), None)

    def finish(self, answers: Iterable[Shown], facts: Mapping[str, str]) -> Placement:
        """Set the other answers and the facts, and lay the annex out."""
        for name, text in facts.items():
            if text and name in self._program.texts:
                self.text(name, text)
        for answer in answers:
            self.answer(answer)
        result = self._result
        if not self._entries:
            return result
        entries = [self._row_entry(each) if isinstance(each, list) else each for each in self._entries]
        annex = result.annex = lay_out(self._face, entries, self._words)
        first = len(self._program.pages) + 1
        for overflow in self._overflows:
            self._continued(overflow, first + annex.starts[overflow.name])
        for name, slot in self._pointers:
            ending = self._words["continued_short"].format(page=first + annex.starts[name])
            self._draw(slot, draw_text(self._face, slot, Fitted([ending], slot.size, True), _MUTED))
        rows: dict[str, list[str]] = {}
        for cells in self._rows.values():
            rows.setdefault(cells[0].name.split(".")[0], []).append(cells[0].name)
        for table, names in rows.items():
            note = self._program.texts.get(f"note.{table}.rows")
            if note:
                page = first + annex.starts[names[0]]
                text = self._words["more_rows"].format(count=len(names), page=page)
                fitted = fit(self._face, note[0], text)
                self._draw(note[0], draw_text(self._face, note[0], fitted, _MUTED))
        result.annexed = tuple(name for entry in entries for name in entry.names)
        return result

    def _continued(self, overflow: _Overflow, page: int) -> None:
        """Draw what the box holds, ending in the page where the whole text stands."""
        for slot, fitted in overflow.boxes:
            if fitted.complete:
                self._draw(slot, draw_text(self._face, slot, fitted, slot.colour))
                continue
            if slot.comb:
                plain = replace(slot, comb=0, multiline=False, align=0)
                ending = self._words["continued_short"].format(page=page)
                room = (slot.width - 2 * PADDING) / self._face.width(ending)
                drawn = Fitted([ending], max(1.0, min(_MEASURED_SIZE, slot.height * 0.75, room)), True)
                self._draw(slot, draw_text(self._face, plain, drawn, _MUTED))
                continue
            size = min(fitted.size, _MEASURED_SIZE)
            room = (slot.width - 2 * PADDING) / size
            ending = self._words["continued"].format(page=page)
            if self._face.width(ending) > room * 0.7:
                ending = self._words["continued_short"].format(page=page)
            lines = [*fitted.lines[:-1], shorten(self._face, fitted.lines[-1], ending, room)]
            drawn = Fitted(lines, size, True)
            self._draw(slot, draw_text(self._face, slot, drawn, slot.colour))

    # -- drawing ----------------------------------------------------------------------------

    def _lay(self, drawn: Iterable[Drawn]) -> None:
        for part, content in drawn:
            self._parts[part] = content

    def _draw(self, slot: Slot, content: bytes) -> None:
        self._parts[slot.part] = content

    def _clean(self, text: str) -> str:
        return self._face.cleaner.clean(text, self._result.replaced)


def _labelled(cell: Shown) -> str:
    """An answer after its label; a question needs no colon."""
    return f"{cell.label}{' ' if cell.label.endswith(('?', ':')) else ': '}{cell.text}"
