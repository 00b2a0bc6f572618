"""Parameters as Moodle's REST server takes them: PHP's form notation in, typed values out.

``ids[0]=…`` makes a list, ``items[0][user]=…`` a list of structures; numbers and booleans come as text and
are read as the contract's request schema says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from moodle_bridge.contract import schema
from moodle_bridge.plain_json import Json, JsonObject, obj, text, values

MAX_INPUT_VARS = 5000
"""PHP silently drops what comes after so many fields; Moodle asks for at least this setting."""

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}\Z")


Nested: TypeAlias = "str | dict[str, Nested]"
"""A form field, or a structure of them."""


class BadParameter(Exception):
    """A parameter that does not fit; the message names it, never its value."""


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Nested]:
    """Build the structure that PHP makes of form fields; lists are still dicts by index."""
    found: dict[str, Nested] = {}
    for count, (name, value) in enumerate(pairs):
        if count >= MAX_INPUT_VARS:
            break
        match = _NAME.match(name)
        if match is None:
            continue
        steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        place = found
        for step in steps[:-1]:
            step = step or str(len(place))
            inner = place.get(step)
            if not isinstance(inner, dict):
                inner = place[step] = {}
            place = inner
        place[steps[-1] or str(len(place))] = value
    return found


def typed(function: str, nested: Nested) -> dict[str, Json]:
    """Read the parameters of one contract function as its request schema says.

    A list that was not sent is an empty one: form encoding cannot say it otherwise. Raises
    :class:`BadParameter`; ranges and patterns are the schema's to check afterwards.
    """
    return _structure(obj(obj(schema(function), "$defs"), "request"), nested, "")


def _structure(rule: JsonObject, value: Nested, place: str) -> dict[str, Json]:
    if isinstance(value, str):
        raise BadParameter(f"{place}: a structure is expected")
    rules = obj(rule, "properties")
    required = values(rule, "required") if "required" in rule else ()
    for name in value:
        if name not in rules:
            raise BadParameter(f"Unexpected keys ({name}) detected in parameter array.")
    read: dict[str, Json] = {}
    for name in rules:
        inner = _resolved(obj(rules, name))
        if name in value:
            read[name] = _value(inner, value[name], f"{place}{name}")
        elif inner.get("type") == "array":
            read[name] = []
        elif name in required:
            raise BadParameter(f"Missing required key in single structure: {name}")
    return read


def _value(rule: JsonObject, value: Nested, place: str) -> Json:
    kind = rule.get("type")
    if kind == "object":
        return _structure(rule, value, f"{place}: ")
    if kind == "array":
        if isinstance(value, str):
            raise BadParameter(f"{place}: a list is expected")
        inner = _resolved(obj(rule, "items"))
        return [_value(inner, each, f"{place}[{index}]") for index, each in value.items()]
    if not isinstance(value, str):
        raise BadParameter(f"{place}: Scalar type expected, array or object received.")
    if kind == "integer" or isinstance(rule.get("const"), int):
        if not _INTEGER.match(value):
            raise BadParameter(f"{place}: the server was expecting int type")
        return int(value)
    if kind == "boolean":
        if value not in ("0", "1"):
            raise BadParameter(f"{place}: the server was expecting bool type")
        return value == "1"
    return value


def _resolved(rule: JsonObject) -> JsonObject:
    if "$ref" not in rule:
        return rule
    return obj(obj(schema("common"), "$defs"), text(rule, "$ref").rsplit("/", 1)[1])


def encode(parameters: JsonObject) -> list[tuple[str, str]]:
    """The form fields of typed parameters, as a client has to send them."""
    pairs: list[tuple[str, str]] = []

    def add(name: str, value: Json) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                add(f"{name}[{key}]", inner)
        elif isinstance(value, list | tuple):
            for index, inner in enumerate(value):
                add(f"{name}[{index}]", inner)
        elif isinstance(value, bool):
            pairs.append((name, "1" if value else "0"))
        else:
            pairs.append((name, str(value)))

    for name, value in parameters.items():
        add(name, value)
    return pairs
