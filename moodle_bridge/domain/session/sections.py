"""Lay figures out as the sections of a summary: lines, tables and bars that a page shows as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from moodle_bridge.domain.course.attendance import forms, people, statuses
from moodle_bridge.domain.course.expectations import by_category, own_expectations
from moodle_bridge.domain.course.goals import Goal, personal_goals
from moodle_bridge.domain.course.measures import spread
from moodle_bridge.domain.course.model import Submission, as_text, rows
from moodle_bridge.domain.course.recommendations import recommendations
from moodle_bridge.domain.course.weakpoints import clusters
from moodle_bridge.domain.instrument.registry import LINES
from moodle_bridge.domain.instrument.wording import day, figure, label
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.numbers import weak_point_numbers
from moodle_bridge.domain.session.shape import Bar, Bars, Block, Lines, Section, Table
from moodle_bridge.domain.session.view import View

_NOTHING = "–"


def sections(view: View) -> list[Section]:
    """The report sections that have something to say to the view's audience."""
    found: list[Section] = []
    for name, build in SECTIONS.items():
        blocks = [block for block in build(view) if _says_something(block)]
        if blocks:
            found.append(
                {"id": name, "title": view.catalogue.sections[name][view.language], "blocks": blocks}
            )
    return found


def _says_something(block: Block) -> bool:
    return bool(block["lines"] if block["kind"] == "lines" else block["rows"])


def _lines(*lines: list[str]) -> Lines:
    return {"kind": "lines", "lines": [line for each in lines for line in each]}


def _table(view: View, title: str, columns: Sequence[str], rows: list[list[str]]) -> Table:
    return {
        "kind": "table",
        "title": view.say(title),
        "columns": [view.say(f"column_{column}") for column in columns],
        "rows": rows,
    }


def _participation(view: View) -> list[Block]:
    listed = forms(view)
    counted: dict[str, list[int]] = {}
    for form in listed:
        entry = counted.setdefault(form.target.instrument, [0, 0])
        entry[0] += form.submission is not None
        entry[1] += 1
    bars: list[Bar] = [
        {
            "label": view.title(name),
            "value": submitted,
            "of": wanted,
            "text": view.say("of", value=submitted, of=wanted),
        }
        for name, (submitted, wanted) in counted.items()
    ]
    blocks: list[Block] = [{"kind": "bars", "title": view.say("title_responses"), "rows": bars}]
    if view.sees_names:
        told = [[view.name(p), view.say(f"status_{status}")] for p, status in statuses(listed).items()]
        blocks.append(_table(view, "title_people", ("name", "status"), told))
    return blocks


def _goals(view: View) -> list[Block]:
    gas = LINES["gas_t"](view) if view.sees_names else []
    blocks: list[Block] = [_lines(LINES["group_goal_pct"](view), _attained(view), gas)]
    if view.sees_names:
        found = figures.mentees_goals(view)
        told = [[view.name(each.person), *row] for each in found for row in goal_rows(view, each.goals)]
        blocks.append(_table(view, "title_goals", ("name", *_GOAL_COLUMNS), told))
    elif view.person:
        own = personal_goals(view, view.person)
        blocks.append(_table(view, "title_own_goals", _GOAL_COLUMNS, goal_rows(view, own)))
    return [*blocks, _group_goals(view), _agreement(view)]


_GOAL_COLUMNS = ("goal", "due", "levels", "goal_state")


def _attained(view: View) -> list[str]:
    found = figures.mentees_goals(view)
    return LINES["goal_attained"](view) if view.may_show(sum(bool(each.levels) for each in found)) else []


def goal_rows(view: View, goals: tuple[Goal, ...]) -> list[list[str]]:
    """Goals with wording, date, every level so far, and whether reworded or dropped."""
    return [
        [
            goal.text,
            day(goal.due_date, view.language) if goal.due_date else _NOTHING,
            " → ".join(str(level) for level in goal.known_levels()),
            _goal_state(view, goal),
        ]
        for goal in goals
    ]


