"""Propose ratings for the criteria of the final report; the coordinator decides.

``thresholds`` are the least values for 2, 3 and 4; below the first it is 1. Without data there is no
proposal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moodle_bridge.domain.course.attendance import forms
from moodle_bridge.domain.course.measures import mean, spread
from moodle_bridge.domain.course.recommendations import closure, recommendations
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.signals import CLOSING, decisions, signals
from moodle_bridge.domain.session.view import View


def suggested(rule: Mapping[str, Any], view: View) -> int | None:
    """The proposed step (1..4) of a criterion; None where the data do not suffice."""
    return SUGGESTIONS[rule["rule"]](rule, view)


def _step(value: float | None, thresholds: list[float]) -> int | None:
    return None if value is None else 1 + sum(value >= least for least in thresholds)


def _goal_attainment(rule: Mapping[str, Any], view: View) -> int | None:
    found = figures.mentees_goals(view)
    percents = spread(each.percent for each in found if each.percent is not None)
    if percents is None:
        return None
    step = _step(percents.median, rule["thresholds"])
    rated = sum(len(each.levels) for each in found)
    share = sum(each.attained for each in found) / rated
    return 3 if step == 4 and share < rule["attained_share"] else step


def _expectations_met(rule: Mapping[str, Any], view: View) -> int | None:
    found = figures.mentees_expectations(view)
    return _step(mean(each.own for each in found if each.own is not None), rule["thresholds"])


def _group_impact(rule: Mapping[str, Any], view: View) -> int | None:
    found = figures.person_means(view, "imp_", "mentor")
    step = _step(mean(each.value for each in found if each.role == "mentee"), rule["thresholds"])
    change = mean(each.change for each in figures.self_assessment_change(view))
    return 3 if step == 4 and (change is None or change <= 0) else step


def _weak_points_overcome(rule: Mapping[str, Any], view: View) -> int | None:
    """The mean of the share of signals settled and the share of accepted recommendations carried out."""
    raised: set[str] = set()
    settled: set[str] = set()
    done = accepted = 0
    for one in view.by_group():
        for each in one.until():
            raised |= {signal.id for signal in signals(each)}
        decided = decisions(one)
        settled |= {name for name, decision in decided.items() if decision in CLOSING}
        carried_out, taken_up = closure(recommendations(one))
        done, accepted = done + carried_out, accepted + taken_up
    shares = [len(settled & raised) / len(raised)] if raised else []
    shares += [done / accepted] if accepted else []
    return _step(mean(shares), rule["thresholds"])


def _participation(rule: Mapping[str, Any], view: View) -> int | None:
    """The mean over the sessions of the mentees' response rate."""
    rates = []
    for each in view.until():
        own = [
            form
            for form in forms(each)
            if view.catalogue.instruments[form.target.instrument].respondent == "mentee"
        ]
        if own:
            rates.append(sum(form.submission is not None for form in own) / len(own))
    return _step(mean(rates), rule["thresholds"])


SUGGESTIONS: Mapping[str, Callable[[Mapping[str, Any], View], int | None]] = {
    "goal_attainment": _goal_attainment,
    "expectations_met": _expectations_met,
    "group_impact": _group_impact,
    "weak_points_overcome": _weak_points_overcome,
    "participation": _participation,
}
