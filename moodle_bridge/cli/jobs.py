"""``jobs``: what is waiting, under way, done or dead; try it again or give it up."""

from __future__ import annotations

import time
from datetime import datetime

import click
from sqlalchemy import Engine

from moodle_bridge.cli.common import settings_of
from moodle_bridge.cli.database import service_database
from moodle_bridge.remedies import remedy_of
from moodle_bridge.store import queue, records
from moodle_bridge.store.engine import Source
from moodle_bridge.store.queue import Job

STATES = ("queued", "running", "done", "dead")


@click.group()
def jobs() -> None:
    """List jobs, look at one, try it again or give it up."""


@jobs.command("list")
@click.option("--state", type=click.Choice(STATES), default=None, help="Only jobs in this state.")
@click.option("--kind", default="", help="Only jobs of this kind, such as archive.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@click.pass_context
def list_(ctx: click.Context, state: str | None, kind: str, limit: int) -> None:
    """List jobs, the last changed first."""
    engine = _database(ctx)
    numbers = queue.counts(engine)
    click.echo(", ".join(f"{numbers[name]} {name}" for name in STATES))
    for job in queue.list_jobs(engine, state or "", kind, limit):
        reason = f"  {job.code}: {job.message}" if job.code else ""
        click.echo(f"{job.id:>7}  {job.state:<8}{_local(job.changed_at)}  {job.key}{reason}")


@jobs.command()
@click.argument("job_id", type=int)
@click.pass_context
def show(ctx: click.Context, job_id: int) -> None:
    """Show everything about one job, and what to do if it failed."""
    job = queue.get(_database(ctx), job_id)
    if job is None:
        raise click.ClickException(f"there is no job {job_id}")
    for name, value in _facts(job).items():
        click.echo(f"{name:<10} {value}")


@jobs.command()
@click.argument("job_id", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="All dead jobs.")
@click.option("--code", default="", help="With --all: only those that died of this, such as moodle-token.")
@click.pass_context
def retry(ctx: click.Context, job_id: int | None, everything: bool, code: str) -> None:
    """Try a dead or waiting job again at once, its tries counted afresh."""
    if (job_id is None) != everything:
        raise click.UsageError("name one job, or say --all")
    engine = _database(ctx)
    now = time.time()
    if job_id is None:
        click.echo(f"{queue.retry_dead(engine, now, code)} jobs will be tried again.")
        return
    if not queue.retry(engine, job_id, now):
        raise click.ClickException(f"job {job_id} is not there, under way, or done")
    click.echo(f"Job {job_id} will be tried again.")


@jobs.command()
@click.argument("job_id", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def drop(ctx: click.Context, job_id: int, yes: bool) -> None:
    """Give a job up that is not under way, after saying what is lost by it.

    'moodle-bridge compare', which runs nightly, finds documents that are missing and has them made after all.
    """
    engine = _database(ctx)
    job = queue.get(engine, job_id)
    if job is not None and job.state != "running" and not yes:
        click.echo(_lost(engine, job))
        click.confirm("Drop it?", abort=True)
    if not queue.drop(engine, job_id):
        raise click.ClickException(f"job {job_id} is not there or under way")
    click.echo(f"Job {job_id} is dropped.")


def _lost(source: Source, job: Job) -> str:
    """Say what is lost when a job is dropped."""
    if job.state == "done":
        return "It is done; only the note of it is lost."
    if job.kind == "archive":
        identifier = job.payload["submission"]
        form = records.submission(source, str(identifier))
        session = records.session(source, form.session) if form else None
        named = f" ({form.instrument}, version {form.version})" if form else ""
        where = f" of session {session.name!r} in course {session.course_name!r}" if session else ""
        return (
            f"The form {identifier}{named}{where} stays without its documents until the nightly comparison"
            " finds it, or somebody presses the button in Moodle."
        )
    if job.kind == "push":
        return f"Session {job.payload['session']} shows what it shows now until something in it changes."
    return "It runs again by itself when its time comes."


def _database(ctx: click.Context) -> Engine:
    return ctx.with_resource(service_database(ctx, settings_of(ctx)))


def _local(time_: float) -> str:
    return datetime.fromtimestamp(time_).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _facts(job: Job) -> dict[str, str]:
    facts = {
        "job": f"{job.id} ({job.kind})",
        "key": job.key,
        "state": job.state + (", to run once more" if job.again else ""),
        "about": " ".join(f"{name}={value}" for name, value in job.payload.items()),
        "trace": job.trace,
        "tries": str(job.attempts),
        "made": _local(job.created_at),
        "changed": _local(job.changed_at),
    }
    if job.state == "queued":
        facts["due"] = _local(job.due_at)
    if job.state == "running":
        facts["worker"] = f"{job.owner}, until {_local(job.lease_until)}"
    if job.code:
        facts["reason"] = f"{job.code}: {job.message}"
        facts |= {f"remedy {language}": text for language, text in remedy_of(job.code).items()}
    return {name: value for name, value in facts.items() if value}
