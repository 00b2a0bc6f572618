"""Put a session's figures as the numbers of a summary, as far as its audience may see them, without words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from moodle_bridge.domain.course.attendance import forms, statuses
from moodle_bridge.domain.course.measures import spread
from moodle_bridge.domain.course.recommendations import ACCEPTED, OPEN
from moodle_bridge.domain.course.weakpoints import clusters
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.confidentiality import Share
from moodle_bridge.domain.session.heard import reaching
from moodle_bridge.domain.session.ledger import told
from moodle_bridge.domain.session.shape import (
    Numbers,
    PersonNumbers,
    RecommendationCounts,
    Responses,
    SpreadShown,
    WeakPointShown,
)
from moodle_bridge.domain.session.view import View


def numbers(view: View) -> Numbers:
    """Every measure of the view; null where there is none, or where the audience does not read the answers.

    Without names for the group; the key ``people`` is there for those who read the answers only.
    """
    if not view.reads_answers:
        return _told(view)
    goals = figures.mentees_goals(view)
    if view.levels_wait:
        goals = tuple(dataclasses.replace(e, levels=(), percent=None, attained=0, gas=None) for e in goals)
    expectations = figures.mentees_expectations(view)
    climate = figures.person_means(view, "cl_")
    changes = figures.self_assessment_change(view)
    impact = figures.person_means(view, "imp_")
    rated = sum(len(each.levels) for each in goals)
    return {
        "responses": _responses(view),
        "goal_percent": _spread(each.percent for each in goals),
        "goals_attained": {"attained": sum(each.attained for each in goals), "rated": rated}
        if rated
        else None,
        "gas_t": _spread(each.gas for each in goals),
        "expectation_own": _spread(each.own for each in expectations),
        "expectation_others": _spread(each.others for each in expectations),
        "expectation_gap": _spread(each.gap for each in expectations),
        "climate": _spread(each.value for each in climate if each.role == "mentee"),
        "climate_mentors": _spread(each.value for each in climate if each.role == "mentor"),
        "self_change": _spread(each.change for each in changes),
        "impact": _spread(each.value for each in impact if each.role == "mentee"),
        "reasons": [
            {"reason": each.reason, "goals": each.goals, "people": each.people}
            for each in (() if view.levels_wait else figures.reason_counts(goals, view.session))
        ],
        "weak_points": _weak_points(view),
        "recommendations": _recommendations(view),
        "people": _people(view, goals, expectations, changes),
    }


def _told(view: View) -> Numbers:
    """Return the one number told to people who do not read answers: goals attained, from the ledger."""
    attained = told(view, "goals_attained")
    return {
        "responses": _responses(view),
        "goal_percent": None,
        "goals_attained": {"attained": attained.k, "rated": attained.of}
        if isinstance(attained, Share) and attained.of
        else None,
        "gas_t": None,
        "expectation_own": None,
        "expectation_others": None,
        "expectation_gap": None,
        "climate": None,
        "climate_mentors": None,
        "self_change": None,
        "impact": None,
        "reasons": [],
        "weak_points": [],
        "recommendations": _recommendations(view),
    }


def _spread(values: Iterable[float | None]) -> SpreadShown | None:
    found = spread(value for value in values if value is not None)
    if found is None:
        return None
    return {
        "n": found.n,
        "median": round(found.median, 4),
        "least": round(found.least, 4),
        "most": round(found.most, 4),
    }


def _responses(view: View) -> dict[str, Responses]:
    found: dict[str, Responses] = {}
    for form in forms(view):
        entry = found.setdefault(
            form.target.instrument, {"submitted": 0, "expected": 0, "late": 0, "missing": 0}
        )
        entry["expected"] += 1
        entry["submitted"] += form.submission is not None
        entry["late"] += form.status == "late"
        entry["missing"] += form.status == "missing"
    return found


def _weak_points(view: View) -> list[WeakPointShown]:
    return [
        {
            "area": each.area,
            "people": each.people,
            "respondents": each.respondents,
            "weight": each.weight,
            "both_sides": each.both_sides,
            "trend": each.trend,
        }
        for each in clusters(view)
    ]


def _recommendations(view: View) -> RecommendationCounts:
    found = [each for each in reaching(view) if not each.for_next]
    return {
        "all": len(found),
        "open": sum(each.status in OPEN for each in found),
        "accepted": sum(each.status in ACCEPTED for each in found),
        "done": sum(each.status == "q_done" for each in found),
    }


def _people(
    view: View,
    goals: tuple[figures.PersonGoals, ...],
    expectations: tuple[figures.PersonExpectations, ...],
    changes: tuple[figures.Change, ...],
) -> list[PersonNumbers]:
    status = statuses(forms(view))
    changed = {(each.group, each.person): each.change for each in changes}
    return [
        {
            "person": each.person,
            "name": view.name(each.person),
            "group": each.group,
            "status": status.get(each.person, "none"),
            "goal_percent": _rounded(each.percent),
            "attained": each.attained,
            "rated": len(each.levels),
            "gas_t": _rounded(each.gas),
            "expectation_own": _rounded(own.own),
            "expectation_others": _rounded(own.others),
            "expectation_gap": _rounded(own.gap),
            "guessed": None if own.guessed is None else list(own.guessed),
            "self_change": _rounded(changed.get((each.group, each.person))),
        }
        for each, own in zip(goals, expectations, strict=True)
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
