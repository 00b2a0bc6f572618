"""The rules that raise early-warning signals, amber or red, each with the figures and the answer behind it.

The thresholds are in ``vocabulary.yaml``: defaults of ours, not validated norms.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from moodle_bridge.domain.course.attendance import forms, people, status_of
from moodle_bridge.domain.course.expectations import own_expectations
from moodle_bridge.domain.course.frame import Frame
from moodle_bridge.domain.course.goals import Goal, personal_goals
from moodle_bridge.domain.course.lookup import carried_tables, form_of, items_of, rated, respondent
from moodle_bridge.domain.course.measures import ATTAINED
from moodle_bridge.domain.course.model import Submission, as_number, as_text, rows
from moodle_bridge.domain.course.needs import mentees_needs, mentors_needs, person_id
from moodle_bridge.domain.course.openings import own_due
from moodle_bridge.domain.course.weakpoints import Cluster, clusters
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.model import Item
from moodle_bridge.domain.session.figures import own_met
from moodle_bridge.domain.session.shape import Level
from moodle_bridge.domain.session.signals import Fact, Signal, Source

NOTHING_MORE: Mapping[str, Fact] = MappingProxyType({})

NO_LONGER_RELEVANT = "r_priority"
"""The reason with which giving up a goal is no sign of a problem."""


def _signal(
    frame: Frame,
    rule: str,
    level: Level,
    cause: str,
    source: Source | None,
    person: int = 0,
    subject: str = "",
    *,
    facts: Mapping[str, Fact] = NOTHING_MORE,
    known: int = 0,
) -> Signal:
    """A signal of this session and group; ``known`` since when, where no answer says so."""
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
        raised=source.submission.submitted if source else known,
        source=source,
    )


def _mentees(frame: Frame) -> list[int]:
    """Everyone whose session this is."""
    return [person for _, person in people(frame, "mentee")]


def _running(frame: Frame, holds: Callable[[Frame], bool]) -> int:
    """Count the sessions in a row, up to this one, in which something holds."""
    number = 0
    for each in reversed(frame.until()):
        if not holds(each):
            break
        number += 1
    return number


def _rating(frame: Frame, person: int, source: str) -> Source | None:
    """The person's form of this session that rates rows of that source."""
    for submission in frame.submitted():
        instrument = form_of(frame.catalogue, submission)
        if submission.respondent == person and instrument is not None:
            for table in carried_tables(instrument, source):
                return Source(submission, table.id)
    return None


def _answering(frame: Frame, person: int, item: str) -> Source | None:
    """The person's form of this session that answers an item."""
    for submission in frame.submitted():
        if submission.respondent == person and item in submission.answers:
            return Source(submission, item)
    return None


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
        "sessions": _flat_for(levels),
    }
    date = frame.session.date
    rating = goal.rating(frame.session.id)
    put_off = (
        rating is not None and "r_later" in rating.reasons and goal.due_date > _days_after(date, later_days)
    )
    flat = _flat_for(levels) >= 2 and not put_off
    source = _rating(frame, person, "own_goals")

    def stalled(level: Level, cause: str) -> Signal:
        return _signal(frame, "goal_stalled", level, cause, source, person, goal.id, facts=facts)

    if levels[-1] <= levels[-2] - drop:
        return stalled("red", "goal_fell")
    if _overdue_twice(frame, goal):
        return stalled("red", "goal_overdue")
    if flat and goal.due_date and goal.due_date < date:
        return stalled("red", "goal_stalled_late")
    if flat and goal.due_date and goal.due_date < _days_after(date, due_soon_days):
        return stalled("red", "goal_stalled_due")
    return stalled("amber", "goal_stalled") if flat else None


def _flat_for(levels: tuple[int, ...]) -> int:
    """Over how many ratings running a goal has not gained a step."""
    number = 0
    for earlier, later in zip(reversed(levels[:-1]), reversed(levels[1:]), strict=True):
        if later > earlier:
            break
        number += 1
    return number


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


