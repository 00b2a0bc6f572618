"""The sweep, run by every worker process twice a second: what no hint told, what was lost, what is due.

It shows that the worker lives and holds its leases, takes jobs from workers that died, fires schedules,
hints due jobs to idle workers, and forgets what has been kept long enough.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine

from moodle_bridge.jobs import place
from moodle_bridge.settings import Settings
from moodle_bridge.store import inbox, queue, ticks, workers
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job, NewJob

log = logging.getLogger(__name__)

SWEEP_SECONDS = 0.5
BEAT_SECONDS = 5.0
_DAY = 86_400
_FORGET_EVERY = 3_600


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job to ask for every so many seconds, counted from the epoch; once, however many workers run."""

    name: str
    every_seconds: float
    job: NewJob


class Sweep:
    """One worker process's sweeps; remembers when it did what."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        schedules: Sequence[Schedule],
        owner: str,
        running: Callable[[], list[Job]],
        hint: Callable[[int], None],
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._schedules = schedules
        self._owner = owner
        self._running = running
        self._hint = hint
        self._seen: dict[str, float] = {}
        self._beat_seconds = min(BEAT_SECONDS, settings.jobs.lease_seconds / 3)

    def sweep(self, now: float) -> None:
        """Do whatever is due at ``now``; raises :class:`StoreError`."""
        self._each("beat", self._beat_seconds, now, self._look_around)
        for schedule in self._schedules:
            self._each(schedule.name, schedule.every_seconds, now, partial(self._fire, schedule))
        self._each("forget", _FORGET_EVERY, now, self._forget)
        self._reclaim(now, frozenset())
        idle = self._settings.jobs.workers - len(self._running())
        if idle > 0:
            for job_id in queue.due(self._engine, now, idle):
                self._hint(job_id)

    def beat(self, now: float) -> None:
        """Show that this worker lives, and hold the leases of what it runs."""
        held = self._running()
        with write(self._engine) as connection:
            workers.beat(connection, self._owner, now, len(held))
            for job in held:
                queue.renew_within(connection, job, now, self._settings.jobs.lease_seconds)

    def _each(self, name: str, every_seconds: float, now: float, action: Callable[[float], None]) -> None:
        """Do something once in every interval; if it raises, the next sweep tries again."""
        slot = now // every_seconds
        if self._seen.get(name) != slot:
            action(now)
            self._seen[name] = slot

    def _look_around(self, now: float) -> None:
        self.beat(now)
        self._reclaim(now, place.gone(queue.running_owners(self._engine)))

    def _reclaim(self, now: float, owners: frozenset[str]) -> None:
        lost = queue.reclaim(self._engine, now, self._settings.jobs.backoff_seconds, owners=owners)
        if lost:
            log.warning("%d jobs were taken from workers that stopped in the middle of them", lost)

    def _fire(self, schedule: Schedule, now: float) -> None:
        with write(self._engine) as connection:
            if not ticks.once(connection, schedule.name, schedule.every_seconds, now):
                return
            job_id = queue.enqueue(connection, schedule.job, now)
        if job_id is not None:
            self._hint(job_id)

    def _forget(self, now: float) -> None:
        keep = self._settings.retention
        hints = inbox.forget_before(self._engine, now - keep.inbox_days * _DAY)
        jobs = queue.forget_before(self._engine, now - keep.jobs_days * _DAY)
        if hints or jobs:
            log.info("forgot %d hints and %d finished jobs that were kept long enough", hints, jobs)
