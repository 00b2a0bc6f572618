"""A brought form that does not show every answer where it belongs is refused before it leaves the engine.

Each test breaks one function that draws, lays out or writes, and makes a document with it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from printed_forms import program_of

from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.errors import FillError
from moodle_bridge.pdf.fill import annex, blank, boxes, placer, prepared, proof, writer
from moodle_bridge.pdf.fill import fill as filling
from moodle_bridge.pdf.fill import make as making
from moodle_bridge.pdf.fill.fill import Header, fill
from moodle_bridge.pdf.fill.reread import Reread, lines_of
from moodle_bridge.pdf.program import appearance, slots
from moodle_bridge.pdf.program.program import Drawn
from moodle_bridge.pdf.text.layout import Fitted

INSTRUMENT = catalogue.load().instruments["mentee_interim"]
SMALL = catalogue.load().instruments["anonymous_feedback"]
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
SHORT = "Първа крачка (с \\ скоби) към целта."
LINES = "Първи ред на отговора.\nВтори ред на отговора.\nТрети ред."
LONG = "Много дълъг отговор, който не се побира в полето си. " * 80
ROWS = [{"row": n, "area": "w_tech", "severity": 2, "text": f"Слабо място {n}"} for n in range(1, 9)]

PROGRAM = program_of(INSTRUMENT)
Make = Callable[..., bytes]
Patch = pytest.MonkeyPatch


@pytest.fixture
def make(monkeypatch: Patch) -> Make:
    """Makes a document from a template of which nothing is remembered yet but where its fields stand."""
    program = dataclasses.replace(PROGRAM, quiet={}, blanks={}, steps={}, feet={}, settled={})
    monkeypatch.setattr(filling, "load", lambda *arguments: program)

    def made(answers: dict[str, Any], **facts: Any) -> bytes:
        return fill(INSTRUMENT, "bg", "full", answers, {}, dataclasses.replace(HEADER, **facts)).content

    return made


def names_of(kind: str) -> list[str]:
    """The first questions of a kind."""
    return [item.id for item in INSTRUMENT.items if item.type == kind and not item.read_only]


SCALE, CHOICES, TEXT = names_of("scale")[0], names_of("multi_choice")[0], names_of("long_text")[0]
CODES = [option.value for option in next(i for i in INSTRUMENT.items if i.id == CHOICES).options]


def test_what_is_read_back_is_what_was_drawn(make: Make) -> None:
    program = PROGRAM
    file = Reread(make({TEXT: LINES}))
    characters = file.characters(int(program.font.split()[1]))
    drawn = [line for page in program.pages for line in lines_of(file.stream(page.contents), characters)]
    assert "\n".join(drawn).count(LINES) == 1
    assert "Юлия Ангелова, обект на менторинга" in drawn


def draws(text: Callable[[bytes], bytes | None]) -> Callable[..., Any]:
    real = boxes.set_text

    def set_text(*arguments: Any) -> bytes | None:
        drawn = real(*arguments)
        return drawn if drawn is None else text(drawn)

    return set_text


def draws_other_words(face: Any, box: Any, text: str) -> bytes | None:
    return REAL(face, box, "XXXX")


REAL = boxes.set_text
BROKEN_TEXTS: dict[str, Callable[..., Any]] = {
    "nothing": draws(lambda drawn: b""),
    "other words": draws_other_words,
    "no last line": draws(lambda drawn: drawn.rpartition(b"\n(")[0] + b" ET Q" if b"\n(" in drawn else drawn),
    "no last letter": lambda face, box, text: REAL(face, box, text[:-1]),
    "one space less": lambda face, box, text: REAL(face, box, text.replace(" ", "", 1)),
    "lines the other way round": lambda face, box, text: REAL(face, box, " ".join(text.split(" ")[::-1])),
}


@pytest.mark.parametrize("broken", BROKEN_TEXTS)
def test_a_text_that_is_not_drawn_as_it_was_answered_is_found(
    make: Make, monkeypatch: Patch, broken: str
) -> None:
    wrapped = (SHORT + " ") * 5
    make({TEXT: wrapped})
    for module in (placer, prepared):
        monkeypatch.setattr(module, "set_text", BROKEN_TEXTS[broken])
    with pytest.raises(FillError, match=r"^(header\.\w+|next_step|\w+) is not shown as it was answered$"):
        make({TEXT: wrapped})
    monkeypatch.setattr(placer, "set_text", REAL)
    with pytest.raises(FillError, match=f"^{TEXT} is not shown as it was answered$"):
        make({TEXT: wrapped})


def cut(real: Callable[..., Fitted], lines: slice) -> Callable[..., Fitted]:
    def fit(*arguments: Any) -> Fitted:
        fitted = real(*arguments)
        return fitted._replace(lines=fitted.lines[lines], complete=True)

    return fit


@pytest.mark.parametrize("lines", [slice(0, -1), slice(1, None), slice(None, None, -1)], ids=str)
def test_a_text_of_which_lines_are_lost_or_exchanged_is_found(
    make: Make, monkeypatch: Patch, lines: slice
) -> None:
    make({TEXT: LINES})
    monkeypatch.setattr(placer, "fit", cut(appearance.fit, lines))
    with pytest.raises(FillError, match=f"^{TEXT} is not shown"):
        make({TEXT: LINES})


def test_a_text_in_the_field_of_another_question_is_found(make: Make, monkeypatch: Patch) -> None:
    other = names_of("short_text")[0]
    real = placer.Placer.answer

    def exchanged(self: Any, answer: Any) -> None:
        real(self, answer._replace(name=other) if answer.name == TEXT else answer)

    monkeypatch.setattr(placer.Placer, "answer", exchanged)
    with pytest.raises(FillError, match=f"^{TEXT} is not shown"):
        make({TEXT: LINES})


def test_a_mark_that_draws_nothing_is_found(monkeypatch: Patch) -> None:
    monkeypatch.setattr(slots, "draw_mark", lambda face, slot, colour: b"q Q")
    program = program_of(SMALL)
    monkeypatch.setattr(filling, "load", lambda *arguments: program)
    with pytest.raises(FillError, match="has a button whose mark is not drawn"):
        fill(SMALL, "bg", "full", {}, {}, HEADER)


@pytest.mark.parametrize(
    ("name", "value", "laid"),
    [(SCALE, 2, 3), (SCALE, 2, ""), (CHOICES, CODES[:2], CODES[:1]), (CHOICES, CODES[:2], CODES[:3])],
    ids=["another button", "no button", "a choice too few", "a choice too many"],
)
def test_buttons_that_are_not_marked_as_they_were_chosen_are_found(
    make: Make, monkeypatch: Patch, name: str, value: Any, laid: Any
) -> None:
    make({name: value})
    real = prepared.Prepared.settle

    def wrong(self: Any, question: Any, given: Any) -> bool:
        return real(self, question, laid if question.name == name else given)

    monkeypatch.setattr(prepared.Prepared, "settle", wrong)
    with pytest.raises(
        FillError, match=f"^{name}[.\\w]* (is not shown as it was|shows what nobody) answered$"
    ):
        make({name: value})


def test_a_field_that_does_not_say_that_there_is_no_answer_is_found(make: Make, monkeypatch: Patch) -> None:
    def silent(program: Any, language: str, slots: Any, answer: Any) -> tuple[Drawn, ...]:
        return tuple(Drawn(slot.part, b"") for slot in slots)

    monkeypatch.setattr(placer, "without_answer", silent)
    with pytest.raises(FillError, match="is not shown as it was answered"):
        make({})


def test_an_answer_that_nobody_gave_is_found(make: Make, monkeypatch: Patch) -> None:
    real = making.shown
    calls: list[int] = []

    def once_more(*arguments: Any) -> Any:
        calls.append(1)
        given = {**arguments[3], TEXT: SHORT} if len(calls) == 1 else arguments[3]
        return real(*arguments[:3], given, *arguments[4:])

    monkeypatch.setattr(making, "shown", once_more)
    with pytest.raises(FillError, match=f"^{TEXT} is not shown as it was answered$"):
        make({})


def without_entry(face: Any, entries: Any, words: Any) -> Any:
    laid = annex.lay_out(face, entries[:-1], words)
    laid.starts.setdefault(entries[-1].names[0], 0)
    for name in entries[-1].names:
        laid.starts.setdefault(name, 0)
    return laid


def with_entries(change: Callable[[list[Any]], list[Any]]) -> Callable[..., Any]:
    return lambda face, entries, words: annex.lay_out(face, change(list(entries)), words)


def paragraphs(change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Callable[..., Any]:
    return with_entries(
        lambda entries: [dataclasses.replace(e, paragraphs=change(e.paragraphs)) for e in entries]
    )


def next_page(face: Any, entries: Any, words: Any) -> Any:
    laid = annex.lay_out(face, entries, words)
    laid.starts = {name: page + 1 for name, page in laid.starts.items()}
    return laid


BROKEN_ANNEXES: dict[str, Callable[..., Any]] = {
    "an entry lost": without_entry,
    "entries exchanged": with_entries(lambda entries: entries[::-1]),
    "a word lost": paragraphs(lambda texts: (*texts[:-1], texts[-1].rstrip().rpartition(" ")[0])),
    "a paragraph lost": paragraphs(lambda texts: texts[:-1]),
    "another page": next_page,
}


@pytest.mark.parametrize("broken", BROKEN_ANNEXES)
def test_what_is_not_whole_on_the_annex_is_found(make: Make, monkeypatch: Patch, broken: str) -> None:
    answers = {TEXT: LONG + "\nи последен ред", "weak_points": ROWS}
    make(answers)
    monkeypatch.setattr(placer, "lay_out", BROKEN_ANNEXES[broken])
    with pytest.raises(FillError, match=r"^[\w.]+ is not shown as it was answered$"):
        make(answers)


def test_annex_pages_that_are_laid_out_and_not_written_are_found(make: Make, monkeypatch: Patch) -> None:
    monkeypatch.setattr(annex, "_page_content", lambda face, runs, tagged: b"")
    with pytest.raises(FillError, match=f"^{TEXT} is not shown"):
        make({TEXT: LONG})


def test_a_box_that_leads_to_no_page_is_found(make: Make, monkeypatch: Patch) -> None:
    monkeypatch.setattr(placer.Placer, "_continued", lambda self, overflow, page: None)
    with pytest.raises(FillError, match=f"^{TEXT} is not shown"):
        make({TEXT: LONG})


def test_a_foot_with_the_hash_of_other_answers_is_found(make: Make, monkeypatch: Patch) -> None:
    real = writer._Foot._encoded

    def spoilt(self: Any, room: float) -> tuple[bytes, bytes]:
        upper, lower = real(self, room)
        return upper, lower[:-3] + b")"

    monkeypatch.setattr(writer._Foot, "_encoded", spoilt)
    with pytest.raises(FillError, match="page 1 does not say at its foot"):
        make({})


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda content: content[:-3], "the file has no end"),
        (lambda content: b"%" + content, "the wrong place"),
        (lambda content: content.replace(b"Tm (", b"Tm {", 1), "page 1 is not written as it was laid out"),
    ],
)
def test_a_file_that_is_not_put_together_rightly_is_found(
    make: Make, monkeypatch: Patch, spoil: Callable[[bytes], bytes], reason: str
) -> None:
    real = proof.prove
    monkeypatch.setattr(making, "prove", lambda content, *others: real(spoil(content), *others))
    with pytest.raises(FillError, match=reason):
        make({TEXT: SHORT})


def test_a_document_without_answers_is_proven_once_for_a_template(make: Make, monkeypatch: Patch) -> None:
    asked: list[str] = []
    real = blank.unanswered
    monkeypatch.setattr(making, "unanswered", lambda *arguments: asked.append("") or real(*arguments))
    for text in (SHORT, LINES):
        make({TEXT: text})
    assert asked == [""]
