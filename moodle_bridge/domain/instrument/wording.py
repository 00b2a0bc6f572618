"""Sentences of the software in the reader's language, and numbers and dates as that language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from moodle_bridge import languages
from moodle_bridge.domain.instrument.days import parse_day
from moodle_bridge.domain.instrument.model import Option, Text


def say(messages: Mapping[str, Text], key: str, language: str, **facts: object) -> str:
    """The message of that key with its placeholders filled; the bare key where the catalogue has none."""
    text = messages.get(key, {}).get(language)
    return key if text is None else text.format_map({name: str(value) for name, value in facts.items()})


def label(options: tuple[Option, ...], value: object, language: str) -> str:
    """The words of an option; empty where the list does not have it."""
    return next((option.label[language] for option in options if option.value == value), "")


def plural(messages: Mapping[str, Text], key: str, number: int, language: str, **facts: object) -> str:
    """The message of that key in the plural form that a number takes: ``key_one``, ``key_many`` ..."""
    chosen = f"{key}_{languages.of(language).plural(number)}"
    if language not in messages.get(chosen, {}):
        chosen = f"{key}_{languages.MANY}"
    return say(messages, chosen, language, **facts)


def day(date: str, language: str) -> str:
    """An ISO date as people write it in a sentence; anything else as it stands."""
    parsed = parse_day(date)
    if parsed is None:
        return date
    return languages.of(language).day(parsed.year, parsed.month, parsed.day)


def figure(value: float, language: str, digits: int = 1) -> str:
    """A number with as many decimals as it needs (at most ``digits``), with the language's decimal sign.

    Half is rounded up, as people do.
    """
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{abs(rounded):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = text.replace(".", languages.of(language).decimal)
    return f"\N{MINUS SIGN}{text}" if rounded < 0 else text


def percent(value: float, language: str) -> str:
    """A share of 0..100 in whole percent."""
    return languages.of(language).percent.format(number=figure(value, language, 0))
