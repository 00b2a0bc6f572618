"""The documented cleaning of text, and how it is laid out."""

from __future__ import annotations

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from moodle_bridge import resources
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pdf.program.load import load
from moodle_bridge.pdf.text.fonts import NotClean
from moodle_bridge.pdf.text.layout import PADDING, SMALLEST, fit_box, fit_line, shorten, wrap

FACE = load(catalogue.load().instruments["anonymous_feedback"], "bg", "full").face


@pytest.mark.parametrize(
    ("typed", "drawn", "replaced"),
    [
        ("Обикновен текст.", "Обикновен текст.", set()),
        ("и\u0306", "й", set()),
        ("и\u200b\u0306", "й", set()),
        ("а\r\nб\rв\u2028г", "а\nб\nв\nг", set()),
        ("а\tб", "а    б", set()),
        ("1\xa0000\u202f000", "1 000 000", set()),
        ("е\u2011менторинг", "е-менторинг", set()),
        ("а\u200b\u200d\u00ad\ufeffб", "аб", set()),
        ("а\x00\x1f\x7fб", "аб", set()),
        ("\u202eдясно\u202c", "дясно", set()),
        ("❤\ufe0f", "\ufffd", {"U+2764"}),
        ("α ≤ β", "α ≤ β", set()),
        ("ш😀ш", "ш\ufffdш", {"U+1F600"}),
        ("\ud83d", "\ufffd", {"U+D83D"}),
    ],
)
def test_text_is_cleaned_by_the_documented_rules(typed: str, drawn: str, replaced: set[str]) -> None:
    found: set[str] = set()
    assert FACE.cleaner.clean(typed, found) == drawn
    assert found == replaced


def test_a_word_of_many_lines_is_not_measured_again_for_each_line(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = []
    width = FACE.width
    monkeypatch.setattr(FACE, "width", lambda text: measured.append(len(text)) or width(text))
    lines = wrap(FACE, f"а {'ъ' * 5000} б", 10)
    assert "".join(lines).replace(" ", "") == f"а{'ъ' * 5000}б"
    assert all(width(line) <= 10 for line in lines)
    assert sum(measured) < 2 * 5000


@given(st.text(max_size=80))
def test_clean_text_stays_as_it_is_and_each_of_its_words_can_be_measured(text: str) -> None:
    clean = FACE.cleaner.clean(text, set())
    assert FACE.cleaner.clean(clean, set()) == clean
    for line in clean.split("\n"):
        assert FACE.width(line) == pytest.approx(sum(map(FACE.advance, line)))


@pytest.mark.parametrize("word", ["а\nб", "а\xa0б", "и\u0306", "а\u200bб", "😀"])
def test_a_word_that_has_to_be_cleaned_first_is_not_measured(word: str) -> None:
    with pytest.raises(NotClean):
        FACE.width(word)


def test_words_are_remembered_but_never_without_end() -> None:
    for number in range(21_000):
        FACE.encode(f"дума{number}")
        FACE.width(f"дума{number}")
    FACE.width("ъ" * 5000)
    assert 100 < len(FACE.words) <= 20_000
    assert max(map(len, FACE.words)) <= 32


@given(st.text("абвгд жзи\nклмно-пр", max_size=300), st.floats(2, 40))
def test_wrapping_keeps_every_letter_in_order_and_no_line_is_too_wide(text: str, width: float) -> None:
    lines = wrap(FACE, text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(FACE.width(line.rstrip()) <= width for line in lines)


def test_a_box_shrinks_its_text_before_it_gives_up() -> None:
    text = "Отговор с няколко думи. " * 6
    comfortable = fit_box(FACE, text, 300, 60, 9.5)
    tight = fit_box(FACE, text, 300, 30, 9.5)
    hopeless = fit_box(FACE, text * 20, 300, 30, 9.5)
    assert comfortable.complete
    assert comfortable.size == 9.5
    assert tight.complete
    assert SMALLEST <= tight.size < 9.5
    assert not hopeless.complete
    assert hopeless.size == SMALLEST


def test_a_line_never_leaves_its_box() -> None:
    for text in ("къс", "Цветелина Йорданова-Щерева от Велико Търново", "ъ" * 400):
        fitted = fit_line(FACE, text, 120, 9.5)
        assert FACE.width(fitted.lines[0]) * fitted.size <= 120 - 2 * PADDING + 0.01
        assert fitted.complete is (fitted.lines[0] == text)


def test_a_shortened_line_ends_in_what_it_was_asked_to() -> None:
    line = shorten(FACE, "Много дълъг ред за тясно място", "… стр. 5", 10)
    assert line.endswith("… стр. 5")
    assert FACE.width(line) <= 10


def test_every_character_of_the_font_reaches_the_page_as_its_glyph() -> None:
    """Bytes of glyph numbers that mean something in a literal string are escaped."""
    font = TTFont(resources.templates_dir() / "fonts" / "SofiaSansForms-Regular.ttf")
    glyphs = {chr(code): font.getGlyphID(name) for code, name in font.getBestCmap().items()}
    drawn = [each for each in glyphs if FACE.cleaner.clean(each, set()) == each]
    assert len(drawn) > 400
    with pikepdf.new() as pdf:
        content = pdf.make_stream(FACE.encode("".join(drawn)) + b" Tj")
        ((operands, operator),) = pikepdf.parse_content_stream(content)
    assert str(operator) == "Tj"
    assert bytes(operands[0]) == b"".join(glyphs[each].to_bytes(2, "big") for each in drawn)
