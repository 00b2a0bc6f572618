"""Switches that make the stand-in fail as Moodle and networks do; for tests and for the curious.

Set from Python, or from this machine over ``/sandbox/faults``.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass

from moodle_bridge.contract.records import as_json
from moodle_bridge.plain_json import Json

KNOWN = {
    "slow": "answers `milliseconds` later",
    "http_500": "answers 500 and does nothing",
    "maintenance": "answers 503 with the maintenance page and does nothing",
    "redirect": "answers 303 to another address and does nothing",
    "answer_lost": "does the work, then hangs up without an answer",
    "truncated": "does the work, then sends half of the answer and hangs up",
    "token_refused": "refuses the token",
    "locked": "refuses to store a document with locktimeout",
    "webhooks_off": "sends no webhook; they wait in the outbox",
    "webhooks_twice": "sends a webhook twice, with the same id",
    "webhooks_reordered": "holds a webhook back, so that later ones overtake it",
}


@dataclass(slots=True)
class Fault:
    """One switch that is on. ``count`` None: for good; ``function``: only for that web-service function."""

    name: str
    probability: float = 1.0
    count: int | None = None
    milliseconds: int = 0
    function: str = ""


class Faults:
    """Which switches are on; safe to use from several threads."""

    def __init__(self, seed: int = 20) -> None:
        self._on: dict[tuple[str, str], Fault] = {}
        self._chance = random.Random(seed)  # noqa: S311 - chance for tests, not for secrets
        self._lock = threading.Lock()

    def set(
        self,
        name: str,
        *,
        probability: float = 1.0,
        count: int | None = None,
        milliseconds: int = 0,
        function: str = "",
    ) -> None:
        """Switch a fault on; :class:`ValueError` if there is none of that name or a figure is impossible.

        ``function`` is a web-service function without its prefix (``store_document``) or ``upload``.
        """
        if name not in KNOWN:
            raise ValueError(f"there is no fault {name!r}; there are {', '.join(KNOWN)}")
        if not 0 <= probability <= 1 or milliseconds < 0 or (count is not None and count < 1):
            raise ValueError(f"{name}: probability lies from 0 to 1, count from 1, milliseconds from 0")
        with self._lock:
            self._on[name, function] = Fault(name, probability, count, milliseconds, function)

    def clear(self, name: str = "") -> None:
        """Switch one fault off, or all of them."""
        with self._lock:
            for key in [key for key in self._on if name in ("", key[0])]:
                del self._on[key]

    def strikes(self, name: str, function: str = "") -> Fault | None:
        """The fault, if it is on for this call and chance wants it; uses up one of its count."""
        with self._lock:
            fault = self._on.get((name, function)) or self._on.get((name, ""))
            if fault is None or self._chance.random() >= fault.probability:
                return None
            if fault.count is not None:
                fault.count -= 1
                if fault.count == 0:
                    del self._on[fault.name, fault.function]
            return fault

    def on(self) -> list[dict[str, Json]]:
        """Every switch that is on."""
        with self._lock:
            return [as_json(fault) for fault in self._on.values()]
