"""Compare what a finished document draws with the answers it must show, before it leaves the engine.

Reads the file back through :mod:`moodle_bridge.pdf.fill.reread`; knows of the template only where each field
stands and what each button stands for. Every answer has to stand whole in its field, or whole on an annex
page that its field names; every button that was chosen bears a mark, and no other one; every field without
an answer says so; and nothing else is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from moodle_bridge import languages
from moodle_bridge.errors import FillError
from moodle_bridge.pdf.fill.reread import Characters, Reread, lines_of
from moodle_bridge.pdf.fill.values import Shown
from moodle_bridge.pdf.program.program import Blank, Marks, Program, Slot
from moodle_bridge.pdf.syntax.conventions import DISC, TICK

_MARKED = ([TICK], [DISC])
_FOOT = b"/Artifact <</Type/Pagination"
_MOST_FONTS = 256
_FONTS: dict[str, Characters] = {}
"""What the glyphs of a template's font stand for, by the template's identity."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a document has to show: the facts of its head, its answers, the last line at every page's foot.

    ``nothing`` are the questions without answers, asked for once per template.
    """

    language: str
    facts: Mapping[str, str]
    answers: Sequence[Shown]
    identity: str
    nothing: Callable[[], Sequence[Shown]]


def prove(content: bytes, program: Program, parts: Sequence[bytes], blank: Blank, expected: Expected) -> None:
    """Raise :class:`FillError` that names the field unless the file shows what is expected.

    ``parts`` is what the pages were meant to hold, piece by piece, ``blank`` a document without answers.
    """
    file = Reread(content)
    characters = _characters(file, program)
    if len(parts) != len(program.parts):
        raise FillError("the pages have lost their order")
    for index, page in enumerate(program.pages):
        if file.stream(page.contents) != b"".join(parts[page.start : page.end]):
            raise FillError(f"page {index + 1} is not written as it was laid out")
    if not blank.proven:
        _prove_marks(program, characters)
        empty = _Search(program, blank.parts, program.parts, characters, expected.language)
        for question in expected.nothing():
            empty.answer(question)
        empty.rest()
        blank.proven = True
    search = _Search(program, parts, blank.parts, characters, expected.language)
    search.facts(expected.facts)
    for answer in expected.answers:
        search.answer(answer)
    search.annex(_annex(file, program, parts, characters, expected))
    search.rest()


def _characters(file: Reread, program: Program) -> Characters:
    """What the glyphs of the answers' font stand for, read once per template."""
    known = _FONTS.get(program.identity)
    if known is None:
        if len(_FONTS) >= _MOST_FONTS:
            _FONTS.clear()
        known = _FONTS[program.identity] = file.characters(int(program.font.split()[1]))
    return known


def _prove_marks(program: Program, characters: Characters) -> None:
    """Raise :class:`FillError` if a button's mark draws nothing."""
    for name, states in program.marks.items():
        for drawn in (drawn for marks in states.values() for drawn in marks):
            if lines_of(drawn.content, characters) not in _MARKED:
                raise FillError(f"{name} has a button whose mark is not drawn")


def _annex(
    file: Reread, program: Program, parts: Sequence[bytes], characters: Characters, expected: Expected
) -> list[tuple[str, int]]:
    """The lines of the annex with their pages; every page's foot, those of the form too, is looked at."""
    feet = [parts[page.end - 1] for page in program.pages]
    lines: list[tuple[str, int]] = []
    for page in file.kids(program.numbers.pages)[len(feet) :]:
        text, mark, foot = file.contents(page).rpartition(_FOOT)
        feet.append(mark + foot)
        lines += [(line, len(feet)) for line in lines_of(text, characters)]
    count = languages.of(expected.language).words["page"]
    for number, foot in enumerate(feet, 1):
        said = [count.format(page=number, pages=len(feet)), expected.identity]
        if lines_of(foot, characters)[1:] != said:
            raise FillError(f"page {number} does not say at its foot which document it belongs to")
    return lines


@dataclass(slots=True)
class _Awaited:
    """What has to stand on the annex: an answer or the cells of a row, after their heading."""

    name: str
    whole: str
    text: str = ""
    slots: Sequence[Slot] = ()
    """Boxes that have to name its page, after the beginning of ``text``."""
    pointers: Sequence[Slot] = ()
    """Lines of which one has to name its page and nothing else."""
    table: str = ""
    """The table whose row it is, if it is one."""


