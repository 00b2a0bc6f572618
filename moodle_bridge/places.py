"""Places for calls of Moodle: how many a process may have under way, shared by the jobs that it runs.

A job works a good part of its time without calling Moodle, so that every three jobs get two places. The job
table counts the places that the jobs of every process stand for, and no process ever has more calls under
way than its jobs in that table stand for: so the limit holds over all of them, and nothing else is written.
"""

from __future__ import annotations

import threading
import time

JOBS, PLACES = 3, 2
"""So many jobs share so many places."""


def places_of(jobs: int) -> int:
    """The places that so many jobs of one process stand for: 1, 2, 2, 3, 4, 4, ..."""
    return -(-jobs * PLACES // JOBS)


class Places:
    """The places of one process; may be used by many threads at once."""

    def __init__(self, least: int = 1) -> None:
        """``least`` are there without any job, as for a command that calls Moodle itself."""
        self._least = least
        self._changed = threading.Condition()
        self._jobs = 0
        self._calls: list[float] = []

    @property
    def jobs(self) -> int:
        """How many jobs of this process call Moodle."""
        return self._jobs

    def join(self) -> None:
        """A job was claimed and stands in the job table: it may call from now on."""
        with self._changed:
            self._jobs += 1
            self._changed.notify_all()

    def leave(self) -> None:
        """A job calls no more; returns once the others keep to their places, so that it may be let go."""
        with self._changed:
            self._jobs -= 1
            self._changed.wait_for(lambda: len(self._calls) <= self._allowed())

    def take(self, seconds: float) -> float | None:
        """Take a place for a call, waiting so long at most: when the call began; None if none was free."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._calls) < self._allowed(), seconds):
                return None
            began = time.monotonic()
            self._calls.append(began)
            return began

    def give(self, began: float) -> None:
        """The call is over that :meth:`take` said began then."""
        with self._changed:
            self._calls.remove(began)
            self._changed.notify_all()

    def long_under_way(self, seconds: float) -> int:
        """How many calls have lasted longer than that already."""
        before = time.monotonic() - seconds
        with self._changed:
            return sum(began < before for began in self._calls)

    def _allowed(self) -> int:
        return max(self._least, places_of(self._jobs))
