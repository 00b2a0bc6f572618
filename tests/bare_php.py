"""Run the plugin's code under PHP alone, without a Moodle: what needs none of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "php"


def run_php(script: str, given: str = "") -> str:
    """What a script of ``tests/php`` prints; a notice of PHP is a failure. Skips where there is no PHP."""
    if shutil.which("php") is None:
        pytest.skip("no php: install php-cli, php-intl and php-mbstring to run the plugin's rules")
    command = ["php", "-d", "display_errors=stderr", "-d", "error_reporting=-1", str(SCRIPTS / script)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
