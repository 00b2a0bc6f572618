"""Propose ratings for the criteria of the final report; the coordinator decides.

``thresholds`` are the least values for 2, 3 and 4; below the first it is 1. Without data there is no
proposal.
"""

from __future__ import annotations

from collections.abc import Sequence

from moodle_bridge.domain.course.attendance import forms
from moodle_bridge.domain.course.frame import Frame
from moodle_bridge.domain.course.measures import mean, spread
from moodle_bridge.domain.course.recommendations import closure, recommendations
from moodle_bridge.domain.course.weakpoints import clusters
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Item, Reference
from moodle_bridge.domain.instrument.registry import Suggestion, Thresholds
from moodle_bridge.domain.instrument.wording import figure, label, percent
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.followed import CLOSING, all_followed
from moodle_bridge.domain.session.goal_counts import goal_counts
from moodle_bridge.domain.session.view import View


def suggested(rule: Reference, view: View) -> Suggestion | None:
    """The proposed step (1..4) of a criterion; None where the data do not suffice."""
    return registry.SUGGESTIONS[rule.name](view, **rule.parameters)


def in_words(item: Item, view: View) -> str:
    """Put the proposal for a criterion into words, with figures and thresholds; empty if there is none."""
    found = None if item.suggest is None else suggested(item.suggest, view)
    if item.suggest is None or found is None:
        return ""
    least = item.suggest.parameters["thresholds"]
    steps = [figure(float(value), view.language, 2) for value in least] if isinstance(least, tuple) else []
    return view.say(
        "suggested_because",
        step=label(item.options, found.step, view.language),
        figures=found.figures,
        thresholds=" – ".join(steps),
    )


@registry.LINES("criteria_proposed")
def _criteria_proposed(view: View) -> list[str]:
    """Propose a step for every criterion of the session's forms."""
    return [
        view.say("criterion_line", criterion=item.label[view.language], proposal=in_words(item, view))
        for instrument in view.instruments.values()
        if view.session.kind in instrument.sessions
        for item in instrument.items
        if in_words(item, view)
    ]


def _step(value: float, thresholds: Thresholds) -> int:
    return 1 + sum(value >= least for least in thresholds)


@registry.SUGGESTIONS("goal_attainment")
def _goal_attainment(view: View, *, thresholds: Thresholds, attained_share: float) -> Suggestion | None:
    """By the median percentage, held down by the share attained of all goals set by people who stayed.

    Below ``attained_share`` at most 3, below half of it at most 2: goals given up and people who did not
    answer do not make a process look better.
    """
    found = figures.mentees_goals(view)
    percents = spread(each.percent for each in found if each.percent is not None)
    if percents is None:
        return None
    counts = goal_counts(view)
    share = counts.attained_stayed / counts.stayed if counts.stayed else 0.0
    most = 4 if share >= attained_share else 3 if share >= attained_share / 2 else 2
    told = view.say(
        "because_goals",
        median=percent(percents.median, view.language),
        attained=counts.attained_stayed,
        goals=counts.stayed,
        share=percent(100 * share, view.language),
        least=percent(100 * attained_share, view.language),
    )
    return Suggestion(min(_step(percents.median, thresholds), most), told)


@registry.SUGGESTIONS("expectations_met")
def _expectations_met(view: View, *, thresholds: Thresholds) -> Suggestion | None:
    found = figures.mentees_expectations(view)
    own = [each.own for each in found if each.own is not None]
    return _by_mean(view, "because_expectations", own, thresholds)


def _by_mean(view: View, key: str, values: list[float], thresholds: Thresholds) -> Suggestion | None:
    """Propose a step from a mean over people."""
    value = mean(values)
    if value is None:
        return None
    told = view.say(key, mean=figure(value, view.language, 2), n=len(values))
    return Suggestion(_step(value, thresholds), told)


@registry.SUGGESTIONS("group_impact")
def _group_impact(view: View, *, thresholds: Thresholds) -> Suggestion | None:
    values = [each.value for each in figures.person_means(view, "imp_") if each.role == "mentee"]
    found = _by_mean(view, "because_impact", values, thresholds)
    change = mean(each.change for each in figures.self_assessment_change(view))
    if found is None:
        return None
    if change is None:
        return Suggestion(min(found.step, 3), found.figures)
    told = view.say("because_change", change=figure(change, view.language, 2).replace("-", "−"))
    return Suggestion(min(found.step, 3) if change <= 0 else found.step, f"{found.figures}; {told}")


@registry.SUGGESTIONS("weak_points_overcome")
def _weak_points_overcome(view: View, *, thresholds: Thresholds) -> Suggestion | None:
    """The mean of the share of signals settled and the share of accepted recommendations carried out."""
    raised = all_followed(view)
    settled = [each for each in raised if each.decisions and each.decisions[-1].code in CLOSING]
    done = accepted = 0
    for one in view.by_group():
        carried_out, taken_up = closure(recommendations(one))
        done, accepted = done + carried_out, accepted + taken_up
    parts = [
        ("because_settled", len(settled), len(raised)),
        ("because_recommendations", done, accepted),
    ]
    return _by_shares(view, parts, thresholds)


def _by_shares(
    view: View, parts: Sequence[tuple[str, float, int]], thresholds: Thresholds
) -> Suggestion | None:
    """Propose a step from the mean of several shares, each (message, how many, of how many)."""
    known = [part for part in parts if part[2]]
    value = mean(some / whole for _, some, whole in known)
    if value is None:
        return None
    told = [
        view.say(
            key,
            some=figure(some, view.language),
            of=whole,
            share=percent(100 * some / whole, view.language),
        )
        for key, some, whole in known
    ]
    told.append(view.say("because_mean", mean=figure(value, view.language, 2)))
    return Suggestion(_step(value, thresholds), "; ".join(told))


@registry.SUGGESTIONS("problems_overcome")
def _problems_overcome(view: View, *, thresholds: Thresholds, days: int) -> Suggestion | None:
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
    parts = [
        ("because_eased", eased, named),
        ("because_felt", sum(felt), len(felt)),
        ("because_in_time", len(in_time), len(signals)),
    ]
    return _by_shares(view, parts, thresholds)


def _weights(frame: Frame) -> list[list[int]]:
    """Give the weight of each area named before this session, in every session since it was first named."""
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
def _participation(view: View, *, thresholds: Thresholds) -> Suggestion | None:
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
    return _by_mean(view, "because_participation", rates, thresholds)
