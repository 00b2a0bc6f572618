"""Who a worker is and where it runs, so that the others can tell when it is gone for certain.

A worker on another machine is known by its lease alone; one on this machine can be looked up, and its jobs
need not wait for the lease after a crash.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")


def owner() -> str:
    """A name for this worker: ``host:pid:started:machine:token``, never given twice."""
    pid = os.getpid()
    host = platform.node().replace(":", "-")[:60]
    return f"{host}:{pid}:{_started(pid)}:{_machine()}:{secrets.token_hex(4)}"


def gone(owners: Iterable[str]) -> frozenset[str]:
    """Find the owners that ran on this machine and have ended."""
    return frozenset(name for name in owners if _is_gone(name))


def _is_gone(name: str) -> bool:
    _host, pid, started, machine, _token = name.rsplit(":", 4)
    if not machine or machine != _machine():
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process began, in clock ticks since boot (proc(5), field 22); empty if it is not there."""
    try:
        status = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = status.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _machine() -> str:
    """This boot of this machine and its process namespace (a container has its own); empty if unknown."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text()
        namespace = os.readlink(_PROC / "self/ns/pid")
    except OSError:
        return ""
    return hashlib.sha256(f"{boot}{namespace}".encode()).hexdigest()[:16]
