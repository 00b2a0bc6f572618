"""Say a computed item in words: each registered function gives its display lines.

A line holds nothing that the view's audience may not see: whoever does not read the answers behind a figure
is told what stands in the publication ledger (:mod:`told`), and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from moodle_bridge.domain.course.attendance import forms
from moodle_bridge.domain.course.expectations import by_category, others_expectations
from moodle_bridge.domain.course.measures import Spread, spread
from moodle_bridge.domain.course.model import EVERYBODY, as_number
from moodle_bridge.domain.course.needs import mentees_needs, mentors_needs
from moodle_bridge.domain.course.recommendations import OPEN, closure, recommendations
from moodle_bridge.domain.course.weakpoints import Cluster, clusters
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.wording import figure, label, percent
from moodle_bridge.domain.session import answered, both_sides, figures, told
from moodle_bridge.domain.session.goal_counts import goal_counts
from moodle_bridge.domain.session.heard import reaching
from moodle_bridge.domain.session.view import View


def computed_lines(name: str, view: View) -> list[str]:
    """The display lines of a computed item; one line saying so where there is nothing yet."""
    unheard = view.audience == "mentor" and not view.reads_answers
    return registry.LINES[name](view) or [view.say("told_of_groups" if unheard else "no_answers_yet")]


def spread_line(view: View, key: str, values: Iterable[float], *, percents: bool = False) -> list[str]:
    """A line with median, n, least and most, for an audience that reads the answers."""
    found = spread(values)
    return [] if found is None else [view.say(key, figures=_in_words(view, found, percents))]


def _in_words(view: View, found: Spread, percents: bool) -> str:
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
    if not view.reads_answers or view.levels_wait:
        return _kept_back(view)
    found = figures.mentees_goals(view)
    return spread_line(view, "goal_percent_line", _known(each.percent for each in found), percents=True)


@registry.LINES("goal_attained")
def _goal_attained(view: View) -> list[str]:
    if not view.reads_answers:
        return told.goals_lines(view)
    if view.levels_wait:
        return _kept_back(view)
    return attained_lines(view) + (_goal_percent(view) if view.whole else [])


def attained_lines(view: View) -> list[str]:
    """Both shares of goals attained, each with what it is a share of."""
    counts = goal_counts(view)
    found = []
    if counts.rated:
        found.append(_share(view, "attained_rated_line", counts.attained, counts.rated))
    if counts.stayed:
        found.append(_share(view, "attained_stayed_line", counts.attained_stayed, counts.stayed))
    return found


def _share(view: View, key: str, attained: int, goals: int) -> str:
    share = percent(100 * attained / goals, view.language)
    return view.say(key, attained=attained, goals=goals, share=share)


@registry.LINES("goal_counts")
def _goal_counts(view: View) -> list[str]:
    """How many goals were set, added, finished, given up and why; for those who read the answers."""
    counts = goal_counts(view)
    if not view.reads_answers or not counts.set:
        return []
    if view.levels_wait:
        return _kept_back(view)
    parts = [view.say("goals_set", number=counts.set)]
    for key in ("added", "finished", "rated", "dropped", "left"):
        number = getattr(counts, key)
        if number:
            parts.append(view.say(f"goals_{key}", number=number))
    lines = [view.say("goal_counts_line", parts="; ".join(parts))]
    if counts.reasons:
        words = view.catalogue.codes["reason"]
        told_reasons = "; ".join(
            view.say("reason_of_goals", reason=label(words, reason, view.language), goals=number)
            for reason, number in counts.reasons
        )
        lines.append(view.say("dropped_line", reasons=told_reasons))
    return lines


def _kept_back(view: View) -> list[str]:
    """Return the notice shown while a mentor has yet to rate goals without knowing the mentees' levels."""
    return [view.say("levels_wait")] if view.reads_answers and view.levels_wait else []


@registry.LINES("general_goals_rated")
def _general_goals(view: View) -> list[str]:
    if not view.reads_answers or view.levels_wait:
        return _kept_back(view)
    found = figures.general_goals_rated(view)
    return spread_line(view, "general_goals_line", [value for _, _, value in found])


