"""Needs: what mentees say they need, what the mentor sees, what mentors need themselves."""

from __future__ import annotations

from moodle_bridge.domain.course.frame import Frame
from moodle_bridge.domain.course.lookup import rated, respondent
from moodle_bridge.domain.course.model import as_codes

NO_NEED = frozenset({"n_none", "m_none"})


def person_id(row_id: str) -> int | None:
    """The person whom a carried row of people is about."""
    return int(row_id[1:]) if row_id[:1] == "p" and row_id[1:].isdecimal() else None


def mentees_needs(frame: Frame) -> dict[int, dict[str, str]]:
    """Per mentee and need who names it: ``self``, ``mentor`` or ``both``; nobody: the need is absent.

    The matrix of the session; a mentee who answered and needs nothing has an empty entry.
    """
    own: dict[int, set[str]] = {}
    seen: dict[int, set[str]] = {}
    for submission in frame.submitted():
        role = respondent(frame.catalogue, submission)
        if role == "mentee" and "needs_now" in submission.answers:
            own.setdefault(submission.respondent, set()).update(as_codes(submission.answers["needs_now"]))
        elif role == "mentor":
            for carried, answered in rated(frame.catalogue, submission, "mentees"):
                mentee = person_id(str(carried.get("id", "")))
                if mentee is not None and "needs" in answered:
                    seen.setdefault(mentee, set()).update(as_codes(answered["needs"]))
    matrix: dict[int, dict[str, str]] = {}
    for mentee in sorted({*own, *seen}):
        mine, theirs = own.get(mentee, set()) - NO_NEED, seen.get(mentee, set()) - NO_NEED
        matrix[mentee] = {
            need: "both" if need in mine and need in theirs else "self" if need in mine else "mentor"
            for need in sorted(mine | theirs)
        }
    return matrix


def mentors_needs(frame: Frame) -> dict[int, tuple[str, ...]]:
    """What each mentor who answered needs."""
    return {
        submission.respondent: tuple(
            need for need in as_codes(submission.answers["mentor_needs"]) if need not in NO_NEED
        )
        for submission in frame.submitted()
        if respondent(frame.catalogue, submission) == "mentor" and "mentor_needs" in submission.answers
    }
