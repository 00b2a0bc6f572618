"""An instrument in one language as the plugin renders it (``contract/definition.schema.json``)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from moodle_bridge.domain.instrument.feeds import listeners
from moodle_bridge.domain.instrument.model import (
    Catalogue,
    Instrument,
    Item,
    Option,
    addressed,
    readers_of,
)
from moodle_bridge.domain.instrument.wording import say
from moodle_bridge.plain_json import Json, canonical

SCHEMA = 1
"""Version of the definition's form; raised when a key changes its meaning."""
GOAL_CHECK = "check"
"""The column of a mentor's rows on goals that reaches whoever set the goal, with the note beside it."""
_READER_ORDER = ("author", "mentor", "coordinator", "group")


def definition(catalogue: Catalogue, instrument: Instrument, language: str) -> dict[str, Json]:
    """All that a form needs: labels, help, options, who reads what, conditions and limits.

    Raises :class:`KeyError` for a language that the catalogue does not have.
    """
    if language not in catalogue.languages:
        raise KeyError(f"the catalogue has no language {language!r}")
    content: dict[str, Json] = {
        "schema": SCHEMA,
        "instrument": instrument.id,
        "version": instrument.version,
        "language": language,
        "respondent": instrument.respondent,
        "sessions": list(instrument.sessions),
        "per": instrument.per,
        "catch_up": instrument.catch_up,
        "anonymous": instrument.anonymous,
        "minutes": instrument.minutes,
        "title": instrument.title[language],
        "intro": instrument.intro[language],
        "items": [_item(instrument, item, None, language) for item in instrument.items],
    }
    if instrument.mentor_reads_after:
        content["mentor_reads_after"] = instrument.mentor_reads_after
    return content


def digest(content: Mapping[str, Json]) -> str:
    """SHA-256 (hex) of the canonical JSON: keys sorted, no spaces, UTF-8."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def readers_text(instrument: Instrument, item: Item, column: Item | None, language: str) -> str:
    """State the promise beside a question: who will read the answer, and who is told a figure made of it."""
    readers = readers_of(item, column)
    circle = "group" if "group" in readers else "mentor" if "mentor" in readers else "private"
    said = [f"readers_{instrument.respondent}_{circle}"]
    if instrument.respondent == "mentee" and circle != "group":
        told = listeners(item, column)
        if told:
            said.append(f"told_{circle}_{'mentee' if 'mentee' in told else 'mentor'}")
    if addressed(item) and instrument.respondent != "coordinator":
        said.append("addressed_rows")
    if item.source is not None and any(each.id == GOAL_CHECK for each in item.columns):
        said.append("read_by_goals_owner")
    if item.source is not None and item.source.name == "open_recommendations":
        said.append("worded_by_coordinator")
    return " ".join(say(instrument.messages, key, language) for key in said)


def _item(instrument: Instrument, item: Item, table: Item | None, language: str) -> dict[str, Json]:
    readers = item.readers if table is None else readers_of(table, item)
    content: dict[str, Json] = {
        "id": item.id,
        "type": item.type,
        "label": item.label[language],
        "required": item.required,
        "readers": [reader for reader in _READER_ORDER if reader in readers],
        "readers_text": readers_text(instrument, table or item, item if table else None, language),
    }
    if item.help is not None:
        content["help"] = item.help[language]
    if item.options:
        content["options"] = [_option(option, language) for option in item.options]
    if item.ends is not None:
        content["ends"] = {end: item.ends[end][language] for end in ("low", "high")}
    optional = {
        "options_from": item.options_from,
        "min": item.minimum,
        "max": item.maximum,
        "max_length": item.max_length,
        "default": item.default,
        "show_if": item.show_if,
        "required_if": item.required_if,
        "quotes": item.carried,
        "distinct": item.distinct,
    }
    content |= {key: value for key, value in optional.items() if value is not None}
    if item.refuse:
        content["refuse"] = [{"when": each.condition, "text": each.text[language]} for each in item.refuse]
    if item.affirm:
        content["affirm"] = True
    if item.read_only:
        content["read_only"] = True
    if item.columns:
        content |= {"min_rows": item.min_rows, "max_rows": item.max_rows}
        content["columns"] = [_item(instrument, column, item, language) for column in item.columns]
    return content


def _option(option: Option, language: str) -> dict[str, Json]:
    content: dict[str, Json] = {"value": option.value, "label": option.label[language]}
    if option.exclusive:
        content["exclusive"] = True
    return content
