"""Where the numbered sections of a form begin, and what they are called: ``config/headings.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from moodle_bridge.domain.instrument.model import Instrument, Text
from moodle_bridge.domain.instrument.read.entry import Entry
from moodle_bridge.domain.instrument.read.glossary import Glossary, with_words
from moodle_bridge.domain.instrument.read.translations import translated
from moodle_bridge.languages import FOLDER
from moodle_bridge.resources import config_dir
from moodle_bridge.yaml_lines import Located, read

FILE = "headings.yaml"
Headings = Mapping[str, Mapping[str, Text]]
"""Per instrument the heading before an item, by the item's id."""


def read_headings(
    base: Path,
    languages: Sequence[str],
    glossary: Glossary,
    versions: Mapping[str, Sequence[Instrument]],
) -> Headings:
    """Read the headings of a configuration folder, or the shipped ones if it has none."""
    own = base / FILE
    source = translated(read(own if own.is_file() else config_dir() / FILE), languages)
    source = with_words(source, glossary)
    if not isinstance(source.value, dict):
        source.refuse("has to be a mapping of instruments")
    headings: dict[str, Mapping[str, Text]] = {}
    for key, part in source.children.items():
        name = str(key)
        headings[name] = _of_instrument(part, name, languages)
        if own.is_file():
            _check(part, name, headings[name], versions)
    return headings


def _check(
    part: Located, name: str, headings: Mapping[str, Text], versions: Mapping[str, Sequence[Instrument]]
) -> None:
    if name not in versions:
        part.refuse("there is no such instrument", name)
    items = {item.id for version in versions[name] for item in version.items}
    for position, item in enumerate(headings):
        if item not in items:
            part.children[position].refuse(f"no version of the instrument has an item {item!r}", name)


def _of_instrument(part: Located, name: str, languages: Sequence[str]) -> Mapping[str, Text]:
    if not isinstance(part.value, list):
        part.refuse("has to be a list of headings", name)
    headings: dict[str, Text] = {}
    for child in part.children.values():
        entry = Entry(child, name)
        entry.only({"from", *languages})
        item = entry.raw("from")
        if not isinstance(item, str) or item in headings:
            entry.refuse("'from' has to name an item, each once", "from")
        headings[item] = {language: _title(entry, language) for language in languages}
    return headings


def _title(entry: Entry, language: str) -> str:
    words = entry.raw(language)
    if not isinstance(words, str) or not words.strip():
        entry.refuse(f"the heading in {language!r} is missing, here and in {FOLDER}/{language}.yaml")
    return words
