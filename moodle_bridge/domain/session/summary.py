"""A session of a group summed up for one audience (``contract/summary.schema.json``)."""

from __future__ import annotations

from typing import Any

from moodle_bridge.domain.answers.visibility import Audience
from moodle_bridge.domain.course.attendance import is_settled
from moodle_bridge.domain.course.model import Process, Session
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import sections
from moodle_bridge.domain.session.limits import bounded
from moodle_bridge.domain.session.numbers import numbers
from moodle_bridge.domain.session.signals import Signal, decisions, for_mentor, signals
from moodle_bridge.domain.session.view import Place

SCHEMA = 1
"""Version of the summary's form; raised when a key changes its meaning."""


def summary(
    catalogue: Catalogue,
    state: Process,
    session: Session,
    group: int,
    audience: Audience,
    language: str,
    person: int = 0,
) -> dict[str, Any]:
    """Sections in words, numbers and signals, as far as the audience may see them.

    ``audience`` mentee: the group's totals, from the suppression limit on, without names; with ``person``
    also that mentee's own goals. ``mentor``: by name, without coordinator-only answers. ``coordinator``:
    everything, as far as it fits (:mod:`bounds`).
    """
    place = Place(catalogue, state, session, group, person, audience, language)
    content = {
        "schema": SCHEMA,
        "session": {"id": session.id, "number": session.number, "kind": session.kind, "date": session.date},
        "group": {"id": group, "name": state.groups.get(group, "")},
        "audience": audience,
        "language": language,
        "settled": is_settled(catalogue, state, session, group),
        "sections": sections.sections(place),
        "signals": _signals(place),
        "numbers": numbers(place),
    }
    return bounded(place, content)


def _signals(place: Place) -> list[dict[str, Any]]:
    if place.audience == "mentee":
        return []
    found = signals(place.catalogue, place.state, place.session, place.group)
    if place.audience != "coordinator":
        return [_signal(place, signal) for signal in for_mentor(found)]
    decided: dict[str, str] = {}
    for group in place.state.places(place.session) if place.group == 0 else (place.group,):
        decided |= decisions(place.catalogue, place.state, place.session, group)
    return [_signal(place, signal) | {"decision": decided.get(signal.id)} for signal in found]


def _signal(place: Place, signal: Signal) -> dict[str, Any]:
    return {
        "id": signal.id,
        "rule": signal.rule,
        "level": signal.level,
        "label": signal.label(place.catalogue, place.language),
        "text": signal.text(place.catalogue, place.state, place.language),
        "person": signal.person,
    }
