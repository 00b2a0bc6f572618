"""``moodle-bridge forms``: look at an AcroForm of one's own, map its fields, see it filled, keep it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
import yaml

from moodle_bridge.cli.common import catalogue_of, settings_of
from moodle_bridge.domain.instrument.model import Instrument, Variant
from moodle_bridge.errors import AdoptError, MappingError
from moodle_bridge.plain_json import Json, JsonObject
from moodle_bridge.settings import Settings

Command = TypeVar("Command", bound=Callable[..., None])

_FORM = click.argument("form", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_INSTRUMENT = click.option("--instrument", required=True, help="The instrument whose answers it will hold.")
_LANGUAGE = click.option("--language", default="bg", show_default=True)
_VARIANT = click.option("--variant", type=click.Choice(["full", "mentor"]), default="full", show_default=True)
_MAPPING = click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML or JSON: what each field is for (see 'forms map').",
)
_FOOT = click.option(
    "--foot",
    type=click.Choice(["auto", "bottom", "top", "below"]),
    default="auto",
    show_default=True,
    help="Where the lines at every page's foot go; auto takes a free strip, else adds one below the page.",
)
_DIRECTORY = click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder of templates; without it, forms are kept in the data folder.",
)


@click.group()
def forms() -> None:
    """Bring AcroForms of your own as templates of the instruments."""


@forms.command()
@_FORM
@_LANGUAGE
@click.option("--json", "as_json", is_flag=True, help="Print everything that is known of each field.")
@click.option(
    "--picture", type=click.Path(dir_okay=False, path_type=Path), help="Write a PDF with numbered fields."
)
@click.pass_context
def inspect(ctx: click.Context, form: Path, language: str, as_json: bool, picture: Path | None) -> None:
    """List the fields of FORM: number, kind, page, place, name, states and the text nearby."""
    from moodle_bridge.pdf.adopt.adopt import inspect as look

    known = catalogue_of(settings_of(ctx)).instruments
    fields, drawn = look(form.read_bytes(), next(iter(known.values())), language)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(field) for field in fields], ensure_ascii=False, indent=1))
    for field in fields if not as_json else ():
        said = [f"state {field.state}"] if field.state else []
        said += [f"options {', '.join(value for value, _ in field.options[:8])}"] if field.options else []
        said += [f"{field.cells} cells"] if field.cells else []
        said += [word for word, true in (("read-only", field.read_only),) if true]
        said += [f'value "{_short(field.value)}"'] if field.value else []
        said += [f'tooltip "{_short(field.tooltip)}"'] if field.tooltip else []
        said += [f'beside "{_short(field.label)}"'] if field.label else []
        where = f"page {field.page}, {field.left}/{field.top}, {field.width} x {field.height}"
        click.echo(f"{field.number:4}  {field.kind:9} {field.name}  ({where})  {'; '.join(said)}".rstrip())
    if picture:
        picture.write_bytes(drawn)
        click.echo(f"the fields with their numbers: {picture}", err=as_json)


@forms.command(name="map")
@_FORM
@_INSTRUMENT
@_LANGUAGE
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the file.")
@click.pass_context
def map_fields(ctx: click.Context, form: Path, instrument: str, language: str, output: Path | None) -> None:
    """Propose what each field of FORM is for, as a file with remarks that you correct."""
    from moodle_bridge.pdf.adopt.adopt import inspect as look
    from moodle_bridge.pdf.adopt.proposal import mapping_file

    chosen = _chosen(settings_of(ctx), instrument, language)
    fields, _ = look(form.read_bytes(), chosen, language)
    text = mapping_file(fields, chosen, language)
    if output is None:
        click.echo(text, nl=False)
        return
    if output.exists():
        raise click.BadParameter(f"{output} is there already", param_hint="--output")
    output.write_text(text, encoding="utf-8")
    click.echo(f"look at every line of {output}, then: forms preview {form} --mapping {output}")


@forms.command()
@_FORM
@_INSTRUMENT
@_LANGUAGE
@_MAPPING
@_FOOT
@click.option(
    "--answers", type=click.Choice(["empty", "sample", "fullest"]), default="sample", show_default=True
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.pass_context
def preview(
    ctx: click.Context,
    form: Path,
    instrument: str,
    language: str,
    mapping: Path | None,
    foot: str,
    answers: str,
    output: Path,
) -> None:
    """Fill FORM with made-up answers and write the document; nothing is kept."""
    from moodle_bridge.pdf.adopt.adopt import adopt as read
    from moodle_bridge.pdf.adopt.adopt import filled_with
    from moodle_bridge.pdf.adopt.sample import FULLNESSES, sample_answers

    chosen = _chosen(settings_of(ctx), instrument, language)
    adopted = read(form.read_bytes(), chosen, language, _mapping_of(mapping), foot=foot)
    fullness = next(each for each in FULLNESSES if each == answers)
    made = filled_with(adopted.template, chosen, language, *sample_answers(chosen, language, fullness))
    output.write_bytes(made.content)
    pages = "page" if made.pages == 1 else "pages"
    click.echo(f"{output}: {made.pages} {pages}")
    if made.annexed:
        click.echo(f"continued on annex pages: {', '.join(made.annexed)}")


@forms.command()
@_FORM
@_INSTRUMENT
@_LANGUAGE
@_VARIANT
@_MAPPING
@_FOOT
@_DIRECTORY
@click.option("--dry-run", is_flag=True, help="Only print the report.")
@click.pass_context
def adopt(
    ctx: click.Context,
    form: Path,
    instrument: str,
    language: str,
    variant: str,
    mapping: Path | None,
    foot: str,
    directory: Path | None,
    dry_run: bool,
) -> None:
    """Check and repair FORM, print a report and keep it as a template."""
    from moodle_bridge.domain.answers.visibility import differs
    from moodle_bridge.pdf.adopt.adopt import MOST_BYTES
    from moodle_bridge.pdf.adopt.adopt import adopt as read

    settings = settings_of(ctx)
    chosen = _chosen(settings, instrument, language)
    if variant == "mentor" and not differs(chosen):
        raise click.BadParameter(
            f"the mentor's copy of {instrument} shows all, so the full form serves it too",
            param_hint="--variant",
        )
    if form.stat().st_size > MOST_BYTES:
        raise AdoptError(f"{form.name} is larger than {MOST_BYTES // 1024 // 1024} MB")
    adopted = read(form.read_bytes(), chosen, language, _mapping_of(mapping), foot=foot)
    checked = (
        "a validator found none" if adopted.validated else "none known; no validator looked (pikepdf[pdfa])"
    )
    for title, entries, nothing in (
        ("matched fields", adopted.matched, "none"),
        ("items without a field (their answers go to the annex)", adopted.missing, "none"),
        ("fields that match no item (they stay as they look)", adopted.unknown, "none"),
        ("repaired", adopted.repaired, "none"),
        ("not on documents", adopted.left, "nothing that was seen"),
        ("fonts of the pages", adopted.fonts, "none"),
        ("obstacles to PDF/A", adopted.obstacles, checked),
        ("foot of the pages", _feet(adopted.feet), ""),
    ):
        click.echo(f"{title}: {', '.join(entries) if entries else nothing}")
    for warning in adopted.warnings:
        click.echo(f"warning: {warning}", err=True)
    if "below" in adopted.feet:
        click.echo("warning: pages without a free strip for the foot grow by 24 points below", err=True)
    if differs(chosen) and variant == "full":
        click.echo("the mentor's copy needs a form of its own: bring it with --variant mentor", err=True)
    if dry_run:
        return
    target = _path(settings, directory, chosen, language, "mentor" if variant == "mentor" else "full")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(adopted.template)
    click.echo(f"kept as {target}")


@forms.command(name="list")
@click.pass_context
def list_forms(ctx: click.Context) -> None:
    """List the forms that are kept, and whether anything uses them."""
    settings = settings_of(ctx)
    catalogue = catalogue_of(settings)
    used = {
        (language, _name(instrument, variant)): f"{instrument.title[language]} {instrument.version}"
        for instrument in catalogue.every()
        for language in catalogue.languages
        for variant in ("full", "mentor")
    }
    for path in sorted(settings.adopted.glob("*/*.pdf")):
        title = used.get((path.parent.name, path.name))
        click.echo(
            f"{path.parent.name}  {path.name}  {title or 'no version of an instrument that is here uses it'}"
        )


@forms.command()
@click.argument("instrument")
@_LANGUAGE
@_VARIANT
@click.pass_context
def remove(ctx: click.Context, instrument: str, language: str, variant: str) -> None:
    """Take the form of INSTRUMENT away: documents are made from the shipped one again."""
    settings = settings_of(ctx)
    chosen = _chosen(settings, instrument, language)
    path = _path(settings, None, chosen, language, "mentor" if variant == "mentor" else "full")
    if not path.is_file():
        raise click.ClickException(f"no form of {instrument} is kept: {path} is not there")
    path.unlink()
    click.echo(f"removed {path}")


def _chosen(settings: Settings, name: str, language: str) -> Instrument:
    catalogue = catalogue_of(settings)
    if name not in catalogue.instruments:
        there = ", ".join(catalogue.instruments)
        raise click.BadParameter(f"unknown instrument; there are {there}", param_hint="--instrument")
    if language not in catalogue.languages:
        raise click.BadParameter(f"there are {', '.join(catalogue.languages)}", param_hint="--language")
    return catalogue.instruments[name]


def _path(
    settings: Settings, directory: Path | None, instrument: Instrument, language: str, variant: Variant
) -> Path:
    root = directory / "adopted" if directory else settings.adopted
    return root / language / _name(instrument, variant)


def _name(instrument: Instrument, variant: Variant) -> str:
    from moodle_bridge.pdf.program.load import adopted_name

    return adopted_name(instrument, variant)


def _feet(feet: tuple[str, ...]) -> list[str]:
    """Describe where the foot stands, and on which pages it differs from the first."""
    others = [f"page {page} {where}" for page, where in enumerate(feet, 1) if where != feet[0]]
    return [feet[0], *others[:12]]


def _mapping_of(path: Path | None) -> JsonObject | None:
    if path is None:
        return None
    text = path.read_text(encoding="utf-8-sig")
    try:
        mapping: Json = json.loads(text) if text.lstrip().startswith(("{", "[")) else yaml.safe_load(text)
    except ValueError as error:
        raise MappingError(f"{path.name} is not JSON: {error}") from error
    except yaml.YAMLError as error:
        raise MappingError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(mapping, dict):
        raise MappingError(f"{path.name} has to hold an object with the objects 'fields' and 'states'")
    return {str(part): entries if entries is not None else {} for part, entries in mapping.items()}


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 50 else words[:49] + "…"
