"""The items of an instrument file, tables with their columns among them, read or refused."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

from moodle_bridge.domain.instrument import conditions, registry
from moodle_bridge.domain.instrument.model import (
    DEFAULT_READERS,
    GoalLevel,
    GoalScope,
    Item,
    ItemType,
    Reader,
    Reference,
    Refusal,
    Text,
)
from moodle_bridge.domain.instrument.read.choices import Choices, resolved
from moodle_bridge.domain.instrument.read.entry import ID, Entry
from moodle_bridge.domain.instrument.read.vocabulary import Vocabulary
from moodle_bridge.yaml_lines import Located

_TABLES = frozenset({"table", "carried_table"})
_SERVES = re.compile(r"(S([1-9]|1[01])|A[1-3]|O[1-5])\Z")

# fmt: off
_ITEM_KEYS = frozenset(
    {
        "id", "type", "label", "help", "required", "required_if", "show_if", "visibility", "options",
        "options_from", "scale", "allowed", "exclude", "allow_na", "default", "min", "max", "max_length",
        "min_rows", "max_rows", "ro", "computed", "carried", "source", "columns", "goal_level", "scope",
        "serves", "report", "suggest", "prefill", "affirm", "formerly", "refuse", "distinct", "listed",
    }
)
_NOT_IN_COLUMNS = frozenset(
    {
        "columns", "min_rows", "max_rows", "source", "carried", "goal_level", "scope", "suggest", "prefill",
        "affirm", "serves", "report", "formerly", "distinct",
    }
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Words:
    """What the items of one form may refer to besides registered functions."""

    vocabulary: Vocabulary
    choices: Choices
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns of each table of the form."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of every text."""
        return self.vocabulary.languages


def read_items(located: Located, words: Words, instrument: str) -> tuple[Item, ...]:
    """Read the items of an instrument; raises :class:`InstrumentError` with file, line and item."""
    if not isinstance(located.value, list) or not located.value:
        located.refuse("'items' has to be a list of items", instrument)
    form_ids = _ids(located, instrument)
    words = dataclasses.replace(words, tables=dict(_tables(located)))
    return tuple(_item(child, words, form_ids, form_ids, None) for child in located.children.values())


def _tables(located: Located) -> Iterator[tuple[str, tuple[str, ...]]]:
    for child in located.children.values():
        columns = child.get("columns")
        if columns is not None and isinstance(columns.value, list):
            yield child.value["id"], _ids(columns, child.value["id"])


def _ids(located: Located, parent: str) -> tuple[str, ...]:
    ids: list[str] = []
    for child in located.children.values():
        name = child.value.get("id") if isinstance(child.value, dict) else None
        if not isinstance(name, str) or not ID.match(name):
            child.refuse(f"the id {name!r} has to be lower-case letters, digits and _", parent)
        if name in ids:
            child.refuse(f"the id {name!r} stands here twice", parent)
        ids.append(name)
    return tuple(ids)


