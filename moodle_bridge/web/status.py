"""How the service is, for machines: ``/healthz`` (alive), ``/readyz`` (able), ``/metrics`` (figures)."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from moodle_bridge.errors import BridgeError, NotPaired, NoWorker, StoreError
from moodle_bridge.store import aside, facts, pairing, queue, workers
from moodle_bridge.store.engine import write
from moodle_bridge.store.standing import Standing, standing
from moodle_bridge.web.exposition import render
from moodle_bridge.web.messages import parts
from moodle_bridge.web.parts import Parts
from moodle_bridge.web.probe import Probe, ask

status = Blueprint("status", __name__)

READY_SECONDS = 1.5
"""Longest time that ``/readyz`` takes."""
FRESH_SECONDS = 5.0
"""How long an answer of Moodle, or of the disk, is believed."""
PROBES = "moodle_bridge.probes"
DATABASE, MOODLE = "database", "moodle"
PAIRED, SINGLE = "paired", "single things"
BEARABLE = (PAIRED, SINGLE)
"""What a check of these finds is said, but is no reason to send nobody here any more."""
TRIED = "tried"
"""The fact that is written to see whether anything can be."""


@status.get("/healthz", provide_automatic_options=False)
def alive() -> ResponseReturnValue:
    """200 while the process answers at all; asks nothing else."""
    return {"status": "ok"}


@status.get("/readyz", provide_automatic_options=False)
def ready() -> ResponseReturnValue:
    """200 when the database takes a write, a worker is alive and Moodle, once paired, answers; else 503.

    That no site is paired, or what is wrong with single things, is said with 200 ("degraded").
    """
    probes: dict[str, Probe] = current_app.extensions[PROBES]
    found = ask(probes, READY_SECONDS)
    able = all(outcome.ok for name, outcome in found.items() if name not in BEARABLE)
    good = all(outcome.ok for outcome in found.values())
    checks = {
        name: {"ok": outcome.ok, "code": outcome.code, "detail": outcome.detail}
        for name, outcome in found.items()
    }
    status = "ok" if good else "degraded" if able else "not ready"
    return {"status": status, "checks": checks}, 200 if able else 503


@status.get("/metrics", provide_automatic_options=False)
def figures() -> ResponseReturnValue:
    """Figures in the text format of Prometheus; without the database's when it does not answer."""
    made = parts()
    probes: dict[str, Probe] = current_app.extensions[PROBES]
    found = ask({name: probes[name] for name in (DATABASE, MOODLE)}, READY_SECONDS)
    now = made.clock()
    stand: Standing | None = None
    with suppress(StoreError):
        stand = standing(made.engine, now, silent_seconds(made))
    text = render(
        stand,
        now,
        writable=found[DATABASE].ok,
        moodle_up=found[MOODLE].ok,
        reconcile_seconds=made.settings.reconcile.every_seconds,
    )
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def probes_of(made: Parts) -> dict[str, Probe]:
    """The checks behind ``/readyz``."""

    def database() -> str:
        counts = queue.counts(made.engine)
        with write(made.engine) as connection:
            facts.put(connection, TRIED, made.clock())
        return f"{counts['queued']} jobs waiting, {counts['dead']} dead"

    def worker() -> str:
        if fault := made.worker_fault():
            raise BridgeError(fault)
        alive = workers.alive(made.engine, made.clock(), silent_seconds(made))
        if not alive:
            raise NoWorker("no worker gave a sign of life: start 'moodle-bridge serve' or 'worker'")
        return f"{len(alive)} alive, seen {abs(made.clock() - alive[0].seen_at):.0f} s ago"

    def moodle() -> str:
        try:
            answer = made.connect_moodle().greet(timeout_seconds=made.settings.moodle.timeout_seconds)
        except NotPaired:
            # Nothing to reach yet; the request that pairs has to get through.
            return "not paired yet"
        return f"reachable, plugin {answer.release}"

    def paired() -> str:
        if pairing.current(made.engine) is None:
            raise NotPaired("no Moodle site is paired with this service: is this the right database?")
        return "with a site"

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
        DATABASE: Probe(database, FRESH_SECONDS),
        "worker": Probe(worker, 0.0),
        MOODLE: Probe(moodle, FRESH_SECONDS, float(made.settings.moodle.timeout_seconds)),
        PAIRED: Probe(paired, 0.0),
        SINGLE: Probe(single_things, 0.0),
    }


def silent_seconds(made: Parts) -> float:
    """A worker silent for longer has lost its jobs to the others."""
    return float(made.settings.jobs.lease_seconds)
