"""What the service does with what it takes: golden exchanges and hints, over real HTTP."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from claiming import claimed, finish
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
from sqlalchemy import select

from moodle_bridge.contract import faults
from moodle_bridge.contract.exchanges import ChangePage
from moodle_bridge.errors import MoodleMaintenance
from moodle_bridge.moodle import signing
from moodle_bridge.moodle.client import Client
from moodle_bridge.remedies import remedy_of
from moodle_bridge.resources import contract_dir
from moodle_bridge.store import facts, inbox, pairing, queue, tables
from moodle_bridge.store.engine import read

GOLDEN = sorted(path.stem for path in (contract_dir() / "golden").glob("webhook-*.json"))
SESSION = "5f0c9f2e-6f0b-4f6e-9d5b-1d6c8c9e0a11"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with serving(tmp_path) as service:
        service.pair()
        yield service


def replay(service: Service, exchange: dict[str, Any]) -> Answer:
    request = exchange["request"]
    return service.call(request["method"], request["path"], request["body"].encode(), request["headers"])


def keys_of_jobs(service: Service) -> list[str]:
    return [job.key for job in queue.list_jobs(service.engine)]


def submission_saved(service: Service, message_id: str, submission: str, **options: Any) -> Answer:
    message = {
        "contract": 2,
        "type": "submission.saved",
        "site": SITE,
        "timestamp": int(service.now),
        "data": {"session": SESSION, "submission": submission},
    }
    return service.send("/webhooks/moodle", message, message_id, **options)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_webhook_is_answered_as_recorded_and_makes_its_job(service: Service, name: str) -> None:
    exchange = golden(name)
    answer = replay(service, exchange)
    assert (answer.status, answer.json()) == (exchange["answer"]["status"], exchange["answer"]["body"])
    submission = json.loads(exchange["request"]["body"])["data"].get("submission")
    expected = f"archive:{submission}" if name == "webhook-submission-saved" else "sync"
    assert keys_of_jobs(service) == [expected]
    assert len(service.woken) == 1


def test_a_repeated_webhook_is_answered_alike_and_works_once(service: Service) -> None:
    exchange = golden("webhook-submission-saved")
    answers = [replay(service, exchange) for _ in range(3)]
    assert {(answer.status, answer.body) for answer in answers} == {(202, answers[0].body)}
    assert len(service.woken) == 1
    assert inbox.count(service.engine) == 1


def test_a_repetition_after_the_job_is_done_does_not_start_it_again(service: Service) -> None:
    replay(service, golden("webhook-submission-saved"))
    finish(service.engine, claimed(service.engine, "me", NOW), NOW)
    replay(service, golden("webhook-submission-saved"))
    assert queue.counts(service.engine) == {"queued": 0, "running": 0, "done": 1, "dead": 0}


def test_another_webhook_for_the_same_submission_starts_its_job_again(service: Service) -> None:
    submission_saved(service, "msg_1", SESSION)
    finish(service.engine, claimed(service.engine, "me", NOW), NOW)
    submission_saved(service, "msg_2", SESSION)
    assert queue.counts(service.engine)["queued"] == 1


def test_webhooks_in_any_order_are_taken(service: Service) -> None:
    for name in reversed(GOLDEN):
        assert replay(service, golden(name)).status == 202
    assert inbox.count(service.engine) == len(GOLDEN)


def test_many_at_once_are_all_taken_and_each_once(service: Service) -> None:
    ids = [f"0a4b7c1d-2e3f-4a5b-8c6d-{number:012x}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda each: submission_saved(service, f"msg_{each}", each), ids * 2))
    assert {answer.status for answer in answers} == {202}
    assert inbox.count(service.engine) == len(ids)
    assert queue.counts(service.engine)["queued"] == len(ids)


def test_the_id_in_the_log_is_the_webhooks_own_from_receipt_to_job(service: Service) -> None:
    replay(service, golden("webhook-submission-saved"))
    line = service.log_lines()[-1]
    assert (line["trace"], line["message"]) == (
        "msg_00000000000000000000000000000005",
        "received submission.saved",
    )
    assert queue.list_jobs(service.engine)[0].trace == "msg_00000000000000000000000000000005"


def test_a_body_of_exactly_the_limit_is_taken(service: Service) -> None:
    message = json.loads(golden("webhook-privacy-erase")["request"]["body"])
    body = json.dumps(message).encode()
    body += b" " * (65_536 - len(body))
    assert service.send("/webhooks/moodle", body).status == 202


def test_a_body_in_chunks_is_taken(service: Service) -> None:
    exchange = golden("webhook-privacy-erase")["request"]
    body = exchange["body"].encode()
    assert (
        service.call("POST", exchange["path"], iter([body[:7], body[7:]]), exchange["headers"]).status == 202
    )


def test_an_old_secret_is_honoured_until_its_time(service: Service) -> None:
    new = signing.new_secret()
    service.pair(secrets=((new, None),))
    assert submission_saved(service, "msg_1", SESSION).status == 202
    service.now = NOW + 86_401
    assert submission_saved(service, "msg_2", SESSION).status == 401
    assert submission_saved(service, "msg_3", SESSION, key=signing.key_of(new)).status == 202


def test_a_sender_that_stops_in_the_middle_holds_nobody_up(service: Service) -> None:
    address = urlsplit(service.url)
    with closing(socket.create_connection((address.hostname, address.port))) as stuck:
        stuck.sendall(b"POST /webhooks/moodle HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{")
        assert submission_saved(service, "msg_1", SESSION).status == 202
    assert inbox.count(service.engine) == 1


# Pairing


def test_pairing_answers_the_secret_that_signs_from_then_on(tmp_path: Path) -> None:
    exchange = golden("pair")
    with serving(tmp_path) as service:
        service.open_code(exchange["signed_with"]["pairing_code"].lower())
        answer = replay(service, exchange)
        assert answer.status == 200
        assert faults("pair", answer.json(), "answer") == []
        secret = answer.json()["secret"]
        stored = pairing.current(service.engine)
        assert stored is not None
        assert (stored.site, stored.site_name, stored.token) == (SITE, "Е-менторинг", TOKEN)
        assert stored.secrets == ((secret, None),)
        assert submission_saved(service, "msg_1", SESSION, key=signing.key_of(secret)).status == 202
        assert facts.get(service.engine, "service") == answer.json()["service"]


def test_pairing_starts_the_first_sync(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.open_code(golden("pair")["signed_with"]["pairing_code"])
        replay(service, golden("pair"))
        assert keys_of_jobs(service) == ["sync"]
        assert len(service.woken) == 1


def test_a_pairing_code_works_once(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.open_code(golden("pair")["signed_with"]["pairing_code"])
        first, second = replay(service, golden("pair")), replay(service, golden("pair"))
        assert (first.status, second.status) == (200, 403)
        stored = pairing.current(service.engine)
        assert stored is not None
        assert stored.secrets[0][0] == first.json()["secret"]


def test_any_of_several_open_codes_pairs_and_voids_the_others(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.open_code("other")
        service.open_code(golden("pair")["signed_with"]["pairing_code"])
        assert replay(service, golden("pair")).status == 200
        assert pairing.open_codes(service.engine, NOW) == []


def test_two_pairings_with_one_code_at_once_give_one_secret(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.open_code(golden("pair")["signed_with"]["pairing_code"])
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: replay(service, golden("pair")).status, range(4)))
        assert sorted(answers) == [200, 403, 403, 403]


def test_the_secret_and_the_token_never_reach_the_log(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        service.open_code(golden("pair")["signed_with"]["pairing_code"])
        secret = replay(service, golden("pair")).json()["secret"]
        written = service.log.getvalue()
        assert "paired with https://moodle.example" in written
        assert [each for each in (secret.removeprefix("whsec_"), TOKEN) if each in written] == []


def test_unpairing_forgets_site_token_and_secrets(service: Service) -> None:
    answer = replay(service, golden("unpair"))
    assert (answer.status, answer.json()) == (200, golden("unpair")["answer"]["body"])
    assert pairing.current(service.engine) is None
    assert submission_saved(service, "msg_1", SESSION).status == 403


# Ping and plan


def test_a_ping_calls_moodle_back_and_says_how_it_went(tmp_path: Path) -> None:
    class Moodle(Client):
        def greet(self, timeout_seconds: float | None = None) -> ChangePage:
            return ChangePage.of({**golden("ws-get_changes")["answer"], "changes": [], "sessions": []})

    moodle = Moodle(SITE, TOKEN, timeout_seconds=1, concurrency=1)
    with serving(tmp_path, connect_moodle=lambda: moodle) as service:
        service.pair()
        answer = replay(service, golden("ping"))
        assert answer.status == 200
        assert faults("ping", answer.json(), "answer") == []
        assert answer.json()["moodle"] | {"milliseconds": 31} == golden("ping")["answer"]["body"]["moodle"]
        assert answer.json()["time"] == NOW
        assert answer.json()["queue"] == {"waiting": 0, "oldest": 0, "dead": 0, "set_aside": 0}


def test_a_ping_tells_what_is_wrong_with_the_way_back(tmp_path: Path) -> None:
    def refuse() -> Client:
        raise MoodleMaintenance("get_changes: Moodle shows its maintenance page")

    with serving(tmp_path, connect_moodle=refuse) as service:
        service.pair()
        told = replay(service, golden("ping")).json()["moodle"]
        assert (told["reachable"], told["code"]) == (False, "moodle-maintenance")
        assert told["message"] == "get_changes: Moodle shows its maintenance page"
        assert told["remedy"] == dict(remedy_of(MoodleMaintenance.code))


def test_a_ping_notices_that_another_site_answers(tmp_path: Path) -> None:
    class Clone(Client):
        def greet(self, timeout_seconds: float | None = None) -> ChangePage:
            return ChangePage.of({**golden("ws-get_changes")["answer"], "site": "https://clone.example"})

    clone = Clone(SITE, TOKEN, timeout_seconds=1, concurrency=1)
    with serving(tmp_path, connect_moodle=lambda: clone) as service:
        service.pair()
        assert replay(service, golden("ping")).json()["moodle"]["code"] == "wrong-site"


def test_the_golden_plan_is_answered_as_recorded(service: Service) -> None:
    answer = replay(service, golden("plan"))
    assert (answer.status, answer.json()) == (200, golden("plan")["answer"]["body"])


def test_a_plan_may_carry_notes_in_both_languages(service: Service) -> None:
    message = {
        "contract": 2,
        "site": SITE,
        "start": "2026-01-05",
        "end": "2026-03-05",
        "frequency": "f_dates",
        "dates": ["2026-01-12", "2026-01-14"],
    }
    answer = service.send("/api/plan", message)
    assert faults("plan", answer.json(), "answer") == []
    assert answer.json()["notes"][0]["bg"] != answer.json()["notes"][0]["en"]


# Hints of third-party plugins


def local_webhooks(**changes: Any) -> bytes:
    """As ``$event->get_data()`` with the plugin's own fields (local_webhooks, classes/event_observer)."""
    event = {
        "eventname": "\\mod_feedback\\event\\response_submitted",
        "component": "mod_feedback",
        "action": "submitted",
        "target": "response",
        "objecttable": "feedback_completed",
        "objectid": 17,
        "crud": "c",
        "edulevel": 2,
        "contextid": 55,
        "contextlevel": 70,
        "contextinstanceid": 31,
        "userid": "42",
        "courseid": "7",
        "relateduserid": "42",
        "anonymous": 1,
        "other": {"cmid": 31, "instanceid": 4, "anonymous": 1, "note": "Искам да напусна"},
        "timecreated": NOW,
        "host": "moodle.example",
        "token": LOCAL_WEBHOOKS_TOKEN,
        "extra": "",
    }
    return json.dumps({**event, **changes}).encode()


