"""Goals through time: set once, rated in every session, reworded, dropped, never lost or told twice.

A goal keeps the id of the row in which it was set (:func:`moodle_bridge.domain.course.model.row_id`); later
forms rate it under that id. A rating whose id is unknown (a course restored from a backup has new ids) is
matched by the goal's wording; one that matches nothing is kept as a dropped goal.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.lookup import carried_tables, form_of, goal_tables, respondent
from moodle_bridge.domain.course.model import (
    Row,
    Submission,
    as_codes,
    as_number,
    as_text,
    rated_rows,
    row_id,
    rows,
)
from moodle_bridge.domain.instrument.model import Catalogue


@dataclass(frozen=True, slots=True)
class Wording:
    """How a goal was put from a session on."""

    session: str
    text: str


@dataclass(frozen=True, slots=True)
class Rating:
    """What one session's form says about a goal. ``level`` None: cannot say, or not answered."""

    session: str
    level: int | None
    status: str = "g_active"
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal with its whole history."""

    id: str
    level: str
    scope: str
    set_in: str
    wordings: tuple[Wording, ...]
    criterion: str = ""
    due_date: str = ""
    importance: int = 2
    start_level: int = 0
    parent: str = ""
    """The text of the general goal that a specific one serves."""
    ratings: tuple[Rating, ...] = ()
    dropped_in: str = ""
    """The session in whose form it was given up; empty while it is active."""

    @property
    def text(self) -> str:
        """Its present wording."""
        return self.wordings[-1].text

    @property
    def active(self) -> bool:
        """Whether it is still pursued."""
        return not self.dropped_in

    def rating(self, session: str) -> Rating | None:
        """What that session's form says, if it rates this goal."""
        return next((rating for rating in reversed(self.ratings) if rating.session == session), None)

    def known_levels(self) -> tuple[int, ...]:
        """The start level and every level that was stated, oldest first."""
        return (self.start_level, *(r.level for r in self.ratings if r.level is not None))


@once
def personal_goals(frame: Frame, person: int, level: str = "specific") -> tuple[Goal, ...]:
    """A mentee's goals as known after the session, dropped ones included, in the order they were set."""
    history = frame.history(person)
    goals: dict[str, Goal] = {}
    for submission in history:
        for goal in _set_in(frame.catalogue, submission, level, "personal"):
            goals[goal.id] = goal
    source = "own_goals" if level == "specific" else "own_general_goals"
    for submission in history:
        _rate(frame.catalogue, submission, source, goals, level)
    return tuple(goals.values())


def _set_in(catalogue: Catalogue, submission: Submission, level: str, scope: str) -> Iterable[Goal]:
    instrument = form_of(catalogue, submission)
    if instrument is None:
        return
    generals = {
        f"r{row['row']}": as_text(row.get("text"))
        for table in goal_tables(instrument, "general", scope)
        for row in rows(submission.answers, table.id)
    }
    for table in goal_tables(instrument, level, scope):
        for row in rows(submission.answers, table.id):
            yield Goal(
                id=row_id(submission, table.id, row["row"]),
                level=level,
                scope=scope,
                set_in=submission.session,
                wordings=(Wording(submission.session, as_text(row.get("text"))),),
                criterion=as_text(row.get("criterion")),
                due_date=as_text(row.get("due_date")),
                importance=as_number(row.get("importance")) or 2,
                start_level=as_number(row.get("start_level")) or 0,
                parent=generals.get(as_text(row.get("parent")), ""),
            )


def _rate(
    catalogue: Catalogue, submission: Submission, source: str, goals: dict[str, Goal], level: str
) -> None:
    instrument = form_of(catalogue, submission)
    if instrument is None:
        return
    for table in carried_tables(instrument, source):
        value_column = next((c.id for c in table.columns if c.type == "scale" and not c.read_only), "level")
        for carried, answered in rated_rows(submission, table.id):
            goal = _meant(goals, carried)
            if goal is None:
                goal = _orphan(submission, carried, level)
            goals[goal.id] = _with_rating(goal, submission, answered, value_column)


def _meant(goals: dict[str, Goal], carried: Row) -> Goal | None:
    by_id = goals.get(as_text(carried.get("id")))
    if by_id is not None:
        return by_id
    text = plain(as_text(carried.get("text")))
    return next((g for g in goals.values() if text and text in [plain(w.text) for w in g.wordings]), None)


def _orphan(submission: Submission, carried: Row, level: str) -> Goal:
    return Goal(
        id=as_text(carried.get("id")) or row_id(submission, "orphan", carried["row"]),
        level=level,
        scope="personal",
        set_in=submission.session,
        wordings=(Wording(submission.session, as_text(carried.get("text"))),),
        criterion=as_text(carried.get("criterion")),
        due_date=as_text(carried.get("due_date")),
        dropped_in=submission.session,
    )


def _with_rating(goal: Goal, submission: Submission, answered: Row, value_column: str) -> Goal:
    if not answered:
        return goal
    status = as_text(answered.get("status")) or "g_active"
    rating = Rating(
        session=submission.session,
        level=as_number(answered.get(value_column)),
        status=status,
        reasons=as_codes(answered.get("reason")),
    )
    wordings = goal.wordings
    new_text = as_text(answered.get("new_text"))
    if status == "g_changed" and new_text and new_text != goal.text:
        wordings = (*wordings, Wording(submission.session, new_text))
    dropped_in = goal.dropped_in or (submission.session if status == "g_dropped" else "")
    return dataclasses.replace(
        goal, ratings=(*goal.ratings, rating), wordings=wordings, dropped_in=dropped_in
    )


def group_goals(frame: Frame) -> tuple[Goal, ...]:
    """The goals agreed with a group: the specific ones, or the general ones where there are none.

    Where two mentors wrote goals down, both lists count and the same wording counts once.
    """
    return _group_goals(frame, "specific") or _group_goals(frame, "general")


def _group_goals(frame: Frame, level: str) -> tuple[Goal, ...]:
    goals: dict[str, Goal] = {}
    for each in frame.until():
        for submission in each.submitted():
            if respondent(frame.catalogue, submission) == "mentor":
                for goal in _set_in(frame.catalogue, submission, level, "group"):
                    goals.setdefault(plain(goal.text), goal)
    return tuple(goals.values())


def plain(text: str) -> str:
    """Text by which two wordings are the same: case and spaces aside."""
    return " ".join(text.casefold().split())
