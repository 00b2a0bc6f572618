"""What a person finds in a form besides its questions: carried rows, quotes, proposals, open or not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from moodle_bridge.domain.answers.scope import Context
from moodle_bridge.domain.answers.visibility import least_reader
from moodle_bridge.domain.carryover.proposals import suggested
from moodle_bridge.domain.carryover.rows import carried_rows, data_options
from moodle_bridge.domain.course import plan
from moodle_bridge.domain.course.attendance import is_expected, offered, opening
from moodle_bridge.domain.course.lookup import rated
from moodle_bridge.domain.course.model import (
    Answers,
    Process,
    Session,
    Target,
    as_text,
    once,
    rows,
)
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.conditions import leaves
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Item
from moodle_bridge.domain.instrument.wording import say
from moodle_bridge.domain.session.computed import lines
from moodle_bridge.domain.session.view import Place

SCHEMA = 1
"""Version of the personal data's form (``contract/personal.schema.json``)."""


def expected(
    catalogue: Catalogue, state: Process, session: Session, groups: Collection[int] | None = None
) -> tuple[Target, ...]:
    """Every form that somebody is offered in a session: whom to push personal data to.

    With ``groups`` only forms of these; group 0 are those for all groups together.
    """
    if groups is None:
        return tuple(offered(catalogue, state, session))
    found = offered(catalogue, state, session, tuple(groups))
    return tuple(target for target in found if target.group in groups)


def personal(catalogue: Catalogue, state: Process, target: Target, language: str) -> dict[str, Any]:
    """The personal data of one form (``contract/personal.schema.json``)."""
    session = state.session(target.session)
    instrument = catalogue.instruments[target.instrument]
    gate = opening(catalogue, state, target)
    return {
        "schema": SCHEMA,
        "open": gate.is_open,
        "expected": is_expected(catalogue, state, target),
        "reason": None if gate.is_open else say(catalogue.messages, gate.reason, language),
        "carried": carried(catalogue, state, target, language) if gate.is_open else {},
        "proposed": _proposed(catalogue, state, target, language) if gate.is_open else {},
        "notes": _notes(catalogue, state, target) if gate.is_open else [],
        "context": context(catalogue, state, session, instrument, target.group, target.person).as_json(),
    }


def carried(catalogue: Catalogue, state: Process, target: Target, language: str) -> dict[str, Any]:
    """Rows of carried tables, lines of computed items, quoted answers, and options that depend on data."""
    session = state.session(target.session)
    instrument = catalogue.instruments[target.instrument]
    found: dict[str, Any] = {}
    for item in instrument.items:
        place = Place(
            catalogue=catalogue,
            state=state,
            session=session,
            group=target.group,
            person=target.person,
            audience=least_reader(item),
            language=language,
            whole=instrument.per == "course",
        )
        if item.type == "carried_table":
            found[item.id] = carried_rows(place, item)
        elif item.computed is not None:
            found[item.id] = lines(item.computed, place)
        elif item.carried is not None:
            quoted = _earlier(state, session, target.group, target.person, item.carried)
            if isinstance(quoted, str) and quoted:
                found[item.id] = quoted
        found |= _options(place, item)
    return found


def _options(place: Place, item: Item) -> dict[str, Any]:
    """Data-dependent options of an item and its columns."""
    named = [(f"{item.id}.options", item), *((f"{item.id}.{c.id}.options", c) for c in item.columns)]
    return {
        key: data_options(place, each.options_from)
        for key, each in named
        if each.options_from in registry.OPTION_SOURCES
    }


def _earlier(state: Process, session: Session, group: int, person: int, item: str) -> Any:
    """The person's latest answer to an item in the sessions before this one."""
    before = {each.id for each in state.until(session)[:-1]}
    found = [
        submission.answers[item]
        for submission in state.history(person, group)
        if submission.session in before and item in submission.answers
    ]
    return found[-1] if found else None


def context(
    catalogue: Catalogue, state: Process, session: Session, instrument: Instrument, group: int, person: int
) -> Context:
    """What the conditions of a form may ask about, for one person."""
    answers = plan_answers(catalogue, state)
    planned = {name: answers[name] for name in _asked(instrument, "plan") if name in answers}
    previous = {name: _earlier(state, session, group, person, name) for name in _asked(instrument, "prev")}
    return Context(
        kind=session.kind,
        date=session.date,
        plan=planned,
        mentees=len(state.members(group, "mentee")),
        previous={name: value for name, value in previous.items() if value is not None},
    )


