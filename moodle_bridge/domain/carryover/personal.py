"""Say what a person finds in a form besides its questions: carried rows, quotes, proposals, open or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypedDict

from moodle_bridge.domain.answers.scope import Context, ContextContent
from moodle_bridge.domain.answers.visibility import FOR_MENTORS, Audience
from moodle_bridge.domain.carryover.proposals import in_words, suggested
from moodle_bridge.domain.carryover.rows import carried_rows
from moodle_bridge.domain.course import plan
from moodle_bridge.domain.course.attendance import is_expected, offered
from moodle_bridge.domain.course.frame import AllGroups, Frame
from moodle_bridge.domain.course.goals import personal_goals, reviews
from moodle_bridge.domain.course.lookup import known_as
from moodle_bridge.domain.course.model import (
    Answers,
    Process,
    Target,
    as_text,
    rows,
)
from moodle_bridge.domain.course.openings import opening, own_due
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.conditions import leaves
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Item, Reference
from moodle_bridge.domain.instrument.wording import say
from moodle_bridge.domain.session.computed import computed_lines
from moodle_bridge.domain.session.goal_tables import review_words
from moodle_bridge.domain.session.view import NOBODY, View

SCHEMA = 1
"""Version of the personal data's form (``contract/personal.schema.json``)."""

Carried = dict[str, object]
"""By item id rows, lines or a quoted text; under ``<item>.options`` the options that depend on data; under
``<item>.mentor`` what the mentors' copy of a coordinator's form shows in place of the item."""
DerivedRow = Mapping[str, int | str]
"""A row's number, its id, and the words of its computed column."""


class PlannedRow(TypedDict):
    """A session that the plan begins with."""

    row: int
    planned_date: str


class Note(TypedDict):
    """A remark by somebody else at a row of an earlier version of the form."""

    item: str
    row: int
    text: str


class SuggestedAnswer(TypedDict):
    """An answer that stands beside a question with its reason, never chosen beforehand."""

    item: str
    row: int | None
    value: int
    text: str


class Personal(TypedDict):
    """What a form shows one person (``contract/personal.schema.json``)."""

    schema: int
    open: bool
    expected: bool
    reason: str | None
    carried: Carried
    proposed: dict[str, object]
    suggested: list[SuggestedAnswer]
    notes: list[Note]
    context: ContextContent
    opened: int
    due: int
    waits_for: int
    latest: int


def expected(frame: Frame) -> tuple[Target, ...]:
    """Every form that somebody is offered in a session: whom to push personal data to.

    In one group only the group's own; forms for everybody together are among those of all groups.
    """
    in_all = isinstance(frame.group, AllGroups)
    return tuple(target for target in offered(frame) if in_all or target.group == frame.group)


def personal(frame: Frame, target: Target, language: str) -> Personal:
    """The personal data of one form of the frame's session."""
    gate = opening(frame, target)
    return {
        "schema": SCHEMA,
        "open": gate.is_open,
        "expected": is_expected(frame, target),
        "reason": None if gate.is_open else say(frame.catalogue.messages, gate.reason, language),
        "carried": carried(frame, target, language) if gate.is_open else {},
        "proposed": _proposed(frame, target, language) if gate.is_open else {},
        "suggested": _suggested(frame, target, language) if gate.is_open else [],
        "notes": _notes(frame, target, language) if gate.is_open else [],
        "context": context(frame, target).as_json(),
        "opened": gate.opened,
        "due": own_due(frame, target),
        "waits_for": gate.waits_for,
        "latest": gate.latest,
    }


def _view(frame: Frame, target: Target, audience: Audience, language: str) -> View:
    """Make the view for the functions behind an item of a form; it shows only what that audience may see."""
    instrument = frame.instruments[target.instrument]
    person = target.person if audience == instrument.respondent else NOBODY
    return View.of(frame.in_group(target.group), audience, language, person, whole=instrument.per == "course")


