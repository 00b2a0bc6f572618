"""``settings``: what this installation is set to, without secrets; or a file to begin with."""

from __future__ import annotations

import os
from pathlib import Path

import click

from moodle_bridge.cli.common import settings_of
from moodle_bridge.resources import config_dir
from moodle_bridge.settings import describe


@click.command()
@click.option(
    "--write",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a new file with every setting, its default and what it means.",
)
@click.pass_context
def settings(ctx: click.Context, file: Path | None) -> None:
    """Print every setting as it counts now; secrets only as "(set)"."""
    if file is not None:
        _begin(file)
        click.echo(f"{file} is written. Change what you need and name it with --config.")
        return
    for key, value in describe(settings_of(ctx)).items():
        click.echo(f"{key} = {value!r}")


def _begin(file: Path) -> None:
    """Write the defaults; at mode 0640, for a password may come to stand there. Never over another file."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    except OSError as error:
        raise click.ClickException(f"{file}: cannot be made ({error.strerror})") from error
    with open(handle, "wb") as begun:
        os.chmod(file, 0o640)
        begun.write((config_dir() / "bridge.toml").read_bytes())
