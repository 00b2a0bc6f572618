"""The worker process of serve: woken by a byte, ended with its parent, started anew when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from runners import wait

from moodle_bridge.jobs import child as child_module
from moodle_bridge.jobs.child import Child

WORKER = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
def say(what):
    with open(sys.argv[1], "a") as file:
        print(what, os.getpid(), file=file)
say("began")
while data := os.read(0, 4096):
    say("woken")
say("ended")
"""


class Watched:
    """A child that writes down what it sees."""

    def __init__(self, program: str, file: Path) -> None:
        self._file = file
        self.child = Child([sys.executable, "-c", program, str(file)])

    def said(self) -> list[str]:
        return (
            [line.split()[0] for line in self._file.read_text().splitlines()] if self._file.exists() else []
        )


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(WORKER, tmp_path / "said")
    made.child.start()
    wait(lambda: made.said() == ["began"])
    yield made
    made.child.stop(5)


def test_a_byte_wakes_it_and_the_end_of_the_pipe_ends_it(watched: Watched) -> None:
    watched.child.wake()
    wait(lambda: watched.said() == ["began", "woken"])
    assert watched.child.stop(5)
    assert watched.said() == ["began", "woken", "ended"]


def test_the_interrupt_of_a_terminal_is_for_its_parent(watched: Watched) -> None:
    assert watched.child.pid is not None
    os.kill(watched.child.pid, signal.SIGINT)
    watched.child.wake()
    wait(lambda: watched.said() == ["began", "woken"])


def test_one_that_was_killed_is_started_anew_and_is_no_fault(watched: Watched) -> None:
    first = watched.child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait(lambda: watched.said() == ["began", "began"])
    assert watched.child.pid not in (None, first)
    assert watched.child.fault() == ""
    watched.child.wake()
    wait(lambda: watched.said() == ["began", "began", "woken"])


def test_waking_one_that_does_not_read_makes_nobody_wait(watched: Watched) -> None:
    assert watched.child.pid is not None
    os.kill(watched.child.pid, signal.SIGSTOP)
    began = time.monotonic()
    for _ in range(100_000):  # more than a pipe holds
        watched.child.wake()
    assert time.monotonic() - began < 10
    os.kill(watched.child.pid, signal.SIGCONT)
    wait(lambda: "woken" in watched.said())


def test_five_deaths_within_a_minute_are_a_fault_for_as_long_as_it_goes_on_dying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "_DEATHS_SECONDS", 4.0)
    monkeypatch.setattr(child_module, "_LONGEST_PAUSE", 0.1)
    dying = Watched("import sys; open(sys.argv[1], 'a').write('began\\n'); sys.exit(3)", tmp_path / "said")
    dying.child.start()
    wait(lambda: dying.child.fault(), 20)
    assert "died 5 times" in dying.child.fault()
    assert len(dying.said()) >= 5
    assert dying.child.stop(5)
    wait(lambda: dying.child.fault() == "")


def test_pauses_are_short_enough_for_a_child_that_only_dies_to_stay_a_fault() -> None:
    assert child_module._DEATHS * child_module._LONGEST_PAUSE < child_module._DEATHS_SECONDS


def test_one_that_does_not_end_is_killed_in_time(tmp_path: Path) -> None:
    deaf = Watched(
        "import sys, time; open(sys.argv[1], 'a').write('began\\n'); time.sleep(60)", tmp_path / "said"
    )
    deaf.child.start()
    wait(lambda: deaf.said() == ["began"])
    pid = deaf.child.pid
    began = time.monotonic()
    assert not deaf.child.stop(0.3)
    assert time.monotonic() - began < 3
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_that_the_settings_keep_from_beginning_is_not_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "said"
    program = "import os, sys; print('x', file=open(sys.argv[1], 'a')); sys.exit(os.EX_CONFIG)"
    refused: list[bool] = []
    child = Child([sys.executable, "-c", program, str(file)], lambda: refused.append(True))
    child.start()
    wait(lambda: bool(refused))
    assert child.refused
    assert child.stop(5)
    assert file.read_text() == "x\n"


PARENT = """
import sys, time
from moodle_bridge.jobs.child import Child
child = Child([sys.executable, "-c", sys.argv[1], sys.argv[2]])
child.start()
time.sleep(60)
"""


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "said"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, WORKER, str(file)])
    wait(file.exists)
    parent.kill()
    parent.wait(5)
    wait(lambda: "ended" in file.read_text())