class _Search:
    """Looks in a document for one answer after the other.

    ``blank`` is what every part has to be where nothing was looked for.
    """

    def __init__(
        self,
        program: Program,
        parts: Sequence[bytes],
        blank: Sequence[bytes],
        characters: Characters,
        language: str,
    ) -> None:
        self._program = program
        self._parts = parts
        self._blank = blank
        self._unseen = list(blank)
        self._characters = characters
        self._words = languages.of(language).words
        self._entries: list[_Awaited] = []
        self._rows: dict[str, _Awaited] = {}

    def facts(self, facts: Mapping[str, str]) -> None:
        """Look for the facts of the head."""
        for name, text in facts.items():
            slots = self._program.texts.get(name)
            if text and slots:
                self._text(Shown(name, name, text), text, slots)

    def answer(self, answer: Shown) -> None:
        """Look for one answer in its place, or for the words that there is none."""
        program = self._program
        slots = program.texts.get(answer.name, ())
        marks = None if slots else program.marks.get(answer.name)
        if marks is not None:
            self._buttons(answer, marks, program.texts.get(f"note.{answer.name}", ()))
        elif not answer.text:
            self._nothing(answer, slots)
        elif slots:
            self._text(answer, _worded(slots[0], answer), slots)
        elif answer.group and not answer.quiet:
            self._cell(answer)
        else:
            self._continued(answer, answer.text)

    def annex(self, lines: Sequence[tuple[str, int]]) -> None:
        """Look on the annex, given as lines with their pages, for what has to stand there, in this order."""
        texts = [line for line, _ in lines]
        at = 0
        beyond: dict[str, tuple[int, int]] = {}
        for entry in self._entries:
            found = ((start, _end(texts, start, entry.whole)) for start in range(at, len(texts)))
            start, at = next(((start, end) for start, end in found if end > 0), (-1, -1))
            if at < 0:
                raise _lost(entry.name)
            page = lines[start][1]
            if not all(self._leads_to(slot, entry.text, page) for slot in entry.slots):
                raise _lost(entry.name)
            short = self._words["continued_short"].format(page=page)
            if entry.pointers and not any(self._look(slot) == [short] for slot in entry.pointers):
                raise _lost(entry.name)
            if entry.table:
                first, count = beyond.get(entry.table, (page, 0))
                beyond[entry.table] = (first, count + 1)
        for table, (page, count) in beyond.items():
            text = self._words["more_rows"].format(count=count, page=page)
            for slot in self._program.texts.get(f"note.{table}.rows", ())[:1]:
                if not self._says(slot, text):
                    raise _lost(table)

    def rest(self) -> None:
        """Raise if anything is drawn where nothing was looked for."""
        unseen, parts = self._unseen, list(self._parts)
        for page in self._program.pages:
            unseen[page.end - 1] = parts[page.end - 1]
        for slot in self._program.images.values():
            unseen[slot.part] = parts[slot.part]
        if unseen != parts:
            odd = next(part for part, content in enumerate(parts) if unseen[part] != content)
            names = [n for n, slots in self._program.texts.items() for slot in slots if slot.part == odd]
            names += [
                n
                for n, states in self._program.marks.items()
                for marks in states.values()
                if odd in dict(marks)
            ]
            raise FillError(f"{names[0] if names else 'a page'} shows what nobody answered")

    # -- one field --------------------------------------------------------------------------

    def _look(self, slot: Slot) -> list[str]:
        """The lines of text in a slot."""
        self._unseen[slot.part] = content = self._parts[slot.part]
        lines = lines_of(content, self._characters)
        return ["".join(lines)] if slot.comb and lines else lines

    def _clean(self, text: str) -> str:
        return self._program.face.cleaner.clean(text, set())

    def _says(self, slot: Slot, text: str) -> bool:
        """Whether a slot holds the engine's own words, or as much of them as it has room for."""
        said = "".join(self._look(slot)).replace(" ", "")
        return bool(said) and text.replace(" ", "").startswith(said)

    def _nothing(self, question: Shown, slots: Iterable[Slot]) -> None:
        """Look for the words that there is no answer."""
        quoted = question.quiet or question.name.startswith("carried.")
        word = self._words["none" if quoted else "unanswered"]
        for slot in slots:
            content = self._parts[slot.part]
            if (not content or content != self._blank[slot.part]) and not self._says(slot, word):
                raise _lost(question.name)

    def _buttons(self, answer: Shown, marks: Marks, notes: Sequence[Slot]) -> None:
        """Look for the marks of the chosen buttons, and beside them for what no button stands for."""
        for state, _ in answer.parts if answer.text else ():
            for drawn in marks.get(state, ()):
                if self._parts[drawn.part] != drawn.content:
                    raise _lost(answer.name)
                self._unseen[drawn.part] = drawn.content
        if not answer.text:
            self._nothing(answer, notes)
            return
        beside = [label for state, label in answer.parts if state not in marks]
        if beside or not answer.parts:
            text = "; ".join(beside) if answer.parts else answer.text
            if notes:
                self._text(answer, text, notes)
                return
            marked = {drawn.part for state, _ in answer.parts for drawn in marks.get(state, ())}
            lines = self._program.pointers.get(answer.name, ())
            empty = [slot for slot in lines if slot.part not in marked]
            self._continued(answer, text, (), empty[0].page + 1 if empty else None, empty)
        elif any(self._look(note) for note in notes):
            raise FillError(f"{answer.name} says more than was answered")

    def _text(self, answer: Shown, text: str, slots: Sequence[Slot]) -> None:
        """Look for a text in boxes; where it is not whole it has to continue on the annex."""
        clean = self._clean(text)
        short = []
        for slot in slots:
            lines = self._look(slot)
            if not is_text(lines, _in_box(slot, clean)) and not self._is_list(slot, answer, lines):
                short.append(slot)
        if short:
            self._continued(answer, text, short, slots[0].page + 1)

    def _is_list(self, slot: Slot, answer: Shown, lines: Sequence[str]) -> bool:
        """Whether a list shows all its lines, with a mark before each that was chosen."""
        chosen, labels = {state for state, _ in answer.parts}, slot.labels or {}
        if slot.kind != "list" or not chosen or not chosen.issubset(labels):
            return False
        marked = [
            f"{DISC if value in chosen else ' '} {self._clean(label)}" for value, label in labels.items()
        ]
        return is_text(lines, "\n".join(marked))

    # -- what stands on the annex -----------------------------------------------------------

    def _continued(
        self,
        answer: Shown,
        text: str,
        slots: Sequence[Slot] = (),
        page: int | None = None,
        pointers: Sequence[Slot] = (),
    ) -> None:
        """An answer has to stand on the annex, and ``slots`` on a page of the form lead there."""
        clean = self._clean(text)
        heading = self._clean(f"{answer.group}: {answer.label}" if answer.group else answer.label)
        origin = [] if page is None else [self._words["from_page"].format(page=page)]
        self._entries.append(
            _Awaited(answer.name, "\n".join([heading, *origin, clean]), clean, slots, pointers)
        )

    def _cell(self, cell: Shown) -> None:
        """A cell of a row for which the form has no room has to stand there after those before it."""
        row = self._rows.get(cell.group)
        if row is None:
            row = _Awaited(cell.name, self._clean(cell.group), table=cell.name.split(".")[0])
            self._rows[cell.group] = row
            self._entries.append(row)
        gap = " " if cell.label.endswith(("?", ":")) else ": "
        row.whole += "\n" + self._clean(f"{cell.label}{gap}{cell.text}")

    def _leads_to(self, slot: Slot, text: str, page: int) -> bool:
        """Whether a box holds the beginning of a text and the page on which all of it stands."""
        text = _in_box(slot, text)
        lines = self._look(slot)
        if slot.comb:
            return lines == [self._words["continued_short"].format(page=page)]
        for key in ("continued", "continued_short"):
            ending = self._words[key].format(page=page)
            if lines and lines[-1].endswith(ending):
                begun = _reach(lines[:-1], text)
                return begun >= 0 and text.startswith(lines[-1].removesuffix(ending), begun)
        return False


