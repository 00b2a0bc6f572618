"""Work out what a session says about each person and group: goals, expectations, climate, change.

Each function works out one measure for everyone in a frame. Who may see the result is decided where it is
told (:mod:`computed`, :mod:`sections`, :mod:`numbers`).
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moodle_bridge.domain.course.attendance import people
from moodle_bridge.domain.course.expectations import Expectation, guesses, others_ratings, own_expectations
from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.goals import Goal, group_goals, personal_goals
from moodle_bridge.domain.course.lookup import items_of, rated, respondent
from moodle_bridge.domain.course.measures import (
    ATTAINED,
    gas_t,
    goal_percent,
    goals_attained,
    mean,
    mean_of_items,
    weighted_mean,
)
from moodle_bridge.domain.course.model import Session, Submission, as_number

SCALE = "goal7"
"""The one scale of all goals in all sessions."""


@dataclass(frozen=True, slots=True)
class PersonGoals:
    """One mentee's specific goals as of a session."""

    group: int
    person: int
    goals: tuple[Goal, ...]
    levels: tuple[tuple[Goal, int], ...]
    """The goals not given up with the level that counts in this session (:meth:`Goal.level_in`)."""
    percent: float | None
    """None for somebody whose form did not come: what they finished earlier says nothing of this session."""
    attained: int
    gas: float | None


@once
def mentees_goals(frame: Frame) -> tuple[PersonGoals, ...]:
    """Every mentee of the session with goals, percentage, attained goals and GAS T.

    Whoever is in two groups of the frame has two lists of goals and stands here once, with both.
    """
    found: dict[int, list[int]] = {}
    for group, person in people(frame, "mentee"):
        found.setdefault(person, []).append(group)
    return tuple(goals_in(frame, tuple(groups), person) for person, groups in found.items())


def goals_of(frame: Frame, person: int) -> PersonGoals:
    """One mentee's goals and their figures as of a session."""
    return goals_in(frame, (frame.group_id,), person)


@once
def goals_in(frame: Frame, groups: tuple[int, ...], person: int) -> PersonGoals:
    """One mentee's goals in several groups together."""
    goals: dict[str, Goal] = {}
    fresh: set[str] = set()
    for group in groups:
        one = frame.in_group(group)
        own = personal_goals(one, person)
        goals |= {goal.id: goal for goal in own}
        if _rates_goals(one, person):
            fresh |= {goal.id for goal in own}
    levels = tuple(
        (goal, level)
        for goal in goals.values()
        if goal.state != "dropped" and (level := goal.level_in(frame.session.id)) is not None
    )
    weighted = [(goal.importance, level) for goal, level in levels if goal.id in fresh]
    scale = frame.catalogue.scales[SCALE]
    return PersonGoals(
        group=groups[0],
        person=person,
        goals=tuple(goals.values()),
        levels=levels,
        percent=goal_percent(weighted, scale),
        attained=goals_attained(level for _, level in levels)[0],
        gas=gas_t(weighted, scale),
    )


def _rates_goals(frame: Frame, person: int) -> bool:
    """Whether a form of the session has come from a mentee in which goals are set or rated."""
    return any(
        each.session == frame.session.id
        and any(
            item.goal_level == "specific" or (item.source is not None and item.source.name == "own_goals")
            for item in items_of(frame.catalogue, each)
        )
        for each in frame.history(person)
    )


