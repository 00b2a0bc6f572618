"""``settings``: what this installation is set to, without secrets."""

from __future__ import annotations

import click

from moodle_bridge.cli.common import settings_of
from moodle_bridge.settings import describe


@click.command()
@click.pass_context
def settings(ctx: click.Context) -> None:
    """Print every setting as it counts now; secrets only as "(set)"."""
    for key, value in describe(settings_of(ctx)).items():
        click.echo(f"{key} = {value!r}")
