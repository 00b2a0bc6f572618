"""Lay figures out as the sections of a summary: lines, tables and bars that a page shows as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from moodle_bridge.domain.course.attendance import forms, people, statuses
from moodle_bridge.domain.course.expectations import by_category, own_expectations
from moodle_bridge.domain.course.measures import Spread, spread
from moodle_bridge.domain.course.model import Submission, as_text, rows
from moodle_bridge.domain.course.weakpoints import clusters
from moodle_bridge.domain.instrument.registry import LINES
from moodle_bridge.domain.instrument.wording import day, figure, label
from moodle_bridge.domain.session import answered, figures, goal_tables, told
from moodle_bridge.domain.session.heard import in_own_words, reaching, wording
from moodle_bridge.domain.session.ledger import is_frozen
from moodle_bridge.domain.session.shape import Bar, Bars, Block, Lines, Section, Table
from moodle_bridge.domain.session.view import View

_NOTHING = "–"


def sections(view: View) -> list[Section]:
    """The report sections that have something to say to the view's audience."""
    found: list[Section] = []
    for name, build in SECTIONS.items():
        blocks = [block for block in (*build(view), *answered.blocks(view, name)) if _says_something(block)]
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
    if not view.reads_answers and not is_frozen(view):
        blocks.append(_lines([view.say("told_later")]))
    if view.reads_answers:
        shown = [[view.name(p), view.say(f"status_{status}")] for p, status in statuses(listed).items()]
        blocks.append(_table(view, "title_people", ("name", "status"), shown))
    return blocks


def _goals(view: View) -> list[Block]:
    if view.levels_wait:
        return [_lines(LINES["goal_attained"](view)), *_goals_before(view)]
    blocks: list[Block] = [
        _lines(
            LINES["group_goal_pct"](view),
            LINES["goal_attained"](view),
            LINES["goal_counts"](view),
            LINES["general_goals_rated"](view),
            LINES["gas_t"](view) if view.session.kind == "final" else [],
        )
    ]
    return [*blocks, *goal_tables.tables(view), _group_goals(view), _agreement(view)]


def _goals_before(view: View) -> list[Block]:
    """The goals as they stood one session before, as long as this session's levels are kept back."""
    earlier = view.before()
    return [] if earlier is None else goal_tables.tables(earlier)


def _group_goals(view: View) -> Table:
    found = [
        [each.goal.text, _members_view(view, each) or _NOTHING] for each in figures.group_goals_seen(view)
    ]
    return _table(view, "title_group_goals", ("goal", "members_view"), found)


def _members_view(view: View, goal: figures.GroupGoal) -> str:
    """How the mentees see a goal of the group."""
    if not view.reads_answers:
        return told.group_goal(view, goal.goal.id)
    found = spread(level for _, role, level in goal.levels if role == "mentee")
    return "" if found is None else _median(view, found)


def _median(view: View, found: Spread) -> str:
    return view.say("figures_median", median=figure(found.median, view.language), n=found.n)


def _agreement(view: View) -> Lines:
    return _lines(LINES["agreement"](view))


def _reasons(view: View) -> list[Block]:
    return [_lines(LINES["reason_counts"](view))]


def _expectations(view: View) -> list[Block]:
    blocks: list[Block] = [_lines(LINES["expectation_gap"](view)), _categories(view)]
    if view.reads_answers:
        found = figures.mentees_expectations(view)
        shown = [
            [
                view.name(each.person),
                *(_figure(view, v) for v in (each.own, each.others, each.gap)),
                _guess(view, each),
            ]
            for each in found
            if any(value is not None for value in (each.own, each.others, each.gap, each.guessed))
        ]
        blocks.append(_table(view, "title_expectations", ("name", "own", "others", "gap", "guessed"), shown))
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
    if view.reads_answers:
        changes = figures.self_assessment_change(view)
        shown = [
            [
                view.name(each.person),
                *(figure(v, view.language) for v in (each.start, each.now, each.change)),
            ]
            for each in changes
        ]
        blocks.append(_table(view, "title_change", ("name", "start", "now", "change"), shown))
    return [*blocks, *_support(view)]


