"""``settings``: what this installation is set to, without secrets; or a file to begin with."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path

import click

from moodle_bridge.cli.common import settings_of
from moodle_bridge.resources import config_dir
from moodle_bridge.settings import describe, load


@click.command()
@click.option(
    "--write",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a new file with every setting, its default and what it means.",
)
@click.option(
    "--set",
    "changes",
    metavar="SECTION.NAME=VALUE",
    multiple=True,
    help="With --write: a setting that is not to be the default.",
)
@click.pass_context
def settings(ctx: click.Context, file: Path | None, changes: tuple[str, ...]) -> None:
    """Print every setting as it counts now; secrets only as "(set)"."""
    if file is not None:
        _begin(file, _changed((config_dir() / "bridge.toml").read_text(encoding="utf-8"), changes))
        click.echo(f"{file} is written. Change what you need and name it with --config.")
        return
    if changes:
        raise click.UsageError("--set goes with --write")
    for key, value in describe(settings_of(ctx)).items():
        click.echo(f"{key} = {value!r}")


def _changed(defaults: str, changes: tuple[str, ...]) -> str:
    """The file of defaults with some settings changed; refused as they would be when the service starts."""
    lines = defaults.splitlines()
    for change in changes:
        key, equals, value = change.partition("=")
        section, _, name = key.strip().partition(".")
        place = _place_of(lines, section, name)
        if place is None or not equals:
            raise click.BadParameter(f"{change}: there is no setting {key}", param_hint="--set")
        number = re.match(r"\w+ = \d", lines[place]) is not None
        if number and not value.strip().isdecimal():
            raise click.BadParameter(f"{change}: expected a whole number", param_hint="--set")
        given = value.strip() if number else json.dumps(value, ensure_ascii=False)
        _, begin, rest = re.split(r'^(\w+ = )(?:"[^"]*"|\S+)', lines[place], maxsplit=1)
        lines[place] = begin + given + rest
    written = "\n".join(lines) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder, "bridge.toml")
        draft.write_text(written, encoding="utf-8")
        load(draft)
    return written


def _place_of(lines: list[str], section: str, name: str) -> int | None:
    """The number of the line that sets it."""
    now = ""
    for number, line in enumerate(lines):
        if line.startswith("["):
            now = line.strip("[] ")
        elif now == section and line.startswith(f"{name} = "):
            return number
    return None


def _begin(file: Path, text: str) -> None:
    """Write a new file at mode 0640, for a password may come to stand there. Never over another file."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    except OSError as error:
        raise click.ClickException(f"{file}: cannot be made ({error.strerror})") from error
    with open(handle, "wb") as begun:
        os.chmod(file, 0o640)
        begun.write(text.encode())
