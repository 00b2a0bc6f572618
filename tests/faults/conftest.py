"""What the tests of faults share: a paired plant and full answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from processes import Plant, plant

from moodle_bridge.cli.demo_parts import sample


@pytest.fixture(scope="session")
def answers() -> Mapping[str, Any]:
    """Full Bulgarian answers to the form."""
    return sample("bg", time.time())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """A service and a stand-in Moodle, running and paired, for the tests of one file."""
    environ = {"MOODLE_BRIDGE_MOODLE_TIMEOUT_SECONDS": "1", "MOODLE_BRIDGE_RECONCILE_EVERY_SECONDS": "86400"}
    with plant(tmp_path_factory.mktemp("plant"), 12, **environ) as made:
        made.service.start()
        made.pair()
        made.session()
        yield made
