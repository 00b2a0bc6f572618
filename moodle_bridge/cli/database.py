"""``migrate``: bring the database to the newest version."""

from __future__ import annotations

import click

from moodle_bridge.cli.common import settings_of
from moodle_bridge.store import engine as database
from moodle_bridge.store import migrate as migrations


@click.command()
@click.pass_context
def migrate(ctx: click.Context) -> None:
    """Bring the database to the newest version; `serve`, `web` and `worker` do it at their start."""
    engine = database.connect(settings_of(ctx).database_url)
    ctx.call_on_close(engine.dispose)
    changed = migrations.upgrade(engine)
    said = "is now at" if changed else "was already at"
    click.echo(f"The database {said} version {migrations.current(engine)}.")