def stored_hints(service: Service) -> list[Any]:
    with read(service.engine) as connection:
        return list(connection.execute(select(tables.inbox)).mappings())


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"]
)
def test_local_webhooks_is_a_hint_whatever_its_content_type(service: Service, content_type: str) -> None:
    answer = service.call(
        "POST", "/webhooks/hint/local_webhooks", local_webhooks(), {"content-type": content_type}
    )
    assert answer.status == 200
    assert keys_of_jobs(service) == ["sync"]


def test_local_webhooks_may_also_send_a_form(service: Service) -> None:
    body = f"eventname=%5Ccore%5Cevent%5Cx&courseid=7&other%5Bcmid%5D=31&token={LOCAL_WEBHOOKS_TOKEN}"
    given = {"content-type": "application/json"}
    assert service.call("POST", "/webhooks/hint/local_webhooks", body, given).status == 200
    assert stored_hints(service)[0]["data"] == {"event": "\\core\\event\\x", "course": 7}


def test_of_a_foreign_hint_nothing_is_kept_but_event_and_course(service: Service) -> None:
    service.call("POST", "/webhooks/hint/local_webhooks", local_webhooks())
    (hint,) = stored_hints(service)
    assert hint["data"] == {"event": "\\mod_feedback\\event\\response_submitted", "course": 7}
    assert (hint["source"], hint["type"]) == ("local_webhooks", "event")


