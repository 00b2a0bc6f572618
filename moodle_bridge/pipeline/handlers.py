"""Which function does which kind of job."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from moodle_bridge.jobs.run import Handler
from moodle_bridge.pipeline.again import again
from moodle_bridge.pipeline.archive import archive
from moodle_bridge.pipeline.compare import compare_job
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.push import push
from moodle_bridge.pipeline.report import report
from moodle_bridge.pipeline.schedules import tidy
from moodle_bridge.pipeline.sync import sync
from moodle_bridge.pipeline.trial import PROBE, nothing


def handlers(context: Context) -> Mapping[str, Handler]:
    """The handlers of every kind of job, bound to this process's parts."""
    kinds = {
        "archive": archive,
        "sync": sync,
        "again": again,
        "compare": compare_job,
        "push": push,
        "report": report,
        "tidy": tidy,
    }
    return {kind: partial(function, context) for kind, function in kinds.items()} | {PROBE: nothing}
