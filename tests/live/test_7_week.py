"""The service is away for a week: people miss nothing but documents, and afterwards not one of these.

The week is lived through: the site's pages, tasks and commands, and the service when it comes back, run
with their clock set forward by ``faketime``, six hours at a step; at every step Moodle's own scheduled
and adhoc tasks run as cron would run them. Only the database keeps the time of the machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from people import Person
from site_under_test import Service, Site, wait_for

STEP = 6
WEEK = 7 * 24
DELIVER = r"\mod_monitoringsession\task\deliver"


@dataclass
class Week:
    """What was seen while the service was away."""

    session: dict[str, Any]
    people: dict[str, Any]
    attempts: list[int] = field(default_factory=list)
    tasks: list[list[int]] = field(default_factory=list)
    waiting: int = 0
    notices: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def week(site: Site, service: Service, pairing: Person, chromium: Any) -> Iterator[Week]:
    """A week without the service, lived through up to the moment of its return."""
    if not shutil.which("faketime"):
        pytest.skip("faketime is not installed (Debian: apt install faketime)")
    site.act("deliver")
    made = site.act("course", name="Седмица без услугата", language="en")
    session = site.act("session", course=made["course"], name="Initial session", due=2_000_000_000)
    site.run_tasks()
    arrived = partial(site.rows, "monitoringsession_personal", monitoringsession=session["instance"])
    wait_for(arrived, "the forms do not arrive")
    wait_for(service.idle, "the service does not come to rest")
    service.stop()
    lived = Week(session, made["people"])
    try:
        for hours in range(0, WEEK + 1, STEP):
            site.set_clock(hours)
            _spend(site, chromium, lived, hours)
            site.run_tasks()
            rows = site.rows("monitoringsession_outbox", state="waiting")
            lived.attempts.append(max(int(row["attempts"]) for row in rows))
            tasks = site.rows("task_adhoc", classname=DELIVER)
            lived.tasks.append([int(task["attemptsavailable"]) for task in tasks])
        lived.waiting = len(rows)
        service.hours = WEEK
        yield lived
    finally:
        service.stop()
        service.hours = 0
        service.start()
        site.set_clock(0)


def _spend(site: Site, chromium: Any, week: Week, hours: int) -> None:
    """What people do in the hour."""
    cmid = week.session["cmid"]

    def enter(role: str) -> Person:
        return Person(chromium, site.url, week.people[role]["username"])

    if hours == 0:
        mentee = enter("mentee")
        mentee.fill_in_first_form(cmid, "Цел от първия ден")
        mentee.submit()
        mentee.close()
    elif hours == 24:
        other = enter("mentee2")
        page = other.session(cmid)
        page.click('a[href*="instrument=mentee_initial"]')
        page.fill('[name="a_next_step"]', "Чернова от втория ден")
        page.click("#id_savedraft")
        page.wait_for_selector(".alert-success")
        other.close()
    elif hours == 72:
        mentee = enter("mentee")
        mentee.change_first_form(cmid, "Цел, променена на четвъртия ден")
        mentee.submit()
        mentee.close()
    elif hours == 120:
        other = enter("mentee2")
        page = other.session(cmid)
        page.click('a[href*="instrument=mentee_initial"]')
        assert page.input_value('[name="a_next_step"]') == "Чернова от втория ден"
        other.fill_in_first_form(cmid, "Цел от шестия ден")
        other.submit()
        other.close()
    elif hours == 144:
        third = enter("mentee3")
        third.fill_in_first_form(cmid, "Цел от седмия ден")
        third.submit()
        third.close()
    if hours and hours % 24 == 0:
        for role in ("mentee", "mentor", "coordinator"):
            person = enter(role)
            page = person.session(cmid)
            week.notices |= set(page.locator(".monitoringsession > .alert").all_inner_texts())
            person.close()


def test_all_week_the_pages_say_that_the_documents_will_follow(week: Week) -> None:
    assert week.notices == {
        "Everything works as usual and your answers are kept. The PDF documents will follow a little later."
    }


def test_the_outbox_does_not_give_up_when_moodle_has_dropped_its_task(week: Week) -> None:
    assert week.waiting >= 4, "three people, one of them twice"
    assert week.attempts[-1] >= WEEK // STEP, "tried at every step to the last"
    assert week.attempts == sorted(week.attempts)
    assert [] in week.tasks, "Moodle drops a task after twelve attempts"
    assert [0] not in week.tasks, "a task without attempts would keep later ones from being queued"


def test_on_its_return_everything_is_archived_once(site: Site, service: Service, week: Week) -> None:
    received = service.received()
    service.start()
    site.run_tasks()
    assert not site.rows("monitoringsession_outbox", state="waiting")
    assert service.received() - received >= week.waiting
    wait_for(service.idle, "the service does not come to rest")
    submissions = _of(site, "submission", week)
    assert sorted((row["version"], row["state"]) for row in submissions) == [
        ("1", "submitted"),
        ("1", "submitted"),
        ("1", "superseded"),
        ("2", "submitted"),
    ]
    documents = [(row["submission"], row["variant"]) for row in _of(site, "document", week)]
    assert sorted(documents) == sorted(
        (row["uuid"], variant) for row in submissions for variant in ("full", "mentor")
    )
    assert not [row for row in _of(site, "problem", week) if row["state"] == "open"]


def test_when_even_the_hints_are_lost_reconciling_finds_the_forms(
    site: Site, service: Service, chromium: Any, week: Week
) -> None:
    service.stop()
    mentee = Person(chromium, site.url, week.people["mentee2"]["username"])
    mentee.change_first_form(week.session["cmid"], "Цел, за която никой не каза")
    mentee.submit()
    mentee.close()
    assert site.act("lose_hints") >= 1
    service.start()
    service.command("reconcile")
    wait_for(lambda: len(_of(site, "document", week)) == 10, "the documents do not come")
    wait_for(service.idle, "the service does not come to rest")
    assert len(_of(site, "document", week)) == 10
    assert not site.rows("monitoringsession_outbox", state="waiting")


def _of(site: Site, table: str, week: Week) -> list[dict[str, Any]]:
    return site.rows(f"monitoringsession_{table}", monitoringsession=week.session["instance"])
