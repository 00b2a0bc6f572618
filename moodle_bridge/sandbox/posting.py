"""Forms of the stand-in: reading what a browser posts, and the structured rules of a pushed definition.

Fields are named by the grammar of the templates: ``item`` or ``table.rN.column``. Knows no HTTP: ``posted``
is any mapping from a field's name to its values. What is said about faults is in ``words``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from moodle_bridge.contract.shown import Choice, Definition, Question
from moodle_bridge.domain.instrument.conditions import holds
from moodle_bridge.plain_json import Json, JsonObject, obj, objects, text, whole

Posted = Mapping[str, Sequence[str]]
_WHOLE = re.compile(r"[+-]?\d{1,9}\Z")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
NO_CONTEXT: JsonObject = {"session": {}, "plan": {}, "count": {}, "previous": {}}


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that an answer breaks; ``field`` is the name in the page, ``facts`` go into the message."""

    field: str
    code: str
    facts: Mapping[str, str | int | None]


def field_name(item: str, row: int | None = None, column: str = "") -> str:
    """``item``, or ``table.rN.column``."""
    return item if row is None else f"{item}.r{row}.{column}" if column else f"{item}.r{row}"


def rows(answers: JsonObject, table: str) -> dict[int, JsonObject]:
    """The rows of a table in answers or carried data, by number."""
    return {whole(row, "row"): row for row in objects(answers, table)} if table in answers else {}


def read(definition: Definition, carried: JsonObject, posted: Posted) -> dict[str, Json]:
    """Answers in the contract's notation; what is empty is absent, text stays as typed."""
    answers: dict[str, Json] = {}
    for item in definition["items"]:
        if item["type"] in ("table", "carried_table"):
            read_rows = [_row(item, number, posted) for number in row_numbers(item, carried)]
            if kept := [row for row in read_rows if row is not None]:
                answers[item["id"]] = kept
            continue
        found, value = _value(item, posted.get(item["id"], []))
        if found:
            answers[item["id"]] = value
    return answers


def row_numbers(item: Question, carried: JsonObject) -> list[int]:
    """The rows that a table shows: all it has room for, or those carried over."""
    if item["type"] == "table":
        return list(range(1, int(item["max_rows"]) + 1))
    return list(rows(carried, item["id"]))


def _row(item: Question, number: int, posted: Posted) -> dict[str, Json] | None:
    row: dict[str, Json] = {"row": number}
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


def _value(item: Question, values: Sequence[str]) -> tuple[bool, Json]:
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


def scope(context: JsonObject, answers: JsonObject) -> dict[str, Json]:
    """What a condition of the form may ask about (``domain/conditions.py``)."""
    return {**NO_CONTEXT, **context, "form": answers}


def on(context: JsonObject, day: dt.date) -> JsonObject:
    """The context of a form that is filled in on that day."""
    return {**context, "session": {**obj(context, "session"), "today": day.isoformat()}}


def check(
    definition: Definition,
    carried: JsonObject,
    context: JsonObject,
    answers: JsonObject,
) -> tuple[dict[str, Json], list[Fault]]:
    """Answers without those that conditions hide, and every broken rule, in the order of the form."""
    kept: dict[str, Json] = {}
    found: list[Fault] = []
    asked = scope(context, answers)
    for item in definition["items"]:
        if not holds(item.get("show_if"), asked):
            continue
        needed = bool(item["required"]) or _also(item, asked)
        if item["type"] not in ("table", "carried_table"):
            if item["id"] in answers:
                kept[item["id"]] = answers[item["id"]]
            found += _faults(item, item["id"], answers, needed)
            found += _refused(item, item["id"], asked)
            continue
        answered, shown = rows(answers, item["id"]), rows(carried, item["id"])
        least = max(int(item.get("min_rows", 0)), 1 if needed else 0)
        if item["type"] == "table" and len(answered) < least:
            code = "one_row" if least == 1 else "too_few_rows"
            found.append(Fault(item["id"], code, {"limit": least}))
        clean = []
        for number in sorted(answered) if item["type"] == "table" else sorted(shown):
            row = answered.get(number, {"row": number})
            hidden, faults = _check_row(definition, item, number, row, shown.get(number, {}), asked, needed)
            found += faults
            if number in answered:
                clean.append({key: value for key, value in row.items() if key not in hidden})
        found += [*_alike(item, answered), *_refused(item, item["id"], asked)]
        if clean:
            kept[item["id"]] = clean
    return kept, found


