"""The service as processes of its own, beside the stand-in Moodle: for faults, kills and measurements."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from moodle_bridge.moodle.signing import new_pairing_code, pairing_key
from moodle_bridge.sandbox.cast import Course, Person
from moodle_bridge.sandbox.site import Sandbox
from moodle_bridge.settings import Settings, load
from moodle_bridge.store import pairing, schema
from moodle_bridge.store.engine import connect

COMMAND = [sys.executable, "-c", "from moodle_bridge.cli import main; main()"]
GROUP = 3
FIRST = 1000


class Service:
    """``moodle-bridge serve`` (or ``web`` or ``worker``) in a process that may be killed at any time."""

    def __init__(self, command: str, environ: Mapping[str, str], log: Path) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.command = command
        self._environ = dict(environ)
        self._log = log

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._environ['MOODLE_BRIDGE_SERVICE_PORT']}"

    def start(self, *, largest_file: int | None = None, wait: bool = True) -> None:
        """Start and wait until it answers; ``largest_file`` (bytes) is what a full disk leaves."""

        def limit() -> None:
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, self.command],
                env=os.environ | self._environ,
                stdout=log,
                stderr=log,
                preexec_fn=limit,
            )
        if wait and self.command != "worker":
            until(self.answers, 120, f"{self.command} does not answer: see {self._log}")

    def call(self) -> int:
        """Run a command that ends by itself; its exit status."""
        with self._log.open("ab") as log:
            return subprocess.run(
                [*COMMAND, self.command],
                env=os.environ | self._environ,
                stdout=log,
                stderr=log,
                timeout=60,
                check=False,
            ).returncode

    def answers(self) -> bool:
        """Whether its web server answers."""
        assert self.process is not None
        assert self.process.poll() is None, f"{self.command} ended by itself: {self._log.read_text()[-2000:]}"
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def pids(self) -> list[int]:
        """Its process, and the worker process that `serve` keeps."""
        assert self.process is not None
        own = self.process.pid
        children = [file.read_text().split() for file in Path(f"/proc/{own}/task").glob("*/children")]
        return [own, *(int(child) for some in children for child in some)]

    def kill(self) -> None:
        """SIGKILL: it gets no chance to tidy up."""
        if self.process is not None:
            self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM: it ends gracefully; AssertionError if it does not end well."""
        if self.process is not None:
            status = self._end(signal.SIGTERM)
            assert status == 0, f"it ended with {status}: {self._log.read_text()[-2000:]}"

    def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        status = self.process.wait(60)
        self.process = None
        return status


class Plant:
    """A stand-in Moodle in this process and the service in others, paired."""

    def __init__(self, folder: Path, sandbox: Sandbox, settings: Settings, environ: dict[str, str]) -> None:
        self.sandbox = sandbox
        self.settings = settings
        self.engine: Engine = connect(settings.database_url)
        self._folder = folder
        self._environ = environ
        self._processes: list[Service] = []
        self._next = FIRST
        self.service = self.process("serve")

    def process(self, command: str, **environ: str) -> Service:
        """A process of the service: ``serve``, ``web``, ``worker`` or another command; not started.

        ``environ`` is what it has otherwise than its fellows.
        """
        made = Service(command, self._environ | environ, self._folder / "service.log")
        self._processes.append(made)
        return made

    def end(self) -> None:
        """End whatever still runs, gracefully where that works."""
        for process in self._processes:
            try:
                process.stop()
            finally:
                process.kill()

    def pair(self) -> None:
        """Pair service and stand-in; the service must be running."""
        code = new_pairing_code()
        pairing.new_code(self.engine, pairing_key(code), time.time(), 600)
        self.sandbox.pair(f"http://127.0.0.1:{self.settings.service.port}", code)

    def session(self) -> str:
        """A new session with one form, open to everybody."""
        number = len(self.sandbox.database.rows("SELECT id FROM session")) + 1
        return self.sandbox.world.create_session(
            course=7, name=f"Сесия {number}", number=number, kind="initial", instruments=["mentee_initial"]
        )

    def submit(self, session: str, answers: Mapping[str, object], person: int | None = None) -> str:
        """Somebody (the next mentee if not named) submits the form; the submission's id."""
        if person is None:
            person, self._next = self._next, self._next + 1
        return self.sandbox.world.submit(
            session, "mentee_initial", person, answers, role="mentee", group=GROUP
        )

    def documents(self, submission: str) -> list[str]:
        """Variants of the documents that stand in Moodle for a submission."""
        found = self.sandbox.database.rows("SELECT variant FROM document WHERE submission = ?", submission)
        return sorted(str(row["variant"]) for row in found)

    def send_at_once(self) -> None:
        """Let the stand-in send what it holds back because the service was away."""
        with self.sandbox.database.write() as connection:
            connection.execute("UPDATE outbox SET due = 0 WHERE sent = 0")

    def acknowledged(self) -> set[str]:
        """Ids of the webhooks that the service said it had received."""
        return {
            str(row["webhook"]) for row in self.sandbox.database.rows("SELECT * FROM outbox WHERE sent > 0")
        }


@contextmanager
def plant(folder: Path, people: int = 60, **environ: str) -> Iterator[Plant]:
    """A stand-in Moodle with a course of so many mentees, and a service beside it that is not started."""
    whole = {
        "MOODLE_BRIDGE_SERVICE_PORT": str(free_port()),
        "MOODLE_BRIDGE_SERVICE_DATA": str(folder / "service"),
        "MOODLE_BRIDGE_JOBS_BACKOFF_SECONDS": "1",
        **environ,
    }
    settings = load(environ=whole)
    mentees = tuple(Person(FIRST + n, f"Обект {n}", ("mentee",), (GROUP,)) for n in range(people))
    course = Course(7, "Е-менторинг", ((GROUP, "Група А"),), mentees)
    with Sandbox(folder / "moodle", course=course) as sandbox:
        made = Plant(folder, sandbox, settings, whole)
        schema.upgrade(made.engine)
        try:
            yield made
        finally:
            made.end()
            made.engine.dispose()


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def until(condition: Callable[[], object], seconds: float, failure: str) -> float:
    """Wait until something is so; the seconds that took. AssertionError with the reason if it does not."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, failure
        time.sleep(0.02)
    return time.monotonic() - began
