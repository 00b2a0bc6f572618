"""The outbox: signed webhooks, written with what they tell of, sent at once and again until answered."""

from __future__ import annotations

import json
import logging
import random
import sqlite3
import threading
import time
import uuid

from moodle_bridge.contract import CONTRACT
from moodle_bridge.moodle.signing import key_of
from moodle_bridge.plain_json import JsonObject
from moodle_bridge.sandbox.caller import Service, ServiceAway
from moodle_bridge.sandbox.sqlite_file import Database, Row
from moodle_bridge.sandbox.switches import Faults

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between attempts while the service is away; a real Moodle waits from a minute to a day."""
BATCH = 50


def add(connection: sqlite3.Connection, message: str, data: JsonObject) -> None:
    """Write one webhook into the outbox, within the transaction of what it tells of."""
    now = time.time()
    connection.execute(
        "INSERT INTO outbox (webhook, type, data, created, due) VALUES (?, ?, ?, ?, ?)",
        (f"msg_{uuid.uuid4().hex}", message, json.dumps(data), now, now),
    )


class Sender:
    """The thread that empties the outbox, oldest first."""

    def __init__(self, database: Database, faults: Faults, site: str) -> None:
        self._database = database
        self._faults = faults
        self._site = site
        self._awake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-outbox", daemon=True)
        self._chance = random.Random(7)  # noqa: S311 - shuffles webhooks, guards nothing
        self._service: Service | None = None

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the attempt under way; what is unsent stays in the outbox."""
        self._stopping = True
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def wake(self) -> None:
        """Something new is in the outbox."""
        self._awake.set()

    def _run(self) -> None:
        while not self._stopping:
            self._awake.clear()
            pause = self._send_due()
            if pause > 0:
                self._awake.wait(pause)
        if self._service is not None:
            self._service.close()

    def _send_due(self) -> float:
        """Send what is due; return the seconds until there may be more to do."""
        secret, url = self._database.setting("secret"), self._database.setting("service_url")
        if not secret or self._faults.strikes("webhooks_off"):
            return 0.5
        rows = self._database.rows(
            "SELECT * FROM outbox WHERE sent = 0 AND due <= ? ORDER BY id LIMIT ?", time.time(), BATCH
        )
        if self._service is None or self._service.url != url:
            if self._service is not None:
                self._service.close()
            self._service = Service(url)
        for row in rows:
            if self._stopping:
                return 0
            if (
                row["attempts"] == 0
                and row["due"] == row["created"]
                and self._faults.strikes("webhooks_reordered")
            ):
                self._hold_back(row)
                continue
            self._send(self._service, key_of(secret), row)
            if self._faults.strikes("webhooks_twice"):
                self._send(self._service, key_of(secret), row)
        if len(rows) == BATCH:
            return 0
        waiting = self._database.row("SELECT min(due) AS due FROM outbox WHERE sent = 0")
        if waiting is None or waiting["due"] is None:
            return 5.0
        return min(5.0, max(0.01, float(waiting["due"]) - time.time()))

    def _hold_back(self, row: Row) -> None:
        with self._database.write() as connection:
            due = time.time() + self._chance.uniform(0.05, 0.4)
            connection.execute("UPDATE outbox SET due = ? WHERE id = ?", (due, row["id"]))

    def _send(self, service: Service, key: bytes, row: Row) -> None:
        message = {
            "contract": CONTRACT,
            "type": row["type"],
            "site": self._site,
            "timestamp": int(row["created"]),
            "data": json.loads(row["data"]),
        }
        try:
            status, answer = service.post("/webhooks/moodle", message, key, row["webhook"])
            said = str(status) if status < 300 else f"{status} {answer.get('type', '')}"
        except ServiceAway as error:
            status, said = 0, str(error)
        now = time.time()
        with self._database.write() as connection:
            if 200 <= status < 300:
                connection.execute(
                    "UPDATE outbox SET sent = ?, attempts = attempts + 1, answer = ? WHERE id = ?",
                    (now, said, row["id"]),
                )
                return
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row["attempts"], 10))
            connection.execute(
                "UPDATE outbox SET due = ?, attempts = attempts + 1, answer = ? WHERE id = ? AND sent = 0",
                (now + pause * self._chance.uniform(0.8, 1.2), said, row["id"]),
            )
        log.info("webhook %s was not taken (%s); it is sent again", row["webhook"], said)
