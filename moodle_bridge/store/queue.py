"""The job table: the one truth about what is to be done, who does it and what became of it.

A job goes queued -> running -> done, or back to queued with a pause, or dead. Whoever claims a job holds it
under a lease; every later write names owner and fence, so that a worker that lost its job cannot write over
the one that took it. Payloads hold references only, never answers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Update,
    bindparam,
    case,
    delete,
    func,
    select,
    text,
    update,
)

from moodle_bridge.store.engine import Source, is_sqlite, read, write
from moodle_bridge.store.tables import JsonText, job

Payload = Mapping[str, str | int]

CHANNEL = "moodle_bridge_jobs"
"""PostgreSQL notifies whoever listens here that there is something to do."""

_CLAIMS = 7_146_308_113
"""PostgreSQL advisory lock under which running jobs are counted against the limit of calls to Moodle."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """Something to be done. ``key`` makes it unique: the same key twice is the same job.

    ``due_at`` is epoch seconds, 0 for at once; ``trace`` is the id that logs carry from webhook to receipt.
    """

    key: str
    kind: str
    payload: Payload = field(default_factory=dict)
    due_at: float = 0.0
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the job table. ``attempts`` counts the run under way; ``crashes`` workers that died on it."""

    id: int
    key: str
    kind: str
    payload: Payload
    trace: str
    state: str
    due_at: float
    attempts: int
    crashes: int
    again: bool
    owner: str
    fence: int
    lease_until: float
    code: str
    message: str
    created_at: float
    changed_at: float


_ENQUEUE = text("""
    INSERT INTO job (key, kind, payload, trace, state, due_at, attempts, crashes, again, owner, fence,
                     lease_until, code, message, created_at, changed_at)
    VALUES (:key, :kind, :payload, :trace, 'queued', :due_at, 0, 0, 0, '', 0, 0, '', '', :now, :now)
    ON CONFLICT (key) DO UPDATE SET
        kind = excluded.kind,
        payload = excluded.payload,
        trace = excluded.trace,
        state = CASE WHEN job.state IN ('done', 'dead') THEN 'queued' ELSE job.state END,
        again = CASE WHEN job.state = 'running' THEN 1 ELSE 0 END,
        -- A running job's own due time lies in the past, so the column is free to hold the next run's.
        due_at = CASE
            WHEN (job.state = 'queued' OR job.again = 1) AND job.due_at < excluded.due_at THEN job.due_at
            ELSE excluded.due_at END,
        attempts = CASE WHEN job.state IN ('done', 'dead') THEN 0 ELSE job.attempts END,
        crashes = CASE WHEN job.state IN ('done', 'dead') THEN 0 ELSE job.crashes END,
        code = CASE WHEN job.state IN ('done', 'dead') THEN '' ELSE job.code END,
        message = CASE WHEN job.state IN ('done', 'dead') THEN '' ELSE job.message END,
        changed_at = excluded.changed_at
    RETURNING state, due_at
""").bindparams(bindparam("payload", type_=JsonText()))


def enqueue(connection: Connection, new: NewJob, now: float) -> bool:
    """Ask for a job; whether there is something to do at once, so that a worker should be woken.

    A job of the same key that is done or dead is armed afresh; a queued one is moved earlier if need be;
    a running one will run once more when it has finished. On PostgreSQL this wakes workers by itself.
    """
    row = {
        "key": new.key,
        "kind": new.kind,
        "payload": dict(new.payload),
        "trace": new.trace,
        "due_at": new.due_at or now,
        "now": now,
    }
    kept = connection.execute(_ENQUEUE, row).one()
    is_due: bool = kept.state == "queued" and kept.due_at <= now
    if is_due and not is_sqlite(connection):
        connection.execute(text(f"NOTIFY {CHANNEL}"))
    return is_due


def run_again(connection: Connection, kind: str) -> int:
    """Let jobs of a kind that are running run once more when they have finished; how many.

    For news that makes what they have read already out of date.
    """
    running = (job.c.kind == kind) & (job.c.state == "running") & (job.c.again == 0)
    return connection.execute(update(job).where(running).values(again=1)).rowcount


