"""Turn an instrument into the HTML of its record: a page for every strip that a document is put together of.

A strip is a heading, a question with its answer, the heads of a table's columns, or the one row that stands
for all rows of a table. Its first field, as large as itself, names what it is. Like
:mod:`moodle_bridge.pdf.template.form_html` it knows layout, not PDF objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from moodle_bridge import languages
from moodle_bridge.domain.answers.visibility import visible_items
from moodle_bridge.domain.instrument.model import Instrument, Item, Variant
from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.template.form_html import (
    Field,
    FormSource,
    Inputs,
    environment,
    export_value,
    readers_note,
    sections,
    whole,
)

ANSWER_SIZE = 10.0
_GRID_COLUMNS = 5
_WEIGHTS: Mapping[str, float] = {
    "short_text": 3.0,
    "long_text": 3.0,
    "computed": 2.8,
    "single_choice": 1.7,
    "multi_choice": 2.2,
    "scale": 1.9,
    "date": 1.35,
    "number": 0.8,
    "yes_no": 0.8,
}


def author_record(instrument: Instrument, language: str, variant: Variant, sources: Path) -> FormSource:
    """Set the strips of one variant of an instrument's record.

    ``sources`` is the directory with ``record.html.j2`` and ``record.css``.
    Raises :class:`TemplateError` if the instrument has no text in ``language``.
    """
    if language not in instrument.title:
        raise TemplateError(f"{instrument.id} has no text in {language!r}", instrument=instrument.id)
    collected = Inputs()
    items = visible_items(instrument, variant)
    html = (
        environment(sources)
        .get_template("record.html.j2")
        .render(
            instrument=instrument,
            lang=language,
            words=languages.of(language).words,
            sections=list(sections(instrument, items, language)),
            field=_FieldSetter(collected, language),
            readers_note=lambda item: readers_note(item.readers, language),
            as_grid=_as_grid,
            columns=_column_widths,
            whole=whole,
            style=Markup((sources / "record.css").read_text(encoding="utf-8")),  # noqa: S704 our own file
        )
    )
    return FormSource(instrument.title[language], html, tuple(collected.fields))


def _as_grid(item: Item) -> bool:
    """Whether the rows of a table stand below each other; those of wider ones are set like questions."""
    return len(item.columns) <= _GRID_COLUMNS


def _column_widths(item: Item) -> list[float]:
    """Width of each column of a grid in percent; 3.5 % are left for the row numbers."""
    weights = [_WEIGHTS[column.type] for column in item.columns]
    return [round(96.5 * weight / sum(weights), 2) for weight in weights]


class _FieldSetter:
    """What the page template calls: one method for each kind of field."""

    def __init__(self, fields: Inputs, language: str) -> None:
        self._inputs = fields
        self._language = language

    def strip(self, role: str, text: str) -> Markup:
        """The field that is as large as its strip, names it and says what its heading says."""
        return self._inputs.add(Field(f"strip.{role}", "text", text, read_only=True), "extent")

    def engine(self, name: str, label: str, size: float) -> Markup:
        """A field of the engine's own."""
        return self._inputs.add(Field(name, "text", label, multiline=True, size=size), "plain")

    def logo(self, label: str) -> Markup:
        return self._inputs.add(Field("header.logo", "image", label, read_only=True), "logo")

    def text(self, name: str, item: Item, size: float = ANSWER_SIZE) -> Markup:
        """The first line of an answer; what is longer lets the strip grow."""
        label = item.label[self._language]
        return self._inputs.add(Field(name, "text", label, multiline=True, size=size), "plain")

    def steps(self, item: Item) -> list[tuple[Any, str]]:
        """Value and label of the steps of a scale, without "cannot say", which is none."""
        if item.type != "scale":
            return []
        return [(o.value, o.label[self._language]) for o in item.options if o.value is not None]

    def pip(self, name: str, item: Item, value: Any, label: str) -> Markup:
        """One step of a scale: a ring, filled for the step that was chosen."""
        question = item.label[self._language]
        field = Field(f"mark.{name}", "radio", label, export_value(value), question=question)
        return self._inputs.add(field, "pip")
