"""Dead letters made visible in Moodle: beside the submission, with reason and remedy.

Runs on a schedule and looks at the job table, so that a job that died with its worker is seen as well.
"""

from __future__ import annotations

import logging

from moodle_bridge.errors import MoodleRefused, remedy_of
from moodle_bridge.pipeline import hints, problems
from moodle_bridge.pipeline.context import Context
from moodle_bridge.store import pairing, queue, records
from moodle_bridge.store.queue import Job

log = logging.getLogger(__name__)

MOST = 500


def report(context: Context, job: Job) -> None:
    """Handle a ``report`` job: every dead ``archive`` job of a known submission is shown in Moodle."""
    if pairing.current(context.engine) is None:
        return
    for dead in queue.list_jobs(context.engine, state="dead", kind="archive", limit=MOST):
        submission = records.submission(context.engine, hints.submission_of(dead))
        if submission is None:
            continue
        try:
            problems.failed(context, submission, dead.code, remedy_of(dead.code))
        except MoodleRefused as error:
            # One that Moodle does not take (deleted since, say) must not hide the others.
            log.warning("job %d cannot be shown in Moodle: %s", dead.id, error.message)
