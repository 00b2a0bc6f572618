"""What either side asks and answers, with types: requests of the plugin, pages, pushed items, receipts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from moodle_bridge.contract.records import (
    ChangeRecord,
    DecisionRecord,
    DocumentRecord,
    SentSubmission,
    SessionRecord,
    Unread,
)
from moodle_bridge.domain.course.model import Role
from moodle_bridge.domain.course.plan import Frequency, Weekend
from moodle_bridge.plain_json import JsonObject, flag, obj, objects, text, texts, whole, word

_FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
_WEEKENDS: tuple[Weekend, ...] = get_args(Weekend)


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """What says no more than which site asks: ``ping`` and ``unpair``."""

    site: str

    @classmethod
    def of(cls, message: JsonObject) -> SiteRequest:
        """Read one."""
        return cls(site=text(message, "site"))


@dataclass(frozen=True, slots=True)
class PairRequest:
    """A site that wants to be paired."""

    site: str
    site_name: str
    language: str
    moodle_release: str
    plugin_release: str
    token: str = field(repr=False)

    @classmethod
    def of(cls, message: JsonObject) -> PairRequest:
        """Read one."""
        return cls(
            site=text(message, "site"),
            site_name=text(message, "site_name"),
            language=text(message, "language"),
            moodle_release=text(message, "moodle_release"),
            plugin_release=text(message, "plugin_release"),
            token=text(message, "token"),
        )


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What the dates of sessions are worked out from. What a site leaves out has the usual value."""

    site: str
    start: str
    end: str
    frequency: Frequency
    interim_count: int | None
    dates: tuple[str, ...]
    fill_days: int
    holidays: tuple[str, ...]
    weekend: Weekend

    @classmethod
    def of(cls, message: JsonObject) -> PlanRequest:
        """Read one."""
        return cls(
            site=text(message, "site"),
            start=text(message, "start"),
            end=text(message, "end"),
            frequency=word(message, "frequency", _FREQUENCIES),
            interim_count=whole(message, "interim_count") if "interim_count" in message else None,
            dates=texts(message, "dates") if "dates" in message else (),
            fill_days=whole(message, "fill_days", 7),
            holidays=texts(message, "holidays") if "holidays" in message else (),
            weekend=word(message, "weekend", _WEEKENDS) if "weekend" in message else "next",
        )


@dataclass(frozen=True, slots=True)
class Webhook:
    """A hint that something changed; ``data`` names it."""

    site: str
    type: str
    data: JsonObject

    @classmethod
    def of(cls, message: JsonObject) -> Webhook:
        """Read one."""
        return cls(site=text(message, "site"), type=text(message, "type"), data=obj(message, "data"))


@dataclass(frozen=True, slots=True)
class SetAsideItem:
    """Something of a session that is set aside by name, as coordinators read it; times in epoch seconds."""

    kind: str
    id: str
    code: str
    severity: str
    reason: Mapping[str, str]
    remedy: Mapping[str, str]
    since: int
    again: int


@dataclass(frozen=True, slots=True)
class SetAsideTaken:
    """Whether what is set aside was taken; not if a higher revision is there."""

    stored: bool

    @classmethod
    def of(cls, answer: JsonObject) -> SetAsideTaken:
        """Read the answer."""
        return cls(stored=flag(answer, "stored"))


