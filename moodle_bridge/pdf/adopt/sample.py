"""Answers with which a brought form is looked at before it is used: none, usual ones, the fullest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from moodle_bridge import languages
from moodle_bridge.domain.instrument.model import Instrument, Item
from moodle_bridge.pdf.fill.fill import Header
from moodle_bridge.plain_json import Json

Fullness = Literal["empty", "sample", "fullest"]
FULLNESSES: tuple[Fullness, ...] = ("empty", "sample", "fullest")


def sample_header(language: str) -> Header:
    """Facts of nobody's form."""
    words = languages.of(language).words
    return Header(
        document="00000000-0000-4000-8000-000000000000",
        submission="",
        session="",
        session_name="–",
        session_number=1,
        session_kind="initial",
        course_name=words["sample_course"],
        group_name=words["sample_group"],
        respondent_name=words["sample_person"],
        respondent_role="mentee",
        version=1,
        submitted_at=1_772_445_600,  # 2 March 2026
    )


def sample_answers(
    instrument: Instrument, language: str, fullness: Fullness
) -> tuple[dict[str, Json], dict[str, Json]]:
    """Answers and carried values."""
    answers: dict[str, Json] = {}
    carried: dict[str, Json] = {}
    for item in instrument.items if fullness != "empty" else ():
        full = fullness == "fullest"
        if item.columns:
            rows = max(item.max_rows, item.min_rows, 1) + 1 if full else min(2, max(item.max_rows, 1))
            columns = item.columns
            given = item.type == "carried_table"
            table: list[Json] = [
                {"row": n} | {column.id: _value(column, language, n, full=full) for column in columns}
                for n in range(1, rows + 1)
            ]
            (carried if given else answers)[item.id] = table
        elif item.type == "computed":
            carried[item.id] = _text(language, 90)
        else:
            answers[item.id] = _value(item, language, 1, full=full)
        if item.carried:
            carried[item.id] = _text(language, 110)
    return answers, carried


def _value(item: Item, language: str, position: int, *, full: bool) -> Json:
    if item.type == "yes_no":
        return position % 2 == 1
    values: Sequence[Json] = [option.value for option in item.options]
    if item.type == "multi_choice" and values:
        return list(values) if full else list(values[:2])
    if values:
        return values[-1 if full else position % len(values)]
    if item.type == "date":
        return f"2026-{position % 12 + 1:02d}-28"
    if item.type == "number":
        return 10 if full else 3
    return _text(language, (item.max_length or 200) if full else 60)


def _text(language: str, length: int) -> str:
    words = languages.of(language).words["sample"]
    return (words * (length // len(words) + 1))[:length].rstrip()
