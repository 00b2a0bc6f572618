"""Compare what a finished record draws and tags with the answers it must show, before it leaves the engine.

Reads the file back through :mod:`moodle_bridge.pdf.fill.reread`. Every answer has to stand whole in the cell
of its question, or after its label at the end; every step that was chosen bears a dot, and no other one;
whatever has no answer says so; nothing else is drawn; and the tags tell all of it once, in this order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from moodle_bridge import languages
from moodle_bridge.errors import FillError
from moodle_bridge.pdf.fill.elastic import Piece, compose
from moodle_bridge.pdf.fill.proof import is_text
from moodle_bridge.pdf.fill.record_writer import Laid
from moodle_bridge.pdf.fill.reread import Characters, Reread, lines_of
from moodle_bridge.pdf.fill.tagging import Trace, Where
from moodle_bridge.pdf.fill.values import Shown
from moodle_bridge.pdf.program.record import Pip, RecordTemplate

_FOOT = b"/Artifact <</Type/Pagination"
_MARKED = re.compile(rb"/\w+ <</MCID (\d+)>> BDC(.*?)EMC", re.DOTALL)
_DOT = re.compile(rb"/Artifact BMC q 0\.09 0\.2 0\.31 rg ([-\d.]+) ([-\d.]+) m [^A-Za-z]*c.*? f Q EMC")
_KID = re.compile(rb"MCR/Pg (\d+) 0 R/MCID (\d+)|(\d+) 0 R")
_ROW = re.compile(r"\.r(\d+)\.")


@dataclass(frozen=True, slots=True)
class Awaited:
    """What a record has to show: the facts of its head, its answers, the last line at every page's foot."""

    language: str
    facts: Mapping[str, str]
    answers: Sequence[Shown]
    identity: str


def prove_record(
    content: bytes, record: RecordTemplate, pieces: Sequence[Piece], laid: Laid, awaited: Awaited
) -> None:
    """Raise :class:`FillError` that names the question unless the file shows what is awaited."""
    file = Reread(content)
    pages = file.kids(record.numbers.common.pages)
    if len(pages) != len(laid.pages):
        raise FillError("the document has lost pages")
    contents = [file.contents(page) for page in pages]
    for index, (read, page) in enumerate(zip(contents, laid.pages, strict=True), 1):
        if read != page.content:
            raise FillError(f"page {index} is not written as it was laid out")
    if not record.characters:
        record.characters.update(file.characters(record.font))
    marked = {
        Where(index, int(number)): drawn
        for index, content_ in enumerate(contents)
        for number, drawn in _MARKED.findall(content_)
    }
    _prove_tags(file, record, pages, pieces, laid.traces, marked)
    _Search(record, pieces, laid.traces, marked, awaited).prove()
    _prove_dots(pieces, laid, contents)
    _prove_feet(contents, record.characters, awaited)


def _prove_tags(
    file: Reread,
    record: RecordTemplate,
    pages: Sequence[int],
    pieces: Sequence[Piece],
    traces: Sequence[Trace],
    marked: Mapping[Where, bytes],
) -> None:
    """The tags tell every piece of marked content once, in the order of the pieces."""
    index = {page: number for number, page in enumerate(pages)}
    told = list(_told(file, record.numbers.document, index))
    if len(told) != len(marked) or set(told) != set(marked):
        raise FillError("the tags do not tell what the pages show")
    owners = [each for piece, trace in zip(pieces, traces, strict=True) for each in _wheres(piece, trace)]
    if len(owners) != len(told) or set(owners) != set(told):
        raise FillError("the pages show what no question asked")
    place = {where: number for number, where in enumerate(told)}
    last = -1
    for piece, trace in zip(pieces, traces, strict=True):
        numbers = [place[where] for where in _wheres(piece, trace)]
        if numbers and (min(numbers) != last + 1 or max(numbers) != last + len(numbers)):
            raise FillError(f"{piece.strip.name} is told in the wrong place")
        for run in (*([where for _, where in runs] for runs in trace.runs), list(_always(piece, trace))):
            order = [place[where] for where in run]
            if order != sorted(order):
                raise FillError(f"{piece.strip.name} is told in another order")
        last += len(numbers)


def _told(file: Reread, element: int, pages: Mapping[int, int]) -> Iterator[Where]:
    """The marked content of an element and those in it, in reading order."""
    for page, mcid, kid in _KID.findall(file.small(element).partition(b"/K[")[2]):
        if kid:
            yield from _told(file, int(kid), pages)
        else:
            yield Where(pages[int(page)], int(mcid))


def _always(piece: Piece, trace: Trace) -> Iterator[Where]:
    for number in range(piece.strip.contents):
        yield Where(trace.base.page, trace.base.mcid + number)


def _wheres(piece: Piece, trace: Trace) -> Iterator[Where]:
    yield from _always(piece, trace)
    if trace.image:
        yield trace.image
    for runs in trace.runs:
        for _, where in runs:
            yield where


