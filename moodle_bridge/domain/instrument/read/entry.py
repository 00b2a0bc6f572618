"""One mapping of an instrument file: what stands under its keys, read as what it has to be or refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Literal, NoReturn, TypeVar, get_args

from moodle_bridge.domain.instrument.model import Reference, Text
from moodle_bridge.domain.instrument.registry import Functions
from moodle_bridge.languages import FOLDER
from moodle_bridge.yaml_lines import Located

ID = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
"""Of an instrument, an item or a column."""
Choice = TypeVar("Choice", bound=str)
Result = TypeVar("Result")


class Entry:
    """A mapping with its lines and the name that refusals tell: ``item``, ``table.column``."""

    __slots__ = ("item", "located")

    def __init__(self, located: Located, item: str) -> None:
        if not isinstance(located.value, dict):
            located.refuse("has to be a mapping", item)
        self.located = located
        self.item = item

    def __contains__(self, key: str) -> bool:
        return key in self.located.children

    def raw(self, key: str) -> Any:
        """The value under a key as YAML gives it; None if there is none."""
        return self.located.value.get(key)

    def refuse(self, message: str, key: str = "") -> NoReturn:
        """Raise :class:`InstrumentError` at the line of a key, or of the whole mapping."""
        (self.located.get(key) or self.located).refuse(message, self.item)

    def only(self, known: Collection[str]) -> None:
        """Refuse a key that is not known here."""
        for key in self.located.children:
            if key not in known:
                self.refuse(f"{key!r} is not known here", str(key))

    def needs(self, *keys: str) -> None:
        """Refuse a mapping without one of these keys."""
        for key in keys:
            if key not in self:
                self.refuse(f"{key!r} is missing")

    def text(self, key: str, languages: tuple[str, ...]) -> Text:
        """The text under a key, in every language and in no other; its words stand in the glossary."""
        self.needs(key)
        text = read_text(self.located.children[key], languages, self.item)
        for language in languages:
            self.whole(text[language], key)
        return text

    def whole(self, text: str, key: str = "") -> None:
        """Refuse a text in which the name of a word is left that the glossary does not have."""
        if "{" in text:
            self.refuse(f"{text[text.index('{') :][:30]!r} is no word of the glossary", key)

    def optional_text(self, key: str, languages: tuple[str, ...]) -> Text | None:
        """The text under a key, if there is one."""
        return self.text(key, languages) if key in self else None

    def choice(self, key: str, kind: Any, default: Choice | None = None) -> Any:
        """The value under a key, which has to be one of those of a ``Literal``."""
        value = self.located.value.get(key, default)
        if value not in get_args(kind):
            self.refuse(f"{key!r} has to be one of {', '.join(get_args(kind))}", key)
        return value

    def number(self, key: str, default: int) -> int:
        """The whole number under a key."""
        value = self.located.value.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(f"{key!r} has to be a whole number", key)
        return value

    def optional_number(self, key: str) -> int | None:
        """The whole number under a key, if there is one."""
        return self.number(key, 0) if key in self else None

    def flag(self, key: str, default: bool) -> bool:
        """Whether what stands under a key is so."""
        value = self.located.value.get(key, default)
        if not isinstance(value, bool):
            self.refuse(f"{key!r} has to be true or false", key)
        return value

    def reference(
        self, key: str, known: Functions[Result], name_key: Literal["name", "rule"]
    ) -> Reference | None:
        """The registered function under a key: its bare name, or a mapping with parameters."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, str):
            value = {name_key: value}
        if not isinstance(value, dict):
            self.refuse(f"has to be a name or a mapping with {name_key!r}", key)
        given = {name: _frozen(entry) for name, entry in value.items() if name != name_key}
        problem = known.fault(value.get(name_key), given)
        if problem:
            self.refuse(problem, key)
        return Reference(value[name_key], given)


def read_text(located: Located, languages: tuple[str, ...], item: str = "") -> Text:
    """A text that stands there in every language, and in no other."""
    value = located.value
    if not isinstance(value, dict):
        located.refuse(f"a text has to be given in {', '.join(languages)}", item)
    for language in languages:
        text = value.get(language)
        if not isinstance(text, str) or not text.strip():
            located.refuse(f"the text in {language!r} is missing, here and in {FOLDER}/{language}.yaml", item)
    for key in value:
        if key not in languages:
            located.refuse(f"{key!r} is not a language of the vocabulary", item)
    return dict(value)


def read_texts(section: Located, languages: tuple[str, ...]) -> Mapping[str, Text]:
    """A mapping of texts."""
    return {str(key): read_text(child, languages, str(key)) for key, child in section.children.items()}


def section_of(located: Located, name: str) -> Located:
    """The mapping that has to stand under a key of a file."""
    section = located.get(name)
    if section is None or not isinstance(section.value, dict):
        located.refuse(f"{name!r} is missing or not a mapping")
    return section


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
