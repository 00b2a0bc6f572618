"""Place every answer: in its field, beside its buttons, or in full on an annex page.

Nothing a person wrote is clipped or dropped: what a field cannot hold, what no button stands for and
what has no field at all becomes an entry of the annex, and its box says on which page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from moodle_bridge.pdf.annex import Annex, Entry, lay_out
from moodle_bridge.pdf.appearance import draw_list, draw_text, fit
from moodle_bridge.pdf.fonts import NotClean
from moodle_bridge.pdf.layout import PADDING, Fitted, line_ends, shorten
from moodle_bridge.pdf.marks import MUTED
from moodle_bridge.pdf.program import Box, Drawn, Marks, Program, Slot, Step
from moodle_bridge.pdf.slots import drawn
from moodle_bridge.pdf.values import SIMPLE, Question, Shown
from moodle_bridge.pdf.words import WORDS

_MUTED = MUTED.encode("ascii")
_MEASURED_SIZE = 7.0
_MOST_STEPS = 4096


@dataclass(slots=True)
class Placement:
    """The parts of all pages, filled, and the annex, with what the self-check counts."""

    parts: list[bytes]
    annex: Annex | None = None
    annexed: tuple[str, ...] = ()
    replaced: set[str] = field(default_factory=set)
    answered: int = 0
    placed: int = 0


@dataclass(slots=True)
class _Overflow:
    """An answer that a box cannot hold, until it is known on which page it continues."""

    name: str
    boxes: list[tuple[Slot, Fitted]]


class Placer:
    """Lays the answers of one document, and the facts of its head, out in a template."""

    def __init__(self, program: Program, language: str) -> None:
        self._program = program
        self._face = program.face
        self._words = WORDS[language]
        self._steps = program.steps
        self._boxes, self._marks = program.boxes, program.marks
        self._step_of = program.face.step_of.__getitem__
        self._glyphs_of = program.face.glyphs_of.__getitem__
        self._gap = program.face.gap
        self._parts = list(program.parts)
        self._result = Placement(self._parts)
        self._overflows: list[_Overflow] = []
        self._entries: list[Entry | list[Shown]] = []
        self._rows: dict[str, list[Shown]] = {}
        """Cells beyond the template's capacity by the heading of their row; each list is an entry too."""

    # -- one answer -------------------------------------------------------------------------

    def settle(self, question: Question, value: Any) -> bool:
        """Set an answer at once if it is a text that fits as it is or a value with a button of its own."""
        step = self._steps.get(question) or self._step(question)
        kind = type(value)
        if kind is str and step.box is not None:
            settled = value != "" and self._set(step.box, value)
        elif kind in SIMPLE and (drawn := step.usual.get((kind, value))) is not None:
            for part, content in drawn:
                self._parts[part] = content
            settled = True
        else:
            return False
        if settled:
            self._result.answered += 1
            self._result.placed += 1
        return settled

    def _step(self, question: Question) -> Step:
        program, name = self._program, question.name
        box = program.boxes.get(name) if question.free else None
        marks = program.marks.get(name, {}) if name not in program.texts else {}
        usual = {}
        for value, shown in question.usual.items():
            states = [state for state, _ in shown.parts]
            if shown.text and len(states) == 1 and states[0] in marks:
                usual[value] = marks[states[0]]
        if len(self._steps) >= _MOST_STEPS:
            self._steps.clear()
        return self._steps.setdefault(question, Step(None if box is None or box.labels else box, usual))

    def answer(self, answer: Shown) -> None:
        """Set an answer where it belongs, or say there that there is none."""
        text = answer.text
        if text:
            self._result.answered += 1
            box = self._boxes.get(answer.name)
            if box is not None:
                self._result.placed += 1
                if box.labels and answer.parts:
                    text = "; ".join([box.labels.get(state, label) for state, label in answer.parts])
                if not self._set(box, text):
                    self._long(answer, self._clean(text), self._program.texts[answer.name])
                return
        slots = self._program.texts.get(answer.name)
        if slots is None:
            marks = self._marks.get(answer.name)
            if marks is not None:
                self._buttons(answer, marks)
            elif text:
                self._without_field(answer)
        elif text:
            self._result.placed += 1
            self._fill(answer, slots)
        else:
            self._quiet(slots, answer)

    def _fill(self, answer: Shown, slots: tuple[Slot, ...]) -> None:
        """Set an answer in a list, in cells for single letters or in several boxes."""
        slot, text = slots[0], answer.text
        if slot.kind == "list" and self._list(answer, slot):
            return
        if slot.labels and answer.parts and slot.kind != "list":
            text = "; ".join([slot.labels.get(state, label) for state, label in answer.parts])
        self._long(answer, self._clean(text), slots)

    def text(self, name: str, text: str, answer: Shown | None = None) -> None:
        """Set a text in the boxes of the field ``name``: a fact of the head, or of an answer."""
        box = self._boxes.get(name)
        if box is None or not self._set(box, text):
            self._long(answer or Shown(name, name, text), self._clean(text), self._program.texts[name])

    def _set(self, box: Box, text: str) -> bool:
        """Set what needs no cleaning and no other size, as most answers do; false if it needs more."""
        words = text.split(" ")
        try:
            width = sum(map(self._step_of, words))
        except NotClean:
            return False
        if width <= box.room:
            content = box.head + self._gap.join(map(self._glyphs_of, words)) + b") Tj ET Q"
        else:
            ends = line_ends(list(map(self._step_of, words)), box.room) if box.lines > 1 else None
            if ends is None or len(ends) > box.lines:
                return False
            lines = [words[start:end] for start, end in pairwise((0, *ends))]
            first, *rest = [self._gap.join(map(self._glyphs_of, line)) for line in lines]
            content = box.head + first + box.turn + b") '\n(".join(rest) + b") ' ET Q"
        self._parts[box.part] = content
        return True

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

    def _list(self, answer: Shown, slot: Slot) -> bool:
        """Mark the chosen lines of a list; false if it does not have or hold them all."""
        labels = [(value, self._clean(label)) for value, label in (slot.labels or {}).items()]
        chosen = {state for state, _ in answer.parts}
        fitted = draw_list(self._face, slot, chosen, labels)
        whole = fitted.complete and bool(answer.parts) and chosen <= {value for value, _ in labels}
        if whole:
            self._draw(slot, draw_text(self._face, slot, fitted, slot.colour))
        return whole

    def _buttons(self, answer: Shown, marks: Marks) -> None:
        """Mark the buttons of an answer; what none of them stands for goes beside the question."""
        if not answer.text:
            self._quiet(self._program.texts.get(f"note.{answer.name}", ()), answer)
            return
        self._result.placed += 1
        rest = [] if answer.parts else [answer.text]
        for state, label in answer.parts:
            drawn = marks.get(state)
            if drawn is None:
                rest.append(label)
                continue
            for part, content in drawn:
                self._parts[part] = content
        if rest:
            text, note = "; ".join(rest), f"note.{answer.name}"
            if note in self._program.texts:
                self.text(note, text, answer)
            else:
                self._entry(answer, self._clean(text), None)

    def _without_field(self, answer: Shown) -> None:
        self._result.placed += 1
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
        self._entries.append(Entry((answer.name,), self._clean(heading), tuple(text.split("\n")), page))

    def _row_entry(self, cells: list[Shown]) -> Entry:
        """One entry of a row beyond the template's capacity."""
        names = tuple(cell.name for cell in cells)
        lines = [line for cell in cells for line in self._clean(_labelled(cell)).split("\n")]
        return Entry(names, self._clean(cells[0].group), tuple(lines), None)

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
            size = min(fitted.size, _MEASURED_SIZE)
            room = (slot.width - 2 * PADDING) / size
            ending = self._words["continued"].format(page=page)
            if self._face.width(ending) > room * 0.7:
                ending = self._words["continued_short"].format(page=page)
            lines = [*fitted.lines[:-1], shorten(self._face, fitted.lines[-1], ending, room)]
            drawn = Fitted(lines, size, True)
            if slot.comb:
                drawn = Fitted([fitted.lines[0][: slot.comb]], slot.size, True)
            self._draw(slot, draw_text(self._face, slot, drawn, slot.colour))

    # -- drawing ----------------------------------------------------------------------------

    def _quiet(self, slots: tuple[Slot, ...], answer: Shown) -> None:
        """Say in boxes that there is no answer."""
        quoted = answer.quiet or answer.name.startswith("carried.")
        word = self._words["none" if quoted else "unanswered"]
        for slot in slots:
            known = self._program.quiet.get((slot.part, word))
            if known is None:
                fitted = fit(self._face, slot, word)
                if slot.size > 8:
                    fitted = fit_smaller(fitted)
                known = drawn(slot, draw_text(self._face, slot, fitted, _MUTED))
                self._program.quiet[slot.part, word] = known
            self._lay(known)

    def _lay(self, drawn: Drawn) -> None:
        self._parts[drawn.part] = drawn.content

    def _draw(self, slot: Slot, content: bytes) -> None:
        self._parts[slot.part] = content

    def _clean(self, text: str) -> str:
        return self._face.cleaner.clean(text, self._result.replaced)


def _labelled(cell: Shown) -> str:
    """An answer after its label; a question needs no colon."""
    return f"{cell.label}{' ' if cell.label.endswith(('?', ':')) else ': '}{cell.text}"


def fit_smaller(fitted: Fitted) -> Fitted:
    """The engine's own words stand a little smaller than answers."""
    return Fitted(fitted.lines, min(fitted.size, 8.0), fitted.complete)