def _item(
    located: Located, words: Words, form_ids: tuple[str, ...], visible_ids: tuple[str, ...], table: str | None
) -> Item:
    name = located.value["id"]
    entry = Entry(located, name if table is None else f"{table}.{name}")
    entry.only(_ITEM_KEYS if table is None else _ITEM_KEYS - _NOT_IN_COLUMNS)
    kind = entry.raw("type")
    if kind not in get_args(ItemType) or (table is not None and kind in _TABLES):
        entry.refuse(f"{kind!r} is not a type that can stand here")
    item = Item(
        id=name,
        type=kind,
        label=entry.text("label", words.languages),
        required=entry.flag("required", False),
        help=entry.optional_text("help", words.languages),
        readers=_readers(entry),
        options=resolved(entry, words.choices),
        options_from=_options_from(entry, form_ids),
        ends=words.choices.ends.get(entry.raw("scale") or ""),
        maximum=entry.optional_number("max"),
        minimum=entry.optional_number("min"),
        max_length=entry.optional_number("max_length"),
        default=entry.raw("default"),
        affirm=entry.flag("affirm", False),
        read_only=entry.flag("ro", False) or kind == "computed",
        show_if=_condition(entry, "show_if", words, visible_ids),
        required_if=_condition(entry, "required_if", words, visible_ids),
        refuse=_refuse(entry, words, visible_ids),
        distinct=entry.raw("distinct"),
        columns=_columns(entry, words, form_ids),
        min_rows=entry.number("min_rows", 0),
        max_rows=entry.number("max_rows", 0),
        source=entry.reference("source", registry.SOURCES, "name"),
        computed=_computed(entry, table),
        carried=entry.raw("carried"),
        goal_level=entry.choice("goal_level", GoalLevel) if "goal_level" in entry else None,
        scope=entry.choice("scope", GoalScope) if "scope" in entry else None,
        prefill=_prefill(entry, words),
        suggest=entry.reference("suggest", registry.SUGGESTIONS, "rule"),
        formerly=_formerly(entry),
        listed=entry.flag("listed", False),
        serves=_serves(entry),
        report=_report(entry, words),
    )
    _check_shape(entry, item)
    return item


def _readers(entry: Entry) -> frozenset[Reader]:
    value = entry.raw("visibility")
    if value is None:
        return DEFAULT_READERS
    if not isinstance(value, list) or any(reader not in get_args(Reader) for reader in value):
        entry.refuse("'visibility' lists author, mentor, coordinator, group", "visibility")
    if not {"author", "coordinator"} <= set(value):
        entry.refuse("author and coordinator always read an answer", "visibility")
    return frozenset(value)


def _options_from(entry: Entry, form_ids: tuple[str, ...]) -> str | None:
    source: str | None = entry.raw("options_from")
    if source is not None and source not in registry.OPTION_SOURCES and source not in form_ids:
        known = ", ".join(sorted(registry.OPTION_SOURCES))
        entry.refuse(f"{source!r} is neither a table of this form nor one of {known}", "options_from")
    return source


def _condition(entry: Entry, key: str, words: Words, visible_ids: tuple[str, ...]) -> conditions.Tree | None:
    expression = entry.raw(key)
    if expression is None:
        return None
    if not isinstance(expression, str):
        entry.refuse(f"{key!r} has to be an expression", key)
    try:
        return conditions.parse(expression, visible_ids, words.choices.code_values(), words.tables)
    except ValueError as error:
        entry.refuse(f"{key!r}: {error}", key)


def _refuse(entry: Entry, words: Words, visible_ids: tuple[str, ...]) -> tuple[Refusal, ...]:
    child = entry.located.get("refuse")
    if child is None:
        return ()
    if not isinstance(child.value, list) or not all(isinstance(each, dict) for each in child.value):
        entry.refuse("'refuse' lists conditions with what is said then: {if: ..., say: ...}", "refuse")
    found = []
    for each in child.children.values():
        own = Entry(each, entry.item)
        own.only(frozenset({"if", "say"}))
        condition = _condition(own, "if", words, visible_ids)
        if condition is None:
            own.refuse("'refuse' needs a condition under 'if'")
        found.append(Refusal(condition, own.text("say", words.languages)))
    return tuple(found)


def _columns(entry: Entry, words: Words, form_ids: tuple[str, ...]) -> tuple[Item, ...]:
    if entry.raw("type") not in _TABLES:
        if "columns" in entry:
            entry.refuse("only tables have columns", "columns")
        return ()
    child = entry.located.get("columns")
    if child is None or not isinstance(child.value, list) or not child.value:
        entry.refuse("a table needs a list of 'columns'", "columns")
    ids = _ids(child, entry.item)
    if "row" in ids or "id" in ids:
        child.refuse("'row' and 'id' are taken: they identify a row", entry.item)
    visible = (*ids, *(name for name in form_ids if name not in ids))
    read = {column: _item(column, words, form_ids, visible, entry.item) for column in child.children.values()}
    # A column that says nothing of its readers has those of its table.
    own = _readers(entry)
    return tuple(
        made if "visibility" in column.children else dataclasses.replace(made, readers=own)
        for column, made in read.items()
    )


