"""Who is expected to fill in what, what is open yet, and who has answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from moodle_bridge.domain.course.frame import AllGroups, Frame, once
from moodle_bridge.domain.course.goals import personal_goals
from moodle_bridge.domain.course.lookup import goal_tables, respondent
from moodle_bridge.domain.course.model import EVERYBODY, Process, Session, Submission, Target, is_on
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Instrument
from moodle_bridge.domain.instrument.registry import Names

Status = Literal["on_time", "late", "missing", "waiting"]
_WAITING_RULES = frozenset({"submitted_by_all", "submitted_by_others"})


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a form can be filled in, and if not, the message that says why."""

    is_open: bool
    reason: str = ""


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
                yield Target(frame.session.id, group, instrument.id, person.id)


def is_held(instrument: Instrument, session: Session) -> bool:
    """Whether the instrument is one of this kind of session and switched on."""
    return session.kind in instrument.sessions and is_on(instrument, session)


def _catches_up(state: Process, session: Session, instrument: Instrument) -> bool:
    """Whether late joiners fill in this first form now: in interim sessions, if it was used at all."""
    if not instrument.catch_up or session.kind != "interim":
        return False
    own = [each for each in state.sessions if each.kind in instrument.sessions]
    return any(is_on(instrument, each) for each in own) if own else instrument.enabled_by_default


def _has_earlier_goals(frame: Frame, person: int) -> bool:
    earlier = frame.before()
    return earlier is not None and bool(personal_goals(earlier, person))


def is_expected(frame: Frame, target: Target) -> bool:
    """Whether somebody is counted, reminded and missed if this form of the session does not come."""
    session = frame.session
    instrument = frame.instruments[target.instrument]
    person = frame.state.person(target.person)
    if instrument.respondent == "coordinator" or not person.active:
        return False
    if person.joined and person.joined > (session.due or session.closed or person.joined):
        return False
    rule = instrument.opens_when.name if instrument.opens_when else ""
    if rule == "goals_set":
        own = frame.in_group(target.group)
        return _sets_no_goals(frame) or _has_earlier_goals(own, target.person)
    if rule == "submitted_by_others":
        return opening(frame, target).is_open
    return True


def _sets_no_goals(frame: Frame) -> bool:
    """Whether the course has switched off every form in which goals are set."""
    return not any(
        is_held(instrument, session) and any(goal_tables(instrument, "specific", "personal"))
        for session in frame.state.sessions
        for instrument in frame.at(session).instruments.values()
    )


def opening(frame: Frame, target: Target) -> Opening:
    """Whether a form is open within its session (the session's own times are the plugin's business)."""
    rule = frame.instruments[target.instrument].opens_when
    if rule is None:
        return Opening(True)
    reason = registry.OPENINGS[rule.name](frame.in_group(target.group), target.person, **rule.parameters)
    return Opening(not reason, reason)


@registry.OPENINGS("goals_set")
def _goals_set(frame: Frame, person: int) -> str:
    return "" if personal_goals(frame, person) or _sets_no_goals(frame) else "waiting_goals"


@registry.OPENINGS("submitted_by_all")
def _submitted_by_all(frame: Frame, person: int, *, instruments: Names) -> str:
    state, session = frame.state, frame.session
    if state.is_past_due(session):
        return ""
    named = [frame.instruments[name] for name in instruments if name in frame.instruments]
    complete = all(
        state.submission(session.id, instrument.id, group, member.id) is not None
        for instrument in named
        if is_on(instrument, session)
        for group in frame.groups
        for member in state.members(group, instrument.respondent)
    )
    return "" if complete else "waiting_all"


@registry.OPENINGS("submitted_by_others")
def _submitted_by_others(
    frame: Frame, person: int, *, instrument: str, at_least: int, after_deadline: int
) -> str:
    others = len(_respondents(frame, instrument) - {person})
    wanted = after_deadline if frame.state.is_past_due(frame.session) else at_least
    return "" if others >= wanted else "waiting_others"


@once
def _respondents(frame: Frame, instrument: str) -> frozenset[int]:
    return frozenset(each.respondent for each in frame.submitted() if each.instrument == instrument)


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
        due = session.due_of(target.person)
        status = "late" if due and submission.submitted > due else "on_time"
    else:
        status = "missing" if _is_missing(frame, target) else "waiting"
    return Form(target, submission, status)


def _is_missing(frame: Frame, target: Target) -> bool:
    """A form that may open only at the deadline is missing only once the session is closed.

    Nothing is missing of a person as long as their own deadline is still to come.
    """
    session, state = frame.session, frame.state
    if session.extended(target.person, state.as_of):
        return False
    rule = frame.instruments[target.instrument].opens_when
    waits = rule is not None and rule.name in _WAITING_RULES
    return bool(session.closed) or (state.is_past_due(session) and not waits)


@once
def is_settled(frame: Frame) -> bool:
    """Whether no expected answer is still to come: figures no longer move with a single answer.

    Of a closed session one is still to come from whoever has more time.
    """
    listed = forms(frame)
    awaited = [form for form in listed if form.submission is None]
    if frame.session.closed:
        return not any(frame.session.extended(form.target.person, frame.state.as_of) for form in awaited)
    return bool(listed) and not awaited


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