@registry.SIGNALS("goal_given_up")
def _goal_given_up(frame: Frame) -> Iterator[Signal]:
    """A goal that no longer matters may be given up; any other reason is a problem."""
    for person in _mentees(frame):
        for goal in personal_goals(frame, person):
            rating = goal.rating(frame.session.id)
            given_up = goal.dropped_in == frame.session.id and rating is not None
            if given_up and rating is not None and NO_LONGER_RELEVANT not in rating.reasons:
                levels = " → ".join(str(level) for level in goal.known_levels())
                source = _rating(frame, person, "own_goals")
                facts: dict[str, Fact] = {"goal": goal.text, "levels": levels}
                yield _signal(
                    frame, "goal_given_up", "amber", "goal_given_up", source, person, goal.id, facts=facts
                )


@registry.SIGNALS("no_response")
def _no_response(frame: Frame) -> Iterator[Signal]:
    now = forms(frame)
    for person in sorted({form.target.person for form in now}):
        own = [form for form in now if form.target.person == person]
        late = [form.target for form in own if form.status == "missing"]
        if late:
            running = _missing_for(frame, person)
            level: Level = "red" if running >= 2 else "amber"
            cause = "no_response_again" if running >= 2 else "no_response"
            due = [moment for target in late if (moment := own_due(frame, target) or frame.session.closed)]
            facts: dict[str, Fact] = {"missing": len(late), "expected": len(own), "sessions": running}
            yield _signal(
                frame, "no_response", level, cause, None, person, known=min(due, default=0), facts=facts
            )


def _missing_for(frame: Frame, person: int) -> int:
    """Count the sessions in a row in which a form of the person is missing."""
    return _running(frame, lambda each: status_of(forms(each), person) == "missing")


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
        source = _rating(frame, person, "own_expectations")
        if now <= mean:
            yield _signal(
                frame, "expectation_low", "red", "expectation_mean", source, person, facts={"mean": now}
            )
        elif unmet:
            facts: dict[str, Fact] = {"quote": unmet[0].text, "rating": unmet[0].rating(frame.session.id)}
            yield _signal(frame, "expectation_low", "amber", "expectation_unmet", source, person, facts=facts)
        elif before is not None and before - now >= fall:
            facts = {"mean": now, "before": before}
            yield _signal(frame, "expectation_low", "amber", "expectation_fell", source, person, facts=facts)


@registry.SIGNALS("self_fell")
def _self_fell(frame: Frame, *, drop: int) -> Iterator[Signal]:
    """A mentee rates the own self far lower than the last time: the question with the deepest fall."""
    for person in _mentees(frame):
        fell: list[tuple[int, Source, dict[str, Fact]]] = []
        for submission in frame.submitted():
            if submission.respondent != person:
                continue
            for item in _self_ratings(frame, submission):
                value = as_number(submission.answers.get(item.id))
                before = _last_answer(frame, person, item.id)
                if value is not None and before is not None and before - value >= drop:
                    facts: dict[str, Fact] = {"before": before, "value": value}
                    fell.append((before - value, Source(submission, item.id), facts))
        if fell:
            _, source, facts = max(fell, key=lambda each: each[0])
            yield _signal(frame, "self_fell", "amber", "self_fell", source, person, facts=facts)


def _self_ratings(frame: Frame, submission: Submission) -> Iterator[Item]:
    """The questions of a form in which people assess themselves on five steps."""
    for item in items_of(frame.catalogue, submission):
        steps = sum(isinstance(option.value, int) for option in item.options)
        if item.id.startswith("sa_") and steps == 5:
            yield item


def _last_answer(frame: Frame, person: int, item: str) -> int | None:
    """What the person answered to an item the last time before this session."""
    earlier = frame.before()
    history = () if earlier is None else earlier.history(person)
    known = [value for each in history if (value := as_number(each.answers.get(item))) is not None]
    return known[-1] if known else None


