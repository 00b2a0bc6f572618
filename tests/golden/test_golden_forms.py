"""Every form in both languages, filled with nothing, with the usual and with all there can be."""

from __future__ import annotations

import io
import itertools
import json
import os
from pathlib import Path

import pikepdf
import pytest
from golden_cases import HEADER, fullest, typical
from golden_readers import (
    body_text,
    ghostscript_picture,
    mupdf_picture,
    mupdf_text,
    pdfium_picture,
    pdfium_text,
    poppler_picture,
    poppler_text,
    pypdf_text,
    squeezed,
)
from pikepdf import pdfa
from PIL import ImageChops, ImageFilter

from moodle_bridge.domain.instruments import Catalogue, Variant
from moodle_bridge.pdf.fill import Filled, fill
from moodle_bridge.pdf.templates import load
from moodle_bridge.pdf.values import differs, shown, visible_data, visible_items

INSTRUMENTS = (
    "monitoring_plan",
    "mentee_initial",
    "mentee_group_expectations",
    "mentor_initial",
    "mentee_interim",
    "mentor_observation",
    "mentee_final",
    "mentor_final",
    "session_protocol",
    "effectiveness_report",
    "anonymous_feedback",
)
FILLINGS = {"empty": lambda instrument: ({}, {}), "typical": typical, "fullest": fullest}
ALL = os.environ.get("MOODLE_BRIDGE_TEST_EVERY_FORM")
"""Set: everything in every combination (two minutes); unset: each form still in both languages."""
COMBINATIONS = list(itertools.product(INSTRUMENTS, ("bg", "en"), FILLINGS))
EVERY = [each for each in COMBINATIONS if ALL or each[1] == "bg" or each[2] == "typical"]
READ = [each for each in EVERY if ALL or each[2] != "empty"]
LIKENESS = 30
"""Resolution at which two renderers of the same page hardly differ, whatever their antialiasing."""


def document(
    instruments: Catalogue, name: str, language: str, filling: str, variant: Variant = "full"
) -> Filled:
    instrument = instruments.instruments[name]
    answers, carried = FILLINGS[filling](instrument)
    return fill(instrument, language, variant, answers, carried, HEADER)


def test_the_list_above_names_every_instrument(instruments: Catalogue) -> None:
    assert set(INSTRUMENTS) == set(instruments.instruments)


@pytest.mark.parametrize(("name", "language", "filling"), EVERY)
def test_a_document_is_valid_pdf_a_3b(
    instruments: Catalogue, tmp_path: Path, name: str, language: str, filling: str
) -> None:
    path = tmp_path / "document.pdf"
    path.write_bytes(document(instruments, name, language, filling).content)
    report = pdfa.validate_written(path, "3b")
    assert report.passed, report.findings[:3]


@pytest.mark.parametrize(("name", "language", "filling"), READ)
def test_two_readers_extract_the_same_text_in_the_same_order_and_nothing_is_missing(
    instruments: Catalogue, tmp_path: Path, name: str, language: str, filling: str
) -> None:
    made = document(instruments, name, language, filling)
    text = squeezed(pdfium_text(made.content))
    assert squeezed(poppler_text(made.content, tmp_path / "document.pdf")) == text
    assert "\ufffd" not in text
    body = squeezed(body_text(made.content))
    for answer in answers_of(instruments, name, language, filling):
        assert squeezed(answer) in body


def answers_of(instruments: Catalogue, name: str, language: str, filling: str) -> list[str]:
    """Every line of text that a full document has to show."""
    instrument = instruments.instruments[name]
    answers, carried = visible_data(instrument, "full", *FILLINGS[filling](instrument))
    rows = load(instrument, language, "full").rows_of
    items = visible_items(instrument, "full")
    every = shown(instrument, language, items, answers, carried, rows)
    return [line for answer in every for line in answer.text.split("\n") if line and not answer.parts]


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_mupdf_and_pypdf_read_what_pdfium_reads(instruments: Catalogue, tmp_path: Path, name: str) -> None:
    made = document(instruments, name, "bg", "typical")
    text = squeezed(pdfium_text(made.content))
    assert squeezed(mupdf_text(made.content, tmp_path / "document.pdf")) == text
    assert squeezed(pypdf_text(made.content)) == text


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_renderers_draw_the_same_picture(instruments: Catalogue, tmp_path: Path, name: str) -> None:
    made = document(instruments, name, "bg", "fullest")
    path = tmp_path / "document.pdf"
    # The last page of a long form is its annex.
    for page in (1, made.pages) if ALL or name == "mentee_initial" else (1,):
        reference = poppler_picture(made.content, path, page, LIKENESS)
        assert min(reference.get_flattened_data()) < 128, "the page is not empty"
        for other in (
            pdfium_picture(made.content, page, LIKENESS),
            mupdf_picture(made.content, path, page, LIKENESS),
            ghostscript_picture(made.content, path, page, LIKENESS),
        ):
            assert stray(reference, other) < 90


def stray(reference: object, other: object) -> int:
    """The largest difference between two pictures once small shifts are blurred away."""
    size = tuple(map(min, reference.size, other.size))
    blurred = [
        picture.crop((0, 0, *size)).filter(ImageFilter.GaussianBlur(2)) for picture in (reference, other)
    ]
    return max(ImageChops.difference(*blurred).get_flattened_data())


