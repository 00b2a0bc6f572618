"""Moodle's client against a server that fails in every way Moodle does; nothing is mocked."""

from __future__ import annotations

import dataclasses
import gzip
import json
import logging
import os
import socket
import struct
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from goldens import as_moodle_says
from misbehaving import Moodle, misbehaving, reply
from serving import golden

from moodle_bridge import errors
from moodle_bridge.contract import faults
from moodle_bridge.contract.exchanges import (
    ChangePage,
    DefinitionItem,
    DocumentPage,
    PersonalItem,
    PersonalName,
    PushPart,
    SubmissionPage,
    SummaryItem,
    SummaryName,
)
from moodle_bridge.contract.records import as_json
from moodle_bridge.moodle.client import Client, flatten

TOKEN = "5ecre75ecre75ecre75ecre75ecre75e"
SESSION = "5f0c9f2e-6f0b-4f6e-9d5b-1d6c8c9e0a11"
ANSWER = "Искам да напусна"
CHANGES = golden("ws-get_changes")["answer"]


@pytest.fixture
def moodle() -> Iterator[Moodle]:
    with misbehaving() as moodle:
        yield moodle


@pytest.fixture
def client(moodle: Moodle) -> Iterator[Client]:
    client = Client(moodle.url, TOKEN, timeout_seconds=2, concurrency=4, answer_bytes=1_000_000)
    yield client
    client.close()


def failure(call: Callable[[], object]) -> errors.MoodleError:
    """The error of a call that has to fail; token and answers are nowhere in it."""
    with pytest.raises(errors.MoodleError) as caught:
        call()
    told = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    assert TOKEN not in told
    assert ANSWER not in told
    return caught.value


def exception(code: str, kind: str = "moodle_exception", **more: str) -> dict[str, str]:
    """As ``webservice_rest_server::generate_error`` writes it."""
    return {"exception": kind, "errorcode": code, "message": f"{ANSWER} {TOKEN}", **more}


# What is sent


def test_the_token_travels_in_the_body_and_nowhere_else(moodle: Moodle, client: Client) -> None:
    moodle.answers(CHANGES)
    client.get_changes(0, 200)
    (request,) = moodle.requests
    assert request.line == "POST /webservice/rest/server.php HTTP/1.1"
    assert TOKEN not in request.line + repr(request.headers)
    assert request.form == {
        "wstoken": TOKEN,
        "wsfunction": "mod_monitoringsession_get_changes",
        "moodlewsrestformat": "json",
        "contract": "2",
        "cursor": "0",
        "limit": "200",
    }


def test_lists_and_structures_are_written_as_moodle_reads_them() -> None:
    parameters = {
        "ids": ["a", "b"],
        "items": [{"user": 42, "open": True}, {"user": 43, "open": False}],
        "none": [],
    }
    assert dict(flatten(parameters)) == {
        "ids[0]": "a",
        "ids[1]": "b",
        "items[0][user]": "42",
        "items[0][open]": "1",
        "items[1][user]": "43",
        "items[1][open]": "0",
    }


ITEMS = {
    "put_definitions": ("definitions", DefinitionItem),
    "put_personal": ("items", PersonalItem),
    "put_summary": ("items", SummaryItem),
}
UNCHANGED: dict[str, type[PersonalName] | type[SummaryName]] = {
    "put_personal": PersonalName,
    "put_summary": SummaryName,
}


def called(name: str, client: Client, parameters: dict[str, Any]) -> object:
    given = {key: value for key, value in parameters.items() if key != "contract"}
    if name in ITEMS:
        field, kind = ITEMS[name]
        given[field] = [kind(**each) for each in given[field]]
    if name in UNCHANGED:
        part = {field.name: given.pop(field.name) for field in dataclasses.fields(PushPart)}
        unchanged = [UNCHANGED[name](**each) for each in given.pop("unchanged")]
        given |= {"part": PushPart(**part), "unchanged": unchanged}
    return getattr(client, name)(**given)


