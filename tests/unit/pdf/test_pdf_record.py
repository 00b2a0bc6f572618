"""A record has the rows that there are, is tagged and valid whatever stands in it, and is proven."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.errors import FillError
from moodle_bridge.pdf.fill import elastic, record_writer, tagging
from moodle_bridge.pdf.fill import make as making
from moodle_bridge.pdf.fill.fill import Filled, Header, fill
from moodle_bridge.pdf.fill.paging import Placed, Portion, paginate
from moodle_bridge.pdf.verify import archival

INSTRUMENT = catalogue.load().instruments["mentee_interim"]
HEADER = Header(
    document="0b6f7c1e-5a5e-4a3e-9f61-0d6c5a2d7b11",
    submission="7f0f2d52-43fb-4ee0-a7f0-19f1f7cf2f37",
    session="8d4b5c9a-1c9d-4b1f-8c5e-3f9a3c4e5d6f",
    session_name="Мониторинг сесия 2",
    session_number=2,
    session_kind="interim",
    course_name="Е-менторинг",
    group_name="Група А",
    respondent_name="Юлия Ангелова",
    respondent_role="mentee",
    version=1,
    submitted_at=1_760_535_300,
)
WORDY = "Дълъг отговор с много думи и още толкова. "
TABLE, TEXT, SCALE, CHOICES = "weak_points", "next_step", "cl_voice", "needs_now"
CODES = [option.value for option in INSTRUMENT.item(CHOICES).options]


def rows(count: int, text: str = "Слабо място {}") -> list[dict[str, Any]]:
    return [{"row": n, "area": "w_tech", "severity": 2, "text": text.format(n)} for n in range(1, count + 1)]


def made(answers: dict[str, Any], carried: dict[str, Any] | None = None) -> Filled:
    return fill(INSTRUMENT, "bg", "full", answers, carried or {}, HEADER)


# -- what stands in it ------------------------------------------------------------------------


def told(content: bytes) -> list[tuple[str, str]]:
    """Every element that has text, with its text, in the order of the tags."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        texts = {page.objgen: marked_texts(page) for page in pdf.pages}
        return list(walk(pdf.Root.StructTreeRoot.K, texts))


def walk(element: Any, texts: dict[Any, dict[int, str]]) -> Any:
    own = []
    for kid in element.get("/K", []):
        if kid.get("/Type") == "/MCR":
            own.append(texts[kid.Pg.objgen][int(kid.MCID)])
        else:
            yield from walk(kid, texts)
    if own:
        yield str(element.S)[1:], " ".join(own)


def marked_texts(page: Any) -> dict[int, str]:
    """The text of each marked content of a page, by the maps of its fonts."""
    fonts = {
        name: {
            int(glyph, 16): bytes.fromhex(code.decode()).decode("utf-16-be")
            for glyph, code in re.findall(
                rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>", font.ToUnicode.read_bytes()
            )
        }
        for name, font in page.Resources.Font.items()
    }
    found: dict[int, str] = {}
    mcid, font = None, ""
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "BDC":
            mcid = int(operands[1].MCID) if "/MCID" in operands[1] else None
        elif str(operator) == "EMC":
            mcid = None
        elif str(operator) == "Tf":
            font = str(operands[0])
        elif str(operator) in ("Tj", "'", "TJ") and mcid is not None:
            shown = operands[0] if str(operator) == "TJ" else [operands[0]]
            glyphs = b"".join(bytes(each) for each in shown if isinstance(each, pikepdf.String))
            codes = [int.from_bytes(glyphs[i : i + 2]) for i in range(0, len(glyphs), 2)]
            line = "".join(fonts[font][code] for code in codes)
            found[mcid] = f"{found[mcid]} {line}" if mcid in found else line
    return found


def test_an_answer_is_told_right_after_its_label() -> None:
    texts = told(made({TEXT: "Ще пиша."}).content)
    place = texts.index(("P", "Ще пиша."))
    assert INSTRUMENT.item(TEXT).label["bg"] in texts[place - 1][1]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 40])
