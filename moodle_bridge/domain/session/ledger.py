"""Keep the publication ledger: freeze a session's figures for people who do not read the answers, once.

They freeze when the answers are closed and nobody's own deadline is still to come; whatever is corrected,
extended or reopened afterwards, these people go on being told the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from moodle_bridge.domain.course.frame import ALL_GROUPS, Frame
from moodle_bridge.domain.course.lookup import asks, respondent
from moodle_bridge.domain.course.model import Process, Published, Session, as_codes
from moodle_bridge.domain.course.needs import NO_NEED
from moodle_bridge.domain.course.weakpoints import weak_points
from moodle_bridge.domain.instrument.feeds import FEEDS
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.session import confidentiality, figures
from moodle_bridge.domain.session.confidentiality import FEWEST_OF_EACH, Figure
from moodle_bridge.domain.session.view import View

Answered = Mapping[int, Any]
"""What each person answered that a figure is made of."""
Coarsen = Callable[[Catalogue, Sequence[Any]], Figure | None]


def is_due(session: Session, as_of: int) -> bool:
    """Whether a session's figures may freeze: its answers are closed, and nobody has more time."""
    return bool(session.closed) and not any(due > as_of for _, due in session.extensions)


def is_frozen(view: View) -> bool:
    """Whether the figures of the view's session and group were published."""
    return any(
        each.session == view.session.id and each.group == view.group_id for each in view.state.published
    )


def fresh(frame: Frame) -> tuple[Published, ...]:
    """The entries that the ledger lacks and that may be written now, of the frame's group or all groups."""
    if not is_due(frame.session, frame.state.as_of):
        return ()
    known, when = frame.state.ledger, frame.state.as_of
    several = len(frame.groups) > 1
    if any(key[:2] == (frame.session.id, frame.group_id) for key in known):
        return ()
    found = []
    for item, by_group, coarsen in _measures(frame):
        feed = FEEDS[item.partition(":")[0]]
        enough = not several or all(len(each) >= FEWEST_OF_EACH for each in by_group)
        values = _one_a_person(by_group)
        made = confidentiality.as_json(coarsen(frame.catalogue, values) if enough else None)
        for audience in sorted(feed.listeners):
            if audience == "mentor" and not (several or feed.confidential):
                continue  # a group's own mentors read the answers
            if audience == "mentee" and several:
                continue  # no page of mentees is about several groups
            found.append(Published(frame.session.id, frame.group_id, audience, item, made, when))
    return tuple(found)


def kept(state: Process, entries: Iterable[Published]) -> Process:
    """The process with these entries in its ledger; what stands there already stays as it is."""
    known = state.ledger
    new = tuple(each for each in entries if (each.session, each.group, each.audience, each.item) not in known)
    return dataclasses.replace(state, published=(*state.published, *new)) if new else state


def published(catalogue: Catalogue, state: Process) -> Process:
    """The process with everything in its ledger that may be written now."""
    for session in state.ordered:
        everywhere = Frame(catalogue, state, session, ALL_GROUPS)
        frames = {one.group_id: one for one in (*everywhere.by_group(), everywhere)}
        state = kept(state, [entry for one in frames.values() for entry in fresh(one)])
    return state


def told(view: View, item: str) -> Figure | None:
    """The figure that stands in the ledger for the view's audience, if any."""
    audience = "mentee" if view.audience == "mentee" else "mentor"
    entry = view.state.ledger.get((view.session.id, view.group_id, audience, item))
    return None if entry is None else confidentiality.of_json(entry.figure)


def _one_a_person(by_group: Sequence[Answered]) -> list[Any]:
    """Merge each person's answers into one: lists and names are joined, numbers averaged over groups."""
    found: dict[int, list[Any]] = {}
    for each in by_group:
        for person, value in each.items():
            found.setdefault(person, []).append(value)
    return [several[0] if len(several) == 1 else _merged(several) for several in found.values()]


def _merged(several: list[Any]) -> Any:
    if isinstance(several[0], set):
        return set().union(*several)
    if isinstance(several[0], list):
        return [value for each in several for value in each]
    return sum(several) / len(several)


