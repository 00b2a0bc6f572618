"""``migrate``: bring the database to the newest version."""

from __future__ import annotations

import click

from moodle_bridge.cli.common import settings_of
from moodle_bridge.cli.database import connected, place_of
from moodle_bridge.store import schema as migrations


@click.command()
@click.pass_context
def migrate(ctx: click.Context) -> None:
    """Bring the database to the newest version; `serve`, `web` and `worker` do it at their start."""
    settings = settings_of(ctx)
    engine = ctx.with_resource(connected(settings))
    changed = migrations.upgrade(engine)
    said = "is now at" if changed else "was already at"
    click.echo(f"The database {place_of(settings)} {said} version {migrations.current(engine)}.")
