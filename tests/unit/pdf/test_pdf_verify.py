"""A document proves what it is, and an altered one is found out; the commands say so."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from PIL import Image
from printed_forms import bring

from moodle_bridge.cli.fill import fill as fill_command
from moodle_bridge.cli.verify import verify as verify_command
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.errors import FillError, TemplateError, VerifyError
from moodle_bridge.pdf.fill.fill import Header, fill
from moodle_bridge.pdf.syntax.images import read_image
from moodle_bridge.pdf.verify import archival, verify

CATALOGUE = catalogue.load()
INSTRUMENT = CATALOGUE.instruments["mentee_initial"]
HEADER = Header(
    document="0b6f7c1e-5a5e-4a3e-9f61-0d6c5a2d7b11",
    submission="7f0f2d52-43fb-4ee0-a7f0-19f1f7cf2f37",
    session="8d4b5c9a-1c9d-4b1f-8c5e-3f9a3c4e5d6f",
    session_name="Мониторинг сесия 1",
    session_number=1,
    session_kind="initial",
    course_name="Е-менторинг",
    group_name="Група А",
    respondent_name="Юлия Ангелова",
    respondent_role="mentee",
    version=2,
    submitted_at=1_760_535_300,
    incomplete=True,
)
ANSWERS = {
    "needs_now": ["n_tech"],
    "general_goals": [{"row": 1, "text": "Да намеря работа 😀"}],
    "next_step": "Ще напиша автобиография. " * 30,
    "sa_plan": 4,
    "contact_me": True,
}


def made(**changes: object) -> bytes:
    return fill(INSTRUMENT, "bg", "full", ANSWERS | changes, {}, HEADER).content


def failed(data: bytes, expected: str | None = None) -> list[str]:
    return [check.name for check in verify(data, CATALOGUE, expected).checks if not check.passed]


def test_a_document_of_ours_passes_every_check() -> None:
    data = made()
    found = verify(data, CATALOGUE, hashlib.sha256(data).hexdigest())
    assert found.passed, found.checks
    assert found.document == HEADER.document


def test_a_document_that_was_made_in_the_boxes_of_a_form_is_verified(tmp_path: Path) -> None:
    """As all documents were before there were records."""
    brought = bring(tmp_path, INSTRUMENT)
    data = fill(INSTRUMENT, "bg", "full", ANSWERS, {}, HEADER, adopted=brought).content
    assert failed(data) == []
    assert archival(data).name == "PDF/A-3b"
    assert archival(data).passed


def test_another_file_than_the_receipts_is_found_out() -> None:
    assert failed(made(), hashlib.sha256(made(next_step="Друго")).hexdigest()) == ["file"]


def with_attachment(data: bytes, change) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        stream = pdf.Root.AF[0].EF.F
        attached = json.loads(stream.read_bytes())
        change(attached)
        stream.write(json.dumps(attached).encode())
        target = io.BytesIO()
        pdf.save(target)
        return target.getvalue()


def test_altered_answers_do_not_match_the_printed_hash_nor_the_pages() -> None:
    data = with_attachment(made(), lambda attached: attached["answers"].update(next_step="Нещо друго"))
    assert failed(data) == ["printed identity", "visible answers"]


def test_an_attachment_of_another_document_does_not_match_the_printed_id() -> None:
    other = "00000000-0000-4000-8000-000000000000"
    data = with_attachment(made(), lambda attached: attached.update(document=other))
    assert failed(data) == ["printed identity"]


def changed(data: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        target = io.BytesIO()
        pdf.save(target)
        return target.getvalue()


def test_a_page_that_was_taken_out_or_put_in_is_found_out() -> None:
    long = made(needs_text="Дълъг отговор. " * 400)
    without = changed(long, lambda pdf: pdf.pages.__delitem__(1))
    twice = changed(made(), lambda pdf: pdf.pages.insert(1, pdf.pages[0]))
    assert failed(without)[0] == "printed identity"
    assert failed(twice)[0] == "printed identity"


def test_a_text_that_was_taken_off_its_page_is_found_out() -> None:
    def take_away(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        page.contents_coalesce()
        content = page.Contents.read_bytes()
        answer = max(re.findall(rb"/Answers 10 Tf [^(]*\((?:[^()\\]|\\.)*\) Tj", content), key=len)
        page.Contents = pdf.make_stream(content.replace(answer, b"/Answers 10 Tf", 1))

    assert failed(changed(made(), take_away)) == ["visible answers"]


def test_an_attachment_that_breaks_its_schema_is_found_out() -> None:
    assert failed(with_attachment(made(), lambda attached: attached.pop("variant"))) == ["attached data"]


def dot(change: Callable[[bytes], bytes]) -> Callable[[pikepdf.Pdf], None]:
    """Changes the first dot of a scale."""

    def spoil(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            page.contents_coalesce()
            content = page.Contents.read_bytes()
            found = re.search(rb"/Artifact BMC q 0\.09 0\.2 0\.31 rg [^\n]* f Q EMC", content)
            if found:
                page.Contents = pdf.make_stream(content.replace(found[0], change(found[0]), 1))
                return

    return spoil


@pytest.mark.parametrize(
    "change",
    [lambda mark: b"", lambda mark: mark.replace(b" rg ", b" rg 1 0 0 1 9.8 0 cm "), lambda mark: mark * 2],
    ids=["taken away", "moved", "doubled"],
)
def test_a_dot_of_a_scale_that_was_changed_is_found_out(change: Callable[[bytes], bytes]) -> None:
    data = changed(made(sa_plan=2), dot(change))
    (found,) = [check for check in verify(data, CATALOGUE).checks if not check.passed]
    assert found.name == "visible answers"
    assert found.detail == "a scale shows another step than was chosen"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"not a pdf"])
def test_a_file_that_is_no_document_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(VerifyError):
        verify(data, CATALOGUE)


def test_the_commands_fill_and_verify_work_together(tmp_path: Path) -> None:
    answers, document = tmp_path / "answers.json", tmp_path / "document.pdf"
    answers.write_text(
        json.dumps({"answers": ANSWERS, "header": {"respondent_name": "Юлия"}}), encoding="utf-8"
    )
    arguments = ["mentee_initial", "--answers", str(answers), "--output", str(document)]
    result = CliRunner().invoke(fill_command, arguments, catch_exceptions=False)
    assert "U+1F600" in result.output
    arguments = [str(document), "--no-receipt", "--pdfa"]
    result = CliRunner().invoke(verify_command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert result.output.count("ok  ") == 5
    document.write_bytes(document.read_bytes().replace(b"<pdfaid:part>3<", b"<pdfaid:part>2<"))
    result = CliRunner().invoke(verify_command, arguments)
    assert isinstance(result.exception, VerifyError)
    assert "FAIL PDF/A-3a, PDF/UA-1" in result.output
    assert result.output.count("ok  ") == 4


ELSEWHERE = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from test_pdf_verify import made
print(hashlib.sha256(made()).hexdigest())
"""


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_another_process_elsewhere_makes_the_same_bytes(seed: str) -> None:
    surroundings = {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PATH": os.environ["PATH"]}
    told = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(Path(__file__).parent)],
        env=surroundings,
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    assert told.stdout.strip() == hashlib.sha256(made()).hexdigest()


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="mentee_initial"):
        fill(INSTRUMENT, "bg", "full", {}, {}, HEADER, templates=tmp_path)


