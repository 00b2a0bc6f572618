"""The command line as people meet it: what is wrong is said with what to do, and never as a traceback."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from moodle_bridge.cli import main
from moodle_bridge.contract.records import InstrumentVersion, SessionRecord
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.resources import config_dir, contract_dir
from moodle_bridge.settings import describe, load
from moodle_bridge.store import records, workers
from moodle_bridge.store.engine import connect, write

INSTRUMENT = """id: own_form
version: "1.0.0"
choices: "1.0.0"
order: 55
respondent: mentee
sessions: [interim]
minutes: 2
title: {bg: "Свой", en: "Own"}
intro: {bg: "Свой въпросник.", en: "An instrument of their own."}
items:
  - id: hours
    type: number
    min: 0
    max: 60
    required: true
    label: {bg: "Колко часа?", en: "How many hours?"}
"""


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOODLE_BRIDGE_SERVICE_DATA", str(tmp_path / "data"))


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def filled(text: str, *more: str) -> Result:
    Path("answers.json").write_text(text, encoding="utf-8")
    return run("fill", "mentee_initial", "--answers", "answers.json", "--output", "document.pdf", *more)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON (line 1"),
        ("[]", "no object"),
        ('{"sa_plan": NaN}', "NaN is not JSON"),
        (f'{{"sa_plan": {"9" * 5000}}}', "cannot be read"),
        (f'{{"needs_text": {"[" * 100_000}{"]" * 100_000}}}', "too deep"),
        (f'{{"needs_text": {"[" * 900}{"]" * 900}}}', "too deep"),
        ('{"answers": [1]}', '"answers" has to be an object'),
        ('{"answers": {}, "carried": null}', '"carried" has to be an object'),
        ('{"header": {"name": "x"}}', "knows no 'name'"),
        ('{"header": {"respondent_name": null}}', "header.respondent_name: expected a text"),
        ('{"header": {"submitted_at": true}}', "header.submitted_at: expected a whole number"),
        ('{"header": {"submitted_at": -1}}', "header.submitted_at: expected a whole number from 0"),
        ('{"header": {"session_kind": "x"}}', "header.session_kind: expected one of initial"),
        ('{"header": {"logo": "x.png"}}', "knows no 'logo'"),
    ],
)
def test_answers_that_fill_cannot_read_are_refused_with_the_place(text: str, said: str) -> None:
    result = filled(text)
    assert result.exit_code == 2
    assert "--answers" in result.output
    assert said in result.output
    assert not Path("document.pdf").exists()


def test_a_mark_of_byte_order_is_no_hindrance() -> None:
    assert filled('\ufeff{"next_step": "Крачка"}').exit_code == 0


def test_a_document_that_cannot_be_written_is_said_by_name() -> None:
    result = filled("{}", "--output", "missing/document.pdf")
    assert result.exit_code == 1
    assert result.output == "Error: missing/document.pdf: No such file or directory\n"


def test_a_language_that_there_is_not_is_refused() -> None:
    result = filled("{}", "--language", "fr")
    assert result.exit_code == 2
    assert "there are bg, en" in result.output


def test_fill_stamps_the_organisation_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from pypdf import PdfReader

    monkeypatch.setenv("MOODLE_BRIDGE_DOCUMENTS_ORGANISATION", "Център за кариера")
    assert filled("{}").exit_code == 0
    assert "Център за кариера" in PdfReader("document.pdf").pages[0].extract_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"not a pdf", "the file is no PDF"), (b"%PDF-1.7\n", "no document of this service, or is broken")],
)
def test_a_file_that_is_no_document_is_told_from_one_that_is_broken(content: bytes, said: str) -> None:
    Path("file.pdf").write_bytes(content)
    result = run("verify", "file.pdf")
    assert result.exit_code == 1
    assert said in result.output
    assert "EOF marker" not in result.output, "pypdf says nothing beside us"


def test_attached_data_that_is_no_object_is_refused() -> None:
    assert filled("{}").exit_code == 0
    with pikepdf.open("document.pdf") as pdf:
        pdf.Root.AF[0].EF.F.write(b"[1, 2]")
        changed = io.BytesIO()
        pdf.save(changed)
    Path("document.pdf").write_bytes(changed.getvalue())
    assert run("verify", "document.pdf").exit_code == 1


def test_verifying_makes_no_database_where_there_is_none() -> None:
    assert filled("{}").exit_code == 0
    assert run("verify", "document.pdf").exit_code == 0
    assert not Path("data").exists()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Instruments of one's own, named in the settings as docs/instruments.md says."""
    folder = Path(shutil.copytree(config_dir(), tmp_path / "own"))
    (folder / "instruments" / "own_form").mkdir()
    (folder / "instruments" / "own_form" / "1.0.0.yaml").write_text(INSTRUMENT, encoding="utf-8")
    monkeypatch.setenv("MOODLE_BRIDGE_FORMS_INSTRUMENTS", str(folder))
    return folder