@pytest.mark.parametrize(("name", "language"), list(itertools.product(INSTRUMENTS, ("bg", "en"))))
def test_the_mentors_copy_holds_no_word_for_the_coordinator_alone(
    instruments: Catalogue, name: str, language: str
) -> None:
    instrument = instruments.instruments[name]
    if not differs(instrument):
        pytest.skip("this form has no mentor's copy of its own")
    answers, carried = fullest(instrument)
    hidden = [item for item in instrument.items if "mentor" not in item.readers]
    for item in hidden:
        if item.type in ("short_text", "long_text"):
            answers[item.id] = "ТАЙНА"
    made = fill(instrument, language, "mentor", answers, carried, HEADER)
    text = squeezed(pdfium_text(made.content))
    assert "ТАЙНА" not in text
    attached = attached_data(made.content)
    for item in hidden:
        assert squeezed(item.label[language]) not in text
        assert item.id not in attached["answers"]
        assert item.id not in attached["carried"]


def attached_data(content: bytes) -> dict:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert [str(spec.AFRelationship) for spec in pdf.Root.AF] == ["/Data"]
        return json.loads(pdf.attachments["answers.json"].get_file().read_bytes())


def test_the_same_input_gives_the_same_bytes(instruments: Catalogue) -> None:
    first = document(instruments, "mentee_interim", "bg", "fullest")
    assert document(instruments, "mentee_interim", "bg", "fullest") == first
    assert first.content.count(b"startxref") == 1


@pytest.mark.parametrize("name", ["mentee_initial", "session_protocol"])
@pytest.mark.parametrize("filling", FILLINGS)
def test_tags_and_content_belong_together(instruments: Catalogue, name: str, filling: str) -> None:
    made = document(instruments, name, "bg", filling)
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "bg"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert "/AcroForm" not in pdf.Root
        parents = dict(pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree).items())
        told = set(leaves(pdf.Root.StructTreeRoot.K, None))
        for page in pdf.pages:
            owners = parents[int(page.StructParents)]
            marked = marked_content(page)
            assert len(marked) == len(set(marked)), "no content is tagged twice"
            assert len(owners) > max(marked)
            assert {(page.objgen, mcid) for mcid in marked} <= told
            assert "/Annots" not in page


def marked_content(page: pikepdf.Page) -> list[int]:
    return [
        int(operands[1].MCID)
        for operands, operator in pikepdf.parse_content_stream(page)
        if str(operator) == "BDC" and isinstance(operands[1], pikepdf.Dictionary) and "/MCID" in operands[1]
    ]


def leaves(node: object, page: object):
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from leaves(kid, page)
    elif isinstance(node, pikepdf.Dictionary):
        page = node.Pg.objgen if "/Pg" in node else page
        if node.get("/Type") == "/MCR":
            yield page, int(node.MCID)
        elif "/K" in node:
            yield from leaves(node.K, page)
    else:
        yield page, int(node)


def test_an_answer_follows_its_label_in_the_text(instruments: Catalogue) -> None:
    instrument = instruments.instruments["mentee_initial"]
    answers = {"needs_text": "ПЪРВО", "next_step": "ВТОРО", "sa_plan": 2}
    text = pdfium_text(fill(instrument, "bg", "full", answers, {}, HEADER).content)
    for item, answer in (("needs_text", "ПЪРВО"), ("next_step", "ВТОРО")):
        label = instrument.item(item).label["bg"]
        between = text[text.index(label) + len(label) : text.index(answer)]
        assert len(between.strip()) <= 1, "only the asterisk stands between them"


def test_questions_without_an_answer_say_so(instruments: Catalogue) -> None:
    text = pdfium_text(document(instruments, "anonymous_feedback", "bg", "empty").content)
    assert text.count("без отговор") == 4


MUTATIONS = {
    "a font that is not embedded": lambda pdf: pdf.pages[0].Resources.Font.__setitem__(
        "/Answers",
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        ),
    ),
    "a glyph that is not there": lambda pdf: draw(pdf, b"BT /Answers 9 Tf <0000> Tj ET"),
    "colours of a printing press": lambda pdf: draw(pdf, b"0 0 0 1 k 0 0 5 5 re f"),
    "no relationship of the attached file": lambda pdf: pdf.Root.AF[0].__delitem__("/AFRelationship"),
    "no associated files": lambda pdf: pdf.Root.__delitem__("/AF"),
    "no XMP": lambda pdf: pdf.Root.__delitem__("/Metadata"),
    "no output intent": lambda pdf: pdf.Root.__delitem__("/OutputIntents"),
    "wrong widths": lambda pdf: (
        pdf.pages[0]
        .Resources.Font["/Answers"]
        .DescendantFonts[0]
        .__setitem__("/W", pikepdf.Array([0, pikepdf.Array([100] * 900)]))
    ),
    "a script": lambda pdf: pdf.Root.__setitem__(
        "/OpenAction", pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    ),
    "a form": lambda pdf: pdf.Root.__setitem__(
        "/AcroForm", pikepdf.Dictionary(Fields=pikepdf.Array(), NeedAppearances=True)
    ),
}


def draw(pdf: pikepdf.Pdf, operators: bytes) -> None:
    pdf.pages[0].contents_add(operators)


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_validator_refuses_what_is_broken_on_purpose(
    instruments: Catalogue, tmp_path: Path, mutation: str
) -> None:
    made = document(instruments, "anonymous_feedback", "bg", "typical")
    path = tmp_path / "broken.pdf"
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        MUTATIONS[mutation](pdf)
        pdf.save(path)
    try:
        passed = pdfa.validate_written(path, "3b").passed
    except pikepdf.PdfError:
        passed = False
    assert not passed
