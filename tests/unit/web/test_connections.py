"""Connections of peers that are slow, silent, many or without end: the others are served all the while."""

from __future__ import annotations

import http.client
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace

import pytest
from flask import Flask

from moodle_bridge.server import Server
from moodle_bridge.settings import load

LARGE = "x" * 8_000_000
"""More than the buffers of a socket take in."""


@contextmanager
def listening(**limits: int) -> Iterator[Server]:
    """A server that answers ``fine``, and at ``/large`` more than a socket takes in at once."""
    found = load()
    settings = replace(
        found,
        service=replace(found.service, port=0, threads=2),
        limits=replace(found.limits, **limits),
    )
    app = Flask("tests")
    app.add_url_rule("/", view_func=lambda: "fine")
    app.add_url_rule("/large", view_func=lambda: LARGE, endpoint="large")
    server = Server(app, settings)
    server.start()
    yield server
    assert server.stop(5)


def call(server: Server) -> float:
    """Seconds until a proper request was answered."""
    began = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)) as connection:
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"fine"
    return time.monotonic() - began


def connected(server: Server, sent: bytes = b"") -> socket.socket:
    """A connection on which so much was sent."""
    made = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    made.sendall(sent)
    return made


def is_cut(connection: socket.socket) -> bool:
    """Whether the other side has closed it."""
    connection.settimeout(0.01)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def trickled(connection: socket.socket, seconds: float) -> float | None:
    """Send a byte every twentieth of a second; the seconds until it was cut, None if it was not."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            connection.sendall(b"x")
        except OSError:
            return time.monotonic() - began
        if is_cut(connection):
            return time.monotonic() - began
        time.sleep(0.05)
    return None


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(b"GET / HTTP/1.1\r\nX-A: ", id="headers"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", id="a body"),
    ],
)
def test_a_request_that_trickles_in_is_cut_however_steadily(begun: bytes) -> None:
    with listening(request_seconds=1) as server, closing(connected(server, begun)) as slow:
        after = trickled(slow, 4)
        assert after is not None, "each byte would renew a timeout that counts from the last one"
        assert after > 0.9


def test_an_answer_that_nobody_takes_is_cut() -> None:
    with (
        listening(request_seconds=1) as server,
        closing(connected(server, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")) as slow,
    ):
        time.sleep(2)
        slow.settimeout(5)
        taken = 0
        with suppress(ConnectionResetError):
            while chunk := slow.recv(1 << 20):
                taken += len(chunk)
        assert taken < len(LARGE)


def test_a_request_is_not_cut_because_its_connection_was_idle_before() -> None:
    with listening(request_seconds=1) as server, closing(connected(server)) as kept:
        for _ in range(2):
            time.sleep(1.3)
            kept.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = http.client.HTTPResponse(kept)
            answer.begin()
            assert answer.read() == b"fine"


def test_others_are_served_while_many_are_slow(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    with listening(connections=40, connections_per_peer=30) as server, ExitStack() as ends:
        for number in range(100):
            begun = b"" if number % 2 else b"POST / HTTP/1.1\r\nX-A: "
            ends.enter_context(closing(connected(server, begun)))
            if number % 10 == 0:
                assert call(server) < 2
        assert len(server._channels()) <= 30
        assert call(server) < 2


def test_whoever_kept_us_waiting_the_longest_gives_way() -> None:
    with listening(connections_per_peer=2) as server, ExitStack() as ends:
        oldest, newer = (ends.enter_context(closing(connected(server, b"GET"))) for _ in range(2))
        time.sleep(0.1)
        call(server)
        assert (is_cut(oldest), is_cut(newer)) == (True, False)


OUT_OF_DESCRIPTORS = """
import logging, resource, sys
from dataclasses import replace
from flask import Flask
from moodle_bridge import log
from moodle_bridge.server import Server
from moodle_bridge.settings import load

log.configure()
found = load()
settings = replace(found, service=replace(found.service, port=0))
app = Flask("tests")
app.add_url_rule("/", view_func=lambda: "fine")
server = Server(app, settings)
server._listeners[0].room = replace(server._listeners[0].room, connections=500, per_peer=500)
server.start()
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
print(server.port, flush=True)
sys.stdin.read()
"""


def test_out_of_descriptors_it_says_so_once_and_goes_on() -> None:
    with (
        subprocess.Popen(
            [sys.executable, "-c", OUT_OF_DESCRIPTORS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
        ExitStack() as ends,
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stderr is not None
        port = int(process.stdout.readline())
        for _ in range(120):
            ends.enter_context(closing(socket.create_connection(("127.0.0.1", port), timeout=5)))
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"fine"
        process.stdin.close()
        said = process.stderr.read().splitlines()
        assert (
            len([line for line in said if "no connection can be let in (Too many open files)" in line]) == 1
        )
        assert len(said) < 5, said


@pytest.mark.parametrize(("open_files", "expected"), [(64, 16), (240, 60), (400, 200), (4096, 500)])
def test_connections_are_as_many_as_the_limit_of_open_files_allows(open_files: int, expected: int) -> None:
    program = (
        f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({min(open_files, 60)}, {open_files}));"
        "from moodle_bridge.connections import affordable; print(affordable(500))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) == expected
    assert ("limit of open files" in done.stderr) == (expected < 500)