def test_a_table_has_the_rows_that_there_are(count: int) -> None:
    content = made({TABLE: rows(count)}).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        tables = [kid for kid in pdf.Root.StructTreeRoot.K.K if kid.S == "/Table"]
        assert len(tables) == min(count, 1), "one table, on however many pages its rows stand"
        if tables:
            (table,) = tables
            head, body = table.K
            assert [str(cell.A.Scope) for cell in head.K[0].K] == ["/Column"] * 4
            assert len(body.K) == count
            assert [str(row.K[0].S) for row in body.K] == ["/TH"] * count
    text = [text for _, text in told(content)]
    assert [t for t in text if t.startswith("Слабо място")] == [
        f"Слабо място {n}" for n in range(1, count + 1)
    ]


def test_the_heads_of_a_table_are_repeated_and_told_once() -> None:
    content = made({TABLE: rows(60)}).content
    head = INSTRUMENT.item(TABLE).columns[2].label["bg"]
    with pypdfium2.PdfDocument(content) as document:
        drawn = [page.get_textpage().get_text_range().count(head) for page in document]
    assert sum(drawn) >= 2
    assert [text for _, text in told(content)].count(head) == 1


def test_choices_are_items_of_a_list() -> None:
    long = sorted(CODES, key=lambda code: -len(label(code)))[:3]
    texts = told(made({CHOICES: long}).content)
    assert [each for each in texts if each[0] == "LBody"] == [("LBody", f"• {label(code)}") for code in long]


def label(code: str) -> str:
    return next(o.label["bg"] for o in INSTRUMENT.item(CHOICES).options if o.value == code)


def test_a_text_longer_than_a_page_is_one_paragraph_of_whole_lines() -> None:
    answer = (WORDY * 400).strip()
    done = made({TEXT: answer, "confidential_note": "Край."})
    assert done.pages > 4
    assert ("P", answer) in told(done.content)
    assert done.annexed == ()


def test_what_no_question_asks_for_stands_at_the_end_after_its_own_label() -> None:
    texts = told(made({"unknown": "странен отговор", TABLE: "не е таблица"}).content)
    assert texts[-2:] == [("P", "unknown"), ("P", "странен отговор")]
    assert ("P", "не е таблица") in texts


def test_bookmarks_lead_to_the_sections() -> None:
    with pikepdf.open(io.BytesIO(made({}).content)) as pdf, pdf.open_outline() as outline:
        titles = [each.title for each in outline.root]
    assert titles[:2] == [INSTRUMENT.title["bg"], "1 Напредък по целите"]
    assert len(titles) == 7


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {TEXT: WORDY * 60, TABLE: rows(30), CHOICES: CODES[:3], SCALE: 4},
        {TABLE: rows(2, WORDY * 100)},
        {TEXT: "ъ" * 20_000, "unknown": WORDY * 100},
        {TEXT: "( \\ ) \r\n \u2028 е\u0301 \U0001f600 \x00", SCALE: None, CHOICES: ["gone"]},
    ],
    ids=["empty", "full", "cells longer than a page", "a word longer than a page", "odd"],
)
def test_a_record_keeps_what_it_claims(answers: dict[str, Any]) -> None:
    content = made(answers).content
    assert b"<pdfaid:conformance>A<" in content
    assert b"<pdfuaid:part>1<" in content
    assert archival(content).passed, archival(content)


def retagged(change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(made({TABLE: rows(2)}).content)) as pdf:
        change(pdf)
        target = io.BytesIO()
        pdf.save(target)
    return target.getvalue()


UNTRUE: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "no language": lambda pdf: pdf.Root.__delitem__("/Lang"),
    "no title shown": lambda pdf: pdf.Root.ViewerPreferences.__setitem__("/DisplayDocTitle", False),
    "not said to be tagged": lambda pdf: pdf.Root.MarkInfo.__setitem__("/Marked", False),
    "no tags": lambda pdf: pdf.Root.__delitem__("/StructTreeRoot"),
    "text that is not tagged": lambda pdf: pdf.pages[0].contents_add(b"BT /Answers 9 Tf (\x00\x24) Tj ET"),
}