def _worded(slot: Slot, answer: Shown) -> str:
    """An answer as its box words it: a choice in a form that was brought has labels of its own."""
    if slot.labels and answer.parts and slot.kind != "list":
        return "; ".join([slot.labels.get(state, label) for state, label in answer.parts])
    return answer.text


def _in_box(slot: Slot, text: str) -> str:
    if not slot.comb:
        return text if slot.multiline else text.replace("\n", " ")
    for pattern in ("%d.%m.%Y г.", "%d %b %Y"):
        try:
            day = datetime.strptime(text, pattern).date()  # noqa: DTZ007 a day, no moment
        except ValueError:
            continue
        if slot.comb >= 10:
            return day.strftime("%d.%m.") + f"{day.year:04d}"
        return day.strftime("%d%m") + f"{day.year:04d}" if slot.comb == 8 else text
    return text.replace("\n", " ")


def is_text(lines: Sequence[str], text: str) -> bool:
    """Whether lines are a text, broken where a text may be."""
    return bool(lines) and _end(lines, 0, text) == len(lines)


def _end(lines: Sequence[str], start: int, text: str) -> int:
    """The line after ``text``, which begins with the line ``start``; -1 if it does not stand there.

    Lines break at a space or a line feed, which are not drawn then, or within a word.
    """
    at = 0
    for index in range(start, len(lines)):
        line = lines[index]
        if not text.startswith(line, at):
            return -1
        at += len(line)
        if at == len(text):
            return index + 1
        if text[at] in " \n":
            at += 1
    return -1


def _reach(lines: Iterable[str], text: str) -> int:
    """How much of ``text`` stands in the lines with which it begins; -1 if it does not begin so."""
    at = 0
    for line in lines:
        if not text.startswith(line, at):
            return -1
        at += len(line)
        if text[at : at + 1] in (" ", "\n"):
            at += 1
    return at


def _lost(name: str) -> FillError:
    return FillError(f"{name} is not shown as it was answered")
