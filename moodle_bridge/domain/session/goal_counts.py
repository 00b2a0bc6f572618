"""Count goals: set, added later, finished, rated, given up, of people who left; and what share is attained.

Two shares, for they say different things: of the goals rated, and of the goals set by those who stayed. Goals
given up, and those of people who stayed and did not answer, are missing in the first and not in the second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.goals import Goal, personal_goals
from moodle_bridge.domain.course.lookup import respondent
from moodle_bridge.domain.course.measures import ATTAINED
from moodle_bridge.domain.course.model import EVERYBODY
from moodle_bridge.domain.session import figures


@dataclass(frozen=True, slots=True)
class GoalCounts:
    """The specific goals of a group, or of all, as of a session."""

    set: int
    added: int
    """Of those set: in a later session than their owner's first goals."""
    finished: int
    dropped: int
    left: int
    """Of those set: by people who have left since."""
    rated: int
    """With a level that counts in this session, as in :class:`figures.PersonGoals`."""
    attained: int
    """Of those rated."""
    stayed: int
    """Set by people who stayed, given up or not."""
    attained_stayed: int
    """Of those set by people who stayed."""
    reasons: tuple[tuple[str, int], ...]
    """Why goals were given up, each with the number of goals; most first."""


@once
def goal_counts(frame: Frame) -> GoalCounts:
    """Count everybody's goals; whoever is in two groups of the frame stands for one person."""
    staying = _staying(frame)
    lists = [figures.goals_in(frame, groups, person) for person, groups in staying.items()]
    stayed = [goal for each in lists for goal in each.goals]
    theirs = [_of_left(frame, person) for person in _left(frame, frozenset(staying))]
    left = [goal for goals in theirs for goal in goals]
    everything = (*stayed, *left)
    answered = figures.mentees_goals(frame)
    return GoalCounts(
        set=len(everything),
        added=sum(_added(goals) for goals in (*(each.goals for each in lists), *theirs)),
        finished=sum(goal.state == "finished" for goal in everything),
        dropped=sum(goal.state == "dropped" for goal in everything),
        left=len(left),
        rated=sum(len(each.levels) for each in answered),
        attained=sum(each.attained for each in answered),
        stayed=len(stayed),
        attained_stayed=sum(level >= ATTAINED for each in lists for _, level in each.levels),
        reasons=_reasons(everything),
    )


def _staying(frame: Frame) -> dict[int, tuple[int, ...]]:
    """The mentees who belong to the session, each with the groups of the frame that they are in."""
    found: dict[int, tuple[int, ...]] = {}
    for one in frame.by_group():
        for person in one.members("mentee"):
            found[person.id] = (*found.get(person.id, ()), one.group_id)
    return found


def _left(frame: Frame, staying: frozenset[int]) -> tuple[int, ...]:
    """List mentees who wrote forms in the frame's groups and are in no group of the session any more.

    They count in the group in which they wrote last.
    """
    everywhere = frame.in_group(EVERYBODY)
    here = staying.union(*(_staying(one) for one in everywhere.by_group()))
    last: dict[int, int] = {}
    for each in everywhere.until():
        for submission in each.submitted():
            if respondent(frame.catalogue, submission) == "mentee" and submission.respondent not in here:
                last[submission.respondent] = submission.group or last.get(submission.respondent, EVERYBODY)
    in_all = frame.group_id == EVERYBODY
    return tuple(person for person, group in last.items() if in_all or group == frame.group_id)


def _of_left(frame: Frame, person: int) -> tuple[Goal, ...]:
    """All goals of somebody who left, wherever they were set."""
    return personal_goals(frame.in_group(EVERYBODY), person)


def _added(goals: Iterable[Goal]) -> int:
    """How many of one person's goals were set in a later session than the first of them."""
    sessions = [goal.set_in for goal in goals]
    return sum(session != sessions[0] for session in sessions)


def _reasons(goals: Iterable[Goal]) -> tuple[tuple[str, int], ...]:
    given = Counter(
        reason
        for goal in goals
        if goal.state == "dropped" and (rating := goal.rating(goal.dropped_in)) is not None
        for reason in rating.reasons
    )
    return tuple(sorted(given.items(), key=lambda entry: (-entry[1], entry[0])))
