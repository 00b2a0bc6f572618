"""Whose turn it is to write: a lock that serves waiters in the order they came.

SQLite has one writer at a time and lets the others poll with growing pauses; inside one process it is
quicker and fairer to queue in front of it.
"""

from __future__ import annotations

import threading
from collections import deque


class Turn:
    """A first-come, first-served lock between threads; not reentrant."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait at most ``timeout`` seconds for the turn; whether it came."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            gate = threading.Event()
            self._waiting.append(gate)
        if gate.wait(timeout):
            return True
        with self._mutex:
            if gate.is_set():  # handed over just as the time was up
                return True
            self._waiting.remove(gate)
            return False

    def release(self) -> None:
        """Hand the turn to whoever waits longest."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
