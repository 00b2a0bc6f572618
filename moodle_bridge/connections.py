"""Connections: how many are kept, how many of one peer, and how long a peer may take; knows no application.

Whoever is slow costs the others nothing. A request has to be there within a bounded time, however it
trickles in, and its answer has to be taken in as long. Where there is no room for one more connection, the
one that has kept us waiting the longest gives way, of the same peer where that has too many.
"""

from __future__ import annotations

import logging
import resource
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.server import TcpWSGIServer  # type: ignore[import-untyped]
from waitress.task import ErrorTask  # type: ignore[import-untyped]

from moodle_bridge import metrics
from moodle_bridge.errors import RequestRefused, TooLarge
from moodle_bridge.remedies import remedy_of
from moodle_bridge.web import refusals

log = logging.getLogger(__name__)

OTHER_FILES = 200
"""File descriptors that are needed beside those of connections: the database's, logs, libraries."""

_PAUSE_SECONDS = 1.0
"""How long nobody is let in when there is no descriptor and nobody who could give way."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many connections there may be, of all peers and of one, and how long a peer may take."""

    connections: int
    per_peer: int
    seconds: float


def affordable(wanted: int) -> int:
    """Raise the limit of file descriptors as far as allowed; return how many connections it admits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted + OTHER_FILES:
        most = wanted + OTHER_FILES if hard == resource.RLIM_INFINITY else min(hard, wanted + OTHER_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    if soft == resource.RLIM_INFINITY or soft >= wanted + OTHER_FILES:
        return wanted
    found = max(soft // 4, soft - OTHER_FILES)
    log.warning("only %d connections at a time: the limit of open files is %d", found, soft)
    return found


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when its peer keeps us waiting, and whose errors are problems."""

    def __init__(self, server: Listener, *args: Any, **options: Any) -> None:
        self.waiting_since = time.monotonic()
        """When the peer connected, began its request, was answered, or began to take its answer."""
        self._taking = False
        super().__init__(server, *args, **options)

    def received(self, data: bytes) -> bool:
        """Read on; the time of a request begins with its first byte."""
        if self.request is None:
            self.waiting_since = time.monotonic()
        more: bool = super().received(data)
        return more

    def handle_write(self) -> None:
        """Write on; once all is taken the peer may be idle as long as a new one may."""
        super().handle_write()
        if not self.total_outbufs_len:
            self._taking = False
            if self.request is None:
                self.waiting_since = time.monotonic()

    def keeps_us_waiting(self) -> bool:
        """Whether the peer has to do the next step; if not, its request is being worked on."""
        return not self.requests and not self.will_close

    def look(self, now: float, seconds: float) -> None:
        """Cut it if a request is not there, or its answer not taken, in so many seconds."""
        if self.total_outbufs_len and not self._taking:
            self._taking, self.waiting_since = True, now
        unfinished = self.request is not None or self._taking
        if unfinished and self.keeps_us_waiting() and now - self.waiting_since > seconds:
            metrics.count("refused", "slow")
            log.warning(
                "a connection was cut: %s took longer than %.0f seconds",
                "taking the answer" if self._taking else "the request",
                seconds,
                extra={"peer": str(self.addr[0])},
            )
            self.cut()

    def cut(self) -> None:
        """Close it now. To be called by the thread that watches the sockets."""
        self.will_close = True
        self.handle_close()


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """A listening socket that always has room for one more."""

    channel_class = Channel
    room: Room
    _full_until = 0.0

    def readable(self) -> bool:
        """Whether to look for new connections: not for a moment after there was no descriptor for one."""
        return bool(super().readable()) and time.monotonic() >= self._full_until

    def handle_accept(self) -> None:
        """Let one more in; of descriptors that ran out the log speaks once a minute, not once a try."""
        try:
            found = self.accept()
        except OSError as error:
            metrics.count("refused", "no-descriptors")
            log.error("no connection can be let in (%s): see LimitNOFILE in docs/operate.md", error.strerror)
            if not self._makes_room(self._channels()):
                self._full_until = time.monotonic() + _PAUSE_SECONDS
            return
        if found is None:
            return
        connection, address = found
        peers = [each for each in self._channels() if each.addr[0] == address[0]]
        for crowd, most in ((peers, self.room.per_peer), (self._channels(), self.room.connections)):
            if len(crowd) >= most:
                metrics.count("refused", "too-many-connections")
                log.warning(
                    "%d connections: the one that kept us waiting the longest is cut",
                    len(crowd),
                    extra={"peer": str(address[0])},
                )
                if not self._makes_room(crowd):
                    connection.close()
                    return
        try:
            self.set_socket_options(connection)
            self.channel_class(self, connection, address, self.adj, map=self._map)
        except OSError:  # gone again already
            connection.close()

    def cut_the_slow(self) -> None:
        """Cut every connection that takes too long. To be called by the thread that watches the sockets."""
        now = time.monotonic()
        for channel in list(self.active_channels.values()):
            channel.look(now, self.room.seconds)

    def _channels(self) -> list[Channel]:
        """All connections, those of other listening sockets too: they share the room."""
        return [each for each in self._map.values() if isinstance(each, Channel)]

    @staticmethod
    def _makes_room(crowd: Iterable[Channel]) -> bool:
        """Cut the connection that has kept us waiting the longest; whether there was one."""
        waiting = [each for each in crowd if each.keeps_us_waiting()]
        if not waiting:
            return False
        min(waiting, key=lambda each: each.waiting_since).cut()
        return True


class Refusal(ErrorTask):  # type: ignore[misc]
    """What the server itself refuses: no HTTP, headers or body far too large."""

    def execute(self) -> None:
        """Answer with a problem, and close the connection."""
        fault = self.request.error
        code = "too-large" if fault.code in (413, 431) else "malformed"
        detail = "the request is far too large" if code == "too-large" else "the request is not valid HTTP"
        instance = f"urn:uuid:{uuid.uuid4()}"
        metrics.count("refused", code)
        log.warning("refused with %d %s before any address: %s", fault.code, code, detail)
        remedy = remedy_of(TooLarge.code if fault.code == 413 else RequestRefused.code)
        body = refusals.document(code, fault.code, detail, remedy, instance)
        self.status = f"{fault.code} {fault.reason}"
        self.response_headers.append(("Content-Type", refusals.MEDIA_TYPE))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


Channel.error_task_class = Refusal
