"""JSON read strictly: nothing two parsers could read differently, nothing that exhausts a parser."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodle_bridge.errors import Malformed, RequestRefused, TooDeep
from moodle_bridge.moodle.strict_json import parse

DEPTH = 12
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(LETTERS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(LETTERS, max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


def outcome(body: bytes) -> object:
    """What is read, or the refusal; anything else is raised."""
    try:
        return parse(body, DEPTH)
    except RequestRefused as error:
        return error


@given(VALUES, st.booleans())
def test_what_json_writes_is_read_back(value: object, ascii_only: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=ascii_only).encode(), 100) == value


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_refusal(body: bytes) -> None:
    found = outcome(body)
    assert not isinstance(found, RequestRefused) or found.status == 400


@given(st.text('{}[]",:\\ a1', max_size=60))
def test_no_structure_passes_that_json_refuses(text: str) -> None:
    found = outcome(text.encode())
    try:
        expected = json.loads(text)
    except ValueError:
        assert isinstance(found, RequestRefused)
        return
    assert found == expected or isinstance(found, TooDeep) or "twice" in str(found)


@pytest.mark.parametrize("depth", [1, 2, 12])
def test_the_limit_itself_is_allowed_and_one_more_is_not(depth: int) -> None:
    assert parse(b"[" * depth + b"]" * depth, depth) is not None
    with pytest.raises(TooDeep):
        parse(b"[" * (depth + 1) + b"]" * (depth + 1), depth)


def test_brackets_in_texts_do_not_count() -> None:
    assert parse(b'{"a": "[[[[{{{{\\"[[[["}', 1) == {"a": '[[[[{{{{"[[[['}


@pytest.mark.parametrize(
    "body",
    [
        b'"\\' * 500_000,
        b'"' * 1_000_000,
        b'"\\"' * 300_000,
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b'"' + b"\\" * 999_999,
    ],
    ids=["escapes", "quotes", "escaped quotes", "lists", "objects", "backslashes"],
)
def test_a_megabyte_of_anything_is_refused(body: bytes) -> None:
    with pytest.raises(RequestRefused):
        parse(body, DEPTH)


@pytest.mark.parametrize("text", [r'"\ud800"', r'{"\udfff": 1}', r'["\u0000"]', r'{"\u0000": 1}'])
def test_what_no_database_stores_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text.encode(), DEPTH)


@pytest.mark.parametrize("text", [r'"\ud83d\ude00"', r'"\\u0000"', r'"\\\\u0000"', r'"\u0001"'])
def test_what_only_looks_like_it_is_read(text: str) -> None:
    assert parse(text.encode(), DEPTH) == json.loads(text)


def test_no_message_quotes_the_text() -> None:
    secret = "Искам да напусна"
    for body in (
        f'{{"{secret}": }}',
        f'{{"{secret}": 1, "{secret}": 2}}',
        f'"{secret}',
        f'["{secret}", NaN]',
    ):
        with pytest.raises(RequestRefused) as refused:
            parse(body.encode(), DEPTH)
        assert secret not in str(refused.value)
        assert refused.value.__cause__ is None
