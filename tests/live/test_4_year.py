"""The scenario of a year on a real Moodle: the forms, documents and signals that were worked out by hand.

The first form of every instrument in every kind of session is filled in through the pages, the others by
the functions behind them. The dates are those of the scenario, so what the browser submits is dated back
before the service is told.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Mapping
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import forms
import pytest
import yaml
from gallery import Gallery
from people import Person
from site_under_test import Service, Site, wait_for

ROOT = Path(__file__).resolve().parents[2]
YEAR: dict[str, Any] = yaml.safe_load(
    (ROOT / "moodle_bridge" / "sandbox" / "scenarios" / "year.yaml").read_text(encoding="utf-8")
)
EXPECTED: dict[str, Any] = yaml.safe_load(
    (ROOT / "tests" / "fixtures" / "year" / "expected.yaml").read_text(encoding="utf-8")
)
NAMES = {"initial": "Първоначална", "interim": "Междинна", "final": "Заключителна"}


class Course:
    """The course of the year on the site: real ids by the scenario's numbers."""

    def __init__(self, site: Site, service: Service, chromium: Any) -> None:
        self.site, self.service, self._browser = site, service, chromium
        made = site.act("cast", name=YEAR["course"], groups=YEAR["groups"])
        self.id = made["course"]
        self.groups = {0: 0} | {int(number): id for number, id in made["groups"].items()}
        self.people: dict[int, int] = {}
        self.sessions: dict[int, dict[str, Any]] = {}
        self._tag = os.urandom(3).hex()
        self._shown: set[tuple[str, str]] = set()

    def come_and_go(self, now: int) -> None:
        """Enrol who has come by then; suspend who has left."""
        here = [each for each in YEAR["people"] if "from" not in each or epoch(each["from"]) <= now]
        self.people |= {
            int(number): id
            for number, id in self.site.act(
                "enrol",
                course=self.id,
                language=YEAR["language"],
                people=[
                    {
                        **each,
                        "username": self.username(each["id"]),
                        "groups": [self.groups[group] for group in each["groups"]],
                        "joined": epoch(each["from"])
                        if "from" in each
                        else epoch(YEAR["sessions"][0]["date"]),
                        "left": "until" in each and epoch(each["until"]) <= now,
                    }
                    for each in here
                ],
            ).items()
        }

    def username(self, person: int) -> str:
        """The account of somebody of the scenario."""
        return f"year{person}_{self._tag}"

    def hold(self, session: Mapping[str, Any]) -> None:
        """One session from its opening to its closing, every form in its turn."""
        self.come_and_go(epoch(session["date"]))
        made = self.sessions[session["number"]] = self.site.act(
            "session",
            course=self.id,
            section=session["number"],
            name=f"{NAMES[session['kind']]} мониторинг сесия",
            number=session["number"],
            kind=session["kind"],
            opens=epoch(session["date"]),
            due=epoch(session["date"], YEAR["due_days"], 22),
            language=YEAR["language"],
        )
        own = [form for form in YEAR["forms"] if form["session"] == session["number"]]
        for instrument, turn in groupby(own, key=lambda form: form["instrument"]):
            self.settle()
            if instrument == "session_protocol":
                self.decide(session, made)
                self.settle()
            self.fill_in(session["kind"], made, list(turn))
        self.settle()
        closed = epoch(session["date"], YEAR["closed_days"], 18)
        self.site.act("close", cmid=made["cmid"], session=made["uuid"], at=closed)
        self.settle()

    def decide(self, session: Mapping[str, Any], made: Mapping[str, Any]) -> None:
        """Decide on the session's signals as the coordinator of the scenario does."""
        for each in (one for one in YEAR["decisions"] if one["session"] == session["number"]):
            about = str(each.get("subject", ""))
            begin = f"{each['rule']}.{self.groups[each['group']]}.{self.people.get(each['person'], 0)}."
            [signal] = [
                signal["id"]
                for signal in self.shown(session["number"], each["group"])
                if signal["id"].startswith(begin) and (not about or signal["id"].endswith(f".{about}"))
            ]
            self.site.act(
                "decide",
                cmid=made["cmid"],
                signal=signal,
                decision=each["decision"],
                note=each.get("note", ""),
                due=epoch(each["due"]) if "due" in each else 0,
                user=self.people[41],
                at=epoch(session["date"], 8, 9),
            )

    def fill_in(self, kind: str, session: Mapping[str, Any], turn: list[dict[str, Any]]) -> None:
        """The forms of one instrument; the first of its kind in the browser."""
        first = (kind, turn[0]["instrument"])
        if first not in self._shown:
            self._shown.add(first)
            self.in_the_browser(session, turn.pop(0))
        wanted = [
            {
                "cmid": session["cmid"],
                "instrument": form["instrument"],
                "group": self.groups[form["group"]],
                "user": self.people[form["person"]],
                "answers": self.answers(form["answers"]),
                "at": self.moment(form),
            }
            for form in turn
        ]
        self.site.act("submit", forms=wanted)

    def in_the_browser(self, session: Mapping[str, Any], form: Mapping[str, Any]) -> None:
        """Fill in, review and submit by the pages."""
        person = Person(self._browser, self.site.url, self.username(form["person"]))
        group = self.groups[form["group"]]
        page = person.open(
            f"/mod/monitoringsession/form.php?id={session['cmid']}&instrument={form['instrument']}&group={group}"
        )
        page.wait_for_selector("#id_review")
        forms.fill(page, self.answers(form["answers"]))
        page.click("#id_review")
        page.wait_for_selector(".monitoringsession-submit, .alert-warning")
        wrong = page.locator(".invalid-feedback:visible").all_inner_texts()
        assert page.locator(".monitoringsession-submit").count(), (form["instrument"], wrong)
        person.check()
        person.submit()
        person.check()
        person.close()
        self.site.act(
            "submitted_at",
            instance=session["instance"],
            instrument=form["instrument"],
            group=group,
            user=self.people[form["person"]],
            at=self.moment(form),
        )

    def answers(self, value: Any) -> Any:
        """Answers that name people by their numbers on this site."""
        if isinstance(value, Mapping):
            return {key: self.answers(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.answers(each) for each in value]
        if isinstance(value, str) and re.fullmatch(r"p\d+", value):
            return f"p{self.people[int(value[1:])]}"
        return value

    def moment(self, form: Mapping[str, Any]) -> int:
        """When a form was submitted in the scenario."""
        session = YEAR["sessions"][form["session"] - 1]
        return epoch(session["date"], form["day"], form["hour"])

    def settle(self) -> None:
        """Until the service has nothing left to do."""
        assert self.site.act("deliver") == ""
        wait_for(self.service.idle, "the service does not come to rest", 300)

    def signals(self, number: int, group: int) -> list[list[Any]]:
        """The signals that a session raises in a group, in the words of ``expected.yaml``."""
        numbers = {id: number for number, id in self.people.items()} | {0: 0}
        told = []
        for signal in self.shown(number, group):
            if signal["occurrences"][-1]["session"] != self.sessions[number]["uuid"]:
                continue
            rule, _, person, subject = signal["id"].split(".", 3)
            which = int(subject[-1]) if rule == "goal_stalled" else subject
            told.append([signal["level"], rule, numbers[int(person)], which])
        return told

    def shown(self, number: int, group: int) -> list[dict[str, Any]]:
        """The signals of a group's summary for the coordinator."""
        [row] = self.site.rows(
            "monitoringsession_summary",
            monitoringsession=self.sessions[number]["instance"],
            groupid=self.groups[group],
            audience="coordinator",
            userid=0,
        )
        signals: list[dict[str, Any]] = json.loads(row["content"])["signals"]
        return signals


def epoch(date: str, days: int = 0, hour: int = 0) -> int:
    """UTC seconds of an hour so many days after a date."""
    start = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    return int((start + dt.timedelta(days=days, hours=hour)).timestamp())


@pytest.fixture(scope="module")
def year(site: Site, service: Service, pairing: Person, chromium: Any) -> Course:
    """The whole year, filed."""
    course = Course(site, service, chromium)
    wait_for(partial(site.rows, "monitoringsession_definition"), "the forms do not arrive")
    site.act("config", pauseuntil=2_000_000_000)
    try:
        for session in YEAR["sessions"]:
            course.hold(session)
    finally:
        site.act("config", pauseuntil=None)
    return course


def test_every_form_of_the_year_is_filed(site: Site, year: Course) -> None:
    submissions, documents = _of(site, year, "submission"), _of(site, year, "document")
    assert len(submissions) == 83
    assert {row["state"] for row in submissions} == {"submitted"}
    assert len(documents) == 154
    assert {row["submission"] for row in documents} == {row["uuid"] for row in submissions}
    assert not [row for row in _of(site, year, "problem") if row["state"] == "open"]


@pytest.mark.parametrize(("number", "group"), [(number, group) for number in range(1, 7) for group in (1, 2)])
def test_each_session_shows_exactly_the_signals_worked_out(year: Course, number: int, group: int) -> None:
    assert year.signals(number, group) == EXPECTED["signals"][number][group]


def test_the_goals_of_a_mentee_come_back_from_session_to_session(site: Site, year: Course) -> None:
    [form] = [
        row
        for row in _of(site, year, "submission")
        if row["instrument"] == "mentee_final" and int(row["userid"]) == year.people[14]
    ]
    carried = json.loads(form["carried"])
    texts = json.dumps(carried, ensure_ascii=False)
    assert "Да работя в събо" in texts, "the goal comes back as it was reworded in session 3"


def test_the_pages_of_the_year_fit_a_desktop_and_a_phone(
    site: Site, year: Course, chromium: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    gallery = Gallery.of(site, "year", tmp_path_factory)
    for number in (3, 6):
        for role, person in (("mentee", 11), ("mentor", 31), ("coordinator", 41)):
            viewer = Person(chromium, site.url, year.username(person))
            viewer.session(year.sessions[number]["cmid"])
            gallery.open_sections(viewer)
            gallery.take(viewer, f"{number}-{role}")
            viewer.close()
    assert gallery.misfits == []


def _of(site: Site, year: Course, table: str) -> list[dict[str, Any]]:
    return [
        row
        for session in year.sessions.values()
        for row in site.rows(f"monitoringsession_{table}", monitoringsession=session["instance"])
    ]
