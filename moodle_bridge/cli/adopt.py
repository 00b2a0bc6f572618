"""``moodle-bridge adopt``: take an AcroForm that somebody brought as the template of an instrument."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodle_bridge import resources
from moodle_bridge.cli.common import catalogue_of, settings_of, templates_of
from moodle_bridge.errors import AdoptError, MappingError
from moodle_bridge.plain_json import Json, JsonObject


@click.command()
@click.argument("form", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--instrument", required=True, help="The instrument whose answers it will hold.")
@click.option("--language", default="bg", show_default=True)
@click.option("--variant", type=click.Choice(["full", "mentor"]), default="full", show_default=True)
@click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON: names of fields."
)
@click.option(
    "--directory", type=click.Path(file_okay=False, path_type=Path), help="Where the templates lie."
)
@click.option("--dry-run", is_flag=True, help="Only print the report.")
@click.pass_context
def adopt(
    ctx: click.Context,
    form: Path,
    instrument: str,
    language: str,
    variant: str,
    mapping: Path | None,
    directory: Path | None,
    dry_run: bool,
) -> None:
    """Check and repair FORM, print a report and keep it as a template."""
    from moodle_bridge.domain.answers.visibility import differs
    from moodle_bridge.pdf.adopt.adopt import MOST_BYTES
    from moodle_bridge.pdf.adopt.adopt import adopt as read
    from moodle_bridge.pdf.program.load import adopted_name

    settings = settings_of(ctx)
    everything = catalogue_of(settings)
    known = everything.instruments
    if instrument not in known:
        raise click.BadParameter(
            f"unknown instrument; there are {', '.join(known)}", param_hint="--instrument"
        )
    if language not in everything.languages:
        raise click.BadParameter(f"there are {', '.join(everything.languages)}", param_hint="--language")
    if variant == "mentor" and not differs(known[instrument]):
        raise click.BadParameter(
            f"the mentor's copy of {instrument} shows all, so the full form serves it too",
            param_hint="--variant",
        )
    if form.stat().st_size > MOST_BYTES:
        raise AdoptError(f"{form.name} is larger than {MOST_BYTES // 1024 // 1024} MB")
    adopted = read(form.read_bytes(), known[instrument], language, _mapping(mapping))
    for title, entries in (
        ("matched fields", adopted.matched),
        ("items without a field (their answers go to the annex)", adopted.missing),
        ("fields that match no item (they stay empty)", adopted.unknown),
        ("repaired", adopted.repaired),
        ("fonts of the pages", adopted.fonts),
        ("obstacles to PDF/A", adopted.obstacles),
    ):
        click.echo(f"{title}: {', '.join(entries) if entries else 'none'}")
    if dry_run:
        return
    root = directory or templates_of(settings) or resources.templates_dir()
    name = adopted_name(known[instrument], "mentor" if variant == "mentor" else "full")
    target = root / "adopted" / language / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(adopted.template)
    click.echo(f"kept as {target}")


def _mapping(path: Path | None) -> JsonObject | None:
    if path is None:
        return None
    try:
        mapping: Json = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise MappingError(f"{path.name} is not JSON") from error
    if not isinstance(mapping, dict):
        raise MappingError(f"{path.name} has to hold an object with the objects 'fields' and 'states'")
    return mapping
