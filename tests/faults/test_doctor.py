"""The doctor beside a running service: it names the link that is broken and its cure, and leaves nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pairs import Pair, eventually, paired
from sqlalchemy import text

from moodle_bridge.cli import doctor_checks, main
from moodle_bridge.contract.exchanges import ChangePage
from moodle_bridge.errors import MoodleUploadLimit
from moodle_bridge.moodle.client import Client
from moodle_bridge.store import facts, queue, tables, workers
from moodle_bridge.store.engine import connect, read, write
from moodle_bridge.store.queue import NewJob
from moodle_bridge.store.standing import HEARD, SYNCED

HOUR = 3600


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """A service and a stand-in that are paired, and the settings of the service for the doctor."""
    with paired(tmp_path) as made:
        monkeypatch.setenv("MOODLE_BRIDGE_SERVICE_DATA", str(tmp_path / "service"))
        eventually(lambda: workers.alive(made.service.engine, time.time(), 60))
        eventually(lambda: facts.get(made.service.engine, SYNCED))
        eventually(lambda: not pair_has_work(made))
        yield made


def pair_has_work(made: Pair) -> bool:
    """Whether anything is to be done or being done, or is on its way from Moodle."""
    counts = queue.counts(made.service.engine)
    return bool(counts["queued"] or counts["running"] or made.sandbox.unsent())


def asked() -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit status of the doctor, and what it found by name."""
    result = CliRunner().invoke(main, ["doctor", "--json"])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result.exit_code, {each["name"]: each for each in json.loads(result.stdout)}


def states(found: dict[str, dict[str, Any]]) -> set[str]:
    """The names of what is not well."""
    return {name for name, each in found.items() if each["state"] != "ok"}


def held(pair: Pair) -> list[object]:
    """All that stands in the service's database but signs of life, and what was uploaded to Moodle."""
    uploads: list[object] = [*pair.sandbox.database.rows("SELECT itemid FROM upload")]
    with read(pair.service.engine) as connection:
        for table in tables.metadata.sorted_tables:
            if table.name not in ("worker", "tick"):
                kept = [c for c in table.c if c.name not in ("changed_at", "due_at", "fence", "created_at")]
                rows = connection.execute(table.select().with_only_columns(*kept)).all()
                uploads += sorted(str(row) for row in rows if "synced" not in str(row))
    return uploads


def test_where_all_is_well_it_says_so_and_leaves_nothing(pair: Pair) -> None:
    before = held(pair)
    status, found = asked()
    assert (status, states(found)) == (0, set()), found
    assert "was taken up and done in" in found["work"]["detail"]
    assert "a document of 1000 kB was taken and may be stored" in found["upload"]["detail"]
    assert "last read" in found["sync"]["detail"]
    assert "the file is whole" in found["integrity"]["detail"]
    assert "Moodle's is" in found["clock"]["detail"]
    assert held(pair) == before


def test_an_upload_that_moodle_refuses_is_found_before_a_document_is(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Client, filename: str, content: bytes) -> int:
        assert len(content) == 1_000_000
        raise MoodleUploadLimit("upload: Moodle does not take the file (fileoversized)")

    monkeypatch.setattr(Client, "upload", refuse)
    status, found = asked()
    assert (status, states(found)) == (2, {"upload"})
    assert "client_max_body_size" in found["upload"]["remedy"]["en"]


def test_a_permission_that_storing_lacks_is_found(pair: Pair) -> None:
    pair.sandbox.faults.set("token_refused", function="store_document")
    status, found = asked()
    assert (status, states(found)) == (2, {"upload"})


def test_a_clock_that_is_off_is_found(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Client.greet

    def late(self: Client, timeout_seconds: float | None = None) -> ChangePage:
        page = plain(self, timeout_seconds)
        return replace(page, time=page.time - 200)

    monkeypatch.setattr(Client, "greet", late)
    status, found = asked()
    assert (status, states(found)) == (1, {"clock"})
    assert found["clock"]["detail"].endswith("behind")
    assert "NTP" in found["clock"]["remedy"]["en"]


def test_a_moodle_that_does_not_call_is_found(pair: Pair) -> None:
    with write(pair.service.engine) as connection:
        connection.execute(tables.inbox.delete())
        facts.put(connection, HEARD, time.time() - 3 * HOUR)
    status, found = asked()
    assert (status, states(found)) == (1, {"from Moodle"})
    assert found["from Moodle"]["detail"] == "Moodle last called 3 h ago; no webhook yet"


def test_a_form_without_its_document_is_found(pair: Pair) -> None:
    with write(pair.service.engine) as connection:
        queue.enqueue(
            connection, NewJob("archive:x", "archive", due_at=time.time() + HOUR), time.time() - HOUR
        )
    status, found = asked()
    assert (status, states(found)) == (1, {"documents"})


def test_a_sync_that_is_late_is_found(pair: Pair) -> None:
    with write(pair.service.engine) as connection:
        connection.execute(tables.pairing.update().values(paired_at=time.time() - 9 * HOUR))
        facts.put(connection, "synced", {"at": time.time() - 8 * HOUR, "ahead": 0})
    status, found = asked()
    assert (status, states(found)) == (1, {"sync"})
    assert found["sync"]["detail"].endswith("8 h ago")


def test_workers_that_take_nothing_up_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOODLE_BRIDGE_SERVICE_DATA", str(tmp_path))
    monkeypatch.setattr(doctor_checks, "PATIENCE_SECONDS", 0.1)
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0
    engine = connect(f"sqlite:///{tmp_path / 'bridge.sqlite3'}")
    with write(engine) as connection:
        workers.beat(connection, "stuck", time.time(), 0)
    status, found = asked()
    assert (status, found["work"]["state"]) == (2, "wrong")
    assert "although one shows itself" in found["work"]["detail"]
    assert queue.list_jobs(engine) == [], "the job that nobody took is gone"
    with write(engine) as connection:
        queue.enqueue(connection, NewJob("push:1", "push"), time.time())
        queue.claim(connection, "stuck", time.time(), 60, 1, 1)
    _, found = asked()
    assert (found["work"]["state"], "1 are running" in found["work"]["detail"]) == ("warning", True)
    engine.dispose()


def test_a_damaged_file_is_found_with_the_way_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOODLE_BRIDGE_SERVICE_DATA", str(tmp_path))
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0
    engine = connect(f"sqlite:///{tmp_path / 'bridge.sqlite3'}")
    with write(engine) as connection:
        for number in range(300):
            facts.put(connection, f"fact {number}", "x" * 500)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    file = tmp_path / "bridge.sqlite3"
    content = bytearray(file.read_bytes())
    middle = len(content) * 3 // 4 // 4096 * 4096
    content[middle : middle + 8192] = b"\xff" * 8192
    file.write_bytes(bytes(content))
    status, found = asked()
    assert (status, found["integrity"]["state"]) == (2, "wrong")
    assert "rebuild" in found["integrity"]["remedy"]["en"]
