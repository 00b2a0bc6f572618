"""What a document shows: answers and carried values as labelled texts and button states.

Knows the instrument and the language, no page. Never refuses: what an archived form holds is shown,
also where it breaks its definition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import NamedTuple, TypeAlias

from moodle_bridge import languages
from moodle_bridge.domain.answers.visibility import visible_items
from moodle_bridge.domain.instrument.model import Instrument, Item, Variant
from moodle_bridge.domain.instrument.remember import Memory
from moodle_bridge.plain_json import Json, JsonObject

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_ROW_KEYS = frozenset({"row", "id"})


class _Absent(Enum):
    """That there is no value at all, which null is not."""

    ABSENT = 0


_ABSENT = _Absent.ABSENT
SIMPLE = frozenset({bool, int, str, type(None), type(_ABSENT)})
"""Types of single values, and of no value at all, which :attr:`Prompt.usual` may know."""

Data = JsonObject
Value: TypeAlias = "Json | _Absent"
Settle = Callable[["Prompt", Value], bool]
Parts = tuple[tuple[str, str], ...]


class Shown(NamedTuple):
    """One answer: the field it belongs to, how to print it and which buttons stand for it.

    ``parts`` are the single values of a choice, each with the state of its button and its label;
    ``quiet`` marks a cell of a row that nobody filled in.
    """

    name: str
    label: str
    text: str
    parts: Parts = ()
    quiet: bool = False
    group: str = ""
    """Heading under which rows beyond the template's capacity are gathered."""


def shown(
    instrument: Instrument,
    language: str,
    variant: Variant,
    answers: Data,
    carried: Data,
    rows: Mapping[str, int],
    settle: Settle = lambda question, value: False,
) -> list[Shown]:
    """Every visible item in order, each cell of a table on its own.

    ``rows`` says how many rows of each table are shown though nobody filled them in. What ``settle`` takes
    upon itself, a question with its value, is left out.
    """
    context = _Submitted(language, answers, carried)
    found: list[Shown] = []
    for item, question in _questions(instrument, language, variant):
        if item.carried:
            quoted = plain(carried.get(item.id), language)
            found.append(Shown(f"carried.{item.id}", item.label[language], quoted, quiet=True))
        if question is None:
            _add_table(item, context, rows.get(item.id, 0), settle, found)
        else:
            value = (carried if question.given else answers).get(question.key, _ABSENT)
            if not settle(question, _label_of(question, value, context) if question.source else value):
                found.append(_shown(question, value, context))
    known = _known_items(instrument)
    if not known.issuperset(answers):
        found += [Shown(f"?{key}", key, plain(answers[key], language)) for key in answers if key not in known]
    return found