@pytest.mark.parametrize("change", UNTRUE)
def test_a_claim_that_is_not_true_is_found(change: str) -> None:
    assert archival(retagged(lambda pdf: None)).passed
    assert not archival(retagged(UNTRUE[change])).passed


# -- how it is put on pages -------------------------------------------------------------------

LINE = 12.0


def text(lines: int, **more: Any) -> Portion:
    return Portion(5 + lines * LINE, lead=3, step=LINE, lines=lines, tail=2, **more)


def on_pages(portions: Sequence[Portion], height: float = 500) -> list[list[Placed]]:
    return paginate(portions, height, 0)


PORTIONS = st.lists(
    st.one_of(
        st.builds(text, st.integers(1, 120), keep=st.booleans(), cling=st.booleans()),
        st.builds(Portion, st.floats(5, 60), keep=st.booleans()),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(PORTIONS)
def test_every_line_is_placed_once_and_in_order_and_nothing_stands_over_the_edge(
    portions: list[Portion],
) -> None:
    seen: list[tuple[int, int]] = []
    for page in on_pages(portions):
        assert page, "no page is empty"
        y = 500.0
        for placed in page:
            portion = portions[placed.block]
            whole = placed.end - placed.first == portion.lines
            height = (
                portion.height
                if whole
                else portion.lead + (placed.end - placed.first) * portion.step + portion.tail
            )
            assert placed.y == pytest.approx(y)
            y -= height
            assert y > -1e-6
            assert whole or placed.end - placed.first >= 2, "no line stands alone"
            seen += [(placed.block, line) for line in range(placed.first, max(placed.end, placed.first + 1))]
    assert seen == [(n, line) for n, p in enumerate(portions) for line in range(max(p.lines, 1))]


def test_a_heading_goes_with_what_follows_and_heads_are_repeated() -> None:
    portions = [text(36), Portion(20, keep=True), Portion(20, keep=True)]
    portions += [Portion(40, heads=2) for _ in range(20)]
    first, second, *_ = on_pages(portions)
    assert [placed.block for placed in first] == [0]
    assert [(placed.block, placed.repeated) for placed in second[:3]] == [(1, False), (2, False), (3, False)]
    third = on_pages(portions)[2]
    assert (third[0].block, third[0].repeated) == (2, True)


def test_a_last_page_of_one_line_takes_some_more_from_the_page_before() -> None:
    portions = [Portion(20) for _ in range(26)]
    pages = on_pages(portions)
    assert [len(page) for page in pages] == [23, 3]


def test_a_page_is_filled_by_a_part_of_a_long_text() -> None:
    first, second = on_pages([text(20), text(40)])
    assert [(placed.block, placed.first, placed.end) for placed in first] == [(0, 0, 20), (1, 0, 20)]
    assert [(placed.first, placed.end) for placed in second] == [(20, 40)]


# -- the proof --------------------------------------------------------------------------------

Patch = pytest.MonkeyPatch


def patched(monkeypatch: Patch, owner: Any, name: str, change: Callable[..., Any]) -> None:
    real = getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *args, **more: change(real, *args, **more))


FULL = {TEXT: "Ще пиша на двама души.", TABLE: rows(3), CHOICES: CODES[:3], SCALE: 4}


@pytest.mark.parametrize(
    "change",
    [
        lambda real, face, text, width: real(face, text, width)[:-1] or ["–"],
        lambda real, face, text, width: real(face, text[1:], width),
        lambda real, face, text, width: real(face, text.replace(" ", "", 1), width),
    ],
    ids=["a line less", "a letter less", "a space less"],
)
def test_a_text_that_is_not_whole_is_found(monkeypatch: Patch, change: Callable[..., Any]) -> None:
    made(FULL)
    patched(monkeypatch, elastic, "wrap", change)
    with pytest.raises(FillError, match=r"is not shown as it was answered$"):
        made(FULL)


def test_text_that_is_composed_and_not_drawn_is_found(monkeypatch: Patch) -> None:
    patched(
        monkeypatch,
        record_writer,
        "_lines",
        lambda real, face, x, y, size, step, lines, colour: real(face, x, y, size, step, lines[:1], colour),
    )
    with pytest.raises(FillError, match=f"^{TEXT} is not shown as it was answered$"):
        made({TEXT: WORDY * 9})


def exchanged(real: Any, self: Any, answer: Any) -> None:
    real(self, answer._replace(name="confidential_note") if answer.name == TEXT else answer)


def other_step(real: Any, *args: Any, **more: Any) -> Any:
    piece = real(*args, **more)
    if piece.pip:
        piece.pip = next(pip for pip in piece.strip.pips.values() if pip != piece.pip)
    return piece


def one_less(real: Any, self: Any, heads: Any, table: str, given: Any) -> bool:
    return bool(real(self, heads, table, dict(list(given.items())[:-1])))


@pytest.mark.parametrize(
    ("name", "change"),
    [("_sort", exchanged), ("_question", other_step), ("_grid", one_less)],
    ids=["an answer to another question", "another step", "a row less"],
)
def test_an_answer_in_the_wrong_place_is_found(
    monkeypatch: Patch, name: str, change: Callable[..., Any]
) -> None:
    real = getattr(elastic._Composer, name)
    monkeypatch.setattr(
        elastic._Composer, name, lambda self, *args, **more: change(real, self, *args, **more)
    )
    with pytest.raises(FillError, match=r"is not shown as it was|does not show the step"):
        made(FULL)


def test_a_dot_that_is_not_drawn_is_found(monkeypatch: Patch) -> None:
    monkeypatch.setattr(record_writer, "circle", lambda x, y, radius: "0 0 m")
    with pytest.raises(FillError, match="a scale does not show the step"):
        made({SCALE: 4})


def test_an_answer_that_nobody_gave_is_found(monkeypatch: Patch) -> None:
    patched(
        monkeypatch,
        making,
        "compose",
        lambda real, record, language, answers, facts, logo: real(
            record,
            language,
            [each._replace(text="нещо") if each.name == TEXT else each for each in answers],
            facts,
            logo=logo,
        ),
    )
    with pytest.raises(FillError, match=f"^{TEXT} is not shown as it was answered$"):
        made({})


@pytest.mark.parametrize(
    "change",
    [
        lambda real, self, trace, kid: [],
        lambda real, self, trace, kid: real(trace, kid)[::-1],
    ],
    ids=["nothing", "the other way round"],
)
def test_content_that_is_tagged_wrongly_is_found(monkeypatch: Patch, change: Callable[..., Any]) -> None:
    real = tagging._wheres
    monkeypatch.setattr(tagging, "_wheres", lambda trace, kid: change(real, None, trace, kid))
    with pytest.raises(FillError, match=r"tags|told"):
        made({TEXT: WORDY * 200})


def test_a_foot_of_another_document_is_found(monkeypatch: Patch) -> None:
    real = record_writer._Foot.draw
    monkeypatch.setattr(
        record_writer._Foot, "draw", lambda self, index: real(self, index).replace(b") Tj ET\nQ", b"Tj ET\nQ")
    )
    with pytest.raises(FillError):
        made({})
    monkeypatch.setattr(record_writer._Foot, "draw", lambda self, index: real(self, 0))
    with pytest.raises(FillError, match="page 2 does not say at its foot"):
        made({TEXT: WORDY * 200})


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda content: content[:-3], "the file has no end"),
        (lambda content: b"%" + content, "the wrong place"),
    ],
)
def test_a_file_that_is_not_put_together_rightly_is_found(
    monkeypatch: Patch, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    patched(monkeypatch, making, "prove_record", lambda real, content, *others: real(spoil(content), *others))
    with pytest.raises(FillError, match=reason):
        made({TEXT: "Кратко."})