_DUE = select(job.c.id).where(job.c.state == "queued", job.c.due_at <= bindparam("now"))
_NEXT = _DUE.order_by(job.c.due_at, job.c.id).limit(bindparam("most")).with_for_update(skip_locked=True)
_RUNNING = select(func.count()).where(job.c.state == "running", job.c.lease_until > bindparam("now"))
_CLAIM = (
    update(job)
    .where(job.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state="running",
        owner=bindparam("by"),
        fence=job.c.fence + 1,
        attempts=job.c.attempts + 1,
        lease_until=bindparam("until"),
        changed_at=bindparam("now"),
    )
    .returning(*job.c)
)


def is_due(source: Source, now: float) -> bool:
    """Whether any job waits to be claimed."""
    with read(source) as connection:
        return connection.execute(_DUE.limit(1), {"now": now}).first() is not None


def claim(
    connection: Connection, owner: str, now: float, lease_seconds: float, most: int, concurrency: int
) -> list[Job]:
    """Take the jobs that have been due longest, ``most`` of them; afterwards ``owner`` holds them.

    Over all workers no more than ``concurrency`` jobs run at once; those whose lease has lapsed do not count.
    """
    if not is_sqlite(connection):  # on SQLite nobody else writes until this transaction ends
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CLAIMS})
    running = connection.execute(_RUNNING, {"now": now}).scalar_one()
    most = min(most, concurrency - running)
    ids = list(connection.execute(_NEXT, {"now": now, "most": most}).scalars()) if most > 0 else []
    if not ids:
        return []
    values = {"ids": ids, "by": owner, "until": now + lease_seconds, "now": now}
    taken = [_job(row) for row in connection.execute(_CLAIM, values)]
    return sorted(taken, key=lambda each: (each.due_at, each.id))


def renew(connection: Connection, held: Job, now: float, lease_seconds: float) -> bool:
    """Hold a job for longer; False if it was lost."""
    return _changed(connection, _held(held).values(lease_until=now + lease_seconds))


def finish(connection: Connection, held: Job, now: float) -> bool:
    """A job is done, or queued at once if it was asked for again meanwhile; False if it was lost."""
    return _changed(
        connection,
        _held(held).values(
            state=case((job.c.again == 1, "queued"), else_="done"),
            attempts=0,
            crashes=0,
            again=0,
            owner="",
            lease_until=0.0,
            code="",
            message="",
            changed_at=now,
        ),
    )


def fail(
    connection: Connection, held: Job, now: float, code: str, message: str, due_at: float | None
) -> bool:
    """A job failed: try again at ``due_at``, or never (None: dead); False if it was lost.

    If it was asked for again meanwhile it is queued even so, for what failed may be history by now.
    """
    once_more = job.c.again == 1
    return _changed(
        connection,
        _held(held).values(
            state=case((once_more, "queued"), else_="dead" if due_at is None else "queued"),
            due_at=case((once_more, job.c.due_at), else_=held.due_at if due_at is None else due_at),
            again=0,
            owner="",
            lease_until=0.0,
            code=code,
            message=message,
            changed_at=now,
        ),
    )


def reclaim(engine: Engine, now: float, pause_seconds: float, *, owners: frozenset[str] = frozenset()) -> int:
    """Take jobs from workers that fell silent, or that are known to be gone (``owners``); how many.

    The first times a job is free at once. One that has seen three workers die may be what kills them: it
    waits ``pause_seconds``, then twice as long each time, and after the tenth death it is dead, so that
    its neighbours get on.
    """
    lost = (job.c.state == "running") & ((job.c.lease_until <= now) | job.c.owner.in_(owners))
    with read(engine) as connection:
        if connection.execute(select(job.c.id).where(lost).limit(1)).first() is None:
            return 0
    crashes = job.c.crashes + 1
    pauses = {count: now + pause_seconds * 2 ** (count - 3) for count in range(3, 10)}
    with write(engine) as connection:
        return connection.execute(
            update(job)
            .where(lost)
            .values(
                state=case((crashes >= 10, "dead"), else_="queued"),
                due_at=case(pauses, value=crashes, else_=now),
                crashes=crashes,
                again=0,
                owner="",
                lease_until=0.0,
                code="worker-lost",
                message="the worker stopped in the middle of this job",
                changed_at=now,
            )
        ).rowcount


def running_owners(source: Source) -> frozenset[str]:
    """Who holds jobs at the moment."""
    with read(source) as connection:
        rows = connection.execute(select(job.c.owner).where(job.c.state == "running").distinct())
        return frozenset(rows.scalars())


