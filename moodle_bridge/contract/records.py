"""The contract's records with types: session, person, submission, document and change.

Made where a message comes in (Moodle's answers, the store's rows), so that a misspelt name is an error of the
type checker. Fields have the names that the schemas give them; ``of`` reads what a schema describes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from moodle_bridge.domain.course.model import Role
from moodle_bridge.domain.instrument.model import SessionKind
from moodle_bridge.plain_json import (
    Json,
    JsonObject,
    flag,
    obj,
    objects,
    parsed_object,
    text,
    texts,
    whole,
    wholes,
    word,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

GroupMode = Literal["none", "separate", "visible"]
SubmissionState = Literal["submitted", "reopened", "superseded"]
DocumentState = Literal["current", "superseded", "erased"]
ChangeKind = Literal["session", "submission", "participants", "erasure", "decision", "confirmation", "pack"]
DecisionCode = Literal["talked", "measure", "watching", "unfounded", "settled"]
ChangeAction = Literal["saved", "closed", "deleted"]

_KINDS: tuple[SessionKind, ...] = get_args(SessionKind)
_ROLES: tuple[Role, ...] = get_args(Role)
_GROUP_MODES: tuple[GroupMode, ...] = get_args(GroupMode)
_SUBMISSION_STATES: tuple[SubmissionState, ...] = get_args(SubmissionState)
_DOCUMENT_STATES: tuple[DocumentState, ...] = get_args(DocumentState)
_DECISIONS: tuple[DecisionCode, ...] = get_args(DecisionCode)
_CHANGE_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)
_CHANGE_ACTIONS: tuple[ChangeAction, ...] = get_args(ChangeAction)


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
class Group:
    """A group of the course."""

    id: int
    name: str
    gone: int = 0

    @classmethod
    def of(cls, record: JsonObject) -> Group:
        """Read one."""
        return cls(id=whole(record, "id"), name=text(record, "name"), gone=whole(record, "gone", 0))


@dataclass(frozen=True, slots=True)
class Extension:
    """One person's own deadline in a session."""

    user: int
    due: int

    @classmethod
    def of(cls, record: JsonObject) -> Extension:
        """Read one."""
        return cls(user=whole(record, "user"), due=whole(record, "due"))


@dataclass(frozen=True, slots=True)
class InstrumentVersion:
    """The version of an instrument that a session uses."""

    instrument: str
    version: str

    @classmethod
    def of(cls, record: JsonObject) -> InstrumentVersion:
        """Read one."""
        return cls(instrument=text(record, "instrument"), version=text(record, "version"))


@dataclass(frozen=True, slots=True)
class SessionRecord:
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

    @classmethod
    def of(cls, record: JsonObject) -> SessionRecord:
        """Read a ``common#session``."""
        own_deadlines = objects(record, "extensions") if "extensions" in record else ()
        versions = objects(record, "versions") if "versions" in record else ()
        return cls(
            id=text(record, "id"),
            course=whole(record, "course"),
            course_name=text(record, "course_name"),
            cmid=whole(record, "cmid"),
            name=text(record, "name"),
            number=whole(record, "number"),
            kind=word(record, "kind", _KINDS),
            language=text(record, "language"),
            timezone=text(record, "timezone"),
            opens=whole(record, "opens"),
            due=whole(record, "due"),
            closed=whole(record, "closed"),
            instruments=texts(record, "instruments"),
            groupmode=word(record, "groupmode", _GROUP_MODES),
            groups=tuple(Group.of(each) for each in objects(record, "groups")),
            origin=text(record, "origin"),
            modified=whole(record, "modified"),
            extensions=tuple(Extension.of(each) for each in own_deadlines),
            closes=whole(record, "closes", 0),
            fixed=whole(record, "fixed", 0),
            admitted=wholes(record, "admitted") if "admitted" in record else (),
            versions=tuple(InstrumentVersion.of(each) for each in versions),
        )


@dataclass(frozen=True, slots=True)
class SubmissionRecord:
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
    def of(cls, record: JsonObject, problems: tuple[str, ...] = ()) -> SubmissionRecord:
        """Read a ``common#submission`` whose answers and carried rows are parsed."""
        return cls(
            id=text(record, "id"),
            session=text(record, "session"),
            instrument=text(record, "instrument"),
            instrument_version=text(record, "instrument_version"),
            definition_sha256=text(record, "definition_sha256"),
            language=text(record, "language"),
            group=whole(record, "group"),
            group_name=text(record, "group_name"),
            respondent=whole(record, "respondent"),
            respondent_name=text(record, "respondent_name"),
            respondent_role=word(record, "respondent_role", _ROLES),
            version=whole(record, "version"),
            state=word(record, "state", _SUBMISSION_STATES),
            submitted=whole(record, "submitted"),
            origin=text(record, "origin"),
            answers=obj(record, "answers"),
            carried=obj(record, "carried"),
            problems=problems,
        )


