"""The queue wakes workers, carries digits only, and may fail without harm."""

from __future__ import annotations

import logging
import sqlite3
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from moodle_bridge.errors import SettingsError, StoreError
from moodle_bridge.jobs.wake import LocalStorage, hinter, open_queue
from moodle_bridge.settings import Queue, Settings, load


def ignore(_: int) -> None:
    """Do nothing with a job."""


def local(tmp_path: Path) -> Settings:
    return load(environ={"MOODLE_BRIDGE_SERVICE_DATA": str(tmp_path)})


def test_hints_come_out_in_order(settings: Settings) -> None:
    queue = open_queue(settings, ignore)
    for job_id in (7, 3, 10**12):
        queue.hint(job_id)
    assert [queue.dequeue() for _ in range(4)] == [7, 3, 10**12, None]
    queue.close()


def test_the_queue_carries_nothing_but_digits(tmp_path: Path) -> None:
    queue = open_queue(local(tmp_path), ignore)
    queue.hint(4711)
    (row,) = sqlite3.connect(tmp_path / "queue.sqlite3").execute("SELECT data FROM task").fetchall()
    assert row == (b"4711",)
    queue.close()


@pytest.mark.parametrize("planted", [b"", b"\x80\x05K\x01.", b"-1", b"9" * 30, "٣".encode()])
def test_what_is_no_job_id_is_passed_over(tmp_path: Path, planted: bytes) -> None:
    queue = open_queue(local(tmp_path), ignore)
    queue.storage.enqueue(planted)
    queue.hint(5)
    assert [queue.dequeue(), queue.dequeue()] == [None, 5]
    queue.close()


def test_the_queue_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    queue = open_queue(local(tmp_path / "data"), ignore)
    queue.hint(1)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
    assert modes == {0o600}
    queue.close()


@pytest.mark.parametrize("by_another_process", [False, True], ids=["same process", "another process"])
def test_a_hint_wakes_an_idle_worker_quickly(settings: Settings, by_another_process: bool) -> None:
    queue = open_queue(settings, ignore)
    other = hinter(settings)
    hint = other if by_another_process else queue.hint
    woken: list[float] = []

    def work() -> None:
        while len(woken) < 5:
            if queue.dequeue() is not None:
                woken.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    waits = []
    for number in range(5):
        time.sleep(0.08)
        given = time.monotonic()
        hint(number + 1)
        while len(woken) <= number:
            assert time.monotonic() < given + 5
            time.sleep(0.001)
        waits.append(woken[number] - given)
    thread.join(5)
    assert sorted(waits)[2] < 0.15, waits
    other.close()
    queue.close()


def test_idle_workers_hardly_touch_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = open_queue(local(tmp_path), ignore)
    looked: list[float] = []
    look = LocalStorage.sql

    def counted(self: LocalStorage, *arguments: object, **options: object) -> object:
        looked.append(time.monotonic())
        return look(self, *arguments, **options)

    monkeypatch.setattr(LocalStorage, "sql", counted)
    until = time.monotonic() + 1.0

    def idle() -> None:
        while time.monotonic() < until:
            queue.dequeue()

    threads = [threading.Thread(target=idle) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(looked) < 60, "six workers, but one lookout"
    queue.close()


def test_a_queue_that_cannot_be_reached_is_logged_and_nothing_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = "postgresql://u:geheim@127.0.0.1:1/none?connect_timeout=1"
    settings = replace(local(tmp_path), queue=Queue(url=url))
    hint = hinter(settings)
    with caplog.at_level(logging.WARNING):
        hint(5)
    hint.close()
    assert "job 5: no worker could be woken" in caplog.text
    assert "geheim" not in caplog.text
    with pytest.raises(StoreError) as caught:
        open_queue(settings, ignore)
    assert "geheim" not in str(caught.value)


def test_a_queue_without_its_driver_is_a_wrong_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huey.storage.Redis", None)
    settings = replace(local(tmp_path), queue=Queue(url="redis://127.0.0.1:1/0"))
    with pytest.raises(SettingsError, match=r"queue\.url"):
        open_queue(settings, ignore)
