"""What the documents state exists: commands, settings, files."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from moodle_bridge import languages, settings
from moodle_bridge.cli import COMMANDS
from moodle_bridge.cli.demo_parts import DemoFailed
from moodle_bridge.cli.doctor_checks import Waits
from moodle_bridge.remedies import kinds
from moodle_bridge.sandbox.caller import ServiceAway

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "moodle_bridge" / "contract" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
NAMES = {page.relative_to(ROOT).as_posix(): page for page in PAGES}
SECTIONS = {field.name for field in fields(settings.Settings)}
KNOWN = set(settings.describe(settings.load()))


@pytest.mark.parametrize("page", NAMES.values(), ids=NAMES)
def test_every_command_named_exists(page: Path) -> None:
    named = set(re.findall(r"\bmoodle-bridge ([a-z]+(?:-[a-z]+)*)\b", page.read_text(encoding="utf-8")))
    assert named - {"moodle-bridge"} <= set(COMMANDS)


@pytest.mark.parametrize("page", NAMES.values(), ids=NAMES)
def test_every_setting_named_exists(page: Path) -> None:
    named = set(re.findall(r"`([a-z]+\.[a-z_]+)(?: = [^`]*)?`", page.read_text(encoding="utf-8")))
    stated = {name for name in named if name.split(".")[0] in SECTIONS}
    assert stated - {"settings.py", "settings.md"} <= KNOWN


@pytest.mark.parametrize("page", NAMES.values(), ids=NAMES)
def test_every_file_linked_is_there(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_ci_runs_the_second_command_of_the_readme() -> None:
    _, second = re.findall(r"```sh\n(.+?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1] == second


def test_every_package_that_the_tests_install_has_a_reason() -> None:
    lines = (ROOT / "tests" / "packages.txt").read_text(encoding="utf-8").splitlines()
    packages = [line.split(maxsplit=1) for line in lines if not line.startswith("#")]
    assert [package for package in packages if len(package) != 2] == []


def test_no_failure_says_its_remedy_itself() -> None:
    assert [kind for kind in kinds() if hasattr(kind, "remedy")] == []


@pytest.mark.parametrize("language", languages.known())
def test_a_remedy_is_that_of_a_failure_and_names_only_what_there_is(language: str) -> None:
    codes = {kind.code for kind in (*kinds(), *Waits.__subclasses__(), DemoFailed, ServiceAway)} | {"address"}
    for code, remedy in languages.of(language).remedies.items():
        assert code in codes
        assert set(re.findall(r"moodle-bridge ([a-z]+(?:-[a-z]+)*)", remedy)) <= set(COMMANDS)
        stated = {name for name in re.findall(r"[a-z]+\.[a-z_]+", remedy) if name.split(".")[0] in SECTIONS}
        assert stated <= KNOWN
