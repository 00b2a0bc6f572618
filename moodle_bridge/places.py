"""Places for calls of Moodle: how many a process may have under way, shared by the jobs that it runs.

A job works a good part of its time without calling Moodle, so that every three jobs get two places. The job
table counts the places that the jobs of every process stand for, and no process ever has more calls under
way than its jobs in that table stand for: so the limit holds over all of them, and nothing else is written.
"""

from __future__ import annotations

import threading

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
        self._asking = self._jobs = self._calls = 0

    def ask(self) -> int:
        """Somebody is about to claim a job; how many jobs there would be then."""
        with self._changed:
            self._asking += 1
            return self._jobs + self._asking

    def answered(self, *, claimed: bool) -> None:
        """The job was claimed and stands in the job table, or it was not to be had."""
        with self._changed:
            self._asking -= 1
            if claimed:
                self._jobs += 1
                self._changed.notify_all()

    def leave(self) -> None:
        """A job calls no more; returns once the others keep to their places, so that it may be let go."""
        with self._changed:
            self._jobs -= 1
            self._changed.wait_for(lambda: self._calls <= self._allowed())

    def take(self, seconds: float) -> bool:
        """Take a place for a call, waiting so long at most; whether there was one."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._calls < self._allowed(), seconds):
                return False
            self._calls += 1
            return True

    def give(self) -> None:
        """The call is over."""
        with self._changed:
            self._calls -= 1
            self._changed.notify_all()

    def _allowed(self) -> int:
        return max(self._least, places_of(self._jobs))
