"""The log: one id from hint to receipt, one line per event, and nothing secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from moodle_bridge import log
from moodle_bridge.errors import StoreError
from moodle_bridge.moodle import signing

ANSWER = "Искам да напусна"
TOKEN = "0123456789abcdef0123456789abcdef"
OTHER = "00000000-0000-4000-8000-000000000000"
logger = logging.getLogger("moodle_bridge.tests")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A stream that catches the log; the handlers of before come back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:], root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_has_time_level_trace_logger_message_and_facts(stream: io.StringIO) -> None:
    log.configure("json", "info", stream)
    with log.trace("msg_1"):
        logger.info("received %s", "submission.saved", extra={"peer": "10.0.0.1"})
    (line,) = lines(stream)
    assert list(line) == ["time", "level", "trace", "logger", "message", "peer"]
    assert (line["level"], line["trace"], line["message"]) == ("info", "msg_1", "received submission.saved")


def test_a_text_line_is_one_line_whatever_it_holds(stream: io.StringIO) -> None:
    log.configure("text", "info", stream)
    logger.warning("first\nsecond\r\x1b[31mthird\u2028fourth")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()
    assert " warning - moodle_bridge.tests first second" in stream.getvalue()


def test_the_trace_ends_with_its_block_and_nests(stream: io.StringIO) -> None:
    log.configure("json", "info", stream)
    with log.trace("outer"):
        with log.trace("inner"):
            logger.info("x")
        logger.info("x")
    logger.info("x")
    assert [line["trace"] for line in lines(stream)] == ["inner", "outer", ""]


def test_below_its_level_nothing_is_said_and_libraries_speak_up_only_to_warn(stream: io.StringIO) -> None:
    log.configure("json", "info", stream)
    logger.debug("x")
    logging.getLogger("urllib3").info("x")
    logging.getLogger("urllib3").warning("y")
    assert [line["message"] for line in lines(stream)] == ["y"]


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        signing.new_secret(),
        signing.new_pairing_code(),
        signing.new_pairing_code().lower(),
        signing.sign(b"k" * 32, "msg_1", 1, b"{}"),
    ],
    ids=["token", "secret", "pairing code", "typed pairing code", "signature"],
)
def test_what_has_the_shape_of_a_secret_is_blacked_out(secret: str) -> None:
    for text in (secret, f"x {secret} y", f"({secret})", f"'{secret}',", f"a={secret}&b=1"):
        assert secret not in log.redact(text)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("wstoken=abc&wsfunction=f", "wstoken=***&wsfunction=f"),
        ('{"token": "abc", "site": "x"}', '{"token": "***", "site": "x"}'),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("password='abc' host=db", "password='***' host=db"),
        ("postgresql+psycopg://user:abc@host/name", "postgresql+psycopg://user:***@host/name"),
        ("redis://:abc@host/0", "redis://:***@host/0"),
    ],
)
def test_what_is_named_as_a_secret_is_blacked_out(text: str, redacted: str) -> None:
    assert log.redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "msg_0123456789abcdef0123456789abcdef",
        "document c1a2b3d4-e5f6-5a7b-8c9d-0e1f2a3b4c5d is stored",
        "sha256 " + "a" * 64,
        "paired with https://moodle.example/sub (Moodle 4.5.6)",
        "refused with 401 source-token at /webhooks/hint/tool_trigger",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert log.redact(text) == text


def test_facts_are_blacked_out_too(stream: io.StringIO) -> None:
    log.configure("json", "info", stream)
    logger.info("x", extra={"given": f"token={TOKEN}", "body": {"a": object()}})
    assert TOKEN not in stream.getvalue()


@pytest.mark.parametrize("style", ["text", "json"])
def test_of_an_exception_types_and_places_are_told_but_not_its_words(stream: io.StringIO, style: str) -> None:
    log.configure(style, "info", stream)
    try:
        try:
            raise KeyError(ANSWER)
        except KeyError as error:
            raise ValueError(f"{ANSWER} {TOKEN}") from error
    except ValueError:
        logger.exception("it failed")
    told = stream.getvalue()
    assert "ValueError at test_log.py:" in told
    assert "<- KeyError at test_log.py:" in told
    assert ANSWER not in told
    assert TOKEN not in told


def test_the_words_of_our_own_errors_are_told(stream: io.StringIO) -> None:
    log.configure("text", "info", stream)
    try:
        raise StoreError("the disk is full")
    except StoreError:
        logger.exception("it failed")
    assert "StoreError: the disk is full" in stream.getvalue()


def test_a_failure_that_repeats_is_said_once_a_minute_with_a_count() -> None:
    now = [0.0]
    quiet = log.Repeated(lambda: now[0])
    said: list[str] = []

    def tell(message: str, *arguments: object, level: int = logging.WARNING) -> None:
        record = logger.makeRecord(logger.name, level, "", 0, message, arguments, None)
        if quiet.filter(record):
            said.append(record.getMessage())

    for job in range(100):
        now[0] += 0.5
        tell("job %d (archive:%s): moodle-unreachable; try 2 in %d s", job, OTHER, job)
        tell("job %d is done", job, level=logging.INFO)
    tell("another failure")
    now[0] += 60
    tell("job %d (archive:%s): moodle-unreachable; try 2 in %d s", 7, OTHER, 7)
    warnings = [each for each in said if "is done" not in each]
    assert warnings == [
        f"job 0 (archive:{OTHER}): moodle-unreachable; try 2 in 0 s",
        "another failure",
        f"job 7 (archive:{OTHER}): moodle-unreachable; try 2 in 7 s"
        " (and 99 more like this since the last line)",
    ]
    assert len(said) - len(warnings) == 100


def test_the_log_of_a_process_keeps_repetitions_back(stream: io.StringIO) -> None:
    log.configure("json", "info", stream)
    for _ in range(50):
        logger.warning("the worker pauses for the database: gone")
    assert len(lines(stream)) == 1
