"""What makes no sense is refused at its item; numbers are rounded, and people called, as people do."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from moodle_bridge.domain.answers import check
from moodle_bridge.domain.answers.scope import Context
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue as catalogue_files
from moodle_bridge.domain.instrument.wording import figure, percent
from moodle_bridge.errors import InstrumentError
from moodle_bridge.resources import config_dir

HELD = "2026-03-09"
GOAL = {"text": "Да чета по-бързо", "criterion": "Книга на месец", "due_date": "2026-06-01"}
REFUSED: list[tuple[str, str, dict[str, Any], list[tuple[str, str]]]] = [
    (
        "a goal due before the session",
        "mentee_initial",
        {"specific_goals": [{"row": 1, **GOAL, "due_date": "1990-01-01"}]},
        [("due_date", "refused")],
    ),
    (
        "a goal due in a later life",
        "mentee_initial",
        {"specific_goals": [{"row": 1, **GOAL, "due_date": "2062-06-01"}]},
        [("due_date", "refused")],
    ),
    (
        "two goals alike, but for spaces and capitals",
        "mentee_initial",
        {"specific_goals": [{"row": 1, **GOAL}, {"row": 2, **GOAL, "text": "да  чета по-бързо "}]},
        [("text", "alike")],
    ),
    ("an end before the start", "monitoring_plan", {"period_start": HELD, "period_end": "2026-03-01"}, []),
    (
        "no weak points, and one named",
        "mentee_interim",
        {"weak_none": True, "weak_points": [{"row": 1, "text": "Графикът"}]},
        [],
    ),
    ("the next session before this one", "session_protocol", {"next_session": "2001-01-01"}, []),
]


@pytest.mark.parametrize(("why", "form", "given", "rows"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_makes_no_sense_is_refused_where_it_stands(
    catalogue: Catalogue, why: str, form: str, given: dict[str, Any], rows: list[tuple[str, str]]
) -> None:
    asked = catalogue.instruments[form]
    kind = asked.sessions[0] if form != "session_protocol" else "interim"
    found = check.validate(asked, "bg", given, {}, Context(kind, HELD)).problems
    judged = [each for each in found if each.code in ("refused", "alike")]
    assert len(judged) == 1, why
    assert judged[0].message.endswith(".")
    if rows:
        assert [(each.column, each.code) for each in judged] == rows


def test_other_needs_a_text(catalogue: Catalogue) -> None:
    for form, needs, text in (
        ("mentee_initial", "needs_now", "needs_text"),
        ("mentor_initial", "mentor_needs", "mentor_needs_text"),
    ):
        asked = catalogue.instruments[form]
        for code, wanted in ((f"{needs[0]}_other", True), (f"{needs[0]}_tech", False)):
            found = check.validate(asked, "bg", {needs: [code]}, {}, Context("initial", HELD)).problems
            assert (text in [each.item for each in found]) is wanted


def test_nothing_is_judged_beforehand(catalogue: Catalogue) -> None:
    judging = ("importance", "concern", "level", "start_level", "present", "status")
    for form in catalogue.instruments.values():
        for item in form.items:
            for each in (item, *item.columns):
                if each.id in judging and item.id != "recommendations_triage":
                    assert each.default is None, (form.id, item.id, each.id)
                if each.type == "yes_no" and each.default is not None:
                    assert (each.default, each.required) == (False, False), (form.id, each.id)


@pytest.mark.parametrize(
    ("value", "digits", "bg"),
    [(62.5, 0, "63"), (12.5, 0, "13"), (2.25, 1, "2,3"), (-0.25, 1, "−0,3"), (-0.04, 1, "0"), (3.0, 1, "3")],
)
def test_half_is_rounded_up_and_a_minus_is_a_minus(value: float, digits: int, bg: str) -> None:
    assert figure(value, "bg", digits) == bg
    assert figure(value, "en", digits) == bg.replace(",", ".")


def test_percent_is_written_as_each_language_does() -> None:
    assert (percent(62.5, "bg"), percent(62.5, "en")) == ("63 %", "63%")


def test_a_site_calls_people_as_it_likes(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(config_dir(), tmp_path / "config"))
    vocabulary = folder / "vocabulary.yaml"
    text = vocabulary.read_text(encoding="utf-8")
    for before, after in (
        ("обект на менторинга", "участник"),
        ("обектите на менторинга", "участниците"),
        ("обекти на менторинга", "участници"),
    ):
        assert before in text
        text = text.replace(f'"{before}"', f'"{after}"')
    vocabulary.write_text(text, encoding="utf-8")
    made = catalogue_files.load(folder)
    assert (
        made.instruments["mentor_observation"].item("mentee_rows").label["bg"]
        == "Наблюдения за всеки участник"
    )
    assert made.messages["climate_mentees_line"]["bg"].startswith("Работа в групата според участниците")
    old = made.version("mentor_observation", "1.0.0")
    assert old is not None
    assert old.item("mentee_rows").label["bg"] == "Наблюдения за всеки обект на менторинга"


def test_a_word_that_the_glossary_does_not_have_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(config_dir(), tmp_path / "config"))
    file = folder / "instruments" / "mentor_observation" / "1.1.0.yaml"
    text = file.read_text(encoding="utf-8")
    assert "Наблюдения за всеки {mentee}" in text
    file.write_text(
        text.replace("Наблюдения за всеки {mentee}", "Наблюдения за всеки {mente}"), encoding="utf-8"
    )
    with pytest.raises(InstrumentError, match=r"1\.1\.0\.yaml:\d+ .*'\{mente\}' is no word of the glossary"):
        catalogue_files.load(folder)