def test_an_event_name_that_is_none_is_not_kept(service: Service) -> None:
    service.call("POST", "/webhooks/hint/local_webhooks", local_webhooks(eventname="Искам да напусна"))
    assert stored_hints(service)[0]["data"]["event"] == ""


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (f"eventname=x&other_cmid=31&token={TOOL_TRIGGER_TOKEN}", {}),
        ("eventname=%5Ccore%5Cevent%5Cx&courseid=7", {"authorization": f"Bearer {TOOL_TRIGGER_TOKEN}"}),
        (json.dumps({"eventname": "x", "token": TOOL_TRIGGER_TOKEN}), {"content-type": "application/json"}),
        (json.dumps({"eventname": "x", "token": TOOL_TRIGGER_TOKEN}), {}),
        ("", {"authorization": f"Bearer {TOOL_TRIGGER_TOKEN}"}),
    ],
    ids=["form", "bearer", "json", "undeclared json", "empty"],
)
def test_tool_trigger_is_answered_with_exactly_200(
    service: Service, body: str, headers: dict[str, str]
) -> None:
    # Its HTTP client sends no content type unless the administrator wrote one.
    assert service.call("POST", "/webhooks/hint/tool_trigger", body, headers).status == 200
    assert keys_of_jobs(service) == ["sync"]


