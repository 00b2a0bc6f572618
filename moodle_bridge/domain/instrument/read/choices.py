"""The scales and code lists that forms choose from: ``config/choices/<version>.yaml``, one file a version.

A list only grows from version to version, so that what was answered keeps its words; a form that no longer
offers a code excludes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from moodle_bridge.domain.instrument.model import Option, Text
from moodle_bridge.domain.instrument.read.entry import Entry, read_text, section_of
from moodle_bridge.languages import FOLDER
from moodle_bridge.yaml_lines import Located

Options = tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """One version of the lists."""

    version: str
    codes: Mapping[str, Options]
    scales: Mapping[str, Options]
    ends: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    """Per scale of bare numbers the words of its ends."""

    def code_values(self) -> frozenset[str]:
        """Every code of every list."""
        return frozenset(str(option.value) for options in self.codes.values() for option in options)


def read_choices(source: Located, version: str, languages: tuple[str, ...]) -> Choices:
    """Read one version; raises :class:`InstrumentError` with file, line and list."""
    scales = section_of(source, "scales")
    return Choices(
        version=version,
        codes=_lists(section_of(source, "codes"), "code", languages),
        scales=_lists(scales, "value", languages),
        ends={name: scale["ends"] for name, scale in scales.value.items() if isinstance(scale, dict)},
    )


def check_growth(older: Choices, newer: Choices, source: Located) -> None:
    """Refuse a newer version that lacks what an older one offered."""
    for kind in ("codes", "scales"):
        before: Mapping[str, Options] = getattr(older, kind)
        after: Mapping[str, Options] = getattr(newer, kind)
        for name, options in before.items():
            kept = [option.value for option in after.get(name, ())]
            lost = [str(option.value) for option in options if option.value not in kept]
            if lost:
                section_of(source, kind).refuse(
                    f"{', '.join(lost)} of version {older.version} is missing: answers hold it; "
                    "keep it here and let forms exclude it",
                    name,
                )


def resolved(entry: Entry, choices: Choices) -> Options:
    """The options that an item offers (``allowed``, ``exclude`` and ``allow_na`` applied)."""
    if entry.raw("type") == "scale":
        return _steps(entry, choices)
    name = entry.raw("options")
    if name is None:
        return ()
    if name not in choices.codes:
        entry.refuse(f"there is no code list {name!r} in choices {choices.version}", "options")
    options = choices.codes[name]
    excluded = entry.raw("exclude") or []
    for code in excluded:
        if code not in [option.value for option in options]:
            entry.refuse(f"{name!r} has no code {code!r}", "exclude")
    return tuple(option for option in options if option.value not in excluded)


def _steps(entry: Entry, choices: Choices) -> Options:
    name = entry.raw("scale")
    if name not in choices.scales:
        entry.refuse(f"there is no scale {name!r} in choices {choices.version}", "scale")
    options = choices.scales[name]
    allowed = entry.raw("allowed")
    if allowed is not None:
        for step in allowed:
            if step not in [option.value for option in options]:
                entry.refuse(f"{name!r} has no step {step!r}", "allowed")
        options = tuple(option for option in options if option.value in allowed)
    if entry.flag("allow_na", False):
        if None not in [option.value for option in options]:
            entry.refuse(f"{name!r} has no 'na' step", "allow_na")
    elif not entry.raw("ro"):
        options = tuple(option for option in options if option.value is not None)
    return options


def _lists(
    section: Located, value_key: Literal["code", "value"], languages: tuple[str, ...]
) -> Mapping[str, Options]:
    return {
        str(key): _range(Entry(child, str(key)), languages)
        if isinstance(child.value, dict)
        else _list(child, str(key), value_key, languages)
        for key, child in section.children.items()
    }


def _list(
    listed: Located, name: str, value_key: Literal["code", "value"], languages: tuple[str, ...]
) -> Options:
    if not isinstance(listed.value, list) or not listed.value:
        listed.refuse("has to be a list of options", name)
    options: list[Option] = []
    for child in listed.children.values():
        if not isinstance(child.value, dict) or value_key not in child.value:
            child.refuse(f"an option needs {value_key!r}", name)
        option = _option(Entry(child, name), value_key, languages)
        if option.value in [other.value for other in options]:
            child.refuse(f"{child.value[value_key]!r} stands here twice", name)
        options.append(option)
    return tuple(options)


def _option(entry: Entry, value_key: Literal["code", "value"], languages: tuple[str, ...]) -> Option:
    known = {value_key, *languages, "exclusive", "pct", "x"}
    for key in entry.located.children:
        if key not in known:
            entry.refuse(f"an option has no {key!r}")
    raw: Any = entry.raw(value_key)
    value: Any = None if value_key == "value" and raw == "na" else raw
    if value is not None and type(value) is not (int if value_key == "value" else str):
        entry.refuse(f"{raw!r} is not {'a whole number or na' if value_key == 'value' else 'a code'}")
    label: dict[str, str] = {}
    for language in languages:
        text = entry.raw(language)
        if not isinstance(text, str) or not text.strip():
            entry.refuse(f"{raw!r} has no text in {language!r}, here and in {FOLDER}/{language}.yaml")
        entry.whole(text)
        label[language] = text
    return Option(
        value,
        label,
        exclusive=entry.raw("exclusive") is True,
        percent=entry.raw("pct"),
        gas=entry.raw("x"),
    )


def _range(entry: Entry, languages: tuple[str, ...]) -> Options:
    """A scale of bare numbers of which only the ends have words."""
    bounds = entry.raw("range")
    ends = entry.located.get("ends")
    if not isinstance(bounds, list) or [type(x) for x in bounds] != [int, int] or bounds[0] >= bounds[1]:
        entry.refuse("'range' has to be [lowest, highest]")
    if ends is None or ends.get("low") is None or ends.get("high") is None:
        entry.refuse("'ends' needs 'low' and 'high'")
    for end in ends.children.values():
        read_text(end, languages, entry.item)
    return tuple(
        Option(number, {language: str(number) for language in languages})
        for number in range(bounds[0], bounds[1] + 1)
    )
