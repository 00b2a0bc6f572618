"""The sections of a summary in words: lines, tables and bars that a page can show as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moodle_bridge.domain.course.attendance import forms, people, statuses
from moodle_bridge.domain.course.expectations import by_category, own_expectations
from moodle_bridge.domain.course.goals import Goal, personal_goals
from moodle_bridge.domain.course.measures import spread
from moodle_bridge.domain.course.model import Submission, as_text, rows
from moodle_bridge.domain.course.recommendations import recommendations
from moodle_bridge.domain.course.weakpoints import clusters
from moodle_bridge.domain.instrument.wording import day, figure, label
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.computed import LINES
from moodle_bridge.domain.session.numbers import weak_point_numbers
from moodle_bridge.domain.session.view import Place

Block = dict[str, Any]
_NOTHING = "–"


def sections(place: Place) -> list[dict[str, Any]]:
    """The report sections that have something to say to the place's audience."""
    found = []
    for name, build in SECTIONS.items():
        blocks = [block for block in build(place) if block.get("lines") or block.get("rows")]
        if blocks:
            found.append(
                {"id": name, "title": place.catalogue.sections[name][place.language], "blocks": blocks}
            )
    return found


def _lines(*lines: list[str]) -> Block:
    return {"kind": "lines", "lines": [line for each in lines for line in each]}


def _table(place: Place, title: str, columns: Sequence[str], rows: list[list[str]]) -> Block:
    return {
        "kind": "table",
        "title": place.say(title),
        "columns": [place.say(f"column_{column}") for column in columns],
        "rows": rows,
    }


def _named(place: Place) -> bool:
    """Whether the audience may see who said what."""
    return place.audience != "mentee"


def _participation(place: Place) -> list[Block]:
    listed = forms(place.catalogue, place.state, place.session, place.group)
    counted: dict[str, list[int]] = {}
    for form in listed:
        entry = counted.setdefault(form.target.instrument, [0, 0])
        entry[0] += form.submission is not None
        entry[1] += 1
    bars = [
        {
            "label": place.catalogue.instruments[name].title[place.language],
            "value": submitted,
            "of": wanted,
            "text": place.say("of", value=submitted, of=wanted),
        }
        for name, (submitted, wanted) in counted.items()
    ]
    blocks: list[Block] = [{"kind": "bars", "title": place.say("title_responses"), "rows": bars}]
    if _named(place):
        told = [[place.name(p), place.say(f"status_{status}")] for p, status in statuses(listed).items()]
        blocks.append(_table(place, "title_people", ("name", "status"), told))
    return blocks


def _goals(place: Place) -> list[Block]:
    blocks = [_lines(LINES["group_goal_pct"](place), _attained(place))]
    if _named(place):
        blocks[0]["lines"] += LINES["gas_t"](place)
        found = figures.mentees_goals(place.catalogue, place.state, place.session, place.group)
        told = [[place.name(each.person), *row] for each in found for row in goal_rows(place, each.goals)]
        blocks.append(_table(place, "title_goals", ("name", *_GOAL_COLUMNS), told))
    elif place.person:
        own = personal_goals(place.catalogue, place.state, place.person, place.group, place.session)
        blocks.append(_table(place, "title_own_goals", _GOAL_COLUMNS, goal_rows(place, own)))
    return [*blocks, _group_goals(place), _agreement(place)]


_GOAL_COLUMNS = ("goal", "due", "levels", "goal_state")


def _attained(place: Place) -> list[str]:
    found = figures.mentees_goals(place.catalogue, place.state, place.session, place.group)
    return LINES["goal_attained"](place) if place.enough(sum(bool(each.levels) for each in found)) else []


def goal_rows(place: Place, goals: tuple[Goal, ...]) -> list[list[str]]:
    """Goals with wording, date, every level so far, and whether reworded or dropped."""
    return [
        [
            goal.text,
            day(goal.due_date, place.language) if goal.due_date else _NOTHING,
            " → ".join(str(level) for level in goal.known_levels()),
            _goal_state(place, goal),
        ]
        for goal in goals
    ]


