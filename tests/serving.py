"""The real service behind its real web server, for tests that speak HTTP to it."""

from __future__ import annotations

import http.client
import io
import json
import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine

from moodle_bridge.app import create_app
from moodle_bridge.log import JsonLines
from moodle_bridge.moodle import signing
from moodle_bridge.moodle.client import Client
from moodle_bridge.resources import contract_dir
from moodle_bridge.server import Server
from moodle_bridge.settings import load
from moodle_bridge.store import pairing, schema
from moodle_bridge.store.engine import connect
from moodle_bridge.store.pairing import Pairing

SITE = "https://moodle.example"
TOKEN = "0123456789abcdef0123456789abcdef"
NOW = 1_764_000_000
"""The time of the golden exchanges."""
LOCAL_WEBHOOKS_TOKEN = "token-of-local-webhooks"
TOOL_TRIGGER_TOKEN = "token-of-tool-trigger"


def golden(name: str) -> dict[str, Any]:
    """One recorded exchange of the contract."""
    text = (contract_dir() / "golden" / f"{name}.json").read_text(encoding="utf-8")
    exchange: dict[str, Any] = json.loads(text)
    return exchange


SECRET = str(golden("ping")["signed_with"]["secret"])
KEY = signing.key_of(SECRET)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Service:
    """A running service with its clock at the time of the golden exchanges."""

    url: str
    engine: Engine
    log: io.StringIO
    now: float = NOW
    woken: list[int] = field(default_factory=list)

    def pair(
        self, site: str = SITE, secrets: tuple[tuple[str, float | None], ...] = ((SECRET, None),)
    ) -> None:
        """Pair with a site, as if it had asked."""
        new = Pairing(site, "Е-менторинг", TOKEN, secrets, "bg", "4.5.6", "0.1.0", self.now)
        code = pairing.new_code(self.engine, b"any", self.now, 60)
        pairing.pair(self.engine, code, new, self.now)

    def open_code(self, code: str, seconds: float = 3600) -> None:
        """Accept a pairing code."""
        pairing.new_code(self.engine, signing.pairing_key(code), self.now, seconds)

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own; an iterable body is sent in chunks."""
        address = urlsplit(self.url)
        assert address.hostname is not None
        with closing(http.client.HTTPConnection(address.hostname, address.port, timeout=10)) as connection:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())

    def raw(self, sent: bytes) -> Answer:
        """Bytes that are no proper request."""
        address = urlsplit(self.url)
        with closing(socket.create_connection((address.hostname, address.port), timeout=10)) as connection:
            connection.sendall(sent)
            response = http.client.HTTPResponse(connection)
            response.begin()
            return Answer(response.status, dict(response.getheaders()), response.read())

    def send(self, path: str, message: Any, message_id: str = "msg_1", key: bytes = KEY) -> Answer:
        """A signed JSON message."""
        body = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()
        return self.call("POST", path, body, signed(body, message_id, key, self.now))

    def log_lines(self) -> list[dict[str, Any]]:
        """What was logged since the last time."""
        text = self.log.getvalue()
        self.log.seek(0)
        self.log.truncate()
        return [json.loads(line) for line in text.splitlines()]


def signed(body: bytes, message_id: str = "msg_1", key: bytes = KEY, now: float = NOW) -> dict[str, str]:
    """The headers of a signed JSON request."""
    return {"content-type": "application/json", **signing.headers(key, message_id, int(now), body)}


@contextmanager
def serving(
    folder: Path,
    *,
    connect_moodle: Callable[[], Client] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Service]:
    """The service on a fresh SQLite database, on a free port, while the block runs."""
    settings = load(
        None,
        {
            "MOODLE_BRIDGE_SERVICE_DATA": str(folder / "data"),
            "MOODLE_BRIDGE_SERVICE_PORT": "0",
            "MOODLE_BRIDGE_HINTS_LOCAL_WEBHOOKS_TOKEN": LOCAL_WEBHOOKS_TOKEN,
            "MOODLE_BRIDGE_HINTS_TOOL_TRIGGER_TOKEN": TOOL_TRIGGER_TOKEN,
            **(environ or {}),
        },
    )
    engine = connect(settings.database_url)
    schema.upgrade(engine)
    service = Service("", engine, io.StringIO())
    app = create_app(
        settings,
        engine,
        clock=lambda: service.now,
        wake=lambda: service.woken.append(1),
        connect_moodle=connect_moodle,
    )
    server = Server(app, settings)
    handler = logging.StreamHandler(service.log)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    server.start()
    service.url = server.url
    service.log_lines()
    try:
        yield service
    finally:
        assert server.stop(5)
        root.removeHandler(handler)
        root.setLevel(level)
        engine.dispose()
