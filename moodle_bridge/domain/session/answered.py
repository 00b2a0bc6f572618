"""What people answered that no figure tells: item by item, to those who read the answers.

An item says ``listed: true``; it stands in the section of the report that it names. Whoever is not named as
a reader of an answer does not read it here either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from moodle_bridge.domain.course.lookup import items_of, respondent
from moodle_bridge.domain.course.model import Answers, Content, Submission, as_text, rows
from moodle_bridge.domain.course.needs import person_id
from moodle_bridge.domain.instrument.model import Item, readers_of
from moodle_bridge.domain.instrument.wording import label
from moodle_bridge.domain.session.shape import Block
from moodle_bridge.domain.session.view import View

_NAMED = ("text", "category", "area")
"""The columns of which one says what a row is about."""
_ASIDE = re.compile(r"\s*\([^()]*\)$|:$")
"""What a question says only to whoever answers it: how many to choose."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer in words."""

    question: str
    person: int
    about: str
    """What the row is about; empty outside tables."""
    words: str
    counted: bool
    """A mentee's choice, of which the number is told, not who made it."""


def blocks(view: View, section: str) -> list[Block]:
    """A section: how often each choice was made, and what people wrote, nameless to the group."""
    found = list(answers(view, section))
    chosen = [each for each in found if each.counted]
    written = [each for each in found if not each.counted]
    if view.audience == "mentee":
        columns = ["question", "answer_given"]
        shown = sorted([each.question, _with(each)] for each in written)
    else:
        columns = ["question", "name", "answer_given"]
        shown = [[each.question, view.name(each.person), _with(each)] for each in written]
    return [
        {"kind": "lines", "lines": _counts(view, chosen)},
        {
            "kind": "table",
            "title": view.say("title_answers"),
            "columns": [view.say(f"column_{each}") for each in columns],
            "rows": shown,
        },
    ]


def lines(view: View) -> list[str]:
    """All of them as lines, for a document."""
    found = list(answers(view, ""))
    written = [
        view.say("answer_line", question=each.question, answer=_with(each), name=view.name(each.person))
        for each in found
        if not each.counted
    ]
    return [*_counts(view, [each for each in found if each.counted]), *written]


def answers(view: View, section: str) -> Iterator[Answered]:
    """The answers to listed items of a section (empty: of all) as far as the audience reads them."""
    for submission in view.submitted():
        role = respondent(view.catalogue, submission)
        if role == "coordinator":
            continue
        for item in items_of(view.catalogue, submission):
            if section in ("", item.report):
                yield from _of_item(view, submission, item, role)


def _of_item(view: View, submission: Submission, item: Item, role: str) -> Iterator[Answered]:
    if item.listed and _reads(view, item, None):
        yield from _one(view, submission, item, "", submission.answers, role)
    if view.levels_wait and item.source is not None and item.source.name == "own_goals":
        return
    listed = [each for each in item.columns if each.listed and _reads(view, item, each)]
    if not listed:
        return
    carried = {row["row"]: row for row in rows(submission.carried, item.id)}
    for row in rows(submission.answers, item.id):
        whole = {**carried.get(row["row"], {}), **row}
        for column in listed:
            yield from _one(view, submission, column, _about(view, item, whole), row, role)


def _reads(view: View, item: Item, column: Item | None) -> bool:
    readers = readers_of(item, column)
    if view.audience == "coordinator":
        return "mentor" in readers or view.reads_confidential
    return (view.reads_answers and "mentor" in readers) if view.audience == "mentor" else "group" in readers


def _about(view: View, table: Item, row: Content) -> str:
    person = person_id(as_text(row.get("id")))
    if person is not None:
        return view.name(person)
    for name in _NAMED:
        value = as_text(row.get(name))
        if value:
            column = next((each for each in table.columns if each.id == name), None)
            return (label(column.options, value, view.language) if column else "") or value.removesuffix(".")
    return ""


def _one(
    view: View, submission: Submission, item: Item, about: str, values: Answers, role: str
) -> Iterator[Answered]:
    value = values.get(item.id)
    question, person = item.label[view.language], submission.respondent
    question = _ASIDE.sub("", question)
    if item.options:
        codes = value if isinstance(value, list) else [] if value is None else [value]
        chosen = [words for code in codes if (words := label(item.options, code, view.language))]
        if role == "mentee":
            yield from (Answered(question, person, about, words, True) for words in chosen)
        elif chosen:
            yield Answered(question, person, about, "; ".join(chosen), False)
    elif value is not None and not isinstance(value, bool) and str(value).strip():
        yield Answered(question, person, about, str(value), False)


def _with(each: Answered) -> str:
    return f"{each.about} – {each.words}" if each.about else each.words


def _counts(view: View, found: list[Answered]) -> list[str]:
    """Per question, and what it is about, how many chose what."""
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for each in found:
        of = counted.setdefault((each.question, each.about), {})
        of[each.words] = of.get(each.words, 0) + 1
    return [
        view.say(
            "answer_counts",
            question=question if not about else view.say("question_about", question=question, about=about),
            counts="; ".join(f"{words} – {number}" for words, number in of.items()),
        )
        for (question, about), of in counted.items()
    ]
