"""Say a computed item in words: each registered function gives its display lines.

A line holds nothing that the view's audience may not see; figures come with n, and for small groups as
medians.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moodle_bridge.domain.course.attendance import forms
from moodle_bridge.domain.course.expectations import by_category, others_expectations
from moodle_bridge.domain.course.measures import Spread, spread
from moodle_bridge.domain.course.model import EVERYBODY
from moodle_bridge.domain.course.needs import mentees_needs, mentors_needs
from moodle_bridge.domain.course.recommendations import closure, recommendations
from moodle_bridge.domain.course.weakpoints import Cluster, clusters
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.wording import figure, label, percent
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.view import View


def computed_lines(name: str, view: View) -> list[str]:
    """The display lines of a computed item; one line saying so where there is nothing yet."""
    return registry.LINES[name](view) or [view.say("no_answers_yet")]


def spread_line(view: View, key: str, values: Iterable[float], *, percents: bool = False) -> list[str]:
    """A line with median, n, least and most, or that there are too few answers for this audience."""
    found = spread(values)
    if found is None:
        return []
    if not view.may_show(found.n):
        return [view.say(key, figures=view.say("too_few", least=view.catalogue.suppression["confidential"]))]
    return [view.say(key, figures=_told(view, found, percents))]


def _told(view: View, found: Spread, percents: bool) -> str:
    def number(value: float) -> str:
        return percent(value, view.language) if percents else figure(value, view.language)

    if found.n == 1:
        return view.say("figures_one", median=number(found.median))
    return view.say(
        "figures_many",
        median=number(found.median),
        n=found.n,
        least=number(found.least),
        most=number(found.most),
    )


@registry.LINES("group_expectations")
def _group_expectations(view: View) -> list[str]:
    others = others_expectations(view, view.person)
    found = []
    for category, people in by_category(others):
        texts = [
            view.say("quoted_by", text=each.text, name=view.name(each.person))
            if each.share_name
            else view.say("quoted", text=each.text)
            for each in others
            if each.category == category
        ]
        words = label(view.catalogue.codes["expectation"], category, view.language)
        found.append(view.say("expectation_line", category=words, people=people, texts="; ".join(texts)))
    return found


@registry.LINES("response_rate")
def _response_rate(view: View) -> list[str]:
    if not view.whole:
        return _responses(view)
    return [
        view.say("session_line", number=each.session.number, text="; ".join(_responses(each)))
        for each in view.until()
    ]


def _responses(view: View) -> list[str]:
    listed = forms(view)
    found = []
    for name in view.catalogue.instruments:
        own = [form for form in listed if form.target.instrument == name]
        if own:
            submitted = sum(form.submission is not None for form in own)
            line = view.say("response_line", title=view.title(name), submitted=submitted, expected=len(own))
            found.append(line)
    return found


@registry.LINES("group_goal_pct")
def _goal_percent(view: View) -> list[str]:
    found = figures.mentees_goals(view)
    return spread_line(view, "goal_percent_line", _known(each.percent for each in found), percents=True)


@registry.LINES("goal_attained")
def _goal_attained(view: View) -> list[str]:
    found = figures.mentees_goals(view)
    rated = sum(len(each.levels) for each in found)
    if not rated:
        return []
    attained = sum(each.attained for each in found)
    share = percent(100 * attained / rated, view.language)
    total = view.say("attained_line", attained=attained, goals=rated, share=share)
    return [total, *_goal_percent(view)] if view.whole else [total]


@registry.LINES("gas_t")
def _gas_t(view: View) -> list[str]:
    found = figures.mentees_goals(view)
    return spread_line(view, "gas_line", _known(each.gas for each in found))


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


@registry.LINES("reason_counts")
def _reason_counts(view: View) -> list[str]:
    found = figures.mentees_goals(view)
    return [
        view.say(
            "reason_line",
            reason=label(view.catalogue.codes["reason"], each.reason, view.language),
            goals=each.goals,
            people=each.people,
        )
        for each in figures.reason_counts(found, view.session)
    ]


@registry.LINES("expectation_own")
def _expectation_own(view: View) -> list[str]:
    found = figures.mentees_expectations(view)
    return spread_line(view, "expectation_own_line", _known(each.own for each in found))


@registry.LINES("expectation_gap")
def _expectation_gap(view: View) -> list[str]:
    found = figures.mentees_expectations(view)
    return [
        *spread_line(view, "expectation_own_line", _known(each.own for each in found)),
        *spread_line(view, "expectation_others_line", _known(each.others for each in found)),
        *spread_line(view, "expectation_gap_line", _known(each.gap for each in found)),
    ]


@registry.LINES("climate")
def _climate(view: View) -> list[str]:
    found = figures.person_means(view, "cl_", view.audience)
    mentees = [each.value for each in found if each.role == "mentee"]
    mentors = [each.value for each in found if each.role == "mentor"]
    told = spread_line(view, "climate_mentees_line", mentees)
    if view.audience != "mentee":
        told += spread_line(view, "climate_mentors_line", mentors)
    return told + _inclusion(view)


def _inclusion(view: View) -> list[str]:
    found = figures.scale_answers(view, ("cl_included",))
    values = [value for each in found for _, value in each.values]
    if not values:
        return []
    if not view.may_show_confidential(len(values)):
        return []
    told = spread(values)
    if told is None:
        return []
    if view.audience == "coordinator":
        return [view.say("inclusion_line", figures=_told(view, told, False))]
    median = figure(told.median, view.language)
    return [view.say("inclusion_line", figures=view.say("figures_median", median=median, n=told.n))]


@registry.LINES("self_assessment")
def _self_assessment(view: View) -> list[str]:
    now = figures.person_means(view, "sa_", view.audience)
    changes = figures.self_assessment_change(view)
    return [
        *spread_line(view, "self_now_line", [each.value for each in now]),
        *spread_line(view, "self_change_line", [each.change for each in changes]),
    ]


@registry.LINES("impact")
def _impact(view: View) -> list[str]:
    found = figures.person_means(view, "imp_", view.audience)
    return spread_line(view, "impact_line", [each.value for each in found if each.role == "mentee"])


@registry.LINES("need_matrix")
def _need_matrix(view: View) -> list[str]:
    matrix = mentees_needs(view)
    if view.audience == "mentee":
        return _need_totals(view, matrix)
    codes = view.catalogue.codes
    told = []
    for person, needs in matrix.items():
        texts = [
            view.say(f"need_{side}", need=label(codes["need"], need, view.language))
            for need, side in needs.items()
        ]
        told.append(
            view.say("need_line", name=view.name(person), needs="; ".join(texts) or view.say("no_rows"))
        )
    for mentor, own in mentors_needs(view).items():
        words = "; ".join(label(codes["mentor_need"], need, view.language) for need in own)
        told.append(view.say("need_line", name=view.name(mentor), needs=words or view.say("no_rows")))
    return told


def _need_totals(view: View, matrix: Mapping[int, Mapping[str, str]]) -> list[str]:
    if not matrix or not view.may_show(len(matrix)):
        return []
    named = [need for needs in matrix.values() for need in needs]
    totals = sorted(
        ((named.count(need), need) for need in set(named)), key=lambda entry: (-entry[0], entry[1])
    )
    words = view.catalogue.codes["need"]
    return [
        view.say("need_total", need=label(words, need, view.language), people=number)
        for number, need in totals
    ]


def cluster_words(view: View, cluster: Cluster) -> str:
    """The figures of an area of weak points: people, weight, trend, and whether both sides name it."""
    return view.say(
        "cluster_line",
        people=cluster.people,
        respondents=cluster.respondents,
        weight=cluster.weight,
        trend=view.say(f"trend_{cluster.trend}"),
        sides=view.say("cluster_both_sides") if cluster.both_sides else "",
    )


@registry.LINES("weak_point_cluster")
def _weak_points(view: View) -> list[str]:
    told = []
    for each in view.until() if view.whole else (view,):
        for cluster in clusters(each):
            area = label(view.catalogue.codes["area"], cluster.area, view.language)
            line = view.say("area_line", area=area, figures=cluster_words(view, cluster))
            told.append(
                view.say("session_line", number=each.session.number, text=line) if view.whole else line
            )
    return told


@registry.LINES("recommendation_closure")
def _closure(view: View) -> list[str]:
    done = accepted = 0
    for one in view.by_group():
        carried_out, all_accepted = closure(recommendations(one))
        done, accepted = done + carried_out, accepted + all_accepted
    return [view.say("closure_line", done=done, accepted=accepted)] if accepted else []


@registry.LINES("agreement")
def _agreement(view: View) -> list[str]:
    found = figures.level_agreement(view)
    if not found:
        return []
    higher = sum(each.difference > 0 for each in found)
    lower = sum(each.difference < 0 for each in found)
    same = len(found) - higher - lower
    return [view.say("agreement_line", same=same, ratings=len(found), higher=higher, lower=lower)]


@registry.LINES("archive_list")
def _archive_list(view: View) -> list[str]:
    return [
        " · ".join(
            (each.date, each.session, each.instrument, each.respondent, each.file, f"SHA-256 {each.sha256}")
        )
        for each in view.state.documents
        if (view.group_id == EVERYBODY or each.group in (EVERYBODY, view.group_id))
        and (view.audience == "coordinator" or each.readers == "mentor")
    ]