def _check_row(
    definition: Definition,
    item: Question,
    number: int,
    row: JsonObject,
    shown: JsonObject,
    asked: JsonObject,
    needed: bool,
) -> tuple[set[str], list[Fault]]:
    values = {**asked, "row": row_values(item, row, shown)}
    hidden: set[str] = set()
    found: list[Fault] = []
    for column in item["columns"]:
        if not holds(column.get("show_if"), values):
            hidden.add(column["id"])
        elif not column.get("read_only") and column["type"] != "computed":
            must = bool(column["required"]) and (needed or item["type"] == "table")
            name = field_name(item["id"], number, column["id"])
            found += _faults(column, name, row, must or _also(column, values))
            found += _refused(column, name, values)
            if column["id"] in row and not _is_filled(definition, column, row[column["id"]], asked):
                found.append(Fault(name, "empty_row", {}))
    return hidden, found


def _alike(item: Question, answered: Mapping[int, JsonObject]) -> Iterator[Fault]:
    """Rows that say what an earlier one says, in the column that has to differ."""
    column = item.get("distinct")
    seen: set[str] = set()
    for number, row in sorted(answered.items()) if column else ():
        said = " ".join(str(row.get(column or "") or "").split()).lower()
        if said and said in seen:
            yield Fault(field_name(item["id"], number, column or ""), "alike", {})
        seen.add(said)


def _is_filled(definition: Definition, column: Question, value: Json, asked: JsonObject) -> bool:
    """Where a choice points to a row of another table of the form: whether that row was filled in."""
    source = column.get("options_from")
    if source is None or all(item["id"] != source for item in definition["items"]):
        return True
    return any(value == f"r{number}" for number in rows(obj(asked, "form"), source))


def row_values(item: Question, row: JsonObject, shown: JsonObject) -> dict[str, Json]:
    """A row as its conditions see it: every column, null where unanswered, with what was carried over."""
    values: dict[str, Json] = {column["id"]: None for column in item["columns"]}
    values |= {key: value for key, value in shown.items() if key not in ("row", "id")}
    return values | {key: value for key, value in row.items() if key != "row"}


def _refused(item: Question, name: str, asked: JsonObject) -> Iterator[Fault]:
    for each in item.get("refuse", []):
        if holds(each["when"], asked):
            yield Fault(name, "refused", {"text": each["text"]})


def _also(item: Question, values: JsonObject) -> bool:
    return item.get("required_if") is not None and holds(item["required_if"], values)


def _faults(item: Question, name: str, answers: JsonObject, needed: bool) -> Iterator[Fault]:
    if item["type"] == "computed":
        return
    if item["id"] not in answers:
        if needed:
            yield Fault(name, "required", {})
        return
    value = answers[item["id"]]
    match item["type"]:
        case "short_text" | "long_text":
            yield from _text_faults(item, name, value)
        case "multi_choice":
            yield from _choice_faults(item, name, value)
        case "date" if not (isinstance(value, str) and _ISO.match(value)):
            yield Fault(name, "not_a_date", {})
        case "number":
            yield from _number_faults(item, name, value)


def _text_faults(item: Question, name: str, value: Json) -> Iterator[Fault]:
    limit = item.get("max_length")
    if isinstance(value, str) and limit is not None and len(value) > limit:
        yield Fault(name, "too_long", {"limit": limit, "length": len(value)})


def _choice_faults(item: Question, name: str, value: Json) -> Iterator[Fault]:
    chosen = value if isinstance(value, list) else []
    most = item.get("max")
    if most is not None and len(chosen) > most:
        yield Fault(name, "too_many", {"limit": most})
    for option in item.get("options", []):
        if option.get("exclusive") and option["value"] in chosen and len(chosen) > 1:
            yield Fault(name, "exclusive", {"option": option["label"]})


def _number_faults(item: Question, name: str, value: Json) -> Iterator[Fault]:
    low, high = item.get("min"), item.get("max")
    if not isinstance(value, int):
        yield Fault(name, "not_a_number", {})
    elif (low is not None and value < low) or (high is not None and value > high):
        yield Fault(name, "out_of_range", {"least": low, "most": high})


def options(
    definition: Definition,
    item: Question,
    table: str,
    carried: JsonObject,
    answers: JsonObject,
) -> list[Choice]:
    """The choices of one field: its own, those carried over, or the rows of another table of the form."""
    source = item.get("options_from")
    if source is None:
        return list(item.get("options", []))
    for other in definition["items"]:
        if other["id"] == source:
            typed = rows(answers, source)
            first = other["columns"][0]["id"]
            return [
                {"value": f"r{number}", "label": f"{number}. {typed.get(number, {}).get(first, '')}".strip()}
                for number in row_numbers(other, carried)
            ]
    key = f"{table}.{item['id']}.options" if table else f"{item['id']}.options"
    return [_choice(each) for each in objects(carried, key)] if key in carried else []


def _choice(carried: JsonObject) -> Choice:
    value = carried.get("value")
    return {"value": value if isinstance(value, int | str) else None, "label": text(carried, "label")}
