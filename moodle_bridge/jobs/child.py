"""A worker in a process of its own, kept running by the process that needs it.

The child reads from a pipe: a byte wakes it, the end of the pipe tells it that its parent is gone. If the
first one ends with ``EX_CONFIG`` (sysexits.h), the settings are at fault and no other one is started.
"""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

log = logging.getLogger(__name__)

_DEATHS = 5
_DEATHS_SECONDS = 60.0
"""A child that dies so many times in so long does not work."""

_LONGEST_PAUSE = 10.0
"""Before a new child begins; shorter than what would let fewer than ``_DEATHS`` fit into their time."""


class Child:
    """Runs ``command``, and anew after a pause whenever it ends; ``refuse`` is called if it cannot begin."""

    def __init__(self, command: Sequence[str], refuse: Callable[[], None] = lambda: None) -> None:
        self.refused = False
        self._command = command
        self._refuse = refuse
        self._deaths: deque[float] = deque(maxlen=_DEATHS)
        self._stopping = threading.Event()
        self._mutex = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="child", daemon=True)

    @property
    def pid(self) -> int | None:
        """The child's process, if there is one now."""
        process = self._process
        return process.pid if process else None

    def start(self) -> None:
        """Begin to keep it running."""
        self._thread.start()

    def wake(self) -> None:
        """Let the child look for work at once; one that is dead, or has much to read, needs no telling."""
        with self._mutex, suppress(OSError):  # the lock: nobody closes the pipe meanwhile
            if self._process is not None and self._process.stdin is not None:
                os.write(self._process.stdin.fileno(), b"\n")

    def fault(self) -> str:
        """Why there is no working child; empty if there is one, or will be in a moment."""
        with self._mutex:
            began = self._deaths[0] if len(self._deaths) == _DEATHS else float("-inf")
        if time.monotonic() - began < _DEATHS_SECONDS:
            return f"the worker process died {_DEATHS} times within a minute: the log says why"
        return ""

    def stop(self, seconds: float) -> bool:
        """End the child by closing its pipe, and by force after so long; whether it ended by itself."""
        self._stopping.set()
        process = self._close()
        in_time = True
        if process is not None:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                in_time = False
                process.kill()
        if self._thread.ident is not None:
            self._thread.join()
        return in_time

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with self._mutex:
                process = self._process = _start(self._command)
            if self._stopping.is_set():
                self._close()
            status = process.wait()
            self._close()
            if self._stopping.is_set():
                return
            if status == os.EX_CONFIG and not self._deaths:
                self.refused = True
                self._refuse()
                return
            now = time.monotonic()
            with self._mutex:
                self._deaths.append(now)
                recent = sum(now - each < _DEATHS_SECONDS for each in self._deaths)
            pause = min(2.0 ** (recent - 1), _LONGEST_PAUSE)
            log.error("the worker process ended with %d; another begins in %.0f s", status, pause)
            self._stopping.wait(pause)

    def _close(self) -> subprocess.Popen[bytes] | None:
        with self._mutex:
            process, self._process = self._process, None
            if process is not None and process.stdin is not None:
                process.stdin.close()
        return process


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # Its threads share two heaps: each would keep one of the size of the largest job.
    environ = {"MALLOC_ARENA_MAX": "2", **os.environ}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environ, bufsize=0)  # noqa: S603 - ours
    assert process.stdin is not None  # noqa: S101 - so that mypy knows it
    os.set_blocking(process.stdin.fileno(), False)
    return process
