"""Sum a session up for one audience (``contract/summary.schema.json``)."""

from __future__ import annotations

from moodle_bridge.domain.course.attendance import is_settled
from moodle_bridge.domain.session import sections
from moodle_bridge.domain.session.limits import bounded
from moodle_bridge.domain.session.numbers import numbers
from moodle_bridge.domain.session.shape import SignalShown, Summary
from moodle_bridge.domain.session.signals import Signal, decisions, for_mentor, signals
from moodle_bridge.domain.session.view import View

SCHEMA = 1
"""Version of the summary's form; raised when a key changes its meaning."""
LEVEL_RULES = frozenset({"goal_stalled"})
"""Signals that tell the level of a goal."""


def summary(view: View) -> Summary:
    """Sections in words, numbers and signals, as far as the audience may see them.

    To a mentee what the publication ledger holds for the group, without names; with the view's person also
    that mentee's own goals. To a mentor by name, without coordinator-only answers. To the coordinator
    everything, as far as it fits (:mod:`limits`).
    """
    session = view.session
    content: Summary = {
        "schema": SCHEMA,
        "session": {"id": session.id, "number": session.number, "kind": session.kind, "date": session.date},
        "group": {"id": view.group_id, "name": view.state.groups.get(view.group_id, "")},
        "audience": view.audience,
        "language": view.language,
        "settled": is_settled(view),
        "sections": sections.sections(view),
        "signals": _signals(view),
        "numbers": numbers(view),
    }
    return bounded(view, content)


def _signals(view: View) -> list[SignalShown]:
    if not view.reads_answers:
        return []
    found = signals(view)
    if view.audience != "coordinator":
        kept_back = LEVEL_RULES if view.levels_wait else frozenset()
        return [_signal(view, signal) for signal in for_mentor(found) if signal.rule not in kept_back]
    decided: dict[str, str] = {}
    for one in view.by_group():
        decided |= decisions(one)
    return [{**_signal(view, signal), "decision": decided.get(signal.id)} for signal in found]


def _signal(view: View, signal: Signal) -> SignalShown:
    return {
        "id": signal.id,
        "rule": signal.rule,
        "level": signal.level,
        "label": signal.label(view),
        "text": signal.text(view),
        "person": signal.person,
    }
