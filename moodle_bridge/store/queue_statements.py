"""The statements that every job runs through, made once: making one takes longer than running it."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Executable, Select, bindparam, case, func, select, update

from moodle_bridge.store.tables import insert_for, job

FRESH: dict[str, Any] = {
    "state": "queued",
    "attempts": 0,
    "crashes": 0,
    "again": 0,
    "owner": "",
    "fence": 0,
    "lease_until": 0.0,
    "code": "",
    "message": "",
}
"""What a job begins with."""


@cache
def enqueue(on_sqlite: bool) -> Executable:
    """Insert a job, or change the one of the same key as :func:`moodle_bridge.store.queue.enqueue` says."""
    new = insert_for(on_sqlite, job)
    idle = job.c.state.in_(("done", "dead"))
    # A running job's own due time lies in the past, so the column is free to hold the next run's.
    earlier = (job.c.state == "queued") | (job.c.again == 1)
    return new.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "kind": new.excluded.kind,
            "payload": new.excluded.payload,
            "trace": new.excluded.trace,
            "state": case((idle, "queued"), else_=job.c.state),
            "again": case((job.c.state == "running", 1), else_=0),
            "due_at": case(
                (earlier & (job.c.due_at < new.excluded.due_at), job.c.due_at), else_=new.excluded.due_at
            ),
            "attempts": case((idle, 0), else_=job.c.attempts),
            "crashes": case((idle, 0), else_=job.c.crashes),
            "code": case((idle, ""), else_=job.c.code),
            "message": case((idle, ""), else_=job.c.message),
            "changed_at": new.excluded.changed_at,
        },
    ).returning(job.c.id, job.c.state, job.c.due_at)


@cache
def due() -> Select[Any]:
    """Ids of jobs due at ``now``, the one due longest first."""
    ready = (job.c.state == "queued") & (job.c.due_at <= bindparam("now"))
    return select(job.c.id).where(ready).order_by(job.c.due_at, job.c.id)


@cache
def claimable(one: bool) -> Select[Any]:
    """Job ``id_`` (if ``one``) or the one due longest, if it is due at ``now``."""
    wanted = due().limit(1)
    return wanted.where(job.c.id == bindparam("id_")) if one else wanted


@cache
def claim(one: bool) -> Executable:
    """Take that job for ``owner_`` ``until`` a time, unless ``most`` are running."""
    now: BindParameter[float] = bindparam("now")
    running = select(func.count()).where(job.c.state == "running", job.c.lease_until > now)
    return (
        update(job)
        .where(job.c.id == claimable(one).scalar_subquery(), running.scalar_subquery() < bindparam("most"))
        .values(
            state="running",
            owner=bindparam("owner_"),
            fence=job.c.fence + 1,
            attempts=job.c.attempts + 1,
            lease_until=bindparam("until"),
            changed_at=now,
        )
        .returning(job)
    )


@cache
def finish() -> Executable:
    """Job ``id_``, held by ``owner_`` under ``fence_``, is done, or queued if asked for again."""
    return (
        update(job)
        .where(
            job.c.id == bindparam("id_"),
            job.c.state == "running",
            job.c.owner == bindparam("owner_"),
            job.c.fence == bindparam("fence_"),
        )
        .values(
            state=case((job.c.again == 1, "queued"), else_="done"),
            attempts=0,
            crashes=0,
            again=0,
            owner="",
            lease_until=0.0,
            code="",
            message="",
            changed_at=bindparam("now"),
        )
    )
