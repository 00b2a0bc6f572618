"""How things stand by the database, on both kinds of it; and that a whole one is found whole."""

from __future__ import annotations

from claiming import claimed, fail
from sqlalchemy import Engine

from moodle_bridge.store import aside, facts, integrity, queue, workers
from moodle_bridge.store.aside import Thing
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import NewJob
from moodle_bridge.store.standing import HEARD, Since, note_sync, standing

NOW = 1_764_000_000.0


def test_an_empty_database_stands_still(engine: Engine) -> None:
    found = standing(engine, NOW, 60)
    assert (found.unfinished_since, found.due_since, found.synced_at, found.heard_at) == (0, 0, 0, 0)
    assert (found.dead, found.internal, found.set_aside) == (Since(0, 0), Since(0, 0), Since(0, 0))
    assert (found.workers, found.paired_at, found.stored_documents) == (0, 0, 0)


def test_what_waits_and_what_was_given_up_is_counted_since_when(engine: Engine) -> None:
    with write(engine) as connection:
        workers.beat(connection, "here", NOW, 0)
        workers.beat(connection, "tomorrow", NOW + 86_400, 0)
        queue.enqueue(connection, NewJob("archive:a", "archive"), NOW - 500)
        queue.enqueue(connection, NewJob("push:b", "push"), NOW - 400)
        aside.put(connection, Thing("s", "session", "s"), "moodle-garbled", "no kind", NOW - 300)
        note_sync(connection, NOW - 200, 1.5)
        facts.put(connection, HEARD, NOW - 100)
    fail(engine, claimed(engine, "here", NOW), NOW, "internal", "KeyError", None)
    found = standing(engine, NOW, 60)
    assert found.unfinished_since == NOW - 500, "a document that was given up is not there either"
    assert (found.dead, found.internal) == (Since(1, NOW), Since(1, NOW))
    assert found.set_aside == Since(1, NOW - 300)
    assert (found.synced_at, found.ahead_seconds, found.heard_at) == (NOW - 200, 1.5, NOW - 100)
    assert found.workers == 1
    assert found.due_since == NOW - 400


def test_a_database_that_is_whole_is_found_whole(engine: Engine) -> None:
    found = integrity.look(engine)
    assert found.faults == ()
    assert found.looked_at
