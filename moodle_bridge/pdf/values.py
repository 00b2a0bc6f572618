"""What a document shows: answers and carried values as labelled texts and button states.

Knows the instrument and the language, no page. Never refuses: what an archived form holds is shown,
also where it breaks its definition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, NamedTuple, TypeVar

from moodle_bridge.domain.instruments import Instrument, Item, Variant, in_variant, readers_of
from moodle_bridge.pdf.words import WORDS

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ROW_KEYS = frozenset({"row", "id"})

Data = Mapping[str, Any]
T = TypeVar("T")


class Shown(NamedTuple):
    """One answer: the field it belongs to, how to print it and which buttons stand for it.

    ``parts`` are the single values of a choice, each with the state of its button and its label;
    ``quiet`` marks a cell of a row that nobody filled in.
    """

    name: str
    label: str
    text: str
    parts: tuple[tuple[str, str], ...] = ()
    quiet: bool = False
    group: str = ""
    """Heading under which rows beyond the template's capacity are gathered."""


class _Memory(Generic[T]):
    """Remembers what is worked out from an instrument or item, which hold mappings and so have no hash.

    What it remembers keeps the thing alive, so nothing else can have its identity meanwhile.
    """

    def __init__(self, work_out: Callable[..., T]) -> None:
        self._work_out = work_out
        self._kept: dict[tuple[Any, ...], tuple[Any, T]] = {}

    def __call__(self, thing: Instrument | Item, *rest: str | int) -> T:
        key = (id(thing), *rest)
        known = self._kept.get(key)
        if known is None:
            if len(self._kept) > _MOST_REMEMBERED:
                self._kept.clear()
            known = self._kept[key] = (thing, self._work_out(thing, *rest))
        return known[1]


_MOST_REMEMBERED = 4096


def visible_items(instrument: Instrument, variant: Variant) -> tuple[Item, ...]:
    """The items and columns that a variant shows; a table that has no column left is left out."""
    return _remembered_items(instrument, variant)


def _visible_items(instrument: Instrument, variant: Variant) -> tuple[Item, ...]:
    found = []
    for item in instrument.items:
        if not in_variant(variant, item.readers):
            continue
        columns = tuple(c for c in item.columns if in_variant(variant, readers_of(item, c)))
        if columns or not item.columns:
            found.append(replace(item, columns=columns))
    return tuple(found)


_remembered_items = _Memory(_visible_items)


def differs(instrument: Instrument) -> bool:
    """Whether the mentor's copy shows less than the full document."""
    return visible_items(instrument, "full") != visible_items(instrument, "mentor")


