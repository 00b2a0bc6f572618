"""``backup`` and ``restore``: everything that Moodle does not hold into one file, and back."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from moodle_bridge.cli.common import settings_of
from moodle_bridge.cli.database import connected, place_of, service_database
from moodle_bridge.errors import BackupError
from moodle_bridge.pipeline import hints
from moodle_bridge.store import backup as backups
from moodle_bridge.store import pairing, queue, records
from moodle_bridge.store.engine import read, write


@click.command()
@click.argument("to", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(1),
    help="With a folder: how many backups stay there; older ones are deleted.",
)
@click.pass_context
def backup(ctx: click.Context, to: Path, keep: int | None) -> None:
    """Write a backup to the new file TO, or into the folder TO; the service may go on meanwhile.

    It holds the pairing with its secrets, answers, and forms of your own: keep it where only you can read.
    """
    settings = settings_of(ctx)
    if keep is not None and not to.is_dir():
        raise click.BadParameter(f"{to} is no folder", param_hint="--keep")
    now = time.time()
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    file = to / backups.name_at(stamp) if to.is_dir() else to
    engine = ctx.with_resource(service_database(ctx, settings))
    config: Path | None = ctx.find_root().obj
    backups.write(file, engine, settings.adopted, config, int(now))
    backups.check(file)
    click.echo(f"{file} is written and was read again: {file.stat().st_size} bytes.")
    for old in backups.drop_old(to, keep) if keep is not None else []:
        click.echo(f"{old} is deleted.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only write the settings file of the backup there, and restore nothing.",
)
@click.pass_context
def restore(ctx: click.Context, file: Path, settings_file: Path | None) -> None:
    """Restore a backup into an empty place: this machine or another, SQLite or PostgreSQL.

    What has happened in Moodle since then follows by itself once the service runs.
    """
    found = backups.check(file)
    if settings_file is not None:
        _write_settings(found, settings_file)
        return
    settings = settings_of(ctx)
    with connected(settings) as engine:
        with write(engine) as connection:
            backups.put_back(found, connection, settings.adopted)
            now = time.time()
            queue.enqueue(connection, hints.sync_job(), now)
            for session in records.sessions(connection):
                queue.enqueue(connection, hints.push_job(session.id, now), now)
        with read(engine) as connection:
            site = pairing.current(connection)
            sessions = records.sessions(connection)
    made = datetime.fromtimestamp(found.made_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    click.echo(f"The backup of {made} is restored to {place_of(settings)}: {len(sessions)} sessions.")
    click.echo(f"Paired with {site.site}." if site else "It was not paired with any Moodle.")
    click.echo("Start the service: it reads by itself what has happened in Moodle since.")


def _write_settings(found: backups.Backup, file: Path) -> None:
    if not found.has_settings():
        raise BackupError("there is no settings file in the backup: none was named when it was made")
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb") as begun:
        begun.write(backups.settings_in(found))
    click.echo(f"{file} is written.")
