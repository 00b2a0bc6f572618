"""Reading the monitoring instruments and their vocabulary from ``config/``, checked while reading.

Files: ``vocabulary.yaml`` (languages, terms, scales, codes, report sections, signals),
``instruments/*.yaml`` (one instrument each) and ``messages/*.yaml`` (sentences of the software).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Option, Text
from moodle_bridge.domain.instrument.read.instrument import read_instrument
from moodle_bridge.domain.instrument.read.scalars import Words, read_text
from moodle_bridge.domain.instrument.read.yaml_lines import Located, read
from moodle_bridge.resources import config_dir

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def load(directory: Path | None = None) -> Catalogue:
    """Read every instrument of a configuration directory (None: the shipped one).

    Raises :class:`~moodle_bridge.errors.InstrumentError` naming file, line and item.
    """
    base = config_dir() if directory is None else directory
    vocabulary = read(base / "vocabulary.yaml")
    languages = _languages(vocabulary)
    words = Words(
        languages=languages,
        codes=_options(vocabulary, "codes", "code", languages),
        scales=_options(vocabulary, "scales", "value", languages),
        ends=_ends(vocabulary),
        sections=_texts(vocabulary, "report_sections", languages),
    )
    messages = _messages(base / "messages", languages)
    instruments: dict[str, Instrument] = {}
    for path in sorted((base / "instruments").glob("*.yaml")):
        source = read(path)
        instrument = dataclasses.replace(read_instrument(source, words), messages=messages)
        if instrument.id in instruments:
            source.refuse(f"the instrument {instrument.id!r} already exists in another file", instrument.id)
        if instrument.id != path.stem:
            source.refuse(
                f"the file of {instrument.id!r} has to be named {instrument.id}.yaml", instrument.id
            )
        instruments[instrument.id] = instrument
    if not instruments:
        vocabulary.refuse(f"no instrument stands in {base / 'instruments'}")
    ordered = {each.id: each for each in sorted(instruments.values(), key=lambda i: (i.order, i.id))}
    registry.check_references(ordered, base)
    return Catalogue(
        version=str(vocabulary.value.get("version", "")),
        languages=languages,
        instruments=ordered,
        terms=_terms(vocabulary, languages),
        codes=words.codes,
        scales=words.scales,
        sections=words.sections,
        signals=_signals(vocabulary, languages),
        suppression=_suppression(vocabulary),
        messages=messages,
    )


def _languages(vocabulary: Located) -> tuple[str, ...]:
    languages = vocabulary.value.get("languages") if isinstance(vocabulary.value, dict) else None
    if not isinstance(languages, list) or not languages or not all(isinstance(x, str) for x in languages):
        vocabulary.refuse("'languages' has to be a list such as [bg, en]")
    return tuple(languages)


def _section(vocabulary: Located, name: str) -> Located:
    section = vocabulary.get(name)
    if section is None or not isinstance(section.value, dict):
        vocabulary.refuse(f"{name!r} is missing or not a mapping")
    return section


def _texts(vocabulary: Located, name: str, languages: tuple[str, ...]) -> Mapping[str, Text]:
    return {
        str(key): read_text(child, languages, str(key))
        for key, child in _section(vocabulary, name).children.items()
    }


def _terms(vocabulary: Located, languages: tuple[str, ...]) -> Mapping[str, Text]:
    terms: dict[str, Text] = {}
    for key, child in _section(vocabulary, "terms").children.items():
        for language in languages:
            if not isinstance(child.value, dict) or not isinstance(child.value.get(language), str):
                child.refuse(f"the term has no text in {language!r}", str(key))
        terms[str(key)] = dict(child.value)
    return terms


def _options(
    vocabulary: Located, name: str, value_key: str, languages: tuple[str, ...]
) -> Mapping[str, tuple[Option, ...]]:
    return {
        str(key): _range(child, languages)
        if isinstance(child.value, dict)
        else _list(child, value_key, languages)
        for key, child in _section(vocabulary, name).children.items()
    }


def _list(listed: Located, value_key: str, languages: tuple[str, ...]) -> tuple[Option, ...]:
    name = str(listed.path[-1])
    if not isinstance(listed.value, list) or not listed.value:
        listed.refuse("has to be a list of options", name)
    options: list[Option] = []
    for entry in listed.children.values():
        if not isinstance(entry.value, dict) or value_key not in entry.value:
            entry.refuse(f"an option needs {value_key!r}", name)
        known = {value_key, *languages, "exclusive", "pct", "x"}
        for key in entry.children:
            if key not in known:
                entry.refuse(f"an option has no {key!r}", name)
        raw: Any = entry.value[value_key]
        value: Any = None if value_key == "value" and raw == "na" else raw
        wanted = "a whole number or na" if value_key == "value" else "a code"
        if value is not None and type(value) is not (int if value_key == "value" else str):
            entry.refuse(f"{raw!r} is not {wanted}", name)
        if value in [option.value for option in options]:
            entry.refuse(f"{raw!r} stands here twice", name)
        label: dict[str, str] = {}
        for language in languages:
            text = entry.value.get(language)
            if not isinstance(text, str) or not text.strip():
                entry.refuse(f"{raw!r} has no text in {language!r}", name)
            label[language] = text
        options.append(
            Option(
                value,
                label,
                exclusive=entry.value.get("exclusive") is True,
                percent=entry.value.get("pct"),
                gas=entry.value.get("x"),
            )
        )
    return tuple(options)


def _range(scale: Located, languages: tuple[str, ...]) -> tuple[Option, ...]:
    """A scale of bare numbers of which only the ends have words."""
    name = str(scale.path[-1])
    bounds = scale.value.get("range")
    ends = scale.get("ends")
    if not isinstance(bounds, list) or [type(x) for x in bounds] != [int, int] or bounds[0] >= bounds[1]:
        scale.refuse("'range' has to be [lowest, highest]", name)
    if ends is None or ends.get("low") is None or ends.get("high") is None:
        scale.refuse("'ends' needs 'low' and 'high'", name)
    for end in ends.children.values():
        read_text(end, languages, name)
    return tuple(
        Option(number, {language: str(number) for language in languages})
        for number in range(bounds[0], bounds[1] + 1)
    )


def _ends(vocabulary: Located) -> Mapping[str, Mapping[str, Text]]:
    scales = _section(vocabulary, "scales").value
    return {name: scale["ends"] for name, scale in scales.items() if isinstance(scale, dict)}


def _messages(directory: Path, languages: tuple[str, ...]) -> Mapping[str, Text]:
    messages: dict[str, Text] = {}
    for path in sorted(directory.glob("*.yaml")):
        source = read(path)
        for key, child in source.children.items():
            text = read_text(child, languages, str(key))
            if key in messages:
                child.refuse("this message already stands in another file", str(key))
            placeholders = {language: set(_PLACEHOLDER.findall(text[language])) for language in languages}
            if len({frozenset(found) for found in placeholders.values()}) > 1:
                child.refuse("the languages do not use the same placeholders", str(key))
            messages[str(key)] = text
    return messages


def _signals(vocabulary: Located, languages: tuple[str, ...]) -> Mapping[str, Mapping[str, Any]]:
    section = _section(vocabulary, "signals")
    signals: dict[str, Mapping[str, Any]] = {}
    for key, child in section.children.items():
        label = child.get("label")
        if label is None or not isinstance(child.value.get("mentor"), bool):
            child.refuse("a signal needs 'label' and 'mentor: true|false'", str(key))
        thresholds = child.value.get("thresholds", {})
        problem = registry.signal_fault(str(key), thresholds)
        if problem:
            child.refuse(problem, str(key))
        signals[str(key)] = {
            "label": read_text(label, languages, str(key)),
            "mentor": child.value["mentor"],
            "thresholds": dict(thresholds),
        }
    for missing in sorted(set(registry.SIGNALS) - set(signals)):
        section.refuse(f"the signal {missing!r} is missing")
    return signals


def _suppression(vocabulary: Located) -> Mapping[str, int]:
    section = _section(vocabulary, "suppression")
    for key in ("confidential", "anonymous"):
        number = section.value.get(key)
        if not isinstance(number, int) or number < 2:
            section.refuse(f"{key!r} has to be a number of answers, 2 or more")
    return dict(section.value)
