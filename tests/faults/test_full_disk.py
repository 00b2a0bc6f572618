"""The disk is full: nothing is acknowledged that is not on it, and all is filed once there is room."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from processes import plant, until
from sqlalchemy import select

from moodle_bridge.store import tables
from moodle_bridge.store.engine import read


def test_nothing_is_acknowledged_that_a_full_disk_did_not_take(
    tmp_path: Path, answers: Mapping[str, Any]
) -> None:
    with plant(tmp_path, 10, MOODLE_BRIDGE_RECONCILE_EVERY_SECONDS="86400") as made:
        made.service.start()
        made.pair()
        session = made.session()
        until(lambda: not made.sandbox.unsent(), 20, "the session was not told")
        made.service.stop()
        largest = max(file.stat().st_size for file in (tmp_path / "service").iterdir())
        made.service.start(largest_file=largest + 128 * 1024)
        submissions = [made.submit(session, answers, 1000 + number % 10) for number in range(20)]
        until(lambda: _refused(made.sandbox.database), 30, "the disk was never full")
        time.sleep(2)
        acknowledged = made.acknowledged()
        made.service.kill()
        with read(made.engine) as connection:
            on_disk = set(connection.execute(select(tables.inbox.c.id)).scalars())
        assert acknowledged <= on_disk
        made.service.start()
        made.send_at_once()
        until(
            lambda: all(made.documents(submission) == ["full", "mentor"] for submission in submissions),
            90,
            "not all documents came once there was room",
        )


def _refused(database: Any) -> bool:
    return bool(database.rows("SELECT id FROM outbox WHERE answer LIKE '503%'"))
