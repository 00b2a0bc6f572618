"""The numbers of a summary as JSON, as far as its audience may see them: for charts, reports and tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moodle_bridge.domain.course.attendance import forms, statuses
from moodle_bridge.domain.course.measures import spread
from moodle_bridge.domain.course.recommendations import ACCEPTED, OPEN, recommendations
from moodle_bridge.domain.course.weakpoints import clusters
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.view import Place


def numbers(place: Place) -> dict[str, Any]:
    """Every measure of the place; null where there is none or too few answers for the audience.

    Without names for the group; the key ``people`` is there for mentor and coordinator only.
    """
    arguments = (place.catalogue, place.state, place.session, place.group)
    goals = figures.mentees_goals(*arguments)
    expectations = figures.mentees_expectations(*arguments)
    climate = figures.means(*arguments, "cl_", place.audience)
    changes = figures.self_assessment(*arguments)
    impact = figures.means(*arguments, "imp_", place.audience)
    found = {
        "responses": _responses(place),
        "goal_percent": _spread(place, (each.percent for each in goals)),
        "goals_attained": _attained(place, goals),
        "gas_t": _spread(place, (each.gas for each in goals)),
        "expectation_own": _spread(place, (each.own for each in expectations)),
        "expectation_others": _spread(place, (each.others for each in expectations)),
        "expectation_gap": _spread(place, (each.gap for each in expectations)),
        "climate": _spread(place, (each.value for each in climate if each.role == "mentee")),
        "climate_mentors": None
        if place.audience == "mentee"
        else _spread(place, (each.value for each in climate if each.role == "mentor")),
        "self_change": _spread(place, (each.change for each in changes)),
        "impact": _spread(place, (each.value for each in impact if each.role == "mentee")),
        "reasons": [
            {"reason": each.reason, "goals": each.goals, "people": each.people}
            for each in figures.reasons(goals, place.session)
        ]
        if place.enough(sum(bool(each.levels) for each in goals))
        else [],
        "weak_points": weak_point_numbers(place),
        "recommendations": _recommendations(place),
    }
    if place.audience != "mentee":
        found["people"] = _people(place, goals, expectations, changes)
    return found


def _spread(place: Place, values: Iterable[float | None]) -> dict[str, Any] | None:
    found = spread(value for value in values if value is not None)
    if found is None or not place.enough(found.n):
        return None
    return {
        "n": found.n,
        "median": round(found.median, 4),
        "least": round(found.least, 4),
        "most": round(found.most, 4),
    }


def _responses(place: Place) -> dict[str, Any]:
    found: dict[str, dict[str, int]] = {}
    for form in forms(place.catalogue, place.state, place.session, place.group):
        entry = found.setdefault(
            form.target.instrument, {"submitted": 0, "expected": 0, "late": 0, "missing": 0}
        )
        entry["expected"] += 1
        entry["submitted"] += form.submission is not None
        entry["late"] += form.status == "late"
        entry["missing"] += form.status == "missing"
    return found


def _attained(place: Place, goals: tuple[figures.PersonGoals, ...]) -> dict[str, int] | None:
    rated = sum(len(each.levels) for each in goals)
    if not rated or not place.enough(sum(bool(each.levels) for each in goals)):
        return None
    return {"attained": sum(each.attained for each in goals), "rated": rated}


def weak_point_numbers(place: Place) -> list[dict[str, Any]]:
    """The areas of weak points with their figures; for the group only when enough people answered."""
    found = clusters(place.catalogue, place.state, place.session, place.group)
    if not found or not place.enough(found[0].respondents):
        return []
    return [
        {
            "area": each.area,
            "people": each.people,
            "respondents": each.respondents,
            "weight": each.weight,
            "both_sides": each.both_sides,
            "trend": each.trend,
        }
        for each in found
    ]


def _recommendations(place: Place) -> dict[str, int]:
    groups = place.state.places(place.session) if place.group == 0 else (place.group,)
    found = [
        each
        for group in groups
        for each in recommendations(place.catalogue, place.state, place.session, group)
    ]
    return {
        "all": len(found),
        "open": sum(each.status in OPEN for each in found),
        "accepted": sum(each.status in ACCEPTED for each in found),
        "done": sum(each.status == "q_done" for each in found),
    }


def _people(
    place: Place,
    goals: tuple[figures.PersonGoals, ...],
    expectations: tuple[figures.PersonExpectations, ...],
    changes: tuple[figures.Change, ...],
) -> list[dict[str, Any]]:
    status = statuses(forms(place.catalogue, place.state, place.session, place.group))
    changed = {(each.group, each.person): each.change for each in changes}
    return [
        {
            "person": each.person,
            "name": place.name(each.person),
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
