"""SIGKILL at random moments while submissions arrive: whatever was acknowledged is filed, exactly once."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from processes import Plant, Service, plant, until
from sqlalchemy import select

from moodle_bridge.store import queue, tables
from moodle_bridge.store.engine import read

LENGTHS = {"full": (1000, 30, 600.0, 50), "hundred": (10_000, 100, 7200.0, 500)}
"""Submissions, kills, patience and people of longer runs: MOODLE_BRIDGE_FAULTS=full or hundred (hours)."""
SUBMISSIONS, KILLS, PATIENCE, PEOPLE = LENGTHS.get(
    os.environ.get("MOODLE_BRIDGE_FAULTS", ""), (40, 4, 90.0, 10)
)


def submit_steadily(
    plant: Plant, session: str, answers: Mapping[str, Any], seconds: float, made: list[str]
) -> None:
    """Submit as many forms as wanted within so many seconds; people submit several versions."""
    began = time.monotonic()
    for number in range(SUBMISSIONS):
        time.sleep(max(0.0, began + number * seconds / SUBMISSIONS - time.monotonic()))
        made.append(plant.submit(session, answers, 1000 + number % PEOPLE))


def kill(services: list[Service], victim: str, chance: random.Random) -> None:
    """Let the processes live for a random moment, kill one or all of them, and have them run again."""
    time.sleep(chance.uniform(0.05, 2.0))
    if services[0].command == "serve" and victim == "worker":
        _, *workers = services[0].pids()  # none while a new one is about to begin
        for pid in workers:
            os.kill(pid, signal.SIGKILL)  # serve starts another
        return
    chosen = [each for each in services if each.command in ("serve", victim) or victim == "both"]
    dying = chosen if victim == "both" else [chance.choice(chosen)]
    workers = [pid for each in dying for pid in each.pids()[1:]] if victim == "both" else []
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    for each in dying:
        each.kill()
    for each in dying:
        each.start()


@pytest.mark.parametrize("victim", ["web", "worker", "both"])
@pytest.mark.parametrize("commands", [["serve"], ["web", "worker", "worker"]], ids=["sqlite", "postgresql"])
def test_kills_lose_and_double_nothing(
    commands: list[str],
    victim: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    answers: Mapping[str, Any],
) -> None:
    """Killing the web server of serve leaves its worker alone for as long as that ends its jobs."""
    environ = {"MOODLE_BRIDGE_RECONCILE_EVERY_SECONDS": "86400"}
    if len(commands) > 1:
        environ["MOODLE_BRIDGE_DATABASE_URL"] = request.getfixturevalue("postgresql_database")
    chance = random.Random(SUBMISSIONS)
    with plant(tmp_path, PEOPLE, **environ) as made:
        services = [made.process(command) for command in commands]
        for service in services:
            service.start()
        made.pair()
        session = made.session()
        until(lambda: not made.sandbox.unsent(), 20, "the session was not told")
        time.sleep(1)
        submissions: list[str] = []
        thread = threading.Thread(
            target=submit_steadily, args=(made, session, answers, KILLS * 2.0, submissions)
        )
        thread.start()
        for _ in range(KILLS):
            kill(services, victim, chance)
        thread.join()
        _check_acknowledged(made)
        made.send_at_once()
        until(
            lambda: not made.sandbox.unsent() and _settled(made),
            PATIENCE,
            f"not all was done within {PATIENCE:.0f} seconds",
        )
        _check_acknowledged(made)
        _check_documents(made, submissions)


def _settled(made: Plant) -> bool:
    counts = queue.counts(made.engine)
    return counts["queued"] + counts["running"] == 0


def _check_acknowledged(made: Plant) -> None:
    """What the service said it had received is on its disk, whatever happened to it afterwards."""
    acknowledged = made.acknowledged()
    with read(made.engine) as connection:
        on_disk = set(connection.execute(select(tables.inbox.c.id)).scalars())
    assert acknowledged <= on_disk, f"{len(acknowledged - on_disk)} acknowledged webhooks are lost"


def _check_documents(made: Plant, submissions: list[str]) -> None:
    """Exactly one document per version and variant, whole, and not one more."""
    assert len(set(submissions)) == SUBMISSIONS
    rows = made.sandbox.database.rows("SELECT * FROM document")
    filed = Counter((row["submission"], row["variant"], row["language"]) for row in rows)
    expected = {(submission, variant, "bg") for submission in submissions for variant in ("full", "mentor")}
    dead = [(job.key, job.code, job.message) for job in queue.list_jobs(made.engine, "dead")]
    assert dead == []
    assert set(filed) == expected, f"{len(expected - set(filed))} are missing"
    assert set(filed.values()) == {1}
    for row in rows:
        assert hashlib.sha256(row["content"]).hexdigest() == row["sha256"]
    with read(made.engine) as connection:
        unstored = select(tables.document.c.id).where(tables.document.c.stored_at.is_(None))
        assert connection.execute(unstored).all() == []
        assert connection.execute(select(tables.content.c.document)).all() == [], "bytes are let go"
