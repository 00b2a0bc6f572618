"""A check that is never waited for long: it runs beside, and its last outcome is kept for a few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from moodle_bridge.errors import BridgeError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found; ``code`` and ``remedy`` are of the error tree, empty when all is well."""

    ok: bool
    detail: str
    code: str = ""


class Probe:
    """Runs ``check`` in a thread of its own; what it returns is the detail, what it raises the trouble.

    While it runs again, its outcome before holds for ``patience_seconds``: who is slow is not away.
    """

    def __init__(self, check: Callable[[], str], fresh_seconds: float, patience_seconds: float = 0.0) -> None:
        self._check = check
        self._fresh_seconds = fresh_seconds
        self._patience_seconds = patience_seconds
        self._began_at = 0.0
        self._mutex = threading.Lock()
        self._outcome: Outcome | None = None
        self._known_at = 0.0
        self._done: threading.Event | None = None

    def start(self) -> threading.Event | None:
        """Start the check unless its outcome is fresh; what to wait on, if it runs."""
        with self._mutex:
            fresh = time.monotonic() - self._known_at < self._fresh_seconds
            if self._done is None and not (self._outcome and fresh):
                self._done = threading.Event()
                self._began_at = time.monotonic()
                threading.Thread(target=self._run, args=(self._done,), name="probe", daemon=True).start()
            return self._done

    def outcome(self) -> Outcome:
        """Return the latest outcome; a check that runs too long counts as failed until it ends."""
        with self._mutex:
            running = self._done is not None
            if self._outcome is None or (
                running and time.monotonic() - self._began_at >= self._patience_seconds
            ):
                return Outcome(False, "no answer yet", "slow")
            return self._outcome

    def _run(self, done: threading.Event) -> None:
        try:
            found = Outcome(True, self._check())
        except BridgeError as error:
            found = Outcome(False, error.message, error.code)
        except Exception as error:
            found = Outcome(False, type(error).__name__, "internal")
        with self._mutex:
            self._outcome, self._known_at, self._done = found, time.monotonic(), None
        done.set()


def ask(probes: dict[str, Probe], wait_seconds: float) -> dict[str, Outcome]:
    """The outcome of every check, after ``wait_seconds`` at most."""
    deadline = time.monotonic() + wait_seconds
    running = [done for probe in probes.values() if (done := probe.start()) is not None]
    for done in running:
        done.wait(max(0.0, deadline - time.monotonic()))
    return {name: probe.outcome() for name, probe in probes.items()}