def carried(frame: Frame, target: Target, language: str) -> Carried:
    """Rows of carried tables, lines of computed items, quoted answers, and options that depend on data."""
    found: Carried = {}
    instrument = frame.instruments[target.instrument]
    view = _view(frame, target, instrument.respondent, language)
    for item in instrument.items:
        shown = _shown(view, item)
        if shown is not None:
            found[item.id] = shown
            if instrument.respondent == "coordinator" and "mentor" in item.readers:
                found |= _for_mentors(_view(frame, target, "mentor", language), item, shown)
        elif item.carried is not None:
            quoted = _earlier(view, target.person, instrument.respondent, item.carried)
            if isinstance(quoted, str) and quoted:
                found[item.id] = quoted
        found |= _options(view, item)
    return found


def computed_now(frame: Frame, target: Target, language: str) -> Iterator[tuple[Item, list[str]]]:
    """The display lines of a form's computed items, as its author would find them now."""
    instrument = frame.instruments[target.instrument]
    view = _view(frame, target, instrument.respondent, language)
    for item in instrument.items:
        if item.computed is not None:
            yield item, computed_lines(item.computed, view)


def _shown(view: View, item: Item) -> list[dict[str, object]] | list[str] | None:
    """The rows of a carried table, or the lines of a computed item."""
    if item.type == "carried_table":
        return carried_rows(view, item)
    return None if item.computed is None else computed_lines(item.computed, view)


def _for_mentors(view: View, item: Item, shown: list[dict[str, object]] | list[str]) -> Carried:
    """Give what the mentors' copy of a coordinator's form shows in place of an item, where it differs.

    Rows keep the number that they have in the form.
    """
    theirs = _shown(view, item)
    if item.type == "carried_table":
        numbers = {row["id"]: row["row"] for row in shown if isinstance(row, dict)}
        rows_seen = [row for row in theirs or () if isinstance(row, dict) and row["id"] in numbers]
        theirs = [{**row, "row": numbers[row["id"]]} for row in rows_seen]
    return {} if theirs == shown else {f"{item.id}{FOR_MENTORS}": theirs}


def _options(view: View, item: Item) -> Carried:
    """Data-dependent options of an item and its columns."""
    named = [(f"{item.id}.options", item), *((f"{item.id}.{c.id}.options", c) for c in item.columns)]
    return {
        key: registry.OPTION_SOURCES[each.options_from](view)
        for key, each in named
        if each.options_from is not None and each.options_from in registry.OPTION_SOURCES
    }


def _earlier(frame: Frame, person: int, role: str, item: str) -> object:
    """The person's latest answer to an item in the sessions before this one, whatever its id was then."""
    earlier = frame.before()
    history = () if earlier is None else earlier.history(person)
    names = known_as(frame.catalogue, role, item)
    found = [value for each in history for name, value in each.answers.items() if name in names]
    return found[-1] if found else None


def context(frame: Frame, target: Target, instrument: Instrument | None = None) -> Context:
    """What the conditions of a form may ask about, for one person.

    ``instrument`` says which version, where it is not the session's.
    """
    own = frame.in_group(target.group)
    instrument = instrument or frame.instruments[target.instrument]
    answers = plan_answers(frame.state)
    planned = {name: answers[name] for name in _asked(instrument, "plan") if name in answers}
    previous = {
        name: _earlier(own, target.person, instrument.respondent, name) for name in _asked(instrument, "prev")
    }
    return Context(
        kind=frame.session.kind,
        date=frame.session.date,
        plan=planned,
        mentees=len(own.members("mentee")),
        previous={name: value for name, value in previous.items() if value is not None},
    )


def _asked(instrument: Instrument, kind: str) -> tuple[str, ...]:
    """The ids that the conditions of a form's items name so (those of columns look into their own row)."""
    trees = [tree for item in instrument.items for tree in item.conditions()]
    if kind == "plan":
        columns = [column for item in instrument.items for column in item.columns]
        trees += [tree for column in columns for tree in column.conditions()]
    return tuple(dict.fromkeys(name for tree in trees for name in leaves(tree, kind)))


