"""The stand-in's fault switches, and that it loses nothing when it is killed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from pairs import Pair, eventually

from moodle_bridge.contract.exchanges import DefinitionItem, DefinitionsTaken
from moodle_bridge.errors import (
    MoodleBroken,
    MoodleError,
    MoodleGarbled,
    MoodleMaintenance,
    MoodleRedirects,
    MoodleRefused,
    MoodleTokenRefused,
    MoodleUnreachable,
)
from moodle_bridge.moodle.client import Client
from moodle_bridge.sandbox import cast, php
from moodle_bridge.sandbox.site import Sandbox
from moodle_bridge.sandbox.switches import KNOWN, Faults


def client_of(sandbox: Sandbox) -> Client:
    return Client(sandbox.url, sandbox.token, timeout_seconds=5, concurrency=2)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("http_500", MoodleBroken),
        ("maintenance", MoodleMaintenance),
        ("redirect", MoodleRedirects),
        ("answer_lost", MoodleUnreachable),
        ("truncated", MoodleGarbled),
        ("token_refused", MoodleTokenRefused),
    ],
)
def test_our_client_tells_every_fault_apart_and_goes_on_afterwards(
    sandbox: Sandbox, fault: str, error: type[MoodleError]
) -> None:
    with contextlib.closing(client_of(sandbox)) as client:
        sandbox.faults.set(fault, count=1)
        with pytest.raises(error):
            client.get_changes(0, 100)
        assert client.get_changes(0, 100).changes


def test_an_answer_that_was_lost_came_after_the_work(sandbox: Sandbox) -> None:
    with contextlib.closing(client_of(sandbox)) as client:
        entry = DefinitionItem("x", "1", "bg", "a" * 64, "{}")
        sandbox.faults.set("answer_lost", count=1, function="put_definitions")
        with pytest.raises(MoodleUnreachable):
            client.put_definitions([entry])
        assert client.put_definitions([entry]) == DefinitionsTaken(stored=0, same=1)


def test_a_locked_session_is_a_passing_refusal(sandbox: Sandbox) -> None:
    with contextlib.closing(client_of(sandbox)) as client:
        sandbox.faults.set("locked", count=1)
        with pytest.raises(MoodleError) as caught:
            client.get_changes(0, 1)
        assert caught.value.permanent is False
        if isinstance(caught.value, MoodleRefused):
            assert caught.value.moodle_code == "locktimeout"


def test_a_slow_site_answers_later(sandbox: Sandbox) -> None:
    with contextlib.closing(client_of(sandbox)) as client:
        sandbox.faults.set("slow", milliseconds=150, count=1)
        began = time.monotonic()
        client.get_changes(0, 1)
        assert time.monotonic() - began >= 0.15


def switches(sandbox: Sandbox, method: str, body: object = None, query: str = "") -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{sandbox.url}/sandbox/faults{query}", data, {"Content-Type": "application/json"}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_switches_are_set_read_and_cleared_over_http(sandbox: Sandbox) -> None:
    status, answer = switches(sandbox, "POST", {"name": "slow", "milliseconds": 3, "probability": 0.5})
    assert status == 200
    assert [(each["name"], each["milliseconds"], each["probability"]) for each in answer["on"]] == [
        ("slow", 3, 0.5)
    ]
    switches(sandbox, "POST", {"name": "maintenance", "count": 2})
    assert [each["name"] for each in switches(sandbox, "DELETE", query="?name=slow")[1]["on"]] == [
        "maintenance"
    ]
    assert switches(sandbox, "DELETE")[1]["on"] == []


@pytest.mark.parametrize(
    "wrong", [{"name": "fire"}, {"name": "slow", "probability": 2}, {"name": "slow", "count": 0}, {"nome": 1}]
)
def test_a_switch_that_does_not_exist_is_refused(sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    status, answer = switches(sandbox, "POST", wrong)
    assert status == 400
    assert answer["error"]
    assert sandbox.faults.on() == []


def test_a_probability_strikes_about_as_often_as_it_says() -> None:
    faults = Faults(seed=3)
    faults.set("slow", probability=0.3)
    assert 240 < sum(faults.strikes("slow") is not None for _ in range(1000)) < 360


def test_a_fault_of_one_function_leaves_the_others_alone() -> None:
    faults = Faults()
    for name in KNOWN:
        faults.set(name, function="store_document")
        assert faults.strikes(name, "get_changes") is None
        assert faults.strikes(name, "store_document") is not None


def test_a_webhook_sent_twice_and_out_of_order_is_still_one_session_in_the_service(pair: Pair) -> None:
    pair.sandbox.faults.set("webhooks_twice")
    pair.sandbox.faults.set("webhooks_reordered", probability=0.5)
    try:
        for number in range(1, 9):
            pair.sandbox.world.create_session(
                course=cast.COURSE.id, name="Сесия", number=number, kind="interim", instruments=[]
            )
        eventually(lambda: pair.sandbox.unsent() == 0)
        sent = pair.sandbox.database.rows(
            "SELECT id, attempts FROM outbox WHERE type = 'session.created' ORDER BY sent"
        )
        assert [row["id"] for row in sent] != sorted(row["id"] for row in sent)
    finally:
        pair.sandbox.faults.clear()


RUN = """
import pathlib, sys, time
from moodle_bridge.sandbox.site import Sandbox
with Sandbox(pathlib.Path(sys.argv[1])) as sandbox:
    print(sandbox.url, sandbox.token, flush=True)
    session = sandbox.world.create_session(course=7, name="С", number=1, kind="initial", instruments=["x"])
    print(session, flush=True)
    for number in range(100000):
        print(sandbox.world.submit(session, "x", 42, {"n": number}, role="mentee", group=3), flush=True)
        time.sleep(0.001)
"""


def test_what_a_killed_stand_in_had_accepted_is_there_when_it_starts_again(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        lines = [process.stdout.readline().strip() for _ in range(32)]
        os.kill(process.pid, signal.SIGKILL)
        lines += [line.strip() for line in process.stdout]
    accepted = [line for line in lines[2:] if len(line) == 36]
    assert len(accepted) >= 30
    with Sandbox(tmp_path) as sandbox, contextlib.closing(client_of(sandbox)) as client:
        assert sandbox.token == lines[0].split()[1]
        held = client.get_submissions((), lines[1]).submissions
        assert {each.id for each in held} >= set(accepted)
        assert sandbox.unsent() == len(held) + 2


def test_php_drops_fields_beyond_its_limit_without_a_word() -> None:
    pairs = [(f"ids[{number}]", "x") for number in range(php.MAX_INPUT_VARS + 50)]
    assert len(php.nest(pairs)["ids"]) == php.MAX_INPUT_VARS


def test_form_fields_become_the_structure_that_php_makes() -> None:
    pairs = [("a[0][b]", "1"), ("a[0][c]", "2"), ("a[1][b]", "3"), ("d[]", "4"), ("d[]", "5"), ("e", "6")]
    assert php.nest(pairs) == {
        "a": {"0": {"b": "1", "c": "2"}, "1": {"b": "3"}},
        "d": {"0": "4", "1": "5"},
        "e": "6",
    }


def test_a_call_without_json_as_its_format_is_answered_in_xml_as_moodle_does(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=5)
    body = urlencode({"wstoken": sandbox.token, "wsfunction": "mod_monitoringsession_get_changes"})
    connection.request(
        "POST", "/webservice/rest/server.php", body, {"Content-Type": "application/x-www-form-urlencoded"}
    )
    answer = connection.getresponse()
    assert answer.headers["Content-Type"].startswith("application/xml")
    answer.read()
    connection.close()