def told(answer: object) -> dict[str, Any]:
    """What an answer with types says, as the contract writes it."""
    match answer:
        case None:
            return {}
        case (record, ()):
            return as_json(record)
        case DocumentPage() | ChangePage():
            said = as_json(answer)
            assert said.pop("unread") == []
            return said
        case SubmissionPage():
            forms = [each.record for each in answer.submissions]
            rest = {"after": answer.after, "more": answer.more}
            return {"submissions": forms, **rest, "sessions": [as_json(each) for each in answer.sessions]}
        case _:
            return as_json(answer)


@pytest.mark.parametrize(
    "name",
    [
        "get_changes",
        "get_submissions",
        "get_participants",
        "put_definitions",
        "put_personal",
        "put_summary",
        "store_document",
        "list_documents",
        "report_problem",
    ],
)
def test_every_function_sends_and_answers_the_golden_exchange(
    moodle: Moodle, client: Client, name: str
) -> None:
    exchange = golden(f"ws-{name}")
    moodle.answers(exchange["answer"])
    answer = told(called(name, client, exchange["parameters"]))
    assert as_moodle_says(answer) == {key: exchange["answer"][key] for key in answer}
    assert bool(answer) == (name != "report_problem")
    sent = {
        key: value
        for key, value in moodle.requests[0].form.items()
        if key not in ("wstoken", "moodlewsrestformat")
    }
    assert sent == {"wsfunction": exchange["function"], **dict(flatten(exchange["parameters"]))}
    assert faults(name, exchange["parameters"], "request") == []


def test_an_upload_is_one_multipart_file(moodle: Moodle, client: Client) -> None:
    moodle.answers([{"itemid": 880001, "filename": "S01_Юлия.pdf", "component": "user"}])
    assert client.upload("S01_Юлия.pdf", b"%PDF-1.7 \x00\xff") == 880001
    (request,) = moodle.requests
    assert request.line == "POST /webservice/upload.php HTTP/1.1"
    assert TOKEN not in repr(request.headers)
    for part in (
        b'name="token"\r\n\r\n' + TOKEN.encode(),
        b'name="itemid"\r\n\r\n0\r\n',
        b'name="filearea"\r\n\r\ndraft\r\n',
        'filename="S01_Юлия.pdf"'.encode(),
        b"Content-Type: application/pdf\r\n\r\n%PDF-1.7 \x00\xff\r\n",
    ):
        assert part in request.body


def test_one_connection_is_used_again_and_again(moodle: Moodle, client: Client) -> None:
    moodle.answers(CHANGES)
    for _ in range(5):
        client.get_changes(0, 200)
    assert (len(moodle.requests), moodle.connections) == (5, 1)


def test_the_client_never_tries_again_by_itself(moodle: Moodle, client: Client) -> None:
    moodle.says(b"", "500 Internal Server Error")
    failure(client.greet)
    assert len(moodle.requests) == 1


def test_no_proxy_of_the_environment_is_asked(
    moodle: Moodle, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    moodle.answers(CHANGES)
    assert client.greet() == ChangePage.of(CHANGES)


def test_the_client_shows_no_token(moodle: Moodle, client: Client) -> None:
    assert repr(client) == f"Client('{moodle.url}')"


# Exceptions of Moodle, which come with HTTP 200


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalidtoken", errors.MoodleTokenRefused),
        ("accessexception", errors.MoodleTokenRefused),
        ("nopermissions", errors.MoodleTokenRefused),
        ("wsaccessusersuspended", errors.MoodleAccountHeld),
        ("usernotfullysetup", errors.MoodleAccountHeld),
        ("nopasswordchangeforced", errors.MoodleAccountHeld),
        ("sitepolicynotagreed", errors.MoodleAccountHeld),
        ("servicenotavailable", errors.MoodleFunctionMissing),
        ("contractmismatch", errors.MoodleFunctionMissing),
        ("sitemaintenance", errors.MoodleMaintenance),
        ("upgraderunning", errors.MoodleMaintenance),
        ("locktimeout", errors.MoodleBroken),
        ("draftmissing", errors.MoodleBroken),
        ("hashmismatch", errors.MoodleBroken),
        ("dmlwriteexception", errors.MoodleBroken),
        ("dbconnectionfailed", errors.MoodleBroken),
        ("documentexists", errors.MoodleRefused),
        ("sessionmissing", errors.MoodleRefused),
        ("submissionmissing", errors.MoodleRefused),
        ("invalidparameter", errors.MoodleRefused),
        ("invalidrecord", errors.MoodleRefused),
    ],
)
def test_an_exception_becomes_its_typed_error(
    moodle: Moodle, client: Client, code: str, kind: type[errors.MoodleError]
) -> None:
    moodle.answers(exception(code))
    error = failure(client.greet)
    assert type(error) is kind
    assert error.facts["moodle_code"] == code
    assert code in error.message