@once
def general_goals_rated(frame: Frame) -> tuple[tuple[int, Goal, int], ...]:
    """(person, general goal, how far they came closer to it) of every one that was rated in a session."""
    found: dict[tuple[int, str], tuple[int, Goal, int]] = {}
    for group, person in people(frame, "mentee"):
        for goal in personal_goals(frame.in_group(group), person, "general"):
            rating = goal.rating(frame.session.id)
            if rating is not None and rating.level is not None:
                found[person, goal.id] = (person, goal, rating.level)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How often a reason was given for goals not (yet) attained."""

    reason: str
    goals: int
    people: int


def reason_counts(found: tuple[PersonGoals, ...], session: Session) -> tuple[ReasonCount, ...]:
    """The reasons given in a session for goals below "attained", most goals first."""
    given = [
        (reason, goal.id, each.person)
        for each in found
        for goal in each.goals
        if (rating := goal.rating(session.id)) is not None
        and rating.level is not None
        and rating.level < ATTAINED
        for reason in rating.reasons
    ]
    goals = Counter(reason for reason, _, _ in given)
    persons = Counter(reason for reason, _ in {(reason, person) for reason, _, person in given})
    return tuple(
        ReasonCount(reason, number, persons[reason])
        for reason, number in sorted(goals.items(), key=lambda entry: (-entry[1], entry[0]))
    )


@dataclass(frozen=True, slots=True)
class GroupGoal:
    """A goal of the group with the levels that its members and mentors see."""

    goal: Goal
    levels: tuple[tuple[int, str, int], ...]
    """(person, role, level)."""


@once
def group_goals_seen(frame: Frame) -> tuple[GroupGoal, ...]:
    """The group's goals as rated in a session; for all groups one after the other."""
    found = []
    for one in frame.by_group():
        stated: dict[str, list[tuple[int, str, int]]] = {}
        for submission in one.submitted():
            role = respondent(frame.catalogue, submission)
            for carried, answered in rated(frame.catalogue, submission, "group_goals"):
                level = as_number(answered.get("level"))
                if level is not None:
                    stated.setdefault(str(carried.get("id")), []).append((submission.respondent, role, level))
        for goal in group_goals(one):
            found.append(GroupGoal(goal, tuple(stated.get(goal.id, ()))))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class PersonExpectations:
    """One mentee's expectations as of a session."""

    group: int
    person: int
    rows: tuple[Expectation, ...]
    own: float | None
    """How far they are met, 1..5, weighted by importance."""
    others: float | None
    """How far the others' are met in this person's eyes."""
    gap: float | None
    """``others`` less what the others say themselves; above 0: sees it rosier than they do."""
    guessed: tuple[int, int] | None
    """Of the categories guessed in the first session: how many the others really named, of how many."""


@once
def mentees_expectations(frame: Frame) -> tuple[PersonExpectations, ...]:
    """Every mentee of the session with own and others' expectations, in the order of their goals.

    Whoever is in two groups of the frame stands here once.
    """
    found: dict[int, list[PersonExpectations]] = {}
    for each in _expectations(frame):
        found.setdefault(each.person, []).append(each)
    return tuple(_together(each, frame.session) for each in found.values())


def _together(lists: list[PersonExpectations], session: Session) -> PersonExpectations:
    """One person's expectations in several groups: own ones weighted over all, the rest as means."""
    if len(lists) == 1:
        return lists[0]
    rows = tuple(row for each in lists for row in each.rows)
    guessed = [each.guessed for each in lists if each.guessed is not None]
    return PersonExpectations(
        group=lists[0].group,
        person=lists[0].person,
        rows=rows,
        own=own_met(rows, session),
        others=mean(each.others for each in lists if each.others is not None),
        gap=mean(each.gap for each in lists if each.gap is not None),
        guessed=(sum(right for right, _ in guessed), sum(of for _, of in guessed)) if guessed else None,
    )


def _expectations(frame: Frame) -> list[PersonExpectations]:
    found = []
    belonging = people(frame, "mentee")
    for group in dict.fromkeys(group for group, _ in belonging):
        one = frame.in_group(group)
        members = [person for its, person in belonging if its == group]
        rows = {person: own_expectations(one, person) for person in members}
        own = {person: own_met(rows[person], frame.session) for person in members}
        named: dict[str, set[int]] = {}
        for person, expected in rows.items():
            for each in expected:
                if each.category:
                    named.setdefault(each.category, set()).add(person)
        others = {person: _others_met(one, person) for person in members}
        for person in members:
            theirs = mean(value for other, value in own.items() if other != person and value is not None)
            mine = others[person]
            found.append(
                PersonExpectations(
                    group=group,
                    person=person,
                    rows=rows[person],
                    own=own[person],
                    others=mine,
                    gap=None if mine is None or theirs is None else mine - theirs,
                    guessed=_guessed(one, person, named),
                )
            )
    return found


def own_met(expectations: tuple[Expectation, ...], session: Session) -> float | None:
    """Importance-weighted mean of how far own expectations are met in a session."""
    rated_now = [(each.importance, each.rating(session.id)) for each in expectations]
    return weighted_mean((weight, value) for weight, value in rated_now if value is not None)


def _others_met(frame: Frame, person: int) -> float | None:
    own = [each for each in frame.submitted() if each.respondent == person]
    return mean(value for submission in own for value in others_ratings(frame.catalogue, submission))


