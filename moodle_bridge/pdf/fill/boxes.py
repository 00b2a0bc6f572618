"""Draw in the boxes of a field what is short: a text that fits as it is, or that there is no answer."""

from __future__ import annotations

from dataclasses import replace

from moodle_bridge import languages
from moodle_bridge.pdf.fill.values import Shown
from moodle_bridge.pdf.program.appearance import draw_text, fit
from moodle_bridge.pdf.program.program import Box, Drawn, Program, Slot
from moodle_bridge.pdf.program.slots import drawn
from moodle_bridge.pdf.syntax.conventions import MUTED
from moodle_bridge.pdf.text.fonts import Face, NotClean
from moodle_bridge.pdf.text.layout import Fitted

_MUTED = MUTED.encode("ascii")


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
    """Draw the words for "no answer" in the boxes of a field."""
    quoted = answer.quiet or answer.name.startswith("carried.")
    word = languages.of(language).words["none" if quoted else "unanswered"]
    found = []
    for slot in slots:
        known = program.quiet.get((slot.part, word))
        if known is None:
            slot = replace(slot, comb=0, multiline=False) if slot.comb else slot
            fitted = fit(program.face, slot, word)
            if slot.size > 8:
                # The engine's own words stand a little smaller than answers.
                fitted = Fitted(fitted.lines, min(fitted.size, 8.0), fitted.complete)
            known = drawn(slot, draw_text(program.face, slot, fitted, _MUTED))
            program.quiet[slot.part, word] = known
        found.append(known)
    return tuple(found)
