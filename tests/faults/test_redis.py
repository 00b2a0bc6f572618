"""The queue on Redis, with web and two workers apart: a worker is killed, then Redis, and nothing is lost."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from processes import plant, until

from moodle_bridge.store import queue

SUBMISSIONS = 24


class Redis:
    """A Redis server of the test's own."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._command += ["--appendonly", "no", "--dir", str(folder)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers, 30, "redis-server does not answer")

    def kill(self) -> None:
        """SIGKILL: what waited in the queue is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A running Redis; skips where there is none."""
    pytest.importorskip("redis", reason="the extra 'redis' is not installed")
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    server = Redis(program, tmp_path)
    server.start()
    yield server
    server.kill()


def test_with_the_queue_on_redis_kills_of_a_worker_and_of_redis_lose_and_double_nothing(
    tmp_path: Path, redis: Redis, answers: Mapping[str, Any]
) -> None:
    environ = {
        "MOODLE_BRIDGE_QUEUE_URL": f"redis://127.0.0.1:{redis.port}/0",
        "MOODLE_BRIDGE_RECONCILE_EVERY_SECONDS": "86400",
    }
    with plant(tmp_path, 12, **environ) as made:
        web, first, second = (made.process(command) for command in ("web", "worker", "worker"))
        for service in (web, first, second):
            service.start()
        made.pair()
        session = made.session()
        until(lambda: not made.sandbox.unsent(), 60, "the session was not told")
        submissions = []
        for number in range(SUBMISSIONS):
            submissions.append(made.submit(session, answers, 1000 + number % 12))
            if number == SUBMISSIONS // 3:
                until(lambda: queue.counts(made.engine)["running"], 60, "nothing was begun")
                first.kill()
            if number == SUBMISSIONS // 2:
                redis.kill()
                time.sleep(1)
                redis.start()
        until(
            lambda: all(made.documents(submission) == ["full", "mentor"] for submission in submissions),
            240,
            "not all documents came",
        )
        rows = made.sandbox.database.rows("SELECT submission, variant FROM document")
        assert len(rows) == 2 * SUBMISSIONS, "each once"
        assert queue.counts(made.engine)["dead"] == 0
        second.stop()
        web.stop()
