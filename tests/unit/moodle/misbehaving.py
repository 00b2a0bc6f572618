"""A server on a real socket that answers as a test says, byte by byte if need be."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from urllib.parse import parse_qsl

Behaviour = Callable[[socket.socket], object]


@dataclass
class Request:
    """One request as it arrived."""

    line: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form-encoded body."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Moodle:
    """What stands in for Moodle; ``behave`` gets the connection once a request is complete."""

    url: str
    behave: Behaviour = field(default=lambda connection: None)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    finished: int = 0
    """How often ``behave`` came to its end: a caller that gave up earlier is not among them."""

    def answers(self, value: object) -> None:
        """Answer every request with this value as JSON."""
        self.behave = lambda connection: reply(connection, json.dumps(value).encode())

    def says(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        """Answer every request with this body."""
        self.behave = lambda connection: reply(connection, body, status, **headers)

    def sends(self, raw: bytes) -> None:
        """Send exactly these bytes and close."""

        def send(connection: socket.socket) -> None:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)

        self.behave = send


def reply(connection: socket.socket, body: bytes, status: str = "200 OK", **headers: str) -> None:
    """A whole answer."""
    given = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    connection.sendall(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)


@contextmanager
def misbehaving(tls: ssl.SSLContext | None = None) -> Iterator[Moodle]:
    """The server, on a free port of 127.0.0.1, while the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    scheme = "http" if tls is None else "https"
    moodle = Moodle(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")
    threading.Thread(target=_accept, args=(listener, moodle, tls), daemon=True).start()
    try:
        yield moodle
    finally:
        # Only this wakes a thread that waits in accept().
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _accept(listener: socket.socket, moodle: Moodle, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            moodle.connections += 1
            threading.Thread(target=_serve, args=(connection, moodle, tls), daemon=True).start()


def _serve(connection: socket.socket, moodle: Moodle, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError):
        if tls is not None:
            connection = tls.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                head = b""
                while (header := stream.readline()) not in (b"\r\n", b""):
                    head += header
                headers = dict(message_from_bytes(head).items())
                body = stream.read(int(headers.get("Content-Length", "0")))
                moodle.requests.append(Request(line.decode("latin-1").strip(), headers, body))
                moodle.behave(connection)
                moodle.finished += 1
