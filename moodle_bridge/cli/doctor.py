"""``doctor``: checks every link of the chain from this machine to Moodle and says what to do."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

import click

from moodle_bridge.cli.common import open_database, settings_of
from moodle_bridge.cli.parts import pipeline_context
from moodle_bridge.errors import BridgeError, NotPaired, StoreError, TemplateError, UnknownVersion
from moodle_bridge.pdf.program.load import template_name
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.state import session_of
from moodle_bridge.resources import templates_dir
from moodle_bridge.store import aside, migrate, pairing, queue, records, workers
from moodle_bridge.store.engine import read

ENOUGH_DISK = 1024**3
"""Bytes: room for some ten thousand documents that wait for Moodle."""

SILENT_SECONDS = 60
"""A worker shows itself every few seconds; one that was silent for so long is gone."""


class NoWorker(BridgeError):
    """Nobody does what is waiting."""

    remedy = {
        "bg": "Стартирайте „moodle-bridge serve“ или „moodle-bridge worker“.",
        "en": "Start 'moodle-bridge serve' or 'moodle-bridge worker'.",
    }


class SetAside(BridgeError):
    """Things that could not be read, while everything else went on."""

    remedy = {
        "bg": "Вижте причините с „moodle-bridge set-aside“; до час след това всичко се опитва отново.",
        "en": "See the reasons with 'moodle-bridge set-aside'; all is tried again within an hour.",
    }


class DeadJobs(BridgeError):
    """Work that was given up."""

    remedy = {
        "bg": "Вижте причините с „moodle-bridge jobs list --state dead“, отстранете ги и изпълнете"
        " „moodle-bridge jobs retry --all“.",
        "en": "See the reasons with 'moodle-bridge jobs list --state dead', mend them, then run"
        " 'moodle-bridge jobs retry --all'.",
    }


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check settings, database, worker, templates, pairing and Moodle; exit 1 if anything is wrong."""
    settings = settings_of(ctx)
    click.echo("ok    settings")
    context = pipeline_context(settings, ctx.with_resource(open_database(settings)))
    wrong = 0
    for name, check in CHECKS.items():
        try:
            click.echo(f"ok    {name}: {check(context)}")
        except BridgeError as error:
            wrong += 1
            click.echo(
                f"WRONG {name}: {error.message}\n      {error.remedy['en']}\n      {error.remedy['bg']}"
            )
    if wrong:
        ctx.exit(1)


def _database(context: Context) -> str:
    version = migrate.current(context.engine)
    with read(context.engine) as connection:
        return f"{connection.dialect.name}, schema {version}"


def _disk(context: Context) -> str:
    folder = context.settings.data
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < ENOUGH_DISK:
        raise StoreError(f"only {free // 1024**2} MB are free in {folder}")
    return f"{free // 1024**3} GB free"


def _worker(context: Context) -> str:
    since = context.clock() - SILENT_SECONDS
    alive = [worker for worker in workers.workers(context.engine) if worker.seen_at > since]
    if not alive:
        raise NoWorker("no worker runs")
    return f"{len(alive)} running"


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


def _templates(context: Context) -> str:
    folder = context.templates or templates_dir()
    wanted = [
        f"{language}/{template_name(instrument, 'full')}"
        for instrument in context.catalogue.every()
        for language in context.catalogue.languages
        if instrument.enabled_by_default
    ]
    missing = [name for name in wanted if not (folder / name).is_file()]
    if missing:
        raise TemplateError(f"no template in {folder} for {', '.join(missing)}")
    return f"all there in {', '.join(context.catalogue.languages)}"


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


def _moodle(context: Context) -> str:
    began = time.monotonic()
    answer = context.connect().greet()
    return f"answers in {1000 * (time.monotonic() - began):.0f} ms, plugin {answer.release}"


CHECKS: dict[str, Callable[[Context], str]] = {
    "database": _database,
    "disk": _disk,
    "templates": _templates,
    "versions": _versions,
    "worker": _worker,
    "jobs": _jobs,
    "set aside": _set_aside,
    "pairing": _pairing,
    "Moodle": _moodle,
}
