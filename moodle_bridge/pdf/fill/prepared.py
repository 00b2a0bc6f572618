"""Set usual answers at once, in steps that are worked out once per template.

Usual are a text that fits in its box as it is, a single value that the question itself defines, several codes
that all have buttons, and that nobody answered. All others are left to
:mod:`moodle_bridge.pdf.fill.placer`, which would draw the usual ones alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moodle_bridge.pdf.fill.boxes import set_text, without_answer, worded
from moodle_bridge.pdf.fill.values import SIMPLE, Prompt, Value
from moodle_bridge.pdf.program.program import Drawn, Program, Step
from moodle_bridge.plain_json import Json

_MOST_STEPS = 4096


class Prepared:
    """Lays usual answers over the ``parts`` of a document."""

    def __init__(self, program: Program, language: str, parts: list[bytes]) -> None:
        self._program = program
        self._face = program.face
        self._language = language
        self._steps = program.steps
        self._parts = parts

    def settle(self, question: Prompt, value: Value) -> bool:
        """Set an answer at once if it is a text that fits as it is or made of values known beforehand."""
        step = self._steps.get(question) or _step_of(self._program, self._language, question)
        if isinstance(value, str) and value and step.box is not None:
            content = set_text(self._face, step.box, step.wording(value))
            if content is None:
                return False
            self._parts[step.box.part] = content
            return True
        drawn: Iterable[Drawn] | None = None
        kind = type(value)
        if kind in SIMPLE:
            drawn = step.usual.get((kind, value))
        elif isinstance(value, list):
            drawn = _of_all(value, step.codes)
        if drawn is None:
            return False
        for part, content in drawn:
            self._parts[part] = content
        return True


def _step_of(program: Program, language: str, question: Prompt) -> Step:
    """How a question's usual answers are set; remembered, as it is the template's own."""
    known = program.steps.get(question)
    if known is None:
        if len(program.steps) >= _MOST_STEPS:
            program.steps.clear()
        known = program.steps.setdefault(question, _worked_out(program, language, question))
    return known


def _worked_out(program: Program, language: str, question: Prompt) -> Step:
    name = question.name
    box, slots = program.boxes.get(name), program.texts.get(name)
    notes = program.texts.get(f"note.{name}", ())
    codes: Mapping[str, tuple[Drawn, ...]] = {}
    if slots is None:
        # An answer takes away what says beside the buttons that there is none.
        away = tuple(Drawn(note.part, b"") for note in notes)
        codes = {state: marks + away for state, marks in program.marks.get(name, {}).items()}
    usual: dict[tuple[type, Value], tuple[Drawn, ...]] = {}
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


def _of_all(chosen: list[Json], codes: Mapping[str, tuple[Drawn, ...]]) -> list[Drawn] | None:
    """Combine the marks of several codes; None if there is no code, or one has no button."""
    found: list[Drawn] = []
    for code in chosen:
        marks = codes.get(code) if isinstance(code, str) else None
        if marks is None:
            return None
        found += marks
    return found or None