@dataclass(frozen=True, slots=True)
class SentSubmission:
    """A submission as it travels: answers and carried rows are JSON texts, which may be unreadable."""

    id: str
    session: str
    record: JsonObject

    @classmethod
    def of(cls, record: JsonObject) -> SentSubmission:
        """Read a ``common#submission``."""
        return cls(id=text(record, "id"), session=text(record, "session"), record=record)

    def read(self) -> SubmissionRecord:
        """Parse what it says; :class:`WrongField` if answers or carried rows are not an object."""
        parsed = {name: parsed_object(text(self.record, name), name) for name in ("answers", "carried")}
        return SubmissionRecord.of({**self.record, **parsed})


@dataclass(frozen=True, slots=True)
class StretchRecord:
    """A stretch of time in one role and group (0: without group); ``until`` 0: still there."""

    role: Role
    group: int
    since: int
    until: int
    why: str = ""

    @classmethod
    def of(cls, record: JsonObject) -> StretchRecord:
        """Read a ``common#roster``."""
        return cls(
            role=word(record, "role", _ROLES),
            group=whole(record, "group"),
            since=whole(record, "since"),
            until=whole(record, "until"),
            why=text(record, "why") if "why" in record else "",
        )


@dataclass(frozen=True, slots=True)
class PersonRecord:
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

    @classmethod
    def of(cls, record: JsonObject) -> PersonRecord:
        """Read one of the people whom ``get_participants`` answers."""
        return cls(
            id=whole(record, "id"),
            name=text(record, "name"),
            roles=tuple(word({"roles": each}, "roles", _ROLES) for each in texts(record, "roles")),
            groups=wholes(record, "groups"),
            language=text(record, "language"),
            active=flag(record, "active"),
            joined=whole(record, "joined", 0),
            roster=tuple(StretchRecord.of(each) for each in objects(record, "roster"))
            if "roster" in record
            else (),
            expected=flag(record, "expected") if "expected" in record else True,
            left=whole(record, "left", 0),
            why=text(record, "why") if "why" in record else "",
            all_groups=flag(record, "all_groups") if "all_groups" in record else True,
        )


@dataclass(frozen=True, slots=True)
class ParticipantsRecord:
    """Who takes part in a session, and in which groups now."""

    session: str
    groupmode: GroupMode
    groups: tuple[Group, ...]
    participants: tuple[PersonRecord, ...]
    fixed: int = 0

    @classmethod
    def of(cls, record: JsonObject) -> ParticipantsRecord:
        """Read the answer of ``get_participants``."""
        return cls(
            session=text(record, "session"),
            groupmode=word(record, "groupmode", _GROUP_MODES),
            groups=tuple(Group.of(each) for each in objects(record, "groups")),
            participants=tuple(PersonRecord.of(each) for each in objects(record, "participants")),
            fixed=whole(record, "fixed", 0),
        )


@dataclass(frozen=True, slots=True)
class DocumentRecord:
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

    @classmethod
    def of(cls, record: JsonObject) -> DocumentRecord:
        """Read one of the documents that ``list_documents`` answers."""
        return cls(
            document=text(record, "document"),
            submission=text(record, "submission"),
            variant=text(record, "variant"),
            language=text(record, "language"),
            filename=text(record, "filename"),
            size=whole(record, "size"),
            sha256=text(record, "sha256"),
            answers_sha256=text(record, "answers_sha256"),
            stored=whole(record, "stored"),
            state=word(record, "state", _DOCUMENT_STATES),
        )


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A line of Moodle's change sequence: what was done to the thing of that id."""

    seq: int
    kind: ChangeKind
    action: ChangeAction
    session: str
    id: str
    time: int

    @classmethod
    def of(cls, record: JsonObject) -> ChangeRecord:
        """Read one."""
        return cls(
            seq=whole(record, "seq"),
            kind=word(record, "kind", _CHANGE_KINDS),
            action=word(record, "action", _CHANGE_ACTIONS),
            session=text(record, "session"),
            id=text(record, "id"),
            time=whole(record, "time"),
        )


@dataclass(frozen=True, slots=True)
class DecisionRecord:
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

    @classmethod
    def of(cls, record: JsonObject) -> DecisionRecord:
        """Read a ``common#decision``."""
        return cls(
            id=text(record, "id"),
            session=text(record, "session"),
            signal=text(record, "signal"),
            rule=text(record, "rule"),
            person=whole(record, "person"),
            group=whole(record, "group"),
            occurrences=texts(record, "occurrences"),
            decision=word(record, "decision", _DECISIONS),
            note=text(record, "note"),
            due=whole(record, "due"),
            user=whole(record, "user"),
            name=text(record, "name"),
            time=whole(record, "time"),
        )


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
