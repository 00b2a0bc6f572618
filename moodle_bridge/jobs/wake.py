"""Wakes workers through huey's storages: SQLite, PostgreSQL or Redis, by the URL of the queue.

The queue carries nothing but the ids of jobs, as digits. It may lose them: the job table is the truth, and
the sweep of :mod:`moodle_bridge.jobs.sweep` hints again what was lost.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey import Huey  # type: ignore[import-untyped]
from huey.exceptions import ConfigurationError  # type: ignore[import-untyped]
from huey.storage import (  # type: ignore[import-untyped]
    PostgresStorage,
    RedisStorage,
    SqliteStorage,
)

from moodle_bridge.errors import SettingsError, StoreError
from moodle_bridge.settings import Settings

log = logging.getLogger(__name__)

NAME = "moodle-bridge"
POLL_SECONDS = 0.05
"""How often a worker looks for hints that another process wrote to a SQLite queue."""

_WAIT_SECONDS = 0.5
"""How long a worker waits on a server's queue before it looks whether it is to stop."""

_KEPT_HINTS = 1_000
"""Hints kept in memory; a worker that was woken does whatever is due, so that more are of no use."""


class LocalStorage(SqliteStorage):  # type: ignore[misc]
    """huey's SQLite queue, with a bell: a hint from within the process wakes a worker without a poll.

    Such hints stay in memory and touch no file; that of the queue is for other processes' hints.
    """

    blocking = True

    def __init__(self, name: str, **options: Any) -> None:
        self._bell = threading.Condition()
        self._rung = 0
        self._lookout = threading.Lock()
        self._own: deque[bytes] = deque(maxlen=_KEPT_HINTS)
        super().__init__(name, **options)

    def _create_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._create_connection()
        # A hint that a power cut takes is hinted again, so it need not wait for the disk.
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def tell(self, data: bytes) -> None:
        """Hint to a worker of this process."""
        self._own.append(data)
        self._ring()

    def dequeue(self) -> bytes | None:
        """The next hint, waiting a moment for one.

        One idle worker at a time is the lookout and polls for hints from other processes; the rest sleep
        until the bell rings.
        """
        rung = self._rung
        try:
            data: bytes | None = self._own.popleft()
        except IndexError:
            data = super().dequeue()
        if data is None:
            is_lookout = self._lookout.acquire(blocking=False)
            try:
                with self._bell:
                    self._bell.wait_for(lambda: self._rung != rung, POLL_SECONDS if is_lookout else 1.0)
            finally:
                if is_lookout:
                    self._lookout.release()
        elif not self._lookout.locked():
            self._ring()  # this worker is busy now: let another keep the lookout
        return data

    def ring_all(self) -> None:
        """Wake every worker, to see that it is to stop."""
        with self._bell:
            self._rung += 1
            self._bell.notify_all()

    def _ring(self) -> None:
        with self._bell:
            self._rung += 1
            self._bell.notify()


class ServerStorage(PostgresStorage):  # type: ignore[misc]
    """huey's PostgreSQL queue, which closes the connections on which its threads listened."""

    def __init__(self, name: str, **options: Any) -> None:
        self._listening: list[Any] = []
        super().__init__(name, **options)

    def _listen_conn(self) -> Any:
        connection = super()._listen_conn()
        if connection not in self._listening:
            self._listening.append(connection)
        return connection

    def close(self) -> bool:
        """Close all connections; a thread that still uses one opens another."""
        for connection in self._listening:
            self._close_quiet(connection)
        self._listening.clear()
        return bool(super().close())


class Wake(Huey):  # type: ignore[misc]
    """A huey whose tasks are plain job ids, run by one function; nothing is ever pickled."""

    def __init__(self, work: Callable[[int], None], **options: Any) -> None:
        self._work = work
        super().__init__(NAME, results=False, **options)

    def hint(self, job_id: int, *, here: bool = False) -> None:
        """Wake a worker for this job; ``here``: one of this process may be told without a detour."""
        data = str(job_id).encode()
        if here and isinstance(self.storage, LocalStorage):
            self.storage.tell(data)
        else:
            self.storage.enqueue(data)

    def close(self) -> None:
        """Close what is open towards the queue."""
        self.storage.close()

    def disturb(self) -> None:
        """Let idle workers look up at once; those on a server's queue do so within a second."""
        if isinstance(self.storage, LocalStorage):
            self.storage.ring_all()

    def dequeue(self) -> int | None:
        """The next job id; what is not one is passed over."""
        data = self.storage.dequeue()
        digits = b"" if data is None else bytes(data)
        return int(digits) if digits.isdigit() and len(digits) < 19 else None

    def execute(self, task: int, timestamp: Any = None) -> None:
        """Work on a job."""
        self._work(task)


def open_queue(settings: Settings, work: Callable[[int], None]) -> Wake:
    """The queue that the settings name; ``work`` runs a job by its id and never raises.

    Raises :class:`SettingsError` if the driver is missing, :class:`StoreError` if it cannot be reached.
    """
    url = settings.queue_url
    try:
        if url.startswith("sqlite"):
            path = Path(url.partition("sqlite:///")[2])
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            return Wake(work, storage_class=LocalStorage, filename=str(path), cache_mb=1)
        if url.startswith("postgresql"):
            return _twice(
                lambda: Wake(work, storage_class=ServerStorage, dsn=url, read_timeout=_WAIT_SECONDS)
            )
        return Wake(work, storage_class=RedisStorage, url=url, read_timeout=1)
    except ConfigurationError as error:
        raise SettingsError(f"queue.url: its driver is not installed ({error})") from error
    except Exception as error:
        # The driver's words may quote the URL, and with it the password.
        raise StoreError(f"the queue cannot be opened ({type(error).__name__})") from None


def _twice(make: Callable[[], Wake]) -> Wake:
    """Two processes that make the same tables at once disturb each other once, not twice."""
    try:
        return make()
    except ConfigurationError:
        raise
    except Exception:
        time.sleep(0.2)
        return make()


class Hinter:
    """Hints job ids to workers in other processes; connects at the first hint."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._mutex = threading.Lock()
        self._queue: Wake | None = None

    def __call__(self, job_id: int) -> None:
        """Wake a worker for this job.

        Never raises: a hint that cannot be given is logged, and the sweep finds the job a moment later.
        """
        try:
            self._open().hint(job_id)
        except Exception as error:
            log.warning("job %d: no worker could be woken (%s); the sweep will", job_id, type(error).__name__)

    def close(self) -> None:
        """Close what is open towards the queue."""
        with self._mutex:
            if self._queue is not None:
                self._queue.close()
                self._queue = None

    def _open(self) -> Wake:
        with self._mutex:
            if self._queue is None:
                self._queue = open_queue(self._settings, lambda _: None)
            return self._queue


def hinter(settings: Settings) -> Hinter:
    """A function that hints job ids to workers in other processes."""
    return Hinter(settings)