def _goal_state(place: Place, goal: Goal) -> str:
    if not goal.active:
        return place.say("goal_dropped")
    level = goal.known_levels()[-1]
    words = label(place.catalogue.scales[figures.SCALE], level, place.language)
    if len(goal.wordings) > 1:
        return place.say("goal_reworded", level=words, text=goal.wordings[0].text)
    return words


def _group_goals(place: Place) -> Block:
    told = []
    for each in figures.groups_goals(place.catalogue, place.state, place.session, place.group):
        levels = [level for _, role, level in each.levels if role == "mentee"]
        found = spread(levels)
        shown = _NOTHING
        if found is not None and place.enough(found.n):
            shown = place.say("figures_median", median=figure(found.median, place.language), n=found.n)
        told.append([each.goal.text, shown])
    return _table(place, "title_group_goals", ("goal", "members_view"), told)


def _agreement(place: Place) -> Block:
    return _lines(LINES["agreement"](place) if _named(place) else [])


def _reasons(place: Place) -> list[Block]:
    found = figures.mentees_goals(place.catalogue, place.state, place.session, place.group)
    if not place.enough(sum(bool(each.levels) for each in found)):
        return []
    return [_lines(LINES["reason_counts"](place))]


def _expectations(place: Place) -> list[Block]:
    blocks = [_lines(LINES["expectation_gap"](place)), _categories(place)]
    if _named(place):
        found = figures.mentees_expectations(place.catalogue, place.state, place.session, place.group)
        told = [
            [
                place.name(each.person),
                *(_figure(place, v) for v in (each.own, each.others, each.gap)),
                _guess(place, each),
            ]
            for each in found
            if any(value is not None for value in (each.own, each.others, each.gap, each.guessed))
        ]
        blocks.append(_table(place, "title_expectations", ("name", "own", "others", "gap", "guessed"), told))
    return blocks


def _figure(place: Place, value: float | None) -> str:
    return _NOTHING if value is None else figure(value, place.language)


def _guess(place: Place, each: figures.PersonExpectations) -> str:
    return _NOTHING if each.guessed is None else place.say("of", value=each.guessed[0], of=each.guessed[1])


def _categories(place: Place) -> Block:
    """What the group expects: open to the group by the form's own words, without names."""
    places = people(place.catalogue, place.state, place.session, place.group, "mentee")
    found = [
        each
        for group, person in places
        for each in own_expectations(place.catalogue, place.state, person, group, place.session)
    ]
    words = place.catalogue.codes["expectation"]
    bars = [
        {
            "label": label(words, category, place.language),
            "value": number,
            "of": len(places),
            "text": place.say("of", value=number, of=len(places)),
        }
        for category, number in by_category(found)
    ]
    return {"kind": "bars", "title": place.say("title_categories"), "rows": bars}


def _effect(place: Place) -> list[Block]:
    blocks = [_lines(LINES["climate"](place), LINES["self_assessment"](place), LINES["impact"](place))]
    if _named(place):
        changes = figures.self_assessment(place.catalogue, place.state, place.session, place.group)
        told = [
            [
                place.name(each.person),
                *(figure(v, place.language) for v in (each.start, each.now, each.change)),
            ]
            for each in changes
        ]
        blocks.append(_table(place, "title_change", ("name", "start", "now", "change"), told))
    return [*blocks, *_support(place)]


def _support(place: Place) -> list[Block]:
    """Support by the mentor: coordinator-only answers, to the mentor as a median of enough of them."""
    arguments = (place.catalogue, place.state, place.session, place.group)
    values = [v for each in figures.scale_answers(*arguments, ("mentor_support",)) for v in each.values]
    found = spread(value for _, value in values)
    if found is None or place.audience == "mentee" or not place.enough_confidential(found.n):
        return []
    median = place.say("figures_median", median=figure(found.median, place.language), n=found.n)
    blocks = [_lines([place.say("support_line", figures=median)])]
    if place.audience == "coordinator":
        included = {
            p: v for each in figures.scale_answers(*arguments, ("cl_included",)) for p, v in each.values
        }
        support = dict(values)
        told = [
            [place.name(person), str(included.get(person, _NOTHING)), str(support.get(person, _NOTHING))]
            for person in dict.fromkeys([*included, *support])
        ]
        blocks.append(_table(place, "title_confidential", ("name", "included", "support"), told))
    return blocks


