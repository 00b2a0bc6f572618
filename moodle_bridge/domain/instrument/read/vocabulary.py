"""What all instruments share: languages, terms, report sections, signals, where scales are cut
(``vocabulary.yaml``), and the sentences of the software (``messages/``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Option, SignalRule, Text
from moodle_bridge.domain.instrument.read.entry import Entry, read_text, read_texts, section_of
from moodle_bridge.domain.instrument.read.glossary import Glossary, with_words
from moodle_bridge.domain.instrument.read.translations import translated
from moodle_bridge.languages import FOLDER, of
from moodle_bridge.yaml_lines import Located, read

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What ``vocabulary.yaml`` says."""

    languages: tuple[str, ...]
    terms: Mapping[str, Text]
    sections: Mapping[str, Text]
    signals: Mapping[str, SignalRule]
    cuts: Mapping[str, int]


def read_vocabulary(source: Located, languages: tuple[str, ...]) -> Vocabulary:
    """Read the vocabulary; raises :class:`InstrumentError` with file, line and key."""
    return Vocabulary(
        languages=languages,
        terms=_terms(section_of(source, "terms"), languages),
        sections=read_texts(section_of(source, "report_sections"), languages),
        signals=_signals(section_of(source, "signals"), languages),
        cuts=_cuts(section_of(source, "cuts")),
    )


def read_messages(directory: Path, languages: tuple[str, ...], glossary: Glossary) -> Mapping[str, Text]:
    """Read every message of a folder; the languages of one use the same placeholders."""
    messages: dict[str, Text] = {}
    for path in sorted(directory.glob("*.yaml")):
        for key, child in with_words(translated(read(path), languages), glossary).children.items():
            text = read_text(child, languages, str(key))
            if key in messages:
                child.refuse("this message already stands in another file", str(key))
            placeholders = {language: set(_PLACEHOLDER.findall(text[language])) for language in languages}
            if len({frozenset(found) for found in placeholders.values()}) > 1:
                child.refuse("the languages do not use the same placeholders", str(key))
            messages[str(key)] = text
    for language in languages:
        for key, words in of(language).messages.items():
            messages[key] = {**messages.get(key, {}), language: words}
    return messages


def read_languages(source: Located, known: tuple[str, ...]) -> tuple[str, ...]:
    """The languages of every text: those that the vocabulary names, in its order, or all that are known."""
    listed = source.get("languages")
    if listed is None:
        return known
    if not isinstance(listed.value, list) or not listed.value:
        listed.refuse("'languages' has to be a list such as [bg, en]")
    for code in listed.value:
        if code not in known:
            listed.refuse(f"there is no file {FOLDER}/{code}.yaml")
    return tuple(listed.value)


def _terms(section: Located, languages: tuple[str, ...]) -> Mapping[str, Text]:
    """Terms may have other forms beside the languages (``bg_plural``)."""
    terms: dict[str, Text] = {}
    for key, child in section.children.items():
        for language in languages:
            if not isinstance(child.value, dict) or not isinstance(child.value.get(language), str):
                child.refuse(
                    f"the term has no text in {language!r}, here and in {FOLDER}/{language}.yaml", str(key)
                )
        terms[str(key)] = dict(child.value)
    return terms


def _signals(section: Located, languages: tuple[str, ...]) -> Mapping[str, SignalRule]:
    signals: dict[str, SignalRule] = {}
    for key, child in section.children.items():
        entry = Entry(child, str(key))
        if "label" not in entry or not isinstance(entry.raw("mentor"), bool):
            entry.refuse("a signal needs 'label' and 'mentor: true|false'")
        at_end = entry.raw("at_end") if "at_end" in entry else True
        if not isinstance(at_end, bool):
            entry.refuse("'at_end' has to be true or false")
        thresholds = entry.raw("thresholds") or {}
        if not isinstance(thresholds, dict):
            entry.refuse("'thresholds' has to be a mapping")
        problem = registry.SIGNALS.fault(key, thresholds)
        if problem:
            entry.refuse(problem)
        name = entry.text("label", languages)
        again = entry.text("again", languages) if "again" in entry else name
        signals[str(key)] = SignalRule(name, again, entry.raw("mentor"), at_end, dict(thresholds))
    for missing in sorted(set(registry.SIGNALS) - set(signals)):
        section.refuse(f"the signal {missing!r} is missing")
    return signals


def _cuts(section: Located) -> Mapping[str, int]:
    for name, step in section.value.items():
        if type(step) is not int:
            section.refuse("a scale is cut at one of its steps, a whole number", str(name))
    return dict(section.value)


def check_cuts(cuts: Mapping[str, int], scales: Mapping[str, tuple[Option, ...]], source: Located) -> None:
    """Refuse a cut that leaves fewer than two steps on a side: one step alone would tell an answer."""
    section = section_of(source, "cuts")
    for name, cut in cuts.items():
        steps = [option.value for option in scales.get(name, ()) if isinstance(option.value, int)]
        if cut not in steps:
            section.refuse(f"there is no scale with the step {cut}", name)
        if min(sum(step < cut for step in steps), sum(step >= cut for step in steps)) < 2:
            section.refuse("at least two steps have to stand on each side of a cut", name)
