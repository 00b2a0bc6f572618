"""A client of the site paired now, made once and made anew when the pairing changes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import Engine

from moodle_bridge.errors import NotPaired
from moodle_bridge.moodle.client import Client
from moodle_bridge.settings import Settings
from moodle_bridge.store import pairing


def connector(engine: Engine, settings: Settings) -> Callable[[], Client]:
    """A function that gives the client of the paired site; it raises :class:`NotPaired` if there is none."""
    lock = threading.Lock()
    known: dict[tuple[str, str], Client] = {}

    def connect() -> Client:
        paired = pairing.current(engine)
        if paired is None:
            raise NotPaired("no Moodle site is paired with this service")
        with lock:
            address = (paired.site, paired.token)
            if address not in known:
                known.clear()
                known[address] = Client(
                    paired.site,
                    paired.token,
                    timeout_seconds=settings.moodle.timeout_seconds,
                    concurrency=settings.moodle.concurrency,
                    ca_file=settings.moodle.ca_file,
                )
            return known[address]

    return connect
