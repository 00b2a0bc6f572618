"""Runs one job that was claimed, and writes down what became of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from moodle_bridge.errors import BridgeError
from moodle_bridge.jobs.retry import pause
from moodle_bridge.log import trace
from moodle_bridge.metrics import count
from moodle_bridge.settings import Jobs
from moodle_bridge.store import queue
from moodle_bridge.store.queue import Job

log = logging.getLogger(__name__)

BEATS = frozenset({"again", "report", "probe"})
"""Jobs that are asked for every few seconds, or do nothing: that they were done tells nobody anything."""

Handler = Callable[[Job], None]
"""Does a job; raises a :class:`BridgeError`, whose ``permanent`` says whether trying again can help."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that was run; ``code`` and ``message`` say why it failed, empty if it did not."""

    job: Job
    seconds: float
    code: str = ""
    message: str = ""
    permanent: bool = False


def run(job: Job, handlers: Mapping[str, Handler]) -> Ended:
    """Do a job; whatever it raises is the reason why it failed."""
    began = time.monotonic()
    code = message = ""
    permanent = False
    with trace(job.trace):
        try:
            handlers.get(job.kind, _unknown)(job)
        except BridgeError as error:
            code, message, permanent = error.code, error.message, error.permanent
        except BaseException as error:  # whatever it is, it is the job's and not the worker's
            # Its text may quote an answer: the table keeps its type, the log its type and place.
            log.exception("job %d (%s) failed unexpectedly", job.id, job.key)
            code, message = "internal", type(error).__name__
    return Ended(job, time.monotonic() - began, code, message, permanent)


def write_down(
    connection: Connection, ended: Ended, limits: Jobs, now: float, random: Callable[[], float]
) -> Callable[[], None]:
    """The job is done, waits for its next try, or is dead with code and reason.

    Returns what tells log and figures of it, to be called once the transaction has ended well.
    """
    job = ended.job
    due_at: float | None = None
    if not ended.code:
        kept = queue.finish(connection, job, now)
    else:
        if not ended.permanent and job.attempts < limits.attempts:
            due_at = now + pause(job.attempts, limits, random)
        kept = queue.fail(connection, job, now, ended.code, ended.message, due_at)

    def tell() -> None:
        with trace(job.trace):
            if not kept:
                log.warning("job %d (%s) ended, but another worker had taken it", job.id, job.key)
            elif not ended.code:
                count("job", "done")
                level = logging.DEBUG if job.kind in BEATS else logging.INFO
                log.log(level, "job %d (%s) is done after %.3f s", job.id, job.key, ended.seconds)
            elif due_at is None:
                count("job", "dead")
                reason = f"{ended.code}: {ended.message}"
                log.error("job %d (%s) is dead after %d tries: %s", job.id, job.key, job.attempts, reason)
            else:
                count("job", "retried")
                again = f"try {job.attempts + 1} in {due_at - now:.0f} s"
                log.warning("job %d (%s): %s: %s; %s", job.id, job.key, ended.code, ended.message, again)

    return tell


def _unknown(job: Job) -> None:
    raise BridgeError(f"this program knows no jobs of the kind {job.kind!r}")
