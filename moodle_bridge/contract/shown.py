"""What the pages for people are made of, as it is pushed: a form's definition and one person's part of it.

JSON documents that travel on whole, so typed as dictionaries (schemas ``definition`` and ``personal``).
"""

from __future__ import annotations

from typing import NotRequired, Required, TypedDict

from moodle_bridge.plain_json import Json, JsonObject


class Choice(TypedDict):
    """One choice of an item."""

    value: int | str | None
    label: str
    exclusive: NotRequired[bool]


class Refusal(TypedDict):
    """When an answer is refused, and what is said then."""

    when: list[Json]
    text: str


class Question(TypedDict, total=False):
    """An item, a column of a table, or (with ``columns``) a table."""

    id: Required[str]
    type: Required[str]
    label: Required[str]
    required: Required[bool]
    options: list[Choice]
    options_from: str
    min: int
    max: int
    max_length: int
    default: str | int | bool
    read_only: bool
    show_if: list[Json]
    required_if: list[Json]
    refuse: list[Refusal]
    distinct: str
    columns: list[Question]
    min_rows: int
    max_rows: int


class Definition(TypedDict):
    """A form in one language."""

    instrument: str
    version: str
    respondent: str
    title: str
    minutes: int
    items: list[Question]
    mentor_reads_after: NotRequired[str]


class Note(TypedDict):
    """A remark that is shown beside an item, or beside one row of it."""

    item: str
    row: int | None
    text: str


class Suggested(TypedDict):
    """What the data propose for an item, with the reason in words."""

    item: str
    row: int | None
    value: int | str | bool
    text: str


class Personal(TypedDict):
    """What one person's form begins with, and whether it is open."""

    open: bool
    reason: str | None
    expected: bool
    carried: JsonObject
    proposed: dict[str, Json]
    context: JsonObject
    notes: list[Note]
    suggested: list[Suggested]
    opened: int
    due: int
    waits_for: int
    latest: int


class Corrected(TypedDict):
    """A place of a form that has to be corrected, with a message in every language."""

    item: str
    row: int | None
    column: str | None
    message: dict[str, str]


class ProblemReport(TypedDict):
    """What was reported of a submission (schema ``problem-report``)."""

    title: dict[str, str]
    remedy: dict[str, str]
    items: list[Corrected]
