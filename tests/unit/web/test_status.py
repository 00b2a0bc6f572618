"""``/healthz`` and ``/readyz``: what they say, and that they never make anybody wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from serving import NOW, SITE, TOKEN, Service, golden, serving
from sqlalchemy import text

from moodle_bridge.contract.exchanges import ChangePage
from moodle_bridge.errors import MoodleMaintenance
from moodle_bridge.moodle.client import Client
from moodle_bridge.store import aside, queue, tables, workers
from moodle_bridge.store.aside import Thing
from moodle_bridge.store.engine import write
from moodle_bridge.web.probe import Probe, ask


class Answering(Client):
    """A client whose Moodle answers as a test says."""

    def __init__(self, behave: Callable[[], None]) -> None:
        super().__init__(SITE, TOKEN, timeout_seconds=1, concurrency=1)
        self.behave = behave

    def greet(self, timeout_seconds: float | None = None) -> ChangePage:
        self.behave()
        return ChangePage.of(golden("ws-get_changes")["answer"])


@contextmanager
def running(folder: Path, behave: Callable[[], None], *, worker: bool = True) -> Iterator[Service]:
    moodle = Answering(behave)
    with serving(folder, connect_moodle=lambda: moodle) as service:
        service.pair()
        if worker:
            with write(service.engine) as connection:
                workers.beat(connection, "here", NOW - 5, 0)
        yield service


def fine() -> None:
    """Moodle answers."""


def test_it_is_ready_when_database_worker_and_moodle_are(tmp_path: Path) -> None:
    with running(tmp_path, fine) as service:
        answer = service.call("GET", "/readyz")
        assert answer.status == 200
        assert answer.json()["status"] == "ok"
        assert {name: check["ok"] for name, check in answer.json()["checks"].items()} == {
            "database": True,
            "worker": True,
            "moodle": True,
            "paired": True,
            "single things": True,
        }


def test_what_is_wrong_with_single_things_is_said_and_sends_nobody_away(tmp_path: Path) -> None:
    with running(tmp_path, fine) as service:
        with write(service.engine) as connection:
            aside.put(connection, Thing("s", "session", "s"), "moodle-garbled", "no kind", NOW)
        answer = service.call("GET", "/readyz")
        assert (answer.status, answer.json()["status"]) == (200, "degraded")
        assert answer.json()["checks"]["single things"]["detail"].startswith("1 set aside")
        assert "moodle_bridge_set_aside 1.0" in service.call("GET", "/metrics").body.decode()
        with write(service.engine) as connection:
            aside.clear_session(connection, "s")
            queue.enqueue(connection, queue.NewJob("push:s", "push"), NOW)
            connection.execute(tables.job.update().values(code="internal", message="KeyError"))
        answer = service.call("GET", "/readyz")
        assert (answer.status, answer.json()["status"]) == (200, "degraded")
        assert (
            "1 jobs failed by an error of this program" in answer.json()["checks"]["single things"]["detail"]
        )


def test_without_a_worker_it_is_alive_but_not_ready(tmp_path: Path) -> None:
    with running(tmp_path, fine, worker=False) as service:
        assert service.call("GET", "/healthz").status == 200
        answer = service.call("GET", "/readyz")
        assert answer.status == 503
        assert answer.json()["checks"]["worker"]["ok"] is False


def test_a_worker_silent_for_a_lease_does_not_count(tmp_path: Path) -> None:
    with running(tmp_path, fine) as service:
        service.now += 56
        assert service.call("GET", "/readyz").json()["checks"]["worker"]["ok"] is False


def test_a_worker_seen_in_the_future_does_not_count(tmp_path: Path) -> None:
    with running(tmp_path, fine) as service:
        with write(service.engine) as connection:
            workers.beat(connection, "here", NOW + 86_400, 0)
        answer = service.call("GET", "/readyz")
        assert (answer.status, answer.json()["checks"]["worker"]["code"]) == (503, "no-worker")
        assert "moodle_bridge_workers 0.0" in service.call("GET", "/metrics").body.decode()


def test_an_unreachable_moodle_is_told_with_its_code(tmp_path: Path) -> None:
    def maintained() -> None:
        raise MoodleMaintenance("get_changes: Moodle shows its maintenance page")

    with running(tmp_path, maintained) as service:
        answer = service.call("GET", "/readyz")
        assert answer.status == 503
        assert answer.json()["checks"]["moodle"]["code"] == "moodle-maintenance"


def test_before_it_is_paired_it_is_ready_for_that(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        with write(service.engine) as connection:
            workers.beat(connection, "here", NOW, 0)
        answer = service.call("GET", "/readyz")
        assert (answer.status, answer.json()["status"]) == (200, "degraded"), (
            "a database that vanished is new"
        )
        assert answer.json()["checks"]["moodle"]["detail"] == "not paired yet"
        assert answer.json()["checks"]["paired"]["code"] == "not-paired"


def test_a_broken_database_is_not_ready_and_alive_all_the_same(tmp_path: Path) -> None:
    with running(tmp_path, fine) as service:
        with service.engine.begin() as connection:
            connection.execute(text("ALTER TABLE job RENAME TO elsewhere"))
        assert service.call("GET", "/healthz").status == 200
        answer = service.call("GET", "/readyz")
        assert answer.status == 503
        assert answer.json()["checks"]["database"]["code"] == "store"


def test_a_moodle_that_hangs_makes_nobody_wait(tmp_path: Path) -> None:
    released, over = threading.Event(), threading.Event()

    def hang() -> None:
        released.wait(30)
        over.set()

    with running(tmp_path, hang) as service:
        answer = service.call("GET", "/readyz")
        assert not over.is_set(), "the answer came while Moodle hung"
        assert answer.json()["checks"]["moodle"] == {"ok": False, "code": "slow", "detail": "no answer yet"}
        released.set()


def test_a_moodle_that_is_slow_each_time_is_not_taken_for_away() -> None:
    released = threading.Event()
    released.set()

    def check() -> str:
        assert released.wait(5)
        return "fine"

    probe = Probe(check, fresh_seconds=0.0, patience_seconds=0.2)
    assert ask({"one": probe}, 5)["one"].ok
    released.clear()
    assert ask({"one": probe}, 0.0)["one"].ok, "what was known holds for a while"
    time.sleep(0.3)
    assert ask({"one": probe}, 0.0)["one"].code == "slow"
    released.set()
    assert ask({"one": probe}, 5)["one"].ok


def test_a_write_that_the_database_does_not_take_is_no_readiness(tmp_path: Path) -> None:
    with running(tmp_path, fine) as service:
        with write(service.engine) as connection:
            connection.execute(
                text("CREATE TRIGGER full BEFORE INSERT ON fact BEGIN SELECT RAISE(FAIL, 'full'); END")
            )
        answer = service.call("GET", "/readyz")
        assert answer.status == 503
        assert answer.json()["checks"]["database"]["code"] == "store"


def test_moodle_is_asked_once_in_a_while_however_often_we_are(tmp_path: Path) -> None:
    asked = []
    with running(tmp_path, lambda: asked.append(1)) as service:
        for _ in range(5):
            assert service.call("GET", "/readyz").status == 200
    assert len(asked) == 1


def test_a_probe_runs_once_at_a_time() -> None:
    started, released, runs = threading.Event(), threading.Event(), []

    def check() -> str:
        runs.append(1)
        started.set()
        released.wait(5)
        return "fine"

    probes = {"one": Probe(check, 0.0)}
    assert ask(probes, 0.0)["one"].code == "slow"
    assert started.wait(5)
    assert ask(probes, 0.0)["one"].code == "slow"
    released.set()
    deadline = time.monotonic() + 5
    while not ask(probes, 0.1)["one"].ok:
        assert time.monotonic() < deadline
    assert len(runs) <= 3


def test_trouble_nobody_foresaw_is_told_by_its_type_only() -> None:
    def check() -> str:
        raise KeyError("Искам да напусна")

    assert ask({"one": Probe(check, 0.0)}, 5)["one"].detail == "KeyError"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_answer_head_as_well(tmp_path: Path, path: str) -> None:
    with running(tmp_path, fine) as service:
        answer = service.call("HEAD", path)
        assert (answer.status, answer.body) == (200, b"")
