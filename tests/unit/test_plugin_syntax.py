"""The plugin's PHP, read by PHP itself."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from moodle_bridge import resources


def test_php_finds_nothing_to_say_about_any_file() -> None:
    if shutil.which("php") is None:
        pytest.skip("php is not installed")
    files = sorted(resources.plugin_dir().rglob("*.php"))
    assert len(files) > 50
    for file in files:
        # No settings of the machine's: everything is told, on standard output.
        command = ["php", "-n", "-d", "display_errors=1", "-d", "error_reporting=-1", "-l", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.stdout.strip() == f"No syntax errors detected in {file}"
