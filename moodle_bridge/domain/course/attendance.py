"""Who is expected to fill in what, what is open yet, and who has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from moodle_bridge.domain.course.goals import personal_goals
from moodle_bridge.domain.course.lookup import goal_tables
from moodle_bridge.domain.course.model import Participant, Process, Session, Submission, Target, is_on, once
from moodle_bridge.domain.instrument.model import Catalogue, Instrument

Status = Literal["on_time", "late", "missing", "waiting"]
_WAITING_RULES = frozenset({"submitted_by_all", "submitted_by_others"})


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a form can be filled in, and if not, the message that says why."""

    is_open: bool
    reason: str = ""


def offered(
    catalogue: Catalogue, state: Process, session: Session, only: tuple[int, ...] | None = None
) -> Iterator[Target]:
    """Every form that somebody is offered in a session, whether it is open yet or not.

    ``only`` limits it to some groups; forms for everybody together are always among them.
    """
    places = state.places(session)
    if only is not None and places != (0,):
        places = tuple(group for group in places if group in only)
    for instrument in catalogue.instruments.values():
        groups = (0,) if instrument.per == "course" else places
        for group in groups:
            if is_held(catalogue, state, session, instrument):
                people = state.members(group, instrument.respondent)
            elif _catches_up(state, session, instrument):
                members = state.members(group, "mentee")
                people = tuple(
                    p for p in members if not _has_earlier_goals(catalogue, state, p, group, session)
                )
            else:
                continue
            for person in people:
                yield Target(session.id, group, instrument.id, person.id)


def is_held(catalogue: Catalogue, state: Process, session: Session, instrument: Instrument) -> bool:
    """Whether the instrument is one of this kind of session and switched on."""
    return session.kind in instrument.sessions and is_on(instrument, session)


def _catches_up(state: Process, session: Session, instrument: Instrument) -> bool:
    """Whether late joiners fill in this first form now: in interim sessions, if it was used at all."""
    if not instrument.catch_up or session.kind != "interim":
        return False
    own = [each for each in state.sessions if each.kind in instrument.sessions]
    return any(is_on(instrument, each) for each in own) if own else instrument.enabled_by_default


def _has_earlier_goals(
    catalogue: Catalogue, state: Process, person: Participant, group: int, session: Session
) -> bool:
    earlier = state.before(session)
    return earlier is not None and bool(personal_goals(catalogue, state, person.id, group, earlier))


def is_expected(catalogue: Catalogue, state: Process, target: Target) -> bool:
    """Whether somebody is counted, reminded and missed if this form does not come."""
    session = state.session(target.session)
    instrument = catalogue.instruments[target.instrument]
    person = state.person(target.person)
    if instrument.respondent == "coordinator" or not person.active:
        return False
    if person.joined and person.joined > (session.due or session.closed or person.joined):
        return False
    if instrument.opens_when.get("rule") == "goals_set":
        return _sets_no_goals(catalogue, state) or _has_earlier_goals(
            catalogue, state, person, target.group, session
        )
    if instrument.opens_when.get("rule") == "submitted_by_others":
        return opening(catalogue, state, target).is_open
    return True


def _sets_no_goals(catalogue: Catalogue, state: Process) -> bool:
    """Whether the course has switched off every form in which goals are set."""
    setting = [i for i in catalogue.instruments.values() if any(goal_tables(i, "specific", "personal"))]
    return not any(is_on(i, s) and s.kind in i.sessions for i in setting for s in state.sessions)


def opening(catalogue: Catalogue, state: Process, target: Target) -> Opening:
    """Whether a form is open within its session (the session's own times are the plugin's business)."""
    rule = catalogue.instruments[target.instrument].opens_when
    if not rule:
        return Opening(True)
    return OPENINGS[rule["rule"]](catalogue, state, target, rule)


def _goals_set(catalogue: Catalogue, state: Process, target: Target, rule: Mapping[str, Any]) -> Opening:
    session = state.session(target.session)
    if personal_goals(catalogue, state, target.person, target.group, session):
        return Opening(True)
    return Opening(_sets_no_goals(catalogue, state), "waiting_goals")


