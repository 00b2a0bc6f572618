"""Everything the service does not take, over real HTTP: its status, its problem type, and its silence.

Every case carries a secret and a piece of somebody's answer wherever it can; neither may come back or
reach the log.
"""

# ruff: noqa: E501 - one row of the table is one line

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import (
    KEY,
    LOCAL_WEBHOOKS_TOKEN,
    NOW,
    SECRET,
    SITE,
    TOKEN,
    TOOL_TRIGGER_TOKEN,
    Answer,
    Service,
    golden,
    serving,
    signed,
)
from sqlalchemy import text

from moodle_bridge.contract import faults
from moodle_bridge.moodle import signing

ANSWER = "Искам да напусна тази програма"
CODE = "7KQ2M-9XD4T-ABCDE-FGHJK-MNPQR-STVWX"
UUID = "5f0c9f2e-6f0b-4f6e-9d5b-1d6c8c9e0a11"
EXPIRED = signing.new_secret()
LIMIT = 65_536
LOCAL, TRIGGER = "/webhooks/hint/local_webhooks", "/webhooks/hint/tool_trigger"
FORM = {"content-type": "application/x-www-form-urlencoded"}
HIDDEN = [
    ANSWER,
    ANSWER.encode().hex(),
    json.dumps(ANSWER)[1:-1],
    SECRET.removeprefix("whsec_"),
    EXPIRED.removeprefix("whsec_"),
    TOKEN,
    CODE,
    LOCAL_WEBHOOKS_TOKEN,
    TOOL_TRIGGER_TOKEN,
]

Case = Callable[[Service], Answer]


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("paired")) as service:
        service.pair(secrets=((SECRET, None), (EXPIRED, NOW - 1)))
        service.open_code(CODE)
        yield service


@pytest.fixture(scope="module")
def unpaired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    no_tokens = {
        "MOODLE_BRIDGE_HINTS_LOCAL_WEBHOOKS_TOKEN": "",
        "MOODLE_BRIDGE_HINTS_TOOL_TRIGGER_TOKEN": TOKEN,
    }
    with serving(tmp_path_factory.mktemp("unpaired"), environ=no_tokens) as service:
        service.open_code(CODE, seconds=-1)
        yield service


def webhook(**changes: Any) -> dict[str, Any]:
    message = {
        "contract": 2,
        "type": "submission.saved",
        "site": SITE,
        "timestamp": NOW,
        "data": {"session": UUID, "submission": UUID},
    }
    return {name: value for name, value in {**message, **changes}.items() if value is not ...}


BODY = json.dumps(webhook(note=ANSWER), ensure_ascii=False).encode()


def hook(**changes: Any) -> Case:
    """A signed message that breaks the contract."""
    return lambda service: service.send("/webhooks/moodle", webhook(**changes))


def body(sent: bytes, path: str = "/webhooks/moodle") -> Case:
    """A signed body that is no message."""
    return lambda service: service.send(path, sent)


def headers(**changes: str | bytes | None) -> Case:
    """A message whose headers were tampered with; None leaves one out."""

    def send(service: Service) -> Answer:
        given: dict[str, Any] = {**signed(BODY), **{k.replace("_", "-"): v for k, v in changes.items()}}
        return service.call(
            "POST",
            "/webhooks/moodle",
            BODY,
            {name: value for name, value in given.items() if value is not None},
        )

    return send


def signed_as(
    key: bytes = KEY, message_id: str = "msg_1", offset: int = 0, signed_body: bytes = BODY
) -> Case:
    """A message with headers that were made for something else."""
    return lambda service: service.call(
        "POST", "/webhooks/moodle", BODY, signed(signed_body, message_id, key, NOW + offset)
    )


def signature(change: Callable[[str], str]) -> Case:
    return headers(webhook_signature=change(signed(BODY)["webhook-signature"]))