def _said(frame: Frame, item: str) -> dict[int, int]:
    """What each mentee answers to a scale in this session."""
    found = {}
    for submission in frame.submitted():
        value = as_number(submission.answers.get(item))
        if value is not None and respondent(frame.catalogue, submission) == "mentee":
            found[submission.respondent] = value
    return found


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a mentor states about a mentee in one column."""

    value: int
    source: Source


def _about_mentees(frame: Frame, column: str) -> dict[int, list[_Seen]]:
    """What mentors state about each mentee in one column of their rows."""
    found: dict[int, list[_Seen]] = {}
    for submission in frame.submitted():
        instrument = form_of(frame.catalogue, submission)
        tables = carried_tables(instrument, "mentees") if instrument is not None else ()
        item = next((table.id for table in tables), "")
        for carried, answered in rated(frame.catalogue, submission, "mentees"):
            value, mentee = as_number(answered.get(column)), person_id(as_text(carried.get("id")))
            if value is not None and mentee is not None:
                found.setdefault(mentee, []).append(_Seen(value, Source(submission, item)))
    return found


def _least(seen: list[_Seen]) -> _Seen | None:
    return min(seen, key=lambda each: each.value, default=None)


@registry.SIGNALS("low_inclusion")
def _low_inclusion(frame: Frame, *, level: float, participation: float) -> Iterator[Signal]:
    seen = _about_mentees(frame, "participation")
    for person, value in _said(frame, "cl_included").items():
        if value > level:
            continue
        source = _answering(frame, person, "cl_included")
        least = _least(seen.get(person, []))
        running = _low_for(frame, person, "cl_included", level)
        if least is not None and least.value <= participation:
            facts: dict[str, Fact] = {"value": value, "seen": least.value}
            yield _signal(frame, "low_inclusion", "red", "inclusion_seen", source, person, facts=facts)
        elif running >= 2:
            facts = {"value": value, "sessions": running}
            yield _signal(frame, "low_inclusion", "red", "inclusion_again", source, person, facts=facts)
        else:
            yield _signal(
                frame, "low_inclusion", "amber", "inclusion", source, person, facts={"value": value}
            )


@registry.SIGNALS("support_low")
def _support_low(frame: Frame, *, level: float) -> Iterator[Signal]:
    for person, value in _said(frame, "mentor_support").items():
        if value <= level:
            source = _answering(frame, person, "mentor_support")
            running = _low_for(frame, person, "mentor_support", level)
            if running >= 2:
                facts: dict[str, Fact] = {"value": value, "sessions": running}
                yield _signal(frame, "support_low", "red", "support_again", source, person, facts=facts)
            else:
                yield _signal(
                    frame, "support_low", "amber", "support", source, person, facts={"value": value}
                )


def _low_for(frame: Frame, person: int, item: str, level: float) -> int:
    """Count the sessions in a row in which the person answers at most that."""
    return _running(frame, lambda each: _said(each, item).get(person, level + 1) <= level)


@registry.SIGNALS("mentor_concern")
def _mentor_concern(frame: Frame, *, watch: int, act: int) -> Iterator[Signal]:
    for person, seen in _about_mentees(frame, "concern").items():
        worst = max(seen, key=lambda each: each.value)
        if worst.value >= act:
            yield _signal(frame, "mentor_concern", "red", "concern_act", worst.source, person)
        elif worst.value >= watch:
            running = _seen_for(frame, person, "concern", at_least=watch)
            if running >= 2:
                yield _signal(
                    frame,
                    "mentor_concern",
                    "red",
                    "concern_again",
                    worst.source,
                    person,
                    facts={"sessions": running},
                )
            else:
                yield _signal(frame, "mentor_concern", "amber", "concern", worst.source, person)


def _seen_for(
    frame: Frame, person: int, column: str, *, at_least: float = -math.inf, at_most: float = math.inf
) -> int:
    """Count the sessions in a row in which a mentor states such a value about a mentee."""

    def holds(each: Frame) -> bool:
        seen = _about_mentees(each, column).get(person, [])
        return any(at_least <= one.value <= at_most for one in seen)

    return _running(frame, holds)


@registry.SIGNALS("falling_behind")
def _falling_behind(frame: Frame, *, participation: float, pace: float) -> Iterator[Signal]:
    """A mentor states that somebody hardly takes part, or is well behind."""
    for column, fact, level in (("participation", "seen", participation), ("pace", "pace", pace)):
        for person, seen in _about_mentees(frame, column).items():
            least = _least(seen)
            if least is None or least.value > level:
                continue
            running = _seen_for(frame, person, column, at_most=level)
            facts: dict[str, Fact] = {fact: least.value}
            cause = f"behind_{column}"
            if running >= 2:
                facts["sessions"] = running
                cause = f"behind_{column}_again"
            degree: Level = "red" if running >= 2 else "amber"
            yield _signal(frame, "falling_behind", degree, cause, least.source, person, column, facts=facts)


@registry.SIGNALS("help_needed")
def _help_needed(frame: Frame) -> Iterator[Signal]:
    """A mentor asks the coordinator for help with a weak point."""
    for submission in frame.submitted():
        if respondent(frame.catalogue, submission) != "mentor":
            continue
        asked: dict[str, list[str]] = {}
        for row in rows(submission.answers, "weak_points"):
            if row.get("help_needed") is True:
                asked.setdefault(as_text(row.get("area")), []).append(as_text(row.get("text")).strip())
        for area, texts in asked.items():
            facts: dict[str, Fact] = {"area": area, "quote": "; ".join(text for text in texts if text)}
            source = Source(submission, "weak_points")
            yield _signal(
                frame, "help_needed", "red", "help_needed", source, submission.respondent, area, facts=facts
            )


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
                source = _naming(frame, person)
                facts: dict[str, Fact] = {"need": need, "sessions": running}
                yield _signal(frame, "need_unmet", level, "need", source, person, need, facts=facts)


def _all_needs(frame: Frame) -> dict[int, frozenset[str]]:
    """Every need of every mentee (from whichever side) and every mentor's own, in one session."""
    needs = {person: frozenset(row) for person, row in mentees_needs(frame).items()}
    for person, own in mentors_needs(frame).items():
        needs[person] = needs.get(person, frozenset()) | frozenset(own)
    return needs


