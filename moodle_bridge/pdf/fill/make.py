"""Make the file of a document, of the strips of a record or in the boxes of a brought form, and prove it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import partial

from moodle_bridge.domain.instrument.model import Instrument, Variant
from moodle_bridge.pdf.fill import record_writer, writer
from moodle_bridge.pdf.fill.blank import blank_of, unanswered
from moodle_bridge.pdf.fill.elastic import compose
from moodle_bridge.pdf.fill.placer import Placer
from moodle_bridge.pdf.fill.prepared import Prepared
from moodle_bridge.pdf.fill.proof import Expected, prove
from moodle_bridge.pdf.fill.record_proof import Awaited, prove_record
from moodle_bridge.pdf.fill.values import shown
from moodle_bridge.pdf.program.program import Program
from moodle_bridge.pdf.program.record import RecordTemplate
from moodle_bridge.plain_json import JsonObject


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document has to show, as far as its variant may; ``facts`` are the texts of its head."""

    instrument: Instrument
    language: str
    variant: Variant
    answers: JsonObject
    carried: JsonObject
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Made:
    """The bytes of a document, its pages, what stands on its annex and what the font lacks."""

    content: bytes
    pages: int
    annexed: tuple[str, ...]
    replaced: Set[str]


def record(template: RecordTemplate, asked: Asked, document: writer.Particulars) -> Made:
    """Put a record together: as many rows as there are, every strip as high as its text."""
    answers = shown(asked.instrument, asked.language, asked.variant, asked.answers, asked.carried, {})
    logo = document.logo is not None
    composition = compose(template, asked.language, answers, asked.facts, logo=logo)
    laid = record_writer.lay_out(template, composition, document)
    content = record_writer.write(template, composition, laid, document)
    awaited = Awaited(
        language=asked.language,
        facts=asked.facts,
        answers=shown(asked.instrument, asked.language, asked.variant, asked.answers, asked.carried, {}),
        identity=template.face.cleaner.clean(document.foot[1], set()).replace("\n", " "),
    )
    prove_record(content, template, composition.pieces, laid, awaited)
    return Made(content, len(laid.pages), (), composition.replaced)


def brought(program: Program, asked: Asked, document: writer.Particulars) -> Made:
    """Fill a form that was brought: text shrinks, and what does not fit continues on annex pages."""
    instrument, language, variant = asked.instrument, asked.language, asked.variant
    blank = blank_of(program, instrument, language, variant)
    parts = list(blank.parts)
    settle = Prepared(program, language, parts).settle
    rest = shown(instrument, language, variant, asked.answers, asked.carried, {}, settle)
    placement = Placer(program, language, parts).finish(rest, asked.facts)
    content, pages = writer.write(program, placement, document)
    expected = Expected(
        language=language,
        facts=asked.facts,
        answers=shown(instrument, language, variant, asked.answers, asked.carried, {}),
        identity=program.face.cleaner.clean(document.foot[1], set()).replace("\n", " "),
        nothing=partial(unanswered, program, instrument, language, variant),
    )
    prove(content, program, placement.parts, blank, expected)
    return Made(content, pages, placement.annexed, placement.replaced)