def _goal_state(view: View, goal: Goal) -> str:
    if not goal.active:
        return view.say("goal_dropped")
    level = goal.known_levels()[-1]
    words = label(view.catalogue.scales[figures.SCALE], level, view.language)
    if len(goal.wordings) > 1:
        return view.say("goal_reworded", level=words, text=goal.wordings[0].text)
    return words


def _group_goals(view: View) -> Table:
    told = []
    for each in figures.group_goals_seen(view):
        levels = [level for _, role, level in each.levels if role == "mentee"]
        found = spread(levels)
        shown = _NOTHING
        if found is not None and view.may_show(found.n):
            shown = view.say("figures_median", median=figure(found.median, view.language), n=found.n)
        told.append([each.goal.text, shown])
    return _table(view, "title_group_goals", ("goal", "members_view"), told)


def _agreement(view: View) -> Lines:
    return _lines(LINES["agreement"](view) if view.sees_names else [])


def _reasons(view: View) -> list[Block]:
    found = figures.mentees_goals(view)
    if not view.may_show(sum(bool(each.levels) for each in found)):
        return []
    return [_lines(LINES["reason_counts"](view))]


def _expectations(view: View) -> list[Block]:
    blocks: list[Block] = [_lines(LINES["expectation_gap"](view)), _categories(view)]
    if view.sees_names:
        found = figures.mentees_expectations(view)
        told = [
            [
                view.name(each.person),
                *(_figure(view, v) for v in (each.own, each.others, each.gap)),
                _guess(view, each),
            ]
            for each in found
            if any(value is not None for value in (each.own, each.others, each.gap, each.guessed))
        ]
        blocks.append(_table(view, "title_expectations", ("name", "own", "others", "gap", "guessed"), told))
    return blocks


def _figure(view: View, value: float | None) -> str:
    return _NOTHING if value is None else figure(value, view.language)


def _guess(view: View, each: figures.PersonExpectations) -> str:
    return _NOTHING if each.guessed is None else view.say("of", value=each.guessed[0], of=each.guessed[1])


def _categories(view: View) -> Bars:
    """What the group expects: open to the group by the form's own words, without names."""
    mentees = people(view, "mentee")
    found = [each for group, person in mentees for each in own_expectations(view.in_group(group), person)]
    words = view.catalogue.codes["expectation"]
    bars: list[Bar] = [
        {
            "label": label(words, category, view.language),
            "value": number,
            "of": len(mentees),
            "text": view.say("of", value=number, of=len(mentees)),
        }
        for category, number in by_category(found)
    ]
    return {"kind": "bars", "title": view.say("title_categories"), "rows": bars}


def _effect(view: View) -> list[Block]:
    blocks: list[Block] = [
        _lines(LINES["climate"](view), LINES["self_assessment"](view), LINES["impact"](view))
    ]
    if view.sees_names:
        changes = figures.self_assessment_change(view)
        told = [
            [
                view.name(each.person),
                *(figure(v, view.language) for v in (each.start, each.now, each.change)),
            ]
            for each in changes
        ]
        blocks.append(_table(view, "title_change", ("name", "start", "now", "change"), told))
    return [*blocks, *_support(view)]


def _support(view: View) -> list[Block]:
    """Support by the mentor: coordinator-only answers, to the mentor as a median of enough of them."""
    values = [v for each in figures.scale_answers(view, ("mentor_support",)) for v in each.values]
    found = spread(value for _, value in values)
    if found is None or view.audience == "mentee" or not view.may_show_confidential(found.n):
        return []
    median = view.say("figures_median", median=figure(found.median, view.language), n=found.n)
    blocks: list[Block] = [_lines([view.say("support_line", figures=median)])]
    if view.audience == "coordinator":
        included = {p: v for each in figures.scale_answers(view, ("cl_included",)) for p, v in each.values}
        support = dict(values)
        told = [
            [view.name(person), str(included.get(person, _NOTHING)), str(support.get(person, _NOTHING))]
            for person in dict.fromkeys([*included, *support])
        ]
        blocks.append(_table(view, "title_confidential", ("name", "included", "support"), told))
    return blocks


