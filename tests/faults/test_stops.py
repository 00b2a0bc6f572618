"""SIGTERM in the middle of work: the service ends well and in time, and what it left is done afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from processes import plant, until

from moodle_bridge.store import queue


def test_a_stop_in_the_middle_of_work_is_graceful_bounded_and_loses_nothing(
    tmp_path: Path, answers: Mapping[str, Any]
) -> None:
    environ = {"MOODLE_BRIDGE_SERVICE_STOP_SECONDS": "5", "MOODLE_BRIDGE_RECONCILE_EVERY_SECONDS": "86400"}
    with plant(tmp_path, 10, **environ) as made:
        made.service.start()
        made.pair()
        session = made.session()
        submissions = [made.submit(session, answers, 1000 + number) for number in range(10)]
        until(lambda: queue.counts(made.engine)["running"] > 0, 30, "nothing was begun")
        made.service.stop()  # and checks that it ended by itself, with status 0
        assert queue.counts(made.engine)["running"] == 0, "what was begun was ended"
        made.service.start()
        made.send_at_once()
        until(
            lambda: all(made.documents(submission) == ["full", "mentor"] for submission in submissions),
            60,
            "not all documents came",
        )
        assert queue.counts(made.engine)["dead"] == 0
