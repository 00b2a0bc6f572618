"""JSON with types: what a value may be, reading a field by its name, and the canonical text. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]

Word = TypeVar("Word", bound=str)


class WrongField(ValueError):
    """A field is missing or holds another kind of value; the message names it, never its value."""


def text(record: JsonObject, name: str, default: str | None = None) -> str:
    """The text of this name; ``default`` where the field is missing."""
    value = record.get(name, default)
    if not isinstance(value, str):
        raise WrongField(f"{name} is not a text")
    return value


def whole(record: JsonObject, name: str, default: int | None = None) -> int:
    """The whole number of this name; ``default`` where the field is missing."""
    value = record.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongField(f"{name} is not a whole number")
    return value


def flag(record: JsonObject, name: str) -> bool:
    """Whether the field of this name is true."""
    value = record.get(name)
    if not isinstance(value, bool):
        raise WrongField(f"{name} is neither true nor false")
    return value


def word(record: JsonObject, name: str, words: Sequence[Word]) -> Word:
    """The field of this name, which is one of ``words``."""
    value = record.get(name)
    for each in words:
        if value == each:
            return each
    raise WrongField(f"{name} is none of {', '.join(words)}")


def obj(record: JsonObject, name: str) -> JsonObject:
    """The object of this name."""
    return as_object(record.get(name), name)


def objects(record: JsonObject, name: str) -> list[JsonObject]:
    """The objects in the list of this name."""
    return [as_object(each, name) for each in values(record, name)]


def texts(record: JsonObject, name: str) -> tuple[str, ...]:
    """The texts in the list of this name."""
    found = tuple(each for each in values(record, name) if isinstance(each, str))
    if len(found) < len(values(record, name)):
        raise WrongField(f"{name} holds something else than texts")
    return found


def wholes(record: JsonObject, name: str) -> tuple[int, ...]:
    """The whole numbers in the list of this name."""
    listed = values(record, name)
    found = tuple(each for each in listed if isinstance(each, int) and not isinstance(each, bool))
    if len(found) < len(listed):
        raise WrongField(f"{name} holds something else than whole numbers")
    return found


def numbers(record: JsonObject, name: str) -> list[float]:
    """The numbers in the list of this name."""
    listed = values(record, name)
    found = [each for each in listed if isinstance(each, int | float) and not isinstance(each, bool)]
    if len(found) < len(listed):
        raise WrongField(f"{name} holds something else than numbers")
    return found


def values(record: JsonObject, name: str) -> Sequence[Json]:
    """The list of this name."""
    value = record.get(name)
    if not isinstance(value, list | tuple):
        raise WrongField(f"{name} is not a list")
    return value


def as_object(value: Json, name: str) -> JsonObject:
    """A value that has to be an object; ``name`` says in the error which one it is."""
    if not isinstance(value, Mapping):
        raise WrongField(f"{name} is not an object")
    return value


def parsed_object(written: str, name: str) -> JsonObject:
    """The object that a JSON text holds; ``name`` says in the error which one it is."""
    try:
        value: Json = json.loads(written)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, Mapping):
        raise WrongField(f"{name} is not a JSON object")
    return value


_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
_SURROGATE = re.compile("[\ud800-\udfff]")


def canonical(value: Json | Mapping[str, object]) -> str:
    """The canonical text: keys sorted, no spaces, characters as they are.

    Lone surrogates, which UTF-8 cannot hold, stay as the escapes they came in.
    """
    written = _encoder.encode(value)
    try:
        written.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
    return written
