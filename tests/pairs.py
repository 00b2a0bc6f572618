"""A running service and a stand-in Moodle that are paired, a clock that stands still, and waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from moodle_bridge.cli.service import Service, running_service
from moodle_bridge.moodle.signing import new_pairing_code, pairing_key
from moodle_bridge.sandbox.site import Sandbox
from moodle_bridge.settings import Settings, load
from moodle_bridge.store import pairing

Found = TypeVar("Found")


class FakeClock:
    """A clock that stands still until a test moves it; call it as ``time.time`` is called."""

    def __init__(self, now: float = 1_764_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def service_settings(folder: Path, **settings: str) -> Settings:
    """Settings of a service of our own on loopback; ``moodle_concurrency="1"`` changes one."""
    environment = {"SERVICE_PORT": "0", "SERVICE_DATA": str(folder), "LOG_LEVEL": "warning"}
    environment |= {name.upper(): value for name, value in settings.items()}
    return load(None, {f"MOODLE_BRIDGE_{name}": value for name, value in environment.items()})


@dataclass(frozen=True)
class Pair:
    """A running service and a stand-in Moodle that are paired."""

    service: Service
    sandbox: Sandbox
    settings: Settings


@contextmanager
def paired(folder: Path, **settings: str) -> Iterator[Pair]:
    """Start service and stand-in and pair them by the real exchange."""
    chosen = service_settings(folder / "service", **settings)
    with running_service(chosen) as service, Sandbox(folder / "moodle") as sandbox:
        code = new_pairing_code()
        pairing.new_code(service.engine, pairing_key(code), time.time(), 600)
        sandbox.pair(service.url, code)
        yield Pair(service, sandbox, chosen)


def eventually(look: Callable[[], Found], seconds: float = 20.0) -> Found:
    """Look again and again until the answer is true, and return it; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"it did not happen within {seconds:g} seconds"
        time.sleep(0.01)


def fields_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The form fields by which a browser sends these answers."""
    fields: dict[str, Any] = {}

    def put(name: str, value: Any) -> None:
        fields[name] = (
            ("1" if value else "0") if isinstance(value, bool) else "null" if value is None else value
        )

    for item, value in answers.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for row in value:
                for column, cell in row.items():
                    if column != "row":
                        put(f"{item}.r{row['row']}.{column}", cell)
        else:
            put(item, value)
    return fields
