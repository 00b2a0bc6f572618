"""A worker: takes due jobs from the job table, runs each in a thread, writes down what became of them.

It installs no signal handlers and starts no thread at import: the command line does both.
"""

from __future__ import annotations

import logging
import random as standard_random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from sqlalchemy import Engine

from moodle_bridge.errors import StoreError
from moodle_bridge.jobs import place
from moodle_bridge.jobs.run import Ended, Handler, run, write_down
from moodle_bridge.jobs.sweep import LOOK_SECONDS, Schedule, Sweep
from moodle_bridge.settings import Settings
from moodle_bridge.store import queue, workers
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job

__all__ = ["Handler", "Schedule", "Worker"]

log = logging.getLogger(__name__)

_FORGOTTEN_SECONDS = 3_600
"""A worker not seen for so long is struck off the list."""


class Worker:
    """Does jobs: ``handlers`` by their kind, ``schedules`` that ask for some; the database was migrated."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        handlers: Mapping[str, Handler],
        schedules: Sequence[Schedule] = (),
        *,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = standard_random.random,
    ) -> None:
        self.owner = place.owner()
        self._engine = engine
        self._limits = settings.jobs
        self._concurrency = settings.moodle.concurrency
        self._handlers = handlers
        self._clock = clock
        self._random = random
        self._sweep = Sweep(engine, settings.jobs, schedules, self.owner)
        self._held: list[Job] = []
        self._ended: deque[Ended] = deque()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)

    def start(self) -> None:
        """Begin. Raises :class:`StoreError` if the database does not answer."""
        self._sweep.sweep(self._clock(), self._held)
        self._thread.start()
        self.wake()
        log.info("a worker is ready (%s)", self.owner)

    def wake(self) -> None:
        """There may be something to do: look at once, and not only after a second."""
        self._woken.set()

    def stop(self, seconds: float) -> bool:
        """Take no more jobs and wait at most so long for those under way; whether all have ended.

        What has not ended goes on until the process exits; its job is taken over by whoever comes next.
        """
        for event, patience in ((self._stopping, seconds), (self._over, LOOK_SECONDS)):
            event.set()
            self.wake()
            self._thread.join(patience)
        for job in self._held:
            log.warning("job %d (%s) did not end in time; it will be run again", job.id, job.key)
        with suppress(StoreError):
            workers.leave(self._engine, self.owner, self._clock() - _FORGOTTEN_SECONDS)
        return not self._held

    def _work(self) -> None:
        while not self._over.is_set() and (self._held or not self._stopping.is_set()):
            self._woken.wait(LOOK_SECONDS)
            self._woken.clear()
            try:
                self._sweep.sweep(self._clock(), self._held)
                self._round()
            except StoreError as error:
                log.warning("the worker pauses for the database: %s", error.message)
                self._over.wait(LOOK_SECONDS)
            except Exception:
                log.exception("the worker failed")
                self._over.wait(LOOK_SECONDS)

    def _round(self) -> None:
        """Write down what has ended and take as many jobs as there is room for, in one transaction."""
        now = self._clock()
        ended = list(self._ended)
        room = 0 if self._stopping.is_set() else self._limits.workers - len(self._held) + len(ended)
        if not ended and not (room and queue.is_due(self._engine, now)):
            return
        with write(self._engine, on_disk=False) as connection:  # what is lost is run again
            tell = [write_down(connection, each, self._limits, now, self._random) for each in ended]
            taken = queue.claim(
                connection, self.owner, now, self._limits.lease_seconds, room, self._concurrency
            )
        for each in ended:
            self._ended.popleft()
            self._held.remove(each.job)
        for job in taken:
            self._held.append(job)
            threading.Thread(target=self._do, args=(job,), name=job.key, daemon=True).start()
        for say in tell:
            say()

    def _do(self, job: Job) -> None:
        self._ended.append(run(job, self._handlers))
        self.wake()