def _guessed(frame: Frame, person: int, named: Mapping[str, set[int]]) -> tuple[int, int] | None:
    """Compared with what the others named: ``named`` are the people by category."""
    guessed = next((guesses(each) for each in frame.history(person) if guesses(each)), ())
    real = {category for category, people in named.items() if people - {person}}
    if not guessed or not real:
        return None
    return sum(category in real for category in guessed), len(guessed)


@dataclass(frozen=True, slots=True)
class ItemAnswers:
    """The answers of one role to one scale item in a session."""

    item: str
    role: str
    confidential: bool
    values: tuple[tuple[int, int], ...]
    """(person, value); "cannot say" left out."""


@once
def scale_answers(frame: Frame, prefixes: tuple[str, ...]) -> tuple[ItemAnswers, ...]:
    """The answers to every scale item whose id begins so (``cl_``, ``sa_``...), per item and role.

    Of somebody who answers in two groups of the frame the later one.
    """
    found: dict[tuple[str, str], tuple[bool, dict[int, int]]] = {}
    for submission, role in sorted(_by_people(frame), key=lambda each: each[0].submitted):
        for item in items_of(frame.catalogue, submission):
            if item.type == "scale" and item.id.startswith(prefixes):
                _, values = found.setdefault((item.id, role), ("mentor" not in item.readers, {}))
                value = as_number(submission.answers.get(item.id))
                if value is not None:
                    values[submission.respondent] = value
    return tuple(
        ItemAnswers(item, role, confidential, tuple(values.items()))
        for (item, role), (confidential, values) in found.items()
    )


def _by_people(frame: Frame) -> Iterator[tuple[Submission, str]]:
    for submission in frame.submitted():
        role = respondent(frame.catalogue, submission)
        if role in ("mentee", "mentor"):
            yield submission, role


@dataclass(frozen=True, slots=True)
class PersonMean:
    """The mean of a family of scale items for one person."""

    group: int
    person: int
    role: str
    value: float


@once
def person_means(frame: Frame, prefix: str, least: int = 3) -> tuple[PersonMean, ...]:
    """Per person the mean of their answers to ``prefix`` items, but for those only the coordinator reads.

    From a mean with such an answer in it and the other answers it could be worked out. The coordinator gets
    the same mean as the mentor: one name stands for one figure. Whoever is in two groups of the frame stands
    here once, with the mean of both.
    """
    found: dict[tuple[int, str], list[PersonMean]] = {}
    for each in _means(frame, prefix, least):
        found.setdefault((each.person, each.role), []).append(each)
    return tuple(
        dataclasses.replace(several[0], value=sum(each.value for each in several) / len(several))
        for several in found.values()
    )


def _means(frame: Frame, prefix: str, least: int = 3) -> list[PersonMean]:
    found = []
    for submission, role in _by_people(frame):
        items = [
            item
            for item in items_of(frame.catalogue, submission)
            if item.type == "scale" and item.id.startswith(prefix) and "mentor" in item.readers
        ]
        values = [as_number(submission.answers.get(item.id)) for item in items]
        value = mean_of_items(values, min(least, len(items))) if items else None
        if value is not None:
            found.append(PersonMean(submission.group, submission.respondent, role, value))
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """One person's self-assessment at the start and now."""

    group: int
    person: int
    start: float
    now: float

    @property
    def change(self) -> float:
        """Later less initial."""
        return self.now - self.start


@once
def self_assessment_change(frame: Frame) -> tuple[Change, ...]:
    """The change of everyone who assessed themselves both at the start and in this session, once each."""
    found: dict[int, list[Change]] = {}
    for now in _means(frame, "sa_"):
        first = _first_assessment(frame, now)
        if first is not None:
            found.setdefault(now.person, []).append(Change(now.group, now.person, first, now.value))
    return tuple(
        dataclasses.replace(
            several[0],
            start=sum(each.start for each in several) / len(several),
            now=sum(each.now for each in several) / len(several),
        )
        for several in found.values()
    )


def _first_assessment(frame: Frame, now: PersonMean) -> float | None:
    """The mean of the first form that has one, if it is of an earlier session."""
    for submission in frame.state.history(now.person, now.group):
        if submission.session == frame.session.id:
            return None
        items = [item for item in items_of(frame.catalogue, submission) if item.id.startswith("sa_")]
        if items:
            value = mean_of_items([as_number(submission.answers.get(item.id)) for item in items], 3)
            if value is not None:
                return value
    return None
