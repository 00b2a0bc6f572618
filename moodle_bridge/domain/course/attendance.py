"""Who is expected to fill in what, and who has answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from moodle_bridge.domain.course.frame import AllGroups, Frame, once
from moodle_bridge.domain.course.goals import personal_goals
from moodle_bridge.domain.course.lookup import respondent
from moodle_bridge.domain.course.model import (
    EVERYBODY,
    Process,
    Session,
    Submission,
    Target,
    is_held,
    is_on,
)
from moodle_bridge.domain.course.openings import is_reached, own_due, sets_no_goals, waits
from moodle_bridge.domain.instrument.model import Instrument

Status = Literal["on_time", "late", "missing", "waiting"]


def offered(frame: Frame) -> Iterator[Target]:
    """Every form that somebody is offered in a session, whether it is open yet or not.

    Forms for everybody together are always among them, whatever the group.
    """
    groups = frame.state.session_groups(frame.session)
    if not frame.together:
        groups = tuple(group for group in groups if group in frame.groups)
    for instrument in frame.instruments.values():
        for group in (EVERYBODY,) if instrument.per == "course" else groups:
            here = frame.in_group(group)
            if is_held(instrument, frame.session):
                people = here.members(instrument.respondent)
            elif _catches_up(frame.state, frame.session, instrument):
                people = tuple(p for p in here.members("mentee") if not _has_earlier_goals(here, p.id))
            else:
                continue
            for person in people:
                target = Target(frame.session.id, group, instrument.id, person.id)
                if instrument.catch_up and _is_done_elsewhere(here, instrument, person.id):
                    continue
                if is_reached(here, target):
                    yield target


def _catches_up(state: Process, session: Session, instrument: Instrument) -> bool:
    """Whether late joiners fill in this first form now: in interim sessions, if it was used at all."""
    if not instrument.catch_up or session.kind != "interim":
        return False
    own = [each for each in state.sessions if each.kind in instrument.sessions]
    return any(is_on(instrument, each) for each in own) if own else instrument.enabled_by_default


def _is_done_elsewhere(frame: Frame, instrument: Instrument, person: int) -> bool:
    """Whether somebody filled in this first form in another session, while this one could still ask for it.

    What was asked for in a session that is closed stays so.
    """
    if frame.session.closed:
        return False
    filled = {
        each.session
        for each in frame.state.history(person, frame.group_id)
        if each.instrument == instrument.id
    }
    return bool(filled) and frame.session.id not in filled


def _has_earlier_goals(frame: Frame, person: int) -> bool:
    earlier = frame.before()
    return earlier is not None and bool(personal_goals(earlier, person))


def is_expected(frame: Frame, target: Target) -> bool:
    """Whether somebody is counted, reminded and missed if this form of the session does not come."""
    session = frame.session
    instrument = frame.instruments[target.instrument]
    person = frame.state.person(target.person)
    if instrument.respondent == "coordinator" or target.person in session.excused:
        return False
    if session.roster is None and not person.active:
        return False
    if person.joined and person.joined > (session.due or session.closed or person.joined):
        return False
    if instrument.opens_when and instrument.opens_when.name == "goals_set":
        own = frame.in_group(target.group)
        return sets_no_goals(frame) or _has_earlier_goals(own, target.person)
    return True


@dataclass(frozen=True, slots=True)
class Form:
    """One expected form and what came of it."""

    target: Target
    submission: Submission | None
    status: Status


@once
def forms(frame: Frame) -> tuple[Form, ...]:
    """The expected forms of mentees and mentors, and those that came although nobody expected them.

    People who have withdrawn count only where they answered. Of a session without groups a group has the
    forms of its members.
    """
    expected = [target for target in offered(frame) if _counts(frame, target) and is_expected(frame, target)]
    known = set(expected)
    for each in frame.submitted():
        target = Target(frame.session.id, each.group, each.instrument, each.respondent)
        if respondent(frame.catalogue, each) in ("mentee", "mentor") and target not in known:
            expected.append(target)
    return tuple(_form(frame, target) for target in expected)


def _counts(frame: Frame, target: Target) -> bool:
    """Whether a form of the session is one of the frame's group."""
    if target.group == frame.group_id:
        return True
    if frame.instruments[target.instrument].per == "course":
        return False
    in_all = isinstance(frame.group, AllGroups)
    return in_all or (frame.together and frame.state.belongs(target.person, frame.group_id))


def _form(frame: Frame, target: Target) -> Form:
    session = frame.session
    submission = frame.state.submission(session.id, target.instrument, target.group, target.person)
    status: Status
    if submission is not None:
        due = own_due(frame, target)
        status = "late" if due and submission.submitted > due else "on_time"
    else:
        status = "missing" if _is_missing(frame, target) else "waiting"
    return Form(target, submission, status)


def _is_missing(frame: Frame, target: Target) -> bool:
    """Tell whether a form is overdue; never before the person's own deadline.

    A form that waits for others has a deadline only once it is open.
    """
    session, state = frame.session, frame.state
    if session.extended(target.person, state.as_of):
        return False
    if session.closed or not waits(frame, target.instrument):
        return state.is_past_due(session)
    due = own_due(frame, target)
    return bool(due) and state.as_of >= due


@once
def is_settled(frame: Frame) -> bool:
    """Whether no expected answer is outstanding, so that a single answer no longer moves the figures.

    In a closed session only people with an extension, or for whom it was opened again, can still answer.
    """
    session, listed = frame.session, forms(frame)
    if not (listed or session.closed):
        return False
    awaited = [form.target.person for form in listed if form.submission is None]
    return not any(session.takes(person, frame.state.as_of) for person in awaited)


def status_of(listed: tuple[Form, ...], person: int) -> Status | None:
    """How a person stands in a session: the worst of their forms; None if nothing is expected of them."""
    return statuses(form for form in listed if form.target.person == person).get(person)


def statuses(listed: Iterable[Form]) -> dict[int, Status]:
    """How everybody stands in a session, in the order of the forms."""
    order: tuple[Status, ...] = ("missing", "waiting", "late", "on_time")
    found: dict[int, Status] = {}
    for form in listed:
        person = form.target.person
        found[person] = min(form.status, found.get(person, "on_time"), key=order.index)
    return found


@once
def people(frame: Frame, role: Literal["mentee", "mentor"]) -> tuple[tuple[int, int], ...]:
    """(group, person) of everyone of a role who belongs to a session: expected, or answered in it."""
    instruments, state = frame.catalogue.instruments, frame.state
    own = [form.target for form in forms(frame) if instruments[form.target.instrument].respondent == role]
    found = {(target.group, target.person) for target in own}
    return tuple(sorted(found, key=lambda one: (one[0], state.person(one[1]).name, one[1])))
