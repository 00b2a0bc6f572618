"""The messages between plugin and service: their schemas, and checking a message against them.

Knows no HTTP. The contract in words is ``README.md`` beside this file.
"""

from __future__ import annotations

import functools
from typing import Literal

from jsonschema_rs import Draft202012Validator, Registry, ValidationError, ValidationErrorKind

from moodle_bridge.plain_json import JsonObject, obj, parsed_object
from moodle_bridge.resources import contract_dir

CONTRACT = 2
"""Version of the contract this code speaks."""

Part = Literal["request", "answer", "problem"]


@functools.cache
def schema(name: str) -> JsonObject:
    """Return the JSON Schema file ``<name>.schema.json``; :class:`FileNotFoundError` if there is none."""
    text = (contract_dir() / f"{name}.schema.json").read_text(encoding="utf-8")
    return parsed_object(text, f"{name}.schema.json")


def names() -> list[str]:
    """Every message and content that has a schema."""
    return sorted(path.name.removesuffix(".schema.json") for path in contract_dir().glob("*.schema.json"))


@functools.cache
def reserved_names(function: str) -> frozenset[str]:
    """Parameters of a web-service function that have a name but no use yet (``README.md``, *Reserved*)."""
    request = obj(obj(obj(schema(function), "$defs"), "request"), "properties")
    return frozenset(name for name in request if "reserved" in obj(request, name))


@functools.cache
def _registry() -> Registry:
    return Registry([(f"json-schema:///{name}.schema.json", dict(schema(name))) for name in names()])


@functools.cache
def validator(name: str, part: Part | None = None) -> Draft202012Validator:
    """A reusable validator of one message part, or of a whole schema when ``part`` is None."""
    place = "" if part is None else f"#/$defs/{part}"
    return Draft202012Validator({"$ref": f"{name}.schema.json{place}"}, registry=_registry())


def faults(name: str, message: object, part: Part | None = None) -> list[str]:
    """List what is wrong with a message, one line per fault: the place is named, the value never quoted."""
    try:
        return sorted(_told(error) for error in validator(name, part).iter_errors(message))
    except ValueError:  # half of a surrogate pair, or nesting without end: no JSON that anybody needs
        return ["(the message): nests too deep, or holds text that is not Unicode"]


@functools.cache
def _record_validator(name: str, records: str) -> Draft202012Validator:
    place = f"#/$defs/answer/properties/{records}/items"
    return Draft202012Validator({"$ref": f"{name}.schema.json{place}"}, registry=_registry())


def faults_of_record(name: str, records: str, record: object) -> list[str]:
    """List what is wrong with one record of a list in an answer, as :func:`faults` does."""
    try:
        return sorted(_told(error) for error in _record_validator(name, records).iter_errors(record))
    except ValueError:
        return ["(the record): nests too deep, or holds text that is not Unicode"]


def _told(error: ValidationError) -> str:
    place = "/".join(str(step) for step in error.instance_path) or "(the message)"
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.Required):
        return f"{place}: {kind.property!r} is a required property"  # it is one of the schema's
    if isinstance(kind, ValidationErrorKind.AdditionalProperties):
        return f"{place}: has a property that the contract does not know"
    return f"{place}: breaks {kind.name!r}"