def visible_data(
    instrument: Instrument, variant: Variant, answers: Data, carried: Data
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers and carried values that this variant may show, and nothing else.

    Keys that the instrument does not know stay in the full variant only: nobody said who may read
    them.
    """
    if variant == "full":
        return dict(answers), dict(carried)
    hidden, columns = _hidden(instrument, variant)
    known = {item.id: item for item in instrument.items}
    seen_answers = {
        key: _visible_rows(value, known[key], columns.get(key, frozenset()))
        for key, value in answers.items()
        if key in known and key not in hidden
    }
    seen_carried = {}
    for key, value in carried.items():
        item, _, rest = key.partition(".")
        if item not in known or item in hidden:
            continue
        if not rest:
            seen_carried[key] = _visible_rows(value, known[item], columns.get(item, frozenset()))
        elif rest == "options" or rest.removesuffix(".options") not in columns.get(item, frozenset()):
            seen_carried[key] = value
    return seen_answers, seen_carried


def _hidden(instrument: Instrument, variant: Variant) -> tuple[set[str], dict[str, frozenset[str]]]:
    items = {item.id for item in instrument.items if not in_variant(variant, item.readers)}
    columns = {
        item.id: frozenset(c.id for c in item.columns if not in_variant(variant, readers_of(item, c)))
        for item in instrument.items
        if item.columns
    }
    return items, columns


def _visible_rows(value: Any, item: Item, hidden: frozenset[str]) -> Any:
    if not item.columns or not isinstance(value, list):
        return value
    allowed = {c.id for c in item.columns} - hidden | _ROW_KEYS
    return [
        {key: cell for key, cell in row.items() if key in allowed} if isinstance(row, Mapping) else row
        for row in value
    ]


def shown(
    instrument: Instrument,
    language: str,
    items: Sequence[Item],
    answers: Data,
    carried: Data,
    rows: Mapping[str, int],
) -> Iterator[Shown]:
    """Every item in order, each cell of a table on its own.

    ``items`` are the visible ones; ``rows`` says how many rows of each table the template has.
    """
    context = _Context(language, answers, carried)
    for item in items:
        if item.carried:
            quoted = plain(carried.get(item.id), language)
            yield Shown(f"carried.{item.id}", item.label[language], quoted, quiet=True)
        if item.columns:
            yield from _table(item, context, rows.get(item.id, 0))
        else:
            value = carried.get(item.id) if item.type == "computed" else answers.get(item.id, _ABSENT)
            yield _shown(item.id, item, item.label[language], value, context, "")
    known = {item.id for item in instrument.items}
    for key in answers:
        if key not in known:
            yield Shown(key, key, plain(answers[key], language))


_ABSENT = object()


@dataclass(frozen=True, slots=True)
class _Context:
    language: str
    answers: Data
    carried: Data
    labels: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    """Labels of options that come from this data, once they have been looked up."""


class _Cell(NamedTuple):
    """A cell of a table before anything is known of its value; ``path`` is the column's."""

    column: Item
    given: bool
    name: str
    label: str
    path: str


class _Row(NamedTuple):
    """A row of a table: its heading, its cells, and how they look when nobody filled them in."""

    heading: str
    cells: tuple[_Cell, ...]
    empty: tuple[Shown, ...]


def _blank_row(item: Item, language: str, number: int) -> _Row:
    heading = f"{item.label[language]} – {WORDS[language]['number_sign'].format(number=number)}"
    cells = tuple(
        _Cell(
            column,
            column.read_only or column.type == "computed",
            f"{item.id}.r{number}.{column.id}",
            column.label[language],
            f"{item.id}.{column.id}",
        )
        for column in item.columns
    )
    return _Row(heading, cells, tuple(Shown(c.name, c.label, "", (), True, heading) for c in cells))


_blank_rows = _Memory(_blank_row)


def _table(item: Item, context: _Context, capacity: int) -> Iterator[Shown]:
    given = _rows(context.carried.get(item.id)) if item.type == "carried_table" else {}
    typed = _rows(context.answers.get(item.id))
    language = context.language
    known = {column.id for column in item.columns} | _ROW_KEYS
    for number in sorted({*range(1, capacity + 1), *given, *typed}):
        row = _blank_rows(item, language, number)
        mine, theirs = typed.get(number), given.get(number)
        if mine is None and theirs is None:
            yield from row.empty
            continue
        mine, theirs = mine or {}, theirs or {}
        for column, read_only, name, label, path in row.cells:
            first, second = (theirs, mine) if read_only else (mine, theirs)
            value = first.get(column.id, _ABSENT)
            if value is _ABSENT:
                value = second.get(column.id, _ABSENT)
            yield _shown(name, column, label, value, context, path, row.heading)
        for key, value in {**mine, **theirs}.items() if not known.issuperset({*mine, *theirs}) else ():
            if key not in known:
                name = f"{item.id}.r{number}.{key}"
                yield Shown(name, key, plain(value, language), (), False, row.heading)
    value = context.answers.get(item.id)
    if isinstance(value, list) and len(value) == len(typed):
        return
    label = item.label[language]
    for index, stray in enumerate(_strays(value)):
        yield Shown(f"{item.id}.x{index}", label, plain(stray, language), (), False, label)


def _rows(value: Any) -> dict[int, Data]:
    if not isinstance(value, list):
        return {}
    found: dict[int, Data] = {}
    for row in value:
        if _is_row(row):
            found.setdefault(row["row"], row)
    return found


def _is_row(row: Any) -> bool:
    return (
        (isinstance(row, dict) or isinstance(row, Mapping))  # noqa: SIM101 the first is much faster
        and isinstance(row.get("row"), int)
        and not isinstance(row["row"], bool)
        and row["row"] > 0
    )


def _strays(value: Any) -> list[Any]:
    """What stands in a table's place without being a row of it: shown all the same."""
    if value is None:
        return []
    if not isinstance(value, list):
        return [value]
    seen: set[int] = set()
    strays = []
    for row in value:
        if not _is_row(row) or row["row"] in seen:
            strays.append(row)
        else:
            seen.add(row["row"])
    return strays


def _shown(
    name: str, item: Item, label: str, value: Any, context: _Context, path: str, group: str = ""
) -> Shown:
    if value is _ABSENT or value == "" or value == [] or (value is None and item.type != "scale"):
        return Shown(name, label, "", (), False, group)
    if isinstance(value, str) and item.type in ("short_text", "long_text"):
        return Shown(name, label, value, (), False, group)
    if type(value) in _SIMPLE:
        usual = _usual_choices(item, context.language).get((type(value), value))
        if usual is not None:
            return Shown(name, label, usual[1], (usual,), False, group)
    parts = _parts(item, value, context, path or name)
    if parts:
        return Shown(name, label, "; ".join([text for _, text in parts]), parts, False, group)
    return Shown(name, label, _text(item, value, context.language), (), False, group)


def _text(item: Item, value: Any, language: str) -> str:
    if item.type == "date" and isinstance(value, str):
        return date_text(value, language)
    return value if isinstance(value, str) else plain(value, language)


def _parts(item: Item, value: Any, context: _Context, path: str) -> tuple[tuple[str, str], ...]:
    language = context.language
    if item.type == "yes_no" and isinstance(value, bool):
        return (("yes" if value else "no", WORDS[language]["yes" if value else "no"]),)
    if item.type == "scale":
        return (_scale_part(item, value, language),)
    if item.type in ("single_choice", "multi_choice"):
        codes = value if isinstance(value, list) else [value]
        labels = _option_labels(item, language)
        if item.options_from:
            key = (item.options_from, path)
            if key not in context.labels:
                context.labels[key] = labels | _data_labels(item.options_from, path, context)
            labels = context.labels[key]
        return tuple(_choice_part(code, labels, language) for code in codes)
    return ()


def _labels(item: Item, language: str) -> dict[Any, str]:
    return {option.value: option.label[language] for option in item.options}


_option_labels = _Memory(_labels)


def _usual(item: Item, language: str) -> dict[tuple[type, Any], tuple[str, str]]:
    """State and label of every single value that the item itself defines; the type tells 1 from true."""
    values: list[Any] = []
    if item.type == "yes_no":
        values = [True, False]
    elif item.type == "scale" or (item.type in ("single_choice", "multi_choice") and not item.options_from):
        values = [option.value for option in item.options]
    context = _Context(language, {}, {})
    return {(type(value), value): _parts(item, value, context, "")[0] for value in values}


_usual_choices = _Memory(_usual)
_SIMPLE = frozenset({bool, int, str, type(None)})


def _scale_part(item: Item, value: Any, language: str) -> tuple[str, str]:
    if not isinstance(value, bool):
        for option in item.options:
            if option.value == value:
                return ("na" if value is None else str(value), option.label[language])
    if value is None:
        return ("na", WORDS[language]["cannot_say"])
    return ("", plain(value, language))


def _choice_part(code: Any, labels: Mapping[Any, str], language: str) -> tuple[str, str]:
    if isinstance(code, str):
        return (code, labels.get(code, code))
    return ("", plain(code, language))


def _data_labels(source: str, path: str, context: _Context) -> dict[str, str]:
    """Labels of options that come from data: pushed with the form, or rows of a table in it."""
    labels: dict[str, str] = {}
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
    year, month, day = found.groups()
    if language == "bg":
        return f"{day}.{month}.{year} г."
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year}"


def plain(value: Any, language: str) -> str:
    """Any JSON value as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return WORDS[language]["yes" if value else "no"]
    if isinstance(value, list | tuple):
        return "\n".join(plain(entry, language) for entry in value)
    if isinstance(value, Mapping):
        if "label" in value and "value" in value:
            return plain(value["label"], language)
        return "; ".join(f"{key}: {plain(entry, language)}" for key, entry in value.items())
    return str(value)
