"""Recommendations: made in a form, decided in the protocol, returning in the next form, closed or open."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass

from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.lookup import rated, respondent
from moodle_bridge.domain.course.model import Row, as_number, as_text, row_id, rows

ACCEPTED = frozenset({"q_accepted", "q_partly", "q_done"})
OPEN = frozenset({"q_new", "q_accepted", "q_partly", "q_later"})


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommendation and what became of it."""

    id: str
    session: str
    author: int
    role: str
    area: str
    text: str
    addressee: str
    for_next: bool = False
    """Made in a last session: for the next process. Nothing is asked about it, and no rate counts it."""
    status: str = "q_new"
    responsible: str = ""
    due_date: str = ""
    answer: str = ""
    felt: tuple[tuple[str, int | None], ...] = ()
    """Per session, what each person who was asked says: is there an improvement (1 no, 2 partly, 3 yes)."""

    @property
    def alias(self) -> str:
        """Make a name for forms of people who may not read it: the id would reveal the author.

        Made of the text as well, which they do not know, so that trying every author gives nothing away.
        """
        return hashlib.sha256(f"{self.id}\n{self.text}".encode()).hexdigest()[:20]


@once
def recommendations(frame: Frame) -> tuple[Recommendation, ...]:
    """Every recommendation of the group up to the session, oldest first, with the latest decision."""
    found: dict[str, Recommendation] = {}
    for each in frame.until():
        submitted = each.submitted()
        for submission in submitted:
            role = respondent(frame.catalogue, submission)
            if role in ("mentee", "mentor"):
                for row in rows(submission.answers, "recommendations"):
                    name = row_id(submission, "recommendations", row["row"])
                    found[name] = Recommendation(
                        id=name,
                        session=each.session.id,
                        author=submission.respondent,
                        role=role,
                        area=as_text(row.get("area")),
                        text=as_text(row.get("text")),
                        addressee=as_text(row.get("addressee")),
                        for_next=each.session.kind == "final",
                    )
        for submission in submitted:
            for carried, answered in rated(frame.catalogue, submission, "accepted_recommendations"):
                name = as_text(carried.get("id"))
                known = found.get(name) or next((e for e in found.values() if e.alias == name), None)
                if known is not None and "felt" in answered:
                    felt = (*known.felt, (each.session.id, as_number(answered["felt"])))
                    found[known.id] = dataclasses.replace(known, felt=felt)
            for carried, answered in rated(frame.catalogue, submission, "open_recommendations"):
                known = found.get(as_text(carried.get("id")))
                if known is not None and as_text(answered.get("status")):
                    found[known.id] = _decided(known, answered)
    return tuple(found.values())


def _decided(known: Recommendation, answered: Row) -> Recommendation:
    """A recommendation after a decision on it; while it is accepted the words for the group stay."""
    status = as_text(answered["status"])
    stands = known.status in ACCEPTED and status in ACCEPTED
    return dataclasses.replace(
        known,
        status=status,
        responsible=as_text(answered.get("responsible")),
        due_date=as_text(answered.get("due_date")),
        answer=as_text(answered.get("answer")) or (known.answer if stands else ""),
    )


def closure(found: tuple[Recommendation, ...]) -> tuple[int, int]:
    """How many of the accepted recommendations are carried out, of how many accepted."""
    accepted = [each for each in found if each.status in ACCEPTED and not each.for_next]
    return sum(each.status == "q_done" for each in accepted), len(accepted)
