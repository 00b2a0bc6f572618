"""``pair``: a one-time code that lets a Moodle site introduce itself."""

from __future__ import annotations

import time

import click

from moodle_bridge.cli.common import settings_of
from moodle_bridge.cli.database import service_database
from moodle_bridge.errors import NoWorker
from moodle_bridge.moodle.signing import new_pairing_code, pairing_key
from moodle_bridge.store import pairing, workers


@click.command()
@click.option(
    "--minutes", default=60, show_default=True, type=click.IntRange(1, 1440), help="How long it counts."
)
@click.option(
    "--replace",
    is_flag=True,
    help="The same Moodle at a new address, or another, may use it.",
)
@click.pass_context
def pair(ctx: click.Context, minutes: int, replace: bool) -> None:
    """Print a one-time code for the plugin's page "Connect to the service" in Moodle."""
    settings = settings_of(ctx)
    engine = ctx.with_resource(service_database(ctx, settings))
    if not workers.alive(engine, time.time(), settings.jobs.lease_seconds):
        raise NoWorker("no service runs on this database, so nobody would know the code")
    code = new_pairing_code()
    pairing.new_code(engine, pairing_key(code), time.time(), minutes * 60, replaces=replace)
    known = pairing.current(engine)
    if known is not None and replace:
        click.echo(f"Paired now: {known.site}. Whoever uses the code below takes its place; what only that")
        click.echo("site has is then forgotten here.")
    elif known is not None:
        click.echo(f"Paired now: {known.site}. Only that site can use the code below, to pair again.")
    click.echo(code)
    click.echo(f"Enter it in Moodle within {minutes} minutes, together with this service's address.")
