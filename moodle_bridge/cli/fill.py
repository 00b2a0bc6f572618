"""``moodle-bridge fill``: make one document from a file of answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from moodle_bridge.domain import catalogue
from moodle_bridge.errors import AnswersRefused

_NOBODY = "00000000-0000-4000-8000-000000000000"
_DEFAULTS: dict[str, Any] = {
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
}


@click.command()
@click.argument("instrument")
@click.option("--language", default="bg", show_default=True)
@click.option("--answers", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--variant", type=click.Choice(["full", "mentor"]), default="full", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option(
    "--templates", type=click.Path(file_okay=False, path_type=Path), help="Where the templates lie."
)
def fill(
    instrument: str, language: str, answers: Path, variant: str, output: Path, templates: Path | None
) -> None:
    """Fill the form of INSTRUMENT with the answers of a JSON file and write the document.

    The file holds the answers by item id, or an object with "answers", "carried" and "header".
    """
    from moodle_bridge.pdf.fill import Header
    from moodle_bridge.pdf.fill import fill as make

    known = catalogue.load().instruments
    if instrument not in known:
        raise click.BadParameter(f"unknown instrument; there are {', '.join(known)}", param_hint="INSTRUMENT")
    chosen = known[instrument]
    data = _read(answers)
    given = data.get("answers", data)
    head = _DEFAULTS | {"session_kind": chosen.sessions[0], "respondent_role": chosen.respondent}
    try:
        header = Header(**(head | data.get("header", {})))
    except TypeError as error:
        raise AnswersRefused(f"{answers.name}: the header holds an unknown key") from error
    made = make(
        chosen,
        language,
        "mentor" if variant == "mentor" else "full",
        given,
        data.get("carried", {}),
        header,
        templates=templates,
    )
    output.write_bytes(made.content)
    click.echo(f"{output}: {made.pages} pages, {len(made.content)} bytes, SHA-256 {made.sha256}")
    click.echo(f"SHA-256 of the answers {made.answers_sha256}")
    if made.annexed:
        click.echo(f"continued on annex pages: {', '.join(made.annexed)}")
    if made.replaced:
        click.echo(f"not in the font, shown as a box: {', '.join(made.replaced)}")


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AnswersRefused(f"{path.name} is not JSON") from error
    if not isinstance(data, dict):
        raise AnswersRefused(f"{path.name} holds no object of answers")
    return data
