"""Figures: counted in every process, added up in the database, shown by any of them."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import NOW, SITE, Service, golden, serving
from sqlalchemy import Engine

from moodle_bridge import metrics
from moodle_bridge.contract import CONTRACT
from moodle_bridge.errors import StoreError
from moodle_bridge.store import documents, facts, migrate, queue, workers
from moodle_bridge.store.documents import Document
from moodle_bridge.store.engine import connect, write
from moodle_bridge.store.queue import NewJob

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _nothing_counted_yet(tmp_path: Path) -> None:
    """What earlier tests of this process counted is put where nobody looks."""
    elsewhere = connect(f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    migrate.upgrade(elsewhere)
    metrics.publish(elsewhere)
    elsewhere.dispose()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with serving(tmp_path) as service:
        yield service


def scraped(service: Service) -> dict[str, float]:
    """Every sample by its name and labels."""
    answer = service.call("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(answer.body.decode()):
        for sample in family.samples:
            labels = ",".join(sample.labels.values())
            found[f"{sample.name.removeprefix('moodle_bridge_')}{{{labels}}}"] = sample.value
    return found


def test_what_was_counted_is_added_to_the_database_once(engine: Engine) -> None:
    metrics.count("received", "submission.saved")
    metrics.count("received", "submission.saved", 2)
    for _ in range(2):
        assert metrics.publish(engine)["counters"] == {"received|submission.saved": 3}
    assert facts.get(engine, metrics.FACT)["counters"] == {"received|submission.saved": 3}


def test_several_processes_add_up(engine: Engine) -> None:
    program = (
        "import sys; from moodle_bridge import metrics; from moodle_bridge.store.engine import connect;"
        "e = connect(sys.argv[1]);"
        "[(metrics.count('received', 'x'), metrics.observe('fill', 0.02), metrics.publish(e))"
        " for _ in range(10)]"
    )
    command = [sys.executable, "-c", program, engine.url.render_as_string(hide_password=False)]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    for _ in range(10):
        metrics.count("received", "x")
        metrics.publish(engine)
    assert [process.wait(30) for process in running] == [0, 0]
    totals = metrics.publish(engine)
    assert totals["counters"] == {"received|x": 30}
    assert sum(totals["steps"]["fill"][1:]) == 20


def test_what_could_not_be_published_is_added_later(tmp_path: Path, engine: Engine) -> None:
    gone = connect(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    metrics.count("received", "x")
    metrics.observe("fill", 0.1)
    with pytest.raises(StoreError):
        metrics.publish(gone)
    metrics.count("received", "x")
    totals = metrics.publish(engine)
    assert totals["counters"] == {"received|x": 2}
    assert sum(totals["steps"]["fill"][1:]) == 1
    gone.dispose()


def test_threads_lose_nothing(engine: Engine) -> None:
    def work() -> None:
        for _ in range(500):
            metrics.count("received", "x")
            metrics.observe("fill", 0.001)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        metrics.publish(engine)
    totals = metrics.publish(engine)
    assert totals["counters"] == {"received|x": 2000}
    assert sum(totals["steps"]["fill"][1:]) == 2000


def test_it_is_published_in_the_background_and_at_the_end(engine: Engine) -> None:
    with metrics.published(engine, every_seconds=0.02):
        metrics.count("received", "x")
        deadline = time.monotonic() + 5
        while facts.get(engine, metrics.FACT) is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        metrics.count("received", "x")
    assert facts.get(engine, metrics.FACT)["counters"] == {"received|x": 2}


def test_a_step_is_measured_also_when_it_fails(engine: Engine) -> None:
    def fails() -> None:
        time.sleep(0.02)
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"), metrics.step("fill"):
        fails()
    row = metrics.publish(engine)["steps"]["fill"]
    assert 0.02 <= row[0] < 1
    assert sum(row[1:]) == 1


def test_the_figures_of_an_idle_service(service: Service) -> None:
    found = scraped(service)
    assert found["jobs{queued}"] == 0
    assert found["failed{}"] == 0
    assert found["archived{}"] == 0
    assert found["queue_age_seconds{}"] == 0
    assert found["workers{}"] == 0
    assert found["paired{}"] == 0


def test_hints_received_repeated_and_refused_are_counted(service: Service) -> None:
    service.pair()
    request = golden("webhook-submission-saved")["request"]
    for _ in range(3):
        service.call("POST", request["path"], request["body"].encode(), request["headers"])
    service.send("/api/ping", {"contract": CONTRACT, "site": "https://clone.example"})
    found = scraped(service)
    assert found["received_total{submission.saved}"] == 1
    assert found["duplicates_total{moodle}"] == 2
    assert found["refused_total{wrong-site}"] == 1
    assert found["paired{}"] == 1


def test_the_queue_is_shown_as_the_database_has_it(service: Service) -> None:
    with write(service.engine) as connection:
        for number in range(3):
            queue.enqueue(connection, NewJob(key=f"archive:{number}", kind="archive"), NOW - 90)
        workers.beat(connection, "here", NOW - 1, 1)
        workers.beat(connection, "gone", NOW - 3600, 0)
    job = queue.claim(service.engine, None, "here", NOW, 60, 6)
    assert job is not None
    queue.fail(service.engine, job, NOW, "fill", "x", None)
    found = scraped(service)
    assert (found["jobs{queued}"], found["jobs{dead}"], found["failed{}"]) == (2, 1, 1)
    assert found["queue_age_seconds{}"] == 90
    assert found["workers{}"] == 1


def test_archived_documents_are_those_with_a_receipt(service: Service) -> None:
    with write(service.engine) as connection:
        for number in range(3):
            document = Document(
                id=f"c1a2b3d4-e5f6-5a7b-8c9d-00000000000{number}",
                submission="0a4b7c1d-2e3f-4a5b-8c6d-7e8f9a0b1c2d",
                session="5f0c9f2e-6f0b-4f6e-9d5b-1d6c8c9e0a11",
                variant="full",
                language="bg",
                filename="a.pdf",
                sha256="a" * 64,
                answers_sha256="b" * 64,
                size=4,
                pages=1,
                content=b"%PDF",
            )
            documents.keep(connection, document)
        documents.receipt(connection, document.id, NOW)
    found = scraped(service)
    assert (found["archived{}"], found["documents_waiting{}"]) == (1, 2)


def test_step_durations_are_a_histogram_of_all_processes(service: Service) -> None:
    for seconds in (0.004, 0.005, 0.2, 60.0):
        metrics.observe("fill", seconds)
    found = scraped(service)
    assert found["step_seconds_count{fill}"] == 4
    assert found["step_seconds_sum{fill}"] == pytest.approx(60.209)
    assert found["step_seconds_bucket{0.005,fill}"] == 2
    assert found["step_seconds_bucket{30.0,fill}"] == 3
    assert found["step_seconds_bucket{+Inf,fill}"] == 4


def test_no_figure_names_a_person_or_a_site(service: Service) -> None:
    service.pair()
    text = service.call("GET", "/metrics").body.decode()
    assert SITE not in text
    assert "Юлия" not in text
