"""What happened, counted for Prometheus by its own client.

Where PROMETHEUS_MULTIPROC_DIR was set before this is imported, every process counts into files of that
folder, and whichever of them is asked for ``/metrics`` shows the sum (the client's multiprocess mode), with
memory, processor time and open files of each.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Metric,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histogram's buckets, in seconds."""

_own = CollectorRegistry()
_counters = {
    name: Counter(f"moodle_bridge_{name}", words, [label], registry=_own)
    for name, label, words in (
        ("received", "type", "Hints received, by type"),
        ("duplicates", "source", "Hints received again, by source"),
        ("refused", "problem", "Requests refused, by problem"),
        ("job", "outcome", "Runs of jobs, by outcome"),
    )
}
_steps = Histogram(
    "moodle_bridge_step_seconds",
    "How long the steps of an archived submission take",
    ["step"],
    registry=_own,
    buckets=BUCKETS,
)


def count(name: str, label: str) -> None:
    """Count something: ``received``, ``duplicates``, ``refused`` or ``job``, told apart by a label."""
    _counters[name].labels(label).inc()


@contextmanager
def step(name: str) -> Iterator[None]:
    """Measure how long the block takes, also when it fails."""
    with _steps.labels(name).time():
        yield


def registry() -> CollectorRegistry:
    """Return the registry of this process, merged with those of other processes in its folder."""
    found = CollectorRegistry()
    if FOLDER in os.environ:
        MultiProcessCollector(found)  # type: ignore[no-untyped-call]
        found.register(_Others(Path(os.environ[FOLDER])))
    else:
        found.register(_own)
    ProcessCollector(registry=found)
    PlatformCollector(registry=found)
    return found


class _Others(Collector):
    """The figures of the other processes that count into a folder and still run, by their number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Collect what the client's own collector has of this process, under names of ours."""
        found: dict[str, Metric] = {}
        for pid in sorted({file.stem.rpartition("_")[2] for file in self._folder.glob("counter_*.db")}):
            if pid == str(os.getpid()) or not Path("/proc", pid).exists():
                continue
            others = ProcessCollector("moodle_bridge_other", partial(str, pid), registry=None)
            for family in others.collect():
                kept = found.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    kept.add_sample(sample.name, {"pid": pid}, sample.value)
        return found.values()


def reserve() -> None:
    """Take the room on the disk that counting into files needs.

    Files with holes in them, as the client makes them, would kill this process when the disk is full.
    """
    for kind in ("counter", "histogram") if FOLDER in os.environ else ():
        file = Path(os.environ[FOLDER], f"{kind}_{os.getpid()}.db")
        if not file.exists():
            file.write_bytes(bytes(1 << 16))
