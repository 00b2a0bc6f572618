"""The contract's records with types: session, person, submission, document and change.

Made where a message comes in (Moodle's answers, the store's rows), so that a misspelt name is an error of the
type checker. Fields have the names that the schemas give them; ``of`` reads what a schema describes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from moodle_bridge.contract.reading import Record, read
from moodle_bridge.domain.course.model import Role
from moodle_bridge.domain.instrument.model import SessionKind
from moodle_bridge.plain_json import (
    Json,
    JsonObject,
    parsed_object,
    text,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

GroupMode = Literal["none", "separate", "visible"]
SubmissionState = Literal["submitted", "reopened", "superseded"]
DocumentState = Literal["current", "superseded", "erased"]
ChangeKind = Literal["session", "submission", "participants", "erasure", "decision", "confirmation", "pack"]
DecisionCode = Literal["talked", "measure", "watching", "unfounded", "settled"]
ChangeAction = Literal["saved", "closed", "deleted"]


@dataclass(frozen=True, slots=True)
class Unread:
    """A record in a list of an answer that breaks the contract; the others of the list are read.

    ``id``, ``session`` and ``seq`` are what it says of itself, empty and 0 where it does not.
    """

    list: str
    id: str
    session: str
    seq: int
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Group(Record):
    """A group of the course."""

    id: int
    name: str
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Extension(Record):
    """One person's own deadline in a session."""

    user: int
    due: int


@dataclass(frozen=True, slots=True)
class InstrumentVersion(Record):
    """The version of an instrument that a session uses."""

    instrument: str
    version: str


@dataclass(frozen=True, slots=True)
class SessionRecord(Record):
    """A monitoring session. Times are UTC epoch seconds, 0 = not set."""

    id: str
    course: int
    course_name: str
    cmid: int
    name: str
    number: int
    kind: SessionKind
    language: str
    timezone: str
    opens: int
    due: int
    closed: int
    instruments: tuple[str, ...]
    groupmode: GroupMode
    groups: tuple[Group, ...]
    origin: str
    modified: int
    extensions: tuple[Extension, ...] = ()
    closes: int = 0
    fixed: int = 0
    admitted: tuple[int, ...] = ()
    versions: tuple[InstrumentVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmissionRecord(Record):
    """One version of one submitted form; ``problems`` are the codes of what this service finds wrong."""

    id: str
    session: str
    instrument: str
    instrument_version: str
    definition_sha256: str
    language: str
    group: int
    group_name: str
    respondent: int
    respondent_name: str
    respondent_role: Role
    version: int
    state: SubmissionState
    submitted: int
    origin: str
    answers: JsonObject
    carried: JsonObject
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: JsonObject, problems: tuple[str, ...] = ()) -> Self:
        """Read a ``common#submission`` whose answers and carried rows are parsed."""
        return read(cls, record, problems=problems)


@dataclass(frozen=True, slots=True)
class SentSubmission(Record):
    """A submission as it travels: answers and carried rows are JSON texts, which may be unreadable."""

    id: str
    session: str
    record: JsonObject

    @classmethod
    def of(cls, record: JsonObject) -> Self:
        """Read a ``common#submission``."""
        return cls(id=text(record, "id"), session=text(record, "session"), record=record)

    def read(self) -> SubmissionRecord:
        """Parse what it says; :class:`WrongField` if answers or carried rows are not an object."""
        parsed = {name: parsed_object(text(self.record, name), name) for name in ("answers", "carried")}
        return SubmissionRecord.of({**self.record, **parsed})


@dataclass(frozen=True, slots=True)
class StretchRecord(Record):
    """A stretch of time in one role and group (0: without group); ``until`` 0: still there."""

    role: Role
    group: int
    since: int
    until: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class PersonRecord(Record):
    """Somebody who takes part in a session."""

    id: int
    name: str
    roles: tuple[Role, ...]
    groups: tuple[int, ...]
    language: str
    active: bool
    joined: int = 0
    roster: tuple[StretchRecord, ...] = ()
    expected: bool = True
    left: int = 0
    why: str = ""
    all_groups: bool = True


@dataclass(frozen=True, slots=True)
class ParticipantsRecord(Record):
    """Who takes part in a session, and in which groups now."""

    session: str
    groupmode: GroupMode
    groups: tuple[Group, ...]
    participants: tuple[PersonRecord, ...]
    fixed: int = 0


@dataclass(frozen=True, slots=True)
class DocumentRecord(Record):
    """A document in the register of a session, as Moodle holds it."""

    document: str
    submission: str
    variant: str
    language: str
    filename: str
    size: int
    sha256: str
    answers_sha256: str
    stored: int
    state: DocumentState


@dataclass(frozen=True, slots=True)
class ChangeRecord(Record):
    """A line of Moodle's change sequence: what was done to the thing of that id."""

    seq: int
    kind: ChangeKind
    action: ChangeAction
    session: str
    id: str
    time: int


@dataclass(frozen=True, slots=True)
class DecisionRecord(Record):
    """What a coordinator decided on a signal, on the page of a session."""

    id: str
    session: str
    signal: str
    rule: str
    person: int
    group: int
    occurrences: tuple[str, ...]
    decision: DecisionCode
    note: str
    due: int
    user: int
    name: str
    time: int


def as_json(record: DataclassInstance) -> dict[str, Json]:
    """A record as the contract's JSON object."""
    return {field.name: _plain(getattr(record, field.name)) for field in dataclasses.fields(record)}


def _plain(value: object) -> Json:
    if value is None or isinstance(value, str | int | float | Mapping):
        return value
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return as_json(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
