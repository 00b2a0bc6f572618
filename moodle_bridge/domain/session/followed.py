"""Follow signals through the sessions: when each was seen, what was decided on it, whether it is open.

A signal is decided when every session in which it was seen is covered by a decision; seen again, it is open
again. Knows nothing of who looks.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from statistics import median
from typing import Final

from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.lookup import rated
from moodle_bridge.domain.course.model import Decision, as_text
from moodle_bridge.domain.session.signals import Signal, place_of, signals
from moodle_bridge.domain.session.view import View

TALKED: Final = "talked"
MEASURE: Final = "measure"
WATCHING: Final = "watching"
UNFOUNDED: Final = "unfounded"
SETTLED: Final = "settled"
DECISIONS: Final = (TALKED, MEASURE, WATCHING, UNFOUNDED, SETTLED)
"""What a coordinator can decide, in the order in which it is offered."""

LEFT: Final = "left"
"""In place of a decision: whom it is about has left, and nobody is asked."""

CLOSING: Final = frozenset({UNFOUNDED, SETTLED})
"""Decisions after which later sessions no longer tell of the signal."""

_IN_RECORDS: Final = {"d_act": MEASURE, "d_watch": WATCHING, "d_close": SETTLED, "d_false": UNFOUNDED}
"""How records decided before decisions were taken on the page."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A signal with every session in which it was seen so far, and what was decided on it."""

    occurrences: tuple[Signal, ...]
    """Oldest first, at least one."""
    decisions: tuple[Decision, ...]
    """Oldest first."""
    left: bool
    """Whom it is about no longer takes part."""

    @property
    def latest(self) -> Signal:
        """The signal as it was seen last."""
        return self.occurrences[-1]

    @property
    def decided(self) -> Decision | None:
        """The latest decision, if what was seen has all been decided on."""
        covered = frozenset[str]().union(*(each.occurrences for each in self.decisions))
        return self.decisions[-1] if {each.session for each in self.occurrences} <= covered else None

    @property
    def code(self) -> str:
        """What was decided; empty while it is open."""
        decided = self.decided
        return decided.code if decided is not None else LEFT if self.left else ""

    @property
    def days(self) -> int | None:
        """Whole days from when it was raised to the first decision; None without one or the other."""
        raised = self.occurrences[0].raised
        if not self.decisions or not raised:
            return None
        return max(0, dt.timedelta(seconds=self.decisions[0].time - raised).days)

    def label(self, view: View) -> str:
        """The rule's name, that of a lasting signal from the second session on."""
        rule = view.catalogue.signals[self.latest.rule]
        return (rule.again if len(self.occurrences) > 1 else rule.label)[view.language]


@once
def all_followed(frame: Frame) -> tuple[Followed, ...]:
    """Every signal seen up to this session, in the order of :func:`signals.place_of`."""
    found: list[Followed] = []
    for one in frame.by_group():
        seen: dict[str, list[Signal]] = {}
        for each in one.until():
            for signal in signals(each):
                seen.setdefault(signal.id, []).append(signal)
        decided = _decisions(one)
        for name, occurrences in seen.items():
            person = occurrences[0].person
            left = bool(person) and not frame.state.person(person).active
            found.append(Followed(tuple(occurrences), tuple(decided.get(name, ())), left))
    return tuple(sorted(found, key=lambda each: place_of(frame, each.latest)))


def followed(frame: Frame) -> tuple[Followed, ...]:
    """The signals of a session's page: those it raises, and those of earlier sessions that are not settled.

    Nobody is asked about an earlier one that means nothing in the last session, or whose person has left.
    """
    rules = frame.catalogue.signals
    return tuple(
        each
        for each in all_followed(frame)
        if each.latest.session == frame.session.id
        or (
            each.code not in CLOSING
            and not each.left
            and (rules[each.latest.rule].at_end or frame.session.kind != "final")
        )
    )


def _decisions(frame: Frame) -> dict[str, list[Decision]]:
    """Every decision on the signals of a group by the signal's id, oldest first."""
    decided: dict[str, list[Decision]] = {}
    for each in sorted((*frame.state.decisions, *_in_records(frame)), key=lambda each: each.time):
        decided.setdefault(each.signal, []).append(each)
    return decided


def _in_records(frame: Frame) -> list[Decision]:
    """The decisions in records of a version that asked for them: on all that had been seen until then."""
    found = []
    sessions: set[str] = set()
    for each in frame.until():
        sessions.add(each.session.id)
        for submission in each.submitted():
            for carried, answered in rated(frame.catalogue, submission, "open_signals"):
                code = _IN_RECORDS.get(as_text(answered.get("decision")))
                if code is not None:
                    found.append(
                        Decision(
                            signal=as_text(carried.get("id")),
                            session=each.session.id,
                            occurrences=frozenset(sessions),
                            code=code,
                            note=as_text(answered.get("action")),
                            due="",
                            name=frame.state.person(submission.respondent).name,
                            time=submission.submitted,
                        )
                    )
    return found


@dataclass(frozen=True, slots=True)
class Audit:
    """How signals were dealt with up to a session."""

    raised: int
    decided: int
    unfounded: int
    days: float | None
    """Median of whole days from when a signal was raised to the first decision on it; None: none decided."""
    waiting: int
    """Open, about people who still take part."""


@once
def audit(frame: Frame) -> Audit:
    """How many signals there were, how many were decided on, how soon, and how many were unfounded."""
    found = all_followed(frame)
    decided = [each for each in found if each.decisions]
    days = [each.days for each in found if each.days is not None]
    return Audit(
        raised=len(found),
        decided=len(decided),
        unfounded=sum(each.decisions[-1].code == UNFOUNDED for each in decided),
        days=float(median(days)) if days else None,
        waiting=sum(not each.code for each in found),
    )
