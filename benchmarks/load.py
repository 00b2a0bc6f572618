"""Load for the benchmarks: signed webhooks over kept connections, from a process of its own.

Knows nothing of the service but its contract; imports none of its web code.
"""

from __future__ import annotations

import gc
import http.client
import json
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

from moodle_bridge.moodle.signing import headers, key_of


@dataclass(frozen=True, slots=True)
class Message:
    """One webhook: its id and what it tells."""

    id: str
    type: str
    data: dict[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run of messages brought; times in seconds."""

    seconds: float
    latencies: list[float]
    statuses: dict[int, int]

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def at(self, share: float) -> float:
        """The latency that this share of the answers kept to, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def send(
    url: str, site: str, secret: str, messages: Sequence[Message], connections: int, rate: float
) -> Measured:
    """Send all messages from another process; ``rate`` per second over all connections, 0 for at once.

    At a rate, the time of an answer counts from the moment its message was to be sent, so that a slow
    answer cannot hide behind messages that were sent late.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_send, url, site, secret, list(messages), connections, rate).result()


def processor(*pids: int) -> float:
    """Processor time that processes have used together, in seconds (proc(5), utime and stime)."""
    used = 0
    for pid in pids:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += int(status[11]) + int(status[12])
    return used / os.sysconf("SC_CLK_TCK")


def _send(
    url: str, site: str, secret: str, messages: list[Message], connections: int, rate: float
) -> Measured:
    key = key_of(secret)
    ready = []
    for message in messages:
        body = json.dumps(
            {
                "contract": 2,
                "type": message.type,
                "site": site,
                "timestamp": int(time.time()),
                "data": message.data,
            }
        ).encode()
        ready.append((body, headers(key, message.id, int(time.time()), body)))
    address = urlsplit(url)
    # Pauses of this process to look for garbage are not the service's.
    gc.disable()
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    mutex = threading.Lock()
    began = time.perf_counter() + 0.5

    def work(first: int) -> None:
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        connection.connect()
        for number in range(first, len(ready), connections):
            body, signed = ready[number]
            sent = began + number / rate if rate else max(began, time.perf_counter())
            time.sleep(max(0.0, sent - time.perf_counter()))
            status = _post(connection, address.path or "/", body, signed)
            with mutex:
                latencies.append(time.perf_counter() - sent)
                statuses[status] = statuses.get(status, 0) + 1
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Measured(time.perf_counter() - began, latencies, statuses)


def _post(connection: http.client.HTTPConnection, path: str, body: bytes, signed: dict[str, str]) -> int:
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json", **signed})
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0
    return answer.status
