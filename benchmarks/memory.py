"""Proportional memory of `moodle-bridge serve`, web and worker together, over 10,000 submissions.

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

TOTAL, COURSES, MENTEES, SESSIONS, LIMIT_MB = 10_000, 10, 10, 2, 200


def proportional(made: Plant) -> float:
    """Proportional memory of web and worker together, in MB (proc(5), Pss of smaps_rollup)."""
    total = 0
    for pid in made.service.pids():
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return total / 1024


def some_courses(made: Plant, begin: int) -> int:
    """Courses in which everybody fills in the form in every session; how many submissions."""
    world, answers = made.sandbox.world, sample("bg", time.time())
    courses = [_course(made, number) for number in range(begin, begin + COURSES)]
    for session_number in range(1, SESSIONS + 1):
        sessions = []
        for course in courses:
            session = world.create_session(
                course=course.id,
                name=f"Сесия {session_number}",
                number=session_number,
                kind="initial",
                instruments=["mentee_initial"],
            )
            sessions.append(session)
            for person in course.people:
                group = person.groups[0]
                world.submit(session, "mentee_initial", person.id, answers, role="mentee", group=group)
        until(lambda: _idle(made), 600, "the service does not keep up")
        for session in sessions:
            world.close_session(session)
    return COURSES * MENTEES * SESSIONS


def _course(made: Plant, number: int) -> Course:
    group, first = 100 + number, 100_000 + number * MENTEES
    people = tuple(Person(first + n, f"Обект {n}", ("mentee",), (group,)) for n in range(MENTEES))
    course = Course(1000 + number, f"Курс {number}", ((group, "Група"),), people)
    made.sandbox.world.add_course(course)
    return course


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
        print(f"{0:>6} submissions: {proportional(made):6.1f} MB", flush=True)
        done, number, seen = 0, 0, []
        while done < total:
            done += some_courses(made, number)
            number += COURSES
            if done % (total // 10) < COURSES * MENTEES * SESSIONS:
                seen.append(proportional(made))
                print(f"{done:>6} submissions: {seen[-1]:6.1f} MB", flush=True)
        half, whole = seen[len(seen) // 2 - 1], seen[-1]
        print(f"at the end {whole:.1f} MB, limit {LIMIT_MB} MB; since half way {whole - half:+.1f} MB")
        sys.exit(0 if whole < LIMIT_MB and whole - half < 0.05 * half else 1)


if __name__ == "__main__":
    main()
