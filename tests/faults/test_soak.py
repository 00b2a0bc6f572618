"""A whole service for a while: PostgreSQL, two web servers, three workers, and one fault after another.

Seconds long in every run; an hour with 20 courses of 30 mentees and 8 sessions by MOODLE_BRIDGE_FAULTS=soak.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from processes import Plant, Service, free_port, plant, until
from sqlalchemy import create_engine, text

from moodle_bridge.sandbox.cast import Course, Person
from moodle_bridge.sandbox.sqlite_file import put_setting
from moodle_bridge.store import queue

SOAK = os.environ.get("MOODLE_BRIDGE_FAULTS") == "soak"
COURSES, MENTEES, SESSIONS, SECONDS = (20, 30, 8, 3600.0) if SOAK else (2, 4, 2, 10.0)
LONGEST_FAULT, LONGEST_PEACE = (60.0, 30.0) if SOAK else (1.0, 0.5)
PATIENCE = 1800.0 if SOAK else 120.0
FORM = "mentee_initial"
PEOPLE = 1000
"""Numbers of people in a course follow its own number times this."""
MOST_MEMORY = 400 * 1024**2
GROWTH = 1.25
"""How much larger a process may be at the end than after its first third."""


@dataclass
class Show:
    """The plant, its processes, and what was done to it."""

    plant: Plant
    webs: list[Service]
    workers: list[Service]
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def trouble(self) -> None:
        """One fault after another, each for a while, until it is over."""
        kinds: list[Callable[[float], None]] = [
            self.moodle_fails,
            self.network_fails,
            self.database_hangs_up,
            self.process_dies,
            self.address_changes,
        ]
        while not self.over.is_set():
            self.chance.choice(kinds)(self.chance.uniform(0.1, LONGEST_FAULT))
            self.over.wait(self.chance.uniform(0, LONGEST_PEACE))

    def moodle_fails(self, seconds: float) -> None:
        name = self.chance.choice(["http_500", "maintenance", "locked", "truncated", "redirect"])
        self.fault(name, seconds, probability=self.chance.choice([0.3, 1.0]))

    def network_fails(self, seconds: float) -> None:
        name = self.chance.choice(
            ["answer_lost", "slow", "webhooks_off", "webhooks_twice", "webhooks_reordered"]
        )
        self.fault(name, seconds, probability=0.5, milliseconds=300)

    def fault(self, name: str, seconds: float, **how: Any) -> None:
        self.done[name] += 1
        self.plant.sandbox.faults.set(name, **how)
        self.over.wait(seconds)
        self.plant.sandbox.faults.clear(name)

    def database_hangs_up(self, seconds: float) -> None:
        self.done["database"] += 1
        engine = create_engine(self.plant.settings.database_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        engine.dispose()

    def process_dies(self, seconds: float) -> None:
        chosen = self.chance.choice([*self.webs, *self.workers])
        self.done[f"killed {chosen.command}"] += 1
        chosen.kill()
        self.over.wait(seconds / 2)
        chosen.start(wait=False)

    def address_changes(self, seconds: float) -> None:
        self.done["address"] += 1
        with self.plant.sandbox.database.write() as connection:
            put_setting(connection, "service_url", self.chance.choice(self.webs).url)


def ready(web: Service) -> tuple[int, Mapping[str, Any]]:
    """Status and answer of ``/readyz``; 0 if there is none."""
    try:
        with urllib.request.urlopen(f"{web.url}/readyz", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, {}


def memory(process: Service) -> int:
    """Bytes that a process has in memory."""
    assert process.process is not None
    pages = Path(f"/proc/{process.process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def test_whatever_fails_everything_is_filed_once_in_flat_memory(
    tmp_path: Path, postgresql_database: str, answers: Mapping[str, Any]
) -> None:
    environ = {
        "MOODLE_BRIDGE_DATABASE_URL": postgresql_database,
        "MOODLE_BRIDGE_MOODLE_TIMEOUT_SECONDS": "2",
        "MOODLE_BRIDGE_JOBS_BACKOFF_CEILING_SECONDS": "5",
        "MOODLE_BRIDGE_RECONCILE_EVERY_SECONDS": "5",
    }
    with plant(tmp_path, 1, **environ) as made:
        webs = [made.process("web"), made.process("web", MOODLE_BRIDGE_SERVICE_PORT=str(free_port()))]
        show = Show(made, webs, [made.process("worker") for _ in range(3)], random.Random(20261128))
        for process in [*show.webs, *show.workers]:
            process.start(wait=False)
        for web in webs:
            until(web.answers, 120, "a web server does not answer")
        made.pair()
        sessions = _courses(made)
        until(lambda: ready(webs[0])[1].get("status") == "ok", 60, "the service is not well before it began")
        wanted = [(session, person) for session, people in sessions for person in people]
        show.chance.shuffle(wanted)
        submissions: list[str] = []
        troubles = threading.Thread(target=show.trouble)
        troubles.start()
        began = time.monotonic()
        early: dict[int, int] = {}
        try:
            for number, (session, person) in enumerate(wanted):
                time.sleep(max(0.0, began + number * SECONDS / len(wanted) - time.monotonic()))
                submissions.append(
                    made.sandbox.world.submit(
                        session, FORM, person, answers, role="mentee", group=person // PEOPLE
                    )
                )
                if number == len(wanted) // 3:
                    early = _sizes(show)
        finally:
            show.over.set()
            troubles.join()
            made.sandbox.faults.clear()
        made.send_at_once()
        until(
            lambda: (
                not made.sandbox.unsent()
                and queue.counts(made.engine)["queued"] < 1
                and _filed(made, submissions)
            ),
            PATIENCE,
            f"not all was filed; done to it: {dict(show.done)}",
        )
        assert queue.counts(made.engine)["dead"] == 0
        _check_once(made, submissions)
        _check_sizes(show, early)
        _check_alarms(show)


def _courses(made: Plant) -> list[tuple[str, list[int]]]:
    """Courses with a group of mentees each; their sessions, and who fills them in."""
    world, found = made.sandbox.world, []
    for course in range(100, 100 + COURSES):
        people = [course * PEOPLE + number for number in range(MENTEES)]
        cast = tuple(Person(each, f"Обект {each}", ("mentee",), (course,)) for each in people)
        world.add_course(Course(course, f"Курс {course}", ((course, "Група"),), cast))
        for number in range(1, SESSIONS + 1):
            kind = "initial" if number == 1 else "interim"
            name = f"Сесия {number}"
            made_session = world.create_session(
                course=course, name=name, number=number, kind=kind, instruments=[FORM]
            )
            found.append((made_session, people))
    return found


def _filed(made: Plant, submissions: list[str]) -> bool:
    return len(made.sandbox.database.rows("SELECT id FROM document")) >= 2 * len(submissions)


def _check_once(made: Plant, submissions: list[str]) -> None:
    rows = made.sandbox.database.rows("SELECT submission, variant FROM document")
    filed = Counter((row["submission"], row["variant"]) for row in rows)
    assert set(filed) == {(each, variant) for each in submissions for variant in ("full", "mentor")}
    assert set(filed.values()) == {1}


def _sizes(show: Show) -> dict[int, int]:
    """Memory of each process that lives, by its number."""
    found = {}
    for process in [*show.webs, *show.workers]:
        if process.process is not None and process.process.poll() is None:
            found[process.process.pid] = memory(process)
    return found


def _check_sizes(show: Show, early: Mapping[int, int]) -> None:
    """Processes that lived long enough did not grow; connections are few."""
    for pid, size in _sizes(show).items():
        assert size < MOST_MEMORY
        if SOAK and pid in early:
            assert size < GROWTH * early[pid]
    engine = create_engine(show.plant.settings.database_url)
    with engine.connect() as connection:
        held = connection.execute(
            text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        ).scalar_one()
    engine.dispose()
    assert held < 100, "the connections of two web servers and three workers fit into a default server"


def _check_alarms(show: Show) -> None:
    """Moodle goes away: both web servers say so, and all is well again once it is back."""
    show.plant.sandbox.faults.set("maintenance")
    for web in show.webs:
        until(lambda web=web: ready(web)[0] == 503, 30, "the alarm is not raised")
        assert ready(web)[1]["checks"]["moodle"]["ok"] is False
    show.plant.sandbox.faults.clear()
    for web in show.webs:
        until(lambda web=web: ready(web)[1].get("status") == "ok", 30, "the alarm stays")
