"""Turn an instrument into the HTML of its form and the list of fields that stand in it.

Knows layout, not PDF objects: every field, whatever it will become, is set as one plain input named
``f<number>``; :mod:`moodle_bridge.pdf.template.acroform` turns those into the fields listed here. Building
needs Jinja2 and WeasyPrint; filling never imports this module.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import jinja2
from markupsafe import Markup, escape

from moodle_bridge import languages
from moodle_bridge.domain.answers.visibility import visible_items
from moodle_bridge.domain.instrument.model import (
    DEFAULT_READERS,
    Instrument,
    Item,
    Option,
    Reader,
    Variant,
)
from moodle_bridge.errors import TemplateError

FieldKind = Literal["text", "combo", "radio", "check", "image"]

PAGE_WIDTH = 499.0
"""Width of the text area in points: A4 less 17 mm on both sides."""
TEXT_SIZE = 9.5
NOTE_SIZE = 7.5
LINE = 1.2
AVERAGE_ADVANCE = 0.5
"""Mean width of a character of Bulgarian text in Sofia Sans, in em (measured on the instruments)."""
CARD_ROWS = 8
GRID_ROWS = 14
"""Most rows of a carried table; further rows go to the annex, so no form has pages of empty rows."""
RADIO_OPTIONS = 6
CARD_RADIO_OPTIONS = 4
GRID_COLUMNS = 5

_HYPHENATED = re.compile(r"(\b\w-\w+)")
_COLUMN_WEIGHT: Mapping[str, float] = {
    "short_text": 3.0,
    "long_text": 3.0,
    "computed": 2.0,
    "single_choice": 1.7,
    "multi_choice": 2.0,
    "date": 1.15,
    "number": 0.8,
    "yes_no": 1.0,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One widget of a template.

    ``name`` follows the grammar ``item`` or ``table.rN.column``; names under ``header``, ``page``,
    ``note`` and ``carried`` are the engine's own. ``value`` is the state that this widget stands for
    (radio and check). Sizes are points.
    """

    name: str
    kind: FieldKind
    tooltip: str
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    multiline: bool = False
    size: float = TEXT_SIZE
    align: int = 0
    read_only: bool = False
    question: str = ""
    """What the buttons of a group answer together."""


@dataclass(frozen=True, slots=True)
class FormSource:
    """The HTML of a form and its fields, field ``n`` set as the input named ``f<n>``."""

    title: str
    html: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A numbered question, or several scales with the same steps set as one matrix."""

    kind: Literal["text", "options", "scale", "range", "matrix", "grid", "cards", "computed"]
    number: str
    item: Item
    items: tuple[tuple[str, Item], ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class FormSection:
    number: str
    heading: str
    blocks: tuple[Block, ...]


class Inputs:
    """Collects the fields in the order in which the page template asks for them."""

    def __init__(self) -> None:
        self.fields: list[Field] = []

    def add(self, field: Field, css: str, style: str = "") -> Markup:
        self.fields.append(field)
        html = Markup('<input type="text" name="f{}" class="{}" title="{}" style="{}">')
        return html.format(len(self.fields) - 1, css, field.tooltip, style)


def author(instrument: Instrument, language: str, variant: Variant, sources: Path) -> FormSource:
    """Set one variant of an instrument's form.

    ``sources`` is the directory with ``form.html.j2`` and ``style.css``.
    Raises :class:`TemplateError` if the instrument has no text in ``language``.
    """
    if language not in instrument.title:
        raise TemplateError(f"{instrument.id} has no text in {language!r}", instrument=instrument.id)
    collected = Inputs()
    items = visible_items(instrument, variant)
    html = (
        environment(sources)
        .get_template("form.html.j2")
        .render(
            instrument=instrument,
            lang=language,
            words=languages.of(language).words,
            sections=list(sections(instrument, items, language)),
            field=_InputSetter(collected, language),
            readers_note=lambda item: readers_note(item.readers, language),
            columns=_column_widths,
            whole=whole,
            style=Markup((sources / "style.css").read_text(encoding="utf-8")),  # noqa: S704 our own file
        )
    )
    return FormSource(instrument.title[language], html, tuple(collected.fields))


def environment(sources: Path) -> jinja2.Environment:
    """What renders the page templates in ``sources``."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(sources),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def readers_note(readers: frozenset[Reader], language: str) -> str:
    """What to print beside a question whose readers are not the usual three."""
    words = languages.of(language).words
    if readers == DEFAULT_READERS:
        return ""
    if "group" in readers:
        return words["seen_by_group"]
    return words["coordinator_only"] if "mentor" not in readers else ""


