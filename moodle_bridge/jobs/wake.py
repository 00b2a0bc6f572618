"""What wakes a worker beside its look every second: bytes on a pipe, or PostgreSQL's NOTIFY.

A wake-up says no more than that there may be something to do, and may be lost.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, text

from moodle_bridge.jobs.sweep import LOOK_SECONDS
from moodle_bridge.store.queue import CHANNEL

log = logging.getLogger(__name__)


def by_pipe(pipe: int, wake: Callable[[], None], ended: Callable[[], None]) -> None:
    """Call ``wake`` for every byte that comes, in a thread, and ``ended`` when nobody can write any more."""

    def read() -> None:
        while os.read(pipe, 4096):
            wake()
        ended()

    threading.Thread(target=read, name="pipe", daemon=True).start()


def by_notice(engine: Engine, wake: Callable[[], None]) -> Callable[[], None]:
    """Call ``wake`` whenever PostgreSQL tells of a job, in a thread; what is returned ends that."""
    ended = threading.Event()

    def listen() -> None:
        while not ended.is_set():
            try:
                _listen(engine, wake, ended)
            except Exception as error:  # the driver's own, too
                log.warning("PostgreSQL cannot be listened to (%s)", type(error).__name__)
                ended.wait(LOOK_SECONDS)

    thread = threading.Thread(target=listen, name="notices", daemon=True)
    thread.start()

    def end() -> None:
        ended.set()
        thread.join(2 * LOOK_SECONDS)

    return end


def _listen(engine: Engine, wake: Callable[[], None], ended: threading.Event) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closed afterwards, not given to others who did not ask to listen
        connection.execute(text(f"LISTEN {CHANNEL}"))
        driver: Any = connection.connection.driver_connection
        while not ended.is_set():
            for _ in driver.notifies(timeout=LOOK_SECONDS, stop_after=1):
                wake()
