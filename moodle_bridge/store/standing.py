"""How things stand, in figures: what waits and since when, and when Moodle was last read and heard.

Knows neither from which figure on somebody should be told, nor how.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Connection, func, select

from moodle_bridge.errors import BridgeError
from moodle_bridge.plain_json import Json
from moodle_bridge.store import facts, inbox, pairing, queue, tables, workers
from moodle_bridge.store.engine import Source, read

SYNCED = "synced"
"""The fact when Moodle's changes were last read to their end, and how far its clock was ahead then."""
HEARD = "heard"
"""The fact when Moodle last asked how the service is."""

_ARCHIVE = "archive"
"""The kind of job that makes the documents of a form."""

_LOOKED_AT = 100
"""So many of the oldest unfinished forms are looked at for the one that was submitted first."""


@dataclass(frozen=True, slots=True)
class Since:
    """How many of something there are, and since when the oldest (epoch seconds; 0: there is none)."""

    number: int
    since: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand at a moment. Times are epoch seconds; 0: never, or there is none."""

    jobs: Mapping[str, int]
    due_since: float
    unfinished_since: float
    """When the oldest form without all its documents was submitted."""
    dead: Since
    internal: Since
    """Jobs that failed by an error of this program."""
    set_aside: Since
    stored_documents: int
    waiting_documents: int
    workers: int
    paired_at: float
    synced_at: float
    ahead_seconds: float
    """How far Moodle's clock was ahead of ours when it was last read."""
    hinted_at: float
    """When the last webhook of our plugin was taken."""
    heard_at: float
    """When our plugin last sent anything by itself; 0 where it only ever sent webhooks."""


def standing(source: Source, now: float, silent_seconds: float) -> Standing:
    """How things stand now; workers count that were seen within ``silent_seconds``.

    Raises :class:`~moodle_bridge.errors.StoreError`.
    """
    with read(source) as connection:
        paired = pairing.current(connection)
        stored = tables.document.c.stored_at.is_not(None)
        documents = connection.execute(
            select(func.count().filter(stored), func.count().filter(~stored)).select_from(tables.document)
        ).one()
        synced = facts.get(connection, SYNCED)
        hinted_at = inbox.last(connection, "moodle")
        asked_at = _number(facts.get(connection, HEARD))
        return Standing(
            jobs=queue.counts(connection),
            due_since=queue.oldest_due(connection, now) or 0.0,
            unfinished_since=_unfinished_since(connection),
            dead=_jobs(connection, tables.job.c.state == "dead"),
            internal=_jobs(
                connection, tables.job.c.code == BridgeError.code, tables.job.c.state.in_(("queued", "dead"))
            ),
            set_aside=_since(connection, tables.set_aside.c.since),
            stored_documents=documents[0],
            waiting_documents=documents[1],
            workers=len(workers.alive(connection, now, silent_seconds)),
            paired_at=paired.paired_at if paired else 0.0,
            synced_at=_number(synced.get("at")) if isinstance(synced, Mapping) else 0.0,
            ahead_seconds=_number(synced.get("ahead")) if isinstance(synced, Mapping) else 0.0,
            hinted_at=hinted_at,
            heard_at=max(hinted_at, asked_at) if asked_at else 0.0,
        )


def note_sync(connection: Connection, now: float, ahead_seconds: float) -> None:
    """Note that Moodle's changes were read to their end, and how far its clock is ahead of ours."""
    facts.put(connection, SYNCED, {"at": now, "ahead": ahead_seconds})


def _unfinished_since(connection: Connection) -> float:
    """A form that is known was submitted when it says so, one that is not when it was first heard of."""
    job, submission = tables.job, tables.submission
    unfinished = connection.execute(
        select(job.c.key, job.c.created_at)
        .where(job.c.kind == _ARCHIVE, job.c.state.in_(("queued", "running", "dead")))
        .order_by(job.c.created_at)
        .limit(_LOOKED_AT)
    ).all()
    ids = [row.key.partition(":")[2] for row in unfinished]
    known = {
        row.id: row.record
        for row in connection.execute(
            select(submission.c.id, submission.c.record).where(submission.c.id.in_(ids))
        )
    }
    times = [
        _number(known[each]["submitted"]) if each in known else row.created_at
        for each, row in zip(ids, unfinished, strict=True)
    ]
    return float(min(times, default=0.0))


def _jobs(connection: Connection, *chosen: ColumnElement[bool]) -> Since:
    return _since(connection, tables.job.c.changed_at, *chosen)


def _since(connection: Connection, moment: Column[float], *chosen: ColumnElement[bool]) -> Since:
    counted = select(func.count().label("number"), func.min(moment).label("since")).where(*chosen)
    number, since = connection.execute(counted.select_from(moment.table)).one()
    return Since(number, since or 0.0)


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
