"""When a form opens for somebody within its session, and until when they have time for it.

Some forms wait for others: the group's expectations for those of the others, the mentor's first form for the
mentees' first forms. Once open a form stays open, whoever comes or goes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.goals import personal_goals
from moodle_bridge.domain.course.lookup import goal_tables
from moodle_bridge.domain.course.model import Participant, Session, Target, is_held
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.opening import Opening
from moodle_bridge.domain.instrument.registry import Names

DAY = 86_400
OWN_DAYS = 3
"""Whoever waited for others has at least so many days from the moment on in which the form opened."""

AHEAD_DAYS = 3
"""So many days before the deadline a form opens that waits for most."""

SHARE = (2, 3)
"""Most: two of three."""

TURNS = (-AHEAD_DAYS, *range(OWN_DAYS + 1))
"""Days after a deadline on which forms may open, and own deadlines may have passed."""

WAITING_RULES = frozenset({"submitted_by_all", "submitted_by_others"})


def opening(frame: Frame, target: Target) -> Opening:
    """Whether a form is open within its session (the session's own times are the plugin's business).

    What a coordinator writes is open by their choice; it only says how many have not submitted.
    """
    instrument = frame.instruments[target.instrument]
    rule = instrument.opens_when
    if rule is None:
        return Opening(True, frame.session.opens)
    own = frame.in_group(target.group)
    if instrument.respondent == "coordinator":
        named = rule.parameters["instruments"]
        names = tuple(map(str, named)) if isinstance(named, tuple) else ()
        return Opening(True, frame.session.opens, waits_for=_missing(own, names))
    return registry.OPENINGS[rule.name](own, target.person, **rule.parameters)


def own_due(frame: Frame, target: Target) -> int:
    """The deadline of one person's form, 0 for none: a form that opened late is due later."""
    due = frame.session.due_of(target.person)
    if not due or not waits(frame, target.instrument):
        return due
    gate = opening(frame, target)
    return max(due, gate.opened + OWN_DAYS * DAY) if gate.is_open else 0


def waits(frame: Frame, instrument: str) -> bool:
    """Whether an instrument waits for the forms of others before it opens."""
    found = frame.instruments[instrument]
    return (
        found.respondent != "coordinator"
        and found.opens_when is not None
        and found.opens_when.name in WAITING_RULES
    )


def is_reached(frame: Frame, target: Target) -> bool:
    """Whether a form concerns somebody; one that waits for others had to open before the session closed."""
    gate = opening(frame, target)
    if not gate.concerns:
        return False
    if not frame.session.closed or not waits(frame, target.instrument):
        return True
    if frame.session.extended(target.person, frame.state.as_of):
        return True
    return gate.is_open and gate.opened < frame.session.closed


def sets_no_goals(frame: Frame) -> bool:
    """Whether the course has switched off every form in which first goals are set.

    A form that opens once there are goals is no such form.
    """
    return not any(
        is_held(instrument, session)
        and any(goal_tables(instrument, "specific", "personal"))
        and not (instrument.opens_when and instrument.opens_when.name == "goals_set")
        for session in frame.state.sessions
        for instrument in frame.at(session).instruments.values()
    )


@registry.OPENINGS("goals_set")
def _goals_set(frame: Frame, person: int) -> Opening:
    if personal_goals(frame, person) or sets_no_goals(frame):
        return Opening(True, frame.session.opens)
    return Opening(False, reason="waiting_goals")


@registry.OPENINGS("submitted_by_all")
def _submitted_by_all(frame: Frame, person: int, *, instruments: Names) -> Opening:
    """Two of three people have submitted all these forms, or three days before the deadline."""
    asked = _asked(frame, instruments)
    done = _done(frame, instruments)
    session, now = frame.session, frame.state.as_of
    latest = max(session.opens, session.due - AHEAD_DAYS * DAY) if session.due else 0
    since = _since(session, done, asked, _most)
    if latest and latest <= now:
        since = latest if since is None else min(since, latest)
    if since is not None:
        return Opening(True, since, waits_for=_missing(frame, instruments))
    wanted = max(1, _most(len(asked)) - len(done))
    return Opening(False, reason="waiting_most", waits_for=wanted, latest=latest)


@registry.OPENINGS("submitted_by_others")
def _submitted_by_others(
    frame: Frame, person: int, *, instrument: str, at_least: int, after_deadline: int
) -> Opening:
    """All others in the group have submitted, or ``at_least``; after the deadline ``after_deadline``."""
    others = [each for each in _asked(frame, (instrument,)) if each.id != person]
    done = [(time, each) for time, each in _done(frame, (instrument,)) if each != person]
    if not others:
        return Opening(False, reason="waiting_others", concerns=False)
    session, now = frame.session, frame.state.as_of
    since = _since(session, done, others, lambda count: min(at_least, count))
    if session.due and session.due <= now and len(done) >= after_deadline:
        late = max(session.due, done[after_deadline - 1][0])
        since = late if since is None else min(since, late)
    if since is not None:
        return Opening(True, since)
    return Opening(
        False,
        reason="waiting_others",
        waits_for=max(1, min(at_least, len(others)) - len(done)),
        latest=session.due,
    )


def _most(count: int) -> int:
    """The least number that is two of three."""
    share, of = SHARE
    return -(-count * share // of)


def _since(
    session: Session,
    done: Iterable[tuple[int, int]],
    asked: Iterable[Participant],
    needed: Callable[[int], int],
) -> int | None:
    """The first moment at which so many had submitted as were needed of those who had come by then."""
    came = sorted(each.joined for each in asked)
    if not came:
        return session.opens
    for count, (moment, _) in enumerate(done, start=1):
        if count >= max(1, needed(max(count, bisect_right(came, moment)))):
            return moment
    return None


@once
def _asked(frame: Frame, instruments: Names) -> tuple[Participant, ...]:
    """Everybody of whom any of these forms is expected in the session, and who has submitted one."""
    named = [frame.instruments[name] for name in instruments if name in frame.instruments]
    on = [each for each in named if is_held(each, frame.session)]
    session, state = frame.session, frame.state
    last = session.due or session.closed
    people = {
        person.id: person
        for group in frame.groups
        for instrument in on
        for person in state.enrolled(session, group, instrument.respondent)
        if not (last and person.joined > last) and person.id not in session.excused
    }
    written = {each.respondent for each in frame.submitted() if each.instrument in instruments}
    return tuple((people | {each: state.person(each) for each in written - people.keys()}).values())


def _missing(frame: Frame, instruments: Names) -> int:
    """How many people have not submitted."""
    return len(
        {each.id for each in _asked(frame, instruments)} - {each for _, each in _done(frame, instruments)}
    )


@once
def _done(frame: Frame, instruments: Names) -> tuple[tuple[int, int], ...]:
    """When everybody's form came first (not a later version of it), and whose it is, in the order of time."""
    own = {(each.instrument, each.group, each.respondent) for each in frame.submitted()}
    first: dict[tuple[str, int, int], int] = {}
    for each in frame.state.submissions:
        key = (each.instrument, each.group, each.respondent)
        if each.session == frame.session.id and each.instrument in instruments and key in own:
            first[key] = min(each.submitted, first.get(key, each.submitted))
    times: dict[int, int] = {}
    for (_, _, person), moment in first.items():
        times[person] = max(moment, times.get(person, 0))
    return tuple(sorted((moment, person) for person, moment in times.items()))
