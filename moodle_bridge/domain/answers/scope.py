"""What conditions of a form may ask about besides its own answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict

from moodle_bridge.domain.course.model import Answers, Content, Row
from moodle_bridge.domain.instrument.conditions import Scope
from moodle_bridge.domain.instrument.model import Item, SessionKind


class SessionAsked(TypedDict):
    """What conditions ask about the session."""

    kind: SessionKind
    date: str


class Count(TypedDict):
    """What conditions ask about numbers of people."""

    mentees: int


class ContextContent(TypedDict):
    """The part ``context`` of personal data."""

    session: SessionAsked
    plan: Content
    count: Count
    previous: Content


@dataclass(frozen=True, slots=True)
class Context:
    """The session, the plan, how many mentees there are, and earlier answers of the same person."""

    kind: SessionKind
    date: str
    plan: Answers = field(default_factory=dict)
    mentees: int = 0
    previous: Answers = field(default_factory=dict)

    def as_json(self) -> ContextContent:
        """The part ``context`` of personal data; the scope of a condition without ``form`` and ``row``."""
        return {
            "session": {"kind": self.kind, "date": self.date},
            "plan": dict(self.plan),
            "count": {"mentees": self.mentees},
            "previous": dict(self.previous),
        }


def form_scope(context: Context, answers: Answers) -> Scope:
    """The scope in which an item of the form is judged."""
    return {**context.as_json(), "form": answers}


def row_scope(scope: Scope, table: Item, carried: Answers, row: Row) -> Scope:
    """The scope in which a column of one row is judged: every column is there, null where unanswered."""
    values: Content = {column.id: None for column in table.columns}
    values |= {key: value for key, value in carried.items() if key not in ("row", "id")}
    values |= {key: value for key, value in row.items() if key not in ("row", "id")}
    return {**scope, "row": values}
