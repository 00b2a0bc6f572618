"""Which work a hint asks for. A hint is never data: the jobs read the truth from Moodle.

Knows no database and no HTTP.
"""

from __future__ import annotations

from moodle_bridge.plain_json import JsonObject, text
from moodle_bridge.store.queue import Job, NewJob

GATHER_SECONDS = 2.0
"""A push waits so long for more of the same: one push serves a burst of submissions."""


def sync_job(trace: str = "") -> NewJob:
    """Read Moodle's change sequence from the cursor on; many hints make one such job."""
    return NewJob(key="sync", kind="sync", trace=trace)


def archive_job(submission: str, trace: str = "") -> NewJob:
    """Turn one submission into its stored documents."""
    return NewJob(
        key=f"archive:{submission}", kind="archive", payload={"submission": submission}, trace=trace
    )


def push_job(session: str, now: float, trace: str = "", *, group: int | None = None) -> NewJob:
    """Bring a session's definitions, personal rows and summaries in Moodle up to date from ``now`` on.

    With ``group`` only those of one group; 0: only what is for all groups together.
    """
    due_at = now + GATHER_SECONDS
    if group is None:
        return NewJob(f"push:{session}", "push", {"session": session}, due_at=due_at, trace=trace)
    payload: dict[str, str | int] = {"session": session, "group": group}
    return NewJob(f"push:{session}:{group}", "push", payload, due_at=due_at, trace=trace)


def report_job(trace: str = "") -> NewJob:
    """Show in Moodle which documents could not be made."""
    return NewJob(key="report", kind="report", trace=trace)


def submission_of(job: Job) -> str:
    """The submission that an archive job is about."""
    return str(job.payload["submission"])


def session_of(job: Job) -> str:
    """The session that a push job is about."""
    return str(job.payload["session"])


def group_of(job: Job) -> int | None:
    """The group that a push job is about, 0 for all groups together; None: everything of the session."""
    group = job.payload.get("group")
    return None if group is None else int(group)


def jobs_for(message_type: str, data: JsonObject, trace: str) -> list[NewJob]:
    """The jobs for one hint of the contract, or of a third-party plugin (any other type: a sync)."""
    if message_type == "submission.saved":
        return [archive_job(text(data, "submission"), trace)]
    return [sync_job(trace)]
