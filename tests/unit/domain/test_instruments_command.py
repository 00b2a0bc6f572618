from __future__ import annotations

import json
import shutil
from pathlib import Path

from click.testing import CliRunner
from two_versions import first_versions

from moodle_bridge.cli.instruments import instruments
from moodle_bridge.domain.instrument.definition import definition
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.resources import config_dir


def test_list_names_every_instrument_and_whether_it_is_on(catalogue: Catalogue) -> None:
    told = CliRunner().invoke(instruments, ["list", "--language", "en"]).output.splitlines()
    assert [line.split()[0] for line in told] == list(catalogue.instruments)
    assert " off " in told[-1]
    assert told[1].endswith("My goals and expectations")


def test_check_counts_what_it_read(tmp_path: Path) -> None:
    """The first versions, of which nothing changes any more."""
    found = CliRunner().invoke(
        instruments, ["check", "--directory", str(first_versions(tmp_path / "config"))]
    )
    assert found.exit_code == 0
    assert found.output == "11 instruments, 161 items, 115 columns in bg, en: all right\n"


def test_check_says_file_line_item_and_remedy(tmp_path: Path) -> None:
    for part in ("choices", "instruments", "messages"):
        shutil.copytree(config_dir() / part, tmp_path / part)
    shutil.copy(config_dir() / "vocabulary.yaml", tmp_path)
    path = tmp_path / "instruments" / "anonymous_feedback" / "1.0.0.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("scale: extent5", "scale: extent6", 1), encoding="utf-8"
    )
    found = CliRunner().invoke(instruments, ["check", "--directory", str(tmp_path)])
    assert found.exit_code == 1
    assert "anonymous_feedback/1.0.0.yaml:" in found.output
    assert "(an_open)" in found.output
    assert "instruments check" in found.output


def test_show_prints_questions_conditions_and_readers() -> None:
    found = CliRunner().invoke(instruments, ["show", "mentee_interim"])
    assert found.exit_code == 0
    assert "Това виждате само Вие и ръководителят." in found.output
    assert "required depending on status, level, due_date" in found.output


def test_show_gives_the_definition_as_the_plugin_gets_it(catalogue: Catalogue) -> None:
    found = CliRunner().invoke(instruments, ["show", "mentee_final", "--language", "en", "--json"])
    wanted = definition(catalogue, catalogue.instruments["mentee_final"], "en")
    assert json.loads(found.output) == wanted


def test_an_unknown_name_or_language_is_refused() -> None:
    assert CliRunner().invoke(instruments, ["show", "nothing"]).exit_code == 1
    assert CliRunner().invoke(instruments, ["list", "--language", "el"]).exit_code == 1
