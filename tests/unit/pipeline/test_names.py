"""Names and identities of documents."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pipeline.names import LONGEST, document_id, filename

INSTRUMENT = catalogue.load().instruments["mentee_initial"]
SUBMISSION = "0a4b7c1d-2e3f-4a5b-8c6d-7e8f9a0b1c2d"


def named(**changes: Any) -> str:
    usual = {
        "language": "bg",
        "variant": "full",
        "session_number": 1,
        "group_name": "Група А",
        "respondent_name": "Юлия Ангелова",
        "version": 1,
    }
    return filename(INSTRUMENT, **{**usual, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "S01 Моите цели и очаквания – Юлия Ангелова – Група А – v1.pdf"),
        (
            {"variant": "mentor"},
            "S01 Моите цели и очаквания – Юлия Ангелова – Група А – v1 (копие за ментора).pdf",
        ),
        ({"language": "en"}, "S01 My goals and expectations – Юлия Ангелова – Група А – v1.pdf"),
        ({"group_name": ""}, "S01 Моите цели и очаквания – Юлия Ангелова – v1.pdf"),
        (
            {"session_number": 12, "version": 3},
            "S12 Моите цели и очаквания – Юлия Ангелова – Група А – v3.pdf",
        ),
        (
            {"respondent_name": "../../а\\б:*?\x00"},
            "S01 Моите цели и очаквания – .. .. а б – Група А – v1.pdf",
        ),
        (
            {"respondent_name": "\u202eЮлия\u200b\x9b", "group_name": "\u2067"},
            "S01 Моите цели и очаквания – Юлия – v1.pdf",
        ),
    ],
)
def test_a_document_is_named_for_people(changes: dict[str, Any], expected: str) -> None:
    assert named(**changes) == expected


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_people_are_called_the_name_is_a_file_name(person: str, group: str) -> None:
    name = named(respondent_name=person, group_name=group)
    assert len(name.encode()) <= LONGEST
    assert name.endswith(" – v1.pdf")
    assert not set('/\\:*?"<>|\x00\n\t') & set(name)


def test_a_document_has_the_same_id_every_time_and_another_for_each_variant_and_language() -> None:
    ids = {
        document_id(SUBMISSION, variant, language)
        for variant in ("full", "mentor")
        for language in ("bg", "en")
    }
    assert len(ids) == 4
    assert document_id(SUBMISSION, "full", "bg") == str(uuid.uuid5(uuid.UUID(SUBMISSION), "full/bg"))
