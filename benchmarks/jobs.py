"""The job engine alone, on SQLite with fsync on, beside bare threads: throughput and how soon a job begins.

python benchmarks/jobs.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from moodle_bridge.jobs.worker import Worker
from moodle_bridge.settings import load
from moodle_bridge.store import queue, schema
from moodle_bridge.store.engine import connect, write
from moodle_bridge.store.queue import Job, NewJob

WORKERS, JOBS, STEP, WAKES = 6, 300, 0.06, 50


def step(_: object) -> None:
    """What a job does: wait, as for Moodle."""
    time.sleep(STEP)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"MOODLE_BRIDGE_SERVICE_DATA": folder, "MOODLE_BRIDGE_JOBS_WORKERS": str(WORKERS)}
        settings = load(environ=environ)
        engine = connect(settings.database_url)
        schema.upgrade(engine)
        begun: dict[str, float] = {}

        def note(job: Job) -> None:
            begun[job.key] = time.perf_counter()

        worker = Worker(engine, settings, {"wait": step, "note": note})
        worker.start()

        def drain(kind: str) -> float:
            with write(engine) as connection:
                for number in range(JOBS):
                    queue.enqueue(connection, NewJob(f"{kind}:{number}", kind), time.time())
            worker.wake()
            began = time.perf_counter()
            while queue.counts(engine)["done"] < JOBS:
                time.sleep(0.02)
            return time.perf_counter() - began

        waits = []
        for number in range(WAKES):
            asked = time.perf_counter()
            with write(engine) as connection:
                queue.enqueue(connection, NewJob(f"wake:{number}", "note"), time.time())
            worker.wake()
            while f"wake:{number}" not in begun:
                time.sleep(0.001)
            time.sleep(0.06)  # until it is idle again
            waits.append(1000 * (begun[f"wake:{number}"] - asked))
        queue.forget_before(engine, time.time() + 1)
        working = drain("wait")
        queue.forget_before(engine, time.time() + 1)
        empty = drain("note")
        worker.stop(5)
        engine.dispose()
    began = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(step, range(JOBS)))
    bare = time.perf_counter() - began
    waits.sort()
    print(f"asked for to begun: p50 {waits[WAKES // 2]:.1f} ms, longest {waits[-1]:.1f} ms")
    print(f"{JOBS} jobs of {1000 * STEP:.0f} ms, {WORKERS} at a time: {working:.2f} s,", end=" ")
    print(f"bare threads {bare:.2f} s, ratio {working / bare:.2f}")
    print(f"{JOBS} jobs that do nothing: {JOBS / empty:.0f} a second")


if __name__ == "__main__":
    main()
