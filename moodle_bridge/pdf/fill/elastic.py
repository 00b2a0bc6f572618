"""Set answers in the strips of a record: as many rows as there are, each strip as high as its text.

Nothing is shrunk, cut or continued elsewhere: text is set at its size, and the strip grows. What no strip
asks for stands at the end, after its own label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from moodle_bridge import languages
from moodle_bridge.pdf.fill.paging import Portion
from moodle_bridge.pdf.fill.values import Shown
from moodle_bridge.pdf.program.record import Cell, Pip, RecordTemplate, Strip
from moodle_bridge.pdf.text.layout import wrap

_CELL = re.compile(r"([^.?]+)\.r(\d+)\.([^.]+)")
_TAIL = 2.8
"""What stands below the last line of a strip."""
_GRID_LINES = 24
"""A table with longer cells is set row by row, so that its texts can go on on another page."""
_BULLET = "• "


class SetText(NamedTuple):
    """Lines in a cell; ``quiet`` if they are the engine's own words.

    ``items`` are the lines with which the items of a list begin, if it is one.
    """

    name: str
    cell: Cell
    lines: list[str]
    quiet: bool
    items: tuple[int, ...] = ()


@dataclass(slots=True)
class Piece:
    """One strip of a document with its texts."""

    strip: Strip
    portion: Portion
    texts: list[SetText]
    pip: Pip | None = None
    table: str = ""
    """The table whose heads or row it is."""


@dataclass(slots=True)
class Composition:
    """All pieces of a document in their order, and the code points that the font lacks."""

    pieces: list[Piece]
    replaced: set[str] = field(default_factory=set)


def compose(
    record: RecordTemplate, language: str, answers: Sequence[Shown], facts: Mapping[str, str], *, logo: bool
) -> Composition:
    """Set the facts of the head and every answer in the strips of a document."""
    return _Composer(record, language, answers, facts, logo=logo).composition()


class _Composer:
    def __init__(
        self,
        record: RecordTemplate,
        language: str,
        answers: Sequence[Shown],
        facts: Mapping[str, str],
        *,
        logo: bool,
    ) -> None:
        self._record = record
        self._face = record.face
        self._words = languages.of(language).words
        self._facts = facts
        self._logo = logo
        self._single: dict[str, Shown] = {}
        self._rows: dict[str, dict[int, dict[str, Shown]]] = {}
        self._others: list[Shown] = []
        self._result = Composition([])
        for answer in answers:
            self._sort(answer)

    def composition(self) -> Composition:
        for strip in self._record.strips:
            self._strip(strip)
        return self._result

    # -- what there is ----------------------------------------------------------------------

    def _sort(self, answer: Shown) -> None:
        """Lay an answer where its strip will look for it."""
        record = self._record
        found = _CELL.fullmatch(answer.name)
        if found and found[3] in record.columns.get(found[1], ()):
            self._rows.setdefault(found[1], {}).setdefault(int(found[2]), {})[found[3]] = answer
        elif ("item", answer.name) in record.by_role or (
            answer.name.startswith("carried.") and tuple(answer.name.split(".", 1)) in record.by_role
        ):
            self._single[answer.name] = answer
        elif answer.text:
            self._others.append(answer)

    def _strip(self, strip: Strip) -> None:
        """Set what a strip of the template stands for, which may be nothing or many rows."""
        role = strip.role
        if role == "organisation":
            self._organisation(strip)
        elif role == "fact":
            text = self._facts.get(f"header.{strip.name}", "")
            self._add(strip, [self._set(strip.cells[0], f"header.{strip.name}", text)], keep=True)
        elif role in ("title", "section"):
            self._add(strip, [], keep=True)
        elif role == "carried":
            answer = self._single.get(f"carried.{strip.name}")
            self._add(strip, [self._answer(strip.cells[0], answer, f"carried.{strip.name}")], keep=True)
        elif role == "item":
            self._question(strip, self._single.get(strip.name), strip.name)
        elif role == "table":
            self._table(strip)
        elif role == "others" and self._others:
            self._add(strip, [], keep=True)
        elif role == "other":
            for answer in self._others:
                self._other(strip, answer)

    def _organisation(self, strip: Strip) -> None:
        text = self._facts.get("header.organisation", "")
        if not (text or self._logo):
            return
        texts = [self._set(strip.cells[0], "header.organisation", text)] if text else []
        piece = self._add(strip, texts, keep=True)
        if not self._logo:
            piece.portion.height = self._grown(strip, texts)

    def _question(self, strip: Strip, answer: Shown | None, name: str, table: str = "") -> Piece:
        """A question with its answer beside or below it."""
        piece = self._add(strip, [self._answer(strip.cells[-1], answer, name)], table=table)
        if answer is not None and answer.parts:
            piece.pip = strip.pips.get(answer.parts[0][0])
        return piece

    def _other(self, strip: Strip, answer: Shown) -> None:
        label = f"{answer.group}: {answer.label}" if answer.group not in ("", answer.label) else answer.label
        heading = self._set(strip.cells[0], f"label.{answer.name}", label)
        self._add(strip, [heading, self._answer(strip.cells[1], answer, answer.name)])

    # -- tables -----------------------------------------------------------------------------

    def _table(self, strip: Strip) -> None:
        table = strip.name
        rows = self._rows.get(table, {})
        record = self._record
        if not rows:
            empty = record.by_role["none", table]
            text = self._set(empty.cells[0], table, self._words["no_rows"], quiet=True)
            self._add(empty, [text])
            return
        self._add(strip, [], keep=True)
        heads = record.by_role.get(("columns", table))
        if heads is not None and self._grid(heads, table, rows):
            return
        self._cards(table, rows)

    def _grid(self, heads: Strip, table: str, rows: Mapping[int, Mapping[str, Shown]]) -> bool:
        """Set rows below each other, if no cell is too long for that."""
        strip = self._record.by_role["row", table]
        columns = self._record.columns[table]
        set_rows = []
        for number, cells in rows.items():
            texts = [self._set(strip.cells[0], f"row.{table}.r{number}", str(number))]
            for cell, column in zip(strip.cells[1:], columns, strict=True):
                texts.append(self._answer(cell, cells.get(column), f"{table}.r{number}.{column}"))
            if max(len(text.lines) for text in texts) > _GRID_LINES:
                return False
            set_rows.append(texts)
        head = len(self._result.pieces)
        self._add(heads, [], keep=True, table=table)
        last = len(set_rows) - 1
        for index, texts in enumerate(set_rows):
            # No row stands alone: the first has a second one below it, the last one over it.
            piece = self._add(strip, texts, keep=index < last and index in (0, last - 1), table=table)
            piece.portion.heads = head
            piece.portion.lines = 0
        return True

    def _cards(self, table: str, rows: Mapping[int, Mapping[str, Shown]]) -> None:
        """Set each row like a group of questions."""
        columns = self._record.columns[table]
        for number, cells in rows.items():
            for index, column in enumerate(columns):
                strip = self._record.by_role["card", f"{table}.{column}"]
                name = f"{table}.r{number}.{column}"
                piece = self._question(strip, cells.get(column), name)
                if index == 0:
                    mark = self._set(strip.cells[0], f"row.{table}.r{number}", f"{number}.")
                    piece.texts.insert(0, mark)
                piece.portion.keep = index in (0, len(columns) - 2) and index < len(columns) - 1
                piece.portion.cling = index < len(columns) - 1

    # -- setting ----------------------------------------------------------------------------

    def _add(self, strip: Strip, texts: list[SetText], *, keep: bool = False, table: str = "") -> Piece:
        longest = max(texts, key=lambda text: len(text.lines) * text.cell.step, default=None)
        block = Portion(max(strip.height, self._grown(strip, texts)), keep=keep)
        if longest is not None:
            block.lead, block.step = strip.top - longest.cell.top, longest.cell.step
            block.lines, block.tail = len(longest.lines), _TAIL
        piece = Piece(strip, block, texts, table=table)
        self._result.pieces.append(piece)
        return piece

    def _grown(self, strip: Strip, texts: Iterable[SetText]) -> float:
        """The height that texts need."""
        return max(
            (strip.top - text.cell.top + len(text.lines) * text.cell.step + _TAIL for text in texts),
            default=0.0,
        )

    def _answer(self, cell: Cell, answer: Shown | None, name: str) -> SetText:
        """An answer in its cell, or the words that there is none."""
        if answer is None or not answer.text:
            quoted = name.startswith("carried.") or (answer is not None and answer.quiet)
            return self._set(cell, name, self._words["none" if quoted else "unanswered"], quiet=True)
        if len(answer.parts) > 1:
            single = self._lines(cell, answer.text)
            if len(single) == 1:
                return SetText(name, cell, single, False)
            lines: list[str] = []
            items = []
            for _, label in answer.parts:
                items.append(len(lines))
                lines += self._lines(cell, _BULLET + label)
            return SetText(name, cell, lines, False, tuple(items))
        return self._set(cell, name, answer.text)

    def _set(self, cell: Cell, name: str, text: str, *, quiet: bool = False) -> SetText:
        return SetText(name, cell, self._lines(cell, text or self._words["none"]), quiet or not text)

    def _lines(self, cell: Cell, text: str) -> list[str]:
        clean = self._face.cleaner.clean(text, self._result.replaced)
        return wrap(self._face, clean, cell.width / cell.size)
