"""How the service is, for machines: ``/healthz`` (alive), ``/readyz`` (able), ``/metrics`` (figures)."""

from __future__ import annotations

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from moodle_bridge.errors import BridgeError, NotPaired, StoreError
from moodle_bridge.store import aside, queue, workers
from moodle_bridge.web.exposition import render
from moodle_bridge.web.messages import parts
from moodle_bridge.web.parts import Parts
from moodle_bridge.web.probe import Probe, ask

status = Blueprint("status", __name__)

READY_SECONDS = 1.5
"""Longest time that ``/readyz`` takes."""
FRESH_SECONDS = 5.0
"""How long an answer of Moodle is believed."""
PROBES = "moodle_bridge.probes"
SINGLE = "single things"
"""The check of what is wrong with single things while all else goes on."""


@status.get("/healthz", provide_automatic_options=False)
def alive() -> ResponseReturnValue:
    """200 while the process answers at all; asks nothing else."""
    return {"status": "ok"}


@status.get("/readyz", provide_automatic_options=False)
def ready() -> ResponseReturnValue:
    """200 when the database answers, a worker is alive and Moodle, once paired, is reachable; else 503.

    What is wrong with single things is said ("degraded"), but is no reason to send nobody here any more.
    """
    probes: dict[str, Probe] = current_app.extensions[PROBES]
    found = ask(probes, READY_SECONDS)
    able = all(outcome.ok for name, outcome in found.items() if name != SINGLE)
    good = able and found[SINGLE].ok
    checks = {
        name: {"ok": outcome.ok, "code": outcome.code, "detail": outcome.detail}
        for name, outcome in found.items()
    }
    status = "ok" if good else "degraded" if able else "not ready"
    return {"status": status, "checks": checks}, 200 if able else 503


@status.get("/metrics", provide_automatic_options=False)
def figures() -> ResponseReturnValue:
    """Figures in the text format of Prometheus; 503 when the database does not answer."""
    text = render(parts().engine, parts().clock(), silent_seconds(parts()))
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def probes_of(made: Parts) -> dict[str, Probe]:
    """The checks behind ``/readyz``."""

    def database() -> str:
        counts = queue.counts(made.engine)
        return f"{counts['queued']} jobs waiting, {counts['dead']} dead"

    def worker() -> str:
        if fault := made.worker_fault():
            raise BridgeError(fault)
        seen = workers.last_seen(made.engine)
        if seen is None or made.clock() - seen > silent_seconds(made):
            raise StoreError("no worker gave a sign of life: start 'moodle-bridge serve' or 'worker'")
        return f"seen {max(0.0, made.clock() - seen):.0f} s ago"

    def moodle() -> str:
        try:
            answer = made.connect_moodle().greet(timeout_seconds=made.settings.moodle.timeout_seconds)
        except NotPaired:
            # Nothing to reach yet; the request that pairs has to get through.
            return "not paired yet"
        return f"reachable, plugin {answer.release}"

    def single_things() -> str:
        put_aside = aside.count(made.engine)
        internal = queue.failing_of(made.engine, BridgeError.code)
        if put_aside or internal:
            raise BridgeError(
                f"{put_aside} set aside (see 'moodle-bridge set-aside'),"
                f" {internal} jobs failed by an error of this program (see 'moodle-bridge jobs list')"
            )
        return "nothing set aside"

    return {
        "database": Probe(database, 0.0),
        "worker": Probe(worker, 0.0),
        "moodle": Probe(moodle, FRESH_SECONDS),
        SINGLE: Probe(single_things, 0.0),
    }


def silent_seconds(made: Parts) -> float:
    """A worker silent for longer has lost its jobs to the others."""
    return float(made.settings.jobs.lease_seconds)
