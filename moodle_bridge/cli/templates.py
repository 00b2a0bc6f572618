"""``moodle-bridge templates``: build the form templates and check that they are up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from moodle_bridge import resources
from moodle_bridge.cli.common import catalogue_of, settings_of, templates_of
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.errors import ToolsMissing

if TYPE_CHECKING:
    from moodle_bridge.pdf.template.build import TemplateFile


@click.group()
def templates() -> None:
    """Build and check the PDF templates of the instruments."""


@templates.command()
@click.argument("instruments", nargs=-1)
@click.option("--directory", type=click.Path(path_type=Path), help="Where the templates lie.")
@click.option("--all", "every", is_flag=True, help="Write also what came out the same.")
@click.pass_context
def build(ctx: click.Context, instruments: tuple[str, ...], directory: Path | None, every: bool) -> None:
    """Build what changed, or only the named INSTRUMENTS. Needs WeasyPrint and Pango."""
    from moodle_bridge.pdf.template import build as builder

    settings = settings_of(ctx)
    root = directory or templates_of(settings) or resources.templates_dir()
    chosen = _chosen(catalogue_of(settings), instruments)
    written = 0
    for name in builder.build(chosen, root, every=every or bool(instruments)):
        click.echo(name)
        written += 1
    click.echo(f"{written} built")


@templates.command()
@click.argument("instruments", nargs=-1)
@click.option("--directory", type=click.Path(path_type=Path), help="Where the templates lie.")
@click.pass_context
def check(ctx: click.Context, instruments: tuple[str, ...], directory: Path | None) -> None:
    """Build all templates, or those of INSTRUMENTS, anew and say which lie there otherwise (exit status 1).

    Where WeasyPrint or Pango is missing, only whether the files are those that were built is looked at.
    """
    from moodle_bridge.pdf.template import build as builder

    settings = settings_of(ctx)
    root = directory or templates_of(settings) or resources.templates_dir()
    chosen = _chosen(catalogue_of(settings), instruments)
    done = "all templates are up to date"
    try:
        odd = list(builder.stale(chosen, root))
    except ToolsMissing as error:
        odd = list(builder.altered(chosen, root))
        done = f"all templates are as they were built; not looked at is what their sources make now: {error}"
    for name, reason in odd:
        click.echo(f"{name}: {reason}")
    if odd:
        raise SystemExit(1)
    click.echo(done)


def _chosen(known: Catalogue, instruments: tuple[str, ...]) -> list[TemplateFile]:
    """The templates of the named instruments, or of all."""
    from moodle_bridge.pdf.template.build import targets

    if strangers := [name for name in instruments if name not in known.instruments]:
        raise click.BadParameter(
            f"unknown: {', '.join(strangers)}; there are {', '.join(known.instruments)}",
            param_hint="INSTRUMENTS",
        )
    return [target for target in targets(known) if not instruments or target.instrument.id in instruments]
