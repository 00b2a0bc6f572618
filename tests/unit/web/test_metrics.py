"""Figures: counted by every process of a machine, shown by the one that is asked."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from claiming import claimed, fail
from prometheus_client.parser import text_string_to_metric_families
from serving import NOW, SITE, Service, golden, serving

from moodle_bridge import metrics
from moodle_bridge.contract import CONTRACT
from moodle_bridge.store import documents, queue, workers
from moodle_bridge.store.documents import Document
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import NewJob

ROOT = Path(__file__).resolve().parents[3]


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


COUNT = """
import os
from moodle_bridge import metrics
metrics.reserve()
print(*(os.stat(file).st_blocks for file in os.scandir(os.environ["PROMETHEUS_MULTIPROC_DIR"])))
metrics.count("job", "done")
with metrics.step("fill"):
    pass
"""
SHOW = (
    COUNT
    + """
from prometheus_client import generate_latest
print(generate_latest(metrics.registry()).decode())
"""
)
STAY = COUNT + "import sys; sys.stdin.read()"


def test_processes_that_count_into_one_folder_show_the_sum(tmp_path: Path) -> None:
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for program in (COUNT, COUNT):
        subprocess.run([sys.executable, "-c", program], env=environ, check=True, capture_output=True)
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], env=environ, check=True, capture_output=True, text=True
    )
    assert 'moodle_bridge_job_total{outcome="done"} 3.0' in shown.stdout
    assert 'moodle_bridge_step_seconds_count{step="fill"} 3.0' in shown.stdout


def test_every_process_of_a_folder_that_still_runs_shows_its_own_figures(tmp_path: Path) -> None:
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", COUNT], env=environ, check=True, capture_output=True)
    command = [sys.executable, "-c", STAY]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        shown = subprocess.run(
            [sys.executable, "-c", SHOW], env=environ, check=True, capture_output=True, text=True
        )
        other.communicate()
    found = {
        f"{sample.name}{sample.labels}": sample.value
        for family in text_string_to_metric_families(shown.stdout.split("\n", 1)[1])
        for sample in family.samples
    }
    mine, others = "process_resident_memory_bytes", "moodle_bridge_other_process_resident_memory_bytes"
    assert found[f"{mine}{{}}"] > 1 << 20
    assert found[f"{others}{{'pid': '{other.pid}'}}"] > 1 << 20
    assert sum(name.startswith(others) for name in found) == 1, "one that ended has no memory"


def test_the_files_counted_into_have_their_room_on_the_disk(tmp_path: Path) -> None:
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    shown = subprocess.run(
        [sys.executable, "-c", COUNT], env=environ, check=True, capture_output=True, text=True
    )
    assert [int(blocks) * 512 >= 1 << 16 for blocks in shown.stdout.split()] == [True, True]


def test_a_step_is_measured_also_when_it_fails(service: Service) -> None:
    before = scraped(service).get("step_seconds_sum{failing}", 0.0)

    def fails() -> None:
        time.sleep(0.02)
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"), metrics.step("failing"):
        fails()
    found = scraped(service)
    assert found["step_seconds_count{failing}"] == 1
    assert 0.02 <= found["step_seconds_sum{failing}"] - before < 1


def test_the_figures_of_an_idle_service(service: Service) -> None:
    found = scraped(service)
    assert found["jobs{queued}"] == 0
    assert found["failed{}"] == 0
    assert found["archived{}"] == 0
    assert found["queue_age_seconds{}"] == 0
    assert found["workers{}"] == 0
    assert found["paired{}"] == 0
    assert found["oldest_unfinished_seconds{}"] == 0
    assert found["database_writable{}"] == 1
    assert "moodle_up{}" not in found, "nobody to reach yet"


def test_hints_received_repeated_and_refused_are_counted(service: Service) -> None:
    service.pair()
    before = scraped(service)
    request = golden("webhook-submission-saved")["request"]
    for _ in range(3):
        service.call("POST", request["path"], request["body"].encode(), request["headers"])
    service.send("/api/ping", {"contract": CONTRACT, "site": "https://clone.example"})
    found = scraped(service)
    expected = {"received_total{submission.saved}": 1, "duplicates_total{moodle}": 2}
    expected |= {"refused_total{wrong-site}": 1}
    assert {name: found[name] - before.get(name, 0) for name in expected} == expected
    assert found["paired{}"] == 1
    assert found["last_webhook_timestamp_seconds{}"] == NOW


def test_the_queue_is_shown_as_the_database_has_it(service: Service) -> None:
    with write(service.engine) as connection:
        for number in range(3):
            queue.enqueue(connection, NewJob(key=f"archive:{number}", kind="archive"), NOW - 90)
        workers.beat(connection, "here", NOW - 1, 1)
        workers.beat(connection, "gone", NOW - 3600, 0)
    fail(service.engine, claimed(service.engine, "here", NOW), NOW, "fill", "x", None)
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


def test_no_figure_names_a_person_or_a_site(service: Service) -> None:
    service.pair()
    text = service.call("GET", "/metrics").body.decode()
    assert SITE not in text
    assert "Юлия" not in text
