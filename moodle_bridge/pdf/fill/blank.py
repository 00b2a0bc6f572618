"""Make the document without answers, which says in every place that there is none; once per template.

Answers are laid over it: so nothing is done for the rows of a table that nobody used.
"""

from __future__ import annotations

from collections.abc import Sequence

from moodle_bridge.domain.instrument.model import Instrument, Variant
from moodle_bridge.pdf.fill.placer import Placer
from moodle_bridge.pdf.fill.values import Shown, shown
from moodle_bridge.pdf.program.program import Blank, Program


def blank_of(program: Program, instrument: Instrument, language: str, variant: Variant) -> Blank:
    """The document without answers; remembered with the template."""
    known = program.blanks.get((language, variant))
    if known is None or known.instrument is not instrument:
        nothing = unanswered(program, instrument, language, variant)
        parts = tuple(Placer(program, language, list(program.parts)).finish(nothing, {}).parts)
        known = program.blanks[language, variant] = Blank(instrument, parts)
    return known


def unanswered(program: Program, instrument: Instrument, language: str, variant: Variant) -> Sequence[Shown]:
    """Every question, and every cell of the template's rows, without an answer."""
    return shown(instrument, language, variant, {}, {}, program.rows_of)