def pair(key: bytes | None = None, offset: int = 0, **changes: Any) -> Case:
    """A pairing request."""
    message = {**json.loads(golden("pair")["request"]["body"]), **changes}
    sent = json.dumps(message, ensure_ascii=False).encode()
    return lambda service: service.call(
        "POST", "/api/pair", sent, signed(sent, "msg_9", key or signing.pairing_key(CODE), NOW + offset)
    )


def plan(**changes: Any) -> Case:
    message = {
        "contract": 2,
        "site": SITE,
        "start": "2026-01-31",
        "end": "2026-06-30",
        "frequency": "f_monthly",
    }
    return lambda service: service.send("/api/plan", {**message, **changes})


def request(method: str, path: str, sent: Any = None, **given: str) -> Case:
    return lambda service: service.call(
        method, path, sent, {k.replace("_", "-"): v for k, v in given.items()}
    )


def raw(sent: bytes) -> Case:
    return lambda service: service.raw(sent)


def nested(opening: str, closing: str, depth: int) -> bytes:
    return f'{{"contract":2,"data":{opening * depth}1{closing * depth},"note":"{ANSWER}"}}'.encode()


def local(**fields: Any) -> Case:
    return request("POST", LOCAL, json.dumps({"eventname": "\\core\\event\\x", "note": ANSWER, **fields}))


def trigger(sent: bytes | str, **given: str) -> Case:
    return request("POST", TRIGGER, sent, **{"content_type": FORM["content-type"], **given})


