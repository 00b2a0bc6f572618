"""The plan is made first, by its page, and lived through afterwards: nobody is asked for what they have done.

The site and the service live so many hours after now (``faketime``), as in ``test_7_week.py``.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from people import Person
from site_under_test import Service, Site, wait_for

ROOT = Path(__file__).resolve().parents[2]
YEAR: dict[str, Any] = yaml.safe_load(
    (ROOT / "moodle_bridge" / "sandbox" / "scenarios" / "year.yaml").read_text(encoding="utf-8")
)
MENTEES = (11, 12, 13)
PUNCTUAL, LATE = (11, 12), 13
MENTOR = 31
INITIAL, OTHERS, INTERIM = "mentee_initial", "mentee_group_expectations", "mentee_interim"


class Planned:
    """A course of one group with the sessions that its plan made."""

    def __init__(self, site: Site, service: Service, chromium: Any) -> None:
        self.site, self.service, self._browser = site, service, chromium
        made = site.act("cast", name="Планирана година", groups={"1": "Група „Искър“"})
        self.course, self.group = made["course"], made["groups"]["1"]
        self._tag = os.urandom(3).hex()
        people = [each for each in YEAR["people"] if each["id"] in (*MENTEES, 31, 41)]
        enrolled = site.act(
            "enrol",
            course=self.course,
            language="en",
            people=[
                each
                | {"username": self._username(each["id"]), "groups": [self.group for _ in each["groups"]]}
                for each in people
            ],
        )
        self.people = {int(number): id for number, id in enrolled.items()}
        self.sessions: list[dict[str, Any]] = []

    def _username(self, person: int) -> str:
        return f"planned{person}_{self._tag}"

    def person(self, number: int) -> Person:
        """Somebody of the course, signed in."""
        return Person(self._browser, self.site.url, self._username(number))

    def plan(self) -> None:
        """What the coordinator does: start today, end in half a year, monthly."""
        coordinator = self.person(41)
        page = coordinator.open(f"/mod/monitoringsession/plan.php?id={self.course}")
        end = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=172)
        page.locator('input[name="enddate"]').fill(end.isoformat())
        page.get_by_role("button", name="Show the dates").click()
        page.get_by_role("button", name="Create the sessions").click()
        page.locator(".alert-success").wait_for()
        coordinator.close()
        rows = self.site.rows("monitoringsession", course=self.course)
        self.sessions = sorted(rows, key=lambda row: int(row["number"]))
        for each in self.sessions:
            each["cmid"] = self.site.act("cm", instance=int(each["id"]))
        self.settle()

    def settle(self) -> None:
        """Until the service has nothing left to do."""
        assert self.site.act("deliver") == ""
        wait_for(self.service.idle, "the service does not come to rest", 300)

    def live_until_open(self, number: int) -> None:
        """Set the clocks to half a day after a session has opened, and let everything run."""
        hours = int((int(self.sessions[number - 1]["opens"]) - time.time()) / 3600) + 12
        self.service.stop()
        self.site.set_clock(hours)
        self.service.hours = hours
        self.service.start()
        self.service.command("reconcile")
        self.settle()
        self.site.run_tasks()

    def submit(self, number: int, instrument: str, person: int) -> None:
        """What somebody of the scenario writes, with its days two years later."""
        [form] = [
            each
            for each in YEAR["forms"]
            if (each["instrument"], each["person"]) == (instrument, person)
            and each["session"] == (1 if instrument == INITIAL else 2)
        ]
        self.site.act(
            "submit",
            unchecked=True,
            forms=[
                {
                    "cmid": self.sessions[number - 1]["cmid"],
                    "instrument": instrument,
                    "group": self.group,
                    "user": self.people[person],
                    "answers": later(form["answers"]),
                    "at": int(time.time()) + 3600 * self.service.hours,
                }
            ],
        )
        self.settle()

    def asked(self, number: int, person: int) -> set[str]:
        """The forms that the page of a session offers somebody to fill in."""
        viewer = self.person(person)
        links = viewer.session(self.sessions[number - 1]["cmid"]).locator('a[href*="form.php"]')
        found = [str(links.nth(index).get_attribute("href")) for index in range(links.count())]
        viewer.close()
        return set(re.findall(r"instrument=(\w+)", " ".join(found)))

    def complete(self, number: int, person: int) -> bool:
        """Whether Moodle counts a session as completed by somebody."""
        rows = self.site.rows(
            "course_modules_completion",
            coursemoduleid=self.sessions[number - 1]["cmid"],
            userid=self.people[person],
        )
        return any(int(row["completionstate"]) > 0 for row in rows)

    def told(self, number: int, person: int) -> str:
        """What the messages say that somebody was sent about a session."""
        rows = self.site.rows("notifications", useridto=self.people[person])
        name = self.sessions[number - 1]["name"]
        return "\n".join(row["fullmessage"] for row in rows if name in row["subject"] + row["fullmessage"])


def later(value: Any) -> Any:
    """Answers with their days two years later."""
    if isinstance(value, dict):
        return {key: later(each) for key, each in value.items()}
    if isinstance(value, list):
        return [later(each) for each in value]
    if isinstance(value, str):
        return re.sub(r"^202([56])-", lambda found: f"202{int(found[1]) + 2}-", value)
    return value


@pytest.fixture(scope="module")
def planned(site: Site, service: Service, pairing: Person, chromium: Any) -> Iterator[Planned]:
    """The course with its plan; the clocks are right again afterwards."""
    if not shutil.which("faketime"):
        pytest.skip("faketime is not installed (Debian: apt install faketime)")
    wait_for(partial(site.rows, "monitoringsession_definition"), "the forms do not arrive")
    made = Planned(site, service, chromium)
    made.plan()
    try:
        yield made
    finally:
        service.stop()
        service.hours = 0
        service.start()
        site.set_clock(0)


def test_a_plan_made_first_asks_nobody_for_what_they_have_done(site: Site, planned: Planned) -> None:
    assert len(planned.sessions) >= 6
    ahead = site.rows("monitoringsession_personal", instrument=INITIAL, userid=planned.people[LATE])
    assert len(ahead) > 3, "the first form is offered wherever somebody may catch up"

    # The first session begins today, whatever day it is.
    assert planned.asked(1, 11) == {INITIAL}
    for person in PUNCTUAL:
        planned.submit(1, INITIAL, person)
    for person in PUNCTUAL:
        rows = site.rows("monitoringsession_personal", instrument=INITIAL, userid=planned.people[person])
        assert [int(row["withdrawn"]) > 0 for row in rows].count(False) == 1, "only the first session has it"

    # Three mentees, two have submitted: what waits for others says so, and keeps the session to be done.
    assert planned.asked(1, LATE) == {INITIAL, OTHERS}
    assert planned.asked(1, MENTOR) == {"mentor_initial"}
    waiting = planned.person(11)
    assert "Forms still missing from others: 1." in waiting.session(planned.sessions[0]["cmid"]).content()
    waiting.close()
    assert planned.asked(1, 11) == {INITIAL}, "what is submitted can be changed, nothing else is open"
    assert not planned.complete(1, 11)

    planned.live_until_open(2)
    assert OTHERS in planned.asked(1, 11), "after the deadline one other is enough"
    for person in PUNCTUAL:
        assert planned.asked(2, person) == {INTERIM}
        assert "My goals and expectations" not in planned.told(2, person)
    assert INITIAL in planned.asked(2, LATE)
    assert "My goals and expectations" in planned.told(2, LATE)
    for person in PUNCTUAL:
        planned.submit(2, INTERIM, person)
        assert planned.complete(2, person)

    # Whoever catches up is asked nowhere else for it.
    planned.submit(2, INITIAL, LATE)
    assert INITIAL not in planned.asked(1, LATE)
    assert planned.complete(2, LATE)

    planned.live_until_open(3)
    for person in MENTEES:
        assert planned.asked(3, person) == {INTERIM}
        assert "My goals and expectations" not in planned.told(3, person)