def test_what_trying_again_can_help_is_not_permanent(moodle: Moodle, client: Client) -> None:
    permanent = {}
    for code in ("locktimeout", "sitemaintenance", "draftmissing", "invalidtoken", "documentexists"):
        moodle.answers(exception(code))
        permanent[code] = failure(client.greet).permanent
    assert permanent == {
        "locktimeout": False,
        "sitemaintenance": False,
        "draftmissing": False,
        "invalidtoken": True,
        "documentexists": True,
    }


def test_a_function_the_site_does_not_know_is_missing(moodle: Moodle, client: Client) -> None:
    message = "Can't find data record in database table external_functions."
    moodle.answers(
        {"exception": "dml_missing_record_exception", "errorcode": "invalidrecord", "message": message}
    )
    assert type(failure(client.greet)) is errors.MoodleFunctionMissing


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda client: client.greet(), errors.MoodleFunctionMissing),
        (lambda client: client.get_participants(SESSION), errors.MoodleRefused),
    ],
    ids=["the call that all begins with", "a record of one session"],
)
def test_where_moodle_names_no_table_only_the_first_call_can_tell_that_a_function_is_missing(
    moodle: Moodle, client: Client, call: Callable[[Client], object], kind: type[errors.MoodleError]
) -> None:
    moodle.answers(  # Moodle 5.1 without debugging
        {
            "exception": "dml_missing_record_exception",
            "errorcode": "invalidrecordunknown",
            "message": "Can't find data record in database.",
        }
    )
    assert type(failure(lambda: call(client))) is kind


def test_a_function_the_service_lacks_is_missing_where_debugging_tells(
    moodle: Moodle, client: Client
) -> None:
    info = "Access to the function mod_monitoringsession_get_changes() is not allowed."
    moodle.answers(exception("accessexception", "webservice_access_exception", debuginfo=info))
    assert type(failure(client.greet)) is errors.MoodleFunctionMissing


def test_an_error_of_php_without_a_code_passes(moodle: Moodle, client: Client) -> None:
    moodle.answers({"exception": "TypeError", "message": f"Unsupported operand {ANSWER}"})
    error = failure(client.greet)
    assert type(error) is errors.MoodleBroken
    assert not error.permanent


def test_a_code_that_is_none_is_not_repeated(moodle: Moodle, client: Client) -> None:
    moodle.answers(exception(f"x {ANSWER}"))
    assert type(failure(client.greet)) is errors.MoodleBroken


def test_an_exception_is_read_whatever_the_status(moodle: Moodle, client: Client) -> None:
    moodle.says(json.dumps(exception("invalidtoken")).encode(), "500 Internal Server Error")
    assert type(failure(client.greet)) is errors.MoodleTokenRefused


def test_an_upload_reads_the_other_shape_of_exceptions(moodle: Moodle, client: Client) -> None:
    moodle.answers({"error": ANSWER, "errorcode": "invalidtoken", "stacktrace": None, "debuginfo": None})
    assert type(failure(lambda: client.upload("a.pdf", b"%PDF"))) is errors.MoodleTokenRefused


def test_a_file_that_moodle_does_not_take_is_refused(moodle: Moodle, client: Client) -> None:
    moodle.answers([{"filename": "a.pdf", "errortype": "fileoversized", "error": ANSWER}])
    error = failure(lambda: client.upload("a.pdf", b"%PDF"))
    assert isinstance(error, errors.MoodleRefused)
    assert error.moodle_code == "fileoversized"