@pytest.mark.usefixtures("own")
def test_every_command_knows_the_instruments_named_in_the_settings() -> None:
    assert "own_form" in run("instruments", "list").output
    assert "Колко часа?" in run("instruments", "show", "own_form").output
    told = run("templates", "check", "own_form")
    assert told.exit_code == 1
    assert told.output.splitlines() == [
        f"{folder}/own_form.full.pdf: it was never built" for folder in ("bg", "bg/record", "en", "en/record")
    ]
    Path("answers.json").write_text(json.dumps({"hours": 3}), encoding="utf-8")
    result = run("fill", "own_form", "--answers", "answers.json", "--output", "document.pdf")
    assert "no full template of own_form" in result.output


def test_templates_of_unknown_instruments_are_refused() -> None:
    result = run("templates", "build", "mentee_initial", "mentee_inital")
    assert result.exit_code == 2
    assert "unknown: mentee_inital; there are monitoring_plan" in result.output


def test_a_folder_without_sources_of_templates_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))
    result = run("templates", "build", "mentee_initial", "--directory", str(tmp_path))
    assert result.exit_code == 1
    assert "has no sources" in result.output


def test_the_doctor_says_of_each_fault_what_to_do() -> None:
    assert run("migrate").exit_code == 0
    result = run("doctor")
    assert result.exit_code == 2
    told = result.stdout.splitlines()
    worker = told.index("wrong    worker: no worker runs")
    assert "moodle-bridge worker" in told[worker + 1]


def test_the_doctor_goes_on_after_a_database_that_is_not_there_and_makes_none() -> None:
    result = run("doctor", "--json")
    assert result.exit_code == 2
    states = {each["name"]: each["state"] for each in json.loads(result.stdout)}
    assert states["database"] == "wrong"
    assert (states["settings"], states["templates"], states["Moodle"]) == ("ok", "ok", "not seen")
    assert not Path("data").exists()


COMMANDS = ["jobs list", "jobs retry --all", "pair", "reconcile", "rebuild", "set-aside"]
"""What works on the database of a service that runs."""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_in_the_wrong_place_makes_no_database_and_says_where_it_looked(command: str) -> None:
    result = run(*command.split())
    assert result.exit_code == 1
    place = Path("data/bridge.sqlite3").absolute()
    assert f"there is no database at {place}" in result.output
    assert "--config" in result.output
    assert not Path("data").exists()