def picture(mode: str, kind: str) -> bytes:
    target = io.BytesIO()
    Image.effect_noise((40, 30), 80).convert("RGB" if mode == "P" else mode).convert(mode).save(target, kind)
    return target.getvalue()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P"])
def test_a_png_logo_keeps_its_pixels(mode: str) -> None:
    import zlib

    data = picture(mode, "PNG")
    image = read_image(data)
    original = Image.open(io.BytesIO(data))
    channels = "L" if mode in ("L", "LA") else "RGB"
    assert (image.width, image.height) == (40, 30)
    assert zlib.decompress(image.data) == original.convert(channels).tobytes()
    assert (image.mask is not None) is ("A" in mode)


def test_a_logo_stands_on_the_first_page_says_what_it_is_and_the_document_stays_archival() -> None:
    for data in (picture("RGBA", "PNG"), picture("RGB", "JPEG")):
        header = dataclasses.replace(HEADER, logo=data, organisation="Център за кариерно развитие")
        content = fill(INSTRUMENT, "bg", "full", ANSWERS, {}, header).content
        assert archival(content).passed
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert int(pdf.pages[0].Resources.XObject.Logo.Width) == 40
            figures = [kid for kid in pdf.Root.StructTreeRoot.K.K if kid.S == "/Figure"]
            assert [str(each.Alt) for each in figures] == [
                "Лого на организацията: Център за кариерно развитие"
            ]


@pytest.mark.parametrize(
    "data", [b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xc0\x00\x11\x08"]
)
def test_a_logo_that_is_no_picture_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(FillError, match="logo"):
        read_image(data)