def _measures(frame: Frame) -> Iterator[tuple[str, list[Answered], Coarsen]]:
    """Every figure: its item, what each group's people answered, and how that is coarsened."""
    by_group = frame.by_group()
    for item, (answered, coarsen) in _MEASURES.items():
        yield item, [answered(one) for one in by_group], coarsen
    if len(by_group) == 1:
        for each in figures.group_goals_seen(by_group[0]):
            levels = {person: level for person, role, level in each.levels if role == "mentee"}
            yield f"group_goals:{each.goal.id}", [levels], _cut("goal7")


def _cut(scale: str) -> Coarsen:
    """Cuts answers where their scale is cut."""
    return lambda catalogue, values: confidentiality.share(values, catalogue.cuts[scale])


def _cut_means(scale: str) -> Coarsen:
    """Cuts means of several answers half a step below, from where they are nearer to the step than below."""
    return lambda catalogue, values: confidentiality.share(values, catalogue.cuts[scale] - 0.5)


def _goals(frame: Frame) -> Answered:
    found = figures.mentees_goals(frame)
    return {each.person: [level for _, level in each.levels] for each in found if each.levels}


def _reasons(frame: Frame) -> Answered:
    return {
        each.person: {
            reason
            for goal in each.goals
            if (rating := goal.rating(frame.session.id)) is not None
            for reason in rating.reasons
        }
        for each in figures.mentees_goals(frame)
        if each.levels
    }


def _expectations(which: Callable[[figures.PersonExpectations], float | None]) -> Callable[[Frame], Answered]:
    def answered(frame: Frame) -> Answered:
        found = figures.mentees_expectations(frame)
        return {each.person: value for each in found if (value := which(each)) is not None}

    return answered


def _means(prefix: str) -> Callable[[Frame], Answered]:
    def answered(frame: Frame) -> Answered:
        found = figures.person_means(frame, prefix)
        return {each.person: each.value for each in found if each.role == "mentee"}

    return answered


def _item(name: str) -> Callable[[Frame], Answered]:
    def answered(frame: Frame) -> Answered:
        found = figures.scale_answers(frame, (name,))
        return {p: v for each in found if each.item == name and each.role == "mentee" for p, v in each.values}

    return answered


def _needs(frame: Frame) -> Answered:
    """Return the needs that mentees name themselves; those that a mentor sees are the mentor's answer."""
    return {
        each.respondent: set(as_codes(each.answers["needs_now"])) - NO_NEED
        for each in frame.submitted()
        if "needs_now" in each.answers and respondent(frame.catalogue, each) == "mentee"
    }


def _weak_points(frame: Frame) -> Answered:
    """The areas that mentees name; a mentor's naming never makes up the number."""
    catalogue = frame.catalogue
    found: dict[int, set[str]] = {
        each.respondent: set()
        for each in frame.submitted()
        if respondent(catalogue, each) == "mentee" and asks(catalogue, each, "weak_points")
    }
    for point in weak_points(frame):
        if point.role == "mentee" and point.area:
            found.setdefault(point.person, set()).add(point.area)
    return found


def _name(catalogue: Catalogue, values: Sequence[Any]) -> Figure | None:
    return confidentiality.named(values)


def _lean(catalogue: Catalogue, values: Sequence[Any]) -> Figure | None:
    return confidentiality.lean(values)


_MEASURES: Mapping[str, tuple[Callable[[Frame], Answered], Coarsen]] = {
    "goals_attained": (
        _goals,
        lambda catalogue, values: confidentiality.share_of_all(values, catalogue.cuts["goal7"]),
    ),
    "reasons": (_reasons, _name),
    "expectation_own": (_expectations(lambda each: each.own), _cut_means("met5")),
    "expectation_others": (_expectations(lambda each: each.others), _cut_means("met5")),
    "climate": (_means("cl_"), _cut_means("extent5")),
    "self_assessment": (_means("sa_"), _cut_means("extent5")),
    "impact": (_means("imp_"), _cut_means("extent5")),
    "needs": (_needs, _name),
    "weak_points": (_weak_points, _name),
    "overall": (_item("overall"), _cut("effect5")),
    "recommend": (_item("recommend"), _cut("recommend11")),
    "monitoring_useful": (_item("monitoring_useful"), _cut("extent5")),
    "included": (_item("cl_included"), _lean),
    "support": (_item("mentor_support"), _lean),
}