@registry.LINES("gas_t")
def _gas_t(view: View) -> list[str]:
    if not view.reads_answers or view.levels_wait:
        return _kept_back(view)
    found = figures.mentees_goals(view)
    return spread_line(view, "gas_line", _known(each.gas for each in found))


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


@registry.LINES("reason_counts")
def _reason_counts(view: View) -> list[str]:
    if not view.reads_answers:
        return told.named_lines(view, "reasons")
    if view.levels_wait:
        return _kept_back(view)
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
    if not view.reads_answers:
        return told.share_lines(view, "expectation_own")
    found = figures.mentees_expectations(view)
    return spread_line(view, "expectation_own_line", _known(each.own for each in found))


@registry.LINES("expectation_gap")
def _expectation_gap(view: View) -> list[str]:
    if not view.reads_answers:
        return told.share_lines(view, "expectation_own", "expectation_others")
    found = figures.mentees_expectations(view)
    return [
        *spread_line(view, "expectation_own_line", _known(each.own for each in found)),
        *spread_line(view, "expectation_others_line", _known(each.others for each in found)),
        *spread_line(view, "expectation_gap_line", _known(each.gap for each in found)),
    ]


@registry.LINES("climate")
def _climate(view: View) -> list[str]:
    if not view.reads_answers:
        return told.share_lines(view, "climate") + _inclusion(view)
    found = figures.person_means(view, "cl_")
    return [
        *spread_line(view, "climate_mentees_line", [each.value for each in found if each.role == "mentee"]),
        *spread_line(view, "climate_mentors_line", [each.value for each in found if each.role == "mentor"]),
        *_inclusion(view),
    ]


def _inclusion(view: View) -> list[str]:
    if not view.reads_confidential:
        return told.lean_lines(view, "included")
    found = figures.scale_answers(view, ("cl_included",))
    return spread_line(view, "inclusion_line", [value for each in found for _, value in each.values])


@registry.LINES("self_assessment")
def _self_assessment(view: View) -> list[str]:
    if not view.reads_answers:
        return told.since_start_lines(view)
    now = figures.person_means(view, "sa_")
    changes = figures.self_assessment_change(view)
    return [
        *spread_line(view, "self_now_line", [each.value for each in now]),
        *spread_line(view, "self_change_line", [each.change for each in changes]),
    ]


@registry.LINES("impact")
def _impact(view: View) -> list[str]:
    if not view.reads_answers:
        return told.share_lines(view, "impact")
    found = figures.person_means(view, "imp_")
    return spread_line(view, "impact_line", [each.value for each in found if each.role == "mentee"])


@registry.LINES("need_matrix")
def _need_matrix(view: View) -> list[str]:
    if not view.reads_answers:
        return told.named_lines(view, "needs")
    matrix = mentees_needs(view)
    codes = view.catalogue.codes
    lines = []
    for person, needs in matrix.items():
        texts = [
            view.say(f"need_{side}", need=label(codes["need"], need, view.language))
            for need, side in needs.items()
        ]
        lines.append(
            view.say("need_line", name=view.name(person), needs="; ".join(texts) or view.say("no_rows"))
        )
    for mentor, own in mentors_needs(view).items():
        words = "; ".join(label(codes["mentor_need"], need, view.language) for need in own)
        lines.append(view.say("need_line", name=view.name(mentor), needs=words or view.say("no_rows")))
    return lines


@registry.LINES("needs_by_session")
def _needs_by_session(view: View) -> list[str]:
    """How many mentees needed what, and mentors, session by session."""
    if not view.reads_answers:
        return []
    codes = view.catalogue.codes
    lines = []
    for each in view.until():
        mentees = Counter(need for needs in mentees_needs(each).values() for need in needs)
        mentors = Counter(need for needs in mentors_needs(each).values() for need in needs)
        words = [f"{label(codes['need'], need, view.language)} – {n}" for need, n in mentees.most_common()]
        words += [
            f"{label(codes['mentor_need'], need, view.language)} – {n}" for need, n in mentors.most_common()
        ]
        if words:
            lines.append(view.say("session_line", number=each.session.number, text="; ".join(words)))
    return lines


