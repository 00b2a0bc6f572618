"""Make the rows of carried tables and the options that depend on data, by the names in :mod:`registry`.

Read-only columns are fixed; a value under a column that can be answered is only proposed.
"""

from __future__ import annotations

import dataclasses
from typing import Required, TypedDict

from moodle_bridge.domain.course.attendance import forms, status_of
from moodle_bridge.domain.course.expectations import by_category, others_expectations, own_expectations
from moodle_bridge.domain.course.goals import Goal, group_goals, personal_goals, reviews
from moodle_bridge.domain.course.model import Participant, Role
from moodle_bridge.domain.course.recommendations import ACCEPTED, OPEN, Recommendation
from moodle_bridge.domain.course.weakpoints import Cluster, clusters
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Item
from moodle_bridge.domain.instrument.wording import label, percent
from moodle_bridge.domain.session import figures
from moodle_bridge.domain.session.computed import cluster_words
from moodle_bridge.domain.session.followed import followed
from moodle_bridge.domain.session.goal_tables import review_words
from moodle_bridge.domain.session.heard import name_for, reaching, wording
from moodle_bridge.domain.session.view import View


class CarriedRow(TypedDict, total=False):
    """A row before it is numbered: its stable id, and what stands in the columns that its table has."""

    id: Required[str]
    text: str
    criterion: str
    due_date: str | None
    prev_level: int
    mentor_said: str
    new_text: str
    new_criterion: str
    new_due_date: str
    new_importance: int
    general_goal: str
    importance: int
    category: str
    mentee: str
    person: str
    form_sent: str
    area: str
    figures: str
    status: str
    responsible: str
    signal: str


Rows = list[CarriedRow]


class CarriedOption(TypedDict):
    """A choice that depends on data."""

    value: str
    label: str


def carried_rows(view: View, table: Item) -> list[dict[str, object]]:
    """The rows of a carried table, numbered from 1, with the columns that the table has."""
    columns = {column.id for column in table.columns}
    if table.source is None:
        raise ValueError(f"{table.id} is no carried table")
    found = registry.SOURCES[table.source.name](view, **table.source.parameters)
    return [
        {"row": number, **{key: value for key, value in row.items() if key == "id" or key in columns}}
        for number, row in enumerate(found, start=1)
    ]


def _goals_until_now(view: View, person: int, level: str = "specific") -> tuple[Goal, ...]:
    """A mentee's goals going on before this session's own rating of them, with those set in this session.

    Goals that are set beside the rating of others are rated from the next form on.
    """
    now = personal_goals(view, person, level)
    earlier = view.before()
    before = personal_goals(earlier, person, level) if earlier is not None else ()
    known = {goal.id for goal in before}
    fresh = (
        goal
        for goal in now
        if goal.id not in known and goal.set_in == view.session.id and not goal.set_while_rating
    )
    return tuple(goal for goal in (*before, *fresh) if goal.active)


@registry.SOURCES("own_goals")
def _own_goals(view: View) -> Rows:
    said = reviews(view)
    return [
        {
            "id": goal.id,
            "text": goal.text,
            "criterion": goal.criterion,
            "due_date": goal.due_date or None,
            "prev_level": goal.known_levels()[-1],
            "mentor_said": review_words(view, goal, said),
            "new_text": goal.text,
            "new_criterion": goal.criterion,
            "new_due_date": goal.due_date,
            "new_importance": goal.importance,
        }
        for goal in _goals_until_now(view, view.person)
    ]


@registry.SOURCES("own_general_goals")
def _own_general_goals(view: View) -> Rows:
    return [{"id": goal.id, "text": goal.text} for goal in _goals_until_now(view, view.person, "general")]


@registry.OPTION_SOURCES("own_general_goals")
def _general_goal_options(view: View) -> list[CarriedOption]:
    goals = personal_goals(view, view.person, "general")
    return [{"value": f"g{number}", "label": goal.text} for number, goal in enumerate(goals, start=1)]


@registry.SOURCES("group_goals")
def _group_goals(view: View) -> Rows:
    found = group_goals(view)
    return [{"id": goal.id, "text": goal.text, "criterion": goal.criterion} for goal in found]


@registry.SOURCES("goals_of_mentees")
def _goals_of_mentees(view: View) -> Rows:
    """The goals going on; at the end the finished ones too, which count in what is compared."""
    return [
        _goal_of(mentee, goal)
        for mentee in view.members("mentee")
        for goal in (
            personal_goals(view, mentee.id)
            if view.session.kind == "final"
            else _goals_until_now(view, mentee.id)
        )
        if goal.state != "dropped"
    ]


@registry.SOURCES("goals_to_review")
def _goals_to_review(view: View) -> Rows:
    """The goals going on that no mentor of the group had seen as they are put now when the session began."""
    earlier = view.before()
    said = {} if earlier is None else reviews(earlier)
    return [
        _goal_of(mentee, goal)
        for mentee in view.members("mentee")
        for goal in personal_goals(view, mentee.id)
        if goal.active and not any(each.is_of(goal) for each in said.get(goal.id, ()))
    ]


