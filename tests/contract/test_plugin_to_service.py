"""What the plugin sends, in the stand-in's hand, to the running service; and what the service sends back."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pairs import Pair, eventually, paired

from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.contract import faults
from moodle_bridge.errors import MoodleGarbled
from moodle_bridge.moodle.signing import key_of, new_pairing_code, pairing_key, verify
from moodle_bridge.sandbox import cast
from moodle_bridge.sandbox.caller import ServiceAway, ServiceRefused
from moodle_bridge.sandbox.site import Sandbox
from moodle_bridge.sandbox.sqlite_file import put_setting
from moodle_bridge.store import documents, pairing, records

SECRET = "whsec_" + "QUJD" * 12


class Listener:
    """Somebody who listens where a service should, remembers requests and answers as told."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.body: dict[str, Any] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.requests.append((self.path, headers, body))
                answer = json.dumps(outer.body or {"received": headers["webhook-id"]}).encode()
                self.send_response(outer.statuses.pop(0) if outer.statuses else 202)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def connected(folder: Path) -> Iterator[tuple[Sandbox, Listener]]:
    """A stand-in that is paired with a listener of ours."""
    listener = Listener()
    with Sandbox(folder, course=None) as sandbox:
        with sandbox.database.write() as connection:
            put_setting(connection, "service_url", listener.url)
            put_setting(connection, "secret", SECRET)
        try:
            yield sandbox, listener
        finally:
            listener.stop()


def a_session(sandbox: Sandbox) -> str:
    return sandbox.world.create_session(
        course=cast.COURSE.id, name="Сесия", number=1, kind="initial", instruments=["mentee_initial"]
    )


def test_every_webhook_is_signed_and_fits_the_contract(tmp_path: Path) -> None:
    with connected(tmp_path) as (sandbox, listener):
        world = sandbox.world
        world.add_course(cast.COURSE)
        session = a_session(sandbox)
        world.update_session(session, name="Първа сесия")
        submission = world.submit(session, "mentee_initial", 42, {}, role="mentee", group=3)
        world.delete_submission(submission)
        world.close_session(session)
        world.delete_session(session)
        world.erase(42)
        eventually(lambda: len(listener.requests) == 8)
        told = []
        for path, headers, body in listener.requests:
            message = json.loads(body)
            assert path == "/webhooks/moodle"
            assert headers["content-type"] == "application/json"
            assert faults("webhook", message, "request") == []
            assert message["site"] == sandbox.url
            verify([key_of(SECRET)], headers, body, int(time.time()))
            told.append(message["type"])
    assert told == [
        "participants.changed",
        "session.created",
        "session.updated",
        "submission.saved",
        "submission.deleted",
        "session.closed",
        "session.deleted",
        "privacy.erase",
    ]


def test_a_webhook_that_was_refused_is_sent_again_with_the_same_id(tmp_path: Path) -> None:
    with connected(tmp_path) as (sandbox, listener):
        listener.statuses = [500, 503]
        a_session(sandbox)
        eventually(lambda: len(listener.requests) == 3)
        eventually(lambda: sandbox.unsent() == 0)
        assert len({headers["webhook-id"] for _, headers, _ in listener.requests}) == 1


def test_a_webhook_is_not_sent_again_once_it_was_taken(tmp_path: Path) -> None:
    with connected(tmp_path) as (sandbox, listener):
        a_session(sandbox)
        eventually(lambda: sandbox.unsent() == 0)
        time.sleep(0.2)
        assert len(listener.requests) == 1


def test_a_pairing_answer_that_breaks_the_contract_is_refused_by_the_plugin(tmp_path: Path) -> None:
    with connected(tmp_path) as (sandbox, listener):
        listener.statuses = [200]
        listener.body = {"contract": 2, "service": "nobody", "release": "0", "secret": "short"}
        with pytest.raises(MoodleGarbled, match="secret"):
            sandbox.pair(listener.url, new_pairing_code())
        assert sandbox.database.setting("secret") == SECRET


def test_the_plugin_says_when_nobody_is_at_the_address(sandbox: Sandbox) -> None:
    with pytest.raises(ServiceAway, match="does not answer"):
        sandbox.pair("http://127.0.0.1:9", new_pairing_code())


def test_pairing_gives_both_sides_the_same_secret_and_the_token(pair: Pair) -> None:
    held = pairing.current(pair.service.engine)
    assert held is not None
    assert held.site == pair.sandbox.url
    assert held.token == pair.sandbox.token
    assert held.secrets[0][0] == pair.sandbox.database.setting("secret")
    assert held.language == "bg"