@registry.LINES("meetings_held")
def _meetings_held(view: View) -> list[str]:
    """How many e-mentoring sessions each mentor reported in all."""
    if not view.reads_answers:
        return []
    held: Counter[int] = Counter()
    for each in view.until():
        for submission in each.submitted():
            number = as_number(submission.answers.get("meetings_count"))
            if number is not None:
                held[submission.respondent] += number
    return [view.say("meetings_line", name=view.name(mentor), number=n) for mentor, n in sorted(held.items())]


@registry.LINES("answers_listed")
def _answers_listed(view: View) -> list[str]:
    """List what people wrote and chose that is in no figure."""
    return answered.lines(view)


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
    if not view.whole:
        return _areas(view)
    return [
        view.say("session_line", number=each.session.number, text=line)
        for each in view.until()
        for line in _areas(each)
    ]


def _areas(view: View) -> list[str]:
    if not view.reads_answers:
        return told.named_lines(view, "weak_points")
    words = view.catalogue.codes["area"]
    return [
        view.say("area_line", area=label(words, each.area, view.language), figures=cluster_words(view, each))
        for each in clusters(view)
    ]


@registry.LINES("weak_point_quotes")
def _quotes(view: View) -> list[str]:
    """Quote what people wrote about each area, without names."""
    if not view.reads_answers:
        return []
    words = view.catalogue.codes["area"]
    return [
        view.say("area_quotes", area=label(words, each.area, view.language), texts="; ".join(texts))
        for each in clusters(view)
        if (texts := [view.say("quoted", text=text) for text in each.texts])
    ]


@registry.LINES("recommendations_told")
def _recommendations_told(view: View) -> list[str]:
    """List open recommendations with area, addressee and the author's role."""
    if not view.reads_answers:
        return []
    codes = view.catalogue.codes
    return [
        view.say(
            "recommendation_told",
            text=each.text,
            area=label(codes["area"], each.area, view.language),
            addressee=label(codes["addressee"], each.addressee, view.language),
            role=view.say(f"role_{each.role}"),
        )
        for each in reaching(view)
        if each.status in OPEN and not each.for_next
    ]


@registry.LINES("felt_improvement")
def _felt(view: View) -> list[str]:
    """Count, for each recommendation that was taken up, how many felt an improvement when last asked."""
    if not view.reads_answers:
        return []
    lines = []
    for each in reaching(view):
        last = each.felt[-1][0] if each.felt else ""
        given = [value for session, value in each.felt if session == last and value is not None]
        if given:
            counts = {step: given.count(step) for step in (3, 2, 1)}
            lines.append(view.say("felt_line", text=each.text, yes=counts[3], partly=counts[2], no=counts[1]))
    return lines


@registry.LINES("recommendation_closure")
def _closure(view: View) -> list[str]:
    done = accepted = for_next = 0
    for one in view.by_group():
        found = recommendations(one)
        carried_out, all_accepted = closure(found)
        done, accepted = done + carried_out, accepted + all_accepted
        for_next += sum(each.for_next for each in found)
    lines = [view.say("closure_line", done=done, accepted=accepted)] if accepted else []
    return [*lines, view.say("for_next_line", number=for_next)] if for_next and view.reads_answers else lines


@registry.LINES("agreement")
def _agreement(view: View) -> list[str]:
    """Compare the ratings of mentees and mentors over the goals that both rated."""
    found = both_sides.level_agreement(view) if view.reads_answers and not view.levels_wait else ()
    if not found:
        return []
    higher = sum(each.difference > 0 for each in found)
    lower = sum(each.difference < 0 for each in found)
    same = len(found) - higher - lower
    rates = both_sides.rates(view)
    return [
        view.say(
            "both_rates_line",
            goals=rates.both,
            by_mentees=rates.mentees,
            mentees_share=percent(100 * rates.mentees / rates.both, view.language),
            by_mentors=rates.mentors,
            mentors_share=percent(100 * rates.mentors / rates.both, view.language),
        ),
        view.say("agreement_line", same=same, ratings=len(found), higher=higher, lower=lower),
    ]


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