def _computed(entry: Entry, table: str | None) -> str | None:
    name: str | None = entry.raw("computed")
    if entry.raw("type") == "computed":
        known = sorted(registry.LINES if table is None else registry.ROW_FIGURES)
        if name not in known:
            entry.refuse(f"'computed' has to be one of {', '.join(known)}")
    elif name is not None:
        entry.refuse("only an item of type computed has this", "computed")
    return name


def _prefill(entry: Entry, words: Words) -> Text | Reference | None:
    value = entry.raw("prefill")
    if isinstance(value, dict) and "text" in value:
        return Entry(entry.located.children["prefill"], entry.item).text("text", words.languages)
    return entry.reference("prefill", registry.PREFILLS, "rule")


def _formerly(entry: Entry) -> tuple[str, ...]:
    value = entry.raw("formerly") or []
    if not isinstance(value, list) or not all(isinstance(name, str) and ID.match(name) for name in value):
        entry.refuse("'formerly' lists the ids that the item had in earlier versions", "formerly")
    return tuple(value)


def _serves(entry: Entry) -> tuple[str, ...]:
    value = entry.raw("serves")
    if value is None:
        return ()
    if not isinstance(value, list) or not value or any(not _SERVES.match(str(tag)) for tag in value):
        entry.refuse("'serves' lists what it is for (S1-S11, A1-A3, O1-O5)", "serves")
    return tuple(value)


def _report(entry: Entry, words: Words) -> str:
    value = entry.raw("report")
    if value is not None and value not in words.vocabulary.sections:
        entry.refuse("'report' has to be a report section of the vocabulary", "report")
    return value or ""


def _check_shape(entry: Entry, item: Item) -> None:
    """Refuse an item that no form could show or no answer could satisfy."""
    kind = item.type
    if kind in ("short_text", "long_text") and (item.max_length or 0) < 1:
        entry.refuse("a text needs 'max_length'")
    if kind in ("single_choice", "multi_choice") and not item.options and item.options_from is None:
        entry.refuse("a choice needs 'options' or 'options_from'")
    if kind == "multi_choice" and item.options_from is None and (item.maximum or 0) < 1:
        entry.refuse("several choices need 'max'")
    if kind == "number" and (item.minimum is None or item.maximum is None or item.minimum > item.maximum):
        entry.refuse("a number needs 'min' and 'max'")
    if kind == "table" and not 0 <= item.min_rows <= item.max_rows <= 50:
        entry.refuse("a table needs 0 <= min_rows <= max_rows <= 50")
    if kind == "table" and item.max_rows < 1:
        entry.refuse("a table needs 'max_rows'")
    if kind == "carried_table" and (item.source is None or item.max_rows < 1):
        entry.refuse("a carried table needs 'source' and 'max_rows' (what fits in the document)")
    if kind != "carried_table" and item.source is not None:
        entry.refuse("only a carried table has a 'source'")
    listed = item.listed or any(each.listed for each in item.columns)
    if listed and not item.report and "." not in entry.item:
        entry.refuse("what is listed needs a section of the report to stand in", "listed")
    if item.distinct is not None and item.distinct not in [column.id for column in item.columns]:
        entry.refuse("'distinct' names the column that has to differ from row to row", "distinct")
    if item.affirm and (kind != "yes_no" or not item.required):
        entry.refuse("only a required yes or no has 'affirm'")
    if item.default is not None:
        values = [option.value for option in item.options]
        fits = {
            "yes_no": isinstance(item.default, bool),
            "number": type(item.default) is int
            and (item.minimum or 0) <= item.default <= (item.maximum or 0),
            "scale": type(item.default) is int and item.default in values,
            "single_choice": item.default in values,
        }
        if not fits.get(kind, False):
            entry.refuse("this default is not a possible answer", "default")
