"""Early-warning signals on the stand-in's pages: where their answers stand, what was decided on them.

As in the plugin: what was decided shows at once, whatever the service has heard of.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moodle_bridge.contract.records import PersonRecord
from moodle_bridge.domain.session.followed import DECISIONS, MEASURE
from moodle_bridge.domain.session.shape import SignalShown, Summary
from moodle_bridge.sandbox import views
from moodle_bridge.sandbox.sqlite_file import Row
from moodle_bridge.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Taken:
    """A decision in the page's words."""

    code: str
    note: str = ""
    due: int = 0
    name: str = ""
    time: int = 0


@dataclass(frozen=True, slots=True)
class ListedSignal:
    """A signal on a page."""

    shown: SignalShown
    group: str
    documents: tuple[views.ListedDocument, ...]
    """Those of the form with the answer that raised it, as far as the viewer may open them."""
    decided: Taken | None
    earlier: tuple[Taken, ...]
    decidable: bool


def listed(
    world: World, session: Row, person: PersonRecord, contents: Sequence[Summary]
) -> list[ListedSignal]:
    """The signals of the summaries that somebody is shown, each once, in their order."""
    found: dict[str, ListedSignal] = {}
    documents = views.documents(world, session, person)
    for content in contents:
        for shown in content["signals"]:
            decidable = content["audience"] == "coordinator"
            taken = _taken(world, session["course"], shown["id"]) if decidable else []
            covered = {seen for row, _ in taken for seen in json.loads(row["occurrences"])}
            stands = bool(taken) and {each["session"] for each in shown["occurrences"]} <= covered
            told = shown.get("decision") if not taken else None
            source = shown["source"]["submission"] if "source" in shown else ""
            found[shown["id"]] = ListedSignal(
                shown=shown,
                group=_group(world, shown["group"]),
                documents=tuple(each for each in documents if each.record.submission == source),
                decided=taken[-1][1] if stands else Taken(told) if told else None,
                earlier=tuple(each for _, each in (taken[:-1] if stands else taken)),
                decidable=decidable,
            )
    return list(found.values())


def decide(
    world: World, session: Row, person: PersonRecord, wanted: Sequence[str], given: Mapping[str, str]
) -> str:
    """Take a decision that was filled in; the word of :mod:`words` for what is wrong with it, or nothing."""
    code, note, due = given.get("decision", ""), given.get("note", ""), given.get("due", "")
    shown = {
        each.shown["id"]: each.shown
        for each in listed(world, session, person, views.summaries(world, session, person))
        if each.decidable
    }
    signals = [shown[each] for each in wanted if each in shown]
    if not signals or code not in DECISIONS:
        return "signal_gone"
    if code == MEASURE and not _noon(due):
        return "measure_without_date"
    if len(wanted) > 1 and not note.strip():
        return "settled_without_reason"
    world.decide(session["id"], signals, code, note, _noon(due), person.id)
    return ""


def _noon(day: str) -> int:
    """A moment of a day; 0 for what is none."""
    try:
        return int(dt.datetime.fromisoformat(f"{day}T10:00:00+00:00").timestamp())
    except ValueError:
        return 0


def _taken(world: World, course: int, signal: str) -> list[tuple[Row, Taken]]:
    """The decisions on a signal in any session of the course, oldest first."""
    rows = world.database.rows(
        "SELECT decision.*, person.name AS name FROM decision JOIN session ON session.id = decision.session"
        " LEFT JOIN person ON person.id = decision.user WHERE course = ? AND signal = ?"
        " ORDER BY time, decision.rowid",
        *(course, signal),
    )
    return [
        (row, Taken(row["decision"], row["note"], row["due"], row["name"] or "–", row["time"]))
        for row in rows
    ]


def _group(world: World, group: int) -> str:
    row = world.database.row('SELECT name FROM "group" WHERE id = ?', group)
    return row["name"] if row is not None else ""
