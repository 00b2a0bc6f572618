"""A worker that died on this machine is known to be gone; one elsewhere never is."""

from __future__ import annotations

import subprocess
import sys

from moodle_bridge.jobs import place

SAY_OWNER = "from moodle_bridge.jobs import place; print(place.owner())"


def test_a_worker_that_lives_is_not_gone() -> None:
    assert place.gone([place.owner()]) == frozenset()


def test_no_two_workers_have_one_name() -> None:
    assert place.owner() != place.owner()


def test_a_worker_that_ended_on_this_machine_is_gone() -> None:
    name = subprocess.run(
        [sys.executable, "-c", SAY_OWNER], capture_output=True, text=True, check=True
    ).stdout
    assert place.gone([name.strip(), place.owner()]) == {name.strip()}


def test_a_process_that_got_the_same_number_later_is_another() -> None:
    host, pid, started, machine, token = place.owner().rsplit(":", 4)
    before = f"{host}:{pid}:{int(started) - 1}:{machine}:{token}"
    assert place.gone([before]) == {before}


def test_a_worker_of_another_machine_or_boot_or_container_is_never_said_to_be_gone() -> None:
    host, _pid, started, _machine, token = place.owner().rsplit(":", 4)
    assert place.gone([f"{host}:999999999:{started}:0123456789abcdef:{token}"]) == frozenset()
    assert place.gone([f"{host}:999999999:{started}::{token}"]) == frozenset()