def _asked(instrument: Instrument, kind: str) -> tuple[str, ...]:
    """The ids that the conditions of a form's items name so (those of columns look into their own row)."""
    trees = [tree for item in instrument.items for tree in (item.show_if, item.required_if)]
    if kind == "plan":
        columns = [column for item in instrument.items for column in item.columns]
        trees += [tree for column in columns for tree in (column.show_if, column.required_if)]
    return tuple(dict.fromkeys(name for tree in trees if tree is not None for name in leaves(tree, kind)))


@once
def plan_answers(catalogue: Catalogue, state: Process) -> Answers:
    """The answers of the latest monitoring plan; empty while there is none."""
    place = {session.id: index for index, session in enumerate(state.ordered)}
    plans = [
        each
        for each in state.submissions
        if each.session in place and "period_start" in each.answers and "frequency" in each.answers
    ]
    if not plans:
        return {}
    return max(plans, key=lambda each: (place[each.session], each.version, each.submitted)).answers


def _proposed(catalogue: Catalogue, state: Process, target: Target, language: str) -> dict[str, Any]:
    """Answers to begin with: a fixed text, the plan's dates, a suggested rating."""
    session = state.session(target.session)
    instrument = catalogue.instruments[target.instrument]
    found: dict[str, Any] = {}
    for item in instrument.items:
        prefill = item.extra.get("prefill", {})
        if "text" in prefill:
            found[item.id] = prefill["text"][language]
        elif prefill.get("rule") == "plan_dates":
            dates = _planned_dates(catalogue, state)
            if dates:
                found[item.id] = [{"row": n, "planned_date": date} for n, date in enumerate(dates, start=1)]
        if "suggest" in item.extra:
            place = Place(catalogue, state, session, target.group, target.person, "coordinator", language)
            value = suggested(item.extra["suggest"], place)
            if value is not None:
                found[item.id] = value
    return found


def _planned_dates(catalogue: Catalogue, state: Process) -> tuple[str, ...]:
    answers = plan_answers(catalogue, state)
    proposal = plan.from_answers(answers, state.holidays)
    if proposal is not None:
        return tuple(each.date for each in proposal.sessions)
    return tuple(each.date for each in state.ordered) if len(state.sessions) > 1 else ()


def _notes(catalogue: Catalogue, state: Process, target: Target) -> list[dict[str, Any]]:
    """A mentor's remarks on goals, shown at the row in which the goal was set."""
    instrument = catalogue.instruments[target.instrument]
    tables = {item.id for item in instrument.items if item.extra.get("goal_level") == "specific"}
    own = f"{target.session[:8]}.{target.group}.{target.person}."
    found = []
    for submission in state.submitted(target.session, target.group) if tables else ():
        for goal, judged in rated(catalogue, submission, "goals_of_mentees"):
            name = as_text(goal.get("id"))
            table, _, row = name.removeprefix(own).rpartition(".")
            if name.startswith(own) and table in tables and as_text(judged.get("note")):
                found.append({"item": table, "row": int(row), "text": judged["note"]})
    return found


def derived(catalogue: Catalogue, instrument: Instrument, answers: Answers, language: str) -> dict[str, Any]:
    """Computed columns of tables that people fill in themselves, worked out from their answers.

    The same shape as carried rows; a document shows them beside the answers.
    """
    found: dict[str, Any] = {}
    for item in instrument.items:
        if item.type == "table" and any(column.computed == "planned_kind" for column in item.columns):
            found[item.id] = list(_kinds(catalogue, item, answers, language))
    return found


def _kinds(catalogue: Catalogue, item: Item, answers: Answers, language: str) -> Iterator[Mapping[str, Any]]:
    column = next(column.id for column in item.columns if column.computed == "planned_kind")
    planned = sorted(rows(answers, item.id), key=lambda row: as_text(row.get("planned_date")))
    for number, row in enumerate(planned, start=1):
        kind = plan.kind_of(number, len(planned))
        words = catalogue.terms.get(kind, {}).get(language, kind)
        yield {"row": row["row"], "id": f"d{row['row']}", column: words}
