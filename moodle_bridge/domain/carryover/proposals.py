"""Propose ratings for the criteria of the final report; the coordinator decides.

``thresholds`` are the least values for 2, 3 and 4; below the first it is 1. Without data there is no
proposal.
"""

from __future__ import annotations

from moodle_bridge.domain.course.attendance import forms
from moodle_bridge.domain.course.measures import mean, spread
from moodle_bridge.domain.course.recommendations import closure, recommendations
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Reference
from moodle_bridge.domain.instrument.registry import Thresholds
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.goal_counts import goal_counts
from moodle_bridge.domain.session.signals import CLOSING, decisions, signals
from moodle_bridge.domain.session.view import View


def suggested(rule: Reference, view: View) -> int | None:
    """The proposed step (1..4) of a criterion; None where the data do not suffice."""
    return registry.SUGGESTIONS[rule.name](view, **rule.parameters)


def _step(value: float | None, thresholds: Thresholds) -> int | None:
    return None if value is None else 1 + sum(value >= least for least in thresholds)


@registry.SUGGESTIONS("goal_attainment")
def _goal_attainment(view: View, *, thresholds: Thresholds, attained_share: float) -> int | None:
    """By the median percentage, held down by the share attained of all goals set by people who stayed.

    Below ``attained_share`` at most 3, below half of it at most 2: goals given up and people who did not
    answer do not make a process look better.
    """
    found = figures.mentees_goals(view)
    percents = spread(each.percent for each in found if each.percent is not None)
    if percents is None:
        return None
    step = _step(percents.median, thresholds)
    counts = goal_counts(view)
    share = counts.attained_stayed / counts.stayed if counts.stayed else 0.0
    most = 4 if share >= attained_share else 3 if share >= attained_share / 2 else 2
    return None if step is None else min(step, most)


@registry.SUGGESTIONS("expectations_met")
def _expectations_met(view: View, *, thresholds: Thresholds) -> int | None:
    found = figures.mentees_expectations(view)
    return _step(mean(each.own for each in found if each.own is not None), thresholds)


@registry.SUGGESTIONS("group_impact")
def _group_impact(view: View, *, thresholds: Thresholds) -> int | None:
    found = figures.person_means(view, "imp_")
    step = _step(mean(each.value for each in found if each.role == "mentee"), thresholds)
    change = mean(each.change for each in figures.self_assessment_change(view))
    return 3 if step == 4 and (change is None or change <= 0) else step


@registry.SUGGESTIONS("weak_points_overcome")
def _weak_points_overcome(view: View, *, thresholds: Thresholds) -> int | None:
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
    return _step(mean(shares), thresholds)


@registry.SUGGESTIONS("participation")
def _participation(view: View, *, thresholds: Thresholds) -> int | None:
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
    return _step(mean(rates), thresholds)
