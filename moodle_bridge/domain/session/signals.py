"""Raise early-warning signals: eight rules, amber or red, each said in words with the figures that raised it.

The thresholds are in ``vocabulary.yaml``: defaults of ours, not validated norms. ``mentor`` says whether a
mentor may see a signal: low inclusion and the request to be contacted never reach them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moodle_bridge.domain.course.attendance import forms, people, status_of
from moodle_bridge.domain.course.expectations import own_expectations
from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.goals import Goal, personal_goals
from moodle_bridge.domain.course.lookup import rated, respondent
from moodle_bridge.domain.course.measures import ATTAINED
from moodle_bridge.domain.course.model import as_number, as_text
from moodle_bridge.domain.course.needs import mentees_needs, mentors_needs, person_id
from moodle_bridge.domain.course.weakpoints import Cluster, clusters
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.wording import day, figure, label
from moodle_bridge.domain.session.figures import SCALE, own_met
from moodle_bridge.domain.session.shape import Level
from moodle_bridge.domain.session.view import View

Fact = str | int | float | None
"""What a message may name."""
CLOSING = frozenset({"d_close", "d_false"})


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of one session."""

    id: str
    """Rule, group, person and subject: the same signal in a later session has the same id."""
    rule: str
    level: Level
    session: str
    group: int
    person: int
    """Whom it is about; 0 where it is about the group."""
    subject: str
    """What it is about: a goal, a need, an area; may be empty."""
    cause: str
    """The message that explains it, with ``facts`` filled in."""
    facts: Mapping[str, Fact]
    mentor: bool

    def text(self, view: View) -> str:
        """The explanation in words."""
        facts = {key: _told(view, key, value) for key, value in self.facts.items()}
        return view.say(f"signal_{self.cause}", name=view.name(self.person) if self.person else "", **facts)

    def label(self, view: View) -> str:
        """The rule's name."""
        return view.catalogue.signals[self.rule].label[view.language]


def _told(view: View, key: str, value: Fact) -> str:
    catalogue, language = view.catalogue, view.language
    if key == "need":
        return label(catalogue.codes["need"] + catalogue.codes["mentor_need"], value, language)
    if key == "area":
        return label(catalogue.codes["area"], value, language)
    if key == "level":
        return label(catalogue.scales[SCALE], value, language)
    if key in ("due", "date"):
        return day(str(value), language)
    return figure(value, language) if isinstance(value, float) else str(value)


def _mentees(frame: Frame) -> list[int]:
    """Everyone whose session this is."""
    return [person for _, person in people(frame, "mentee")]


def _signal(
    frame: Frame, rule: str, level: Level, cause: str, person: int = 0, subject: str = "", /, **facts: Fact
) -> Signal:
    """A signal of this session and group."""
    return Signal(
        id=f"{rule}.{frame.group_id}.{person}.{subject}",
        rule=rule,
        level=level,
        session=frame.session.id,
        group=frame.group_id,
        person=person,
        subject=subject,
        cause=cause,
        facts=facts,
        mentor=frame.catalogue.signals[rule].mentor,
    )


@once
def signals(frame: Frame) -> tuple[Signal, ...]:
    """Every signal of a session: red before amber, then by rule and person."""
    rules, state = frame.catalogue.signals, frame.state
    order = list(rules)
    found: list[Signal] = [
        signal
        for one in frame.by_group()
        for name, rule in rules.items()
        for signal in registry.SIGNALS[name](one, **rule.thresholds)
    ]
    found.sort(
        key=lambda s: (s.level != "red", order.index(s.rule), s.group, state.person(s.person).name, s.subject)
    )
    return tuple(found)


