"""The manual's commands, line by line, on a copy of this system that is thrown away.

The copy is an overlay over the root of this machine, in a mount namespace of its own: the commands are the
real ones, and what they change is seen by nobody else. Only systemd is stood in for, and sudo where it is
missing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from manual import DOCS, blocks
from pairs import eventually
from processes import free_port

from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.sandbox.cast import GROUP_A, KALOYAN, YULIA
from moodle_bridge.sandbox.site import Sandbox

CHECKOUT = DOCS.parent
HERE = Path(__file__).parent
SUDO = """#!/bin/sh
# Stands in for sudo: we are root already.
user=root
while true; do
    case $1 in
        -u) user=$2; shift 2 ;;
        *) break ;;
    esac
done
[ "$user" = root ] && exec "$@"
exec runuser -u "$user" -- "$@"
"""
ENTER = """
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/root"
mount -t proc proc "$0/root/proc"
mount --rbind /dev "$0/root/dev"
mount -t tmpfs tmpfs "$0/root/run"
cd "$0/root"
# As root has it by sudo: no Python of somebody's own.
exec env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot . sh -eu
"""


class System:
    """A copy of this system in which commands are run one by one, by one shell that lives as long as it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shell = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", ENTER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def path(self, place: str) -> Path:
        """Where a place of the copy is seen from here, as far as the copy has changed it."""
        return self._folder / "upper" / place.lstrip("/")

    def run(self, line: str, *, status: int = 0) -> str:
        """Run one line as it stands; what it said. AssertionError unless it ends with the status."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"( {line}\n) < /dev/null 2>&1 && echo '=ended 0' || echo \"=ended $?\"\n")
        self._shell.stdin.flush()
        said: list[str] = []
        while not (answer := self._shell.stdout.readline()).startswith("=ended "):
            assert answer, f"the shell ended at: {line}\n{''.join(said)}"
            said.append(answer)
        found = int(answer.removeprefix("=ended "))
        assert found == status, f"{line}\nended with {found} and said\n{''.join(said)}"
        return "".join(said)

    def is_dead(self) -> bool:
        """Whether there is no such copy to be had."""
        try:
            self.run("true")
        except (AssertionError, OSError):
            return True
        return False

    def end(self) -> None:
        """End whatever still runs in it."""
        self._shell.kill()
        self._shell.communicate()


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """A copy of this system with this checkout at /srv/moodle-bridge, and what is missing stood in for."""
    if os.geteuid() != 0:
        pytest.skip("only root can have a copy of the system to install in")
    folder = Path(tempfile.mkdtemp(prefix="installed-"))
    for name in ("upper/srv/moodle-bridge", "upper/usr/local/bin", "work", "root"):
        (folder / name).mkdir(parents=True)
    for name in _tracked():
        copy = folder / "upper/srv/moodle-bridge" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / name, copy)
    tools = {"systemctl": (HERE / "systemctl.py").read_text()}
    if not shutil.which("sudo"):
        tools["sudo"] = SUDO
    for name, content in tools.items():
        tool = folder / "upper/usr/local/bin" / name
        tool.write_text(content)
        tool.chmod(0o755)
    made = System(folder)
    try:
        if made.is_dead():
            pytest.skip("this machine gives no overlay to install in")
        yield made
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)


def _tracked() -> list[str]:
    """The files of the checkout, those too that are about to be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    return [name for name in listed.stdout.decode().split("\0") if name and (CHECKOUT / name).is_file()]


def ready(port: int) -> dict[str, object]:
    """What the service says of itself."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            found: dict[str, object] = json.load(answer)
            return found
    except OSError:
        return {}


def code_in(said: str) -> str:
    """The one-time code that ``pair`` has printed."""
    (code,) = re.findall(r"^[0-9A-Z]{5}(?:-[0-9A-Z]{5}){5}$", said, re.MULTILINE)
    return str(code)


def documents(sandbox: Sandbox) -> int:
    """How many documents stand in Moodle."""
    return len(sandbox.database.rows("SELECT id FROM document"))


def test_the_manual_word_for_word(system: System, tmp_path: Path) -> None:
    ports = {name: free_port() for name in ("main", "second")}
    (install, postgresql), (commands,) = blocks("operate.md", "Install"), blocks("operate.md", "Commands")
    assert postgresql[0].startswith("sudo -u postgres psql"), "this block alone is not run: it wants a server"
    if not shutil.which("apt-get"):
        install.remove("sudo apt-get install --yes python3-venv")
    for line in install:
        said = system.run(f"cd /srv/moodle-bridge; {line}")
        if line.endswith("/etc/moodle-bridge/main.env"):  # 8650 may be taken on this machine
            system.run(f"echo MOODLE_BRIDGE_SERVICE_PORT={ports['main']} >> /etc/moodle-bridge/main.env")
    eventually(lambda: ready(ports["main"]), 60)
    settings = system.path("/etc/moodle-bridge/main.toml").stat()
    assert stat.S_IMODE(settings.st_mode) == 0o640
    assert stat.S_IMODE(system.path("/var/lib/moodle-bridge/main").stat().st_mode) == 0o700
    with Sandbox(tmp_path / "moodle") as sandbox, Sandbox(tmp_path / "another") as another:
        url = f"http://127.0.0.1:{ports['main']}"
        for line in commands:
            said = system.run(line)
            if line.endswith(" pair"):
                sandbox.pair(url, code_in(said))
                eventually(lambda: ready(ports["main"]).get("status") == "ok")
        assert "/var/lib/moodle-bridge/main/bridge.sqlite3" in said, "commands act on the service's database"
        system.run("moodle-bridge-for nobody doctor", status=2)
        session = sandbox.world.create_session(
            course=7, name="Сесия", number=1, kind="initial", instruments=["mentee_initial"]
        )
        submit(sandbox, session, YULIA.id)
        eventually(lambda: documents(sandbox) == 2, 60)

        saving, restoring = blocks("operate.md", "Back up and restore")
        for line in saving:
            said = system.run(line)
        (file,) = system.path("/var/backups/moodle-bridge/main").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        submit(sandbox, session, KALOYAN.id)
        eventually(lambda: documents(sandbox) == 4, 60)
        for line in restoring:
            system.run(line)
        eventually(lambda: ready(ports["main"]).get("status") == "ok", 60)
        listed = eventually(lambda: "0 queued" in (said := system.run(commands[-1])) and said, 60)
        assert "0 dead" in listed
        assert documents(sandbox) == 4, "nothing is filed twice"
        assert "0 differences" in system.run("moodle-bridge-for main compare")

        (second,) = blocks("operate.md", "A second Moodle")
        system.run(f"echo MOODLE_BRIDGE_SERVICE_PORT={ports['second']} > /etc/moodle-bridge/second.env")
        for line in second:
            if line.endswith(" pair"):
                eventually(lambda: ready(ports["second"]), 60)
            said = system.run(line)
        another.pair(f"http://127.0.0.1:{ports['second']}", code_in(said))
        for each in (sandbox, another):
            assert each.ping()["moodle"]["reachable"] is True  # type: ignore[index, call-overload]
        system.run("systemctl stop moodle-bridge@main moodle-bridge@second")
        assert not ready(ports["main"])


def submit(sandbox: Sandbox, session: str, person: int) -> None:
    """Somebody submits the first form."""
    sandbox.world.submit(
        session, "mentee_initial", person, sample("bg", time.time()), role="mentee", group=GROUP_A
    )
