#!/usr/bin/env python3
"""Stands in for systemctl where no systemd runs: does what a unit's file says, as its user.

It knows what our units use: EnvironmentFile, StateDirectory, User, UMask, LimitNOFILE, KillMode=mixed.
"""

from __future__ import annotations

import os
import pwd
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")
RUN = Path("/run/stand-in")


def main(words: list[str]) -> None:
    """``daemon-reload``, ``enable [--now]``, ``start``, ``stop``, ``restart``."""
    command, *rest = words
    names = [word for word in rest if not word.startswith("-")]
    if command == "daemon-reload":
        return
    for name in names:
        unit = read(name)
        if command in ("stop", "restart"):
            stop(name)
        if command in ("start", "restart") or (command == "enable" and "--now" in rest):
            if name.endswith(".timer"):
                assert unit["OnCalendar"], f"{name} has no time"
                read(name.removesuffix(".timer"))
            else:
                start(name, unit)


def read(name: str) -> dict[str, list[str]]:
    """What a unit says, with %i and %n replaced; it has to be there."""
    whole = name if name.endswith((".service", ".timer")) else f"{name}.service"
    template, _, instance = whole.rpartition(".")[0].partition("@")
    file = UNITS / f"{template}@.{whole.rpartition('.')[2]}"
    found: dict[str, list[str]] = {}
    for line in file.read_text().replace("%i", instance).splitlines():
        if match := re.match(r"(\w+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


def start(name: str, unit: dict[str, list[str]]) -> None:
    """Start a service and leave it running."""
    for path in unit.get("AssertPathExists", []):
        assert Path(path).exists(), f"{path} is not there"
    user = pwd.getpwnam(unit["User"][0])
    for folder in unit.get("StateDirectory", []):
        state = Path("/var/lib", folder)
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(state, user.pw_uid, user.pw_gid)
    environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": user.pw_dir}
    for file in unit.get("EnvironmentFile", []):
        for line in (
            Path(file.lstrip("-")).read_text().splitlines() if Path(file.lstrip("-")).exists() else []
        ):
            if "=" in line and not line.startswith("#"):
                key, _, value = line.partition("=")
                environ[key] = value
    files = int(unit["LimitNOFILE"][0])

    def become() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        os.umask(int(unit["UMask"][0], 8))

    RUN.mkdir(exist_ok=True)
    with (RUN / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            unit["ExecStart"][0].split(),
            env=environ,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            start_new_session=True,
            preexec_fn=become,
        )
    (RUN / f"{name}.pid").write_text(str(process.pid))


def stop(name: str) -> None:
    """End a service as KillMode=mixed does; it has to end in time."""
    file = RUN / f"{name}.pid"
    if file.exists():
        pid = int(file.read_text())
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 40
        while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
            assert time.monotonic() < deadline, f"{name} does not end"
            time.sleep(0.1)
        file.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