class _Search:
    """Looks for one answer after the other in what the pages show."""

    def __init__(
        self,
        record: RecordTemplate,
        pieces: Sequence[Piece],
        traces: Sequence[Trace],
        marked: Mapping[Where, bytes],
        awaited: Awaited,
    ) -> None:
        self._record = record
        self._characters = record.characters
        self._marked = marked
        self._awaited = awaited
        self._words = languages.of(awaited.language).words
        self._found: dict[str, tuple[str, list[list[str]]]] = {}
        """By question the cell that it stands in, and its lines; those of each item, if it is a list."""
        self._pieces: dict[str, Piece] = {}
        for piece, trace in zip(pieces, traces, strict=True):
            for text, runs in zip(piece.texts, trace.runs, strict=True):
                if text.name in self._found:
                    raise FillError(f"{text.name} is shown twice")
                self._found[text.name] = (text.cell.name, self._items(runs))
                self._pieces[text.name] = piece

    def prove(self) -> None:
        for name, text in self._awaited.facts.items():
            if text or name in self._found:
                self._text(name, name, text or self._words["none"])
        tables: dict[str, set[str]] = {}
        for answer in self._awaited.answers:
            self._answer(answer, tables)
        self._rest(tables)

    def _items(self, runs: Sequence[tuple[int, Where]]) -> list[list[str]]:
        items: dict[int, list[str]] = {}
        for item, where in runs:
            items.setdefault(item, []).extend(lines_of(self._marked[where], self._characters))
        return list(items.values())

    def _answer(self, answer: Shown, tables: dict[str, set[str]]) -> None:
        name = answer.name
        row = _ROW.search(name)
        table = name[: row.start()] if row else ""
        cell = _ROW.sub(".r1.", name)
        known = (
            name.rpartition(".")[2] in self._record.columns.get(table, ())
            if row
            else (("carried", name[8:]) if name.startswith("carried.") else ("item", name))
            in self._record.by_role
        )
        piece = self._pieces.get(name)
        if piece is not None and piece.strip.pips:
            state = answer.parts[0][0] if answer.text and answer.parts else ""
            if piece.pip != piece.strip.pips.get(state):
                raise FillError(f"{name} does not show the step that was chosen")
        if known and row:
            tables.setdefault(table, set()).add(row[1])
        if not known:
            if answer.text:
                label = (
                    answer.label if answer.group in ("", answer.label) else f"{answer.group}: {answer.label}"
                )
                self._text(f"label.{name}", "other.label", label)
                self._text(name, "other.text", answer.text)
        elif not answer.text:
            quoted = answer.quiet or name.startswith("carried.")
            self._text(name, cell, self._words["none" if quoted else "unanswered"])
        elif len(answer.parts) > 1:
            self._choices(name, cell, answer)
        else:
            self._text(name, cell, answer.text)

    def _choices(self, name: str, cell: str, answer: Shown) -> None:
        """Several choices stand in one line, or each as an item of a list."""
        items = self._found[name][1] if name in self._found else []
        if len(items) == 1:
            self._text(name, cell, answer.text)
            return
        self._take(name, cell)
        if len(items) != len(answer.parts):
            raise _lost(name)
        for lines, (_, label) in zip(items, answer.parts, strict=True):
            if not is_text(lines, self._clean(f"• {label}")):
                raise _lost(name)

    def _text(self, name: str, cell: str, text: str) -> None:
        """Look for a text in its cell."""
        items = self._take(name, cell)
        if len(items) != 1 or not is_text(items[0], self._clean(text)):
            raise _lost(name)

    def _take(self, name: str, cell: str) -> list[list[str]]:
        """What stands in the cell of a question, which nothing else is to be looked for in."""
        where, items = self._found.pop(name, ("", []))
        if where.removeprefix("card.") != cell:
            raise _lost(name)
        return items

    def _rest(self, tables: Mapping[str, set[str]]) -> None:
        """Raise if anything is shown that was not looked for, but the numbers of rows and empty tables."""
        for table in self._record.columns:
            for row in tables.get(table, ()):
                items = self._found.pop(f"row.{table}.r{row}", ("", []))[1]
                if items not in ([[row]], [[f"{row}."]]):
                    raise _lost(f"{table}.r{row}")
            if table not in tables:
                self._text(table, f"none.{table}", self._words["no_rows"])
        if self._found:
            raise FillError(f"{next(iter(self._found))} shows what nobody answered")

    def _clean(self, text: str) -> str:
        return self._record.face.cleaner.clean(text, set())


def _prove_dots(pieces: Sequence[Piece], laid: Laid, contents: Sequence[bytes]) -> None:
    """Every step that was chosen bears a dot, and there are no others."""
    dots = [(index, x, y) for index, content in enumerate(contents) for x, y in dots_of(content)]
    chosen = []
    for piece, trace in zip(pieces, laid.traces, strict=True):
        if piece.pip:
            chosen.append((trace.base.page, piece, trace.shift))
    if len(dots) != len(chosen):
        raise FillError("a scale does not show the step that was chosen")
    for page, piece, shift in chosen:
        pip = piece.pip
        if pip is None or not any(
            page == index and 0 < x - pip.x < pip.radius and abs(y - pip.y - shift) < pip.radius
            for index, x, y in dots
        ):
            raise FillError(f"{piece.strip.name} does not show the step that was chosen")


def dots_of(content: bytes) -> list[tuple[float, float]]:
    """Where a page has dots of scales: the right end of each, in the order in which they are drawn."""
    return [(float(x), float(y)) for x, y in _DOT.findall(content)]


def chosen_steps(record: RecordTemplate, language: str, answers: Sequence[Shown]) -> list[Pip]:
    """The rings that bear a dot, in the order in which they are drawn."""
    pieces = compose(record, language, answers, {}, logo=False).pieces
    return [piece.pip for piece in pieces if piece.pip]


def _prove_feet(contents: Sequence[bytes], characters: Characters, awaited: Awaited) -> None:
    count = languages.of(awaited.language).words["page"]
    for number, content in enumerate(contents, 1):
        said = [count.format(page=number, pages=len(contents)), awaited.identity]
        if lines_of(content.rpartition(_FOOT)[2], characters)[1:] != said:
            raise FillError(f"page {number} does not say at its foot which document it belongs to")


def _lost(name: str) -> FillError:
    return FillError(f"{name} is not shown as it was answered")