@dataclass(frozen=True, slots=True)
class _Submitted:
    language: str
    answers: Data
    carried: Data
    labels: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    """Labels of options that come from this data, once they have been looked up."""


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A question or a cell of a table, with all that is known of it before there is an answer."""

    item: Item
    key: str
    """Its key in the answers, or of a cell in its row."""
    name: str
    label: str
    path: str
    """Name without the row."""
    group: str
    given: bool
    """Whether carried values go before typed ones."""
    wording: Callable[[str], str] | None
    """How a text is shown, if it needs nothing else for that."""
    source: str | None
    """What the label of a choice comes from, if not from the item itself; that label then is settled."""
    unanswered: Shown
    usual: Mapping[tuple[type, Value], Shown]
    """What is shown for each single value that the item itself defines, and for none; the type tells 1
    from true."""


def _question(item: Item, language: str, name: str, path: str, group: str) -> Prompt:
    label = item.label[language]
    unanswered = Shown(name, label, "", (), False, group)
    nothings: tuple[Value, ...] = (_ABSENT, None, "")
    usual: dict[tuple[type, Value], Shown] = {(type(nothing), nothing): unanswered for nothing in nothings}
    context = _Submitted(language, {}, {})
    for value in _usual_values(item):
        ((state, text),) = _parts(item, value, context, path)
        usual[type(value), value] = Shown(name, label, text, ((state, text),), False, group)
    given = item.type == "computed" or (item.read_only and name != item.id)
    source = item.options_from if item.type == "single_choice" else None
    wording: Callable[[str], str] | None = None
    if source or item.type in ("short_text", "long_text"):
        wording = str
    elif item.type == "date":
        wording = partial(date_text, language=language)
    return Prompt(item, item.id, name, label, path, group, given, wording, source, unanswered, usual)


def _usual_values(item: Item) -> list[Json]:
    if item.type == "yes_no":
        return [True, False]
    if item.type == "scale":
        return [None, *(option.value for option in item.options if option.value is not None)]
    if item.type in ("single_choice", "multi_choice") and not item.options_from:
        return [option.value for option in item.options]
    return []


def _visible_questions(
    instrument: Instrument, language: str, variant: Variant
) -> tuple[tuple[Item, Prompt | None], ...]:
    """Each visible item, with its question unless it is a table."""
    return tuple(
        (item, None if item.columns else _question(item, language, item.id, item.id, ""))
        for item in visible_items(instrument, variant)
    )


_questions = Memory(_visible_questions)
_known_items = Memory(lambda instrument: frozenset(item.id for item in instrument.items))


class _Row(NamedTuple):
    """A row of a table: its heading, its cells, and how they look when nobody filled them in."""

    heading: str
    cells: tuple[Prompt, ...]
    empty: tuple[Shown, ...]
    known: frozenset[str]
    """Keys of a row that are not to be shown as unknown ones."""


def _blank_row(item: Item, language: str, number: int) -> _Row:
    heading = f"{item.label[language]} – {languages.of(language).words['number_sign'].format(number=number)}"
    cells = tuple(
        _question(column, language, f"{item.id}.r{number}.{column.id}", f"{item.id}.{column.id}", heading)
        for column in item.columns
    )
    empty = tuple(cell.unanswered._replace(quiet=True) for cell in cells)
    return _Row(heading, cells, empty, _ROW_KEYS | {column.id for column in item.columns})


_blank_rows = Memory(_blank_row)


def _add_table(item: Item, context: _Submitted, capacity: int, settle: Settle, found: list[Shown]) -> None:
    """Add the cells of a table, row by row, and what stands in its place without being a row."""
    given = _rows(context.carried.get(item.id)) if item.type == "carried_table" else {}
    value = context.answers.get(item.id)
    typed = _rows(value)
    language = context.language
    for number in sorted({*range(1, capacity + 1), *given, *typed}):
        row = _blank_rows(item, language, number)
        mine, theirs = typed.get(number), given.get(number)
        if mine is None and theirs is None:
            found += row.empty
            continue
        mine, theirs = mine or {}, theirs or {}
        for cell in row.cells:
            first, second = (theirs, mine) if cell.given else (mine, theirs)
            cell_value = first.get(cell.key, _ABSENT)
            if cell_value is _ABSENT and second:
                cell_value = second.get(cell.key, _ABSENT)
            if not settle(cell, _label_of(cell, cell_value, context) if cell.source else cell_value):
                found.append(_shown(cell, cell_value, context))
        if not (row.known.issuperset(mine) and row.known.issuperset(theirs)):
            for key, other in {**mine, **theirs}.items():
                if key not in row.known:
                    name = f"{item.id}.r{number}.{key}"
                    found.append(Shown(name, key, plain(other, language), (), False, row.heading))
    if isinstance(value, list) and len(value) == len(typed):
        return
    label = item.label[language]
    for index, stray in enumerate(_strays(value)):
        found.append(Shown(f"{item.id}.x{index}", label, plain(stray, language), (), False, label))


def _rows(value: Value) -> dict[int, Data]:
    found: dict[int, Data] = {}
    for row in value if isinstance(value, list) else ():
        number = _row_number(row)
        if number:
            found.setdefault(number, row)
    return found


def _row_number(row: Json) -> int:
    """The number of a table's row; 0 of anything that is none."""
    if not (isinstance(row, dict) or isinstance(row, Mapping)):  # noqa: SIM101 the first is much faster
        return 0
    number = row.get("row")
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else 0


