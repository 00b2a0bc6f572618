"""What messages from Moodle say, whatever shape they come in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import golden

from moodle_bridge.errors import Malformed, RequestRefused, WrongContract
from moodle_bridge.moodle.events import contract_message, foreign_hint, same_host

MESSAGE = json.loads(golden("webhook-submission-saved")["request"]["body"])


def test_a_message_of_the_contract_is_read() -> None:
    assert contract_message(json.dumps(MESSAGE).encode(), "webhook", 12, dict) == MESSAGE


def test_the_version_is_looked_at_before_anything_else() -> None:
    with pytest.raises(WrongContract, match=r"version 3 .*version 2"):
        contract_message(b'{"contract": 3, "everything": "else differs"}', "webhook", 12, dict)


def test_a_fault_names_its_place_and_no_word_of_the_sender() -> None:
    with pytest.raises(Malformed) as refused:
        contract_message(
            json.dumps({**MESSAGE, "тайна ('x": 1, "type": "тайна"}).encode(), "webhook", 12, dict
        )
    assert "type: breaks 'enum'" in refused.value.message
    assert "тайна" not in refused.value.message


@given(st.binary(max_size=120))
def test_no_hint_raises_anything_but_a_refusal(body: bytes) -> None:
    try:
        hint = foreign_hint(body, 12)
    except RequestRefused:
        return
    assert hint.course >= 0
    assert hint.event.isascii()


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        (7, 7),
        ("7", 7),
        ("", 0),
        (None, 0),
        (-7, 0),
        ("7; --", 0),
        (7.5, 0),
        ([7], 0),
        ("9" * 16, 0),
        ("٧", 0),
    ],
)
def test_a_course_is_a_number_or_nothing(course: object, expected: int) -> None:
    assert foreign_hint(json.dumps({"courseid": course}).encode(), 12).course == expected


def test_a_hint_shows_no_token() -> None:
    assert "a-secret" not in repr(foreign_hint(b"token=a-secret", 12))


@pytest.mark.parametrize(
    ("host", "same"),
    [
        ("moodle.example", True),
        ("MOODLE.example", True),
        ("moodle.example:443", True),
        ("https://moodle.example/sub", True),
        ("clone.example", False),
        ("moodle.example.evil.example", False),
        ("[", False),
        ("//[", False),
        ("", False),
    ],
)
def test_a_host_is_compared_with_that_of_the_site(host: str, same: bool) -> None:
    assert same_host(host, "https://moodle.example/sub") is same
