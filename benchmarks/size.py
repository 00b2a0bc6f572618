"""Memory and time of rebuilding, comparing and pushing one session of very many forms with long answers.

    python benchmarks/size.py [forms ...]        (default: 1000 10000)

A thousand mentees in groups of ten; each has sent the form as often as it takes. Moodle is the stand-in, in a
process of its own. What is printed is the greatest resident memory of the service's process in each step
(VmHWM of proc(5)), set back before each.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "tests")]

from moodle_bridge.cli.assembly import pipeline_context  # noqa: E402
from moodle_bridge.cli.demo_parts import sample  # noqa: E402
from moodle_bridge.pipeline import compare, hints, push  # noqa: E402
from moodle_bridge.pipeline.restore import restore  # noqa: E402
from moodle_bridge.pipeline.sync import catch_up  # noqa: E402
from moodle_bridge.sandbox.cast import Course, Person  # noqa: E402
from moodle_bridge.sandbox.site import Sandbox  # noqa: E402
from moodle_bridge.settings import load  # noqa: E402
from moodle_bridge.store import engine as database  # noqa: E402
from moodle_bridge.store import pairing, queue, schema  # noqa: E402
from moodle_bridge.store.pairing import Pairing  # noqa: E402

MENTEES, GROUP, COURSE, FORM = 1000, 10, 50, "mentee_initial"
LONG = 18_000
"""Characters of the long answers of one form, nearly all Cyrillic."""


def moodle(folder: Path, forms: int, told: Connection) -> None:
    """Run a stand-in with one session of so many forms until the other end is closed."""
    with Sandbox(folder) as sandbox:
        groups = tuple((100 + number, f"Група {number}") for number in range(MENTEES // GROUP))
        people = [
            Person(1000 + number, f"Менти {number}", ("mentee",), (groups[number // GROUP][0],))
            for number in range(MENTEES)
        ]
        people += [
            Person(5000 + place, f"Ментор {place}", ("mentor",), (group,))
            for place, (group, _) in enumerate(groups)
        ]
        sandbox.world.add_course(Course(COURSE, "Голям курс", groups, tuple(people)))
        session = sandbox.world.create_session(
            course=COURSE, name="Голяма сесия", number=1, kind="initial", instruments=[FORM]
        )
        with sandbox.database.write() as connection:
            for number in range(forms):
                _put(
                    connection, session, people[number % MENTEES], 1 + number // MENTEES, sandbox.world.now()
                )
        told.send((sandbox.url, sandbox.token, session))
        told.poll(None)


def _put(connection: Any, session: str, person: Person, version: int, now: int) -> None:
    submission = str(uuid.uuid4())
    answers = long_answers(person.id + version)
    connection.execute(
        "INSERT INTO submission (id, session, instrument, instrument_version, definition_sha256, language,"
        ' "group", respondent, respondent_role, version, state, submitted, answers, carried)'
        " VALUES (?, ?, ?, '1.0.0', '', 'bg', ?, ?, 'mentee', ?, 'submitted', ?, ?, '{}')",
        (submission, session, FORM, person.groups[0], person.id, version, now, answers),
    )
    for variant in ("full", "mentor"):
        connection.execute(
            "INSERT INTO document VALUES (?, ?, ?, ?, 'bg', ?, 9, ?, ?, ?, x'25504446')",
            (
                *(str(uuid.uuid5(uuid.UUID(submission), f"{variant}/bg")), submission, session, variant),
                *(f"{submission}.pdf", "a" * 64, "b" * 64, now),
            ),
        )
    connection.execute(
        "INSERT INTO change (kind, action, session, id, time) VALUES ('submission', 'saved', ?, ?, ?)",
        (session, submission, now),
    )


def long_answers(seed: int) -> str:
    """The sample's answers with long texts, another for each seed."""
    answers = dict(sample("bg"))
    texts = [name for name, value in answers.items() if isinstance(value, str) and len(value) > 20]
    for name in texts:
        answers[name] = f"{seed} " + "Споделено преживяване и още нещо важно. " * (LONG // 40 // len(texts))
    return json.dumps(answers, ensure_ascii=False)


def measured(name: str, work: Callable[[], object]) -> None:
    """Do something and print how long it took and the greatest resident memory."""
    Path("/proc/self/clear_refs").write_text("5")
    began, before = time.monotonic(), _megabytes("VmRSS")
    work()
    took = time.monotonic() - began
    print(
        f"  {name:<10}{took:7.1f} s  {before:6.0f} MB before, {_megabytes('VmHWM'):6.0f} MB at most",
        flush=True,
    )


def _megabytes(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


def measure(folder: Path, site: str, token: str, session: str) -> None:
    """Rebuild, push and compare as a service that has lost its database."""
    settings = load(environ={"MOODLE_BRIDGE_SERVICE_DATA": str(folder)})
    engine = database.connect(settings.database_url)
    schema.upgrade(engine)
    now = time.time()
    new = Pairing(site, "Е-менторинг", token, (("secret", None),), "bg", "4.5.6", "0.1.0", now)
    pairing.pair(engine, pairing.new_code(engine, b"any", now, 60), new, now)
    context = pipeline_context(settings, engine)
    measured("rebuild", lambda: restore(context))
    measured("sync", lambda: catch_up(context))
    with database.write(engine) as connection:
        queue.enqueue(connection, hints.push_job(session, 0), now)
    (job,) = [each for each in queue.list_jobs(engine, "queued", "push") if each.key == f"push:{session}"]
    measured("push", lambda: push.push(context, job))
    measured("compare", lambda: compare.compare(context))
    engine.dispose()


def main() -> None:
    """Measure each number of forms, each in processes of its own."""
    spawn = multiprocessing.get_context("spawn")
    for forms in [int(each) for each in sys.argv[1:]] or [1000, 10_000]:
        with tempfile.TemporaryDirectory() as folder:
            here, there = spawn.Pipe()
            standin = spawn.Process(target=moodle, args=(Path(folder) / "moodle", forms, there), daemon=True)
            standin.start()
            given = here.recv()
            print(
                f"{forms} forms, {forms * len(long_answers(1).encode()) / 1e6:.0f} MB of answers", flush=True
            )
            service = spawn.Process(target=measure, args=(Path(folder) / "service", *given))
            service.start()
            service.join()
            here.close()
            standin.terminate()


if __name__ == "__main__":
    main()
