"""The names that instrument files may use for what the software works out, and their parameters.

The functions behind the names are in :mod:`carryover`, :mod:`opening`, :mod:`lines`, :mod:`suggest` and
:mod:`signals`; a test holds both sides together. Knows no data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from moodle_bridge.domain.instrument.conditions import leaves
from moodle_bridge.domain.instrument.model import Instrument, Item
from moodle_bridge.errors import InstrumentError

Parameters = Mapping[str, type | tuple[type, ...]]

_NONE: Final[Parameters] = MappingProxyType({})
_NUMBER = (int, float)

SOURCES: Final[Mapping[str, Parameters]] = {
    "own_goals": _NONE,
    "own_general_goals": _NONE,
    "group_goals": _NONE,
    "goals_of_mentees": _NONE,
    "own_expectations": _NONE,
    "others_categories": {"limit": int},
    "accepted_recommendations": {"limit": int},
    "mentees": _NONE,
    "participants": _NONE,
    "weak_point_clusters": _NONE,
    "open_recommendations": _NONE,
    "open_signals": _NONE,
}
"""What makes the rows of a ``carried_table``."""

OPTION_SOURCES: Final = frozenset({"group_expectations", "participants"})
"""What makes options that depend on data; besides these, a table of the same form."""

ROW_FIGURES: Final = frozenset(
    {"person", "form_status", "planned_kind", "weak_point_cluster", "warnings_open"}
)
"""Computed columns: the source of their table fills them in."""

LINES: Final = frozenset(
    {
        "group_expectations",
        "response_rate",
        "group_goal_pct",
        "goal_attained",
        "gas_t",
        "reason_counts",
        "expectation_gap",
        "expectation_own",
        "climate",
        "self_assessment",
        "impact",
        "need_matrix",
        "weak_point_cluster",
        "recommendation_closure",
        "agreement",
        "archive_list",
    }
)
"""Computed items: display lines."""

OPENINGS: Final[Mapping[str, Parameters]] = {
    "goals_set": _NONE,
    "submitted_by_all": {"instruments": list},
    "submitted_by_others": {"instrument": str, "at_least": int, "after_deadline": int},
}
"""When a form opens within an open session."""

PREFILLS: Final[Mapping[str, Parameters]] = {"plan_dates": _NONE}

SUGGESTIONS: Final[Mapping[str, Parameters]] = {
    "goal_attainment": {"thresholds": list, "attained_share": _NUMBER},
    "expectations_met": {"thresholds": list},
    "group_impact": {"thresholds": list},
    "weak_points_overcome": {"thresholds": list},
    "participation": {"thresholds": list},
}
"""What proposes a rating of a criterion; ``thresholds`` are the least values for 2, 3 and 4."""

SIGNALS: Final[Mapping[str, Parameters]] = {
    "goal_stalled": {"due_soon_days": int, "later_days": int, "drop": int},
    "no_response": _NONE,
    "expectation_low": {"rating": _NUMBER, "importance": _NUMBER, "fall": _NUMBER, "mean": _NUMBER},
    "low_inclusion": {"level": _NUMBER, "participation": _NUMBER},
    "mentor_concern": {"watch": int, "act": int},
    "need_unmet": {"amber_sessions": int, "red_sessions": int},
    "weak_point_persistent": {
        "severity": _NUMBER,
        "people": int,
        "share": _NUMBER,
        "mean_severity": _NUMBER,
    },
    "contact_request": _NONE,
}
"""The early-warning rules and their thresholds."""


def fault(known: Mapping[str, Parameters], name: Any, parameters: Mapping[str, Any]) -> str:
    """What is wrong with a reference to a registered function; empty when nothing is."""
    if not isinstance(name, str) or name not in known:
        return f"{name!r} is not one of {', '.join(sorted(known))}"
    wanted = known[name]
    for key in wanted:
        if key not in parameters:
            return f"{name!r} needs the parameter {key!r}"
    for key, value in parameters.items():
        if key not in wanted:
            return f"{name!r} has no parameter {key!r}"
        if not isinstance(value, wanted[key]) or isinstance(value, bool):
            return f"{name!r}: the parameter {key!r} has a value of the wrong kind"
    if "thresholds" in wanted:
        steps = parameters["thresholds"]
        if len(steps) != 3 or not all(isinstance(s, int | float) for s in steps) or sorted(steps) != steps:
            return f"{name!r}: 'thresholds' are three rising numbers"
    return ""


def signal_fault(name: str, thresholds: Any) -> str:
    """What is wrong with a signal's thresholds; empty when nothing is."""
    if not isinstance(thresholds, dict):
        return "'thresholds' has to be a mapping"
    return fault(SIGNALS, name, thresholds)


def check_references(instruments: Mapping[str, Instrument], base: Path) -> None:
    """Check what one instrument says about others; :class:`InstrumentError` names file and item."""
    for instrument in instruments.values():
        for problem, item in _dangling(instrument, instruments):
            file = f"{instrument.id}.yaml"
            raise InstrumentError(
                f"{base.name}/instruments/{file} ({item or instrument.id}): {problem}", file=file, item=item
            )


def _dangling(instrument: Instrument, instruments: Mapping[str, Instrument]) -> Iterator[tuple[str, str]]:
    rule = instrument.opens_when
    named = [*rule.get("instruments", []), *([rule["instrument"]] if "instrument" in rule else [])]
    for other in named:
        if other not in instruments:
            yield f"opens_when names {other!r}, which is no instrument", ""
    same_respondent = {
        item.id
        for other in instruments.values()
        if other.respondent == instrument.respondent
        for item in other.items
    }
    for item in _quoting(instrument):
        if item.carried not in same_respondent:
            yield f"carried: no form of the same respondent has {item.carried!r}", item.id
    for place, name, columns in _looking_back(instrument):
        if columns is None and name not in same_respondent:
            yield f"prev.{name}: no form of the same respondent has {name!r}", place
        if columns is not None and f"prev_{name}" not in columns:
            yield f"prev.{name}: the table has no column 'prev_{name}'", place


def _quoting(instrument: Instrument) -> Iterator[Item]:
    return (item for item in instrument.items if item.carried is not None)


def _looking_back(instrument: Instrument) -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """(item, id that its condition calls ``prev``, the columns it may mean or None outside rows)."""
    for item in instrument.items:
        for tree in (item.show_if, item.required_if):
            if tree is not None:
                yield from ((item.id, name, None) for name in leaves(tree, "prev"))
        columns = frozenset(column.id for column in item.columns)
        for column in item.columns:
            for tree in (column.show_if, column.required_if):
                if tree is not None:
                    yield from ((f"{item.id}.{column.id}", name, columns) for name in leaves(tree, "prev"))
