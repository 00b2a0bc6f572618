"""Connections that keep one time limit for a whole call, however slowly the other side answers.

A socket's own timeout begins anew with every byte received, so a server that drips could hold a call for
hours. The sockets here get, before every read and write, what is left of the call's time. Looking up a
name is not covered: the system's resolver has its own limit. Knows urllib3 and nothing of Moodle.
"""

from __future__ import annotations

import math
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class _Limit(threading.local):
    ends = math.inf


_limit = _Limit()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Whatever this thread receives or sends in the block has to be over after so many seconds.

    Reads and writes that come too late raise :class:`TimeoutError`.
    """
    _limit.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        _limit.ends = math.inf


def _time_left() -> float | None:
    left = _limit.ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the call's time is over")
    return None if math.isinf(left) else left


class _Socket(socket.socket):
    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(_time_left())
        return super().recv_into(buffer, nbytes, flags)

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        self.settimeout(_time_left())
        super().sendall(data, flags)


class _SecureSocket(ssl.SSLSocket):
    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        self.settimeout(_time_left())
        return super().recv_into(buffer, nbytes, flags)

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        self.settimeout(_time_left())
        return super().send(data, flags)


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        plain = self.sock
        self.sock = _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


def pool_manager(connections: int) -> PoolManager:
    """A pool of such connections, over HTTP and HTTPS; certificates are checked against the system's."""
    context = ssl.create_default_context()
    context.sslsocket_class = _SecureSocket
    manager = PoolManager(num_pools=1, maxsize=connections, block=False, ssl_context=context)
    manager.pool_classes_by_scheme = {"http": _Pool, "https": HTTPSConnectionPool}
    return manager
