"""Every message of a course of three months, with the clocks moved day by day: who hears what, when, once.

``MESSAGES=FILE`` keeps the table of all messages, to be read by somebody.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from people import Person
from site_under_test import Service, Site, wait_for
from test_4_planned import INITIAL, INTERIM, Planned

ZONE = ZoneInfo("Europe/Sofia")
NAMES = {11: "mentee 11", 12: "mentee 12", 13: "mentee 13", 31: "mentor", 41: "coordinator"}
REASONS = {
    "You can now fill in": "opened",
    "You can still fill in": "opened late",
    "Please remember": "due",
    "Overdue": "overdue",
    "Your document is ready": "document",
    "Now there to read": "record",
    "Came in": "came in",
    "Still missing": "missing",
    "New early-warning signals": "signals",
}


class Line(NamedTuple):
    """One line of a message; ``day`` is counted from the day on which the session opened."""

    date: str
    person: str
    session: int
    day: int
    reason: str
    text: str


Lived = tuple[Planned, list[Line]]
ACTS: dict[tuple[int, int | str], tuple[tuple[str, int], ...]] = {
    (1, 1): ((INITIAL, 11), (INITIAL, 12)),
    (2, 1): ((INTERIM, 11),),
    (2, "due +3"): ((INTERIM, 12),),
    (3, 1): ((INTERIM, 11),),
}
"""Who submits what: session, and day after it opened or from the day on which it was due."""


def noon(day: dt.date) -> float:
    """Noon of a day where the course is."""
    return dt.datetime.combine(day, dt.time(12), ZONE).timestamp()


def day_of(moment: float) -> dt.date:
    """The day of a moment where the course is."""
    return dt.datetime.fromtimestamp(moment, ZONE).date()


def live(planned: Planned, day: dt.date, *, served: bool) -> None:
    """Let the site, and on some days the service, live through a day."""
    hours = max(0, int((noon(day) - time.time()) / 3600) + 1)
    planned.service.stop()
    planned.site.set_clock(hours)
    if served:
        planned.service.hours = hours
        planned.service.start()
        planned.service.command("reconcile")
        planned.settle()
    planned.site.php("scheduled_task.php", "--execute=\\mod_monitoringsession\\task\\tend")
    planned.site.php("scheduled_task.php", "--execute=\\mod_monitoringsession\\task\\remind")


@pytest.fixture(scope="module")
def lived(site: Site, service: Service, pairing: Person, chromium: Any) -> Iterator[Lived]:
    """Three months: mentee 11 is punctual, mentee 12 late, mentee 13 fills in nothing."""
    wait_for(partial(site.rows, "monitoringsession_definition"), "the forms do not arrive")
    planned = Planned(site, service, chromium)
    planned.plan(days=85)
    try:
        for number, session in enumerate(planned.sessions, 1):
            first, due = day_of(int(session["opens"])), day_of(int(session["due"]))
            week = (due - first).days
            for after in sorted({0, 1, 2, *(week + step for step in (-3, -2, -1, 1, 2, 3, 4, 5))}):
                acts = ACTS.get((number, after), ()) or ACTS.get((number, f"due {after - week:+}"), ())
                served = bool(acts) or after in (0, week + 1)
                live(planned, first + dt.timedelta(days=after), served=served)
                for instrument, person in acts:
                    planned.submit(number, instrument, person)
        yield planned, table(planned)
    finally:
        service.stop()
        service.hours = 0
        service.start()
        site.set_clock(0)


def table(planned: Planned) -> list[Line]:
    """All lines of all messages of the day."""
    opened = {
        each["name"]: (number, day_of(int(each["opens"]))) for number, each in enumerate(planned.sessions, 1)
    }
    found = []
    for number, id in planned.people.items():
        for row in planned.site.rows("notifications", useridto=id):
            if row["eventtype"] != "digest":
                continue
            day = day_of(int(row["timecreated"]))
            session, first = 0, day
            for line in row["fullmessage"].splitlines():
                if line in opened:
                    session, first = opened[line]
                elif line.startswith("- "):
                    reason = next((word for start, word in REASONS.items() if start in line), "?")
                    found.append(
                        Line(day.isoformat(), NAMES[number], session, (day - first).days, reason, line[2:])
                    )
    found.sort()
    if kept := os.environ.get("MESSAGES"):
        Path(kept).write_text("\n".join("\t".join(map(str, line)) for line in found) + "\n", encoding="utf-8")
    return found


def told(lines: list[Line], person: str, session: int, form: str) -> dict[int, str]:
    """What somebody was told of a form of a session, by day."""
    return {
        line.day: line.reason
        for line in lines
        if (line.person, line.session) == (person, session) and form in line.text
    }


def test_every_message_has_a_reason_and_nothing_is_said_twice(lived: Lived) -> None:
    planned, lines = lived
    assert lines
    assert [line for line in lines if line.reason == "?" or not line.session] == []
    twice = Counter((line.person, line.session, line.reason, line.text) for line in lines)
    assert [key for key, count in twice.items() if count > 1] == []
    for id in planned.people.values():
        days = Counter(
            day_of(int(row["timecreated"]))
            for row in planned.site.rows("notifications", useridto=id)
            if row["eventtype"] == "digest"
        )
        assert not days or max(days.values()) == 1


def test_the_late_are_reminded_on_their_days_and_the_punctual_are_not(
    lived: Lived,
) -> None:
    planned, lines = lived
    session = planned.sessions[1]
    due = (day_of(int(session["due"])) - day_of(int(session["opens"]))).days
    form = "Interim"
    assert next(iter(told(lines, "mentee 11", 2, form).values())) == "opened"
    reasons = {
        day: why for day, why in told(lines, "mentee 11", 2, form).items() if why in ("due", "overdue")
    }
    assert reasons == {}
    steps = {day - due: why for day, why in told(lines, "mentee 12", 2, form).items()}
    assert {day: why for day, why in steps.items() if "due" in why} == {-2: "due", 1: "overdue"}
    steps = {day - due: why for day, why in told(lines, "mentee 13", 2, form).items()}
    assert {day: why for day, why in steps.items() if "due" in why} == {-2: "due", 1: "overdue", 4: "overdue"}


def test_mentor_and_coordinator_hear_who_is_missing_and_what_came_in(
    lived: Lived,
) -> None:
    planned, lines = lived
    names = {number: planned.site.rows("user", id=id)[0] for number, id in planned.people.items()}
    for reader in ("mentor", "coordinator"):
        own = [line for line in lines if line.person == reader and line.session == 2]
        missing = [line for line in own if line.reason == "missing"]
        assert any(names[13]["lastname"] in line.text for line in missing)
        assert not any(names[12]["lastname"] in line.text and form_is_interim(line) for line in missing)
        came = [line for line in own if line.reason == "came in"]
        assert any(names[11]["lastname"] in line.text for line in came)
        assert any(names[12]["lastname"] in line.text for line in came)


def form_is_interim(line: Line) -> bool:
    """Whether a line names the interim form."""
    return bool(re.search("interim", line.text, re.IGNORECASE))


def test_authors_hear_of_their_documents_the_next_morning(lived: Lived) -> None:
    _, lines = lived
    ready = [line for line in lines if line.reason == "document"]
    assert {(line.person, line.session) for line in ready} >= {
        ("mentee 11", 1),
        ("mentee 12", 1),
        ("mentee 11", 2),
    }
