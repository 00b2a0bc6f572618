"""The zip an administrator uploads to Moodle."""

from __future__ import annotations

import zipfile
from pathlib import Path

from click.testing import CliRunner

from moodle_bridge import __version__
from moodle_bridge.cli.plugin import plugin
from moodle_bridge.moodle.plugin_zip import build


def test_the_zip_holds_one_folder_with_the_activity(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path)) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"monitoringsession"}
    for needed in (
        "version.php",
        "lib.php",
        "db/install.xml",
        "lang/bg/monitoringsession.php",
        "amd/build/answers.min.js",
        "pix/monologo.svg",
    ):
        assert f"monitoringsession/{needed}" in names
    assert not [name for name in names if "/." in name or name.endswith(".py")]


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    assert build(tmp_path / "a.zip").read_bytes() == build(tmp_path / "b.zip").read_bytes()


def test_the_activity_and_the_service_are_of_one_release(tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path)) as archive:
        version = archive.read("monitoringsession/version.php").decode()
    assert f"$plugin->release = '{__version__}';" in version


def test_the_command_says_where_the_zip_is(tmp_path: Path) -> None:
    result = CliRunner().invoke(plugin, ["build", str(tmp_path)])
    assert result.exit_code == 0
    assert Path(result.output.strip()).is_file()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(plugin, ["build", str(tmp_path / "missing" / "x.zip")])
    assert result.exit_code == 1
    assert "missing" in result.output
