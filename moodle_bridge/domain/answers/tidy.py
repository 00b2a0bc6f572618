"""Answers as they are kept: tidy text, plain numbers, ISO dates; the wrong shape is refused.

What is refused is what no form of ours could have sent; what a person can mend is left as it is for
:mod:`answers` to report. Never half taken: one wrong shape refuses the whole.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import NoReturn

from moodle_bridge.domain.course.model import Content
from moodle_bridge.domain.instrument.model import Instrument, Item
from moodle_bridge.errors import AnswersRefused

MOST_ROWS = 200
_MOST_CHOICES = 200
_BIGGEST = 10**9
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\Z")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})(?:\s?г\.?)?\Z")
# Three zeros after a point or comma would be thousands to some: 1.000 is left for its author to mend.
_WHOLE = re.compile(r"([+-]?[0-9]{1,9})(?:[.,]0{1,2})?\Z")
# Control characters but tab and newline, surrogates, and invisible marks that hide or reorder text.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


class _Where:
    """Where in the answers something stands, for messages."""

    __slots__ = ("column", "instrument", "item", "row")

    def __init__(self, instrument: str, item: str = "", row: int | None = None, column: str = "") -> None:
        self.instrument, self.item, self.row, self.column = instrument, item, row, column

    def refuse(self, problem: str) -> NoReturn:
        where = ".".join(
            part for part in (self.item, f"r{self.row}" if self.row else "", self.column) if part
        )
        raise AnswersRefused(
            f"{self.instrument}{', ' + where if where else ''}: {problem}",
            instrument=self.instrument,
            item=self.item,
            row=self.row,
            column=self.column,
        )


def normalise(instrument: Instrument, answers: object) -> Content:
    """Tidied answers in the order of the form, without what is unanswered.

    Yes/no items with a default count as answered with it: an empty box is an answer. Raises
    :class:`AnswersRefused` naming instrument, item, row and column, never the answer.
    """
    where = _Where(instrument.id)
    if not isinstance(answers, Mapping):
        where.refuse("answers have to be an object by item id")
    known = {item.id for item in instrument.items}
    for key in answers:
        if key not in known:
            where.refuse("an answer stands under an id that the form does not have")
    tidy: Content = {}
    for item in instrument.items:
        here = _Where(instrument.id, item.id)
        if item.id in answers:
            value = (
                _table(item, answers[item.id], here) if item.columns else _value(item, answers[item.id], here)
            )
            _keep(tidy, item, value)
        elif item.type == "yes_no" and item.default is not None:
            tidy[item.id] = item.default
    return tidy


def _keep(target: Content, item: Item, value: object) -> None:
    if value is None and item.type != "scale":
        return
    if value in ("", []):
        return
    target[item.id] = value


def _table(item: Item, value: object, where: _Where) -> list[Content]:
    if not isinstance(value, list):
        where.refuse("a table is a list of rows")
    if len(value) > MOST_ROWS:
        where.refuse(f"more than {MOST_ROWS} rows")
    columns = {column.id: column for column in item.columns}
    found: dict[int, Content] = {}
    for row in value:
        if not isinstance(row, Mapping) or not _is_row_number(row.get("row")):
            where.refuse("every row is an object with its number 'row'")
        number = row["row"]
        if number in found:
            where.refuse("two rows have the same number")
        for key in row:
            if key not in ("row", "id") and (key not in columns or columns[key].read_only):
                _Where(where.instrument, item.id, number).refuse(
                    "a row holds a column that cannot be answered"
                )
        tidy: Content = {}
        for column in item.columns:
            if column.id in row:
                here = _Where(where.instrument, item.id, number, column.id)
                _keep(tidy, column, _value(column, row[column.id], here))
        if item.type == "carried_table":
            tidy |= _empty_boxes(item, tidy)
        if tidy and _says_something(item, tidy):
            tidy = {"row": number, **tidy, **_empty_boxes(item, tidy)}
            found[number] = {"row": number, **{c.id: tidy[c.id] for c in item.columns if c.id in tidy}}
    return [found[number] for number in sorted(found)]


def _empty_boxes(item: Item, row: Content) -> Content:
    boxes = (column for column in item.columns if column.type == "yes_no" and column.default is not None)
    return {column.id: column.default for column in boxes if column.id not in row}


def _says_something(item: Item, row: Content) -> bool:
    """Whether a row is more than the values it was offered with: an untouched blank row is no row."""
    if item.type == "carried_table":
        return True
    return any(value != _column(item, key).default for key, value in row.items())


def _column(item: Item, column_id: str) -> Item:
    return next(column for column in item.columns if column.id == column_id)


def _is_row_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_ROWS


def _value(item: Item, value: object, where: _Where) -> object:
    kind = item.type
    if kind == "computed" or item.read_only:
        where.refuse("this is worked out and cannot be answered")
    if kind in ("short_text", "long_text"):
        if not isinstance(value, str):
            where.refuse("a text is needed")
        return tidy_text(value, lines=kind == "long_text")
    if kind == "scale":
        if value is not None and not _is_whole(value):
            where.refuse("a step of the scale or null is needed")
        return value
    if kind == "single_choice":
        if not isinstance(value, str):
            where.refuse("one code is needed")
        return value
    if kind == "multi_choice":
        return _choices(item, value, where)
    if kind == "yes_no":
        if not isinstance(value, bool):
            where.refuse("true or false is needed")
        return value
    if kind == "number":
        return _whole(value, where)
    if not isinstance(value, str):
        where.refuse("a date is needed")
    return iso_date(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _BIGGEST


def _choices(item: Item, value: object, where: _Where) -> list[str]:
    if not isinstance(value, list) or len(value) > _MOST_CHOICES:
        where.refuse("a list of codes is needed")
    if any(not isinstance(code, str) for code in value):
        where.refuse("a list of codes is needed")
    order = {option.value: index for index, option in enumerate(item.options)}
    return sorted(dict.fromkeys(value), key=lambda code: order.get(code, len(order)))


def _whole(value: object, where: _Where) -> int | str:
    if _is_whole(value):
        return value  # type: ignore[return-value]
    if not isinstance(value, str):
        where.refuse("a whole number is needed")
    return tidy_number(value)


def excess(text: str, *, lines: bool, limit: int | None) -> int:
    """The length of a text that is longer than its limit in characters, tidied; 0 when it fits."""
    length = len(tidy_text(text, lines=lines))
    return length if limit is not None and length > limit else 0


def tidy_number(text: str) -> int | str:
    """A whole number without the spaces in it; the text itself, shortened, where it is none."""
    plain = tidy_text(text, lines=False).replace(" ", "")
    whole = _WHOLE.match(plain)
    return int(whole[1]) if whole else plain[:40]


def iso_date(text: str) -> str:
    """A date of either language as ``YYYY-MM-DD``; the tidied text itself where it is none."""
    tidy = text.strip()
    iso, day_first = _ISO.match(tidy), _DAY_FIRST.match(tidy)
    if iso:
        parts = [int(part) for part in iso.groups()]
    elif day_first:
        parts = [int(part) for part in reversed(day_first.groups())]
    else:
        return tidy[:40]
    try:
        return dt.date(*parts).isoformat()
    except ValueError:
        return tidy[:40]


def tidy_text(text: str, *, lines: bool) -> str:
    """Text as it is kept: composed characters, plain line ends, no invisible marks, no stray spaces.

    ``lines`` keeps line breaks (at most two in a row); otherwise they become spaces.
    """
    plain = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    plain = unicodedata.normalize("NFC", plain)
    if not lines:
        return " ".join(plain.split())
    joined = "\n".join(re.sub(r"[^\S\n]+$", "", line) for line in plain.replace("\t", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", joined).strip()
