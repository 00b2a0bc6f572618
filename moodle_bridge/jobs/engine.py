"""The engine: huey's worker threads on our job table, in a process of their own or inside the web server's.

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
from typing import Any

from huey.consumer import Consumer, Scheduler  # type: ignore[import-untyped]
from sqlalchemy import Engine

from moodle_bridge import courtesy
from moodle_bridge.errors import StoreError
from moodle_bridge.jobs import place
from moodle_bridge.jobs.process import tune
from moodle_bridge.jobs.run import Handler, run
from moodle_bridge.jobs.sweep import SWEEP_SECONDS, Schedule, Sweep
from moodle_bridge.jobs.wake import hinter, open_queue
from moodle_bridge.places import Places
from moodle_bridge.settings import Settings
from moodle_bridge.store import queue, workers
from moodle_bridge.store.queue import Job

__all__ = ["Handler", "Runner", "Schedule", "hinter", "start"]

log = logging.getLogger(__name__)

_BREATH_SECONDS = 1.0
"""Pause of a worker thread when the database does not answer."""

_RUSH = 10
_RUSH_SECONDS = 0.5
"""So many hints in so short a time are a rush."""

_LONG_CALL_SECONDS = 0.02
"""A call of Moodle that has lasted so long leaves the processor to others."""

_FORGOTTEN_SECONDS = 3_600
"""A worker not seen for so long is struck off the list."""


class Runner:
    """The workers of this process; made by :func:`start`."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        handlers: Mapping[str, Handler],
        schedules: Sequence[Schedule],
        places: Places,
        clock: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self.owner = place.owner()
        self._engine = engine
        self._settings = settings
        self._handlers = handlers
        self._places = places
        self._clock = clock
        self._random = random
        self._stopping = threading.Event()
        self._mutex = threading.Lock()
        self._held: dict[int, Job] = {}
        self._busy = 0
        self._turns = threading.Lock()
        self._arrivals: deque[float] = deque([-_RUSH_SECONDS] * _RUSH, maxlen=_RUSH)
        self._wake = open_queue(settings, self._work)
        self._sweep = Sweep(engine, settings, schedules, self.owner, self.running, self._tell)
        self._consumer = _Consumer(self._wake, self.sweep, workers=settings.jobs.workers, max_delay=1.0)

    def hint(self, job_id: int) -> None:
        """Wake a worker for this job; never raises, for the sweep finds what was not hinted.

        For whoever receives jobs in this process. Many hints at once are a rush, during which the workers
        give way to whoever receives them.
        """
        self._arrivals.append(time.monotonic())
        self._tell(job_id)

    def _tell(self, job_id: int) -> None:
        if self._busy >= self._settings.jobs.workers:
            return  # whoever ends next looks for what is due
        try:
            self._wake.hint(job_id, here=True)
        except Exception as error:
            log.warning("job %d: no worker could be woken (%s); the sweep will", job_id, type(error).__name__)

    def running(self) -> list[Job]:
        """The jobs under way in this process."""
        with self._mutex:
            return list(self._held.values())

    def sweep(self) -> None:
        """One sweep; trouble is logged and the next sweep tries again."""
        try:
            self._sweep.sweep(self._clock())
            self._consumer.check_worker_health()
        except StoreError as error:
            log.warning("the sweep could not be finished: %s", error.message)
        except Exception:
            log.exception("the sweep failed")

    def start(self) -> None:
        """Start the threads. Raises :class:`StoreError` if the database does not answer."""
        self._sweep.sweep(self._clock())
        self._consumer.start()
        log.info("%d workers are ready (%s)", self._settings.jobs.workers, self.owner)

    def stop(self, seconds: float) -> bool:
        """Take no more jobs and wait at most so long for those under way; whether all have ended.

        What has not ended goes on until the process exits; its job is taken over by whoever comes next.
        """
        deadline = time.monotonic() + seconds
        self._stopping.set()
        self._consumer.stop()
        self._wake.disturb()
        beat_at = time.monotonic()
        while self.running() and time.monotonic() < deadline:
            if time.monotonic() >= beat_at:
                beat_at += min(1.0, self._settings.jobs.lease_seconds / 3)
                with suppress(StoreError):
                    self._sweep.beat(self._clock())
            time.sleep(0.02)
        self._consumer.join(deadline)
        left = self.running()
        for job in left:
            log.warning("job %d (%s) did not end in time; it will be run again", job.id, job.key)
        with suppress(StoreError):
            workers.leave(self._engine, self.owner, self._clock() - _FORGOTTEN_SECONDS)
        self._wake.close()
        return not left

    def _work(self, job_id: int) -> None:
        """Do the job that was hinted, then whatever else is due."""
        wanted: int | None = job_id
        while not self._stopping.is_set():
            try:
                if not self._one(wanted):
                    return
            except StoreError as error:
                log.warning("a worker pauses for the database: %s", error.message)
                self._stopping.wait(_BREATH_SECONDS)
                return
            except Exception:
                log.exception("a worker failed")
                self._stopping.wait(_BREATH_SECONDS)
                return
            wanted = None

    def _one(self, wanted: int | None) -> bool:
        """Do one job; False if there was none to be had."""
        if not self._has_turn():
            return False
        try:
            return self._claim_and_run(wanted)
        finally:
            with self._mutex:
                self._busy -= 1

    def _has_turn(self) -> bool:
        """Wait until this worker may go on; False when all are to stop.

        In a rush only one job at a time works; those that wait for a slow Moodle do not count. Threads of one
        Python share one processor: what many take of it makes webhooks wait, and gives no more documents.
        """
        with self._turns:  # one worker looks, the others stand in line
            while not self._stopping.is_set():
                rush = time.monotonic() - self._arrivals[0] < _RUSH_SECONDS
                waiting = self._places.long_under_way(_LONG_CALL_SECONDS) if rush else 0
                with self._mutex:
                    if not rush or self._busy <= waiting:
                        self._busy += 1
                        return True
                self._stopping.wait(_LONG_CALL_SECONDS)
        return False

    def _claim_and_run(self, wanted: int | None) -> bool:
        limits = self._settings.jobs
        job = self._claim(wanted)
        if job is None:
            return False
        with self._mutex:
            self._held[job.id] = job
        try:
            # The table counts the job's places until it is told: nobody may use them when it is.
            ended = self._places.leave
            with courtesy.background():
                run(self._engine, job, self._handlers, limits, self._clock, self._random, ended=ended)
        finally:
            with self._mutex:
                # A job lost and claimed again by another thread of ours is that thread's to strike out.
                if self._held.get(job.id) is job:
                    del self._held[job.id]
        return True

    def _claim(self, wanted: int | None) -> Job | None:
        job = queue.claim(
            self._engine,
            wanted,
            self.owner,
            self._clock(),
            self._settings.jobs.lease_seconds,
            self._settings.moodle.concurrency,
            self._places.jobs,
        )
        if job is not None:
            self._places.join()
        return job