def _needs(view: View) -> list[Block]:
    return [_lines(LINES["need_matrix"](view))]


def _weak_points(view: View) -> list[Block]:
    numbers = weak_point_numbers(view)
    words = view.catalogue.codes["area"]
    told = [
        [
            label(words, each["area"], view.language),
            view.say("of", value=each["people"], of=each["respondents"]),
            str(each["weight"]),
            view.say(f"trend_{each['trend']}")
            + (view.say("cluster_both_sides") if each["both_sides"] else ""),
        ]
        for each in numbers
    ]
    blocks: list[Block] = [_table(view, "title_weak_points", ("area", "people", "weight", "trend"), told)]
    if view.sees_names:
        quotes = [
            [label(words, each.area, view.language), text] for each in clusters(view) for text in each.texts
        ]
        blocks.append(_table(view, "title_quotes", ("area", "text"), quotes))
    return blocks


def _recommendations(view: View) -> list[Block]:
    told = []
    for one in view.by_group():
        for each in recommendations(one):
            own = each.author == view.person
            if not view.sees_names and not own and (each.status == "q_new" or each.addressee == "to_self"):
                continue
            status = label(view.catalogue.codes["rec_status"], each.status, view.language)
            told.append(
                [
                    each.text,
                    label(view.catalogue.codes["area"], each.area, view.language),
                    label(view.catalogue.codes["addressee"], each.addressee, view.language),
                    status,
                    each.answer or _NOTHING,
                ]
            )
    columns = ("text", "area", "addressee", "status", "answer")
    return [
        _lines(LINES["recommendation_closure"](view)),
        _table(view, "title_recommendations", columns, told),
    ]


def _notes(view: View) -> list[Block]:
    """What somebody wanted only the coordinator to know."""
    if view.audience != "coordinator":
        return []
    told = [
        [view.name(submission.respondent), note]
        for submission in view.submitted()
        if (note := as_text(submission.answers.get("confidential_note")))
    ]
    return [_table(view, "title_notes", ("name", "text"), told)]


def _record(view: View) -> list[Block]:
    """The session's record as far as it is for everyone: the message, the decisions, the next date."""
    blocks: list[Block] = []
    for protocol in _protocols(view):
        message = as_text(protocol.answers.get("message_to_group"))
        following = as_text(protocol.answers.get("next_session"))
        lines = [message] if message else []
        if following:
            lines.append(view.say("next_session_line", date=day(following, view.language)))
        blocks.append(_lines(lines))
        told = [
            [as_text(row.get("text")), day(as_text(row.get("due_date")), view.language)]
            for row in rows(protocol.answers, "decisions")
        ]
        blocks.append(_table(view, "title_decisions", ("decision", "due"), told))
    return blocks


def _protocols(view: View) -> list[Submission]:
    submitted = view.submitted()
    return [each for each in submitted if "message_to_group" in each.answers]


def _conclusion(view: View) -> list[Block]:
    lines = []
    for item in ("overall", "recommend", "monitoring_useful"):
        values = [
            value
            for each in figures.scale_answers(view, (item,))
            if each.item == item and each.role == "mentee"
            for _, value in each.values
        ]
        found = spread(values)
        if found is not None and view.may_show(found.n):
            shown = view.say("figures_median", median=figure(found.median, view.language), n=found.n)
            lines.append(view.say(f"{item}_line", figures=shown, distribution=_distribution(view, values)))
    return [_lines(lines)]


def _distribution(view: View, values: list[int]) -> str:
    return ", ".join(f"{value}: {values.count(value)}" for value in sorted(set(values)))


SECTIONS: Mapping[str, Callable[[View], list[Block]]] = {
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
