"""Forms of the stand-in: reading what a browser posts, and the structured rules of a pushed definition.

Fields are named by the grammar of the templates: ``item`` or ``table.rN.column``. Knows no HTTP: ``posted``
is any mapping from a field's name to its values. What is said about faults is in ``words``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moodle_bridge.domain.instrument.conditions import holds

Posted = Mapping[str, Sequence[str]]
_WHOLE = re.compile(r"[+-]?\d{1,9}\Z")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
NO_CONTEXT: Mapping[str, Mapping[str, Any]] = {"session": {}, "plan": {}, "count": {}, "previous": {}}


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that an answer breaks; ``field`` is the name in the page, ``facts`` go into the message."""

    field: str
    code: str
    facts: Mapping[str, Any]


def field_name(item: str, row: int | None = None, column: str = "") -> str:
    """``item``, or ``table.rN.column``."""
    return item if row is None else f"{item}.r{row}.{column}" if column else f"{item}.r{row}"


def read(definition: Mapping[str, Any], carried: Mapping[str, Any], posted: Posted) -> dict[str, Any]:
    """Answers in the contract's notation; what is empty is absent, text stays as typed."""
    answers: dict[str, Any] = {}
    for item in definition["items"]:
        if item["type"] in ("table", "carried_table"):
            rows = [_row(item, number, posted) for number in row_numbers(item, carried)]
            if kept := [row for row in rows if row is not None]:
                answers[item["id"]] = kept
            continue
        found, value = _value(item, posted.get(item["id"], []))
        if found:
            answers[item["id"]] = value
    return answers


def row_numbers(item: Mapping[str, Any], carried: Mapping[str, Any]) -> list[int]:
    """The rows that a table shows: all it has room for, or those carried over."""
    if item["type"] == "table":
        return list(range(1, int(item["max_rows"]) + 1))
    return [int(row["row"]) for row in carried.get(item["id"], [])]


def _row(item: Mapping[str, Any], number: int, posted: Posted) -> dict[str, Any] | None:
    row: dict[str, Any] = {"row": number}
    typed = False
    for column in item["columns"]:
        if column.get("read_only") or column["type"] == "computed":
            continue
        found, value = _value(column, posted.get(field_name(item["id"], number, column["id"]), []))
        if found:
            row[column["id"]] = value
            # In a row that nobody touched only the defaults are filled in.
            typed = typed or item["type"] == "carried_table" or value != column.get("default")
    return row if typed else None


def _value(item: Mapping[str, Any], values: Sequence[str]) -> tuple[bool, Any]:
    """Whether there is an answer, and the answer."""
    kind = item["type"]
    if kind == "multi_choice":
        return bool(values), list(values)
    text = values[0].replace("\r\n", "\n") if values else ""
    if not text.strip() or kind == "computed":
        return False, None
    if kind == "yes_no":
        return True, text == "1"
    if kind == "scale":
        return (True, None) if text == "null" else (True, int(text)) if _WHOLE.match(text) else (False, None)
    if kind == "number":
        return True, int(text) if _WHOLE.match(text.strip()) else text
    return True, text


