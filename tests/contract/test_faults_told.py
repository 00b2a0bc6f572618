"""What is wrong with a message is told by place and rule, and never by what the sender wrote."""

from __future__ import annotations

from typing import Any

import pytest

from moodle_bridge.contract import faults

HINT: dict[str, Any] = {
    "contract": 2,
    "type": "submission.saved",
    "site": "https://moodle.example",
    "timestamp": 1_700_000_000,
    "data": {
        "session": "6f1c3f0e-0f5a-4a44-9d58-3b3a0a3f1c11",
        "submission": "6f1c3f0e-0f5a-4a44-9d58-3b3a0a3f1c12",
    },
}


def test_a_hint_as_the_contract_wants_it_has_no_fault() -> None:
    assert faults("webhook", HINT, "request") == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"site": "moodle.example"}, ["site: breaks 'pattern'"]),
        ({"site": "https://moodle.example\n"}, ["site: breaks 'pattern'"]),
        ({"secret-name": 1}, ["(the message): has a property that the contract does not know"]),
        ({"data": {"session": HINT["data"]["session"]}}, ["data: 'submission' is a required property"]),
        ({"timestamp": -1}, ["timestamp: breaks 'minimum'"]),
        ({"timestamp": 10**30}, ["timestamp: breaks 'maximum'"]),
    ],
)
def test_a_fault_is_told_by_its_place_and_the_rule_it_breaks(change: dict[str, Any], told: list[str]) -> None:
    assert faults("webhook", HINT | change, "request") == told


def test_half_of_a_surrogate_pair_and_endless_nesting_are_faults_not_crashes() -> None:
    endless: list[Any] = []
    for _ in range(5_000):
        endless = [endless]
    for odd in ("https://moodle.example/\ud800", endless):
        assert len(faults("webhook", HINT | {"site": odd}, "request")) == 1
