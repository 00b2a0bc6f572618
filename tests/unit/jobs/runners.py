"""Waiting for what the workers under test do, and the type of what starts them."""

from __future__ import annotations

import time
from collections.abc import Callable

from moodle_bridge.jobs.worker import Worker

Start = Callable[..., Worker]


def wait(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something is so; the test fails if it does not become so in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
