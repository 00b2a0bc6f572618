"""Place every answer: in its field, beside its buttons, or in full on an annex page.

Nothing a person wrote is clipped or dropped: what a field cannot hold, what no button stands for and
what has no field at all becomes an entry of the annex, and its box says on which page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from moodle_bridge.pdf.annex import Annex, Entry, lay_out
from moodle_bridge.pdf.appearance import draw_list, draw_mark, draw_short, draw_text, fit
from moodle_bridge.pdf.layout import PADDING, Fitted, shorten
from moodle_bridge.pdf.marks import INK, MUTED
from moodle_bridge.pdf.objects import Splice
from moodle_bridge.pdf.program import Program, Slot
from moodle_bridge.pdf.values import Shown
from moodle_bridge.pdf.words import WORDS

_INK, _MUTED = INK.encode("ascii"), MUTED.encode("ascii")
_MEASURED_SIZE = 7.0


@dataclass(slots=True)
class Placement:
    """Filled parts of every page and the annex, with what the self-check counts."""

    parts: list[list[bytes]]
    plain: list[list[bytes]]
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


def place(program: Program, language: str, answers: Iterable[Shown], facts: Mapping[str, str]) -> Placement:
    """Lay out all answers and the facts of the form's head in a template."""
    placer = _Placer(program, language)
    for name, text in facts.items():
        placer.fact(name, text)
    for answer in answers:
        placer.answer(answer)
    return placer.finish()


class _Placer:
    def __init__(self, program: Program, language: str) -> None:
        self._program = program
        self._face = program.face
        self._words = WORDS[language]
        self._result = Placement(
            [list(p.parts) for p in program.pages], [list(p.plain) for p in program.pages]
        )
        self._overflows: list[_Overflow] = []
        self._entries: list[Entry | list[Shown]] = []
        self._rows: dict[str, list[Shown]] = {}
        """Cells beyond the template's capacity by the heading of their row; each list is an entry too."""

    # -- one answer -------------------------------------------------------------------------

    def fact(self, name: str, text: str) -> None:
        slots = self._program.texts.get(name)
        if slots and text:
            self._text(Shown(name, name, text), slots, self._clean(text))

    def answer(self, answer: Shown) -> None:
        answered = answer.text != ""
        if answered:
            self._result.answered += 1
        slots = self._program.texts.get(answer.name)
        if slots is not None:
            if answered:
                self._fill_text(answer, slots)
            else:
                self._quiet(slots, answer)
        elif answer.name in self._program.groups or answer.name in self._program.checks:
            self._buttons(answer)
        elif answered:
            self._without_field(answer)

    def _fill_text(self, answer: Shown, slots: tuple[Slot, ...]) -> None:
        slot = slots[0]
        self._result.placed += 1
        if slot.kind == "list":
            self._list(answer, slots)
            return
        text = answer.text
        if slot.labels and answer.parts:
            text = "; ".join([slot.labels.get(state, label) for state, label in answer.parts])
        self._text(answer, slots, self._clean(text))

    def _text(self, answer: Shown, slots: tuple[Slot, ...], text: str) -> None:
        """Set clean text in all boxes of an answer, or none of it where it does not fit in one."""
        face = self._face
        if len(slots) == 1:
            drawn = draw_short(face, slots[0], text, slots[0].colour)
            if drawn is not None:
                self._draw(slots[0], drawn)
                return
        fitted = [(slot, fit(face, slot, text)) for slot in slots]
        for _, one in fitted:
            if not one.complete:
                self._overflows.append(_Overflow(answer.name, fitted))
                self._entry(answer, text, slots[0].page + 1)
                return
        for slot, one in fitted:
            self._draw(slot, draw_text(face, slot, one, slot.colour))

    def _list(self, answer: Shown, slots: tuple[Slot, ...]) -> None:
        slot = slots[0]
        labels = [(value, self._clean(label)) for value, label in (slot.labels or {}).items()]
        chosen = {state for state, _ in answer.parts}
        fitted = draw_list(self._face, slot, chosen, labels)
        known = {value for value, _ in labels}
        if fitted.complete and answer.parts and chosen <= known:
            self._draw(slot, draw_text(self._face, slot, fitted, slot.colour))
        else:
            self._text(answer, slots, self._clean(answer.text))

    def _buttons(self, answer: Shown) -> None:
        """Mark the buttons of an answer; what none of them stands for goes beside the question."""
        parts = answer.parts or ((("", answer.text),) if answer.text else ())
        rest = [label for state, label in parts if not self._marked(answer.name, state)]
        if answer.text:
            self._result.placed += 1
        if not rest and parts:
            return
        note = self._program.texts.get(f"note.{answer.name}")
        if rest:
            text = self._clean("; ".join(rest))
            if note:
                self._text(answer, note, text)
            else:
                self._entry(answer, text, None)
        elif note:
            self._quiet(note, answer)

    def _marked(self, name: str, state: str) -> bool:
        """Mark the button of a state; false if there is none."""
        slots = self._slots_of(name, state)
        for slot in slots:
            self._mark(slot)
        return bool(slots) or (state == "no" and self._single_box(name))

    def _slots_of(self, name: str, state: str) -> tuple[Slot, ...]:
        if not state:
            return ()
        group = self._program.groups.get(name)
        if group is not None:
            found = group.get(state, ())
            if not found and state == "yes" and self._single_box(name):
                return next(iter(group.values()))
            return found
        box = self._program.groups.get(f"{name}.{state}")
        return next(iter(box.values())) if box else ()

    def _single_box(self, name: str) -> bool:
        """Whether a yes/no question is one check box: ticked is yes, empty is no."""
        group = self._program.groups.get(name)
        return group is not None and len(group) == 1 and next(iter(group.values()))[0].tick

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

    def finish(self) -> Placement:
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
        if answer.name.startswith("carried.") and not answer.text:
            word = self._words["none"]
        else:
            word = self._words["none" if answer.quiet else "unanswered"]
        for slot in slots:
            key = (slot.page, slot.part, word)
            drawn = self._program.drawn.get(key)
            if drawn is None:
                fitted = fit(self._face, slot, word)
                if slot.size > 8:
                    fitted = fit_smaller(fitted)
                data = draw_text(self._face, slot, fitted, _MUTED)
                drawn = self._program.drawn[key] = (data, Splice.stored(data))
            self._result.plain[slot.page][slot.part], self._result.parts[slot.page][slot.part] = drawn

    def _mark(self, slot: Slot) -> None:
        key = (slot.page, slot.part, "mark")
        drawn = self._program.drawn.get(key)
        if drawn is None:
            data = draw_mark(self._face, slot, _INK)
            drawn = self._program.drawn[key] = (data, Splice.stored(data))
        self._result.plain[slot.page][slot.part], self._result.parts[slot.page][slot.part] = drawn

    def _draw(self, slot: Slot, data: bytes) -> None:
        self._result.plain[slot.page][slot.part] = data
        self._result.parts[slot.page][slot.part] = Splice.stored(data)

    def _clean(self, text: str) -> str:
        return self._face.cleaner.clean(text, self._result.replaced)


def _labelled(cell: Shown) -> str:
    """An answer after its label; a question needs no colon."""
    return f"{cell.label}{' ' if cell.label.endswith(('?', ':')) else ': '}{cell.text}"


def fit_smaller(fitted: Fitted) -> Fitted:
    """The engine's own words stand a little smaller than answers."""
    return Fitted(fitted.lines, min(fitted.size, 8.0), fitted.complete)
