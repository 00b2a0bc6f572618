"""The plugin's script saves everything that is typed into a form, also while a draft is on its way."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

BUILT = Path(__file__).parents[2] / "moodle_plugin/monitoringsession/amd/build/answers.min.js"


def test_what_is_typed_while_a_draft_is_sent_is_in_the_next_draft() -> None:
    found = _drive()
    assert found["saved"] == ["one", "one two"]
    assert found["revision"] == "2"
    # The form counts as saved only once everything in it is.
    assert (found["unsaved"], found["clean"], found["dirty"]) == (0, 1, 0)


def test_what_was_typed_before_the_script_had_loaded_is_saved_without_another_key() -> None:
    found = _drive("typed early")
    assert found["saved"] == ["typed early"]
    assert found["dirty"] == 1, "Moodle has to warn whoever leaves the page before that"


def _drive(*arguments: str) -> Any:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine: install Node.js to run the plugin's script outside a browser")
    driver = Path(__file__).with_name("autosave.js")
    command = [node, str(driver), str(BUILT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)
