"""Signatures: the format of Standard Webhooks, and the golden exchanges both sides replay."""

from __future__ import annotations

import pytest
from serving import KEY, NOW, golden

from moodle_bridge.errors import BadSignature, Stale, Unsigned
from moodle_bridge.moodle import signing
from moodle_bridge.resources import contract_dir

SIGNED = sorted(
    path.stem for path in (contract_dir() / "golden").glob("*.json") if "request" in golden(path.stem)
)
BODY = '{"contract":1,"type":"privacy.erase","за":"ѝ"}'.encode()


def test_the_published_example_of_standard_webhooks_is_reproduced() -> None:
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    assert (
        signing.sign(signing.key_of(secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.parametrize("name", SIGNED)
def test_a_golden_exchange_carries_the_signature_we_make(name: str) -> None:
    exchange = golden(name)
    with_what = exchange["signed_with"]
    key = (
        signing.key_of(with_what["secret"])
        if "secret" in with_what
        else signing.pairing_key(with_what["pairing_code"])
    )
    headers, body = exchange["request"]["headers"], exchange["request"]["body"].encode()
    assert signing.verify([key], headers, body, NOW) == headers["webhook-id"]
    assert signing.sign(key, headers["webhook-id"], NOW, body) == headers["webhook-signature"]


@pytest.mark.parametrize("offset", [-300, 0, 300])
def test_five_minutes_either_way_are_tolerated(offset: int) -> None:
    headers = signing.headers(KEY, "msg_1", NOW + offset, BODY)
    assert signing.verify([KEY], headers, BODY, NOW) == "msg_1"


@pytest.mark.parametrize("offset", [-301, 301])
def test_more_than_five_minutes_are_stale(offset: int) -> None:
    with pytest.raises(Stale):
        signing.verify([KEY], signing.headers(KEY, "msg_1", NOW + offset, BODY), BODY, NOW)


def test_any_of_several_keys_counts_and_is_named() -> None:
    headers = signing.headers(KEY, "msg_1", NOW, BODY)
    assert signing.verify_which([b"old" * 9, b"older" * 9, KEY], headers, BODY, NOW) == ("msg_1", 2)


def test_any_of_several_signatures_counts() -> None:
    headers = signing.headers(KEY, "msg_1", NOW, BODY)
    headers["webhook-signature"] = f"v1,AAAA {headers['webhook-signature']}"
    assert signing.verify([KEY], headers, BODY, NOW) == "msg_1"


def test_no_more_than_ten_signatures_are_tried() -> None:
    headers = signing.headers(KEY, "msg_1", NOW, BODY)
    headers["webhook-signature"] = "v1,AAAA " * 10 + headers["webhook-signature"]
    with pytest.raises(BadSignature):
        signing.verify([KEY], headers, BODY, NOW)


@pytest.mark.parametrize(
    ("message_id", "timestamp", "body"),
    [("msg_2", NOW, BODY), ("msg_1", NOW + 1, BODY), ("msg_1", NOW, BODY + b" ")],
    ids=["id", "time", "body"],
)
def test_id_time_and_body_are_all_signed(message_id: str, timestamp: int, body: bytes) -> None:
    headers = signing.headers(KEY, "msg_1", NOW, BODY)
    headers |= {"webhook-id": message_id, "webhook-timestamp": str(timestamp)}
    with pytest.raises(BadSignature):
        signing.verify([KEY], headers, body, NOW)


def test_without_any_key_nothing_fits() -> None:
    with pytest.raises(BadSignature):
        signing.verify([], signing.headers(KEY, "msg_1", NOW, BODY), BODY, NOW)


@pytest.mark.parametrize("header", signing.HEADERS)
def test_a_missing_header_is_unsigned(header: str) -> None:
    headers = signing.headers(KEY, "msg_1", NOW, BODY)
    del headers[header]
    with pytest.raises(Unsigned, match=header):
        signing.verify([KEY], headers, BODY, NOW)


def test_the_pairing_code_may_be_typed_in_any_way() -> None:
    code = signing.new_pairing_code()
    assert len(code.replace("-", "")) == 30
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert signing.pairing_key(typed) == signing.pairing_key(code)


def test_new_codes_and_secrets_never_repeat() -> None:
    assert len({signing.new_pairing_code() for _ in range(100)}) == 100
    assert len({signing.new_secret() for _ in range(100)}) == 100


def test_a_new_secret_is_one_in_the_notation_of_standard_webhooks() -> None:
    secret = signing.new_secret()
    assert secret.startswith("whsec_")
    assert len(signing.key_of(secret)) == 32
