"""Sentences of the software in the reader's language, and numbers and dates as that language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from moodle_bridge.domain.instrument.days import parse_day
from moodle_bridge.domain.instrument.model import Option, Text


def say(messages: Mapping[str, Text], key: str, language: str, **facts: object) -> str:
    """The message of that key with its placeholders filled; the bare key where the catalogue has none."""
    text = messages.get(key, {}).get(language)
    return key if text is None else text.format_map({name: str(value) for name, value in facts.items()})


def label(options: tuple[Option, ...], value: object, language: str) -> str:
    """The words of an option; empty where the list does not have it."""
    return next((option.label[language] for option in options if option.value == value), "")


def day(date: str, language: str) -> str:
    """An ISO date as people write it: 02.03.2026 in Bulgarian, 2 March 2026 in English."""
    parsed = parse_day(date)
    if parsed is None:
        return date
    if language == "en":
        return f"{parsed.day} {_MONTHS[parsed.month - 1]} {parsed.year}"
    return f"{parsed.day:02}.{parsed.month:02}.{parsed.year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def figure(value: float, language: str, digits: int = 1) -> str:
    """A number with as many decimals as it needs (at most ``digits``), with the language's decimal sign.

    Half is rounded up, as people do.
    """
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{abs(rounded):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = text if language == "en" else text.replace(".", ",")
    return f"\N{MINUS SIGN}{text}" if rounded < 0 else text


def percent(value: float, language: str) -> str:
    """A share of 0..100 in whole percent."""
    return f"{figure(value, language, 0)}{'%' if language == 'en' else ' %'}"
