"""Every sentence, aim and outcome is served by items, a report section and a tested behaviour."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from course import course, frame, mentee, mentor
from year import Year

from moodle_bridge.domain.answers import check
from moodle_bridge.domain.answers.scope import Context
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.instrument.model import Catalogue

TESTS = Path(__file__).resolve().parents[2]
TABLE: dict[str, dict[str, Any]] = yaml.safe_load(
    (TESTS / "fixtures" / "traceability.yaml").read_text(encoding="utf-8")
)


def test_the_table_names_every_sentence_aim_and_outcome() -> None:
    assert list(TABLE) == [
        *(f"S{n}" for n in range(1, 12)),
        *(f"A{n}" for n in range(1, 4)),
        *(f"O{n}" for n in range(1, 6)),
    ]


@pytest.mark.parametrize("tag", TABLE)
def test_its_items_exist_and_say_so_themselves(catalogue: Catalogue, tag: str) -> None:
    for name in TABLE[tag]["items"]:
        instrument, item = name.split(".")
        assert tag in catalogue.instruments[instrument].item(item).serves, name


@pytest.mark.parametrize("tag", TABLE)
def test_its_report_sections_have_items_that_serve_it(catalogue: Catalogue, tag: str) -> None:
    for section in TABLE[tag]["report"]:
        assert section in catalogue.sections
        assert any(
            tag in item.serves and item.report == section
            for instrument in catalogue.instruments.values()
            for item in instrument.items
        ), section


@pytest.mark.parametrize("tag", TABLE)
def test_its_behaviour_is_exercised_by_a_test_that_exists(tag: str) -> None:
    written = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        written |= set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.M))
    assert TABLE[tag]["behaviour"]
    assert set(TABLE[tag]["behaviour"].values()) - written == set()


def test_every_tag_of_every_item_is_in_the_table(catalogue: Catalogue) -> None:
    used = {
        tag
        for instrument in catalogue.instruments.values()
        for item in instrument.items
        for tag in item.serves
    }
    assert used == set(TABLE)


def test_every_shipped_item_says_what_it_is_for_and_where_its_answer_is_read(catalogue: Catalogue) -> None:
    items = [item for instrument in catalogue.instruments.values() for item in instrument.items]
    assert [item.id for item in items if not (item.serves and item.report)] == []


def test_only_coordinators_are_offered_plan_record_and_report(catalogue: Catalogue) -> None:
    state = course(mentee(1), mentor(50))
    for session in state.ordered:
        for target in carryover.expected(frame(catalogue, state, session)):
            respondent = catalogue.instruments[target.instrument].respondent
            assert (target.person == 90) is (respondent == "coordinator")


def test_without_the_mentors_consent_the_plan_asks_for_their_opinion(
    catalogue: Catalogue, year: Year
) -> None:
    form = catalogue.instruments["monitoring_plan"]
    given = {**year.step(1, "monitoring_plan", 41).validated.answers, "mentor_agreed": False}
    found = check.validate(form, "bg", given, {}, Context("initial", "2025-09-15", mentees=9))
    assert [(p.item, p.code) for p in found.problems] == [("mentor_opinion", "required")]
