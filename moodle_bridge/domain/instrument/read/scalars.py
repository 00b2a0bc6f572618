"""What stands in an instrument file under one key, read or refused with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Option, Text
from moodle_bridge.domain.instrument.read.yaml_lines import Located

ID = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
"""Of an instrument, an item or a column."""


@dataclass(frozen=True, slots=True)
class Words:
    """The vocabulary that instrument files refer to."""

    languages: tuple[str, ...]
    codes: Mapping[str, tuple[Option, ...]]
    scales: Mapping[str, tuple[Option, ...]]
    ends: Mapping[str, Mapping[str, Text]]
    sections: Mapping[str, Text]

    def code_values(self) -> frozenset[str]:
        """Every code of every list."""
        return frozenset(str(option.value) for options in self.codes.values() for option in options)


def read_text(located: Located, languages: tuple[str, ...], item: str = "") -> Text:
    """A text that stands there in every language, and in no other."""
    value = located.value
    if not isinstance(value, dict):
        located.refuse(f"a text has to be given in {', '.join(languages)}", item)
    for language in languages:
        text = value.get(language)
        if not isinstance(text, str) or not text.strip():
            located.refuse(f"the text in {language!r} is missing", item)
    for key in value:
        if key not in languages:
            located.refuse(f"{key!r} is not a language of the vocabulary", item)
    return dict(value)


def known_keys(located: Located, known: frozenset[str], item: str) -> None:
    """Refuse a key that is not known here."""
    for key, child in located.children.items():
        if key not in known:
            child.refuse(f"{key!r} is not known here", item)


def choice(located: Located, key: str, choices: tuple[str, ...], item: str, default: str | None) -> Any:
    """The value under a key, which has to be one of the choices."""
    value = located.value.get(key, default)
    if value not in choices:
        (located.get(key) or located).refuse(f"{key!r} has to be one of {', '.join(choices)}", item)
    return value


def number(located: Located, key: str, item: str, default: int) -> int:
    """The whole number under a key."""
    value = located.value.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool):
        (located.get(key) or located).refuse(f"{key!r} has to be a whole number", item)
    return value


def flag(located: Located, key: str, item: str, default: bool) -> bool:
    """Whether what stands under a key is so."""
    value = located.value.get(key, default)
    if not isinstance(value, bool):
        (located.get(key) or located).refuse(f"{key!r} has to be true or false", item)
    return value


def reference(located: Located, known: Mapping[str, Any], name_key: str, item: str) -> dict[str, Any]:
    """A reference to a registered function: its bare name, or a mapping with parameters."""
    value = {name_key: located.value} if isinstance(located.value, str) else located.value
    if not isinstance(value, dict):
        located.refuse(f"has to be a name or a mapping with {name_key!r}", item)
    parameters = {key: entry for key, entry in value.items() if key != name_key}
    problem = registry.fault(known, value.get(name_key), parameters)
    if problem:
        located.refuse(problem, item)
    return dict(value)
