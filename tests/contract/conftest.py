"""The sites that the contract is tested against: the stand-in always, a real Moodle where one is given.

``MOODLE_DIR`` names the code tree of a Moodle whose plugin is installed and paired once (its acts are done by
``moodle_acts.php``); ``MOODLE_URL`` and ``MOODLE_TOKEN`` name a site whose web services alone can be reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contract_sites import SandboxSite, Site, real_moodle_from

from moodle_bridge.sandbox.site import Sandbox


@pytest.fixture(scope="module", params=["sandbox", "moodle"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site with its plugin; tests make sessions of their own in it."""
    if request.param == "sandbox":
        with Sandbox(Path(tmp_path_factory.mktemp("moodle"))) as sandbox:
            yield SandboxSite(sandbox)
        return
    found = real_moodle_from()
    if isinstance(found, str):
        pytest.skip(found)
    yield found
