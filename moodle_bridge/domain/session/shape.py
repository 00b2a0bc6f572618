"""The summary of a session, part by part as ``contract/summary.schema.json`` has it."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from moodle_bridge.domain.answers.visibility import Audience
from moodle_bridge.domain.course.attendance import Status
from moodle_bridge.domain.course.weakpoints import Trend
from moodle_bridge.domain.instrument.model import SessionKind

Level = Literal["amber", "red"]


class Lines(TypedDict):
    """Sentences, one below the other."""

    kind: Literal["lines"]
    lines: list[str]


class Table(TypedDict):
    """A table of texts."""

    kind: Literal["table"]
    title: str
    columns: list[str]
    rows: list[list[str]]


class Bar(TypedDict):
    """A value within a whole, and the same in words."""

    label: str
    value: int
    of: int
    text: str


class Bars(TypedDict):
    """Bars, one below the other."""

    kind: Literal["bars"]
    title: str
    rows: list[Bar]


Block = Lines | Table | Bars


class Section(TypedDict):
    """One of the report sections R1 to R11."""

    id: str
    title: str
    blocks: list[Block]


class OccurrenceShown(TypedDict):
    """A signal as it was seen in one session."""

    session: str
    number: int
    level: Level
    text: str


class SourceShown(TypedDict):
    """The answer that raised a signal."""

    submission: str
    item: str


class SignalShown(TypedDict):
    """An early-warning signal in words."""

    id: str
    rule: str
    level: Level
    label: str
    text: str
    person: int
    group: int
    occurrences: list[OccurrenceShown]
    """Oldest first."""
    source: NotRequired[SourceShown]
    decision: NotRequired[str | None]
    """For the coordinator only."""


class SpreadShown(TypedDict):
    """A figure of a group."""

    n: int
    median: float
    least: float
    most: float


class Responses(TypedDict):
    """How many of an instrument's forms have come."""

    submitted: int
    expected: int
    late: int
    missing: int


class Attained(TypedDict):
    """How many of the goals rated are attained."""

    attained: int
    rated: int


class Reason(TypedDict):
    """How often a reason was given."""

    reason: str
    goals: int
    people: int


class WeakPointShown(TypedDict):
    """An area of weak points."""

    area: str
    people: int
    respondents: int
    weight: int
    both_sides: bool
    trend: Trend


class RecommendationCounts(TypedDict):
    """What became of the recommendations."""

    all: int
    open: int
    accepted: int
    done: int


class PersonNumbers(TypedDict):
    """One mentee's figures."""

    person: int
    name: str
    group: int
    status: Status | Literal["none"]
    goal_percent: float | None
    attained: int
    rated: int
    gas_t: float | None
    expectation_own: float | None
    expectation_others: float | None
    expectation_gap: float | None
    guessed: list[int] | None
    self_change: float | None


class Numbers(TypedDict):
    """Every measure; null where there is none, or the audience does not read the answers."""

    responses: dict[str, Responses]
    goal_percent: SpreadShown | None
    goals_attained: Attained | None
    gas_t: SpreadShown | None
    expectation_own: SpreadShown | None
    expectation_others: SpreadShown | None
    expectation_gap: SpreadShown | None
    climate: SpreadShown | None
    climate_mentors: SpreadShown | None
    self_change: SpreadShown | None
    impact: SpreadShown | None
    reasons: list[Reason]
    weak_points: list[WeakPointShown]
    recommendations: RecommendationCounts
    people: NotRequired[list[PersonNumbers]]
    """For mentor and coordinator only."""


class SessionShown(TypedDict):
    """Which session it is."""

    id: str
    number: int
    kind: SessionKind
    date: str


class GroupShown(TypedDict):
    """Which group it is; 0 and no name for all of them."""

    id: int
    name: str


class ChangedShown(TypedDict):
    """A signed record or report whose figures have changed since."""

    submission: str
    lines: list[str]
    """Which figures, and why."""


class Summary(TypedDict):
    """A session summed up for one audience."""

    schema: int
    session: SessionShown
    group: GroupShown
    audience: Audience
    language: str
    settled: bool
    sections: list[Section]
    signals: list[SignalShown]
    numbers: Numbers
    changed: NotRequired[list[ChangedShown]]
    """For the coordinator only."""
