"""Expectations: one's own, the others', how far they are met, and what one guessed about the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.lookup import rated
from moodle_bridge.domain.course.model import Submission, as_codes, as_number, as_text, row_id, rows
from moodle_bridge.domain.instrument.model import Catalogue


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation of one mentee, with its ratings by session."""

    id: str
    person: int
    text: str
    category: str
    importance: int
    share_name: bool
    ratings: tuple[tuple[str, int | None], ...] = ()

    def rating(self, session: str) -> int | None:
        """Return the rating in that session's form; None if it was not rated or it was too early to say."""
        return next((value for where, value in reversed(self.ratings) if where == session), None)


@once
def own_expectations(frame: Frame, person: int) -> tuple[Expectation, ...]:
    """A mentee's expectations as known after the session."""
    history = frame.history(person)
    ratings: dict[str, list[tuple[str, int | None]]] = {}
    for submission in history:
        for carried, answered in rated(frame.catalogue, submission, "own_expectations"):
            if "rating" in answered:
                entry = (submission.session, as_number(answered["rating"]))
                ratings.setdefault(as_text(carried.get("id")), []).append(entry)
    return tuple(
        Expectation(
            id=(name := row_id(submission, "own_expectations", row["row"])),
            person=person,
            text=as_text(row.get("text")),
            category=as_text(row.get("category")),
            importance=as_number(row.get("importance")) or 2,
            share_name=submission.answers.get("share_name") is True,
            ratings=tuple(ratings.get(name, ())),
        )
        for submission in history
        for row in rows(submission.answers, "own_expectations")
    )


def others_expectations(frame: Frame, person: int) -> tuple[Expectation, ...]:
    """What the other mentees of the group expect, in the order of their names."""
    return tuple(
        expectation
        for other in frame.members("mentee")
        if other.id != person
        for expectation in own_expectations(frame, other.id)
    )


def by_category(expectations: Iterable[Expectation]) -> list[tuple[str, int]]:
    """Categories with how many people named each: most first, then by code."""
    people = {(each.category, each.person) for each in expectations if each.category}
    counted = Counter(category for category, _ in people)
    return sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))


def others_ratings(catalogue: Catalogue, submission: Submission) -> tuple[int, ...]:
    """How far the others' expectations are met in the eyes of this form's author."""
    values = (
        as_number(answered.get("rating")) for _, answered in rated(catalogue, submission, "others_categories")
    )
    return tuple(value for value in values if value is not None)


def guesses(submission: Submission) -> tuple[str, ...]:
    """The categories that the author believes the others expect."""
    return as_codes(submission.answers.get("guess_others"))
