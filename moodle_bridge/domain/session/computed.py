"""Computed items in words: each function gives the display lines of one of ``registry.LINES``.

A line holds nothing that the place's audience may not see; figures come with n, and for small groups as
medians.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from moodle_bridge.domain.course.attendance import forms
from moodle_bridge.domain.course.expectations import by_category, of_others
from moodle_bridge.domain.course.measures import Spread, spread
from moodle_bridge.domain.course.needs import mentees_needs, mentors_needs
from moodle_bridge.domain.course.recommendations import closure, recommendations
from moodle_bridge.domain.course.weakpoints import Cluster, clusters
from moodle_bridge.domain.instrument.wording import figure, label, percent
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.view import Place


def lines(name: str, place: Place) -> list[str]:
    """The display lines of a computed item; one line saying so where there is nothing yet."""
    return LINES[name](place) or [place.say("no_answers_yet")]


def spread_line(place: Place, key: str, values: Iterable[float], *, percents: bool = False) -> list[str]:
    """A line with median, n, least and most, or that there are too few answers for this audience."""
    found = spread(values)
    if found is None:
        return []
    if not place.enough(found.n):
        return [
            place.say(key, figures=place.say("too_few", least=place.catalogue.suppression["confidential"]))
        ]
    return [place.say(key, figures=_told(place, found, percents))]


def _told(place: Place, found: Spread, percents: bool) -> str:
    def number(value: float) -> str:
        return percent(value, place.language) if percents else figure(value, place.language)

    if found.n == 1:
        return place.say("figures_one", median=number(found.median))
    return place.say(
        "figures_many",
        median=number(found.median),
        n=found.n,
        least=number(found.least),
        most=number(found.most),
    )


def _group_expectations(place: Place) -> list[str]:
    others = of_others(place.catalogue, place.state, place.group, place.session, place.person)
    found = []
    for category, people in by_category(others):
        texts = [
            place.say("quoted_by", text=each.text, name=place.name(each.person))
            if each.share_name
            else place.say("quoted", text=each.text)
            for each in others
            if each.category == category
        ]
        words = label(place.catalogue.codes["expectation"], category, place.language)
        found.append(place.say("expectation_line", category=words, people=people, texts="; ".join(texts)))
    return found


def _response_rate(place: Place) -> list[str]:
    if not place.whole:
        return _responses(place)
    return [
        place.say("session_line", number=session.number, text="; ".join(_responses(place.at(session))))
        for session in place.state.until(place.session)
    ]


def _responses(place: Place) -> list[str]:
    listed = forms(place.catalogue, place.state, place.session, place.group)
    found = []
    for instrument in place.catalogue.instruments.values():
        own = [form for form in listed if form.target.instrument == instrument.id]
        if own:
            submitted = sum(form.submission is not None for form in own)
            title = instrument.title[place.language]
            found.append(place.say("response_line", title=title, submitted=submitted, expected=len(own)))
    return found


def _goal_percent(place: Place) -> list[str]:
    found = figures.mentees_goals(place.catalogue, place.state, place.session, place.group)
    return spread_line(place, "goal_percent_line", _known(each.percent for each in found), percents=True)


def _goal_attained(place: Place) -> list[str]:
    found = figures.mentees_goals(place.catalogue, place.state, place.session, place.group)
    rated = sum(len(each.levels) for each in found)
    if not rated:
        return []
    attained = sum(each.attained for each in found)
    share = percent(100 * attained / rated, place.language)
    total = place.say("attained_line", attained=attained, goals=rated, share=share)
    return [total, *_goal_percent(place)] if place.whole else [total]


def _gas_t(place: Place) -> list[str]:
    found = figures.mentees_goals(place.catalogue, place.state, place.session, place.group)
    return spread_line(place, "gas_line", _known(each.gas for each in found))


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _reason_counts(place: Place) -> list[str]:
    found = figures.mentees_goals(place.catalogue, place.state, place.session, place.group)
    return [
        place.say(
            "reason_line",
            reason=label(place.catalogue.codes["reason"], each.reason, place.language),
            goals=each.goals,
            people=each.people,
        )
        for each in figures.reasons(found, place.session)
    ]


def _expectation_own(place: Place) -> list[str]:
    found = figures.mentees_expectations(place.catalogue, place.state, place.session, place.group)
    return spread_line(place, "expectation_own_line", _known(each.own for each in found))


def _expectation_gap(place: Place) -> list[str]:
    found = figures.mentees_expectations(place.catalogue, place.state, place.session, place.group)
    return [
        *spread_line(place, "expectation_own_line", _known(each.own for each in found)),
        *spread_line(place, "expectation_others_line", _known(each.others for each in found)),
        *spread_line(place, "expectation_gap_line", _known(each.gap for each in found)),
    ]


def _climate(place: Place) -> list[str]:
    found = figures.means(place.catalogue, place.state, place.session, place.group, "cl_", place.audience)
    mentees = [each.value for each in found if each.role == "mentee"]
    mentors = [each.value for each in found if each.role == "mentor"]
    told = spread_line(place, "climate_mentees_line", mentees)
    if place.audience != "mentee":
        told += spread_line(place, "climate_mentors_line", mentors)
    return told + _inclusion(place)


def _inclusion(place: Place) -> list[str]:
    found = figures.scale_answers(place.catalogue, place.state, place.session, place.group, ("cl_included",))
    values = [value for each in found for _, value in each.values]
    if not values:
        return []
    if not place.enough_confidential(len(values)):
        return []
    told = spread(values)
    if told is None:
        return []
    if place.audience == "coordinator":
        return [place.say("inclusion_line", figures=_told(place, told, False))]
    median = figure(told.median, place.language)
    return [place.say("inclusion_line", figures=place.say("figures_median", median=median, n=told.n))]


def _self_assessment(place: Place) -> list[str]:
    now = figures.means(place.catalogue, place.state, place.session, place.group, "sa_", place.audience)
    changes = figures.self_assessment(place.catalogue, place.state, place.session, place.group)
    return [
        *spread_line(place, "self_now_line", [each.value for each in now]),
        *spread_line(place, "self_change_line", [each.change for each in changes]),
    ]


def _impact(place: Place) -> list[str]:
    found = figures.means(place.catalogue, place.state, place.session, place.group, "imp_", place.audience)
    return spread_line(place, "impact_line", [each.value for each in found if each.role == "mentee"])


def _need_matrix(place: Place) -> list[str]:
    matrix = mentees_needs(place.catalogue, place.state, place.session, place.group)
    if place.audience == "mentee":
        return _need_totals(place, matrix)
    codes = place.catalogue.codes
    told = []
    for person, needs in matrix.items():
        texts = [
            place.say(f"need_{side}", need=label(codes["need"], need, place.language))
            for need, side in needs.items()
        ]
        told.append(
            place.say("need_line", name=place.name(person), needs="; ".join(texts) or place.say("no_rows"))
        )
    for mentor, own in mentors_needs(place.catalogue, place.state, place.session, place.group).items():
        words = "; ".join(label(codes["mentor_need"], need, place.language) for need in own)
        told.append(place.say("need_line", name=place.name(mentor), needs=words or place.say("no_rows")))
    return told


def _need_totals(place: Place, matrix: Mapping[int, Mapping[str, str]]) -> list[str]:
    if not matrix or not place.enough(len(matrix)):
        return []
    named = [need for needs in matrix.values() for need in needs]
    totals = sorted(
        ((named.count(need), need) for need in set(named)), key=lambda entry: (-entry[0], entry[1])
    )
    words = place.catalogue.codes["need"]
    return [
        place.say("need_total", need=label(words, need, place.language), people=number)
        for number, need in totals
    ]


def cluster_words(place: Place, cluster: Cluster) -> str:
    """The figures of an area of weak points: people, weight, trend, and whether both sides name it."""
    return place.say(
        "cluster_line",
        people=cluster.people,
        respondents=cluster.respondents,
        weight=cluster.weight,
        trend=place.say(f"trend_{cluster.trend}"),
        sides=place.say("cluster_both_sides") if cluster.both_sides else "",
    )


def _weak_points(place: Place) -> list[str]:
    sessions = place.state.until(place.session) if place.whole else (place.session,)
    told = []
    for session in sessions:
        for cluster in clusters(place.catalogue, place.state, session, place.group):
            area = label(place.catalogue.codes["area"], cluster.area, place.language)
            line = place.say("area_line", area=area, figures=cluster_words(place, cluster))
            told.append(place.say("session_line", number=session.number, text=line) if place.whole else line)
    return told


def _closure(place: Place) -> list[str]:
    done = accepted = 0
    groups = place.state.places(place.session) if place.group == 0 else (place.group,)
    for group in groups:
        carried_out, all_accepted = closure(
            recommendations(place.catalogue, place.state, place.session, group)
        )
        done, accepted = done + carried_out, accepted + all_accepted
    return [place.say("closure_line", done=done, accepted=accepted)] if accepted else []


def _agreement(place: Place) -> list[str]:
    found = figures.agreement(place.catalogue, place.state, place.session, place.group)
    if not found:
        return []
    higher = sum(each.difference > 0 for each in found)
    lower = sum(each.difference < 0 for each in found)
    same = len(found) - higher - lower
    return [place.say("agreement_line", same=same, ratings=len(found), higher=higher, lower=lower)]


def _archive_list(place: Place) -> list[str]:
    return [
        " · ".join(
            (each.date, each.session, each.instrument, each.respondent, each.file, f"SHA-256 {each.sha256}")
        )
        for each in place.state.documents
        if (place.group == 0 or each.group in (0, place.group))
        and (place.audience == "coordinator" or each.readers == "mentor")
    ]


LINES: Mapping[str, Callable[[Place], list[str]]] = {
    "group_expectations": _group_expectations,
    "response_rate": _response_rate,
    "group_goal_pct": _goal_percent,
    "goal_attained": _goal_attained,
    "gas_t": _gas_t,
    "reason_counts": _reason_counts,
    "expectation_own": _expectation_own,
    "expectation_gap": _expectation_gap,
    "climate": _climate,
    "self_assessment": _self_assessment,
    "impact": _impact,
    "need_matrix": _need_matrix,
    "weak_point_cluster": _weak_points,
    "recommendation_closure": _closure,
    "agreement": _agreement,
    "archive_list": _archive_list,
}