def whole(text: str) -> Markup:
    """``text`` whose hyphenated words of one letter and a word, as "е-менторинг", stay in one line."""
    parts = [
        Markup('<span class="whole">{}</span>').format(part) if index % 2 else escape(part)
        for index, part in enumerate(_HYPHENATED.split(text))
    ]
    return Markup("").join(parts)


def sections(instrument: Instrument, items: Sequence[Item], language: str) -> Iterator[FormSection]:
    """The numbered sections of a form with their blocks; those without items in this variant are left out."""
    starts = {item: heading[language] for item, heading in instrument.headings.items()}
    groups: list[tuple[str, list[Item]]] = []
    heading_due = ""
    every = {item.id for item in items}
    for item in instrument.items:
        # The first item of a section may be hidden in this variant: the heading waits for the next.
        heading_due = starts.get(item.id, heading_due)
        if item.id not in every:
            continue
        shown = next(i for i in items if i.id == item.id)
        if heading_due or not groups:
            groups.append((heading_due, []))
            heading_due = ""
        groups[-1][1].append(shown)
    for index, (heading, members) in enumerate(groups, 1):
        prefix = f"{index}." if starts else ""
        yield FormSection(str(index) if starts else "", heading, tuple(_blocks(members, prefix)))


def _blocks(items: Sequence[Item], prefix: str) -> Iterator[Block]:
    index = 0
    while index < len(items):
        item = items[index]
        run = [item]
        if item.type == "scale" and not item.ends and not item.carried:
            while index + len(run) < len(items) and _same_steps(item, items[index + len(run)]):
                run.append(items[index + len(run)])
        number = f"{prefix}{index + 1}"
        if len(run) > 1:
            numbered = tuple((f"{prefix}{index + 1 + n}", one) for n, one in enumerate(run))
            yield Block("matrix", number, item, numbered)
        else:
            yield _block(number, item)
        index += len(run)


def _same_steps(first: Item, other: Item) -> bool:
    return (
        other.type == "scale"
        and not other.carried
        and first.options == other.options
        and first.readers == other.readers
    )


def _block(number: str, item: Item) -> Block:
    if item.type in ("table", "carried_table"):
        capacity = max(item.max_rows, item.min_rows, 1)
        grid = _fits_grid(item)
        if item.type == "carried_table":
            capacity = min(capacity, GRID_ROWS if grid else CARD_ROWS)
        return Block("grid" if grid else "cards", number, item, rows=capacity)
    if item.type == "computed":
        return Block("computed", number, item)
    if item.type == "scale":
        return Block("range" if item.ends else "scale", number, item)
    if item.type == "yes_no" or (item.type in ("single_choice", "multi_choice") and item.options):
        if item.type == "single_choice" and len(item.options) > 2 * RADIO_OPTIONS:
            return Block("text", number, item)
        return Block("options", number, item)
    return Block("text", number, item)


def _fits_grid(item: Item) -> bool:
    wide = sum(1 for c in item.columns if c.type in ("short_text", "long_text"))
    return (
        len(item.columns) <= GRID_COLUMNS
        and wide <= 2
        and all(c.type in _COLUMN_WEIGHT and c.type != "multi_choice" for c in item.columns)
    )


def _column_widths(item: Item) -> list[float]:
    """Width of each column of a grid in percent; 3.5 % are left for the row numbers."""
    weights = [_COLUMN_WEIGHT[c.type] for c in item.columns]
    return [round(96.5 * w / sum(weights), 2) for w in weights]


def lines_needed(characters: int, width: float, size: float) -> int:
    """Lines that ``characters`` of usual text take in a box of ``width`` points."""
    return max(1, math.ceil(characters * size * AVERAGE_ADVANCE / width))


