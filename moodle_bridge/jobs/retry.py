"""How long to wait before a failed job is tried again. Pure."""

from __future__ import annotations

from collections.abc import Callable

from moodle_bridge.settings import Jobs


def pause(attempts: int, limits: Jobs, random: Callable[[], float]) -> float:
    """Seconds until the next try after ``attempts`` failures.

    Doubles each time up to the ceiling; ``random`` (0 to 1) takes off up to a quarter, so that jobs that
    failed together do not come back together.
    """
    doubled: int = limits.backoff_seconds * 2 ** min(max(attempts, 1) - 1, 32)
    return min(limits.backoff_ceiling_seconds, doubled) * (1 - random() / 4)
