"""The pipeline without workers: a test does the jobs itself, and may meddle between two calls of Moodle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pairs import FakeClock
from sqlalchemy import Engine, update

from moodle_bridge.cli.assembly import pipeline_context
from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.jobs.run import run, write_down
from moodle_bridge.moodle.client import Client
from moodle_bridge.moodle.faults import is_exception, of_exception
from moodle_bridge.pipeline import hints
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.handlers import handlers
from moodle_bridge.sandbox.cast import GROUP_A, YULIA
from moodle_bridge.sandbox.site import Sandbox
from moodle_bridge.settings import Settings, load
from moodle_bridge.store import pairing, queue, tables
from moodle_bridge.store.engine import write
from moodle_bridge.store.pairing import Pairing
from moodle_bridge.store.queue import Job, NewJob

FORM = "mentee_initial"
LATER = 4_000_000_000.0


Lie = Callable[[Mapping[str, str], dict[str, Any]], dict[str, Any]]
"""Makes another answer of what was asked and answered."""


class Meddler(Client):
    """The client of Moodle, with acts of others that fall just after a call, and lies in its answers."""

    def __init__(self, site: str, token: str) -> None:
        super().__init__(site, token, timeout_seconds=30, concurrency=4)
        self._acts: dict[str, list[Callable[[], object]]] = {}
        self._lies: dict[str, Lie] = {}
        self.calls: list[str] = []

    def after(self, call: str, act: Callable[[], object]) -> None:
        """Do something once, when Moodle has answered the next such call and nobody has read the answer."""
        self._acts.setdefault(call, []).append(act)

    def lie(self, call: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Let every answer to such calls be what ``change`` makes of it."""
        self.lie_of(call, lambda _asked, answer: change(answer))

    def lie_of(
        self, call: str, change: Callable[[Mapping[str, str], dict[str, Any]], dict[str, Any]]
    ) -> None:
        """Let every answer be what ``change`` makes of what was asked and answered; an exception is one."""
        self._lies[call] = change

    def honest(self) -> None:
        """Lie no longer."""
        self._lies.clear()

    def _exchange(self, what: str, path: str, form: Mapping[str, str], *arguments: Any) -> Any:
        self.calls.append(what)
        answer: Any = super()._exchange(what, path, form, *arguments)
        for act in self._acts.pop(what, []):
            act()
        if what in self._lies:
            answer = self._lies[what](form, answer)
            if is_exception(answer):
                raise of_exception(answer, what)
        return answer


class Workshop:
    """A paired service of which only the jobs run, one after the other, when a test says so."""

    def __init__(self, context: Context, sandbox: Sandbox, moodle: Meddler, clock: FakeClock) -> None:
        self.context = context
        self.engine = context.engine
        self.sandbox = sandbox
        self.moodle = moodle
        self.clock = clock
        self._handlers = handlers(context)

    def session(self, number: int = 1, **more: Any) -> str:
        """A new session with one form."""
        options: dict[str, Any] = {"kind": "initial", "instruments": [FORM], "course": 7} | more
        return self.sandbox.world.create_session(name=f"Сесия {number}", number=number, **options)

    def submit(self, session: str, answers: dict[str, Any] | None = None, person: int = YULIA.id) -> str:
        """A mentee of group A submits the form."""
        given = sample("bg") if answers is None else answers
        return self.sandbox.world.submit(session, FORM, person, given, role="mentee", group=GROUP_A)

    def ask(self, job: NewJob) -> None:
        """Ask for a job."""
        with write(self.engine) as connection:
            queue.enqueue(connection, job, self.clock())

    def sync(self) -> None:
        """Read Moodle's changes now, and leave what that asks for."""
        self.ask(hints.sync_job())
        self.work("sync")

    def archive(self, submission: str) -> None:
        """Archive one submission now, whatever else waits."""
        self.ask(hints.archive_job(submission))
        self.work("archive")

    def work(self, *kinds: str) -> None:
        """Do all that is asked for, or all of some kinds; what fails waits for the next time."""
        tried: set[tuple[int, int]] = set()
        while job := self._next(kinds, tried):
            tried.add((job.id, job.fence))
            ended = run(job, self._handlers)
            with write(self.engine) as connection:
                write_down(connection, ended, self.context.settings.jobs, self.clock(), lambda: 0.0)

    def dead(self) -> list[tuple[str, str]]:
        """Kind and code of every dead letter."""
        return [(job.kind, job.code) for job in queue.list_jobs(self.engine, "dead")]

    def documents(self, submission: str) -> dict[str, bytes]:
        """What stands in Moodle for a submission, by variant."""
        rows = self.sandbox.database.rows("SELECT * FROM document WHERE submission = ?", submission)
        return {row["variant"]: row["content"] for row in rows}

    def _next(self, kinds: tuple[str, ...], tried: set[tuple[int, int]]) -> Job | None:
        failed = {job for job, _ in tried}
        for each in sorted(queue.list_jobs(self.engine, "queued"), key=lambda job: (job.due_at, job.id)):
            waits = bool(each.code) and each.id in failed
            if (not kinds or each.kind in kinds) and not waits:
                first = update(tables.job).where(tables.job.c.id == each.id).values(due_at=0.0)
                with write(self.engine) as connection:
                    connection.execute(first)
                    return queue.claim(connection, "workshop", LATER, 60, 1, 4)[0]
        return None


@contextmanager
def workshop(engine: Engine, folder: Path, clock: FakeClock, **settings: str) -> Iterator[Workshop]:
    """A workshop over an empty database, paired with a fresh stand-in whose webhooks go nowhere."""
    chosen: Settings = load(environ={"MOODLE_BRIDGE_SERVICE_DATA": str(folder / "service"), **settings})
    with Sandbox(folder / "moodle", clock=clock) as sandbox:
        new = Pairing(
            sandbox.url, "Е-менторинг", sandbox.token, (("secret", None),), "bg", "4.5.6", "0.1.0", clock()
        )
        pairing.pair(engine, pairing.new_code(engine, b"any", clock(), 60), new, clock())
        made = pipeline_context(chosen, engine)
        moodle = Meddler(sandbox.url, sandbox.token)
        context = Context(
            engine=engine,
            settings=chosen,
            catalogue=made.catalogue,
            connect=lambda: moodle,
            clock=clock,
        )
        yield Workshop(context, sandbox, moodle, clock)
