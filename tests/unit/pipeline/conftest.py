"""A workshop for every test, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pairs import FakeClock
from sqlalchemy import Engine
from workshop import Workshop, workshop
from year import replay

from moodle_bridge.domain.course.model import Process
from moodle_bridge.domain.instrument.read import catalogue


@pytest.fixture
def shop(engine: Engine, tmp_path: Path, clock: FakeClock) -> Iterator[Workshop]:
    """The pipeline without workers, beside a fresh stand-in."""
    with workshop(engine, tmp_path, clock) as made:
        yield made


@pytest.fixture(scope="session")
def year_state() -> Process:
    """The scenario's whole year, as it is after its last session."""
    return replay(catalogue.load()).end
