"""Sum a session up for one audience (``contract/summary.schema.json``)."""

from __future__ import annotations

from moodle_bridge.domain.course.attendance import is_settled
from moodle_bridge.domain.session import sections
from moodle_bridge.domain.session.followed import Followed, followed
from moodle_bridge.domain.session.limits import bounded
from moodle_bridge.domain.session.numbers import numbers
from moodle_bridge.domain.session.shape import SignalShown, Summary
from moodle_bridge.domain.session.view import View

SCHEMA = 1
"""Version of the summary's form; raised when a key changes its meaning."""
LEVEL_RULES = frozenset({"goal_stalled", "goal_given_up"})
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
    """List the signals; a mentor gets those of this session that mentors may see, without the decisions."""
    if not view.reads_answers:
        return []
    found = followed(view)
    if view.audience == "coordinator":
        return [{**_signal(view, each), "decision": each.code or None} for each in found]
    kept_back = LEVEL_RULES if view.levels_wait else frozenset()
    return [
        _signal(view, each)
        for each in found
        if each.latest.mentor and each.latest.session == view.session.id and each.latest.rule not in kept_back
    ]


def _signal(view: View, found: Followed) -> SignalShown:
    signal = found.latest
    shown: SignalShown = {
        "id": signal.id,
        "rule": signal.rule,
        "level": signal.level,
        "label": found.label(view),
        "text": signal.text(view),
        "person": signal.person,
        "group": signal.group,
        "occurrences": [
            {
                "session": each.session,
                "number": view.state.session(each.session).number,
                "level": each.level,
                "text": each.text(view),
            }
            for each in found.occurrences
        ],
    }
    if signal.source is not None and signal.source.submission.id:
        shown["source"] = {"submission": signal.source.submission.id, "item": signal.source.item}
    return shown