def _strays(value: Value) -> list[Json]:
    """Return values given for a table that are no rows of it; they are shown too."""
    if value is None or value is _ABSENT:
        return []
    if not isinstance(value, list):
        return [value]
    seen: set[int] = set()
    strays = []
    for row in value:
        number = _row_number(row)
        if not number or number in seen:
            strays.append(row)
        seen.add(number)
    return strays


def _shown(question: Prompt, value: Value, context: _Submitted) -> Shown:
    if isinstance(value, str) and value and question.wording and not question.source:
        return Shown(question.name, question.label, question.wording(value), (), False, question.group)
    kind = type(value)
    if kind in SIMPLE:
        usual = question.usual.get((kind, value))
        if usual is not None:
            return usual
    if value == []:
        return question.unanswered
    parts = _parts(question.item, value, context, question.path)
    text = "; ".join([label for _, label in parts]) if parts else plain(value, context.language)
    return Shown(question.name, question.label, text, parts, False, question.group)


def _parts(item: Item, value: Value, context: _Submitted, path: str) -> Parts:
    language = context.language
    if item.type == "yes_no" and isinstance(value, bool):
        return (("yes" if value else "no", languages.of(language).words["yes" if value else "no"]),)
    if item.type == "scale":
        return (_scale_part(item, value, language),)
    if item.type in ("single_choice", "multi_choice"):
        codes = value if isinstance(value, list) else [value]
        labels: Mapping[str, str] = _option_labels(item, language)
        if item.options_from:
            labels = _labels_with_data(item.options_from, path, labels, context)
        return tuple([_choice_part(code, labels, language) for code in codes])
    return ()


def _labels(item: Item, language: str) -> dict[str, str]:
    return {option.value: option.label[language] for option in item.options if isinstance(option.value, str)}


_option_labels = Memory(_labels)


def _scale_part(item: Item, value: Value, language: str) -> tuple[str, str]:
    if not isinstance(value, bool):
        for option in item.options:
            if option.value == value:
                return ("na" if value is None else str(value), option.label[language])
    if value is None:
        return ("na", languages.of(language).words["cannot_say"])
    return ("", plain(value, language))


def _choice_part(code: Value, labels: Mapping[str, str], language: str) -> tuple[str, str]:
    if isinstance(code, str):
        return (code, labels.get(code, code))
    return ("", plain(code, language))


def _label_of(question: Prompt, value: Value, context: _Submitted) -> Value:
    """The label of a code whose choice comes from data; anything else as it is."""
    if type(value) is not str or question.source is None:
        return value
    own = _option_labels(question.item, context.language)
    return _labels_with_data(question.source, question.path, own, context).get(value, value)


def _labels_with_data(
    source: str, path: str, own: Mapping[str, str], context: _Submitted
) -> Mapping[str, str]:
    """An item's own labels and those that come from data: pushed with the form, or rows of a table in it."""
    known = context.labels.get((source, path))
    if known is not None:
        return known
    labels = context.labels[source, path] = dict(own)
    for number, row in _rows(context.answers.get(source)).items():
        texts = [cell for key, cell in row.items() if key not in _ROW_KEYS and isinstance(cell, str)]
        labels[f"r{number}"] = texts[0] if texts else f"r{number}"
    options = context.carried.get(f"{path}.options")
    for option in options if isinstance(options, list) else ():
        if isinstance(option, Mapping) and "value" in option:
            labels[str(option["value"])] = str(option.get("label", option["value"]))
    return labels


def date_text(value: str, language: str) -> str:
    """An ISO date as people of the language write it; anything else as it stands."""
    found = _DATE.fullmatch(value)
    if not found or not 1 <= int(found[2]) <= 12:
        return value
    return date_of(int(found[1]), int(found[2]), int(found[3]), language)


def date_of(year: int, month: int, day: int, language: str) -> str:
    """A date as people of the language write it."""
    return languages.of(language).day(year, month, day, "document")


def plain(value: Value, language: str) -> str:
    """Any JSON value as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return languages.of(language).words["yes" if value else "no"]
    if isinstance(value, list | tuple):
        return "\n".join(plain(entry, language) for entry in value)
    if isinstance(value, Mapping):
        if "label" in value and "value" in value:
            return plain(value["label"], language)
        return "; ".join(f"{key}: {plain(entry, language)}" for key, entry in value.items())
    return str(value)