def chunks(size: int) -> Iterator[bytes]:
    yield from (b"x" * 8192 for _ in range(size // 8192))


REFUSED: dict[str, tuple[int, str, Case]] = {
    # Who sent it, and when
    "no signature headers": (401, "unsigned", request("POST", "/webhooks/moodle", BODY, content_type="application/json")),
    "no id": (401, "unsigned", headers(webhook_id=None)),
    "an empty id": (401, "unsigned", headers(webhook_id="")),
    "an id that is too long": (401, "unsigned", headers(webhook_id="m" * 101)),
    "an id that is not ASCII": (401, "unsigned", headers(webhook_id=ANSWER.encode())),
    "no time": (401, "unsigned", headers(webhook_timestamp=None)),
    "a time in words": (401, "unsigned", headers(webhook_timestamp="now")),
    "a negative time": (401, "unsigned", headers(webhook_timestamp="-5")),
    "a time with a fraction": (401, "unsigned", headers(webhook_timestamp=f"{NOW}.5")),
    "a time in milliseconds": (401, "unsigned", headers(webhook_timestamp=f"{NOW}000")),
    "a time in digits that are no numbers": (401, "unsigned", headers(webhook_timestamp="²" * 9)),
    "no signature": (401, "unsigned", headers(webhook_signature=None)),
    "too old": (401, "stale", signed_as(offset=-301)),
    "from the future": (401, "stale", signed_as(offset=301)),
    "signed with another secret": (401, "signature", signed_as(key=b"k" * 32)),
    "signed with an expired secret": (401, "signature", signed_as(key=signing.key_of(EXPIRED))),
    "signed with an open pairing code": (401, "signature", signed_as(key=signing.pairing_key(CODE))),
    "the signature of another body": (401, "signature", signed_as(signed_body=BODY + b" ")),
    "the signature of another id": (401, "signature", signature(lambda _: signed(BODY, "msg_2")["webhook-signature"])),
    "the signature of another version": (401, "signature", signature(lambda right: right.replace("v1,", "v2,"))),
    "a signature without its version": (401, "signature", signature(lambda right: right.removeprefix("v1,"))),
    "the secret itself as signature": (401, "signature", headers(webhook_signature=SECRET)),
    "the right signature after ten wrong ones": (401, "signature", signature(lambda right: "v1,AA " * 10 + right)),
    # How it was sent
    "a body over the limit": (413, "too-large", body(b'"' + b"x" * LIMIT + b'"')),
    "a body over the limit in chunks": (413, "too-large", request("POST", "/webhooks/moodle", chunks(LIMIT * 2), content_type="application/json")),
    "a body far over the limit": (413, "too-large", raw(b"POST /webhooks/moodle HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")),
    "headers over the limit": (431, "too-large", raw(b"POST /webhooks/moodle HTTP/1.1\r\nHost: x\r\nX-A: " + TOKEN.encode() * 600 + b"\r\n\r\n")),
    "plain text": (415, "media-type", headers(content_type="text/plain")),
    "a form": (415, "media-type", headers(content_type="application/x-www-form-urlencoded")),
    "no media type": (415, "media-type", headers(content_type=None)),
    "another character set": (415, "media-type", headers(content_type="application/json; charset=windows-1251")),
    "compressed": (415, "media-type", lambda s: s.call("POST", "/webhooks/moodle", gzip.compress(BODY), {**signed(gzip.compress(BODY)), "content-encoding": "gzip"})),
    "a length that is no number": (400, "malformed", raw(b"POST /webhooks/moodle HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n")),
    "a transfer coding nobody speaks": (501, "malformed", raw(b"POST /webhooks/moodle HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n")),
    "no HTTP": (400, "malformed", raw(f"{TOKEN} {ANSWER}\r\n\r\n".encode())),
    # What it says
    "an empty body": (400, "malformed", body(b"")),
    "no JSON": (400, "malformed", body(f"note={ANSWER}&token={TOKEN}".encode())),
    "JSON that was cut off": (400, "malformed", body(BODY[:-1])),
    "JSON with more behind it": (400, "malformed", body(BODY + b"{}")),
    "another encoding": (400, "malformed", body(BODY.decode().encode("windows-1251"))),
    "a byte order mark": (400, "malformed", body(b"\xef\xbb\xbf" + BODY)),
    "a key twice": (400, "malformed", body(BODY[:-1] + b',"type":"privacy.erase"}')),
    "not a number": (400, "malformed", body(BODY[:-1] + b',"x":NaN}')),
    "infinity": (400, "malformed", body(BODY[:-1] + b',"x":-Infinity}')),
    "a number too large": (400, "malformed", body(BODY[:-1] + b',"x":1e999}')),
    "a number too long": (400, "malformed", body(BODY[:-1] + b',"x":' + b"9" * 5000 + b"}")),
    "half of a surrogate pair": (400, "malformed", body(BODY[:-1] + b',"x":"\\ud83d"}')),
    "the character NUL": (400, "malformed", body(BODY[:-1] + b',"x":"\\u0000"}')),
    "lists nested too deep": (400, "too-deep", body(nested("[", "]", 12))),
    "objects nested too deep": (400, "too-deep", body(nested('{"a":', "}", 12))),
    "nothing but brackets": (400, "too-deep", body(b"[" * LIMIT)),
    "a list": (400, "malformed", body(f'["{ANSWER}"]'.encode())),
    "null": (400, "malformed", body(b"null")),
    "no contract version": (400, "malformed", hook(contract=...)),
    "the contract version as text": (400, "malformed", hook(contract="1")),
    "the contract version as truth": (400, "malformed", hook(contract=True)),
    "a later contract": (409, "contract", hook(contract=3, words=ANSWER)),
    "an earlier contract": (409, "contract", hook(contract=0)),
    "a contract from far away": (409, "contract", hook(contract=10**400)),
    "a type nobody knows": (400, "malformed", hook(type=f"submission.{ANSWER}")),
    "no data": (400, "malformed", hook(data=...)),
    "data of another type": (400, "malformed", hook(type="privacy.erase")),
    "answers where only ids belong": (400, "malformed", hook(data={"session": UUID, "submission": UUID, "answers": {ANSWER: ANSWER}})),
    "an answer as a key": (400, "malformed", hook(**{ANSWER: TOKEN})),
    "a session that is no UUID": (400, "malformed", hook(data={"session": ANSWER, "submission": UUID})),
    "a user that is no number": (400, "malformed", hook(type="privacy.erase", data={"user": "42"})),
    "a course below one": (400, "malformed", hook(type="participants.changed", data={"course": 0})),
    "another site": (403, "wrong-site", hook(site="https://clone.example")),
    "the site under another scheme": (403, "wrong-site", hook(site="http://moodle.example")),
    # Requests that are answered at once
    "pairing with a code nobody gave": (403, "pairing-code", pair(key=b"k" * 32)),
    "pairing too late": (401, "stale", pair(offset=-301)),
    "pairing without a signature": (401, "unsigned", request("POST", "/api/pair", b"{}", content_type="application/json")),
    "pairing under another contract": (409, "contract", pair(contract=3)),
    "pairing with a token too short": (400, "malformed", pair(token="x")),
    "pairing a second site": (409, "second-site", pair(site="https://second.example")),
    "pairing a site with a password in it": (400, "malformed", pair(site=f"https://user:{TOKEN}@moodle.example")),
    "pairing a site with a question in it": (400, "malformed", pair(site="https://moodle.example?x=1")),
    "pairing a site without a name": (400, "malformed", pair(site="https://:80")),
    "unpairing unsigned": (401, "unsigned", request("POST", "/api/unpair", b"{}", content_type="application/json")),
    "a ping from another site": (403, "wrong-site", lambda s: s.send("/api/ping", {"contract": 2, "site": "https://clone.example"})),
    "a plan that ends before it starts": (400, "malformed", plan(end="2026-01-01")),
    "a plan on a day that is none": (400, "malformed", plan(start="2026-02-30")),
    "a plan for a lifetime": (400, "malformed", plan(end="2096-02-28")),
    "a plan at the end of time": (400, "malformed", plan(start="9999-12-01", end="9999-12-31")),
    "a plan without a frequency": (400, "malformed", plan(frequency=ANSWER)),
    # Hints of third-party plugins
    "local_webhooks without a token": (401, "source-token", local()),
    "local_webhooks with a wrong token": (401, "source-token", local(token=TOKEN)),
    "local_webhooks with a token that is no text": (401, "source-token", local(token=[LOCAL_WEBHOOKS_TOKEN])),
    "local_webhooks with the other plugin's token": (401, "source-token", local(token=TOOL_TRIGGER_TOKEN)),
    "local_webhooks of another site": (403, "wrong-site", local(token=LOCAL_WEBHOOKS_TOKEN, host="clone.example")),
    "local_webhooks cut off": (400, "malformed", request("POST", LOCAL, f'{{"token": "{LOCAL_WEBHOOKS_TOKEN}"')),
    "local_webhooks as a form without a token": (401, "source-token", request("POST", LOCAL, f"token[]={LOCAL_WEBHOOKS_TOKEN}")),
    "local_webhooks with a list": (400, "malformed", request("POST", LOCAL, f'["{LOCAL_WEBHOOKS_TOKEN}"]')),
    "local_webhooks nested too deep": (400, "too-deep", request("POST", LOCAL, nested("[", "]", 12))),
    "local_webhooks over the limit": (413, "too-large", request("POST", LOCAL, b"x" * (LIMIT + 1))),
    "tool_trigger without a token": (401, "source-token", trigger(f"eventname=x&other_note={ANSWER}".encode())),
    "tool_trigger with a wrong token": (401, "source-token", trigger(f"token={TOKEN}")),
    "tool_trigger with a wrong bearer": (401, "source-token", trigger("eventname=x", authorization=f"Bearer {TOKEN}")),
    "tool_trigger with a password": (401, "source-token", trigger("eventname=x", authorization="Basic dTpw")),
    "tool_trigger in another encoding": (400, "malformed", trigger(b"note=%ff%fe")),
    "tool_trigger with too many fields": (400, "malformed", trigger("&".join(f"f{n}=1" for n in range(201)))),
    "tool_trigger as plain text": (401, "source-token", trigger(ANSWER.encode(), content_type="text/plain")),
    "tool_trigger with a list": (400, "malformed", trigger(f'["{TOOL_TRIGGER_TOKEN}"]')),
    "tool_trigger compressed": (415, "media-type", trigger(b"token=x", content_encoding="gzip")),
    # Addresses and methods
    "an unknown address": (404, "not-found", request("GET", f"/{TOKEN}?answer={TOKEN}")),
    "an unknown plugin": (404, "not-found", request("POST", "/webhooks/hint/other", b"{}")),
    "an address with a slash behind": (404, "not-found", request("POST", "/webhooks/moodle/", b"{}")),
    "an address with two slashes": (404, "not-found", request("POST", "//webhooks//moodle", b"{}")),
    "reading the webhook address": (405, "method", request("GET", f"/webhooks/moodle?token={TOKEN}")),
    "asking for options": (405, "method", request("OPTIONS", "/webhooks/moodle")),
    "a method nobody knows": (405, "method", request(TOKEN.upper(), "/api/pair")),
    "writing to a probe": (405, "method", request("POST", "/healthz", b"{}")),
}  # fmt: skip

UNPAIRED: dict[str, tuple[int, str, Case]] = {
    "a webhook": (403, "not-paired", hook()),
    "a ping": (403, "not-paired", lambda s: s.send("/api/ping", {"contract": 2, "site": SITE})),
    "unpairing": (403, "not-paired", lambda s: s.send("/api/unpair", {"contract": 2, "site": SITE})),
    "a plan": (403, "not-paired", plan()),
    "pairing with an expired code": (403, "pairing-code", pair()),
    "a hint of a plugin without a token in the settings": (401, "source-token", local(token="")),
    "a hint of a known plugin": (403, "not-paired", trigger(f"token={TOKEN}")),
}


def check(service: Service, status: int, problem: str, case: Case) -> None:
    service.log_lines()
    answer = case(service)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert faults("common", told, "problem") == []
    assert told["type"] == f"urn:moodle-bridge:problem:{problem}"
    assert told["status"] == status
    assert told["remedy"]["bg"]
    assert told["remedy"]["en"]
    assert ("limits.body_bytes" in told["remedy"]["en"]) == (status == 413)
    lines = service.log_lines()
    assert [line["message"].startswith(f"refused with {status} {problem} ") for line in lines] == [True]
    written = answer.body.decode() + json.dumps(lines, ensure_ascii=False)
    assert [hidden for hidden in HIDDEN if hidden.lower() in written.lower()] == []
    assert service.woken == []


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_its_status_and_type_and_nothing_leaks(paired: Service, name: str) -> None:
    check(paired, *REFUSED[name])


@pytest.mark.parametrize("name", UNPAIRED)
def test_it_is_refused_while_nobody_is_paired(unpaired: Service, name: str) -> None:
    check(unpaired, *UNPAIRED[name])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/webhooks/moodle", "POST"), ("DELETE", "/api/pair", "POST"), ("POST", "/metrics", "GET, HEAD")],
)
def test_a_wrong_method_is_told_which_are_right(
    paired: Service, method: str, path: str, allowed: str
) -> None:
    answer = paired.call(method, path)
    assert sorted(answer.headers["Allow"].split(", ")) == sorted(allowed.split(", "))


def test_a_mismatch_of_contracts_names_both_versions(paired: Service) -> None:
    detail = paired.send("/webhooks/moodle", webhook(contract=7)).json()["detail"]
    assert "version 7" in detail
    assert "version 2" in detail


def test_a_database_that_does_not_answer_is_503_and_nothing_is_acknowledged(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.pair()
        with service.engine.begin() as connection:
            connection.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
        check(service, 503, "store", hook())
        assert service.send("/webhooks/moodle", webhook()).headers["Retry-After"] == "5"
