"""How the stand-in talks to the service: signed JSON to the one configured address, no redirects.

``http.client`` on purpose: the plugin is another program, and shares no HTTP code with the service.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from moodle_bridge.errors import BridgeError
from moodle_bridge.moodle.signing import headers
from moodle_bridge.plain_json import JsonObject

TIMEOUT = 10.0
"""Seconds."""


class ServiceAway(BridgeError):
    """Nobody answers at the service's address."""

    code = "sandbox-service-away"


class ServiceRefused(BridgeError):
    """The service answered with a problem; ``remedy`` is what it says to do."""

    code = "sandbox-refused"

    def __init__(self, status: int, problem: JsonObject) -> None:
        super().__init__(
            f"the service answered {status}: {problem.get('detail') or problem.get('title', '')}"
        )
        self.problem = problem
        self.answered = status
        told = problem.get("remedy")
        self.remedy = {name: str(words) for name, words in told.items()} if isinstance(told, Mapping) else {}


class Service:
    """One kept-alive connection to the service; for one thread."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection: http.client.HTTPConnection | None = None

    def post(self, path: str, message: JsonObject, key: bytes, webhook_id: str) -> tuple[int, JsonObject]:
        """Send one signed message; return status and JSON body. Raises :class:`ServiceAway`."""
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        signed = {"Content-Type": "application/json", **headers(key, webhook_id, int(time.time()), body)}
        kept = self._connection is not None
        try:
            return self._exchange(path, body, signed)
        except (OSError, http.client.HTTPException):
            # A kept connection may have been closed meanwhile: a fresh one decides.
            self.close()
            if not kept:
                raise ServiceAway("the service does not answer") from None
        try:
            return self._exchange(path, body, signed)
        except (OSError, http.client.HTTPException):
            self.close()
            raise ServiceAway("the service does not answer") from None

    def _exchange(self, path: str, body: bytes, signed: Mapping[str, str]) -> tuple[int, JsonObject]:
        if self._connection is None:
            address = urlsplit(self.url)
            kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(address.hostname or "", address.port, timeout=TIMEOUT)
        self._connection.request("POST", urlsplit(self.url).path.rstrip("/") + path, body, dict(signed))
        response = self._connection.getresponse()
        text = response.read(1_000_000)
        try:
            answer = json.loads(text)
        except ValueError:
            answer = {}
        return response.status, answer if isinstance(answer, dict) else {}

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
