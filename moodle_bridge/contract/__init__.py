"""The messages between plugin and service: their schemas, and checking a message against them.

Knows no HTTP. The contract in words is ``README.md`` beside this file.
"""

from __future__ import annotations

import functools
import json
from typing import Any, Literal

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from moodle_bridge.resources import contract_dir

CONTRACT = 1
"""Version of the contract this code speaks."""

Part = Literal["request", "answer"]


@functools.cache
def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema file ``<name>.schema.json``; :class:`FileNotFoundError` if there is none."""
    text = (contract_dir() / f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def names() -> list[str]:
    """Every message and content that has a schema."""
    return sorted(path.name.removesuffix(".schema.json") for path in contract_dir().glob("*.schema.json"))


@functools.cache
def _registry() -> Registry[Any]:
    resources = [(f"{name}.schema.json", Resource.from_contents(schema(name))) for name in names()]
    return Registry().with_resources(resources)


@functools.cache
def validator(name: str, part: Part | None = None) -> Draft202012Validator:
    """A reusable validator of one message part, or of a whole schema when ``part`` is None."""
    reference = f"{name}.schema.json" if part is None else f"{name}.schema.json#/$defs/{part}"
    return Draft202012Validator({"$ref": reference}, registry=_registry())


def faults(name: str, message: object, part: Part | None = None) -> list[str]:
    """What is wrong with a message: one line per fault, naming the place but never quoting the value."""
    found = []
    for error in validator(name, part).iter_errors(message):
        place = "/".join(str(step) for step in error.absolute_path) or "(the message)"
        rule = error.validator if isinstance(error.validator, str) else "schema"
        if rule == "required":
            found.append(f"{place}: {error.message}")  # names a property of the schema
        elif rule == "additionalProperties":
            found.append(f"{place}: has a property that the contract does not know")
        else:
            found.append(f"{place}: breaks {rule!r}")
    return sorted(found)
