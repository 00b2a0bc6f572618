"""A Moodle site for tests, the service beside it, and what people do in their browsers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from moodle_bridge.moodle import plugin_zip
from moodle_bridge.store import inbox, queue
from moodle_bridge.store.engine import connect

ACT = Path(__file__).parent / "php" / "act.php"
COMMAND = (sys.executable, "-c", "from moodle_bridge.cli import main; main()")


class Site:
    """A Moodle whose code tree, configuration and database are here; only ever one on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.docroot = (
            self.folder / "public" if (self.folder / "public" / "version.php").exists() else self.folder
        )
        self._server: subprocess.Popen[bytes] | None = None
        self._environment = dict(os.environ)
        self.url = ""

    def install(self) -> None:
        """Put the activity's zip into the site, as an administrator does, and run Moodle's upgrade."""
        self.url = self._wwwroot()
        if urlsplit(self.url).hostname not in ("127.0.0.1", "localhost"):
            raise RuntimeError(f"{self.url} is no test site on this machine; these tests change it")
        target = self._clear()
        file = plugin_zip.build(
            Path(os.environ.get("TMPDIR", "/tmp")) / f"mod_monitoringsession-{os.getpid()}.zip"
        )
        with zipfile.ZipFile(file) as archive:
            archive.extractall(target.parent)
        file.unlink()
        self.php("upgrade.php", "--non-interactive")
        self.php("purge_caches.php")
        if not _answers(self.url):
            self._server = self._serve(self.url)
            _wait(lambda: _answers(self.url), 60, f"{self.url} does not answer")

    def remove(self) -> None:
        """Uninstall the activity and take its folder away."""
        self.php("uninstall_plugins.php", "--plugins=mod_monitoringsession", "--run")
        self._clear()
        self.php("upgrade.php", "--non-interactive")
        self.php("purge_caches.php")

    def _clear(self) -> Path:
        target = self.docroot / "mod" / "monitoringsession"
        if target.is_symlink():
            target.unlink()
        shutil.rmtree(target, ignore_errors=True)
        return target

    def stop(self) -> None:
        """Stop the server, if it was started here."""
        if self._server:
            os.killpg(self._server.pid, signal.SIGTERM)
            self._server.wait(10)
            self._server = None

    def set_clock(self, hours: int) -> None:
        """Let pages, tasks and commands of the site live so many hours after now (the database does not)."""
        self._environment = {**os.environ, **clock(hours)}
        self.stop()
        if _answers(self.url):
            raise RuntimeError(f"{self.url} is served by somebody else, whose clock cannot be set")
        self._server = self._serve(self.url)
        _wait(lambda: _answers(self.url), 60, f"{self.url} does not answer")

    def run_tasks(self) -> None:
        """What cron does for the activity: its scheduled tasks, then its adhoc tasks that are due."""
        for task in ("redeliver", "remind"):
            self.php("scheduled_task.php", f"--execute=\\mod_monitoringsession\\task\\{task}")
        for task in ("deliver", "notify"):
            self.php("adhoc_task.php", f"--classname=\\mod_monitoringsession\\task\\{task}")

    def php(self, script: str, *arguments: str) -> str:
        """Run a script of Moodle's ``admin/cli`` and return what it said."""
        command = ["php", str(self.folder / "admin" / "cli" / script), *arguments]
        result = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=300)
        if result.returncode:
            raise RuntimeError(f"{script}: {result.stdout[-2000:]} {result.stderr[-2000:]}")
        return result.stdout

    def act(self, action: str, **arguments: Any) -> Any:
        """Do something in the site that is not ours to test (``php/act.php``)."""
        result = subprocess.run(
            ["php", str(ACT), str(self.folder / "config.php"), action],
            env=self._environment,
            input=json.dumps(arguments),
            capture_output=True,
            text=True,
            timeout=120,
        )
        if result.returncode:
            raise RuntimeError(f"{action}: {result.stdout[-2000:]} {result.stderr[-2000:]}")
        return json.loads(result.stdout.splitlines()[-1])

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table of the site."""
        found: list[dict[str, Any]] = self.act("rows", table=table, where=where or None)
        return found

    def counts(self, *tables: str) -> dict[str, int]:
        """How many rows tables of the site have."""
        found: dict[str, int] = self.act("counts", tables=tables)
        return found

    @contextmanager
    def copied(self) -> Iterator[str]:
        """The address of a copy of the site: the same database and files under another ``wwwroot``."""
        config = self.folder / "config.php"
        original = config.read_text(encoding="utf-8")
        address = f"http://127.0.0.1:{free_port()}"
        config.write_text(original.replace(self.url, address), encoding="utf-8")
        server = self._serve(address)
        try:
            self.php("purge_caches.php")
            _wait(lambda: _answers(address), 30, "the copy does not answer")
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(10)
            config.write_text(original, encoding="utf-8")
            self.php("purge_caches.php")

    def _serve(self, address: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["php", "-S", address.removeprefix("http://"), "-t", str(self.docroot)],
            env={**self._environment, "PHP_CLI_SERVER_WORKERS": "6"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _wwwroot(self) -> str:
        script = (
            'define("CLI_SCRIPT", true); define("ABORT_AFTER_CONFIG", true);'
            "require $argv[1]; echo $CFG->wwwroot;"
        )
        command = ["php", "-r", script, str(self.folder / "config.php")]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()


class Service:
    """``moodle-bridge serve`` in its own process, with its own data."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = data
        self.log = data / "service.log"
        self.hours = 0
        self._environment = {
            **os.environ,
            "MOODLE_BRIDGE_SERVICE_DATA": str(data),
            "MOODLE_BRIDGE_SERVICE_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it answers; its clock is ``hours`` after now."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, "serve"],
                env=self._environment | clock(self.hours),
                stdout=log,
                stderr=log,
            )
        _wait(self._healthy, 120, "the service does not start")

    def stop(self) -> None:
        """Stop, finishing what it is doing."""
        if self._process:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def idle(self) -> bool:
        """Whether nothing is waiting or under way; raises :class:`AssertionError` when a job was given up."""
        engine = connect(f"sqlite:///{self.data / 'bridge.sqlite3'}")
        try:
            dead = queue.list_jobs(engine, "dead")
            assert not dead, [f"{job.key}: {job.code}: {job.message}" for job in dead]
            counts = queue.counts(engine)
            return counts["queued"] == counts["running"] == 0
        finally:
            engine.dispose()

    def received(self) -> int:
        """How many webhooks were accepted so far."""
        engine = connect(f"sqlite:///{self.data / 'bridge.sqlite3'}")
        try:
            return inbox.count(engine)
        finally:
            engine.dispose()

    def command(self, *arguments: str) -> str:
        """What a command of the service prints."""
        result = subprocess.run(
            [*COMMAND, *arguments],
            env=self._environment | clock(self.hours),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return result.stdout

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False


def wait_for(condition: Any, otherwise: str, seconds: float = 120) -> Any:
    """What ``condition`` finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, otherwise
        time.sleep(0.2)
    return found


def clock(hours: int) -> dict[str, str]:
    """Environment of a process that lives so many hours after now; what measures time is left alone."""
    if not hours:
        return {}
    # The command faketime itself would stand between us and the process when it is to be stopped.
    command = ["faketime", "-f", "+1h", "printenv", "LD_PRELOAD"]
    library = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return {"LD_PRELOAD": library, "FAKETIME": f"+{hours}h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/login/index.php", timeout=20) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _wait(condition: Any, seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(otherwise)
        time.sleep(0.1)
