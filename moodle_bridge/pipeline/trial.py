"""Trying what a document needs on its way, from a job that is taken up to a file that Moodle takes.

Leaves nothing behind, neither here nor in Moodle.
"""

from __future__ import annotations

import hashlib
import time
import uuid

from sqlalchemy import Engine

from moodle_bridge.errors import MoodleRefused
from moodle_bridge.moodle.client import Client
from moodle_bridge.store import queue
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job, NewJob

PROBE = "probe"
"""The kind of a job that does nothing: only that it was taken up tells something."""

DOCUMENT_BYTES = 1_000_000
"""Larger than documents are that carry no large logo."""

_LOOK_SECONDS = 0.02


def nothing(_job: Job) -> None:
    """Handle a ``probe`` job."""


def seconds_until_taken_up(engine: Engine, now: float, patience_seconds: float) -> float | None:
    """How long a job waits until a worker has done it; None if that takes longer than one waits."""
    key = f"{PROBE}:{uuid.uuid4()}"
    began = time.monotonic()
    with write(engine) as connection:
        queue.enqueue(connection, NewJob(key, PROBE), now)
    try:
        while queue.state_of(engine, key) != "done":
            if time.monotonic() - began > patience_seconds:
                return None
            time.sleep(_LOOK_SECONDS)
        return time.monotonic() - began
    finally:
        for job in queue.list_jobs(engine, kind=PROBE):
            queue.drop(engine, job.id)


def upload_and_store(client: Client) -> int:
    """Upload a document of an ordinary size, and have it stored for a session that there is not; its size.

    Moodle throws it away when it finds no session; until then all is as with a real one. Raises what Moodle
    refuses of it: too large, no permission.
    """
    content = b"%PDF-1.7\n% moodle-bridge doctor\n".ljust(DOCUMENT_BYTES, b"%")
    item = client.upload("moodle-bridge-doctor.pdf", content)
    digest = hashlib.sha256(content).hexdigest()
    try:
        client.store_document(
            session=str(uuid.uuid4()),
            submission=str(uuid.uuid4()),
            document=str(uuid.uuid4()),
            variant="full",
            language="bg",
            filename="moodle-bridge-doctor.pdf",
            size=len(content),
            sha256=digest,
            answers_sha256=digest,
            draftitemid=item,
        )
    except MoodleRefused as error:
        if error.moodle_code != "sessionmissing":
            raise
    return len(content)