def scope(context: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a condition of the form may ask about (``domain/conditions.py``)."""
    return {**NO_CONTEXT, **context, "form": answers}


def check(
    definition: Mapping[str, Any],
    carried: Mapping[str, Any],
    context: Mapping[str, Any],
    answers: Mapping[str, Any],
) -> tuple[dict[str, Any], list[Fault]]:
    """Answers without those that conditions hide, and every broken rule, in the order of the form."""
    kept: dict[str, Any] = {}
    found: list[Fault] = []
    whole = scope(context, answers)
    for item in definition["items"]:
        if not holds(item.get("show_if"), whole):
            continue
        needed = bool(item["required"]) or _also(item, whole)
        if item["type"] not in ("table", "carried_table"):
            if item["id"] in answers:
                kept[item["id"]] = answers[item["id"]]
            found += _faults(item, item["id"], answers, needed)
            continue
        rows = {row["row"]: row for row in answers.get(item["id"], [])}
        shown = {row["row"]: row for row in carried.get(item["id"], [])}
        least = max(int(item.get("min_rows", 0)), 1 if needed else 0)
        if item["type"] == "table" and len(rows) < least:
            found.append(Fault(item["id"], "too_few_rows", {"limit": least}))
        clean = []
        for number in sorted(rows) if item["type"] == "table" else sorted(shown):
            row = rows.get(number, {"row": number})
            hidden, faults = _check_row(definition, item, row, shown.get(number, {}), whole, needed)
            found += faults
            if number in rows:
                clean.append({key: value for key, value in row.items() if key not in hidden})
        if clean:
            kept[item["id"]] = clean
    return kept, found


def _check_row(
    definition: Mapping[str, Any],
    item: Mapping[str, Any],
    row: Mapping[str, Any],
    shown: Mapping[str, Any],
    whole: Mapping[str, Any],
    needed: bool,
) -> tuple[set[str], list[Fault]]:
    values = {**whole, "row": row_values(item, row, shown)}
    hidden: set[str] = set()
    found: list[Fault] = []
    for column in item["columns"]:
        if not holds(column.get("show_if"), values):
            hidden.add(column["id"])
        elif not column.get("read_only") and column["type"] != "computed":
            must = bool(column["required"]) and (needed or item["type"] == "table")
            name = field_name(item["id"], row["row"], column["id"])
            found += _faults(column, name, row, must or _also(column, values))
            if column["id"] in row and not _is_filled(definition, column, row[column["id"]], whole):
                found.append(Fault(name, "empty_row", {}))
    return hidden, found


def _is_filled(
    definition: Mapping[str, Any], column: Mapping[str, Any], value: Any, whole: Mapping[str, Any]
) -> bool:
    """Where a choice points to a row of another table of the form: whether that row was filled in."""
    source = column.get("options_from")
    if source is None or all(item["id"] != source for item in definition["items"]):
        return True
    return any(value == f"r{row['row']}" for row in whole["form"].get(source, []))


def row_values(item: Mapping[str, Any], row: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """A row as its conditions see it: every column, null where unanswered, with what was carried over."""
    values: dict[str, Any] = {column["id"]: None for column in item["columns"]}
    values |= {key: value for key, value in shown.items() if key not in ("row", "id")}
    return values | {key: value for key, value in row.items() if key != "row"}


def _also(item: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return item.get("required_if") is not None and holds(item["required_if"], values)


def _faults(item: Mapping[str, Any], name: str, answers: Mapping[str, Any], needed: bool) -> Iterator[Fault]:
    if item["type"] == "computed":
        return
    if item["id"] not in answers:
        if needed:
            yield Fault(name, "required", {})
        return
    value = answers[item["id"]]
    limit = item.get("max_length")
    if item["type"] in ("short_text", "long_text") and limit is not None and len(value) > limit:
        yield Fault(name, "too_long", {"limit": limit, "length": len(value)})
    if item["type"] == "multi_choice":
        if item.get("max") is not None and len(value) > item["max"]:
            yield Fault(name, "too_many", {"limit": item["max"]})
        for option in item.get("options", []):
            if option.get("exclusive") and option["value"] in value and len(value) > 1:
                yield Fault(name, "exclusive", {"option": option["label"]})
    if item["type"] == "date" and not _ISO.match(value):
        yield Fault(name, "not_a_date", {})
    if item["type"] == "number":
        low, high = item.get("min"), item.get("max")
        if not isinstance(value, int):
            yield Fault(name, "not_a_number", {})
        elif (low is not None and value < low) or (high is not None and value > high):
            yield Fault(name, "out_of_range", {"least": low, "most": high})


def options(
    definition: Mapping[str, Any],
    item: Mapping[str, Any],
    table: str,
    carried: Mapping[str, Any],
    answers: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """The choices of one field: its own, those carried over, or the rows of another table of the form."""
    source = item.get("options_from")
    if source is None:
        return list(item.get("options", []))
    for other in definition["items"]:
        if other["id"] == source:
            typed = {row["row"]: row for row in answers.get(source, [])}
            first = other["columns"][0]["id"]
            return [
                {"value": f"r{number}", "label": f"{number}. {typed.get(number, {}).get(first, '')}".strip()}
                for number in row_numbers(other, carried)
            ]
    key = f"{table}.{item['id']}.options" if table else f"{item['id']}.options"
    return list(carried.get(key, []))
