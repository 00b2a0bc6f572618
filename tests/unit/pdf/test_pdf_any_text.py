"""Whatever is typed into a form is in its document: in our record, or in a brought form and on its annex."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from printed_forms import bring, program_of

from moodle_bridge.domain.instrument.model import Instrument, Item
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pdf.fill.blank import blank_of
from moodle_bridge.pdf.fill.fill import Filled, Header, fill
from moodle_bridge.pdf.fill.placer import Placer
from moodle_bridge.pdf.fill.prepared import Prepared
from moodle_bridge.pdf.fill.values import Shown, shown
from moodle_bridge.pdf.program.load import load

INSTRUMENT = catalogue.load().instruments["mentee_interim"]
SHORT = catalogue.load().instruments["anonymous_feedback"]
HEADER = Header(
    document="0b6f7c1e-5a5e-4a3e-9f61-0d6c5a2d7b11",
    submission="7f0f2d52-43fb-4ee0-a7f0-19f1f7cf2f37",
    session="8d4b5c9a-1c9d-4b1f-8c5e-3f9a3c4e5d6f",
    session_name="Мониторинг сесия 1",
    session_number=1,
    session_kind="interim",
    course_name="Е-менторинг",
    group_name="Група А",
    respondent_name="Юлия Ангелова",
    respondent_role="mentee",
    version=1,
    submitted_at=1_760_535_300,
)
PROGRAM = program_of(INSTRUMENT)
ANY = st.text(max_size=900)
BULGARIAN = st.text("абвгдежзийклмнопрстуфхцчшщъьюяАБВ „“–, .!?\n0123456789№ёѝ", max_size=900)
PROSE = st.lists(st.text("абвгдежзийклмнопрстуфхцчшщъьюя,.–", min_size=1, max_size=14), max_size=120).map(
    " ".join
)
FEET = [f"{each.title['bg']}{each.version}·сесия".replace(" ", "") for each in (INSTRUMENT, SHORT)]
_SPACES = re.compile(r"[-\s\x00-\x1f\ufeff\ufffe\uffff]")


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bring(tmp_path_factory.mktemp("brought"), SHORT, INSTRUMENT)


def squeezed(text: str) -> str:
    return _SPACES.sub("", text)


def body(made: Filled) -> str:
    """What PDFium reads, without the foot of every page.

    The foot is cut off by its words: PDFium takes a hyphen before it for a word divided between lines.
    """
    document = pypdfium2.PdfDocument(made.content)
    try:
        pages = [squeezed(page.get_textpage().get_text_range()) for page in document]
    finally:
        document.close()
    return "".join(page[: max(page.rfind(foot) for foot in FEET)] for page in pages)


def visible(text: str) -> str:
    return squeezed(load(SHORT, "bg", "full").face.cleaner.clean(text, set()))


def attached(made: Filled) -> dict[str, Any]:
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        return dict(json.loads(pdf.attachments["answers.json"].get_file().read_bytes()))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(ANY, BULGARIAN, PROSE))
@example("A-")
@example("A\xad")
@example("A\xa0B")
def test_every_text_is_visible_and_kept(text: str) -> None:
    answers = {"an_change": text}
    made = fill(SHORT, "bg", "full", answers, {}, HEADER)
    assert visible(text) in body(made)
    assert attached(made)["answers"] == answers


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(PROSE)
def test_the_short_way_of_setting_a_text_draws_what_the_long_way_draws(text: str) -> None:
    program = PROGRAM
    answers = [Shown(name, "Етикет", text) for name in program.boxes]
    short = Placer(program, "bg", list(program.parts)).finish(answers, {})
    without = dataclasses.replace(program, boxes={})
    long = Placer(without, "bg", list(program.parts)).finish(answers, {})
    assert short == long


def value_of(item: Item) -> st.SearchStrategy[Any]:
    """What people answer, what they leave empty and what nobody should be able to answer."""
    codes = [option.value for option in item.options] + ["r1", "r2", "gone"]
    odd = [None, "", True, False, 3, "3", "2026-05-31", "2026-31-05", [], [None], ["yes"], [{}], {"a": 1}]
    return st.one_of(
        st.sampled_from(codes), st.lists(st.sampled_from(codes), max_size=4), st.sampled_from(odd), PROSE
    )


def rows_of(item: Item) -> st.SearchStrategy[Any]:
    cells = st.fixed_dictionaries({}, optional={column.id: value_of(column) for column in item.columns})
    rows = st.dictionaries(st.integers(1, 9), cells, max_size=5)
    return rows.map(lambda found: [{"row": number} | row for number, row in found.items()])


def answers_to(instrument: Instrument) -> st.SearchStrategy[dict[str, Any]]:
    every = {item.id: rows_of(item) if item.columns else value_of(item) for item in instrument.items}
    return st.fixed_dictionaries({}, optional=every)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers_to(INSTRUMENT), answers_to(INSTRUMENT))
def test_what_is_laid_over_a_blank_document_is_what_is_set_from_the_start(
    answers: dict[str, Any], carried: dict[str, Any]
) -> None:
    program = PROGRAM
    parts = list(blank_of(program, INSTRUMENT, "bg", "full").parts)
    rest = shown(INSTRUMENT, "bg", "full", answers, carried, {}, Prepared(program, "bg", parts).settle)
    over = Placer(program, "bg", parts).finish(rest, {})
    every = shown(INSTRUMENT, "bg", "full", answers, carried, program.rows_of)
    afresh = Placer(program, "bg", list(program.parts)).finish(every, {})
    assert over.parts == afresh.parts
    assert (over.annexed, over.replaced) == (afresh.annexed, afresh.replaced)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(1, 9), BULGARIAN), max_size=6, unique_by=lambda row: row[0]))
def test_any_number_of_rows_is_visible(rows: list[tuple[int, str]]) -> None:
    answers = {"weak_points": [{"row": n, "area": "w_tech", "severity": 2, "text": t} for n, t in rows]}
    made = fill(INSTRUMENT, "bg", "full", answers, {}, HEADER)
    shown = body(made)
    for _, text in rows:
        assert visible(text) in shown


ODD = {
    "60,000 characters": "Дълъг отговор с много думи. " * 2143,
    "500 short lines": "\n".join(f"ред {n}" for n in range(500)),
    "one word of 60,000 letters": "ъ" * 60_000,
    "emoji": "Чудесно 😀👍🏽 и 👩‍👩‍👧",
    "combining marks": "е\u0301 и\u0306 ѐ ѝ a\u0308",
    "right to left": "שלום مرحبا край",
    "zero width and control": "а\u200bб\u200dв\u00adг\x00д\x07е\ufeff",
    "line ends of every kind": "а\r\nб\rв\u2028г\x0bд\x85е",
    "only spaces": "   \t  ",
    "brackets and backslashes": "( \\ ) (( \\\\ ))) \\n",
    "half a surrogate pair": "а\ud83dб",
    "letters beyond the BMP": "𝔸𝕓𝕔 𐍈",
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("own", [True, False], ids=["our record", "a brought form"])
def test_odd_text_gives_a_whole_document(brought: Path, name: str, own: bool) -> None:
    text = ODD[name]
    adopted = None if own else brought
    made = fill(SHORT, "bg", "full", {"an_change": text}, {}, HEADER, adopted=adopted)
    assert visible(text) in body(made)
    assert attached(made)["answers"]["an_change"] == text


def test_what_the_font_lacks_is_shown_as_a_box_and_reported() -> None:
    made = fill(SHORT, "bg", "full", {"an_change": "Да 😀 ש"}, {}, HEADER)
    assert made.replaced == ("U+05E9", "U+1F600")
    assert "Да\ufffd\ufffd" in body(made)


def test_a_long_answer_in_a_brought_form_says_on_which_page_it_continues(brought: Path) -> None:
    long = {"an_change": "Много дълъг отговор. " * 200}
    made = fill(SHORT, "bg", "full", long, {}, HEADER, adopted=brought)
    assert made.annexed == ("an_change",)
    assert made.pages == 2
    assert squeezed("… пълният текст е на стр. 2") in body(made)
    assert squeezed("към стр. 1") in body(made)


def test_the_annex_follows_the_order_of_the_form(brought: Path) -> None:
    long = "Много дълъг отговор. " * 100
    rows = [{"row": n, "area": "w_tech", "severity": 2, "text": f"ред {n}"} for n in range(1, 8)]
    answers = {"weak_points": rows, "next_step": long, "confidential_note": long}
    made = fill(INSTRUMENT, "bg", "full", answers, {}, HEADER, adopted=brought)
    assert squeezed("още редове: 4 – на стр.") in body(made)
    items = [item.id for item in INSTRUMENT.items]
    places = [items.index(name.split(".")[0]) for name in made.annexed]
    assert "weak_points.r7.text" in made.annexed
    assert {"next_step", "confidential_note"} <= set(made.annexed)
    assert places == sorted(places)


WRONG: dict[str, Any] = {
    "a scale that does not exist": {"an_open": 17},
    "a word where a number belongs": {"an_open": "много"},
    "a code that was removed": {"an_area": ["w_gone", "w_tech"]},
    "a number where a list belongs": {"an_area": 7},
    "a list where a text belongs": {"an_change": ["а", "б"]},
    "an object where a text belongs": {"an_change": {"а": 1}},
    "nothing where a text belongs": {"an_change": None},
    "a question nobody asked": {"unknown": "отговор"},
    "an answer named like a field of the head": {"header.session": "друга сесия"},
}


@pytest.mark.parametrize("name", WRONG)
def test_an_answer_that_breaks_its_definition_is_shown_as_it_is(name: str) -> None:
    made = fill(SHORT, "bg", "full", WRONG[name], {}, HEADER)
    shown = body(made)
    for value in WRONG[name].values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, str | int) and part != "w_tech":
                assert squeezed(str(part)) in shown
    assert attached(made)["answers"] == WRONG[name]


@pytest.mark.parametrize("answer", [[None], [""], [[]]])
def test_a_choice_of_nothing_counts_as_no_answer(answer: list[Any]) -> None:
    made = fill(SHORT, "bg", "full", {"an_area": answer}, {}, HEADER)
    empty = fill(SHORT, "bg", "full", {}, {}, HEADER)
    assert body(made).count(squeezed("без отговор")) == body(empty).count(squeezed("без отговор")) > 0


TABLES: dict[str, Any] = {
    "no list": "текст",
    "rows that are no rows": [1, "две", None],
    "rows without numbers": [{"text": "безномерен"}],
    "the same row twice": [{"row": 1, "text": "първи"}, {"row": 1, "text": "втори"}],
    "row zero": [{"row": 0, "text": "нулев"}],
    "a gap": [{"row": 3, "text": "трети"}],
    "a column nobody knows": [{"row": 1, "text": "известен", "other": "неизвестен"}],
}


@pytest.mark.parametrize("name", TABLES)
def test_a_broken_table_loses_nothing(name: str) -> None:
    made = fill(INSTRUMENT, "bg", "full", {"weak_points": TABLES[name]}, {}, HEADER)
    for word in re.findall("[а-я]{4,}", json.dumps(TABLES[name], ensure_ascii=False)):
        assert word in body(made)


def test_threads_that_fill_at_once_make_the_same_documents_as_one_alone() -> None:
    texts = [f"Отговор номер {n}. " * (n * 7) for n in range(1, 13)]
    alone = [fill(SHORT, "bg", "full", {"an_change": text}, {}, HEADER).sha256 for text in texts]
    with ThreadPoolExecutor(6) as pool:
        together = pool.map(
            lambda text: fill(SHORT, "bg", "full", {"an_change": text}, {}, HEADER).sha256, texts
        )
        assert list(together) == alone


def test_the_same_submission_of_another_person_has_other_bytes_and_another_identity() -> None:
    first = fill(SHORT, "bg", "full", {"an_open": 3}, {}, HEADER)
    second = fill(SHORT, "bg", "full", {"an_open": 3}, {}, dataclasses.replace(HEADER, document="another"))
    assert first.answers_sha256 == second.answers_sha256
    assert first.sha256 != second.sha256
    with pikepdf.open(io.BytesIO(first.content)) as one, pikepdf.open(io.BytesIO(second.content)) as two:
        assert bytes(one.trailer.ID[0]) == bytes(two.trailer.ID[0])
        assert bytes(one.trailer.ID[1]) != bytes(two.trailer.ID[1])
        assert str(one.docinfo.Author) == "Юлия Ангелова"
        assert str(one.docinfo.CreationDate) == "D:20251015133500Z"


@pytest.mark.parametrize(
    ("language", "name", "kind", "shown"),
    [
        ("bg", "Мониторинг сесия 1", "interim", "№ 1 · Мониторинг сесия 1 · междинна мониторинг сесия"),
        ("bg", "Първоначална мониторинг сесия", "initial", "№ 1 · Първоначална мониторинг сесия"),
        ("en", "Session in May", "final", "No. 1 · Session in May · final monitoring session"),
        ("en", "Final session", "final", "No. 1 · Final session"),
    ],
)
def test_the_head_says_the_kind_of_session_once(language: str, name: str, kind: Any, shown: str) -> None:
    header = dataclasses.replace(HEADER, session_name=name, session_kind=kind)
    with pypdfium2.PdfDocument(fill(SHORT, language, "full", {}, {}, header).content) as document:
        lines = document[0].get_textpage().get_text_range().splitlines()
    label = {"bg": "Сесия", "en": "Session"}[language]
    assert f"{label} {shown}" in [line.strip() for line in lines]
