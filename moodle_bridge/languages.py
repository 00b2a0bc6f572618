"""The languages that people are spoken to in. Each is one file: ``config/languages/<code>.yaml``.

A process knows the shipped languages, and those of a folder of its own after :func:`add`. A file that lacks
something is refused with its name and line, never filled up from another language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from moodle_bridge.errors import InstrumentError
from moodle_bridge.resources import config_dir
from moodle_bridge.yaml_lines import Located, read

FOLDER = "languages"
MANY = "many"
"""The plural form of every number that no other form lists."""

_CODE = re.compile(r"[a-z]{2}\Z")
_KEYS = ("name", "dates", "numbers", "plurals", "words", "remedies")
_FURTHER = ("texts", "messages", "glossary")
_DATES = ("sentence", "document", "moment", "months", "months_short")
_PLACEHOLDER = re.compile(r"\{(\w*)")
_MODEL = "en"
"""The shipped language that says which words and remedies every other has to have."""


@dataclass(frozen=True, slots=True)
class PluralForm:
    """The numbers of one plural form: listed themselves, or by their last digits."""

    numbers: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    not_last_two: frozenset[int] = frozenset()

    def has(self, number: int) -> bool:
        """Whether a number takes this form."""
        return number in self.numbers or (number % 10 in self.last and number % 100 not in self.not_last_two)


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its words, and how it writes dates and numbers."""

    code: str
    name: str
    words: Mapping[str, str]
    """The service's own words in documents and in the names of their files."""
    remedies: Mapping[str, str]
    """What to do about a failure, by its code."""
    texts: Mapping[str, str]
    """Texts of the forms that lack this language where they stand, by another language's words."""
    messages: Mapping[str, str]
    """Sentences by their key, where this language needs one that others do not (a plural form)."""
    dates: Mapping[str, str]
    months: Sequence[str]
    months_short: Sequence[str]
    decimal: str
    percent: str
    plurals: Mapping[str, PluralForm]
    glossary: Mapping[str, str]
    """What texts call people by, where the vocabulary does not say it."""

    def day(self, year: int, month: int, day: int, style: str = "sentence") -> str:
        """A date as it is written in a sentence, or in a document (``style="document"``)."""
        return self.dates[style].format(
            day=day,
            day02=f"{day:02}",
            month=month,
            month02=f"{month:02}",
            year=f"{year:04}",
            month_name=self.months[month - 1],
            month_short=self.months_short[month - 1],
        )

    def moment(self, date: str, hour: int, minute: int) -> str:
        """A date that is written out already, with its hour."""
        return self.dates["moment"].format(date=date, time=f"{hour}:{minute:02}")

    def plural(self, number: int) -> str:
        """The plural form that a number takes: the ending of a sentence's key."""
        return next((name for name, form in self.plurals.items() if form.has(number)), MANY)

    def translation(self, text: Mapping[str, str]) -> str | None:
        """Look a text up in ``texts`` by its words in another language; None if it is not there."""
        return next((self.texts[words] for words in text.values() if words in self.texts), None)


_own: dict[str, Language] = {}


def known() -> Mapping[str, Language]:
    """Every language that this process knows, by its code."""
    return _shipped() | _own


def in_each(word: str) -> Mapping[str, str]:
    """One of the service's own words in every language."""
    return {code: language.words[word] for code, language in known().items()}


def of(code: str) -> Language:
    """A language; raises :class:`InstrumentError` if this process does not know it."""
    found = _own.get(code) or _shipped().get(code)
    if found is None:
        raise InstrumentError(f"there is no file {FOLDER}/{code}.yaml")
    return found


def add(config: Path) -> tuple[str, ...]:
    """Learn the languages of a configuration folder; the codes of the shipped ones and of these."""
    folder = config / FOLDER
    if not folder.is_dir() or folder.resolve() == (config_dir() / FOLDER).resolve():
        return tuple(_shipped())
    found = _read_all(folder, _model())
    _own.update(found)
    return tuple(_shipped() | found)


