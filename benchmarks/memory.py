"""Resident memory of `moodle-bridge serve` after 5,000 and after 10,000 submissions.

    python benchmarks/memory.py [submissions]

Many small courses, as a site has them: each with ten mentees who fill in one form in each of two sessions.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "tests")]

from processes import Plant, plant, until  # noqa: E402

from moodle_bridge.cli.demo_parts import sample  # noqa: E402
from moodle_bridge.sandbox.cast import Course, Person  # noqa: E402
from moodle_bridge.store import queue  # noqa: E402

TOTAL, MENTEES, SESSIONS, LIMIT_MB = 10_000, 10, 2, 150


def resident(made: Plant) -> float:
    """Resident memory of the service's process, in MB (proc(5), VmRSS)."""
    assert made.service.process is not None
    status = Path(f"/proc/{made.service.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def one_course(made: Plant, number: int) -> int:
    """A course in which everybody fills in the form in every session; how many submissions."""
    world, group, first = made.sandbox.world, 100 + number, 100_000 + number * MENTEES
    people = tuple(Person(first + n, f"Обект {n}", ("mentee",), (group,)) for n in range(MENTEES))
    course = 1000 + number
    world.add_course(Course(course, f"Курс {number}", ((group, "Група"),), people))
    for session_number in range(1, SESSIONS + 1):
        session = world.create_session(
            course=course,
            name=f"Сесия {session_number}",
            number=session_number,
            kind="initial",
            instruments=["mentee_initial"],
        )
        for person in people:
            world.submit(session, "mentee_initial", person.id, sample("bg"), role="mentee", group=group)
        until(lambda: _idle(made), 300, "the service does not keep up")
        world.close_session(session)
    return MENTEES * SESSIONS


def _idle(made: Plant) -> bool:
    time.sleep(0.05)
    kinds = [job.kind for state in ("queued", "running") for job in queue.list_jobs(made.engine, state)]
    return not made.sandbox.unsent() and "archive" not in kinds


def main() -> None:
    """Print memory at the start, half way and at the end; exit 1 over the limit or if it grows."""
    total = int(sys.argv[1]) if len(sys.argv) > 1 else TOTAL
    with (
        tempfile.TemporaryDirectory() as folder,
        plant(Path(folder), 0, MOODLE_BRIDGE_LOG_LEVEL="warning") as made,
    ):
        made.service.start()
        made.pair()
        print(f"{0:>6} submissions: {resident(made):6.1f} MB", flush=True)
        done, number, seen = 0, 0, []
        while done < total:
            done += one_course(made, number)
            number += 1
            if done % (total // 10) < MENTEES * SESSIONS:
                seen.append(resident(made))
                print(f"{done:>6} submissions: {seen[-1]:6.1f} MB", flush=True)
        half, whole = seen[len(seen) // 2 - 1], seen[-1]
        print(f"at the end {whole:.1f} MB, limit {LIMIT_MB} MB; since half way {whole - half:+.1f} MB")
        sys.exit(0 if whole < LIMIT_MB and whole - half < 0.05 * half else 1)


if __name__ == "__main__":
    main()
