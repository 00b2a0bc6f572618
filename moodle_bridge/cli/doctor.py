"""``doctor``: checks every link of the chain from this machine to Moodle and says what to do."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeVar

import click

from moodle_bridge.cli.assembly import pipeline_context
from moodle_bridge.cli.common import catalogue_of, settings_of, templates_of
from moodle_bridge.cli.database import place_of, service_database
from moodle_bridge.errors import BridgeError, NotPaired, NoWorker, TemplateError, UnknownVersion
from moodle_bridge.pdf.program.load import template_name
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.state import session_of
from moodle_bridge.remedies import remedy_of
from moodle_bridge.resources import templates_dir
from moodle_bridge.settings import Settings
from moodle_bridge.store import aside, pairing, queue, records, schema, workers

T = TypeVar("T")

ENOUGH_DISK = 1024**3
"""Bytes: room for some ten thousand documents that wait for Moodle."""

SILENT_SECONDS = 60
"""A worker shows itself every few seconds; one that was silent for so long is gone."""


class SetAside(BridgeError):
    """Things that could not be read, while everything else went on."""

    code = "set-aside"


class LittleSpace(BridgeError):
    """The disk is nearly full."""

    code = "little-space"


class DeadJobs(BridgeError):
    """Work that was given up."""

    code = "dead-jobs"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. With a ``warning`` forms are filed, and something waits for you."""

    name: str
    state: Literal["ok", "warning", "wrong", "not seen"]
    detail: str
    remedy: Mapping[str, str] = field(default_factory=dict)


WARNINGS = (DeadJobs, SetAside, LittleSpace)
"""What does not keep new forms from being filed."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check settings, database, worker, templates, pairing and Moodle; changes nothing.

    Exit status: 0 when all is well, 1 when something waits for you, 2 when something is wrong.
    """
    settings = settings_of(ctx)
    config = ctx.find_root().obj
    found = [Finding("settings", "ok", str(config or "the defaults, and the environment"))]
    found += [_seen(name, check, settings) for name, check in OF_SETTINGS.items()]
    try:
        context = pipeline_context(settings, ctx.with_resource(service_database(ctx, settings)))
    except BridgeError as error:
        found.append(Finding("database", "wrong", error.message, remedy_of(error.code)))
        others = [name for name in OF_DATABASE if name != "database"]
        found += [Finding(name, "not seen", "takes the database") for name in others]
    else:
        found += [_seen(name, check, context) for name, check in OF_DATABASE.items()]
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=1))
    else:
        for each in found:
            click.echo(f"{each.state:<9}{each.name}: {each.detail}")
            for words in each.remedy.values():
                click.echo(f"         {words}")
    states = {each.state for each in found}
    ctx.exit(2 if "wrong" in states else 1 if "warning" in states else 0)


def _seen(name: str, check: Callable[[T], str], looked_at: T) -> Finding:
    try:
        return Finding(name, "ok", check(looked_at))
    except BridgeError as error:
        state: Literal["warning", "wrong"] = "warning" if isinstance(error, WARNINGS) else "wrong"
        return Finding(name, state, error.message, remedy_of(error.code))


def _database(context: Context) -> str:
    return f"{place_of(context.settings)}, schema {schema.current(context.engine)}"


def _disk(settings: Settings) -> str:
    folder = settings.data
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(there).free
    if free < ENOUGH_DISK:
        raise LittleSpace(f"only {free // 1024**2} MB are free in {folder}")
    return f"{free // 1024**3} GB free in {folder}"


def _worker(context: Context) -> str:
    alive = workers.alive(context.engine, context.clock(), SILENT_SECONDS)
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


def _templates(settings: Settings) -> str:
    folder = templates_of(settings) or templates_dir()
    catalogue = catalogue_of(settings)
    wanted = [
        f"{language}/{template_name(instrument, 'full')}"
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


def _moodle(context: Context) -> str:
    began = time.monotonic()
    answer = context.connect().greet()
    return f"answers in {1000 * (time.monotonic() - began):.0f} ms, plugin {answer.release}"


OF_DATABASE: dict[str, Callable[[Context], str]] = {
    "database": _database,
    "versions": _versions,
    "worker": _worker,
    "jobs": _jobs,
    "set aside": _set_aside,
    "pairing": _pairing,
    "Moodle": _moodle,
}
"""The checks that take the database."""

OF_SETTINGS: dict[str, Callable[[Settings], str]] = {"disk": _disk, "templates": _templates}
"""The checks that take the settings alone."""