@dataclass(frozen=True, slots=True)
class SiteLimits:
    """What a site takes: largest upload and request in bytes, longest run; 0: no limit, or not known."""

    upload: int = 0
    post: int = 0
    seconds: int = 0

    @classmethod
    def of(cls, record: JsonObject) -> SiteLimits:
        """Read them."""
        return cls(whole(record, "upload"), whole(record, "post"), whole(record, "seconds"))


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes after a cursor, with the sessions they name; the answer of ``get_changes``."""

    release: str
    site: str
    feed: str
    cursor: int
    more: bool
    changes: tuple[ChangeRecord, ...]
    sessions: tuple[SessionRecord, ...]
    unread: tuple[Unread, ...] = ()
    time: int = 0
    """Moodle's clock; 0: it did not say."""
    limits: SiteLimits = SiteLimits()
    decisions: tuple[DecisionRecord, ...] = ()

    @classmethod
    def of(cls, answer: JsonObject) -> ChangePage:
        """Read the answer."""
        return cls(
            release=text(answer, "release"),
            site=text(answer, "site"),
            feed=text(answer, "feed"),
            cursor=whole(answer, "cursor"),
            more=flag(answer, "more"),
            changes=tuple(ChangeRecord.of(each) for each in objects(answer, "changes")),
            sessions=tuple(SessionRecord.of(each) for each in objects(answer, "sessions")),
            time=whole(answer, "time", 0),
            limits=SiteLimits.of(obj(answer, "limits")) if "limits" in answer else SiteLimits(),
            decisions=tuple(DecisionRecord.of(each) for each in objects(answer, "decisions"))
            if "decisions" in answer
            else (),
        )


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """Submissions and their sessions, up to the position ``after``; the answer of ``get_submissions``."""

    submissions: tuple[SentSubmission, ...]
    after: int
    more: bool
    sessions: tuple[SessionRecord, ...]
    unread: tuple[Unread, ...] = ()

    @classmethod
    def of(cls, answer: JsonObject) -> SubmissionPage:
        """Read the answer."""
        return cls(
            submissions=tuple(SentSubmission.of(each) for each in objects(answer, "submissions")),
            after=whole(answer, "after"),
            more=flag(answer, "more"),
            sessions=tuple(SessionRecord.of(each) for each in objects(answer, "sessions")),
        )


@dataclass(frozen=True, slots=True)
class DefinitionItem:
    """A form's definition as ``put_definitions`` takes it; ``content`` is JSON text."""

    instrument: str
    version: str
    language: str
    sha256: str
    content: str


@dataclass(frozen=True, slots=True)
class PersonalName:
    """Whose form carried-over rows are for."""

    instrument: str
    user: int
    group: int


@dataclass(frozen=True, slots=True)
class PersonalItem:
    """The carried-over rows of one person's form as ``put_personal`` takes them; ``content`` is JSON text."""

    instrument: str
    user: int
    group: int
    revision: int
    content: str

    @property
    def name(self) -> PersonalName:
        """What names it."""
        return PersonalName(self.instrument, self.user, self.group)


@dataclass(frozen=True, slots=True)
class SummaryName:
    """Whom a summary is for (``user`` 0: the whole audience)."""

    group: int
    audience: Role
    user: int


@dataclass(frozen=True, slots=True)
class SummaryItem:
    """A summary as ``put_summary`` takes it (``user`` 0: the whole audience); ``content`` is JSON text."""

    group: int
    audience: Role
    user: int
    revision: int
    content: str

    @property
    def name(self) -> SummaryName:
        """What names it."""
        return SummaryName(self.group, self.audience, self.user)


@dataclass(frozen=True, slots=True)
class PushPart:
    """What a push is complete for, and which part of it this is."""

    scope: Literal["session", "group"]
    group: int
    revision: int
    part: int
    last: bool


@dataclass(frozen=True, slots=True)
class DefinitionsTaken:
    """How many definitions were new to Moodle, and how many it held; the answer of ``put_definitions``."""

    stored: int
    same: int

    @classmethod
    def of(cls, answer: JsonObject) -> DefinitionsTaken:
        """Read the answer."""
        return cls(stored=whole(answer, "stored"), same=whole(answer, "same"))


@dataclass(frozen=True, slots=True)
class ItemsTaken:
    """How many items Moodle took, ignored because it holds something newer, and withdrew."""

    stored: int
    ignored: int
    withdrawn: int = 0

    @classmethod
    def of(cls, answer: JsonObject) -> ItemsTaken:
        """Read the answer of ``put_personal`` or ``put_summary``."""
        return cls(
            stored=whole(answer, "stored"),
            ignored=whole(answer, "ignored"),
            withdrawn=whole(answer, "withdrawn", 0),
        )


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """Moodle's receipt for a document; the answer of ``store_document``."""

    document: str
    sha256: str
    stored: int

    @classmethod
    def of(cls, answer: JsonObject) -> StoredDocument:
        """Read the answer."""
        return cls(
            document=text(answer, "document"), sha256=text(answer, "sha256"), stored=whole(answer, "stored")
        )


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Documents of a session's register, up to the position ``after``; the answer of ``list_documents``."""

    documents: tuple[DocumentRecord, ...]
    after: int
    more: bool
    unread: tuple[Unread, ...] = ()

    @classmethod
    def of(cls, answer: JsonObject) -> DocumentPage:
        """Read the answer."""
        return cls(
            documents=tuple(DocumentRecord.of(each) for each in objects(answer, "documents")),
            after=whole(answer, "after"),
            more=flag(answer, "more"),
        )