def _needs(place: Place) -> list[Block]:
    return [_lines(LINES["need_matrix"](place))]


def _weak_points(place: Place) -> list[Block]:
    numbers = weak_point_numbers(place)
    words = place.catalogue.codes["area"]
    told = [
        [
            label(words, each["area"], place.language),
            place.say("of", value=each["people"], of=each["respondents"]),
            str(each["weight"]),
            place.say(f"trend_{each['trend']}")
            + (place.say("cluster_both_sides") if each["both_sides"] else ""),
        ]
        for each in numbers
    ]
    blocks = [_table(place, "title_weak_points", ("area", "people", "weight", "trend"), told)]
    if _named(place):
        quotes = [
            [label(words, each.area, place.language), text]
            for each in clusters(place.catalogue, place.state, place.session, place.group)
            for text in each.texts
        ]
        blocks.append(_table(place, "title_quotes", ("area", "text"), quotes))
    return blocks


def _recommendations(place: Place) -> list[Block]:
    groups = place.state.places(place.session) if place.group == 0 else (place.group,)
    told = []
    for group in groups:
        for each in recommendations(place.catalogue, place.state, place.session, group):
            own = each.author == place.person
            if not _named(place) and not own and (each.status == "q_new" or each.addressee == "to_self"):
                continue
            status = label(place.catalogue.codes["rec_status"], each.status, place.language)
            told.append(
                [
                    each.text,
                    label(place.catalogue.codes["area"], each.area, place.language),
                    label(place.catalogue.codes["addressee"], each.addressee, place.language),
                    status,
                    each.answer or _NOTHING,
                ]
            )
    columns = ("text", "area", "addressee", "status", "answer")
    return [
        _lines(LINES["recommendation_closure"](place)),
        _table(place, "title_recommendations", columns, told),
    ]


def _notes(place: Place) -> list[Block]:
    """What somebody wanted only the coordinator to know."""
    if place.audience != "coordinator":
        return []
    told = [
        [place.name(submission.respondent), note]
        for submission in place.state.submitted(place.session.id, place.group)
        if (note := as_text(submission.answers.get("confidential_note")))
    ]
    return [_table(place, "title_notes", ("name", "text"), told)]


def _record(place: Place) -> list[Block]:
    """The session's record as far as it is for everyone: the message, the decisions, the next date."""
    blocks = []
    for protocol in _protocols(place):
        message = as_text(protocol.answers.get("message_to_group"))
        following = as_text(protocol.answers.get("next_session"))
        lines = [message] if message else []
        if following:
            lines.append(place.say("next_session_line", date=day(following, place.language)))
        blocks.append(_lines(lines))
        told = [
            [as_text(row.get("text")), day(as_text(row.get("due_date")), place.language)]
            for row in rows(protocol.answers, "decisions")
        ]
        blocks.append(_table(place, "title_decisions", ("decision", "due"), told))
    return blocks


def _protocols(place: Place) -> list[Submission]:
    submitted = place.state.submitted(place.session.id, place.group)
    return [each for each in submitted if "message_to_group" in each.answers]


def _conclusion(place: Place) -> list[Block]:
    arguments = (place.catalogue, place.state, place.session, place.group)
    lines = []
    for item in ("overall", "recommend", "monitoring_useful"):
        values = [
            value
            for each in figures.scale_answers(*arguments, (item,))
            if each.item == item and each.role == "mentee"
            for _, value in each.values
        ]
        found = spread(values)
        if found is not None and place.enough(found.n):
            shown = place.say("figures_median", median=figure(found.median, place.language), n=found.n)
            lines.append(place.say(f"{item}_line", figures=shown, distribution=_distribution(place, values)))
    return [_lines(lines)]


def _distribution(place: Place, values: list[int]) -> str:
    return ", ".join(f"{value}: {values.count(value)}" for value in sorted(set(values)))


SECTIONS: Mapping[str, Callable[[Place], list[Block]]] = {
    "R1": _participation,
    "R2": _goals,
    "R3": _reasons,
    "R4": _expectations,
    "R5": _effect,
    "R6": _needs,
    "R7": _weak_points,
    "R8": _recommendations,
    "R9": _notes,
    "R10": _record,
    "R11": _conclusion,
}
