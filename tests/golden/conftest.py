"""The catalogue and the documents that the golden tests look at."""

from __future__ import annotations

import pytest

from moodle_bridge.domain import catalogue
from moodle_bridge.domain.instruments import Catalogue


@pytest.fixture(scope="session")
def instruments() -> Catalogue:
    return catalogue.load()
