"""Every alert rule of ``deploy/alerts.yml`` is raised by the fault that it is for, and by nothing else.

A fault is made in a real service, its real ``/metrics`` is read, and Prometheus's own promtool says which of
the rules ring. What the rules have in common with the alarms that Moodle's administrators get is the same.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from claiming import claimed, fail
from prometheus_client.parser import text_string_to_metric_families
from serving import NOW, SITE, TOKEN, Service, golden, serving

from moodle_bridge import languages
from moodle_bridge.contract import faults
from moodle_bridge.contract.exchanges import ChangePage
from moodle_bridge.errors import MoodleUnreachable
from moodle_bridge.moodle.client import Client
from moodle_bridge.pipeline.alarms import SEVERITIES
from moodle_bridge.store import aside, facts, queue, tables, workers
from moodle_bridge.store.aside import Thing
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import NewJob
from moodle_bridge.store.standing import HEARD, note_sync

FILE = Path(__file__).resolve().parents[2] / "deploy" / "alerts.yml"
RULES = {each["alert"]: each for each in yaml.safe_load(FILE.read_text("utf-8"))["groups"][0]["rules"]}
HOUR = 3600


class Moodle(Client):
    """A Moodle that answers unless a test takes it away."""

    def __init__(self) -> None:
        super().__init__(SITE, TOKEN, timeout_seconds=1, concurrency=1)
        self.away = False

    def greet(self, timeout_seconds: float | None = None) -> ChangePage:
        if self.away:
            raise MoodleUnreachable("Moodle cannot be reached")
        return ChangePage.of(golden("ws-get_changes")["answer"])


class Plant:
    """A paired service with a worker, where all is well: what a fault begins from."""

    def __init__(self, service: Service, moodle: Moodle) -> None:
        self.service = service
        self.moodle = moodle
        service.pair()
        with write(service.engine) as connection:
            workers.beat(connection, "here", NOW, 0)
            note_sync(connection, NOW, 0)
            facts.put(connection, HEARD, NOW)

    def ask(self, key: str, kind: str, at: float) -> None:
        """A job that is asked for at a time."""
        with write(self.service.engine) as connection:
            queue.enqueue(connection, NewJob(key, kind), at)

    def change(self, statement: Any) -> None:
        """Do something to the database."""
        with write(self.service.engine) as connection:
            connection.execute(statement)


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    moodle = Moodle()
    with serving(tmp_path, connect_moodle=lambda: moodle) as service:
        yield Plant(service, moodle)


def scraped(service: Service) -> dict[str, float]:
    """Every sample as Prometheus would keep it; times count from now on, as promtool's do."""
    answer = service.call("GET", "/metrics")
    found = {"up": float(answer.status == 200)}
    for family in text_string_to_metric_families(answer.body.decode()):
        for sample in family.samples:
            labels = "".join(f',{name}="{value}"' for name, value in sample.labels.items())
            value = sample.value
            if sample.name.endswith("_timestamp_seconds") and value:
                value -= service.now
            found[f'{sample.name}{{job="moodle-bridge"{labels}}}'] = value
    found['up{job="moodle-bridge"}'] = found.pop("up")
    return found


def minutes(wait: str) -> int:
    """How long a rule waits before it rings."""
    return int(wait[:-1]) * {"m": 1, "h": 60}[wait[-1]]


