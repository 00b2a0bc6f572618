"""The limit on calls of Moodle holds over all worker processes, however many jobs they run."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from processes import Plant, plant, until

from moodle_bridge.sandbox.switches import Fault

LIMIT, SUBMISSIONS = 4, 30


class Gauge:
    """Counts the calls that the stand-in has under way, each of which takes a while."""

    def __init__(self, made: Plant) -> None:
        self.now = self.most = self.all = 0
        self._mutex = threading.Lock()
        self._strikes = made.sandbox.faults.strikes
        made.sandbox.faults.strikes = self._count  # type: ignore[method-assign]

    def _count(self, name: str, function: str = "") -> Fault | None:
        if name == "slow":  # looked at first, once in every call
            self._add(1)
            time.sleep(0.05)
            self._add(-1)
        return self._strikes(name, function)

    def _add(self, number: int) -> None:
        with self._mutex:
            self.now += number
            self.all += number > 0
            self.most = max(self.most, self.now)


def test_two_worker_processes_together_never_make_more_calls_at_once_than_the_limit(
    tmp_path: Path, answers: Mapping[str, Any]
) -> None:
    environ = {"MOODLE_BRIDGE_MOODLE_CONCURRENCY": str(LIMIT), "MOODLE_BRIDGE_JOBS_WORKERS": "6"}
    with plant(tmp_path, SUBMISSIONS, **environ) as made:
        web, workers = made.process("web"), [made.process("worker") for _ in range(2)]
        for process in (web, *workers):
            process.start()
        made.pair()
        gauge = Gauge(made)
        session = made.session()
        submissions = [made.submit(session, answers) for _ in range(SUBMISSIONS)]
        until(
            lambda: all(made.documents(submission) == ["full", "mentor"] for submission in submissions),
            120,
            "not all documents came",
        )
    assert gauge.all >= 5 * SUBMISSIONS
    assert gauge.most == LIMIT, "never more, and no fewer either while there is enough to do"
