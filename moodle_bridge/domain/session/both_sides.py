"""Set the mentors' own rating of the goals beside the mentees', and keep the two apart until it is made.

A mentor rates the goals without knowing the mentees' final levels: these wait until the forms of all mentors
of the group are in, or the session is closed. Afterwards a mentor knows them, so what is compared is the
first version of the mentor's form.
"""

from __future__ import annotations

from dataclasses import dataclass

from moodle_bridge.domain.course.attendance import forms
from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.goals import Goal
from moodle_bridge.domain.course.lookup import carried_tables, rated
from moodle_bridge.domain.course.measures import ATTAINED, mean
from moodle_bridge.domain.course.model import Submission, as_number, as_text
from moodle_bridge.domain.instrument.model import Instrument
from moodle_bridge.domain.session.figures import mentees_goals


@once
def levels_wait(frame: Frame) -> bool:
    """Whether a mentor is still to rate the goals of this session, without knowing the mentees' levels."""
    if frame.session.closed:
        return False
    return any(
        form.submission is None and rates_levels(frame.instruments[form.target.instrument])
        for form in forms(frame)
    )


def rates_levels(instrument: Instrument) -> bool:
    """Whether mentors rate the mentees' goals in a form."""
    return instrument.respondent == "mentor" and any(
        column.id == "level"
        for table in carried_tables(instrument, "goals_of_mentees")
        for column in table.columns
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """A mentor's final level of a goal beside the mentee's."""

    person: int
    mentor: int
    goal: Goal
    mentee_level: int
    mentor_level: int

    @property
    def difference(self) -> int:
        """Mentor less mentee."""
        return self.mentor_level - self.mentee_level


@once
def level_agreement(frame: Frame) -> tuple[Agreement, ...]:
    """Every goal that both the mentee and a mentor rated in this session, once per mentor."""
    found = []
    theirs = mentors_levels(frame)
    for each in mentees_goals(frame):
        for goal, level in each.levels:
            for mentor, seen in theirs.get(goal.id, {}).items():
                found.append(Agreement(each.person, mentor, goal, level, seen))
    return tuple(found)


@once
def mentors_levels(frame: Frame) -> dict[str, dict[int, int]]:
    """By goal what each mentor stated in the first version of the form; "cannot say" left out."""
    found: dict[str, dict[int, int]] = {}
    for submission in frame.submitted():
        for carried, answered in rated(frame.catalogue, _first(frame, submission), "goals_of_mentees"):
            level = as_number(answered.get("level"))
            if level is not None:
                found.setdefault(as_text(carried.get("id")), {})[submission.respondent] = level
    return found


def _first(frame: Frame, submission: Submission) -> Submission:
    """The first version of a form."""
    versions = [
        each
        for each in frame.state.submissions
        if (each.session, each.instrument, each.respondent)
        == (submission.session, submission.instrument, submission.respondent)
        and each.group == submission.group
    ]
    return min(versions, key=lambda each: each.version)


@dataclass(frozen=True, slots=True)
class Rates:
    """How many of the goals that both sides rated are attained in either's view."""

    both: int
    mentees: int
    mentors: int


def rates(frame: Frame) -> Rates:
    """Both rates over the same goals; of several mentors of a group the mean level counts."""
    by_goal: dict[str, list[Agreement]] = {}
    for each in level_agreement(frame):
        by_goal.setdefault(each.goal.id, []).append(each)
    return Rates(
        both=len(by_goal),
        mentees=sum(several[0].mentee_level >= ATTAINED for several in by_goal.values()),
        mentors=sum(
            (mean(each.mentor_level for each in several) or 0) >= ATTAINED for several in by_goal.values()
        ),
    )
