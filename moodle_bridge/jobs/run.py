"""Runs one job that was claimed and writes down what became of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

from sqlalchemy import Engine

from moodle_bridge import courtesy
from moodle_bridge.errors import BridgeError
from moodle_bridge.jobs.retry import pause
from moodle_bridge.log import trace
from moodle_bridge.metrics import count
from moodle_bridge.settings import Jobs
from moodle_bridge.store import queue
from moodle_bridge.store.queue import Job

log = logging.getLogger(__name__)

Handler = Callable[[Job], None]
"""Does a job; raises a :class:`BridgeError`, whose ``permanent`` says whether trying again can help."""


def run(
    engine: Engine,
    job: Job,
    handlers: Mapping[str, Handler],
    limits: Jobs,
    clock: Callable[[], float],
    random: Callable[[], float],
    *,
    ended: Callable[[], None] = lambda: None,
) -> None:
    """Do a job; afterwards it is done, waits for its next try, or is dead with code and reason.

    Raises only :class:`StoreError`: then the job stays claimed until its lease lapses, and runs again.
    ``ended`` is called when nothing more is done for the job, before the table is told.
    """
    with trace(job.trace):
        began = time.monotonic()
        try:
            try:
                handlers.get(job.kind, _unknown)(job)
            finally:
                with courtesy.waiting():
                    ended()
        except BridgeError as error:
            _failed(engine, job, error.code, error.message, error.permanent, limits, clock(), random)
        except Exception as error:
            # Its text may quote an answer: the table keeps its type, the log its type and place.
            log.exception("job %d (%s) failed unexpectedly", job.id, job.key)
            _failed(engine, job, "internal", type(error).__name__, False, limits, clock(), random)
        else:
            if not queue.finish(engine, job, clock()):
                log.warning("job %d (%s) is done, but another worker had taken it", job.id, job.key)
                return
            count("job", "done")
            log.info("job %d (%s) is done after %.3f s", job.id, job.key, time.monotonic() - began)


def _unknown(job: Job) -> None:
    raise BridgeError(f"this program knows no jobs of the kind {job.kind!r}")


def _failed(
    engine: Engine,
    job: Job,
    code: str,
    message: str,
    permanent: bool,
    limits: Jobs,
    now: float,
    random: Callable[[], float],
) -> None:
    dies = permanent or job.attempts >= limits.attempts
    due_at = None if dies else now + pause(job.attempts, limits, random)
    if not queue.fail(engine, job, now, code, message, due_at):
        log.warning("job %d (%s) failed, but another worker had taken it", job.id, job.key)
    elif due_at is None:
        count("job", "dead")
        log.error("job %d (%s) is dead after %d tries: %s: %s", job.id, job.key, job.attempts, code, message)
    else:
        count("job", "retried")
        again = f"try {job.attempts + 1} in {due_at - now:.0f} s"
        log.warning("job %d (%s): %s: %s; %s", job.id, job.key, code, message, again)