@cache
def _shipped() -> dict[str, Language]:
    return _read_all(config_dir() / FOLDER, _model())


@cache
def _model() -> Located:
    return read(config_dir() / FOLDER / f"{_MODEL}.yaml", f"{FOLDER}/{_MODEL}.yaml")


def _read_all(folder: Path, model: Located) -> dict[str, Language]:
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        source = read(path, f"{FOLDER}/{path.name}")
        if not _CODE.match(path.stem):
            source.refuse("the file has to be named by two letters, such as de.yaml")
        found[path.stem] = _language(path.stem, source, model)
    if not found:
        raise InstrumentError(f"no language stands in {folder}")
    return found


def _language(code: str, source: Located, model: Located) -> Language:
    _only(source, _KEYS, _FURTHER)
    dates, numbers = source.children["dates"], source.children["numbers"]
    _only(dates, _DATES)
    _only(numbers, ("decimal", "percent"))
    return Language(
        code=code,
        name=_text(source.children["name"]),
        words=_like(source.children["words"], model.children["words"]),
        remedies=_like(source.children["remedies"], model.children["remedies"]),
        texts=_texts(source, "texts"),
        messages=_texts(source, "messages"),
        dates={style: _text(dates.children[style]) for style in ("sentence", "document", "moment")},
        months=_months(dates.children["months"]),
        months_short=_months(dates.children["months_short"]),
        decimal=_text(numbers.children["decimal"]),
        percent=_text(numbers.children["percent"]),
        plurals={str(name): _plural(form) for name, form in source.children["plurals"].children.items()},
        glossary=_texts(source, "glossary"),
    )


def _only(source: Located, needed: Sequence[str], further: Sequence[str] = ()) -> None:
    if not isinstance(source.value, dict):
        source.refuse(f"has to be a mapping of {', '.join(needed)}")
    for name in needed:
        if source.get(name) is None:
            source.refuse(f"{name!r} is missing")
    for key, child in source.children.items():
        if key not in (*needed, *further):
            child.refuse(f"{key!r} is not known here")


def _text(located: Located) -> str:
    if not isinstance(located.value, str) or not located.value.strip():
        located.refuse("has to be a text, in quotes")
    return str(located.value)


def _like(section: Located, model: Located) -> Mapping[str, str]:
    """The texts of a section, which has to have those of the model, with the same placeholders."""
    if not isinstance(section.value, dict):
        section.refuse(f"has to be a mapping of texts, as in {model.file}")
    for name, example in model.children.items():
        found = section.get(name)
        if found is None:
            section.refuse(f"{name!r} is missing, which {example.file}:{example.line} has")
        if set(_PLACEHOLDER.findall(_text(found))) != set(_PLACEHOLDER.findall(_text(example))):
            found.refuse(f"the placeholders of {name!r} are not those of {example.file}:{example.line}")
    for name, child in section.children.items():
        if name not in model.children:
            child.refuse(f"{name!r} is not known here")
    return {str(key): _text(child) for key, child in section.children.items()}


def _texts(source: Located, name: str) -> Mapping[str, str]:
    section = source.get(name)
    if section is None:
        return {}
    if not isinstance(section.value, dict):
        section.refuse(f"{name!r} has to be a mapping of texts")
    return {str(key): _text(child) for key, child in section.children.items()}


def _months(located: Located) -> tuple[str, ...]:
    if not isinstance(located.value, list) or len(located.value) != 12:
        located.refuse("has to be a list of twelve months")
    return tuple(_text(child) for child in located.children.values())


def _plural(form: Located) -> PluralForm:
    allowed = ("numbers", "last", "not_last_two")
    if not isinstance(form.value, dict):
        form.refuse(f"has to be a mapping of {', '.join(allowed)}")
    _only(form, (), allowed)
    for child in form.children.values():
        if not isinstance(child.value, list) or any(type(number) is not int for number in child.value):
            child.refuse("has to be a list of whole numbers")
    return PluralForm(**{str(key): frozenset(child.value) for key, child in form.children.items()})