def _naming(frame: Frame, person: int) -> Source | None:
    """The answer in which a person's needs are named: the own one, else the mentor's about them."""
    for item in ("needs_now", "mentor_needs"):
        own = _answering(frame, person, item)
        if own is not None:
            return own
    for submission in frame.submitted():
        instrument = form_of(frame.catalogue, submission)
        tables = list(carried_tables(instrument, "mentees")) if instrument is not None else []
        if tables and any(
            person_id(as_text(carried.get("id"))) == person and "needs" in answered
            for carried, answered in rated(frame.catalogue, submission, "mentees")
        ):
            return Source(submission, tables[0].id)
    return None


@registry.SIGNALS("weak_point_persistent")
def _weak_point(
    frame: Frame, *, severity: float, people: int, share: float, mean_severity: float
) -> Iterator[Signal]:
    def is_widespread(cluster: Cluster) -> bool:
        return cluster.people >= max(people, share * cluster.respondents)

    def is_heavy(cluster: Cluster) -> bool:
        return is_widespread(cluster) and cluster.mean_severity >= mean_severity

    def is_heavy_in(area: str) -> Callable[[Frame], bool]:
        return lambda one: any(cluster.area == area and is_heavy(cluster) for cluster in clusters(one))

    for each in clusters(frame):
        heavy = 0 if not is_heavy(each) else _running(frame, is_heavy_in(each.area))
        facts: dict[str, Fact] = {"area": each.area, "people": each.people, "respondents": each.respondents}
        source = _heaviest(frame, each.area)
        if heavy >= 2:
            facts |= {"severity": each.mean_severity, "sessions": heavy}
            yield _signal(
                frame, "weak_point_persistent", "red", "weak_lasting", source, 0, each.area, facts=facts
            )
        elif each.highest >= severity:
            yield _signal(
                frame, "weak_point_persistent", "amber", "weak_severe", source, 0, each.area, facts=facts
            )
        elif is_widespread(each):
            yield _signal(
                frame, "weak_point_persistent", "amber", "weak_widespread", source, 0, each.area, facts=facts
            )


def _heaviest(frame: Frame, area: str) -> Source | None:
    """The form that names an area as the gravest; of several alike the first."""
    found: list[tuple[int, int, Submission]] = []
    for submission in frame.submitted():
        for row in rows(submission.answers, "weak_points"):
            if as_text(row.get("area")) == area:
                found.append((-(as_number(row.get("severity")) or 1), submission.submitted, submission))
    if not found:
        return None
    return Source(min(found, key=lambda each: each[:2])[2], "weak_points")


@registry.SIGNALS("contact_request")
def _contact_request(frame: Frame) -> Iterator[Signal]:
    for submission in frame.submitted():
        if submission.answers.get("contact_me") is True:
            source = Source(submission, "contact_me")
            yield _signal(frame, "contact_request", "red", "contact", source, submission.respondent)
