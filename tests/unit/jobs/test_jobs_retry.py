"""How long a failed job waits."""

from __future__ import annotations

import pytest

from moodle_bridge.jobs.retry import pause
from moodle_bridge.settings import Jobs

LIMITS = Jobs(workers=1, lease_seconds=60, attempts=40, backoff_seconds=2, backoff_ceiling_seconds=7200)


@pytest.mark.parametrize(
    ("attempts", "random", "seconds"),
    [
        (1, 0.0, 2),
        (2, 0.0, 4),
        (12, 0.0, 4096),
        (13, 0.0, 7200),
        (1000, 0.0, 7200),
        (1, 1.0, 1.5),
        (13, 0.5, 6300),
        (0, 0.0, 2),
    ],
)
def test_pauses_double_up_to_the_ceiling_less_some_jitter(
    attempts: int, random: float, seconds: float
) -> None:
    assert pause(attempts, LIMITS, lambda: random) == seconds


def test_the_default_tries_last_for_days() -> None:
    assert sum(pause(attempts, LIMITS, lambda: 0.5) for attempts in range(1, 40)) > 2 * 86_400
