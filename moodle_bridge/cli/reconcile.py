"""``reconcile``, ``compare`` and ``rebuild``: reading from Moodle what no webhook told, or everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from moodle_bridge.cli.assembly import pipeline_context
from moodle_bridge.cli.common import settings_of
from moodle_bridge.cli.database import service_database
from moodle_bridge.pipeline.compare import compare as compare_everything
from moodle_bridge.pipeline.restore import restore
from moodle_bridge.pipeline.sync import catch_up
from moodle_bridge.store import queue


@click.command()
@click.pass_context
def reconcile(ctx: click.Context) -> None:
    """Read Moodle's changes since the last time now; the running worker archives what is missing."""
    settings = settings_of(ctx)
    engine = ctx.with_resource(service_database(ctx, settings))
    with _bar("Changes") as tell:
        seen = catch_up(pipeline_context(settings, engine), tell=tell)
    waiting = queue.counts(engine)["queued"]
    click.echo(f"{seen} changes read; {waiting} jobs are waiting for the worker.")


@click.command()
@click.pass_context
def rebuild(ctx: click.Context) -> None:
    """Restore answers and receipts from Moodle after the database was lost. Pair the site first."""
    settings = settings_of(ctx)
    engine = ctx.with_resource(service_database(ctx, settings))
    with _bar("Sessions") as tell:
        context = pipeline_context(settings, engine)
        submissions, receipts = restore(context, tell=tell)
    catch_up(context)
    click.echo(f"Restored {submissions} submissions and {receipts} receipts.")


@click.command()
@click.pass_context
def compare(ctx: click.Context) -> None:
    """Compare what is here with what Moodle holds, hashes too; mend or tell. Runs nightly too."""
    settings = settings_of(ctx)
    engine = ctx.with_resource(service_database(ctx, settings))
    with _bar("Sessions") as tell:
        found = compare_everything(pipeline_context(settings, engine), tell=tell)
    for each in found:
        click.echo(f"{each.outcome:<14}{each.kind} {each.id}: {each.why} (session {each.session})")
    told = sum(each.outcome == "told" for each in found)
    click.echo(f"{len(found)} differences: {len(found) - told} mended, {told} to be looked at.")
    if told:
        ctx.exit(1)


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar; yields a function to call with the amount done and the total, as far as known."""
    with click.progressbar(length=1, label=label, show_pos=True) as bar:

        def tell(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield tell
