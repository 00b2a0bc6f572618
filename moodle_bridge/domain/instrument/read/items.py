"""The items of an instrument file, tables with their columns among them, read or refused."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, get_args

from moodle_bridge.domain.instrument import conditions, registry
from moodle_bridge.domain.instrument.model import DEFAULT_READERS, Item, ItemType, Option, Reader
from moodle_bridge.domain.instrument.read.scalars import (
    ID,
    Words,
    choice,
    flag,
    known_keys,
    number,
    read_text,
    reference,
)
from moodle_bridge.domain.instrument.read.yaml_lines import Located

_TYPES = frozenset(get_args(ItemType))
_TABLES = frozenset({"table", "carried_table"})
_SERVES = re.compile(r"(S([1-9]|1[01])|A[1-3]|O[1-5])\Z")

# fmt: off
_ITEM_KEYS = frozenset(
    {
        "id", "type", "label", "help", "required", "required_if", "show_if", "visibility", "options",
        "options_from", "scale", "allowed", "exclude", "allow_na", "default", "min", "max", "max_length",
        "min_rows", "max_rows", "ro", "computed", "carried", "source", "columns", "goal_level", "scope",
        "serves", "report", "suggest", "prefill", "affirm",
    }
)
_NOT_IN_COLUMNS = frozenset(
    {
        "columns", "min_rows", "max_rows", "source", "carried", "goal_level", "scope", "suggest", "prefill",
        "affirm",
    }
)
# fmt: on


def read_items(located: Located, words: Words, instrument: str) -> tuple[Item, ...]:
    """Read the items of an instrument; raises :class:`InstrumentError` with file, line and item."""
    if not isinstance(located.value, list) or not located.value:
        located.refuse("'items' has to be a list of items", instrument)
    form_ids = _ids(located, instrument)
    return tuple(_item(child, words, form_ids, form_ids, None) for child in located.children.values())


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
    value = located.value
    name = value["id"] if table is None else f"{table}.{value['id']}"
    known = _ITEM_KEYS if table is None else _ITEM_KEYS - _NOT_IN_COLUMNS
    known_keys(located, known, name)
    kind = value.get("type")
    if kind not in _TYPES or (table is not None and kind in _TABLES):
        located.refuse(f"{kind!r} is not a type that can stand here", name)
    if "label" not in located.children:
        located.refuse("'label' is missing", name)
    read_only = flag(located, "ro", name, False) or kind == "computed"
    help_text = located.get("help")
    item = Item(
        id=value["id"],
        type=kind,
        label=read_text(located.children["label"], words.languages, name),
        required=flag(located, "required", name, False),
        help=None if help_text is None else read_text(help_text, words.languages, name),
        readers=_readers(located, name),
        options=_resolved_options(located, words, name),
        options_from=_options_from(located, form_ids, name),
        ends=words.ends.get(value.get("scale", "")),
        maximum=_bound(located, "max", name),
        minimum=_bound(located, "min", name),
        max_length=_bound(located, "max_length", name),
        default=value.get("default"),
        affirm=flag(located, "affirm", name, False),
        read_only=read_only,
        show_if=_condition(located, "show_if", words, visible_ids, name),
        required_if=_condition(located, "required_if", words, visible_ids, name),
        columns=_columns(located, words, form_ids, name),
        min_rows=number(located, "min_rows", name, 0),
        max_rows=number(located, "max_rows", name, 0),
        source=_source(located, name),
        computed=_computed(located, name, table),
        carried=value.get("carried"),
        extra=_extra(located, words, name, table),
    )
    _check_shape(located, item, name)
    return item


def _bound(located: Located, key: str, item: str) -> int | None:
    return number(located, key, item, 0) if key in located.children else None


def _readers(located: Located, item: str) -> frozenset[Reader]:
    value = located.value.get("visibility")
    if value is None:
        return DEFAULT_READERS
    if not isinstance(value, list) or any(reader not in get_args(Reader) for reader in value):
        located.children["visibility"].refuse("'visibility' lists author, mentor, coordinator, group", item)
    if not {"author", "coordinator"} <= set(value):
        located.children["visibility"].refuse("author and coordinator always read an answer", item)
    return frozenset(value)


def _resolved_options(located: Located, words: Words, item: str) -> tuple[Option, ...]:
    value = located.value
    if value["type"] == "scale":
        return _scale_options(located, words, item)
    if "options" not in value:
        return ()
    if value["options"] not in words.codes:
        located.children["options"].refuse(f"the vocabulary has no code list {value['options']!r}", item)
    options = words.codes[value["options"]]
    excluded = value.get("exclude", [])
    for code in excluded:
        if code not in [option.value for option in options]:
            located.children["exclude"].refuse(f"{value['options']!r} has no code {code!r}", item)
    return tuple(option for option in options if option.value not in excluded)


def _scale_options(located: Located, words: Words, item: str) -> tuple[Option, ...]:
    value = located.value
    if value.get("scale") not in words.scales:
        (located.get("scale") or located).refuse(f"the vocabulary has no scale {value.get('scale')!r}", item)
    options = words.scales[value["scale"]]
    allowed = value.get("allowed")
    if allowed is not None:
        for step in allowed:
            if step not in [option.value for option in options]:
                located.children["allowed"].refuse(f"{value['scale']!r} has no step {step!r}", item)
        options = tuple(option for option in options if option.value in allowed)
    if flag(located, "allow_na", item, False):
        if None not in [option.value for option in options]:
            located.children["allow_na"].refuse(f"{value['scale']!r} has no 'na' step", item)
    elif not value.get("ro"):
        options = tuple(option for option in options if option.value is not None)
    return options


def _options_from(located: Located, form_ids: tuple[str, ...], item: str) -> str | None:
    source: str | None = located.value.get("options_from")
    if source is not None and source not in registry.OPTION_SOURCES and source not in form_ids:
        known = ", ".join(sorted(registry.OPTION_SOURCES))
        located.children["options_from"].refuse(
            f"{source!r} is neither a table of this form nor one of {known}", item
        )
    return source


def _condition(
    located: Located, key: str, words: Words, visible_ids: tuple[str, ...], item: str
) -> conditions.Tree | None:
    child = located.get(key)
    if child is None:
        return None
    if not isinstance(child.value, str):
        child.refuse(f"{key!r} has to be an expression", item)
    try:
        return conditions.parse(child.value, visible_ids, words.code_values())
    except ValueError as error:
        child.refuse(f"{key!r}: {error}", item)


def _columns(located: Located, words: Words, form_ids: tuple[str, ...], item: str) -> tuple[Item, ...]:
    if located.value["type"] not in _TABLES:
        if "columns" in located.children:
            located.children["columns"].refuse("only tables have columns", item)
        return ()
    child = located.get("columns")
    if child is None or not isinstance(child.value, list) or not child.value:
        (child or located).refuse("a table needs a list of 'columns'", item)
    ids = _ids(child, item)
    if "row" in ids or "id" in ids:
        child.refuse("'row' and 'id' are taken: they identify a row", item)
    visible = (*ids, *(name for name in form_ids if name not in ids))
    read = {column: _item(column, words, form_ids, visible, item) for column in child.children.values()}
    # A column that says nothing of its readers has those of its table.
    own = _readers(located, item)
    return tuple(
        made if "visibility" in column.children else dataclasses.replace(made, readers=own)
        for column, made in read.items()
    )


def _source(located: Located, item: str) -> str | None:
    child = located.get("source")
    if child is None:
        return None
    return str(reference(child, registry.SOURCES, "name", item)["name"])


def _computed(located: Located, item: str, table: str | None) -> str | None:
    name: str | None = located.value.get("computed")
    if located.value["type"] == "computed":
        known = registry.LINES if table is None else registry.ROW_FIGURES
        if name not in known:
            located.refuse(f"'computed' has to be one of {', '.join(sorted(known))}", item)
    elif name is not None:
        located.children["computed"].refuse("only an item of type computed has this", item)
    return name


def _extra(located: Located, words: Words, item: str, table: str | None) -> Mapping[str, Any]:
    value = located.value
    extra: dict[str, Any] = {}
    for key in ("goal_level", "scope"):
        if key in value:
            choices = ("general", "specific") if key == "goal_level" else ("personal", "group")
            extra[key] = choice(located, key, choices, item, None)
    if table is None:
        serves = value.get("serves")
        if not isinstance(serves, list) or not serves or any(not _SERVES.match(str(tag)) for tag in serves):
            (located.get("serves") or located).refuse(
                "'serves' lists what it is for (S1-S11, A1-A3, O1-O5)", item
            )
        if value.get("report") not in words.sections:
            (located.get("report") or located).refuse(
                "'report' has to be a report section of the vocabulary", item
            )
        extra |= {"serves": tuple(serves), "report": value["report"]}
    if "suggest" in value:
        extra["suggest"] = reference(located.children["suggest"], registry.SUGGESTIONS, "rule", item)
    if "source" in value and isinstance(value["source"], dict):
        extra["source"] = {key: entry for key, entry in value["source"].items() if key != "name"}
    prefill = located.get("prefill")
    if prefill is not None:
        text = prefill.get("text")
        if text is not None:
            extra["prefill"] = {"text": read_text(text, words.languages, item)}
        else:
            extra["prefill"] = reference(prefill, registry.PREFILLS, "rule", item)
    return extra


def _check_shape(located: Located, item: Item, name: str) -> None:
    """Refuse an item that no form could show or no answer could satisfy."""
    kind = item.type
    if kind in ("short_text", "long_text") and (item.max_length or 0) < 1:
        located.refuse("a text needs 'max_length'", name)
    if kind in ("single_choice", "multi_choice") and not item.options and item.options_from is None:
        located.refuse("a choice needs 'options' or 'options_from'", name)
    if kind == "multi_choice" and item.options_from is None and (item.maximum or 0) < 1:
        located.refuse("several choices need 'max'", name)
    if kind == "number" and (item.minimum is None or item.maximum is None or item.minimum > item.maximum):
        located.refuse("a number needs 'min' and 'max'", name)
    if kind == "table" and not 0 <= item.min_rows <= item.max_rows <= 50:
        located.refuse("a table needs 0 <= min_rows <= max_rows <= 50", name)
    if kind == "table" and item.max_rows < 1:
        located.refuse("a table needs 'max_rows'", name)
    if kind == "carried_table" and (item.source is None or item.max_rows < 1):
        located.refuse("a carried table needs 'source' and 'max_rows' (what fits in the document)", name)
    if kind != "carried_table" and item.source is not None:
        located.refuse("only a carried table has a 'source'", name)
    if item.affirm and (kind != "yes_no" or not item.required):
        located.refuse("only a required yes or no has 'affirm'", name)
    if item.default is not None:
        values: list[Any] = [option.value for option in item.options]
        fits = {
            "yes_no": isinstance(item.default, bool),
            "number": isinstance(item.default, int)
            and (item.minimum or 0) <= item.default <= (item.maximum or 0),
            "scale": item.default in values,
            "single_choice": item.default in values,
        }
        if not fits.get(kind, False):
            located.children["default"].refuse("this default is not a possible answer", name)
    if item.default is True and kind != "yes_no":
        located.refuse("true is an answer to yes/no only", name)
