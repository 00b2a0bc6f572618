"""The stand-in's web server: waitress, and a way to hang up on a client before it is answered."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping

from flask import Flask
from waitress import create_server  # type: ignore[import-untyped]
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.task import WSGITask  # type: ignore[import-untyped]

_SOCKET = "moodle_bridge.sandbox.socket"


class _Task(WSGITask):  # type: ignore[misc]
    def get_environment(self) -> dict[str, object]:
        environment: dict[str, object] = super().get_environment()
        environment[_SOCKET] = self.channel.socket
        return environment


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task


def hang_up(environment: Mapping[str, object]) -> None:
    """Cut the connection of a request that is being answered."""
    connection = environment.get(_SOCKET)
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


class Waiter:
    """One listening server in a thread of its own."""

    def __init__(self, application: Flask, host: str, port: int, threads: int) -> None:
        self._server = create_server(
            application,
            host=host,
            port=port,
            threads=threads,
            ident=None,
            log_socket_errors=False,
            max_request_body_size=256 * 1024 * 1024,
        )
        self._server.channel_class = _Channel
        self.port: int = self._server.effective_port
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-web", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping:
            self._server.asyncore.loop(
                timeout=1, map=self._server._map, use_poll=self._server.adj.asyncore_use_poll, count=1
            )

    def stop(self) -> None:
        """Stop listening, end the answering threads and close every connection."""
        self._stopping = True
        self._server.pull_trigger()
        if self._thread.is_alive():
            self._thread.join(5)
        self._server.task_dispatcher.shutdown(timeout=5)
        self._server.asyncore.close_all(self._server._map, ignore_all=True)
