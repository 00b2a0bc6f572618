"""``moodle-bridge templates``: build the form templates and check that they are up to date."""

from __future__ import annotations

from pathlib import Path

import click

from moodle_bridge import resources
from moodle_bridge.domain import catalogue


@click.group()
def templates() -> None:
    """Build and check the PDF templates of the instruments."""


@templates.command()
@click.argument("instruments", nargs=-1)
@click.option("--directory", type=click.Path(path_type=Path), help="Where the templates lie.")
@click.option("--all", "every", is_flag=True, help="Build also what is up to date.")
def build(instruments: tuple[str, ...], directory: Path | None, every: bool) -> None:
    """Build what changed, or only the named INSTRUMENTS. Needs WeasyPrint and Pango."""
    from moodle_bridge.pdf import build as builder

    root = directory or resources.templates_dir()
    chosen = [
        t for t in builder.targets(catalogue.load()) if not instruments or t.instrument.id in instruments
    ]
    if not every and not instruments:
        old = {name for name, _ in builder.stale(chosen, root)}
        chosen = [target for target in chosen if target.name in old]
    for name in builder.build(chosen, root):
        click.echo(name)
    click.echo(f"{len(chosen)} built")


@templates.command()
@click.option("--directory", type=click.Path(path_type=Path), help="Where the templates lie.")
def check(directory: Path | None) -> None:
    """Say which templates are older than their sources; exit status 1 if there are any."""
    from moodle_bridge.pdf import build as builder

    root = directory or resources.templates_dir()
    old = list(builder.stale(builder.targets(catalogue.load()), root))
    for name, reason in old:
        click.echo(f"{name}: {reason}")
    if old:
        raise SystemExit(1)
    click.echo("all templates are up to date")
