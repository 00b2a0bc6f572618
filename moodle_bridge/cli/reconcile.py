"""``reconcile`` and ``rebuild``: reading from Moodle what no webhook told, or everything."""

from __future__ import annotations

import click

from moodle_bridge.cli.common import open_database, pipeline_context, settings_of
from moodle_bridge.pipeline.rebuild import rebuild as rebuild_all
from moodle_bridge.pipeline.sync import catch_up
from moodle_bridge.store import queue


@click.command()
@click.pass_context
def reconcile(ctx: click.Context) -> None:
    """Read Moodle's changes since the last time now; the running worker archives what is missing."""
    settings = settings_of(ctx)
    engine = open_database(settings)
    with click.progressbar(label="Changes", show_pos=True, length=None) as bar:
        seen = catch_up(pipeline_context(settings, engine), tell=bar.update)
    waiting = queue.counts(engine)["queued"]
    click.echo(f"{seen} changes read; {waiting} jobs are waiting for the worker.")


@click.command()
@click.pass_context
def rebuild(ctx: click.Context) -> None:
    """Restore answers and receipts from Moodle after the database was lost. Pair the site first."""
    settings = settings_of(ctx)
    engine = open_database(settings)
    with click.progressbar(label="Sessions", show_pos=True, length=None) as bar:
        submissions, receipts = rebuild_all(pipeline_context(settings, engine), tell=bar.update)
    click.echo(f"Restored {submissions} submissions and {receipts} receipts.")
