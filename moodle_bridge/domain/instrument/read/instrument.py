"""Make an :class:`~moodle_bridge.domain.instrument.model.Instrument` of one file, or refuse it."""

from __future__ import annotations

from typing import get_args

from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Instrument, SessionKind
from moodle_bridge.domain.instrument.read.items import read_items
from moodle_bridge.domain.instrument.read.scalars import (
    ID,
    Words,
    choice,
    flag,
    known_keys,
    number,
    read_text,
    reference,
)
from moodle_bridge.domain.instrument.read.yaml_lines import Located

# fmt: off
_INSTRUMENT_KEYS = frozenset(
    {
        "id", "version", "order", "respondent", "per", "sessions", "catch_up", "opens_when", "minutes",
        "title", "intro", "items", "enabled_by_default", "anonymous",
    }
)
# fmt: on


def read_instrument(source: Located, words: Words) -> Instrument:
    """Read one instrument; raises :class:`InstrumentError` with file, line and item."""
    if not isinstance(source.value, dict):
        source.refuse("an instrument is a mapping that begins with 'id'")
    name = source.value.get("id")
    if not isinstance(name, str) or not ID.match(name):
        source.refuse(f"the id {name!r} has to be lower-case letters, digits and _")
    known_keys(source, _INSTRUMENT_KEYS, name)
    for key in ("version", "respondent", "sessions", "minutes", "title", "intro", "items"):
        if key not in source.children:
            source.refuse(f"{key!r} is missing", name)
    opens_when = source.get("opens_when")
    if opens_when is not None:
        reference(opens_when, registry.OPENINGS, "rule", name)
    per = choice(source, "per", ("group", "course"), name, "group")
    return Instrument(
        id=name,
        version=str(source.value["version"]),
        respondent=choice(source, "respondent", ("mentee", "mentor", "coordinator"), name, None),
        sessions=_sessions(source.children["sessions"], name),
        title=read_text(source.children["title"], words.languages, name),
        intro=read_text(source.children["intro"], words.languages, name),
        minutes=number(source, "minutes", name, 0),
        items=read_items(source.children["items"], words, name),
        opens_when=dict(source.value.get("opens_when", {})),
        enabled_by_default=flag(source, "enabled_by_default", name, True),
        anonymous=flag(source, "anonymous", name, False),
        order=number(source, "order", name, 1000),
        per=per,
        catch_up=flag(source, "catch_up", name, False),
    )


def _sessions(located: Located, item: str) -> tuple[SessionKind, ...]:
    value = located.value
    if not isinstance(value, list) or not value or any(kind not in get_args(SessionKind) for kind in value):
        located.refuse("'sessions' is a list of initial, interim, final", item)
    return tuple(value)
