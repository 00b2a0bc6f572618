"""Failures made visible in Moodle: beside the submission, with reason and remedy.

Runs on a schedule and looks at the job table, so that a job that died with its worker is seen as well.
"""

from __future__ import annotations

import logging

from moodle_bridge.errors import BridgeError, MoodleGarbled, MoodleRefused, MoodleUploadLimit
from moodle_bridge.pipeline import hints, problems
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.show_aside import show_set_aside
from moodle_bridge.store import pairing, queue, records
from moodle_bridge.store.queue import Job

log = logging.getLogger(__name__)

MOST = 500

AT_ONCE = (BridgeError.code, MoodleGarbled.code, MoodleUploadLimit.code)
"""Reasons that are the form's own, or that somebody has to mend: told while they are still tried again."""


def report(context: Context, job: Job) -> None:
    """Handle a ``report`` job: what is set aside, and forms whose documents cannot be made, are shown."""
    if pairing.current(context.engine) is None:
        return
    dead = queue.list_jobs(context.engine, state="dead", kind="archive", limit=MOST)
    waiting = queue.list_jobs(context.engine, state="queued", kind="archive", limit=MOST)
    for failing in [*dead, *(each for each in waiting if each.code in AT_ONCE)]:
        submission = records.submission(context.engine, hints.submission_of(failing))
        if submission is None:
            continue
        try:
            again = 0.0 if failing.state == "dead" else failing.due_at
            problems.failed(context, submission, failing.code, again)
        except MoodleRefused as error:
            # One that Moodle does not take (deleted since, say) must not hide the others.
            log.warning("job %d cannot be shown in Moodle: %s", failing.id, error.message)
    show_set_aside(context)
