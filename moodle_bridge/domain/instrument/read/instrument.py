"""Make an :class:`~moodle_bridge.domain.instrument.model.Instrument` of one file, or refuse it."""

from __future__ import annotations

import re
from typing import get_args

from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Instrument, Per, Respondent, SessionKind, Text
from moodle_bridge.domain.instrument.read.choices import Choices
from moodle_bridge.domain.instrument.read.entry import ID, Entry
from moodle_bridge.domain.instrument.read.items import Words, read_items
from moodle_bridge.domain.instrument.read.vocabulary import Vocabulary
from moodle_bridge.yaml_lines import Located

VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\Z")
"""Three numbers, so that Python and PHP order versions alike."""

# fmt: off
_KEYS = frozenset(
    {
        "id", "version", "choices", "order", "respondent", "per", "sessions", "catch_up", "opens_when",
        "minutes", "title", "intro", "items", "enabled_by_default", "anonymous",
        "mentor_reads_after",
    }
)
# fmt: on


def read_instrument(
    source: Located,
    vocabulary: Vocabulary,
    choices: dict[str, Choices],
    messages: dict[str, Text],
) -> Instrument:
    """Read one version of an instrument; raises :class:`InstrumentError` with file, line and item."""
    name = source.value.get("id") if isinstance(source.value, dict) else None
    if name is None:
        source.refuse("an instrument is a mapping that begins with 'id'")
    if not isinstance(name, str) or not ID.match(name):
        source.refuse(f"the id {name!r} has to be lower-case letters, digits and _")
    entry = Entry(source, name)
    entry.only(_KEYS)
    entry.needs("version", "choices", "respondent", "sessions", "minutes", "title", "intro", "items")
    if entry.raw("choices") not in choices:
        entry.refuse(
            f"there are no choices {entry.raw('choices')!r}, only {', '.join(sorted(choices))}", "choices"
        )
    words = Words(vocabulary, choices[entry.raw("choices")])
    return Instrument(
        id=name,
        version=_version(entry),
        respondent=entry.choice("respondent", Respondent),
        sessions=_sessions(entry),
        title=entry.text("title", words.languages),
        intro=entry.text("intro", words.languages),
        minutes=entry.number("minutes", 0),
        items=read_items(source.children["items"], words, name),
        opens_when=entry.reference("opens_when", registry.OPENINGS, "rule"),
        enabled_by_default=entry.flag("enabled_by_default", True),
        anonymous=entry.flag("anonymous", False),
        order=entry.number("order", 1000),
        per=entry.choice("per", Per, "group"),
        catch_up=entry.flag("catch_up", False),
        mentor_reads_after=_mentor_reads_after(entry),
        messages=messages,
    )


def _version(entry: Entry) -> str:
    value = entry.raw("version")
    if not isinstance(value, str) or not VERSION.match(value):
        entry.refuse(f"the version {value!r} has to be three numbers in quotes, such as '1.0.0'", "version")
    return value


def _mentor_reads_after(entry: Entry) -> str:
    value = entry.raw("mentor_reads_after")
    if value is not None and (not isinstance(value, str) or entry.raw("respondent") != "mentee"):
        entry.refuse("only a mentee's form names the mentor's form that comes before", "mentor_reads_after")
    return value or ""


def _sessions(entry: Entry) -> tuple[SessionKind, ...]:
    value = entry.raw("sessions")
    if not isinstance(value, list) or not value or any(kind not in get_args(SessionKind) for kind in value):
        entry.refuse("'sessions' is a list of initial, interim, final", "sessions")
    return tuple(value)
