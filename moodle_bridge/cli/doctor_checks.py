"""What ``doctor`` looks at, one link of the chain each: a text where all is well, an error where not."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

from moodle_bridge.cli.common import catalogue_of, templates_of
from moodle_bridge.cli.database import place_of
from moodle_bridge.errors import (
    BridgeError,
    DatabaseDamaged,
    MoodleError,
    NotPaired,
    NoWorker,
    TemplateError,
    UnknownVersion,
)
from moodle_bridge.pdf.program.load import RECORDS, template_name
from moodle_bridge.pipeline.alarms import AHEAD_SECONDS, LATE_SECONDS, SILENT_SECONDS, sync_bound
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.state import session_of
from moodle_bridge.pipeline.trial import seconds_until_taken_up, upload_and_store
from moodle_bridge.resources import templates_dir
from moodle_bridge.settings import Settings
from moodle_bridge.store import aside, facts, integrity, pairing, queue, records, schema, workers
from moodle_bridge.store.engine import write
from moodle_bridge.store.standing import Standing, standing

ENOUGH_DISK = 1024**3
"""Bytes: room for some ten thousand documents that wait for Moodle."""

WORKER_SECONDS = 60
"""A worker shows itself every few seconds; one that was silent for so long is gone."""

PATIENCE_SECONDS = 5.0
"""A worker that is free looks for work once a second, and at once when it is woken."""

OLD_SECONDS = 3600
"""From so long after pairing on, both sides should have heard of each other."""


class NotSeen(BridgeError):
    """A link that cannot be looked at while another is broken."""


class Waits(BridgeError):
    """Forms are filed, and something waits for somebody."""


class SetAside(Waits):
    """Things that could not be read, while everything else went on."""

    code = "set-aside"


class LittleSpace(Waits):
    """The disk is nearly full."""

    code = "little-space"


class DeadJobs(Waits):
    """Work that was given up."""

    code = "dead-jobs"


class Busy(Waits):
    """The workers have too much to do to take up more."""

    code = "busy"


class Late(Waits):
    """Something should have been done by now."""

    code = "late"


class NotHeard(Waits):
    """Moodle does not call: forms are filed by reconcile alone, and so later."""

    code = "not-heard"


class ClocksDiffer(Waits):
    """The clocks of the two servers differ."""

    code = "clocks-differ"


class _Undone(Exception):
    """Ends a transaction without a trace."""


def _database(context: Context) -> str:
    try:
        with write(context.engine) as connection:
            facts.put(connection, "tried", context.clock())
            raise _Undone
    except _Undone:
        return f"{place_of(context.settings)}, schema {schema.current(context.engine)}, takes writes"


def _integrity(context: Context) -> str:
    found = integrity.look(context.engine)
    if found.faults:
        raise DatabaseDamaged(f"{place_of(context.settings)}: {'; '.join(found.faults)}")
    return found.looked_at


def _disk(settings: Settings) -> str:
    folder = settings.data
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < ENOUGH_DISK:
        raise LittleSpace(f"only {free // 1024**2} MB are free in {folder}")
    return f"{free // 1024**3} GB free in {folder}"


def _worker(context: Context) -> str:
    alive = workers.alive(context.engine, context.clock(), WORKER_SECONDS)
    if not alive:
        raise NoWorker("no worker runs")
    return f"{len(alive)} running"


def _work(context: Context) -> str:
    if not workers.alive(context.engine, context.clock(), WORKER_SECONDS):
        raise NotSeen("takes a worker")
    seconds = seconds_until_taken_up(context.engine, context.clock(), PATIENCE_SECONDS)
    if seconds is not None:
        return f"a job was taken up and done in {seconds:.1f} s"
    counts = queue.counts(context.engine)
    told = f"no worker took a job up within {PATIENCE_SECONDS:.0f} s"
    if counts["running"]:
        raise Busy(f"{told}: {counts['running']} are running, {counts['queued']} waiting")
    raise NoWorker(f"{told}, although one shows itself")


def _documents(context: Context) -> str:
    since = _standing(context).unfinished_since
    waited = context.clock() - since
    if since and waited > LATE_SECONDS:
        raise Late(f"a form that was submitted {_ago(waited)} has no document yet")
    return "none is late"


def _jobs(context: Context) -> str:
    counts = queue.counts(context.engine)
    if counts["dead"]:
        raise DeadJobs(f"{counts['dead']} were given up")
    internal = queue.failing_of(context.engine, BridgeError.code)
    if internal:
        raise BridgeError(f"{internal} failed by an error of this program: see 'moodle-bridge jobs list'")
    return f"{counts['queued']} waiting, {counts['running']} running"


def _set_aside(context: Context) -> str:
    things = aside.things(context.engine)
    if things:
        first = things[0]
        raise SetAside(
            f"{len(things)} set aside, first {first.kind} {first.id}"
            f" (session {first.session or 'not known'}): {first.code}: {first.message}"
        )
    return "nothing"


def _templates(settings: Settings) -> str:
    folder = templates_of(settings) or templates_dir()
    catalogue = catalogue_of(settings)
    wanted = [
        f"{language}/{RECORDS}/{template_name(instrument, 'full')}"
        for instrument in catalogue.every()
        for language in catalogue.languages
        if instrument.enabled_by_default
    ]
    missing = [name for name in wanted if not (folder / name).is_file()]
    if missing:
        raise TemplateError(f"no template in {folder} for {', '.join(missing)}")
    return f"all there in {', '.join(catalogue.languages)}, from {folder}"


def _versions(context: Context) -> str:
    """Every version of an instrument that a session uses or a form names is here."""
    named = {each for session in records.sessions(context.engine) for each in session_of(session).versions}
    named |= {(form.instrument, form.instrument_version) for form in records.submissions(context.engine)}
    unknown = sorted(" ".join(each) for each in named if context.catalogue.version(*each) is None)
    if unknown:
        raise UnknownVersion(f"not here: {', '.join(unknown)}")
    return f"{sum(1 for _ in context.catalogue.every())} here, {len(named)} in use"


def _pairing(context: Context) -> str:
    paired = pairing.current(context.engine)
    if paired is None:
        raise NotPaired("no Moodle site is paired with this service")
    return f"{paired.site} (Moodle {paired.moodle_release}, plugin {paired.plugin_release})"


def _heard(context: Context) -> str:
    found = _standing(context)
    if not found.paired_at:
        raise NotSeen("takes a pairing")
    now, heard = context.clock(), max(found.heard_at, found.hinted_at)
    last = f"last webhook {_ago(now - found.hinted_at)}" if found.hinted_at else "no webhook yet"
    if not heard and now - found.paired_at > OLD_SECONDS:
        raise NotHeard("Moodle never called since it was paired")
    if found.heard_at and now - found.heard_at > SILENT_SECONDS:
        raise NotHeard(f"Moodle last called {_ago(now - found.heard_at)}; {last}")
    return f"Moodle last called {_ago(now - heard)}; {last}" if heard else "paired just now"


def _sync(context: Context) -> str:
    found = _standing(context)
    if not found.paired_at:
        raise NotSeen("takes a pairing")
    waited = context.clock() - max(found.synced_at, found.paired_at)
    last = f"Moodle's changes were last read {_ago(context.clock() - found.synced_at)}"
    if waited > sync_bound(context.settings.reconcile.every_seconds):
        raise Late(last if found.synced_at else "Moodle's changes were never read")
    return last if found.synced_at else "paired just now"


def _moodle(context: Context) -> str:
    began = time.monotonic()
    answer = context.connect().greet()
    return f"answers in {1000 * (time.monotonic() - began):.0f} ms, plugin {answer.release}"


def _clock(context: Context) -> str:
    began = context.clock()
    try:
        page = context.connect().greet()
    except (MoodleError, NotPaired):
        raise NotSeen("takes Moodle") from None
    if not page.time:
        raise NotSeen("this plugin does not tell the time")
    ahead = page.time - (began + context.clock()) / 2
    told = f"Moodle's is {abs(ahead):.0f} s {'ahead' if ahead > 0 else 'behind'}"
    if abs(ahead) > AHEAD_SECONDS:
        raise ClocksDiffer(told)
    return told


def _upload(context: Context) -> str:
    try:
        client = context.connect()
        limits = client.greet().limits
    except (MoodleError, NotPaired):
        raise NotSeen("takes Moodle") from None
    size = upload_and_store(client)
    most = f"; Moodle takes files up to {limits.upload // 1024} kB" if limits.upload else ""
    return f"a document of {size // 1000} kB was taken and may be stored{most}"


def _standing(context: Context) -> Standing:
    return standing(context.engine, context.clock(), WORKER_SECONDS)


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{max(0.0, seconds):.0f} s ago"
    return f"{seconds / 60:.0f} min ago" if seconds < 7200 else f"{seconds / 3600:.0f} h ago"


OF_DATABASE: dict[str, Callable[[Context], str]] = {
    "database": _database,
    "integrity": _integrity,
    "versions": _versions,
    "worker": _worker,
    "work": _work,
    "documents": _documents,
    "jobs": _jobs,
    "set aside": _set_aside,
    "pairing": _pairing,
    "Moodle": _moodle,
    "sync": _sync,
    "clock": _clock,
    "upload": _upload,
    "from Moodle": _heard,
}
"""The checks that take the database."""

OF_SETTINGS: dict[str, Callable[[Settings], str]] = {"disk": _disk, "templates": _templates}
"""The checks that take the settings alone."""
