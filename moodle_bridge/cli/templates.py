"""``moodle-bridge templates``: build the form templates and check that they are up to date."""

from __future__ import annotations

from pathlib import Path

import click

from moodle_bridge import resources
from moodle_bridge.cli.common import catalogue_of, settings_of, templates_of


@click.group()
def templates() -> None:
    """Build and check the PDF templates of the instruments."""


@templates.command()
@click.argument("instruments", nargs=-1)
@click.option("--directory", type=click.Path(path_type=Path), help="Where the templates lie.")
@click.option("--all", "every", is_flag=True, help="Build also what is up to date.")
@click.pass_context
def build(ctx: click.Context, instruments: tuple[str, ...], directory: Path | None, every: bool) -> None:
    """Build what changed, or only the named INSTRUMENTS. Needs WeasyPrint and Pango."""
    from moodle_bridge.pdf.template import build as builder

    settings = settings_of(ctx)
    root = directory or templates_of(settings) or resources.templates_dir()
    known = catalogue_of(settings)
    if strangers := [name for name in instruments if name not in known.instruments]:
        raise click.BadParameter(
            f"unknown: {', '.join(strangers)}; there are {', '.join(known.instruments)}",
            param_hint="INSTRUMENTS",
        )
    chosen = [t for t in builder.targets(known) if not instruments or t.instrument.id in instruments]
    if not every and not instruments:
        old = {name for name, _ in builder.stale(chosen, root)}
        chosen = [target for target in chosen if target.name in old]
    for name in builder.build(chosen, root):
        click.echo(name)
    click.echo(f"{len(chosen)} built")


@templates.command()
@click.option("--directory", type=click.Path(path_type=Path), help="Where the templates lie.")
@click.pass_context
def check(ctx: click.Context, directory: Path | None) -> None:
    """Say which templates are older than their sources; exit status 1 if there are any."""
    from moodle_bridge.pdf.template import build as builder

    settings = settings_of(ctx)
    root = directory or templates_of(settings) or resources.templates_dir()
    old = list(builder.stale(builder.targets(catalogue_of(settings)), root))
    for name, reason in old:
        click.echo(f"{name}: {reason}")
    if old:
        raise SystemExit(1)
    click.echo("all templates are up to date")
