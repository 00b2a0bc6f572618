"""Webhooks acknowledged (on disk, fsync on) beside a bare Flask route: steady 100/s, and a burst of 5,000.

    python benchmarks/webhooks.py

The steady messages tell of real submissions, and the worker process of `serve` drains them meanwhile.
What a webhook costs by itself is the processor time of a `web` process, without a worker, for such a burst.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "tests")]

from load import Measured, Message, processor, send  # noqa: E402
from processes import Plant, plant, until  # noqa: E402
from sqlalchemy import func, select  # noqa: E402

from moodle_bridge.cli.demo_parts import sample  # noqa: E402
from moodle_bridge.store import pairing, queue, tables  # noqa: E402
from moodle_bridge.store.engine import read  # noqa: E402

STEADY, RATE, BURST, CONNECTIONS, PEOPLE = 1_500, 100.0, 5_000, 50, 10

BARE = """
import sys
import logging
from flask import Flask, request
from waitress import serve
logging.getLogger("waitress.queue").setLevel(logging.ERROR)
app = Flask("bare")
@app.post("/webhooks/moodle")
def take():
    return {"received": request.get_json()["type"]}, 202
serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=8, connection_limit=500, backlog=1024)
"""


def burst() -> list[Message]:
    """Messages of submissions that nobody made."""
    return [
        Message(f"msg_{uuid.uuid4().hex}", "submission.saved", {"session": _uuid(), "submission": _uuid()})
        for _ in range(BURST)
    ]


def bare(port: int, site: str, secret: str, steady: list[Message]) -> tuple[dict[str, Measured], float]:
    """A route that stores nothing, behind the same server: the figures, and seconds for each of a burst."""
    process = subprocess.Popen([sys.executable, "-c", BARE, str(port)])
    try:
        until(lambda: _answers(port), 20, "the bare route does not answer")
        address = f"http://127.0.0.1:{port}/webhooks/moodle"
        figures = {"steady": send(address, site, secret, steady, 8, RATE)}
        before = processor(process.pid)
        figures["burst"] = send(address, site, secret, burst(), CONNECTIONS, 0)
        return figures, (processor(process.pid) - before) / BURST
    finally:
        process.terminate()
        process.wait(10)


def ours(made: Plant, steady: list[Message], secret: str) -> tuple[dict[str, Measured], int, int]:
    """The service with its worker: the figures, jobs done during the steady run, hints on disk."""
    done = queue.counts(made.engine)["done"]
    address = f"{made.service.url}/webhooks/moodle"
    figures = {"steady": send(address, made.sandbox.url, secret, steady, 8, RATE)}
    drained = queue.counts(made.engine)["done"] - done
    sent = burst()
    figures["burst"] = send(address, made.sandbox.url, secret, sent, CONNECTIONS, 0)
    with read(made.engine) as connection:
        known = tables.inbox.c.id.in_([message.id for message in sent])
        on_disk = connection.execute(select(func.count()).where(known)).scalar_one()
    return figures, drained, on_disk


def alone(made: Plant, secret: str) -> float:
    """Processor time of a `web` process without a worker for each webhook of a burst, in seconds."""
    web = made.process("web")
    web.start()
    assert web.process is not None
    before = processor(web.process.pid)
    send(f"{web.url}/webhooks/moodle", made.sandbox.url, secret, burst(), CONNECTIONS, 0)
    used = processor(web.process.pid) - before
    web.kill()
    return used / BURST


def main() -> None:
    """Print both, side by side, as ratios."""
    with tempfile.TemporaryDirectory() as folder, plant(Path(folder), PEOPLE) as made:
        made.service.start()
        made.pair()
        session = made.session()
        until(lambda: not made.sandbox.unsent(), 20, "the session was not told")
        made.sandbox.faults.set("webhooks_off")
        answers = sample("bg", time.time())
        steady = []
        for number in range(STEADY):
            submission = made.submit(session, answers, 1000 + number % PEOPLE)
            data = {"session": session, "submission": submission}
            steady.append(Message(f"msg_{uuid.uuid4().hex}", "submission.saved", data))
        paired = pairing.current(made.engine)
        assert paired is not None
        secret = paired.secrets[0][0]
        figures, drained, on_disk = ours(made, steady, secret)
        made.service.kill()
        cost = alone(made, secret)
        floor, bare_cost = bare(made.settings.service.port, made.sandbox.url, secret, steady)
    print(f"{'':26}{'service':>10}{'bare Flask':>12}{'ratio':>8}")
    for name, figure in figures.items():
        for label, share in (("p50", 0.5), ("p99", 0.99)):
            a, b = figure.at(share), floor[name].at(share)
            print(f"{name + ' ' + label + ', ms':26}{a:>10.1f}{b:>12.1f}{a / b:>8.1f}")
    a, b = figures["burst"].rate, floor["burst"].rate
    print(f"{'burst, acknowledged/s':26}{a:>10.0f}{b:>12.0f}{a / b:>8.2f}")
    label = "processor time, ms each"
    print(f"{label:26}{1000 * cost:>10.2f}{1000 * bare_cost:>12.2f}{cost / bare_cost:>8.1f}")
    print(f"steady: {RATE:.0f}/s for {STEADY / RATE:.0f} s, answers {figures['steady'].statuses}")
    print(f"        {drained} jobs done by the worker meanwhile")
    print(f"burst:  {BURST} from {CONNECTIONS} connections, answers {figures['burst'].statuses}")
    print(f"        {on_disk} of {BURST} are on disk")


def _uuid() -> str:
    return str(uuid.uuid4())


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main()
