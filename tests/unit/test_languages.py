"""A language is a file: a third one builds, fills, names and pushes; what it lacks is refused by its line."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pairs import FakeClock
from pypdf import PdfReader
from sqlalchemy import Engine
from workshop import FORM, workshop

from moodle_bridge import languages
from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.contract import faults
from moodle_bridge.domain.instrument.definition import definition
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.domain.instrument.wording import day, figure, percent, plural
from moodle_bridge.errors import InstrumentError
from moodle_bridge.pdf.fill.fill import Header, fill
from moodle_bridge.pipeline.names import filename
from moodle_bridge.remedies import remedy_of
from moodle_bridge.resources import config_dir, templates_dir
from moodle_bridge.sandbox.cast import GROUP_A, YULIA

XX = "xx"
MONTHS = [f"M{number}" for number in range(1, 13)]


def placeholder(text: str) -> str:
    """Marks a text as one of the third language; ``{placeholders}`` stay."""
    return f"‹{text}›"


def english(tree: Any) -> Iterator[str]:
    """Every English text of a configuration file."""
    if isinstance(tree, dict):
        if isinstance(tree.get("en"), str):
            yield tree["en"]
        for part in tree.values():
            yield from english(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from english(part)


@cache
def translations() -> dict[str, str]:
    """A placeholder for every text of the shipped forms."""
    return {
        text: placeholder(text)
        for path in sorted(config_dir().rglob("*.yaml"))
        if path.parent.name != languages.FOLDER
        for text in english(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))
    }


def third() -> dict[str, Any]:
    """The content of the third language's file."""
    shipped = languages.of("en")
    return {
        "name": "Third",
        "dates": {
            "sentence": "{year}/{month_name}/{day}",
            "document": "{year}|{month02}|{day02}",
            "moment": "{date} at {time}",
            "months": [*MONTHS],
            "months_short": [*MONTHS],
        },
        "numbers": {"decimal": "·", "percent": "%{number}"},
        "plurals": {"one": {"numbers": [1]}, "few": {"last": [2, 3, 4], "not_last_two": [12, 13, 14]}},
        "words": {key: placeholder(text) for key, text in shipped.words.items()},
        "remedies": {code: placeholder(text) for code, text in shipped.remedies.items()},
        "texts": dict(translations()),
        "glossary": {"mentee": "‹m›", "mentees": "‹mm›"},
        "messages": {"told_share_few": "few: {k} {of} {step}"},
    }