def for_mentor(found: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Those a mentor may see."""
    return tuple(signal for signal in found if signal.mentor)


def decisions(frame: Frame) -> dict[str, str]:
    """The latest decision on each signal up to this session's protocol, by the signal's id."""
    decided: dict[str, str] = {}
    for each in frame.until():
        for submission in each.submitted():
            for carried, answered in rated(frame.catalogue, submission, "open_signals"):
                if as_text(answered.get("decision")):
                    decided[as_text(carried.get("id"))] = as_text(answered["decision"])
    return decided


def open_signals(frame: Frame) -> tuple[Signal, ...]:
    """This session's signals, and those of earlier ones that no protocol has closed or found unfounded."""
    current = signals(frame)
    before = frame.before()
    if before is None:
        return current
    closed = {name for name, decision in decisions(before).items() if decision in CLOSING}
    known = {signal.id for signal in current} | closed
    older: dict[str, Signal] = {}
    for each in before.until():
        for signal in signals(each):
            if signal.id not in known:
                older[signal.id] = signal
    return (*current, *older.values())


@registry.SIGNALS("goal_stalled")
def _goal_stalled(frame: Frame, *, due_soon_days: int, later_days: int, drop: int) -> Iterator[Signal]:
    for person in _mentees(frame):
        for goal in personal_goals(frame, person):
            rating = goal.rating(frame.session.id)
            if goal.active and rating is not None and rating.level is not None and rating.level < ATTAINED:
                signal = _stalled(frame, person, goal, due_soon_days, later_days, drop)
                if signal is not None:
                    yield signal


def _stalled(
    frame: Frame, person: int, goal: Goal, due_soon_days: int, later_days: int, drop: int
) -> Signal | None:
    levels = goal.known_levels()
    facts: dict[str, Fact] = {
        "goal": goal.text,
        "levels": " → ".join(str(level) for level in levels),
        "level": levels[-1],
        "due": goal.due_date,
    }
    date = frame.session.date
    rating = goal.rating(frame.session.id)
    put_off = (
        rating is not None and "r_later" in rating.reasons and goal.due_date > _days_after(date, later_days)
    )
    flat = len(levels) >= 3 and levels[-1] <= levels[-2] <= levels[-3] and not put_off
    if levels[-1] <= levels[-2] - drop:
        return _signal(frame, "goal_stalled", "red", "goal_fell", person, goal.id, **facts)
    if _overdue_twice(frame, goal):
        return _signal(frame, "goal_stalled", "red", "goal_overdue", person, goal.id, **facts)
    if flat and goal.due_date and goal.due_date < _days_after(date, due_soon_days):
        return _signal(frame, "goal_stalled", "red", "goal_stalled_due", person, goal.id, **facts)
    if flat:
        return _signal(frame, "goal_stalled", "amber", "goal_stalled", person, goal.id, **facts)
    return None


def _overdue_twice(frame: Frame, goal: Goal) -> bool:
    """Below "attained" after its date in this session and in an earlier one."""
    late = [
        rating
        for rating in goal.ratings
        if rating.level is not None
        and rating.level < ATTAINED
        and goal.due_date
        and goal.due_date < frame.state.session(rating.session).date
    ]
    return len(late) >= 2


def _days_after(date: str, days: int) -> str:
    return (dt.date.fromisoformat(date) + dt.timedelta(days=days)).isoformat()


@registry.SIGNALS("no_response")
def _no_response(frame: Frame) -> Iterator[Signal]:
    now = forms(frame)
    earlier = frame.before()
    before = () if earlier is None else forms(earlier)
    for person in sorted({form.target.person for form in now}):
        own = [form for form in now if form.target.person == person]
        missing = sum(form.status == "missing" for form in own)
        if missing:
            again = status_of(before, person) == "missing"
            yield _signal(
                frame,
                "no_response",
                "red" if again else "amber",
                "no_response_again" if again else "no_response",
                person,
                missing=missing,
                expected=len(own),
            )


@registry.SIGNALS("expectation_low")
def _expectation_low(
    frame: Frame, *, rating: float, importance: float, fall: float, mean: float
) -> Iterator[Signal]:
    for person in _mentees(frame):
        rows = own_expectations(frame, person)
        now = own_met(rows, frame.session)
        if now is None:
            continue
        earlier = [own_met(rows, each) for each in frame.state.until(frame.session)[:-1]]
        before = next((value for value in reversed(earlier) if value is not None), None)
        unmet = [
            row
            for row in rows
            if row.importance >= importance
            and (given := row.rating(frame.session.id)) is not None
            and given <= rating
        ]
        if now <= mean:
            yield _signal(frame, "expectation_low", "red", "expectation_mean", person, mean=now)
        elif unmet:
            yield _signal(
                frame,
                "expectation_low",
                "amber",
                "expectation_unmet",
                person,
                text=unmet[0].text,
                rating=unmet[0].rating(frame.session.id),
            )
        elif before is not None and before - now >= fall:
            yield _signal(
                frame, "expectation_low", "amber", "expectation_fell", person, mean=now, before=before
            )


def _included(frame: Frame) -> dict[int, int]:
    """What each mentee says about feeling part of the group."""
    found = {}
    for submission in frame.submitted():
        value = as_number(submission.answers.get("cl_included"))
        if value is not None and respondent(frame.catalogue, submission) == "mentee":
            found[submission.respondent] = value
    return found


def _about_mentees(frame: Frame, column: str) -> dict[int, list[int]]:
    """What mentors state about each mentee in one column of their rows."""
    found: dict[int, list[int]] = {}
    for submission in frame.submitted():
        for carried, answered in rated(frame.catalogue, submission, "mentees"):
            value, mentee = as_number(answered.get(column)), person_id(as_text(carried.get("id")))
            if value is not None and mentee is not None:
                found.setdefault(mentee, []).append(value)
    return found


@registry.SIGNALS("low_inclusion")
def _low_inclusion(frame: Frame, *, level: float, participation: float) -> Iterator[Signal]:
    earlier = frame.before()
    before = {} if earlier is None else _included(earlier)
    seen = _about_mentees(frame, "participation")
    for person, value in _included(frame).items():
        if value > level:
            continue
        least = min(seen.get(person, []), default=None)
        if least is not None and least <= participation:
            yield _signal(frame, "low_inclusion", "red", "inclusion_seen", person, value=value)
        elif person in before and before[person] <= level:
            yield _signal(
                frame, "low_inclusion", "red", "inclusion_twice", person, value=value, before=before[person]
            )
        else:
            yield _signal(frame, "low_inclusion", "amber", "inclusion", person, value=value)


@registry.SIGNALS("mentor_concern")
def _mentor_concern(frame: Frame, *, watch: int, act: int) -> Iterator[Signal]:
    earlier = frame.before()
    before = {} if earlier is None else _about_mentees(earlier, "concern")
    for person, values in _about_mentees(frame, "concern").items():
        worst = max(values)
        if worst >= act:
            yield _signal(frame, "mentor_concern", "red", "concern_act", person)
        elif worst >= watch:
            again = max(before.get(person, [0])) >= watch
            cause = "concern_twice" if again else "concern"
            yield _signal(frame, "mentor_concern", "red" if again else "amber", cause, person)


@registry.SIGNALS("need_unmet")
def _need_unmet(frame: Frame, *, amber_sessions: int, red_sessions: int) -> Iterator[Signal]:
    named = [_all_needs(each) for each in reversed(frame.until())]
    for person, needs in named[0].items():
        for need in sorted(needs):
            running = 0
            while running < len(named) and need in named[running].get(person, frozenset()):
                running += 1
            if running >= amber_sessions:
                level: Level = "red" if running >= red_sessions else "amber"
                yield _signal(frame, "need_unmet", level, "need", person, need, need=need, sessions=running)


def _all_needs(frame: Frame) -> dict[int, frozenset[str]]:
    """Every need of every mentee (from whichever side) and every mentor's own, in one session."""
    needs = {person: frozenset(row) for person, row in mentees_needs(frame).items()}
    for person, own in mentors_needs(frame).items():
        needs[person] = needs.get(person, frozenset()) | frozenset(own)
    return needs


@registry.SIGNALS("weak_point_persistent")
def _weak_point(
    frame: Frame, *, severity: float, people: int, share: float, mean_severity: float
) -> Iterator[Signal]:
    def is_widespread(cluster: Cluster) -> bool:
        return cluster.people >= max(people, share * cluster.respondents)

    def is_heavy(cluster: Cluster) -> bool:
        return is_widespread(cluster) and cluster.mean_severity >= mean_severity

    earlier = frame.before()
    before = () if earlier is None else clusters(earlier)
    lasting = {each.area for each in before if is_heavy(each)}
    for each in clusters(frame):
        facts: dict[str, Fact] = {"area": each.area, "people": each.people, "respondents": each.respondents}
        if is_heavy(each) and each.area in lasting:
            mean = each.mean_severity
            yield _signal(
                frame, "weak_point_persistent", "red", "weak_lasting", 0, each.area, severity=mean, **facts
            )
        elif each.highest >= severity:
            yield _signal(frame, "weak_point_persistent", "amber", "weak_severe", 0, each.area, **facts)
        elif is_widespread(each):
            yield _signal(frame, "weak_point_persistent", "amber", "weak_widespread", 0, each.area, **facts)


@registry.SIGNALS("contact_request")
def _contact_request(frame: Frame) -> Iterator[Signal]:
    for submission in frame.submitted():
        if submission.answers.get("contact_me") is True:
            yield _signal(frame, "contact_request", "red", "contact", submission.respondent)