def _goal_of(mentee: Participant, goal: Goal) -> CarriedRow:
    return {
        "id": goal.id,
        "mentee": mentee.name,
        "general_goal": goal.parent,
        "text": goal.text,
        "criterion": goal.criterion,
        "due_date": goal.due_date or None,
        "importance": goal.importance,
    }


@registry.SOURCES("own_expectations")
def _own_expectations(view: View) -> Rows:
    found = own_expectations(view, view.person)
    return [{"id": each.id, "text": each.text} for each in found if each.text]


@registry.SOURCES("others_categories")
def _others_categories(view: View, *, limit: int) -> Rows:
    others = others_expectations(view, view.person)
    named = by_category(others)[:limit]
    return [{"id": category, "category": category} for category, _ in named]


@registry.SOURCES("accepted_recommendations")
def _accepted_recommendations(view: View, *, limit: int) -> Rows:
    earlier = view.before()
    if earlier is None:
        return []
    accepted = [each for each in reaching(earlier) if each.status in ACCEPTED]
    shown: Rows = [
        {"id": name_for(earlier, each), "text": wording(earlier, each)} for each in reversed(accepted)
    ]
    return shown[:limit]


@registry.SOURCES("mentees")
def _mentees(view: View) -> Rows:
    found: Rows = []
    for mentee in view.members("mentee"):
        goals = figures.goals_of(view, mentee.id)
        shown = mentee.name
        if goals.percent is not None and view.session.kind == "interim":
            told = percent(goals.percent, view.language)
            shown = view.say("person_with_percent", name=mentee.name, percent=told)
        found.append({"id": f"p{mentee.id}", "mentee": shown})
    return found


@registry.SOURCES("participants")
def _participants(view: View) -> Rows:
    listed = forms(view)
    found: Rows = []
    roles: tuple[Role, ...] = ("mentee", "mentor")
    for role in roles:
        people = {person.id: person for person in view.members(role)}
        answered = {form.target.person for form in listed if form.submission is not None}
        for form in listed:
            of_role = view.catalogue.instruments[form.target.instrument].respondent == role
            if of_role and form.target.person in answered:
                people.setdefault(form.target.person, view.state.person(form.target.person))
        for person in sorted(people.values(), key=lambda each: (each.name, each.id)):
            named = view.say("person_with_role", name=person.name, role=view.say(f"role_{role}"))
            status = status_of(listed, person.id) or "none"
            row: CarriedRow = {
                "id": f"p{person.id}",
                "person": named,
                "form_sent": view.say(f"status_{status}"),
            }
            if row["id"] not in [other["id"] for other in found]:
                found.append(row)
    return found


@registry.SOURCES("weak_point_clusters")
def _weak_point_clusters(view: View) -> Rows:
    return [
        {"id": each.area, "area": each.area, "figures": cluster_words(view, each)}
        for each in _as_named(view)
        if each.area
    ]


def _as_named(view: View) -> tuple[Cluster, ...]:
    """The clusters before this session's own protocol re-codes any."""
    return clusters(_without_own_answers(view))


def _without_own_answers(view: View) -> View:
    """The view without the protocol of this session and group, so that its rows do not move under it."""
    coordinators = {i.id for i in view.catalogue.instruments.values() if i.respondent == "coordinator"}
    session, group = view.session.id, view.group_id
    earlier = view.state.remember(
        ("without", session, group), lambda: view.state.without(session, group, coordinators)
    )
    return dataclasses.replace(view, state=earlier)


@registry.SOURCES("open_recommendations")
def _open_recommendations(view: View) -> Rows:
    found = reaching(_without_own_answers(view))
    return [_open_recommendation(each) for each in found if each.status in OPEN and not each.for_next]


def _open_recommendation(found: Recommendation) -> CarriedRow:
    row: CarriedRow = {"id": found.id, "text": found.text, "status": found.status}
    if found.responsible:
        row["responsible"] = found.responsible
    if found.due_date:
        row["due_date"] = found.due_date
    return row


@registry.SOURCES("open_signals")
def _open_signals(view: View) -> Rows:
    """For records that still ask: what was decided on the session's page is not asked again."""
    before = _without_own_answers(view)
    return [
        {
            "id": signal.id,
            "signal": view.say(
                "signal_line",
                level=view.say(f"level_{signal.level}"),
                text=signal.text(before),
            ),
        }
        for each in followed(before)
        if not each.code
        for signal in (each.latest,)
        if signal.mentor or view.reads_confidential
    ]


@registry.OPTION_SOURCES("group_expectations")
def _expectation_options(view: View) -> list[CarriedOption]:
    others = others_expectations(view, view.person)
    words = view.catalogue.codes["expectation"]
    return [
        {"value": category, "label": label(words, category, view.language)}
        for category, _ in by_category(others)
    ]


@registry.OPTION_SOURCES("participants")
def _participant_options(view: View) -> list[CarriedOption]:
    roles: tuple[Role, ...] = ("mentee", "mentor", "coordinator")
    people = [person for role in roles for person in view.members(role)]
    return [{"value": f"p{person.id}", "label": person.name} for person in dict.fromkeys(people)]