def write(folder: Path, content: dict[str, Any]) -> Path:
    file = folder / languages.FOLDER / f"{XX}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, width=10_000, sort_keys=False),
        "utf-8",
    )
    return file


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped configuration and one file more."""
    monkeypatch.setattr(languages, "_own", {})
    target = Path(shutil.copytree(config_dir(), tmp_path / "config"))
    write(target, third())
    return target


def test_every_form_speaks_the_third_language(folder: Path) -> None:
    known = catalogue.load(folder)
    assert known.languages == ("bg", "en", XX)
    for instrument in known.every():
        said = definition(known, instrument, XX)
        assert faults("definition", said) == []
        assert str(said["title"]).startswith("‹")
    assert set(remedy_of("store")) == {"bg", "en", XX}


def test_dates_numbers_and_plurals_are_those_of_the_file(folder: Path) -> None:
    known = catalogue.load(folder)
    assert day("2026-03-02", XX) == "2026/M3/2"
    assert (figure(2.5, XX), percent(40, XX)) == ("2·5", "%40")
    said = [plural(known.messages, "told_share", k, XX, k=k, of=30, step="s") for k in (1, 3, 13, 22, 5)]
    one, few, many = "‹1 of 30 says “s” or more›", "few: {k} 30 s", "‹{k} of 30 say “s” or more›"
    assert said == [one, few.format(k=3), many.format(k=13), few.format(k=22), many.format(k=5)]
    assert plural(known.messages, "told_share", 3, "en", k=3, of=30, step="s") == "3 of 30 say “s” or more"


def test_a_template_is_built_and_a_document_filled_and_named(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("weasyprint", reason="WeasyPrint is not installed", exc_type=(ImportError, OSError))
    from moodle_bridge.pdf.template.build import TemplateFile, build

    instrument = catalogue.load(folder).instruments["anonymous_feedback"]
    templates = tmp_path / "templates"
    for part in ("source", "fonts"):
        shutil.copytree(templates_dir() / part, templates / part)
    chosen = [TemplateFile(instrument, XX, "full", record) for record in (False, True)]
    built = list(build(chosen, templates))
    assert built == [f"{XX}/{folder}anonymous_feedback.full.pdf" for folder in ("", "record/")]
    header = Header(
        document="0b6f7c1e-5a5e-4a3e-9f61-0d6c5a2d7b11",
        submission="7f0f2d52-43fb-4ee0-a7f0-19f1f7cf2f37",
        session="8d4b5c9a-1c9d-4b1f-8c5e-3f9a3c4e5d6f",
        session_name="S",
        session_number=2,
        session_kind="interim",
        course_name="C",
        group_name="G",
        respondent_name="R",
        respondent_role="mentee",
        version=1,
        submitted_at=1_760_535_300,
        timezone="Europe/Sofia",
    )
    filled = fill(instrument, XX, "full", {"an_open": 4}, {}, header, templates=templates)
    (tmp_path / "filled.pdf").write_bytes(filled.content)
    text = PdfReader(tmp_path / "filled.pdf").pages[0].extract_text()
    for said in ("‹Short anonymous survey›", "2025|10|15 at 16:35", "‹not answered›", "‹page 1 of 1›"):
        assert re.sub(r"\s+", "", said) in re.sub(r"\s+", "", text)
    name = filename(
        instrument,
        language=XX,
        variant="mentor",
        session_number=2,
        group_name="G",
        respondent_name="R",
        version=3,
    )
    assert name == "S02 ‹Short anonymous survey› – R – G – ‹v3› (‹mentor's copy›).pdf"


def test_forms_summaries_and_problems_are_pushed_in_it(
    folder: Path, tmp_path: Path, engine: Engine, clock: FakeClock
) -> None:
    with workshop(engine, tmp_path, clock, MOODLE_BRIDGE_FORMS_INSTRUMENTS=str(folder)) as shop:
        session = shop.session(language=XX)
        shop.sync()
        shop.work()
        rows = shop.sandbox.database.rows(
            "SELECT * FROM definition WHERE instrument = ? AND language = ?", FORM, XX
        )
        assert json.loads(rows[-1]["content"])["title"].startswith("‹")
        answers = {name: value for name, value in sample("bg").items() if name != "general_goals"}
        shop.sandbox.world.submit(session, FORM, YULIA.id, answers, role="mentee", group=GROUP_A, language=XX)
        shop.sync()
        shop.work()
        (problem,) = shop.sandbox.database.rows("SELECT * FROM problem")
        told = json.loads(problem["content"])
        assert told["title"][XX] == "‹The form needs a correction›"
        assert {item["message"][XX][0] for item in told["items"]} == {"‹"}
        summaries = shop.sandbox.database.rows("SELECT * FROM summary WHERE session = ?", session)
        assert "‹Forms submitted›" in "".join(str(row["content"]) for row in summaries)


LACKING = [
    (lambda content: content["words"].pop("annex"), "words", "'annex' is missing"),
    (lambda content: content["words"].update(page="page"), "  page: page", "placeholders of 'page'"),
    (lambda content: content["remedies"].pop("store"), "remedies", "'store' is missing"),
    (lambda content: content["remedies"].update(shop="x"), "  shop: x", "'shop' is not known"),
    (lambda content: content["dates"]["months"].pop(), "  months:", "twelve months"),
    (lambda content: content["plurals"]["few"].update(last=["x"]), "    last:", "whole numbers"),
]


@pytest.mark.parametrize(("spoil", "line", "reason"), LACKING, ids=[reason for *_, reason in LACKING])
def test_what_its_file_lacks_is_refused_by_line(folder: Path, spoil: Any, line: str, reason: str) -> None:
    content = third()
    spoil(content)
    file = write(folder, content)
    with pytest.raises(InstrumentError) as refused:
        catalogue.load(folder)
    assert reason in refused.value.message
    found = re.match(rf"languages/{XX}\.yaml:(\d+): ", refused.value.message)
    assert found is not None
    # A mapping or list in a block begins in the line after its key.
    lines = file.read_text(encoding="utf-8").splitlines()
    assert any(each.startswith(line) for each in lines[int(found[1]) - 2 : int(found[1])])


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("To what extent can you speak openly in the group?", "anonymous_feedback/1.0.0.yaml"),
        ("Not at all", "choices/1.0.0.yaml"),
        ("initial monitoring session", "vocabulary.yaml"),
        ("Participation and response", "vocabulary.yaml"),
        ("Agreement", "headings.yaml"),
        ("No answers yet.", "forms.yaml"),
    ],
)
def test_a_text_without_translation_is_refused_where_it_stands(folder: Path, text: str, file: str) -> None:
    content = third()
    del content["texts"][text]
    write(folder, content)
    with pytest.raises(InstrumentError) as refused:
        catalogue.load(folder)
    found = re.match(rf"{re.escape(file)}:(\d+)", refused.value.message)
    assert found is not None, refused.value.message
    assert f"here and in languages/{XX}.yaml" in refused.value.message
    (path,) = [path for path in folder.rglob("*.yaml") if path.as_posix().endswith(file)]
    assert text in path.read_text(encoding="utf-8").splitlines()[int(found[1]) - 1]
