"""Run the plugin's code under PHP alone, without a Moodle: what needs none of it."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "php"


def run_php(script: str, given: str = "") -> str:
    """What a script of ``tests/php`` prints; a notice of PHP is a failure. Skips where there is no PHP."""
    if not _has_php():
        pytest.skip("php-cli, php-intl and php-mbstring are not all installed")
    command = ["php", "-d", "display_errors=stderr", "-d", "error_reporting=-1", str(SCRIPTS / script)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@cache
def _has_php() -> bool:
    if shutil.which("php") is None:
        return False
    found = subprocess.run(
        ["php", "-m"], capture_output=True, text=True, timeout=60, check=True
    ).stdout.split()
    return {"intl", "mbstring"} <= set(found)
