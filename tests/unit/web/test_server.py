"""The web server: where it listens, what it refuses to start with, and that it always stops."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest
from flask import Flask

from moodle_bridge.errors import SettingsError
from moodle_bridge.server import Server
from moodle_bridge.settings import Settings, load


def settings(host: str = "127.0.0.1", port: int = 0, threads: int = 2) -> Settings:
    found = load()
    return replace(found, service=replace(found.service, host=host, port=port, threads=threads))


def application(behave: Callable[[], str]) -> Flask:
    app = Flask("tests")
    app.add_url_rule("/", view_func=behave)
    return app


def get(server: Server) -> bytes:
    host = server.url.removeprefix("http://").rpartition(":")[0].strip("[]")
    with closing(http.client.HTTPConnection(host, server.port, timeout=10)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().read()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_it_listens_where_it_is_told(host: str) -> None:
    if not _can_listen(host):
        pytest.skip(f"this machine does not know {host}")
    server = Server(application(lambda: "fine"), settings(host))
    server.start()
    assert get(server) == b"fine"
    assert server.stop(5)


def test_a_port_that_is_taken_is_refused_by_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"service\.port.*{port}"):
            Server(application(lambda: ""), settings(port=port))


def test_an_address_of_another_machine_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"service\.host"):
        Server(application(lambda: ""), settings("192.0.2.1"))


def test_a_name_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"service\.host"):
        Server(application(lambda: ""), settings("bridge.invalid"))


def test_its_port_is_free_again_after_it_stopped() -> None:
    first = Server(application(lambda: "first"), settings())
    first.start()
    assert get(first) == b"first"
    assert first.stop(5)
    second = Server(application(lambda: "second"), settings(port=first.port))
    second.start()
    assert get(second) == b"second"
    assert second.stop(5)


def test_it_can_be_stopped_without_having_been_started() -> None:
    server = Server(application(lambda: ""), settings())
    assert server.stop(1)
    Server(application(lambda: ""), settings(port=server.port)).stop(1)


def test_requests_that_wait_for_a_thread_are_answered_before_it_stops() -> None:
    def slow() -> str:
        time.sleep(0.1)
        return "fine"

    server = Server(application(slow), settings(threads=1))
    server.start()
    answers: list[bytes] = []
    senders = [threading.Thread(target=lambda: answers.append(get(server))) for _ in range(5)]
    for sender in senders:
        sender.start()
    time.sleep(0.15)
    assert server.stop(5)
    for sender in senders:
        sender.join(5)
    assert answers == [b"fine"] * 5


def test_a_request_that_does_not_end_cannot_hold_the_stop() -> None:
    entered, released, over = threading.Event(), threading.Event(), threading.Event()

    def stuck() -> str:
        entered.set()
        released.wait(30)
        over.set()
        return ""

    server = Server(application(stuck), settings())
    server.start()

    def send() -> None:
        with pytest.raises((http.client.HTTPException, OSError)):
            get(server)

    sender = threading.Thread(target=send)
    sender.start()
    assert entered.wait(5)
    assert server.stop(0.3) is False
    assert not over.is_set(), "the stop did not wait for the request's end"
    released.set()
    sender.join(5)
    assert not sender.is_alive()
    deadline = time.monotonic() + 5
    while any(each.name.startswith(("waitress", "web")) for each in threading.enumerate()):
        assert time.monotonic() < deadline, "a thread of a stopped server goes on"
        time.sleep(0.01)


def test_half_a_request_cannot_hold_the_stop() -> None:
    server = Server(application(lambda: ""), settings())
    server.start()
    with closing(socket.create_connection(("127.0.0.1", server.port))) as half:
        half.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        time.sleep(0.1)
        assert server.stop(0.3) is False, "the rest of the request never comes"


def _can_listen(host: str) -> bool:
    try:
        (family, *_, address), *_ = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
        socket.create_server(address, family=family).close()
    except OSError:
        return False
    return True


def test_a_server_whose_listening_socket_failed_can_be_stopped() -> None:
    server = Server(application(lambda: "fine"), settings())
    server.start()
    assert get(server) == b"fine"
    for listener in server._listeners:
        listener.handle_close()
    assert server.stop(1)