class _Sweeper(Scheduler):  # type: ignore[misc]
    """huey's scheduler thread, sweeping: delays and schedules stand in our own tables."""

    def __init__(self, huey: Any, stop_flag: threading.Event, sweep: Callable[[], None]) -> None:
        super().__init__(huey, stop_flag, interval=1, periodic=False)
        self._sweep = sweep

    def loop(self, now: Any = None) -> None:
        """Sweep, then wait."""
        self.stop_flag.wait(SWEEP_SECONDS)
        if not self.stop_flag.is_set():
            self._sweep()


class _Consumer(Consumer):  # type: ignore[misc]
    """huey's worker threads without its signal handlers."""

    def __init__(self, huey: Any, sweep: Callable[[], None], **options: Any) -> None:
        self._sweep = sweep
        super().__init__(huey, periodic=False, **options)

    def _create_scheduler(self) -> _Sweeper:
        return _Sweeper(self.huey, self.stop_flag, self._sweep)

    def _set_signal_handlers(self) -> None:
        """The command line handles signals."""

    def join(self, deadline: float) -> None:
        """Wait for the threads until ``deadline`` (of the monotonic clock)."""
        for thread in [self.scheduler, *(thread for _, thread in self.worker_threads)]:
            thread.join(max(deadline - time.monotonic(), 0.0))


def start(
    engine: Engine,
    settings: Settings,
    handlers: Mapping[str, Handler],
    schedules: Sequence[Schedule] = (),
    *,
    places: Places | None = None,
    clock: Callable[[], float] = time.time,
    random: Callable[[], float] = standard_random.random,
) -> Runner:
    """Start this process's workers: ``handlers`` by kind of job, ``schedules`` that ask for jobs.

    ``places`` are those to which the handlers' calls of Moodle keep.
    The database must have been migrated. Raises :class:`SettingsError` or :class:`StoreError`.
    """
    tune()
    runner = Runner(engine, settings, handlers, schedules, places or Places(), clock, random)
    runner.start()
    return runner
