"""``moodle-bridge instruments``: list, check and show the monitoring instruments."""

from __future__ import annotations

import json
from pathlib import Path

import click

from moodle_bridge.cli.common import catalogue_of, settings_of, version_of
from moodle_bridge.domain.instrument.conditions import leaves
from moodle_bridge.domain.instrument.definition import definition, readers_text
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, Item
from moodle_bridge.domain.instrument.read.catalogue import load
from moodle_bridge.errors import InstrumentError
from moodle_bridge.remedies import remedy_of

_FOLDER = click.option(
    "--directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A configuration folder of your own (vocabulary.yaml, choices/, instruments/, messages/).",
)
_LANGUAGE = click.option("--language", default="bg", show_default=True, help="Language to show.")


@click.group("instruments", help="The monitoring instruments: what there is, and whether it is right.")
def instruments() -> None:
    """The command group."""


def _load(directory: Path | None) -> Catalogue:
    """The folder named, else the instruments of the settings."""
    try:
        return load(directory) if directory else catalogue_of(settings_of(click.get_current_context()))
    except InstrumentError as error:
        raise click.ClickException(f"{error.message}\n{remedy_of(error.code)['en']}") from error


def _language(catalogue: Catalogue, language: str) -> str:
    if language not in catalogue.languages:
        raise click.ClickException(
            f"there is no language {language!r}, only {', '.join(catalogue.languages)}"
        )
    return language


@instruments.command("list", help="One line an instrument.")
@_FOLDER
@_LANGUAGE
@click.option("--versions", is_flag=True, help="Earlier versions too, oldest first.")
def list_instruments(directory: Path | None, language: str, versions: bool) -> None:
    """Print id, version, respondent, sessions, number of items and title."""
    catalogue = _load(directory)
    _language(catalogue, language)
    for each in catalogue.every() if versions else catalogue.instruments.values():
        state = "on" if each.enabled_by_default else "off"
        kinds = ",".join(each.sessions)
        head = f"{each.id:26} {each.version:7} {state:3} {each.respondent:11} {kinds:21}"
        click.echo(f"{head} {len(each.items):2} items  {each.title[language]}")


@instruments.command("check", help="Read every file; say what is wrong, with file, line and item.")
@_FOLDER
def check(directory: Path | None) -> None:
    """Exit 0 if every instrument loads."""
    catalogue = _load(directory)
    items = sum(len(each.items) for each in catalogue.instruments.values())
    columns = sum(len(item.columns) for each in catalogue.instruments.values() for item in each.items)
    languages = ", ".join(catalogue.languages)
    counts = f"{len(catalogue.instruments)} instruments, {items} items, {columns} columns"
    earlier = f", {len(catalogue.earlier)} earlier versions" if catalogue.earlier else ""
    click.echo(f"{counts} in {languages}{earlier}: all right")


@instruments.command("show", help="One instrument as people will meet it.")
@click.argument("name")
@_FOLDER
@_LANGUAGE
@click.option("--version", default="", help="An earlier version.")
@click.option("--json", "as_json", is_flag=True, help="The definition as the plugin gets it.")
def show(name: str, directory: Path | None, language: str, version: str, as_json: bool) -> None:
    """Print the items, their answers, limits, conditions and readers."""
    catalogue = _load(directory)
    _language(catalogue, language)
    if name not in catalogue.instruments:
        raise click.ClickException(f"there is no instrument {name!r}; see 'moodle-bridge instruments list'")
    instrument = version_of(catalogue, name, version)
    if as_json:
        click.echo(json.dumps(definition(catalogue, instrument, language), ensure_ascii=False, indent=2))
        return
    click.echo(f"{instrument.title[language]}\n{instrument.intro[language]}\n")
    for item in instrument.items:
        _show_item(instrument, item, None, language)
        for column in item.columns:
            _show_item(instrument, column, item, language)


def _show_item(instrument: Instrument, item: Item, table: Item | None, language: str) -> None:
    indent = "" if table is None else "    "
    mark = "*" if item.required else " "
    click.echo(f"{indent}{mark} {item.id} ({_kind(item)}): {item.label[language]}")
    for condition in (item.show_if, item.required_if):
        if condition is not None:
            asked = (
                ", ".join(dict.fromkeys(leaves(condition, "ref")))
                or "the session, the plan or earlier answers"
            )
            click.echo(
                f"{indent}    {'shown' if condition is item.show_if else 'required'} depending on {asked}"
            )
    if table is None:
        click.echo(f"{indent}    {readers_text(instrument, item, None, language)}")


def _kind(item: Item) -> str:
    if item.columns:
        rows = f"{item.min_rows}-{item.max_rows} rows" if item.type == "table" else f"rows from {item.source}"
        return f"{item.type}, {rows}"
    if item.max_length:
        return f"{item.type}, {item.max_length} characters"
    return f"{item.type}, {len(item.options)} answers" if item.options else item.type
