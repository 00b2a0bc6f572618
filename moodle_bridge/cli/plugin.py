"""``moodle-bridge plugin``: the Moodle activity that belongs to this release."""

from __future__ import annotations

from pathlib import Path

import click

from moodle_bridge.moodle import plugin_zip as builder


@click.group()
def plugin() -> None:
    """The Moodle activity that belongs to this release."""


@plugin.command()
@click.argument("target", type=click.Path(path_type=Path), default=Path("."))
def build(target: Path) -> None:
    """Write the zip that a Moodle administrator uploads, into the folder or file TARGET."""
    try:
        click.echo(str(builder.build(target)))
    except OSError as error:
        raise click.ClickException(str(error)) from error