def _support(view: View) -> list[Block]:
    """Support by the mentor: coordinator-only answers; the mentor is told which way they lean."""
    if not view.reads_confidential:
        return [_lines(told.lean_lines(view, "support"))]
    support = _confidential(view, "mentor_support")
    included = _confidential(view, "cl_included")
    found = spread(support.values())
    if found is None:
        return []
    shown = [
        [view.name(person), str(included.get(person, _NOTHING)), str(support.get(person, _NOTHING))]
        for person in dict.fromkeys([*included, *support])
    ]
    return [
        _lines([view.say("support_line", figures=_median(view, found))]),
        _table(view, "title_confidential", ("name", "included", "support"), shown),
    ]


def _confidential(view: View, item: str) -> dict[int, int]:
    """What each person answers to an item that only the coordinator reads."""
    return {person: value for each in figures.scale_answers(view, (item,)) for person, value in each.values}


def _needs(view: View) -> list[Block]:
    return [_lines(LINES["need_matrix"](view))]


def _weak_points(view: View) -> list[Block]:
    if not view.reads_answers:
        return [_lines(LINES["weak_point_cluster"](view))]
    words = view.catalogue.codes["area"]
    found = clusters(view)
    areas = [
        [
            label(words, each.area, view.language),
            view.say("of", value=each.people, of=each.respondents),
            str(each.weight),
            view.say(f"trend_{each.trend}") + (view.say("cluster_both_sides") if each.both_sides else ""),
        ]
        for each in found
    ]
    quotes = [[label(words, each.area, view.language), text] for each in found for text in each.texts]
    return [
        _table(view, "title_weak_points", ("area", "people", "weight", "trend"), areas),
        _table(view, "title_quotes", ("area", "text"), quotes),
    ]


def _recommendations(view: View) -> list[Block]:
    """List recommendations; the group sees no area and addressee, which are one person's answers."""
    codes = view.catalogue.codes
    shown = []
    for each in reaching(view):
        status = label(codes["rec_status"], each.status, view.language)
        status = view.say("for_next") if each.for_next else status
        if view.reads_answers:
            area = label(codes["area"], each.area, view.language)
            addressee = label(codes["addressee"], each.addressee, view.language)
            shown.append([each.text, area, addressee, status, each.answer or _NOTHING])
        else:
            answer = each.answer if in_own_words(view, each) else ""
            shown.append([wording(view, each), status, answer or _NOTHING])
    columns = ("text", "area", "addressee", "status", "answer")
    heads = columns if view.reads_answers else ("text", "status", "answer")
    return [
        _lines(LINES["recommendation_closure"](view), LINES["felt_improvement"](view)),
        _table(view, "title_recommendations", heads, shown),
    ]


def _notes(view: View) -> list[Block]:
    """How signals were dealt with, and what somebody wanted only the coordinator to know."""
    if view.audience != "coordinator":
        return []
    shown = [
        [view.name(submission.respondent), note]
        for submission in view.submitted()
        if (note := as_text(submission.answers.get("confidential_note")))
    ]
    return [_lines(LINES["signal_audit"](view)), _table(view, "title_notes", ("name", "text"), shown)]


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
        shown = [
            [as_text(row.get("text")), day(as_text(row.get("due_date")), view.language)]
            for row in rows(protocol.answers, "decisions")
        ]
        blocks.append(_table(view, "title_decisions", ("decision", "due"), shown))
    return blocks


def _protocols(view: View) -> list[Submission]:
    submitted = view.submitted()
    return [each for each in submitted if "message_to_group" in each.answers]


def _conclusion(view: View) -> list[Block]:
    items = ("overall", "recommend", "monitoring_useful")
    if not view.reads_answers:
        return [_lines(told.share_lines(view, *items))]
    lines = []
    for item in items:
        values = [
            value
            for each in figures.scale_answers(view, (item,))
            if each.item == item and each.role == "mentee"
            for _, value in each.values
        ]
        found = spread(values)
        if found is not None:
            distribution = _distribution(values)
            lines.append(view.say(f"{item}_line", figures=_median(view, found), distribution=distribution))
    return [_lines(lines)]


def _distribution(values: list[int]) -> str:
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
