"""Every form in both languages, filled with nothing, with the usual and with all there can be."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pikepdf
import pytest
from golden_cases import HEADER, fullest, typical
from golden_readers import (
    PdfJs,
    body_text,
    ghostscript_pictures,
    mupdf_pictures,
    mupdf_text,
    pdfium_pictures,
    pdfium_text,
    poppler_pictures,
    poppler_text,
    pypdf_text,
    squeezed,
)
from PIL import Image, ImageChops, ImageFilter

from moodle_bridge.domain.answers.visibility import differs, visible
from moodle_bridge.domain.instrument.model import Variant
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pdf.fill.fill import Filled, fill
from moodle_bridge.pdf.fill.values import shown
from moodle_bridge.pdf.program.load import load
from moodle_bridge.pdf.verify import archival

INSTRUMENTS = catalogue.load().instruments
TEMPLATES = [
    (name, variant)
    for name, instrument in INSTRUMENTS.items()
    for variant in (("full", "mentor") if differs(instrument) else ("full",))
]
FILLINGS = {"empty": lambda instrument: ({}, {}), "typical": typical, "fullest": fullest}
ALL = os.environ.get("MOODLE_BRIDGE_TEST_EVERY_FORM")
"""Set: every template, filling and page in every viewer that is there (a quarter of an hour); unset:
every template still, in both languages, with some of the fillings and pages."""
COMBINATIONS = [
    (name, language, variant, filling)
    for (name, variant), language, filling in itertools.product(TEMPLATES, ("bg", "en"), FILLINGS)
]
EVERY = [each for each in COMBINATIONS if ALL or each[1] == "bg" or each[3] == "typical"]
READ = [each for each in EVERY if ALL or each[3] != "empty"]
DRAWN = [each for each in COMBINATIONS if ALL or each[3] == "fullest"]
USUAL = [each for each in READ if ALL or each[3] == "typical"]
RESOLUTION = 100
"""Dots an inch at which pages are compared."""
BLUR = 3
UNLIKE = 33
"""The largest difference of two blurred pictures that antialiasing explains: renderers differ by up to
26 of 255, a lost letter or a stray mark by 39 and more."""


@lru_cache(maxsize=128)
def document(name: str, language: str, variant: Variant, filling: str) -> Filled:
    instrument = INSTRUMENTS[name]
    answers, carried = FILLINGS[filling](instrument)
    return fill(instrument, language, variant, answers, carried, HEADER)


@lru_cache(maxsize=128)
def read_by_pdfium(name: str, language: str, variant: Variant, filling: str) -> str:
    return squeezed(pdfium_text(document(name, language, variant, filling).content))


@lru_cache(maxsize=1)
def drawn_by_poppler(name: str, language: str, variant: Variant, filling: str) -> list[Image.Image]:
    """The pictures that those of other renderers are compared with, one renderer after the other."""
    made = document(name, language, variant, filling)
    with tempfile.TemporaryDirectory() as folder:
        return poppler_pictures(made.content, Path(folder), RESOLUTION, drawn_pages(made))


def drawn_pages(made: Filled) -> list[int]:
    """The first page and the last; or all of them."""
    return list(range(1, made.pages + 1)) if ALL else sorted({1, made.pages})


@pytest.mark.parametrize(("name", "language", "variant", "filling"), EVERY)
def test_a_document_is_valid_pdf_a_3a_and_pdf_ua_1(
    name: str, language: str, variant: Variant, filling: str
) -> None:
    check = archival(document(name, language, variant, filling).content)
    assert check.passed, check
    assert check.name == "PDF/A-3a, PDF/UA-1"


@pytest.mark.parametrize(("name", "language", "variant", "filling"), READ)
def test_two_readers_extract_the_same_text_in_the_same_order_and_nothing_is_missing(
    tmp_path: Path, name: str, language: str, variant: Variant, filling: str
) -> None:
    made = document(name, language, variant, filling)
    text = read_by_pdfium(name, language, variant, filling)
    assert squeezed(poppler_text(made.content, tmp_path / "document.pdf")) == text
    assert "\ufffd" not in text
    body = squeezed(body_text(made.content))
    for answer in answers_of(name, language, variant, filling):
        assert squeezed(answer) in body


def answers_of(name: str, language: str, variant: Variant, filling: str) -> list[str]:
    """Every line of text that a document has to show."""
    instrument = INSTRUMENTS[name]
    answers, carried = visible(instrument, variant, *FILLINGS[filling](instrument))
    every = shown(instrument, language, variant, answers, carried, {})
    texts = [text for each in every for text in [label for _, label in each.parts] or each.text.split("\n")]
    return [text for text in texts if text]


@pytest.mark.parametrize(("name", "language", "variant", "filling"), USUAL)
def test_pypdf_reads_what_pdfium_reads(name: str, language: str, variant: Variant, filling: str) -> None:
    made = document(name, language, variant, filling)
    assert squeezed(pypdf_text(made.content)) == read_by_pdfium(name, language, variant, filling)


@pytest.mark.parametrize(("name", "language", "variant", "filling"), USUAL)
def test_mupdf_reads_what_pdfium_reads(
    tmp_path: Path, name: str, language: str, variant: Variant, filling: str
) -> None:
    made = document(name, language, variant, filling)
    read = squeezed(mupdf_text(made.content, tmp_path / "document.pdf"))
    assert read == read_by_pdfium(name, language, variant, filling)


@pytest.mark.parametrize(("name", "language", "variant", "filling"), READ)
def test_pdf_js_reads_what_pdfium_reads(
    pdfjs: PdfJs, tmp_path: Path, name: str, language: str, variant: Variant, filling: str
) -> None:
    made = document(name, language, variant, filling)
    assert squeezed(pdfjs.text(made.content, tmp_path)) == read_by_pdfium(name, language, variant, filling)


RENDERERS: dict[str, Callable[..., list[Image.Image]]] = {
    "pdfium": pdfium_pictures,
    "mupdf": mupdf_pictures,
    "ghostscript": ghostscript_pictures,
}


@pytest.mark.parametrize("renderer", [*RENDERERS, "pdf.js"])
@pytest.mark.parametrize(("name", "language", "variant", "filling"), DRAWN)
def test_renderers_draw_the_same_picture(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    name: str,
    language: str,
    variant: Variant,
    filling: str,
    renderer: str,
) -> None:
    draw = RENDERERS.get(renderer) or request.getfixturevalue("pdfjs").pictures
    made = document(name, language, variant, filling)
    pages = drawn_pages(made)
    references = drawn_by_poppler(name, language, variant, filling)
    pictures = draw(made.content, tmp_path, RESOLUTION, pages)
    for page, reference, picture in zip(pages, references, pictures, strict=True):
        assert min(reference.get_flattened_data()) < 128, "the page is not empty"
        assert unlike(reference, picture) < UNLIKE, f"page {page}"


def unlike(reference: Image.Image, other: Image.Image) -> int:
    """The largest difference between two pictures once small shifts are blurred away."""
    size = tuple(map(min, reference.size, other.size))
    blurred = [
        picture.crop((0, 0, *size)).filter(ImageFilter.GaussianBlur(BLUR)) for picture in (reference, other)
    ]
    return int(ImageChops.difference(*blurred).getextrema()[1])


def without_a_letter(content: bytes) -> bytes:
    """The seventh letter of the first answer (the name of the session) is not drawn."""
    answer = re.search(rb"9\.5 Tf [^(]*\([^()\\]{24}", content)
    assert answer
    space = load(INSTRUMENTS["mentee_initial"], "bg", "full").face.encode(" ")[1:-1]
    return content[: answer.end() - 12] + space + content[answer.end() - 10 :]


def without_a_mark(content: bytes) -> bytes:
    mark = re.search(rb"q 0\.09 0\.2 0\.31 rg [^\n]* f Q", content)
    assert mark
    return content.replace(mark[0], b"", 1)


@pytest.mark.parametrize(
    "spoil",
    [without_a_letter, without_a_mark, lambda content: content + b" q 0.5 w 300 400 6 6 re S Q"],
    ids=["a letter less", "a mark less", "a small box too many"],
)
def test_the_comparison_of_pictures_sees_small_faults(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    content = document("mentee_initial", "bg", "full", "typical").content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        page.contents_coalesce()
        page.Contents = pdf.make_stream(spoil(page.Contents.read_bytes()))
        target = io.BytesIO()
        pdf.save(target)
    (tmp_path / "spoilt").mkdir()
    sound = poppler_pictures(content, tmp_path, RESOLUTION, [1])
    spoilt = poppler_pictures(target.getvalue(), tmp_path / "spoilt", RESOLUTION, [1])
    assert unlike(sound[0], spoilt[0]) > UNLIKE


@pytest.mark.parametrize(("name", "language"), list(itertools.product(INSTRUMENTS, ("bg", "en"))))
def test_the_mentors_copy_holds_no_word_for_the_coordinator_alone(name: str, language: str) -> None:
    instrument = INSTRUMENTS[name]
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


def test_the_same_input_gives_the_same_bytes() -> None:
    first = document("mentee_interim", "bg", "full", "fullest")
    assert document("mentee_interim", "bg", "full", "fullest") == first
    assert first.content.count(b"startxref") == 1


@pytest.mark.parametrize("name", ["mentee_initial", "session_protocol"])
@pytest.mark.parametrize("filling", FILLINGS)
def test_tags_and_content_belong_together(name: str, filling: str) -> None:
    made = document(name, "bg", "full", filling)
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


def test_an_answer_follows_its_label_in_the_text() -> None:
    instrument = INSTRUMENTS["mentee_initial"]
    answers = {"needs_text": "ПЪРВО", "next_step": "ВТОРО", "sa_plan": 2}
    text = pdfium_text(fill(instrument, "bg", "full", answers, {}, HEADER).content)
    for item, answer in (("needs_text", "ПЪРВО"), ("next_step", "ВТОРО")):
        assert squeezed(instrument.item(item).label["bg"]) + answer in squeezed(text)


def test_questions_without_an_answer_say_so() -> None:
    text = pdfium_text(document("anonymous_feedback", "bg", "full", "empty").content)
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
def test_the_validators_refuse_what_is_broken_on_purpose(mutation: str) -> None:
    made = document("anonymous_feedback", "bg", "full", "typical")
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        MUTATIONS[mutation](pdf)
        pdf.save(target)
    try:
        passed = archival(target.getvalue()).passed
    except pikepdf.PdfError:
        passed = False
    assert not passed