def plan_answers(state: Process) -> Answers:
    """The answers of the latest monitoring plan; empty while there is none."""
    return state.remember(plan_answers, lambda: _plan_answers(state))


def _plan_answers(state: Process) -> Answers:
    position = {session.id: index for index, session in enumerate(state.ordered)}
    plans = [
        each
        for each in state.submissions
        if each.session in position and "period_start" in each.answers and "frequency" in each.answers
    ]
    if not plans:
        return {}
    return max(plans, key=lambda each: (position[each.session], each.version, each.submitted)).answers


def _proposed(frame: Frame, target: Target, language: str) -> dict[str, object]:
    """Answers to begin with: a fixed text, the plan's dates. A rating is never among them."""
    found: dict[str, object] = {}
    for item in frame.instruments[target.instrument].items:
        if isinstance(item.prefill, Reference):
            begun = registry.PREFILLS[item.prefill.name](frame.state, **item.prefill.parameters)
            if begun:
                found[item.id] = begun
        elif item.prefill is not None:
            found[item.id] = item.prefill[language]
    return found


def _suggested(frame: Frame, target: Target, language: str) -> list[SuggestedAnswer]:
    """Propose an answer from the data, beside the question; the signer chooses."""
    view = _view(frame, target, "coordinator", language)
    found: list[SuggestedAnswer] = []
    for item in frame.instruments[target.instrument].items:
        proposal = None if item.suggest is None else suggested(item.suggest, view)
        if proposal is not None:
            words = in_words(item, view)
            found.append({"item": item.id, "row": None, "value": proposal.step, "text": words})
    return found


@registry.PREFILLS("plan_dates")
def _plan_dates(state: Process) -> list[PlannedRow]:
    return [{"row": n, "planned_date": date} for n, date in enumerate(_planned_dates(state), start=1)]


def _planned_dates(state: Process) -> tuple[str, ...]:
    """Take the dates of sessions from the course's plan page, else from the plan's answers."""
    if len(state.sessions) > 1:
        return tuple(each.date for each in state.ordered)
    proposal = plan.from_answers(plan_answers(state), state.country)
    return () if proposal is None else tuple(each.date for each in proposal.sessions)


def _notes(frame: Frame, target: Target, language: str) -> list[Note]:
    """Collect mentors' remarks on goals, for the row in which each goal was set."""
    view = _view(frame, target, frame.instruments[target.instrument].respondent, language)
    tables = {item.id for item in frame.instruments[target.instrument].items if item.goal_level == "specific"}
    own = f"{target.session[:8]}.{target.group}.{target.person}."
    said = reviews(view) if tables else {}
    found: list[Note] = []
    for goal in personal_goals(view, target.person) if said else ():
        table, _, row = goal.id.removeprefix(own).rpartition(".")
        words = review_words(view, goal, said)
        if goal.id.startswith(own) and table in tables and words:
            found.append({"item": table, "row": int(row), "text": words})
    return found


def derived(
    catalogue: Catalogue, instrument: Instrument, answers: Answers, language: str
) -> dict[str, list[DerivedRow]]:
    """Computed columns of tables that people fill in themselves, worked out from their answers.

    The same shape as carried rows; a document shows them beside the answers.
    """
    found: dict[str, list[DerivedRow]] = {}
    for item in instrument.items:
        if item.type == "table" and any(column.computed == "planned_kind" for column in item.columns):
            found[item.id] = list(_kinds(catalogue, item, answers, language))
    return found


def _kinds(catalogue: Catalogue, item: Item, answers: Answers, language: str) -> Iterator[DerivedRow]:
    column = next(column.id for column in item.columns if column.computed == "planned_kind")
    planned = sorted(rows(answers, item.id), key=lambda row: as_text(row.get("planned_date")))
    for number, row in enumerate(planned, start=1):
        kind = plan.kind_of(number, len(planned))
        words = catalogue.terms.get(kind, {}).get(language, kind)
        yield {"row": row["row"], "id": f"d{row['row']}", column: words}
