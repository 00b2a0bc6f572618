"""What either side asks and answers, with types: requests of the plugin, pages, pushed items, receipts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from moodle_bridge.contract.reading import Record, ours
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
from moodle_bridge.plain_json import JsonObject


@dataclass(frozen=True, slots=True)
class SiteRequest(Record):
    """What says no more than which site asks: ``ping`` and ``unpair``."""

    site: str


@dataclass(frozen=True, slots=True)
class PairRequest(Record):
    """A site that wants to be paired."""

    site: str
    site_name: str
    language: str
    moodle_release: str
    plugin_release: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PlanRequest(Record):
    """What the dates of sessions are worked out from. What a site leaves out has the usual value."""

    site: str
    start: str
    end: str
    frequency: Frequency
    interim_count: int | None = None
    dates: tuple[str, ...] = ()
    fill_days: int = 7
    holidays: tuple[str, ...] = ()
    weekend: Weekend = "next"


@dataclass(frozen=True, slots=True)
class Webhook(Record):
    """A hint that something changed; ``data`` names it."""

    site: str
    type: str
    data: JsonObject


@dataclass(frozen=True, slots=True)
class SetAsideItem:
    """Something of a session that is set aside by name; ``content`` is the text of a ``thing``."""

    content: str


@dataclass(frozen=True, slots=True)
class SetAsideTaken(Record):
    """Whether what is set aside was taken; not if a higher revision is there."""

    stored: bool


@dataclass(frozen=True, slots=True)
class SiteLimits(Record):
    """What a site takes: largest upload and request in bytes, longest run; 0: no limit, or not known."""

    upload: int = 0
    post: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class ChangePage(Record):
    """Changes after a cursor, with the sessions they name; the answer of ``get_changes``."""

    release: str
    site: str
    feed: str
    cursor: int
    more: bool
    changes: tuple[ChangeRecord, ...]
    sessions: tuple[SessionRecord, ...]
    unread: tuple[Unread, ...] = ours(())
    time: int = 0
    """Moodle's clock; 0: it did not say."""
    limits: SiteLimits = SiteLimits()
    decisions: tuple[DecisionRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmissionPage(Record):
    """Submissions and their sessions, up to the position ``after``; the answer of ``get_submissions``."""

    submissions: tuple[SentSubmission, ...]
    after: int
    more: bool
    sessions: tuple[SessionRecord, ...]
    unread: tuple[Unread, ...] = ours(())


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
class DefinitionsTaken(Record):
    """How many definitions were new to Moodle, and how many it held; the answer of ``put_definitions``."""

    stored: int
    same: int


@dataclass(frozen=True, slots=True)
class ItemsTaken(Record):
    """How many items Moodle took, ignored because it holds something newer, and withdrew."""

    stored: int
    ignored: int
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class StoredDocument(Record):
    """Moodle's receipt for a document; the answer of ``store_document``."""

    document: str
    sha256: str
    stored: int


@dataclass(frozen=True, slots=True)
class DocumentPage(Record):
    """Documents of a session's register, up to the position ``after``; the answer of ``list_documents``."""

    documents: tuple[DocumentRecord, ...]
    after: int
    more: bool
    unread: tuple[Unread, ...] = ours(())