@pytest.mark.parametrize(
    "answer", [None, [], {}, [{}], [{"itemid": "7"}], [{"itemid": True}], [{"itemid": 1}] * 2]
)
def test_an_upload_without_one_item_is_garbled(moodle: Moodle, client: Client, answer: object) -> None:
    moodle.answers(answer)
    assert type(failure(lambda: client.upload("a.pdf", b"%PDF"))) is errors.MoodleGarbled


# Status and pages

PAGE = b'<!DOCTYPE html><html lang="bg"><body id="page-maintenance-message" class="pagelayout-maintenance">'


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        ("200 OK", PAGE, errors.MoodleMaintenance),
        ("503 Moodle under maintenance", b"", errors.MoodleMaintenance),
        ("503 Service Unavailable", PAGE, errors.MoodleMaintenance),
        ("503 Service Unavailable", b"<h1>busy</h1>", errors.MoodleBroken),
        ("500 Internal Server Error", b"<h1>Error</h1>", errors.MoodleBroken),
        ("502 Bad Gateway", b"", errors.MoodleBroken),
        ("504 Gateway Timeout", b"", errors.MoodleBroken),
        ("404 Not Found", b"<h1>Not here</h1>", errors.MoodleBroken),
        ("429 Too Many Requests", b"", errors.MoodleBroken),
        ("403 Forbidden", b"", errors.MoodleFunctionMissing),
        ("401 Unauthorized", b"", errors.MoodleGuarded),
        ("413 Request Entity Too Large", b"<h1>nginx</h1>", errors.MoodleUploadLimit),
        ("204 No Content", b"", errors.MoodleBroken),
        ("200 OK", b"<html><body>Welcome</body></html>", errors.MoodleGarbled),
        ("200 OK", b"", errors.MoodleGarbled),
        ("200 OK", b"OK", errors.MoodleGarbled),
    ],
)
def test_a_status_or_page_becomes_its_typed_error(
    moodle: Moodle, client: Client, status: str, body: bytes, kind: type[errors.MoodleError]
) -> None:
    moodle.says(body, status, Content_Type="text/html")
    assert type(failure(client.greet)) is kind


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
def test_a_redirect_is_never_followed_and_gets_no_token(moodle: Moodle, client: Client, status: str) -> None:
    with misbehaving() as elsewhere:
        elsewhere.answers(CHANGES)
        moodle.says(b"", status, Location=f"{elsewhere.url}/webservice/rest/server.php?wstoken={TOKEN}")
        error = failure(client.greet)
        assert type(error) is errors.MoodleRedirects
        assert elsewhere.url in error.message
        assert (elsewhere.connections, len(moodle.requests)) == (0, 1)


@pytest.mark.parametrize(
    "where", ["/login/index.php", "http://[broken", "", "https://user:pass@other.example/x"]
)
def test_a_redirect_names_only_scheme_and_host(moodle: Moodle, client: Client, where: str) -> None:
    moodle.says(b"", "302 Found", Location=where)
    message = failure(client.greet).message
    assert "user" not in message
    assert "index.php" not in message


# Answers that are not what the contract says


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "text",
        7,
        {},
        {name: value for name, value in CHANGES.items() if name != "cursor"},
        {**CHANGES, "cursor": "3"},
        {**CHANGES, "more": 0},
        {**CHANGES, "contract": 3},
        {**CHANGES, "sessions": [{**CHANGES["sessions"][0], "name": None}]},
    ],
    ids=[
        "null",
        "list",
        "text",
        "number",
        "empty",
        "key missing",
        "text for number",
        "0 for false",
        "contract",
        "inner",
    ],
)
def test_another_shape_is_garbled(moodle: Moodle, client: Client, answer: object) -> None:
    moodle.answers(answer)
    assert type(failure(client.greet)) is errors.MoodleGarbled


def test_the_place_of_a_fault_is_named_and_its_value_is_not(moodle: Moodle, client: Client) -> None:
    submissions = golden("ws-get_submissions")["answer"]
    submissions["submissions"][0]["respondent_name"] = [ANSWER]
    moodle.answers(submissions)
    page = client.get_submissions([SESSION])
    assert page.submissions == ()
    assert page.unread[0].why == "submissions/0: respondent_name: breaks 'type'"
    submissions["submissions"] = [ANSWER]
    submissions["sessions"] = ANSWER
    moodle.answers(submissions)
    assert "sessions: breaks 'type'" in failure(lambda: client.get_submissions([SESSION])).message


