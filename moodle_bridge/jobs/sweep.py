"""The sweep, made by every worker once a second: what was lost, and what is due by the clock.

It shows that the worker lives and holds its leases, takes jobs from workers that died, and fires schedules.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine

from moodle_bridge.jobs import place
from moodle_bridge.settings import Jobs
from moodle_bridge.store import queue, ticks, workers
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job, NewJob

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
BEAT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job to ask for every so many seconds, counted from the epoch; once, however many workers run."""

    name: str
    every_seconds: float
    job: NewJob


class Sweep:
    """One worker's sweeps; remembers when it did what."""

    def __init__(self, engine: Engine, limits: Jobs, schedules: Sequence[Schedule], owner: str) -> None:
        self._engine = engine
        self._limits = limits
        self._schedules = schedules
        self._owner = owner
        self._seen: dict[str, float] = {}
        self._beat_seconds = min(BEAT_SECONDS, limits.lease_seconds / 3)

    def sweep(self, now: float, held: Collection[Job]) -> None:
        """Do whatever is due at ``now``, while the worker runs ``held``; raises :class:`StoreError`."""
        self._each("look", LOOK_SECONDS, now, lambda: self._reclaim(now, frozenset()))
        self._each("beat", self._beat_seconds, now, lambda: self._beat(now, held))
        for schedule in self._schedules:
            self._each(schedule.name, schedule.every_seconds, now, partial(self._fire, schedule, now))

    def _each(self, name: str, every_seconds: float, now: float, action: Callable[[], None]) -> None:
        """Do something once in every interval; if it raises, the next sweep tries again."""
        slot = now // every_seconds
        if self._seen.get(name) != slot:
            action()
            self._seen[name] = slot

    def _beat(self, now: float, held: Collection[Job]) -> None:
        with write(self._engine, on_disk=False) as connection:
            workers.beat(connection, self._owner, now, len(held))
            for job in held:
                queue.renew(connection, job, now, self._limits.lease_seconds)
        self._reclaim(now, place.gone(queue.running_owners(self._engine)))

    def _reclaim(self, now: float, owners: frozenset[str]) -> None:
        lost = queue.reclaim(self._engine, now, self._limits.backoff_seconds, owners=owners)
        if lost:
            log.warning("%d jobs were taken from workers that stopped in the middle of them", lost)

    def _fire(self, schedule: Schedule, now: float) -> None:
        with write(self._engine) as connection:
            if ticks.once(connection, schedule.name, schedule.every_seconds, now):
                queue.enqueue(connection, schedule.job, now)
