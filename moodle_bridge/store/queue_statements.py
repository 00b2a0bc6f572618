"""The statements that every job runs through, as SQL that SQLite and PostgreSQL both understand.

Written out rather than built: putting parameters and types together anew would take longer than the database.
"""

from __future__ import annotations

from sqlalchemy import bindparam, text

from moodle_bridge.places import JOBS, PLACES
from moodle_bridge.store.tables import JsonText, job

ENQUEUE = text("""
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
    RETURNING id, state, due_at
""").bindparams(bindparam("payload", type_=JsonText()))
"""Insert a job, or change the one of the same key as :func:`moodle_bridge.store.queue.enqueue` says."""

_DUE = "SELECT id FROM job WHERE state = 'queued' AND due_at <= :now"
_LONGEST = "ORDER BY due_at, id LIMIT"

DUE = text(f"{_DUE} {_LONGEST} :most")
"""Ids of jobs due at ``now``, the one due longest first."""

CLAIMABLE = {True: text(f"{_DUE} AND id = :id"), False: text(f"{_DUE} {_LONGEST} 1")}
"""Job ``id`` (True) or the one due longest (False), if it is due at ``now``."""

CLAIM = {
    one: text(f"""
    UPDATE job
    SET state = 'running', owner = :owner, fence = fence + 1, attempts = attempts + 1, lease_until = :until,
        changed_at = :now
    WHERE id = ({wanted})
      AND (SELECT coalesce(sum((jobs * {PLACES} + {JOBS - 1}) / {JOBS}), 0)
           FROM (SELECT count(*) AS jobs FROM job
                 WHERE state = 'running' AND lease_until > :now AND owner <> :owner GROUP BY owner) AS held)
        + (SELECT ((CASE WHEN count(*) < :jobs THEN :jobs ELSE count(*) END + 1)
                   * {PLACES} + {JOBS - 1}) / {JOBS}
           FROM job WHERE state = 'running' AND owner = :owner)
          <= :concurrency
    RETURNING {", ".join(job.c.keys())}
    """).columns(*job.c)  # noqa: S608 - put together from nothing but constants
    for one, wanted in CLAIMABLE.items()
}
"""Take that job for ``owner`` ``until`` a time, if running jobs then stand for no more than ``concurrency``.

The owner's own are counted here, in the statement that adds one, for its other threads claim at the same
time; it may still run jobs that it has lost, so that they are at least ``jobs``.
"""

FINISH = text("""
    UPDATE job
    SET state = CASE WHEN again = 1 THEN 'queued' ELSE 'done' END, attempts = 0, crashes = 0, again = 0,
        owner = '', lease_until = 0, code = '', message = '', changed_at = :now
    WHERE id = :id AND state = 'running' AND owner = :owner AND fence = :fence
""")
"""Job ``id``, held by ``owner`` under ``fence``, is done, or queued if asked for again."""
