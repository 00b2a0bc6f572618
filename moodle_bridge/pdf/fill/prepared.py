"""Work out once per template how it shows the usual answers, and that there is none.

A text that fits in its box as it is; a single value that the question itself defines; the words that stand
where nobody answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moodle_bridge.pdf.fill.values import Question, Shown
from moodle_bridge.pdf.program.appearance import draw_text, fit
from moodle_bridge.pdf.program.program import Box, Drawn, Program, Slot, Step
from moodle_bridge.pdf.program.slots import drawn
from moodle_bridge.pdf.syntax.names import MUTED
from moodle_bridge.pdf.text.fonts import Face, NotClean
from moodle_bridge.pdf.text.layout import Fitted
from moodle_bridge.pdf.text.phrases import WORDS

_MUTED = MUTED.encode("ascii")
_MOST_STEPS = 4096


def set_text(face: Face, box: Box, text: str) -> bytes | None:
    """A text that needs no cleaning and no other size, as most do not; nothing if it needs more."""
    room = box.room
    used = 0.0
    lines: list[bytes] = []
    line: list[bytes] = []
    try:
        for step, glyphs in map(face.words.__getitem__, text.split(" ")):
            used += step
            if used > room:
                if step > room or len(lines) == box.lines - 1:
                    return None
                lines.append(face.gap.join(line))
                line, used = [], step
            line.append(glyphs)
    except NotClean:
        return None
    last = face.gap.join(line)
    if not lines:
        return box.head + last + b") Tj ET Q"
    first, *rest = (*lines, last)
    return box.head + first + box.turn + b") '\n(".join(rest) + b") ' ET Q"


def worded(box: Box | Slot, answer: Shown) -> str:
    """An answer in the words of its box: those of a form that was brought, or ours."""
    if box.labels and answer.parts:
        return "; ".join([box.labels.get(state, label) for state, label in answer.parts])
    return answer.text


def without_answer(
    program: Program, language: str, slots: tuple[Slot, ...], answer: Shown
) -> tuple[Drawn, ...]:
    """What says in boxes that there is no answer."""
    quoted = answer.quiet or answer.name.startswith("carried.")
    word = WORDS[language]["none" if quoted else "unanswered"]
    found = []
    for slot in slots:
        known = program.quiet.get((slot.part, word))
        if known is None:
            fitted = fit(program.face, slot, word)
            if slot.size > 8:
                # The engine's own words stand a little smaller than answers.
                fitted = Fitted(fitted.lines, min(fitted.size, 8.0), fitted.complete)
            known = drawn(slot, draw_text(program.face, slot, fitted, _MUTED))
            program.quiet[slot.part, word] = known
        found.append(known)
    return tuple(found)


def step_of(program: Program, language: str, question: Question) -> Step:
    """How a question's usual answers are set; remembered, as it is the template's own."""
    known = program.steps.get(question)
    if known is None:
        if len(program.steps) >= _MOST_STEPS:
            program.steps.clear()
        known = program.steps.setdefault(question, _step(program, language, question))
    return known


def _step(program: Program, language: str, question: Question) -> Step:
    name = question.name
    box, slots = program.boxes.get(name), program.texts.get(name)
    notes = program.texts.get(f"note.{name}", ())
    codes: Mapping[str, tuple[Drawn, ...]] = {}
    if slots is None:
        # An answer takes away what says beside the buttons that there is none.
        away = tuple(Drawn(note.part, b"") for note in notes)
        codes = {state: marks + away for state, marks in program.marks.get(name, {}).items()}
    usual: dict[tuple[type, Any], tuple[Drawn, ...]] = {}
    for value, answer in question.usual.items():
        state = answer.parts[0][0] if answer.parts else ""
        if not answer.text:
            usual[value] = without_answer(program, language, slots or notes, answer)
        elif state in codes:
            usual[value] = codes[state]
        elif box is not None:
            content = set_text(program.face, box, worded(box, answer))
            if content is not None:
                usual[value] = (Drawn(box.part, content),)
    free = box if question.wording and box and not box.labels else None
    several = codes if question.item.type in ("single_choice", "multi_choice") else {}
    return Step(free, question.wording or str, usual, several)