def test_a_ping_finds_both_directions_working(pair: Pair) -> None:
    answer = pair.sandbox.ping()
    assert answer["moodle"]["reachable"] is True
    assert answer["moodle"]["code"] == ""


def test_a_ping_says_what_is_wrong_when_the_token_was_taken_back(pair: Pair) -> None:
    pair.sandbox.faults.set("token_refused")  # not once: a job of the start may call Moodle first
    try:
        answer = pair.sandbox.ping()
    finally:
        pair.sandbox.faults.clear("token_refused")
    assert answer["moodle"]["reachable"] is False
    assert answer["moodle"]["code"] == "moodle-token"
    assert answer["moodle"]["remedy"]["bg"]


def test_the_plan_of_a_course_comes_from_the_service(pair: Pair) -> None:
    answer = pair.sandbox.plan(start="2026-01-31", end="2026-06-30", frequency="f_bimonthly", weekend="next")
    assert [each["kind"] for each in answer["sessions"]] == ["initial", "interim", "interim", "final"]


def test_a_wrong_pairing_code_is_refused_with_a_remedy(pair: Pair) -> None:
    with pytest.raises(ServiceRefused) as caught:
        pair.sandbox.pair(pair.service.url, new_pairing_code())
    assert caught.value.answered in (401, 403)
    assert faults("common", caught.value.problem, "problem") == []
    assert "moodle-bridge pair" in caught.value.remedy["en"]


def test_a_submission_comes_back_as_documents_whose_bytes_are_those_of_the_receipt(pair: Pair) -> None:
    session = a_session(pair.sandbox)
    answers = sample("bg", time.time())
    submission = pair.sandbox.world.submit(
        session, "mentee_initial", cast.YULIA.id, answers, role="mentee", group=cast.GROUP_A, carried={}
    )
    query = "SELECT * FROM document WHERE submission = ? ORDER BY variant"
    eventually(lambda: len(pair.sandbox.database.rows(query, submission)) == 2)
    receipts = eventually(
        lambda: [d for d in documents.documents(pair.service.engine, submission=submission) if d.stored_at]
    )
    stored = {row["id"]: row["sha256"] for row in pair.sandbox.database.rows(query, submission)}
    assert {each.id: each.sha256 for each in receipts}.items() <= stored.items()


def test_what_no_service_is_there_to_hear_waits_and_arrives_when_it_is_back(tmp_path: Path) -> None:
    with paired(tmp_path) as both:
        sandbox, url = both.sandbox, urlsplit(both.service.url)
        connection = http.client.HTTPConnection(url.hostname or "", url.port)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
        sandbox.faults.set("webhooks_off")
        session = a_session(sandbox)
        time.sleep(0.1)
        assert sandbox.unsent() >= 1
        sandbox.faults.clear()
        eventually(lambda: sandbox.unsent() == 0)
        eventually(lambda: records.session(both.service.engine, session))


def test_unpairing_takes_token_and_secret_back_on_both_sides(tmp_path: Path) -> None:
    with paired(tmp_path) as both:
        before = both.sandbox.token
        both.sandbox.unpair()
        assert pairing.current(both.service.engine) is None
        assert both.sandbox.token != before
        assert both.sandbox.database.setting("secret") == ""
        code = new_pairing_code()
        pairing.new_code(both.service.engine, pairing_key(code), time.time(), 600)
        both.sandbox.pair(both.service.url, code)
        assert both.sandbox.ping()["moodle"]["reachable"] is True


def test_a_second_moodle_is_refused_with_the_way_to_do_it_and_nothing_of_the_first_is_forgotten(
    tmp_path: Path,
) -> None:
    with paired(tmp_path / "first") as both, Sandbox(tmp_path / "second") as second:
        session = a_session(both.sandbox)
        eventually(lambda: records.session(both.service.engine, session))
        code = new_pairing_code()
        pairing.new_code(both.service.engine, pairing_key(code), time.time(), 600)
        with pytest.raises(ServiceRefused) as caught:
            second.pair(both.service.url, code)
        assert (caught.value.answered, caught.value.problem["type"]) == (
            409,
            "urn:moodle-bridge:problem:second-site",
        )
        assert faults("common", caught.value.problem, "problem") == []
        assert "a service of its own" in caught.value.remedy["en"]
        assert both.sandbox.ping()["moodle"]["reachable"] is True, "the first site's secret is still good"
        assert records.session(both.service.engine, session) is not None
        another = a_session(both.sandbox)
        eventually(lambda: records.session(both.service.engine, another))