def test_a_foreign_hint_sent_again_is_never_swallowed(service: Service) -> None:
    for _ in range(2):
        service.call("POST", "/webhooks/hint/local_webhooks", local_webhooks())
        finish(service.engine, claimed(service.engine, "me", NOW), NOW)
    assert len({hint["id"] for hint in stored_hints(service)}) == 2


# The server itself


def test_a_request_under_way_is_finished_when_the_server_stops(tmp_path: Path) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow() -> Client:
        entered.set()
        assert go_on.wait(5)
        raise MoodleMaintenance("get_changes: Moodle shows its maintenance page")

    answers = []
    with serving(tmp_path, connect_moodle=slow) as service:
        service.pair()
        sender = threading.Thread(target=lambda: answers.append(replay(service, golden("ping"))))
        sender.start()
        assert entered.wait(5)
        threading.Timer(0.2, go_on.set).start()
    sender.join(5)
    assert [answer.status for answer in answers] == [200]


def test_a_stopped_server_takes_no_more_connections(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        pass
    with pytest.raises(ConnectionRefusedError):
        service.call("GET", "/healthz")


def test_an_idle_connection_does_not_delay_the_stop(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        address = urlsplit(service.url)
        idle = socket.create_connection((address.hostname, address.port))
        service.call("GET", "/healthz")
    # serving() demands a graceful stop, while this connection is still open.
    idle.close()


def test_the_signature_covers_the_bytes_as_they_were_sent(service: Service) -> None:
    body = golden("webhook-privacy-erase")["request"]["body"]
    spaced = json.dumps(json.loads(body), indent=2).encode()
    assert service.call("POST", "/webhooks/moodle", spaced, signed(spaced, key=KEY)).status == 202
    assert service.call("POST", "/webhooks/moodle", body, signed(spaced, key=KEY)).status == 401


def test_every_answer_forbids_caching(service: Service) -> None:
    for answer in (service.call("GET", "/healthz"), replay(service, golden("unpair"))):
        assert answer.headers["Cache-Control"] == "no-store"
    assert SECRET not in str(answer.headers)