def _submitted_by_all(
    catalogue: Catalogue, state: Process, target: Target, rule: Mapping[str, Any]
) -> Opening:
    session = state.session(target.session)
    if state.is_past_due(session):
        return Opening(True)
    groups = state.places(session) if target.group == 0 else (target.group,)
    named = [i for i in map(catalogue.instruments.__getitem__, rule["instruments"]) if is_on(i, session)]
    complete = all(
        state.submission(session.id, instrument.id, group, person.id) is not None
        for instrument in named
        for group in groups
        for person in state.members(group, instrument.respondent)
    )
    return Opening(complete, "waiting_all")


def _submitted_by_others(
    catalogue: Catalogue, state: Process, target: Target, rule: Mapping[str, Any]
) -> Opening:
    session = state.session(target.session)
    respondents = _respondents(catalogue, state, session.id, target.group, rule["instrument"])
    others = len(respondents - {target.person})
    wanted = rule["after_deadline"] if state.is_past_due(session) else rule["at_least"]
    return Opening(others >= wanted, "waiting_others")


@once
def _respondents(
    catalogue: Catalogue, state: Process, session: str, group: int, instrument: str
) -> frozenset[int]:
    return frozenset(e.respondent for e in state.submitted(session, group) if e.instrument == instrument)


OPENINGS: Mapping[str, Callable[[Catalogue, Process, Target, Mapping[str, Any]], Opening]] = {
    "goals_set": _goals_set,
    "submitted_by_all": _submitted_by_all,
    "submitted_by_others": _submitted_by_others,
}


@dataclass(frozen=True, slots=True)
class Form:
    """One expected form and what came of it."""

    target: Target
    submission: Submission | None
    status: Status


@once
def forms(catalogue: Catalogue, state: Process, session: Session, group: int) -> tuple[Form, ...]:
    """The expected forms of mentees and mentors, and those that came although nobody expected them.

    People who have withdrawn count only where they answered. ``group`` 0 in a course with groups: all. Of a
    session without groups a group has the forms of its members.
    """
    together = state.places(session) == (0,) and group != 0
    wanted = [
        target
        for target in offered(catalogue, state, session, (group,) if group else None)
        if target.group == group
        or (
            catalogue.instruments[target.instrument].per == "group"
            and (group == 0 or (together and state.belongs(target.person, group)))
        )
    ]
    expected = [target for target in wanted if is_expected(catalogue, state, target)]
    known = set(expected)
    for each in state.submitted(session.id, group):
        target = Target(session.id, each.group, each.instrument, each.respondent)
        instrument = catalogue.instruments.get(each.instrument)
        if instrument is not None and instrument.respondent != "coordinator" and target not in known:
            expected.append(target)
    return tuple(_form(catalogue, state, session, target) for target in expected)


def _form(catalogue: Catalogue, state: Process, session: Session, target: Target) -> Form:
    submission = state.submission(session.id, target.instrument, target.group, target.person)
    status: Status
    if submission is not None:
        due = session.due_of(target.person)
        status = "late" if due and submission.submitted > due else "on_time"
    else:
        status = "missing" if _is_missing(catalogue, state, session, target) else "waiting"
    return Form(target, submission, status)


def _is_missing(catalogue: Catalogue, state: Process, session: Session, target: Target) -> bool:
    """A form that may open only at the deadline is missing only once the session is closed.

    Nothing is missing of a person as long as their own deadline is still to come.
    """
    if session.extended(target.person, state.as_of):
        return False
    waits = catalogue.instruments[target.instrument].opens_when.get("rule") in _WAITING_RULES
    return bool(session.closed) or (state.is_past_due(session) and not waits)


@once
def is_settled(catalogue: Catalogue, state: Process, session: Session, group: int) -> bool:
    """Whether no expected answer is still to come: figures no longer move with a single answer.

    Of a closed session one is still to come from whoever has more time.
    """
    listed = forms(catalogue, state, session, group)
    awaited = [form for form in listed if form.submission is None]
    if session.closed:
        return not any(session.extended(form.target.person, state.as_of) for form in awaited)
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
def people(
    catalogue: Catalogue, state: Process, session: Session, group: int, role: Literal["mentee", "mentor"]
) -> tuple[tuple[int, int], ...]:
    """(group, person) of everyone of a role who belongs to a session: expected, or answered in it."""
    listed = forms(catalogue, state, session, group)
    own = [form.target for form in listed if catalogue.instruments[form.target.instrument].respondent == role]
    found = {(target.group, target.person) for target in own}
    return tuple(sorted(found, key=lambda place: (place[0], state.person(place[1]).name, place[1])))
