from __future__ import annotations

import pytest
from year import Year, replay

from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue as catalogue_files


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The shipped instruments."""
    return catalogue_files.load()


@pytest.fixture(scope="session")
def year(catalogue: Catalogue) -> Year:
    """The scenario of a year, played once."""
    return replay(catalogue)
