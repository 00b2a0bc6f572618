"""``moodle-bridge fill``: make one document from a file of answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn, get_args

import click

from moodle_bridge.cli.common import catalogue_of, settings_of, templates_of, version_of
from moodle_bridge.cli.logo import logo_of
from moodle_bridge.domain.course.model import Role
from moodle_bridge.domain.instrument.model import Instrument, SessionKind
from moodle_bridge.pdf.fill.fill import Header
from moodle_bridge.pdf.fill.fill import fill as make
from moodle_bridge.plain_json import Json, JsonObject, flag, text, whole, word
from moodle_bridge.settings import Settings

_NOBODY = "00000000-0000-4000-8000-000000000000"
_DEFAULTS: dict[str, str | int | bool] = {
    "document": _NOBODY,
    "submission": _NOBODY,
    "session": _NOBODY,
    "session_name": "–",
    "session_number": 1,
    "course_name": "",
    "group_name": "",
    "respondent_name": "–",
    "version": 1,
    "submitted_at": 0,
    "incomplete": False,
}
_KINDS: tuple[SessionKind, ...] = get_args(SessionKind)
_ROLES: tuple[Role, ...] = get_args(Role)
_CHOICES: dict[str, tuple[str, ...]] = {"session_kind": _KINDS, "respondent_role": _ROLES}
_RANGES = {"session_number": (0, 10_000), "version": (1, 1_000_000), "submitted_at": (0, 253_370_764_799)}
"""Times until the end of the year 9998: in the next one some time zones have no dates any more."""


@click.command()
@click.argument("instrument")
@click.option("--language", default="bg", show_default=True)
@click.option("--answers", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--version", default="", help="An earlier version of the instrument.")
@click.option("--variant", type=click.Choice(["full", "mentor"]), default="full", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option(
    "--templates", type=click.Path(file_okay=False, path_type=Path), help="Where the templates lie."
)
@click.pass_context
def fill(
    ctx: click.Context,
    instrument: str,
    language: str,
    answers: Path,
    version: str,
    variant: str,
    output: Path,
    templates: Path | None,
) -> None:
    """Fill the form of INSTRUMENT with the answers of a JSON file and write the document.

    The file holds the answers by item id, or an object with "answers", "carried" and "header".
    """
    settings = settings_of(ctx)
    known = catalogue_of(settings)
    if instrument not in known.instruments:
        raise click.BadParameter(
            f"unknown instrument; there are {', '.join(known.instruments)}", param_hint="INSTRUMENT"
        )
    if language not in known.languages:
        raise click.BadParameter(f"there are {', '.join(known.languages)}", param_hint="--language")
    chosen = version_of(known, instrument, version)
    data = _read(answers)
    try:
        made = make(
            chosen,
            language,
            "mentor" if variant == "mentor" else "full",
            _object(data, "answers") if "answers" in data else data,
            _object(data, "carried"),
            _header(chosen, settings, _object(data, "header")),
            templates=templates or templates_of(settings),
            adopted=None if templates else settings.adopted,
        )
    except RecursionError:
        _refuse("the answers nest too deep")
    output.write_bytes(made.content)
    click.echo(f"{output}: {made.pages} pages, {len(made.content)} bytes, SHA-256 {made.sha256}")
    click.echo(f"SHA-256 of the answers {made.answers_sha256}")
    if made.annexed:
        click.echo(f"continued on annex pages: {', '.join(made.annexed)}")
    if made.replaced:
        click.echo(f"not in the font, shown as a box: {', '.join(made.replaced)}")


def _read(path: Path) -> JsonObject:
    try:
        data: Json = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        _refuse(f"{path.name} is not JSON (line {error.lineno}, column {error.colno})")
    except RecursionError:
        _refuse(f"{path.name} nests too deep")
    except ValueError as error:  # no UTF-8, or a number of thousands of digits
        _refuse(f"{path.name} cannot be read ({type(error).__name__})")
    if not isinstance(data, dict):
        _refuse(f"{path.name} holds no object of answers")
    return data


def _header(instrument: Instrument, settings: Settings, given: JsonObject) -> Header:
    """The head of the document; raises a refusal that names the entry that is wrong."""
    documents = settings.documents
    head = _DEFAULTS | {
        "session_kind": instrument.sessions[0],
        "respondent_role": instrument.respondent,
        "timezone": documents.timezone or "Europe/Sofia",
        "organisation": documents.organisation,
    }
    for key, value in given.items():
        if key not in head:
            _refuse(f"the header knows no {key!r}; there are {', '.join(head)}")
        wanted = type(head[key])
        if type(value) is not wanted:
            words = {str: "a text", int: "a whole number", bool: "true or false"}
            _refuse(f"header.{key}: expected {words[wanted]}")
        if key in _CHOICES and value not in _CHOICES[key]:
            _refuse(f"header.{key}: expected one of {', '.join(_CHOICES[key])}")
        if key in _RANGES and isinstance(value, int):
            low, high = _RANGES[key]
            if not low <= value <= high:
                _refuse(f"header.{key}: expected a whole number from {low} to {high}")
    entries: JsonObject = {**head, **given}
    return Header(
        document=text(entries, "document"),
        submission=text(entries, "submission"),
        session=text(entries, "session"),
        session_name=text(entries, "session_name"),
        session_number=whole(entries, "session_number"),
        session_kind=word(entries, "session_kind", _KINDS),
        course_name=text(entries, "course_name"),
        group_name=text(entries, "group_name"),
        respondent_name=text(entries, "respondent_name"),
        respondent_role=word(entries, "respondent_role", _ROLES),
        version=whole(entries, "version"),
        submitted_at=whole(entries, "submitted_at"),
        timezone=text(entries, "timezone"),
        organisation=text(entries, "organisation"),
        logo=logo_of(settings),
        incomplete=flag(entries, "incomplete"),
    )


def _object(data: JsonObject, key: str) -> JsonObject:
    found = data.get(key, {})
    if not isinstance(found, Mapping):
        _refuse(f'"{key}" has to be an object')
    return found


def _no_constant(name: str) -> NoReturn:
    _refuse(f"{name} is not JSON")


def _refuse(what: str) -> NoReturn:
    raise click.BadParameter(what, param_hint="--answers")