def counts(source: Source) -> dict[str, int]:
    """How many jobs are in each state: queued, running, done, dead."""
    with read(source) as connection:
        rows = connection.execute(
            select(job.c.state, func.count().label("number")).group_by(job.c.state)
        ).all()
    return {"queued": 0, "running": 0, "done": 0, "dead": 0} | {row.state: row.number for row in rows}


def oldest_due(source: Source, now: float) -> float | None:
    """Since when the job that waits longest has been due (epoch seconds); None if none is due."""
    with read(source) as connection:
        waiting = select(func.min(job.c.due_at)).where(job.c.state == "queued", job.c.due_at <= now)
        return connection.execute(waiting).scalar()


def state_of(source: Source, key: str) -> str:
    """The state of the job of that key; empty if there is none."""
    with read(source) as connection:
        return connection.execute(select(job.c.state).where(job.c.key == key)).scalar() or ""


def failing_of(source: Source, code: str) -> int:
    """How many jobs wait for another try, or are dead, after a failure of that code."""
    with read(source) as connection:
        chosen = job.c.code == code, job.c.state.in_(("queued", "dead"))
        found: int = connection.execute(select(func.count()).select_from(job).where(*chosen)).scalar_one()
    return found


def list_jobs(source: Source, state: str = "", kind: str = "", limit: int = 100) -> list[Job]:
    """Jobs, the last changed first; of one state or kind if these are given."""
    wanted = select(job).order_by(job.c.changed_at.desc(), job.c.id.desc()).limit(limit)
    if state:
        wanted = wanted.where(job.c.state == state)
    if kind:
        wanted = wanted.where(job.c.kind == kind)
    with read(source) as connection:
        return [_job(row) for row in connection.execute(wanted)]


def pending(source: Source, kind: str) -> list[Job]:
    """The jobs of a kind that are still to be done or are being done."""
    wanted = select(job).where(job.c.kind == kind, job.c.state.in_(("queued", "running")))
    with read(source) as connection:
        return [_job(row) for row in connection.execute(wanted)]


def get(source: Source, job_id: int) -> Job | None:
    """One job."""
    with read(source) as connection:
        row = connection.execute(select(job).where(job.c.id == job_id)).first()
    return None if row is None else _job(row)


def retry(engine: Engine, job_id: int, now: float) -> bool:
    """Try a dead or waiting job at once, with its attempts counted afresh; False if there is none."""
    return _rearm(engine, (job.c.id == job_id) & job.c.state.in_(("dead", "queued")), now) == 1


def retry_dead(engine: Engine, now: float, code: str = "") -> int:
    """Try all dead jobs at once, or those that died of ``code``; how many."""
    chosen = job.c.state == "dead"
    return _rearm(engine, chosen & (job.c.code == code) if code else chosen, now)


def hasten(engine: Engine, now: float, codes: Collection[str]) -> int:
    """Let jobs that pause after a failure of one of ``codes`` pause no longer; how many."""
    pausing = (job.c.state == "queued") & (job.c.due_at > now) & job.c.code.in_(codes)
    with write(engine) as connection:
        return connection.execute(update(job).where(pausing).values(due_at=now, changed_at=now)).rowcount


def drop(engine: Engine, job_id: int) -> bool:
    """Give a job up that is not running; False if there is none."""
    with write(engine) as connection:
        gone = delete(job).where(job.c.id == job_id, job.c.state != "running")
        return connection.execute(gone).rowcount == 1


def forget_before(engine: Engine, time: float) -> int:
    """Forget jobs that were done before ``time`` (epoch seconds); how many. Dead ones stay."""
    with write(engine) as connection:
        return connection.execute(delete(job).where(job.c.state == "done", job.c.changed_at < time)).rowcount


def _held(held: Job) -> Update:
    return update(job).where(
        job.c.id == held.id, job.c.state == "running", job.c.owner == held.owner, job.c.fence == held.fence
    )


def _changed(connection: Connection, statement: Update) -> bool:
    return connection.execute(statement).rowcount == 1


def _rearm(engine: Engine, chosen: Any, now: float) -> int:
    with write(engine) as connection:
        return connection.execute(
            update(job)
            .where(chosen)
            .values(state="queued", due_at=now, attempts=0, crashes=0, changed_at=now)
        ).rowcount


def _job(row: Row[Any]) -> Job:
    values = row._asdict()
    return Job(**{**values, "again": bool(values["again"])})
