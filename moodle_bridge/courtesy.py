"""Work in the background gives way to requests that the same process is answering.

Threads of one Python share one lock: an answer needs it dozens of times, and each time it waits for every
thread that computes. So one job computes at a time, which takes nothing from the work as a whole, and it
pauses between its steps while a request is under way. Both waits are bounded: no job stands still.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PATIENCE_SECONDS = 0.05
"""So long a job waits for another one to pause; then both compute."""

_QUIET_SECONDS = 0.02
"""So long a job waits at each step for the requests under way to be answered."""


class _Own(threading.local):
    """What this thread does: whether it works in the background now, and whether it has the floor."""

    works = False
    has_floor = False


_own = _Own()
_floor = threading.Lock()
_mutex = threading.Lock()
_requests = 0
_quiet = threading.Event()
_quiet.set()


@contextmanager
def request() -> Iterator[None]:
    """A request is answered in the block."""
    global _requests
    with _mutex:
        _requests += 1
        _quiet.clear()
    try:
        yield
    finally:
        with _mutex:
            _requests -= 1
            if not _requests:
                _quiet.set()


@contextmanager
def background() -> Iterator[None]:
    """The block is work in the background; such blocks are not nested."""
    _own.works = True
    _take()
    try:
        yield
    finally:
        _give()
        _own.works = False


@contextmanager
def waiting() -> Iterator[None]:
    """The block waits for something else than the processor, or holds what others wait for.

    It does not give way inside, and gives way at its end. It may be nested, and stand outside any work.
    """
    works, _own.works = _own.works, False
    _give()
    try:
        yield
    finally:
        _own.works = works
        _take()


def give_way() -> None:
    """A step of the work begins: let requests that are under way be answered first."""
    if _own.works and (_requests or not _own.has_floor):
        _give()
        _take()


def _take() -> None:
    if _own.works:
        _own.has_floor = _floor.acquire(timeout=_PATIENCE_SECONDS)
        _quiet.wait(_QUIET_SECONDS)


def _give() -> None:
    if _own.has_floor:
        _own.has_floor = False
        _floor.release()