def rung(folder: Path, series: dict[str, str], expected: dict[str, int]) -> None:
    """Ask promtool whether exactly the ``expected`` of all rules ring, each after its own wait."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("prometheus (promtool) is not installed")
    cases = [
        {
            "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)',
            "eval_time": f"{expected.get(name, minutes(rule['for'])) + 1}m",
            "exp_samples": [{"labels": "{}", "value": int(name in expected)}],
        }
        for name, rule in RULES.items()
        if name in expected or minutes(rule["for"]) < 60
    ]
    test = {
        "rule_files": [str(FILE)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": cases,
            }
        ],
    }
    written = folder / "rules-test.yml"
    written.write_text(json.dumps(test), encoding="utf-8")
    asked = subprocess.run(
        [program, "test", "rules", str(written)], capture_output=True, text=True, check=False, timeout=60
    )
    assert asked.returncode == 0, asked.stdout + asked.stderr


def steady(samples: dict[str, float]) -> dict[str, str]:
    """Samples that stay as they are for two hours."""
    return {name: f"{value}x120" for name, value in samples.items() if value == value}


def test_promtool_takes_the_rules() -> None:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("prometheus (promtool) is not installed")
    asked = subprocess.run(
        [program, "check", "rules", str(FILE)], capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert f"{len(RULES)} rules found" in asked.stdout


def test_where_all_is_well_nothing_rings(plant: Plant, tmp_path: Path) -> None:
    rung(tmp_path, steady(scraped(plant.service)), {})
    assert alarms(plant.service) == []


# -- what is wrong, and what rings


def no_worker(plant: Plant) -> None:
    plant.change(tables.worker.delete())


def only_a_worker_of_tomorrow(plant: Plant) -> None:
    plant.change(tables.worker.update().values(seen_at=NOW + 86_400))


def moodle_away_with_a_form_that_waits(plant: Plant) -> None:
    """The commonest outage: the job pauses, so that nothing is due."""
    plant.moodle.away = True
    plant.ask("archive:1", "archive", NOW - 1200)
    fail(plant.service.engine, claimed(plant.service.engine, "here", NOW), NOW, "moodle-5xx", "x", NOW + 7200)


def late_document(plant: Plant) -> None:
    plant.ask("archive:1", "archive", NOW - 1200)


def sync_that_fails(plant: Plant) -> None:
    plant.change(tables.pairing.update().values(paired_at=NOW - 86_400))
    with write(plant.service.engine) as connection:
        note_sync(connection, NOW - HOUR, 0)


def moodle_that_does_not_call(plant: Plant) -> None:
    with write(plant.service.engine) as connection:
        facts.put(connection, HEARD, NOW - 2 * HOUR)


def vanished_database(plant: Plant) -> None:
    plant.change(tables.pairing.delete())


def dead_job(plant: Plant) -> None:
    plant.ask("push:1", "push", NOW)
    fail(plant.service.engine, claimed(plant.service.engine, "here", NOW), NOW, "fill", "x", None)


def error_of_the_program(plant: Plant) -> None:
    plant.ask("push:1", "push", NOW)
    fail(
        plant.service.engine, claimed(plant.service.engine, "here", NOW), NOW, "internal", "KeyError", NOW + 9
    )


def something_set_aside(plant: Plant) -> None:
    with write(plant.service.engine) as connection:
        aside.put(connection, Thing("s", "session", "s"), "moodle-garbled", "no kind", NOW - 1200)


def clock_that_is_wrong(plant: Plant) -> None:
    with write(plant.service.engine) as connection:
        note_sync(connection, NOW, -200)


FAULTS: list[tuple[Callable[[Plant], None], set[str]]] = [
    (no_worker, {"MoodleBridgeNoWorker"}),
    (only_a_worker_of_tomorrow, {"MoodleBridgeNoWorker"}),
    (moodle_away_with_a_form_that_waits, {"MoodleBridgeMoodleAway", "MoodleBridgeDocumentsLate"}),
    (late_document, {"MoodleBridgeDocumentsLate"}),
    (sync_that_fails, {"MoodleBridgeSyncLate"}),
    (moodle_that_does_not_call, {"MoodleBridgeMoodleSilent"}),
    (vanished_database, {"MoodleBridgeNotPaired"}),
    (dead_job, {"MoodleBridgeDeadJobs"}),
    (error_of_the_program, {"MoodleBridgeInternalError"}),
    (something_set_aside, {"MoodleBridgeSetAside"}),
    (clock_that_is_wrong, {"MoodleBridgeClock"}),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
def test_a_fault_rings_by_prometheus_and_in_moodle(
    plant: Plant, tmp_path: Path, fault: Callable[[Plant], None], expected: set[str]
) -> None:
    fault(plant)
    rung(
        tmp_path,
        steady(scraped(plant.service)),
        {name: minutes(RULES[name]["for"]) for name in expected},
    )
    codes = {RULES[name]["labels"]["code"] for name in expected}
    if "not-paired" not in codes:  # then nobody can ask, and Moodle says itself that it is refused
        # Moodle that asks is heard, and told in the same answer how it was reached.
        assert set(alarms(plant.service)) == codes - {"moodle-away", "moodle-silent"}


def test_a_locked_database_rings_although_it_can_be_read(plant: Plant, tmp_path: Path) -> None:
    with plant.service.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        ready = plant.service.call("GET", "/readyz")
        samples = scraped(plant.service)
        other.exec_driver_sql("ROLLBACK")
    assert ready.status == 503
    assert ready.json()["checks"]["database"]["ok"] is False
    name = "MoodleBridgeDatabaseNotWritable"
    rung(tmp_path, steady(samples), {name: minutes(RULES[name]["for"])})


def test_without_its_tables_the_service_still_shows_what_it_can(plant: Plant, tmp_path: Path) -> None:
    plant.service.engine.connect().exec_driver_sql("DROP TABLE job")
    samples = scraped(plant.service)
    assert 'process_resident_memory_bytes{job="moodle-bridge"}' in samples
    name = "MoodleBridgeDatabaseNotWritable"
    rung(tmp_path, steady(samples), {name: minutes(RULES[name]["for"])})


def test_a_service_that_is_gone_or_comes_and_goes_rings(plant: Plant, tmp_path: Path) -> None:
    well = steady(scraped(plant.service))
    rung(tmp_path, {'up{job="moodle-bridge"}': "0x120"}, {"MoodleBridgeDown": 2})
    again = well | {'process_start_time_seconds{job="moodle-bridge"}': "0 1 2 3 4 5 5x100"}
    rung(tmp_path, again, {"MoodleBridgeRestarting": 8})


def test_open_files_near_their_limit_ring(plant: Plant, tmp_path: Path) -> None:
    samples = scraped(plant.service)
    limit = samples['process_max_fds{job="moodle-bridge"}']
    many = samples | {'process_open_fds{job="moodle-bridge"}': 0.9 * limit}
    rung(tmp_path, steady(many), {"MoodleBridgeFiles": 5})


# -- the same for Moodle's administrators


def alarms(service: Service) -> list[str]:
    """The codes of what rings, as Moodle is told."""
    answer = service.send("/api/ping", {"contract": 2, "site": SITE})
    assert answer.status == 200
    assert faults("ping", answer.json(), "answer") == []
    found = answer.json()["alarms"]
    for alarm in found:
        assert alarm["severity"] == SEVERITIES[alarm["code"]]
        assert "{" not in alarm["reason"]["bg"] + alarm["reason"]["en"]
    return [alarm["code"] for alarm in found]


def test_rules_and_alarms_are_the_same_where_both_can_ring() -> None:
    by_code = {rule["labels"]["code"]: rule for rule in RULES.values()}
    assert set(SEVERITIES) <= set(by_code)
    for code, severity in SEVERITIES.items():
        remedy = languages.in_each(f"alarm_{code.replace('-', '_')}_remedy")
        assert by_code[code]["labels"]["severity"] == severity
        assert by_code[code]["annotations"]["remedy"] == remedy["en"]
        assert by_code[code]["annotations"]["remedy_bg"] == remedy["bg"]


def test_a_document_is_late_since_its_form_was_submitted_and_not_since_it_was_heard_of(plant: Plant) -> None:
    record = golden("ws-get_submissions")["answer"]["submissions"][0]
    row = {"id": record["id"], "session": record["session"], "respondent": record["respondent"]}
    row |= {"record": record | {"submitted": NOW - 5000}, "problems": []}
    plant.change(tables.submission.insert().values(row))
    plant.ask(f"archive:{record['id']}", "archive", NOW - 60)
    samples = scraped(plant.service)
    assert samples['moodle_bridge_oldest_unfinished_seconds{job="moodle-bridge"}'] == 5000
    assert samples['moodle_bridge_queue_age_seconds{job="moodle-bridge"}'] == 60


def test_moodle_that_asks_is_heard(plant: Plant) -> None:
    plant.service.now += 2 * HOUR
    with write(plant.service.engine) as connection:
        workers.beat(connection, "here", plant.service.now, 0)
        note_sync(connection, plant.service.now, 0)
    assert alarms(plant.service) == [], "asking is a sign of life"
    samples = scraped(plant.service)
    assert samples['moodle_bridge_last_heard_timestamp_seconds{job="moodle-bridge"}'] == 0
    assert samples['moodle_bridge_last_webhook_timestamp_seconds{job="moodle-bridge"}'] == 0
