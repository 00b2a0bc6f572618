"""The production web server: waitress in this process, stopped gracefully in bounded time."""

from __future__ import annotations

import logging
import socket
import threading
import time
from typing import Any

from flask import Flask
from waitress import wasyncore  # type: ignore[import-untyped]
from waitress.adjustments import Adjustments  # type: ignore[import-untyped]
from waitress.task import ThreadedTaskDispatcher  # type: ignore[import-untyped]

from moodle_bridge.connections import Channel, Listener, Room, affordable
from moodle_bridge.errors import SettingsError
from moodle_bridge.settings import Settings

log = logging.getLogger(__name__)

_EXCESS = 16
"""A body of up to so many times the limit is read, to be refused politely; beyond that the line is cut."""
_IDLE_SECONDS = 30
_LOOK_SECONDS = 0.25
"""How often the thread that watches the sockets looks whether it is to stop."""


class Server:
    """Serves an application at the address of the settings; one thread watches the sockets, others answer."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        """Bind the address; raises :class:`SettingsError` if it cannot be had."""
        service, limits = settings.service, settings.limits
        bound = _sockets(service.host, service.port)
        self._map: dict[int, Any] = {}
        adjusted = Adjustments(
            threads=service.threads,
            ident="moodle-bridge",
            max_request_body_size=_EXCESS * limits.body_bytes,
            max_request_header_size=16 * 1024,
            channel_timeout=_IDLE_SECONDS,
            cleanup_interval=5,
            # Room is made before the library would stop to listen.
            connection_limit=limits.connections + 100,
            backlog=1024,
            clear_untrusted_proxy_headers=True,
        )
        room = Room(affordable(limits.connections), limits.connections_per_peer, limits.request_seconds)
        # The waiting line is watched by queue_age and latency, not by a warning for every request.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._threads: Any = ThreadedTaskDispatcher()
        self._threads.set_thread_count(service.threads)
        self._listeners = [
            Listener(
                app,
                self._map,
                _sock=each,
                dispatcher=self._threads,
                adj=adjusted,
                bind_socket=False,
                sockinfo=(each.family, each.type, each.proto, each.getsockname()),
            )
            for each in bound
        ]
        for listener in self._listeners:
            listener.room = room
        self._ends_at: float | None = None
        self._in_time = True
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="web", daemon=True)

    @property
    def port(self) -> int:
        """The port that is listened on (also when 0 was asked for)."""
        return int(self._listeners[0].effective_port)

    @property
    def url(self) -> str:
        """The address to call."""
        host = self._listeners[0].effective_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        log.info("listening at %s", self.url)

    def stop(self, seconds: float) -> bool:
        """Take no more connections, finish what was begun, then close; whether all ended in time."""
        self._ends_at = time.monotonic() + seconds
        if self._thread.ident is None:
            self._close()
        else:
            self._stopped.wait()
        return self._in_time

    def _watch(self) -> None:
        """Whatever is done to sockets is done here, by one thread."""
        looks_again = 0.0
        while self._ends_at is None and self._map:
            wasyncore.loop(timeout=_LOOK_SECONDS, use_poll=True, map=self._map, count=1)
            if time.monotonic() >= looks_again:
                looks_again = time.monotonic() + _LOOK_SECONDS
                for listener in self._listeners:
                    listener.cut_the_slow()
        for listener in self._listeners:
            wasyncore.dispatcher.close(listener)  # without the pipe by which the other threads wake this one
        while self._busy() and time.monotonic() < (self._ends_at or 0.0):
            wasyncore.loop(timeout=0.02, use_poll=True, map=self._map, count=1)
        self._in_time = not self._busy()
        if not self._in_time:
            log.warning("some requests did not end in time; they were not acknowledged")
        self._close()

    def _busy(self) -> bool:
        """Whether a request is being received, worked on or answered."""
        return any(
            each.request is not None or each.requests or each.total_outbufs_len for each in self._channels()
        )

    def _channels(self) -> list[Channel]:
        return [each for each in self._map.values() if isinstance(each, Channel)]

    def _close(self) -> None:
        self._threads.shutdown(timeout=max(0.1, (self._ends_at or 0.0) - time.monotonic()))
        for channel in self._channels():
            channel.handle_close()
        self._stopped.set()
        while self._threads.threads:
            time.sleep(
                _LOOK_SECONDS
            )  # one that still runs will write to a pipe: its number stays ours until then
        for each in list(self._map.values()):
            each.close()


def _sockets(host: str, port: int) -> list[socket.socket]:
    """A socket bound to every address of the host, all at the same port."""
    bound: list[socket.socket] = []
    try:
        for family, _, _, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            listener = socket.socket(family, socket.SOCK_STREAM)
            bound.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            same_port = bound[0].getsockname()[1] if len(bound) > 1 else port
            listener.bind((address[0], same_port, *address[2:]))
    except OSError as error:
        for listener in bound:
            listener.close()
        raise SettingsError(
            f"service.host, service.port: cannot listen on {host}:{port}: {error.strerror}"
        ) from error
    return bound