def test_pages_that_do_not_move_are_garbled(moodle: Moodle, client: Client) -> None:
    moodle.answers(golden("ws-get_submissions")["answer"] | {"more": True, "after": 7})
    assert type(failure(lambda: client.get_submissions([SESSION], after=7))) is errors.MoodleGarbled


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000], ids=["lists", "objects"])
def test_an_answer_nested_without_end_is_garbled(moodle: Moodle, client: Client, body: bytes) -> None:
    moodle.says(body)
    assert type(failure(client.greet)) is errors.MoodleGarbled


WARNING = (
    b"<br />\n<b>Warning</b>:  Undefined variable $x in <b>/var/www/moodle/a.php</b> on line <b>3</b><br />\n"
)
PLAIN = b"\nDeprecated: strlen(): Passing null in /var/www/moodle/a.php on line 3\n"


@pytest.mark.parametrize(
    "before", [WARNING, WARNING * 3, PLAIN, PLAIN + WARNING], ids=["html", "3", "text", "both"]
)
def test_notices_of_php_before_the_json_are_skipped(
    moodle: Moodle, client: Client, before: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    moodle.says(before + json.dumps(CHANGES).encode(), Content_Type="text/html")
    assert client.greet() == ChangePage.of(CHANGES)
    assert "PHP notices" in caplog.text


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\n\n  "], ids=["byte order mark", "blanks"])
def test_a_stray_start_of_file_is_skipped(moodle: Moodle, client: Client, before: bytes) -> None:
    moodle.says(before + json.dumps(CHANGES).encode())
    assert client.greet() == ChangePage.of(CHANGES)


def test_a_notice_and_a_truncated_answer_are_garbled(moodle: Moodle, client: Client) -> None:
    moodle.says(WARNING + json.dumps(CHANGES).encode()[:-1])
    assert type(failure(client.greet)) is errors.MoodleGarbled


def test_other_text_before_the_json_is_garbled(moodle: Moodle, client: Client) -> None:
    moodle.says(b"Hello\n" + json.dumps(CHANGES).encode())
    assert type(failure(client.greet)) is errors.MoodleGarbled


def test_a_wrong_content_type_around_right_json_is_tolerated(moodle: Moodle, client: Client) -> None:
    moodle.says(json.dumps(CHANGES).encode(), Content_Type="text/html; charset=windows-1251")
    assert client.greet() == ChangePage.of(CHANGES)


# Connections


def test_an_answer_cut_off_is_garbled(moodle: Moodle, client: Client) -> None:
    moodle.sends(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + json.dumps(CHANGES).encode()[:200])
    assert type(failure(client.greet)) is errors.MoodleGarbled


def test_a_chunked_answer_cut_off_is_told(moodle: Moodle, client: Client) -> None:
    moodle.sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{")
    assert isinstance(failure(client.greet), errors.MoodleGarbled | errors.MoodleUnreachable)


def test_an_answer_that_is_no_http_is_unreachable(moodle: Moodle, client: Client) -> None:
    moodle.sends(b"SSH-2.0-OpenSSH_9.2\r\n")
    assert type(failure(client.greet)) is errors.MoodleUnreachable


def test_a_connection_closed_without_an_answer_is_unreachable(moodle: Moodle, client: Client) -> None:
    moodle.sends(b"")
    assert type(failure(client.greet)) is errors.MoodleUnreachable


def test_a_connection_reset_is_unreachable(moodle: Moodle, client: Client) -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Not close(), which waits for the stream that reads from it.
        os.close(connection.detach())

    moodle.behave = reset
    assert type(failure(client.greet)) is errors.MoodleUnreachable


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with misbehaving() as gone:
        pass
    client = Client(gone.url, TOKEN, timeout_seconds=2, concurrency=1)
    error = failure(client.greet)
    assert type(error) is errors.MoodleUnreachable
    assert "refused" in error.message


def test_a_name_nobody_knows_is_unreachable() -> None:
    client = Client("http://moodle.invalid", TOKEN, timeout_seconds=2, concurrency=1)
    error = failure(client.greet)
    assert type(error) is errors.MoodleUnreachable
    assert "name" in error.message


def test_a_compressed_answer_is_refused_before_it_is_unpacked(moodle: Moodle, client: Client) -> None:
    moodle.says(gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip")
    assert type(failure(client.greet)) is errors.MoodleGarbled
    assert moodle.requests[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("length", [{}, {"Content_Length": "999999999"}], ids=["true", "announced"])
def test_a_huge_answer_is_not_read_to_its_end(moodle: Moodle, client: Client, length: dict[str, str]) -> None:
    moodle.says(b" " * 3_000_000, **length)
    error = failure(client.greet)
    assert type(error) is errors.MoodleGarbled
    assert "larger than 1000000 bytes" in error.message


# Time


def drip(parts: Iterator[bytes]) -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(0.05)

    return send


def forever(head: bytes) -> Iterator[bytes]:
    """A minute is for ever, and the test ends all the same where nothing limits the call."""
    yield head
    yield from [b" "] * 1200


@pytest.mark.parametrize(
    "parts",
    [
        lambda: iter([b"HTTP/1.1 200"] + [b" "] * 1000),
        lambda: forever(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        lambda: forever(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n"),
        lambda: forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n"),
        lambda: forever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        lambda: forever(b""),
    ],
    ids=["status", "headers", "body", "chunk", "chunk size", "silence"],
)
def test_a_server_that_drips_cannot_hold_a_call(moodle: Moodle, parts: Callable[[], Iterator[bytes]]) -> None:
    client = Client(moodle.url, TOKEN, timeout_seconds=0.4, concurrency=1)
    moodle.behave = drip(parts())
    assert type(failure(client.greet)) is errors.MoodleSlow
    assert moodle.finished == 0, "the call ended before the answer did"


def test_a_server_that_reads_nothing_cannot_hold_an_upload() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        # Without a limit of the whole call, nothing would end it.
        client = Client(
            f"http://127.0.0.1:{deaf.getsockname()[1]}", TOKEN, timeout_seconds=0.4, concurrency=1
        )
        assert type(failure(lambda: client.upload("a.pdf", b"0" * 20_000_000))) is errors.MoodleSlow


def test_a_call_after_a_slow_one_has_its_whole_time(moodle: Moodle) -> None:
    client = Client(moodle.url, TOKEN, timeout_seconds=2, concurrency=1)
    for _ in range(3):
        moodle.behave = lambda connection: (time.sleep(0.8), reply(connection, json.dumps(CHANGES).encode()))
        assert client.greet() == ChangePage.of(CHANGES)


def test_a_call_may_have_a_shorter_limit_of_its_own(moodle: Moodle, client: Client) -> None:
    moodle.behave = lambda connection: time.sleep(4)
    assert type(failure(lambda: client.greet(timeout_seconds=0.2))) is errors.MoodleSlow
    assert moodle.finished == 0, "the call ended before Moodle had slept"


# Many at once


def test_threads_share_a_client_and_keep_its_connections(moodle: Moodle, client: Client) -> None:
    moodle.answers(CHANGES)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.greet(), range(40)))
    assert answers == [ChangePage.of(CHANGES)] * 40
    assert moodle.connections <= 4


def test_every_call_beside_others_has_an_end(moodle: Moodle) -> None:
    client = Client(moodle.url, TOKEN, timeout_seconds=0.3, concurrency=1)
    moodle.behave = lambda connection: time.sleep(20)
    with ThreadPoolExecutor(3) as pool:
        kinds = {type(error) for error in pool.map(lambda _: failure(client.greet), range(3))}
    assert kinds == {errors.MoodleSlow}
    assert moodle.finished == 0, "nobody waited for Moodle to come back"


def test_nothing_the_libraries_log_holds_token_or_answers(
    moodle: Moodle, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    moodle.answers(exception("invalidparameter"))
    failure(client.greet)
    failure(lambda: client.upload("a.pdf", b"%PDF"))
    assert TOKEN not in caplog.text
    assert ANSWER not in caplog.text