def option_pairs(options: Sequence[Option], language: str) -> tuple[tuple[str, str], ...]:
    """Export value and label of each option; "cannot say" is exported as ``na``."""
    return tuple((export_value(o.value), o.label[language]) for o in options)


def export_value(value: Any) -> str:
    """The state by which a button of the template stands for an answer."""
    if value is None:
        return "na"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


class _InputSetter:
    """What the page template calls: one method for each kind of field."""

    def __init__(self, fields: Inputs, language: str) -> None:
        self._inputs = fields
        self._language = language

    def header(self, name: str, label: str, size: float = TEXT_SIZE, align: int = 0) -> Markup:
        field = Field(f"header.{name}", "text", label, size=size, align=align)
        return self._inputs.add(field, f"plain {name}")

    def logo(self, label: str) -> Markup:
        return self._inputs.add(Field("header.logo", "image", label, read_only=True), "logo")

    def note(self, name: str, label: str, css: str = "") -> Markup:
        field = Field(f"note.{name}", "text", label, size=NOTE_SIZE, read_only=True)
        return self._inputs.add(field, f"note {css}".rstrip())

    def carried(self, item: Item) -> Markup:
        label = item.label[self._language]
        field = Field(f"carried.{item.id}", "text", label, multiline=True, read_only=True)
        return self._inputs.add(field, "carried", f"height:{_height(2, TEXT_SIZE)}pt")

    def text(self, name: str, item: Item, width: float = PAGE_WIDTH, size: float = TEXT_SIZE) -> Markup:
        """A box of the size that the item's longest text needs, within reason."""
        lines, most = 1, 20
        if item.type in ("short_text", "long_text"):
            lines = lines_needed(item.max_length or 200, width - 8, size)
        elif item.type == "computed":
            lines = 5 if width == PAGE_WIDTH else 2
        elif item.type in ("multi_choice", "single_choice"):
            lines = lines_needed(self._longest(item), width - 8, size)
        if width < PAGE_WIDTH:
            most = 5
        lines = min(lines, most)
        options: tuple[tuple[str, str], ...] = ()
        kind: FieldKind = "text"
        if item.type in ("single_choice", "scale") and item.options:
            kind, options = "combo", option_pairs(item.options, self._language)
        field = Field(
            name,
            kind,
            item.label[self._language],
            options=options,
            multiline=item.type not in ("date", "number") and kind != "combo",
            size=size,
            read_only=item.read_only or item.type == "computed",
        )
        css = "box given" if field.read_only else "box"
        # In a card three small lines need the height of two and a half usual ones.
        tight = 0.5 if width < PAGE_WIDTH and lines > 2 else 0.0
        return self._inputs.add(field, css, f"height:{_height(lines - tight, size)}pt")

    def _longest(self, item: Item) -> int:
        """Characters of the longest choice; of options that come from data, a usual one."""
        longest = max((len(o.label[self._language]) for o in item.options), default=100)
        return longest * (item.maximum or 1 if item.type == "multi_choice" else 1)

    def button(self, name: str, item: Item, value: Any, label: str) -> Markup:
        """One radio button or check box of a question."""
        if item.type == "multi_choice":
            return self._inputs.add(Field(f"{name}.{value}", "check", label, "on"), "check")
        question = item.label[self._language]
        field = Field(name, "radio", label, export_value(value), question=question)
        return self._inputs.add(field, "radio")

    def choices(self, item: Item) -> list[tuple[Any, str]]:
        """Value and label of each option to print; yes and no for a yes/no question."""
        words = languages.of(self._language).words
        if item.type == "yes_no":
            return [(True, words["yes"]), (False, words["no"])]
        return [(o.value, o.label[self._language]) for o in item.options]

    def as_buttons(self, item: Item, grid: bool) -> bool:
        """Whether a column prints all its options (few enough) instead of a box."""
        if item.read_only or item.type == "computed":
            return False
        if item.type in ("scale", "yes_no"):
            return True
        return not grid and item.type == "single_choice" and 0 < len(item.options) <= CARD_RADIO_OPTIONS


def _height(lines: float, size: float) -> float:
    return round(lines * size * LINE + 5.0, 1)
