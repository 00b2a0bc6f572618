"""The demo: what a newcomer runs first, in a process of its own and without a setting."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner, Result
from pairs import eventually, fields_of
from pypdf import PdfReader

from moodle_bridge.cli import main
from moodle_bridge.cli.demo_parts import Steps, both, sample, wait_until_idle
from moodle_bridge.errors import BridgeError
from moodle_bridge.sandbox import cast

STEPS = [
    "service started",
    "stand-in Moodle started",
    "paired",
    "session created",
    "pushed into Moodle",
    "submitted",
    "webhook acknowledged",
    "archived",
    "stored in the session",
]


def demo(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["demo", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    ("language", "title"), [("bg", "Моите цели и очаквания"), ("en", "My goals and expectations")]
)
def test_once_files_a_sample_form_and_copies_its_documents(tmp_path: Path, language: str, title: str) -> None:
    result = demo("--once", "--out", str(tmp_path / "out"), "--language", language)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    for line, step in zip(lines, STEPS, strict=False):
        assert re.match(r" *\d+\.\d{3} s  ", line)
        assert step in line
    hashes = dict(reversed(line.split("  ", 1)) for line in lines[len(STEPS) :])
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == 2
    for file in files:
        assert title in file.name
        assert hashes[str(file)] == hashlib.sha256(file.read_bytes()).hexdigest()
        text = " ".join("".join(page.extract_text() for page in PdfReader(file).pages).split())
        assert sample(language)["needs_text"][:20] in text


@pytest.mark.parametrize(
    "arguments", [("--once",), ("--out", "x"), ("--scenario", "year"), ("--language", "fr")]
)
def test_options_that_do_not_go_together_are_refused(arguments: tuple[str, ...]) -> None:
    result = demo(*arguments)
    assert result.exit_code == 2
    assert "Error" in result.output


def test_what_failed_is_said_with_a_remedy_and_a_failing_exit_status(tmp_path: Path) -> None:
    # A file stands where the service's folder has to be.
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "service").write_text("in the way")
    result = demo("--once", "--out", str(tmp_path / "out"), "--data", str(tmp_path / "data"))
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) >= 2
    assert not (tmp_path / "out").exists()


def test_in_the_browser_a_form_becomes_documents_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from moodle_bridge.cli import main; main()", "demo", "--port", "0"]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    environment["PYTHONPATH"] = str(Path(cast.__file__).parents[2])
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, "")
            address = next(found[1] for line in lines if (found := re.search(r"Open (http://\S+)/ ", line)))
            assert cast.YULIA.name in _page(address, "/")
            session = eventually(lambda: re.search(r"/session/[0-9a-f-]{36}", _page(address, "/")))[0]
            form = eventually(lambda: re.search(rf"{session}/form/mentee_initial/3", _page(address, session)))
            assert "Формулярът е подаден" in _page(
                address, form[0], {**fields_of(sample("bg", time.time())), "submit": "1"}
            )
            link = eventually(lambda: re.search(r"/document/[0-9a-f-]{36}", _page(address, session)))
            with urllib.request.urlopen(_request(address, link[0]), timeout=10) as answer:
                assert answer.read(5) == b"%PDF-"
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
        assert process.wait(30) == 0, rest
    assert list(tmp_path.iterdir()) == []


def _request(address: str, path: str, fields: Mapping[str, object] | None = None) -> urllib.request.Request:
    body = None if fields is None else urlencode(fields, doseq=True).encode()
    return urllib.request.Request(address + path, body, {"Cookie": f"person={cast.YULIA.id}; language=bg"})


def _page(address: str, path: str, fields: Mapping[str, object] | None = None) -> str:
    with urllib.request.urlopen(_request(address, path, fields), timeout=10) as answer:
        text: str = answer.read().decode("utf-8")
        return text


def test_a_kept_folder_goes_on_where_it_was(tmp_path: Path) -> None:
    for expected in (2, 4):
        result = demo("--once", "--out", str(tmp_path / "out"), "--data", str(tmp_path / "data"))
        assert result.exit_code == 0, result.output
        assert len(list((tmp_path / "out").iterdir())) == expected


def test_the_demo_gives_up_on_a_form_that_needs_a_correction(tmp_path: Path) -> None:
    with both(tmp_path, Steps()) as site:
        world = site.sandbox.world
        session = world.create_session(
            course=cast.COURSE.id, name="С", number=1, kind="initial", instruments=["mentee_initial"]
        )
        answers = sample("bg", time.time())
        del answers["next_step"]
        world.submit(session, "mentee_initial", cast.YULIA.id, answers, role="mentee", group=cast.GROUP_A)
        with pytest.raises(BridgeError, match="next_step"):
            wait_until_idle(site)


@pytest.mark.skipif(
    os.environ.get("MOODLE_BRIDGE_YEAR") != "full", reason="takes over a minute: set MOODLE_BRIDGE_YEAR=full"
)
def test_the_year_is_filed_form_by_form_with_the_signals_worked_out_by_hand(tmp_path: Path) -> None:
    result = demo("--once", "--scenario", "year", "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    sums = [line.split("  ", 1) for line in (tmp_path / "SHA256SUMS").read_text("utf-8").splitlines()]
    assert len(sums) == 154
    for digest, name in sums:
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    signals = [line.split()[0] for line in result.output.splitlines() if re.match(r"    (RED|AMBER) ", line)]
    assert (signals.count("RED"), signals.count("AMBER")) == (12, 10)