@pytest.mark.parametrize("command", ["serve", "migrate", *COMMANDS])
def test_the_files_of_another_user_are_refused(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("migrate").exit_code == 0
    monkeypatch.setattr(os, "geteuid", lambda: Path("data").stat().st_uid + 1)
    result = run(*command.split())
    assert result.exit_code == 1
    assert "belongs to the user" in result.output
    assert "sudo -u" in result.output


def test_a_database_before_its_migration_is_not_touched() -> None:
    assert run("migrate").exit_code == 0
    engine = connect(f"sqlite:///{Path('data/bridge.sqlite3').absolute()}")
    with write(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    result = run("jobs", "list")
    assert result.exit_code == 1
    assert "version 0001" in result.output
    assert "moodle-bridge migrate" in result.output


def test_a_command_says_on_standard_error_which_settings_and_database_it_uses() -> None:
    assert run("migrate").exit_code == 0
    Path("own.toml").touch()
    result = run("--config", "own.toml", "jobs", "list")
    assert result.exit_code == 0
    assert result.stderr.startswith("Settings: own.toml. Database: ")
    assert str(Path("data/bridge.sqlite3").absolute()) in result.stderr
    assert result.stdout.startswith("0 queued")


def test_no_code_is_given_while_no_service_would_know_it() -> None:
    assert run("migrate").exit_code == 0
    result = run("pair")
    assert result.exit_code == 1
    assert "no service runs on this database" in result.output
    engine = connect(f"sqlite:///{Path('data/bridge.sqlite3').absolute()}")
    with write(engine) as connection:
        workers.beat(connection, "tomorrow", time.time() + 86400, 0)
    assert run("pair").exit_code == 1, "a sign of life from the future is none"
    with write(engine) as connection:
        workers.beat(connection, "now", time.time(), 0)
    engine.dispose()
    assert run("pair").exit_code == 0


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_data_folder_that_cannot_be_used_is_said_by_the_name_of_its_setting(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MOODLE_BRIDGE_SERVICE_DATA", str(tmp_path / "file"))
    result = run(*command.split())
    assert result.exit_code == 1
    assert f"service.data: {tmp_path}/file/bridge.sqlite3: cannot be opened" in result.output


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_logo_that_cannot_be_drawn_lets_nothing_start(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logo.png").write_bytes(b"no picture")
    monkeypatch.setenv("MOODLE_BRIDGE_DOCUMENTS_LOGO", str(tmp_path / "logo.png"))
    result = subprocess.run(
        [sys.executable, "-m", "moodle_bridge", command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert f"documents.logo: {tmp_path}/logo.png" in result.stderr


def test_a_service_that_cannot_start_says_so_in_the_form_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MOODLE_BRIDGE_SERVICE_DATA", str(tmp_path / "file"))
    monkeypatch.setenv("MOODLE_BRIDGE_LOG_FORMAT", "json")
    result = run("serve")
    assert result.exit_code == 1
    said = json.loads(result.stderr.splitlines()[-1])
    assert (said["level"], said["code"]) == ("error", "settings")
    assert "cannot be opened" in said["message"]
    assert "bridge.toml" in said["remedy"]


def test_a_hash_that_is_none_is_refused_and_not_compared() -> None:
    assert filled("{}").exit_code == 0
    result = run("verify", "document.pdf", "--sha256", "0123")
    assert result.exit_code == 2
    assert "64 hexadecimal digits" in result.output


def test_a_port_of_the_demo_that_is_taken_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("demo", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 1
    assert "Address already in use; name another with --port" in result.output


def test_the_doctor_names_every_version_that_is_in_use_and_not_here() -> None:
    assert run("migrate").exit_code == 0
    here = sum(1 for _ in catalogue.load().every())
    assert f"ok       versions: {here} here, 0 in use" in run("doctor").stdout
    engine = connect(f"sqlite:///{Path('data/bridge.sqlite3').resolve()}")
    exchange = json.loads((contract_dir() / "golden" / "ws-get_changes.json").read_text(encoding="utf-8"))
    session = SessionRecord.of(exchange["answer"]["sessions"][0])
    used = (InstrumentVersion("mentee_initial", "1.0.0"), InstrumentVersion("mentee_final", "7.0.0"))
    with write(engine) as connection:
        records.put_session(connection, dataclasses.replace(session, versions=used))
    engine.dispose()
    told = run("doctor").stdout.splitlines()
    wrong = told.index("wrong    versions: not here: mentee_final 7.0.0")
    assert "instruments/<id>/<version>.yaml" in told[wrong + 1]


def test_a_file_of_settings_begins_with_what_was_asked_for() -> None:
    organisation = 'Фондация "Мост" \\ 2'
    changes = ("service.data=/var/lib/x", "service.port=8651", f"documents.organisation={organisation}")
    asked = [part for change in changes for part in ("--set", change)]
    assert run("settings", "--write", "bridge.toml", *asked).exit_code == 0
    found = load(Path("bridge.toml"))
    assert (found.service.data, found.service.port) == ("/var/lib/x", 8651)
    assert found.documents.organisation == organisation
    others = {"service.data", "service.port", "documents.organisation"}
    assert {key: value for key, value in describe(found).items() if key not in others} == {
        key: value for key, value in describe(load()).items() if key not in others
    }
    written = Path("bridge.toml").read_text(encoding="utf-8")
    assert written.count("#") == (config_dir() / "bridge.toml").read_text(encoding="utf-8").count("#")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("service.prt=1", "there is no setting service.prt"),
        ("port=1", "there is no setting port"),
        ("service.port", "there is no setting"),
        ("service.port=x", "expected a whole number"),
        ("service.port=99999", "from 0 to 65535"),
        ("log.format=xml", "expected one of text, json"),
    ],
)
def test_a_wrong_change_of_a_setting_is_refused_and_writes_nothing(change: str, said: str) -> None:
    result = run("settings", "--write", "bridge.toml", "--set", change)
    assert result.exit_code != 0
    assert said in result.output
    assert not Path("bridge.toml").exists()


def test_a_file_of_settings_to_begin_with_is_written_for_its_group_and_never_over_another() -> None:
    assert run("settings", "--write", "bridge.toml").exit_code == 0
    assert Path("bridge.toml").read_bytes() == (config_dir() / "bridge.toml").read_bytes()
    assert Path("bridge.toml").stat().st_mode & 0o777 == 0o640
    Path("bridge.toml").write_text("mine", encoding="utf-8")
    result = run("settings", "--write", "bridge.toml")
    assert result.exit_code == 1
    assert "File exists" in result.output
    assert Path("bridge.toml").read_text(encoding="utf-8") == "mine"
