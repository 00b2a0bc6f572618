"""Propose ratings for the criteria of the final report; the coordinator decides.

``thresholds`` are the least values for 2, 3 and 4; below the first it is 1. Without data there is no
proposal.
"""

from __future__ import annotations

from moodle_bridge.domain.course.attendance import forms
from moodle_bridge.domain.course.frame import Frame
from moodle_bridge.domain.course.measures import mean, spread
from moodle_bridge.domain.course.recommendations import closure, recommendations
from moodle_bridge.domain.course.weakpoints import clusters
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Reference
from moodle_bridge.domain.instrument.registry import Thresholds
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.followed import CLOSING, all_followed
from moodle_bridge.domain.session.goal_counts import goal_counts
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
    raised = all_followed(view)
    settled = [each for each in raised if each.decisions and each.decisions[-1].code in CLOSING]
    done = accepted = 0
    for one in view.by_group():
        carried_out, taken_up = closure(recommendations(one))
        done, accepted = done + carried_out, accepted + taken_up
    shares = [len(settled) / len(raised)] if raised else []
    shares += [done / accepted] if accepted else []
    return _step(mean(shares), thresholds)


@registry.SUGGESTIONS("problems_overcome")
def _problems_overcome(view: View, *, thresholds: Thresholds, days: int) -> int | None:
    """The mean of three shares: areas gone or eased by the end, felt improvement, signals decided in time."""
    eased = named = 0
    felt: list[float] = []
    for one in view.by_group():
        weights = _weights(one)
        named += len(weights)
        eased += sum(last < max(earlier) for *earlier, last in weights if earlier)
        for each in recommendations(one):
            felt += [(value - 1) / 2 for _, value in each.felt if value is not None]
    signals = [each for each in all_followed(view) if each.decisions or not each.left]
    in_time = [each for each in signals if (taken := each.days) is not None and taken <= days]
    shares = [eased / named] if named else []
    shares += [sum(felt) / len(felt)] if felt else []
    shares += [len(in_time) / len(signals)] if signals else []
    return _step(mean(shares), thresholds)


def _weights(frame: Frame) -> list[list[int]]:
    """Of every area named before this session its weight in each session since it was first named."""
    areas: dict[str, list[int]] = {}
    for each in frame.until():
        now = {cluster.area: cluster.weight for cluster in clusters(each)}
        for area, weight in now.items():
            if weight and each.session.id != frame.session.id:
                areas.setdefault(area, [])
        for area, weights in areas.items():
            weights.append(now.get(area, 0))
    return list(areas.values())


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
