"""Goals through time: set, rated in every session, changed, finished, given up, never lost or told twice.

A goal keeps the id of the row in which it was set (:func:`moodle_bridge.domain.course.model.row_id`); later
forms rate it under that id. A rating whose id is unknown (a course restored from a backup has new ids) is
matched by the goal's wording; one that matches nothing is kept as a dropped goal.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.lookup import carried_tables, form_of, goal_tables, rated, respondent
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
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Item


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
    explanation: str = ""
    """The reasons in words."""


State = Literal["active", "finished", "dropped"]


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
    set_while_rating: bool = False
    """Whether it was set in a form that rates the goals set before."""
    ratings: tuple[Rating, ...] = ()
    dropped_in: str = ""
    """The session in whose form it was given up; empty while it was not."""
    finished_in: str = ""
    """The session in whose form it was attained and finished; its level stays as stated there."""
    changed_in: str = ""
    """The session in whose form wording, criterion, date or importance were changed last."""

    @property
    def text(self) -> str:
        """Its present wording."""
        return self.wordings[-1].text

    @property
    def state(self) -> State:
        """Whether it is going on, finished or given up."""
        return "dropped" if self.dropped_in else "finished" if self.finished_in else "active"

    @property
    def active(self) -> bool:
        """Whether it is still pursued: rated in the next form."""
        return self.state == "active"

    def rating(self, session: str) -> Rating | None:
        """Return the rating in that session's form, if it rates this goal."""
        return next((rating for rating in reversed(self.ratings) if rating.session == session), None)

    def known_levels(self) -> tuple[int, ...]:
        """The start level and every level that was stated, oldest first."""
        return (self.start_level, *(r.level for r in self.ratings if r.level is not None))

    def level_in(self, session: str) -> int | None:
        """The level that counts in a session up to which the goal is known.

        What that session's form states; its start level in the session that set it; the level with which it
        was finished in every session after that.
        """
        rating = self.rating(session)
        if rating is not None:
            return rating.level
        if self.set_in == session:
            return self.start_level
        return self.known_levels()[-1] if self.state == "finished" else None


_SOURCES = {"specific": "own_goals", "general": "own_general_goals"}
"""What makes the rows in which goals of a level are rated by whoever set them."""


@once
def personal_goals(frame: Frame, person: int, level: str = "specific") -> tuple[Goal, ...]:
    """A mentee's goals as known after the session, dropped ones included, in the order they were set."""
    history = frame.history(person)
    goals: dict[str, Goal] = {}
    for submission in history:
        for goal in _set_in(frame.catalogue, submission, level, "personal"):
            goals[goal.id] = goal
    for submission in history:
        _rate(frame.catalogue, submission, _SOURCES[level], goals, level)
    return tuple(goals.values())


def _set_in(catalogue: Catalogue, submission: Submission, level: str, scope: str) -> Iterable[Goal]:
    instrument = form_of(catalogue, submission)
    if instrument is None:
        return
    rates = any(True for source in _SOURCES.values() for _ in carried_tables(instrument, source))
    for table in goal_tables(instrument, level, scope):
        generals = _generals(instrument, submission, table)
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
                set_while_rating=rates,
            )


def _generals(instrument: Instrument, submission: Submission, table: Item) -> dict[str, str]:
    """The general goals that a row of the table can serve: those of the same form, or those it was shown."""
    own = {
        f"r{row['row']}": as_text(row.get("text"))
        for other in goal_tables(instrument, "general", table.scope or "personal")
        for row in rows(submission.answers, other.id)
    }
    offered = submission.carried.get(f"{table.id}.parent.options")
    for option in offered if isinstance(offered, list | tuple) else ():
        if isinstance(option, Mapping):
            own[as_text(option.get("value"))] = as_text(option.get("label"))
    return own


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
        explanation=as_text(answered.get("reason_text")),
    )
    if status == "g_changed":
        goal = _changed(goal, submission.session, answered)
    return dataclasses.replace(
        goal,
        ratings=(*goal.ratings, rating),
        dropped_in=goal.dropped_in or (submission.session if status == "g_dropped" else ""),
        finished_in=goal.finished_in or (submission.session if status == "g_done" else ""),
    )


def _changed(goal: Goal, session: str, answered: Row) -> Goal:
    """The goal as its owner changed it; it is rated by its new terms from this session on."""
    text = as_text(answered.get("new_text"))
    wordings = goal.wordings
    if text and text != goal.text:
        wordings = (*wordings, Wording(session, text))
    new = dataclasses.replace(
        goal,
        wordings=wordings,
        criterion=as_text(answered.get("new_criterion")) or goal.criterion,
        due_date=as_text(answered.get("new_due_date")) or goal.due_date,
        importance=as_number(answered.get("new_importance")) or goal.importance,
    )
    return goal if new == goal else dataclasses.replace(new, changed_in=session)


@dataclass(frozen=True, slots=True)
class Review:
    """What a mentor said to a goal as it was put then."""

    session: str
    mentor: int
    check: str
    note: str
    terms: tuple[str, str, str]
    """Wording, criterion and date that the mentor was shown."""

    def is_of(self, goal: Goal) -> bool:
        """Whether it is about the goal as it is put now; earlier forms showed the wording alone."""
        text, criterion, due_date = self.terms
        return text == goal.text and criterion in ("", goal.criterion) and due_date in ("", goal.due_date)


@once
def reviews(frame: Frame) -> Mapping[str, tuple[Review, ...]]:
    """Collect mentors' remarks on goals up to this session, by goal id, the latest last."""
    found: dict[str, list[Review]] = {}
    for each in frame.until():
        for submission in each.submitted():
            for source in ("goals_of_mentees", "goals_to_review"):
                for carried, answered in rated(frame.catalogue, submission, source):
                    check = as_text(answered.get("check"))
                    if check:
                        terms = (carried.get("text"), carried.get("criterion"), carried.get("due_date"))
                        text, criterion, due_date = map(as_text, terms)
                        found.setdefault(as_text(carried.get("id")), []).append(
                            Review(
                                each.session.id,
                                submission.respondent,
                                check,
                                as_text(answered.get("note")),
                                (text, criterion, due_date),
                            )
                        )
    return {goal: tuple(said) for goal, said in found.items()}


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
