"""``set-aside``: what could not be read while everything else went on."""

from __future__ import annotations

from datetime import datetime

import click

from moodle_bridge.cli.assembly import pipeline_context
from moodle_bridge.cli.common import settings_of
from moodle_bridge.cli.database import service_database
from moodle_bridge.pipeline.again import try_again
from moodle_bridge.remedies import remedy_of
from moodle_bridge.store import aside, records
from moodle_bridge.store.aside import SetAside
from moodle_bridge.store.engine import Source, write


@click.command("set-aside")
@click.option("--retry", is_flag=True, help="Try all of it again now.")
@click.pass_context
def set_aside(ctx: click.Context, retry: bool) -> None:
    """List what is set aside by name: session, person, form or document, with reason, remedy and next try."""
    settings = settings_of(ctx)
    engine = ctx.with_resource(service_database(ctx, settings))
    if retry:
        with write(engine) as connection:
            aside.hasten(connection)
        try_again(pipeline_context(settings, engine))
    things = aside.things(engine)
    click.echo(f"{len(things)} set aside")
    for thing in things:
        click.echo(f"{thing.kind} {thing.id}{_whereabouts(engine, thing)}")
        click.echo(f"    {thing.code}: {thing.message}")
        tries = f"since {_local(thing.since)}, tried {thing.tries} times, again at {_local(thing.again_at)}"
        click.echo(f"    {tries}")
        for text in remedy_of(thing.code).values():
            click.echo(f"    {text}")


def _whereabouts(source: Source, thing: SetAside) -> str:
    """Name the session and course of a thing, as far as they are known."""
    session = records.session(source, thing.session) if thing.session else None
    if session is not None:
        return f" in session {session.name!r}, course {session.course} {session.course_name!r}"
    named = f" in session {thing.name!r}" if thing.name else ""
    return named + (f", course {thing.course}" if thing.course else "")


def _local(time: float) -> str:
    return datetime.fromtimestamp(time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
