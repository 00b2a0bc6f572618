"""The golden exchanges themselves: what both sides replay has to fit the schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from moodle_bridge.contract import faults
from moodle_bridge.resources import contract_dir

EXCHANGES = sorted(
    path
    for path in (contract_dir() / "golden").glob("*.json")
    if "schema" in json.loads(path.read_text("utf-8"))
)


@pytest.mark.parametrize("path", EXCHANGES, ids=lambda path: path.stem)
def test_a_golden_exchange_fits_its_schema(path: Path) -> None:
    exchange: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    name = exchange["schema"]
    if "function" in exchange:
        request, answer = exchange["parameters"], exchange["answer"]
    else:
        request, answer = json.loads(exchange["request"]["body"]), exchange["answer"]["body"]
    assert faults(name, request, "request") == []
    assert faults(name, answer, "answer") == []


def test_there_are_golden_exchanges_of_both_directions() -> None:
    assert len([path for path in EXCHANGES if path.stem.startswith("ws-")]) == 10
    assert len([path for path in EXCHANGES if path.stem.startswith("webhook-")]) == 9
