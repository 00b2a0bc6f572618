"""Pushing into Moodle what its pages show: definitions, carried-over rows, summaries. Only what changed."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, Literal, TypeVar

from moodle_bridge.contract.exchanges import (
    DefinitionItem,
    ItemsTaken,
    PersonalItem,
    PushPart,
    SummaryItem,
)
from moodle_bridge.contract.records import SessionRecord
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.carryover import signed
from moodle_bridge.domain.course.frame import ALL_GROUPS, Frame
from moodle_bridge.domain.course.lookup import instruments_of, unknown_versions
from moodle_bridge.domain.course.model import EVERYBODY, Role, Target
from moodle_bridge.domain.instrument import definition
from moodle_bridge.domain.session import summary
from moodle_bridge.domain.session.view import View
from moodle_bridge.errors import (
    BridgeError,
    MoodleError,
    MoodleRefused,
    StoreError,
    TemplateError,
    UnknownVersion,
)
from moodle_bridge.metrics import step
from moodle_bridge.moodle.client import Client
from moodle_bridge.pdf.program import load
from moodle_bridge.pipeline import hints, stale
from moodle_bridge.pipeline.apart import session_thing, set_aside
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.publish import published
from moodle_bridge.pipeline.state import process_of, session_of
from moodle_bridge.pipeline.variants import variants
from moodle_bridge.plain_json import canonical
from moodle_bridge.remedies import remedy_of
from moodle_bridge.store import aside, facts, pushed, queue, records
from moodle_bridge.store.aside import Thing
from moodle_bridge.store.engine import write
from moodle_bridge.store.pushed import PushTarget
from moodle_bridge.store.queue import Job

log = logging.getLogger(__name__)

BATCH_BYTES = 400_000
"""JSON in one call. Cyrillic grows threefold in a form's encoding, and PHP takes 8 MB by default."""

BATCH_FIELDS = 900
"""Fields of a form in one call: PHP drops those beyond ``max_input_vars`` (1000)."""

ITEM_FIELDS, NAME_FIELDS = 5, 3
"""Fields of an item, and of one that is only named."""

REVISION = "revision"
LEAP_SECONDS, MOST_AHEAD_SECONDS = 3_600, 86_400
"""How far a push goes ahead when Moodle holds something newer, and how far at most ahead of the clock."""

Item = TypeVar("Item", PersonalItem, SummaryItem)


@dataclass(frozen=True, slots=True)
class _Changed(Generic[Item]):
    """An item that Moodle holds otherwise, or not yet."""

    target: PushTarget
    sha256: str
    item: Item


@dataclass(slots=True)
class _Batch(Generic[Item]):
    """What one call says: what has changed, and names of what has not."""

    changed: list[_Changed[Item]] = field(default_factory=list)
    unchanged: list[Item] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a push is to be complete for: a session, or one of its groups (0: all groups together)."""

    session: str
    revision: int
    group: int | None = None

    def held(self, context: Context, kind: Literal["personal", "summary"]) -> dict[PushTarget, str]:
        """SHA-256 of what Moodle holds in it, by target."""
        return {
            target: digest
            for target, digest in pushed.of_session(context.engine, self.session).items()
            if target.startswith(f"{kind}/") and self.group in (None, pushed.group_of(target))
        }

    def part(self, number: int, *, last: bool) -> PushPart:
        """A part of it as the contract says it."""
        return PushPart(
            "session" if self.group is None else "group", self.group or 0, self.revision, number, last
        )


@dataclass(frozen=True, slots=True)
class _Wanted(Generic[Item]):
    """Something that a page shows: its name, and how it is worked out."""

    target: PushTarget
    bare: Item
    content: Callable[[], str]


_Put = Callable[[list[Item], PushPart | None, list[Item]], ItemsTaken]
"""Says to Moodle what has changed, which part of a push this is, and what has not changed."""


def push(context: Context, job: Job) -> None:
    """Handle a ``push`` job: Moodle's tables hold what the domain says about the session now.

    All that the domain says, or what it says of the job's ``group`` alone, or of all groups together (0).
    The revision is taken before the state is read, so that of two pushes the one that saw more wins. It is
    never below the clock's seconds: after a loss of the database it must not begin below what Moodle holds.
    """
    session_id = hints.session_of(job)
    with write(context.engine) as connection:
        revision = facts.next_number(connection, REVISION, int(context.clock()))
    session = records.session(context.engine, session_id)
    if session is None:
        return
    if (
        aside.get(context.engine, session_thing(session)) is not None
        and records.participants(context.engine, session_id) is None
    ):
        return  # nobody knows who takes part: that is no reason to withdraw what they have
    try:
        if not _push_part(context, session, revision, hints.group_of(job), job.trace):
            _leap(context, job, revision)
    except MoodleRefused as error:
        if error.moodle_code != "sessionmissing":
            raise
        with write(context.engine) as connection:  # its tombstone comes with the next sync
            records.delete_session(connection, session_id)
        return
    _warm(context, session)


def _leap(context: Context, job: Job, revision: int) -> None:
    """Moodle holds something newer: after another service was paired, or of a push that ran beside this one.

    Say all again with a revision further ahead; how far Moodle's are ahead it does not tell.
    """
    now = context.clock()
    if revision > now + MOST_AHEAD_SECONDS:
        log.error("session %s: Moodle takes no revision up to %d", hints.session_of(job), revision)
        return
    with write(context.engine) as connection:
        facts.next_number(connection, REVISION, revision + LEAP_SECONDS)
        again = hints.push_job(hints.session_of(job), now, job.trace, group=hints.group_of(job))
        queue.enqueue(connection, again, now)


def _push_part(context: Context, session: SessionRecord, revision: int, part: int | None, trace: str) -> bool:
    """Push everything, or what concerns one group; whether Moodle took it all."""
    client, session_id, course = context.connect(), session.id, session.course
    began = time.thread_time()
    with step("push"):
        push_definitions(context, client, session.instruments)
        only = part or 0
        country = context.settings.plan.country
        state = process_of(
            context.engine, context.catalogue, course, context.clock(), group=only, country=country
        )
        frame = Frame(context.catalogue, state, state.session(session_id), ALL_GROUPS)
        for name, version in unknown_versions(context.catalogue, frame.session):
            log.error(
                "session %s uses %s %s, which is not here; the form is offered to nobody. %s",
                *(session_id, name, version, remedy_of(UnknownVersion.code)["en"]),
            )
        if only and only not in frame.groups:
            return True  # gone since; what took it away has the whole session pushed
        whole = part is None or frame.together
        groups = {EVERYBODY, *frame.groups} if whole else {only}
        frame = published(context, frame, groups, trace)
        scope = _Scope(session_id, revision, None if whole else only)

        def put_personal(
            items: list[PersonalItem], part: PushPart | None, unchanged: list[PersonalItem]
        ) -> ItemsTaken:
            return client.put_personal(session_id, items, part, [each.name for each in unchanged])

        def put_summary(
            items: list[SummaryItem], part: PushPart | None, unchanged: list[SummaryItem]
        ) -> ItemsTaken:
            return client.put_summary(session_id, items, part, [each.name for each in unchanged])

        failing = _Failing(context, session)
        held = scope.held(context, "personal")
        taken = _push(
            context, put_personal, scope, held, _personal(frame, session, groups, revision), failing
        )
        held = scope.held(context, "summary")
        taken &= _push(
            context, put_summary, scope, held, _summaries(frame, session, groups, revision), failing
        )
    if not only:
        with write(context.engine) as connection:
            stale.took(connection, course, time.thread_time() - began)
    return taken


class _Failing:
    """The sections and people of a session that cannot be worked out: set aside by name, one by one."""

    def __init__(self, context: Context, session: SessionRecord) -> None:
        self._context = context
        self._session = session
        self._known = aside.ids(context.engine, session.id, "section")

    def content(self, wanted: _Wanted[Item]) -> str | None:
        """Compute what a page shows; None if that fails."""
        session = self._session
        thing = Thing(session.id, "section", wanted.target, session.course, session.name)
        try:
            content = wanted.content()
        except (StoreError, MoodleError):
            raise
        except Exception as error:
            # Its text may quote an answer: the table keeps its type, the log its type and place.
            log.exception("%s of session %s cannot be worked out", wanted.target, session.id)
            set_aside(self._context, thing, BridgeError.code, type(error).__name__)
            return None
        if wanted.target in self._known:
            with write(self._context.engine) as connection:
                aside.clear(connection, thing)
        return content


def _warm(context: Context, session: SessionRecord) -> None:
    """Parse the session's templates before the first form comes: its author waits for the document."""
    offered = instruments_of(context.catalogue, session_of(session))
    for name in session.instruments:
        if name in offered:
            for variant in variants(offered[name]):
                with suppress(TemplateError):  # reported where the document is made
                    load.load(offered[name], session.language, variant, context.templates, context.adopted)


def push_definitions(context: Context, client: Client, names: Iterable[str] = ()) -> None:
    """Give Moodle the forms it lacks: those with these names, or all, each in every version.

    A site gets them as soon as it is paired, so that its first session can be set up with them.
    """
    held = pushed.of_session(context.engine, pushed.EVERYWHERE)
    changed: list[tuple[PushTarget, DefinitionItem]] = []
    # A session made before its site knew any form names none; Moodle then gives it the usual ones.
    wanted = tuple(names) or tuple(context.catalogue.instruments)
    for instrument in (each for name in wanted for each in context.catalogue.versions(name)):
        for language in context.catalogue.languages:
            content = definition.definition(context.catalogue, instrument, language)
            target = pushed.definition_target(instrument.id, instrument.version, language)
            digest = definition.digest(content)
            if held.get(target) != digest:
                entry = DefinitionItem(
                    instrument=instrument.id,
                    version=instrument.version,
                    language=language,
                    sha256=digest,
                    content=canonical(content),
                )
                changed.append((target, entry))
    if not changed:
        return
    client.put_definitions([entry for _, entry in changed])
    with write(context.engine) as connection:
        for target, entry in changed:
            pushed.note(connection, pushed.EVERYWHERE, target, entry.sha256, 0)


def _personal(
    frame: Frame, session: SessionRecord, groups: set[int], revision: int
) -> Iterator[_Wanted[PersonalItem]]:
    shared = _shared(frame)
    for target in carryover.expected(frame.in_group(min(groups))):
        if target.group not in groups:
            continue  # everybody's forms are pushed, not those of each group
        instrument = frame.catalogue.instruments[target.instrument]
        seen = frame if instrument.respondent == "coordinator" else shared
        yield _Wanted(
            pushed.personal_target(target.instrument, target.person, target.group),
            PersonalItem(target.instrument, target.person, target.group, revision, ""),
            partial(_rows, seen, target, session.language),
        )


def _rows(frame: Frame, target: Target, language: str) -> str:
    return canonical(carryover.personal(frame, target, language))


def _shared(frame: Frame) -> Frame:
    """The frame as far as mentors and mentees of a session without groups may read it."""
    return replace(frame, state=frame.state.shared(frame.session.id)) if frame.together else frame


def _summaries(
    frame: Frame, session: SessionRecord, groups: set[int], revision: int
) -> Iterator[_Wanted[SummaryItem]]:
    """For coordinators (of all groups too) and mentors of each group, and for each mentee."""

    shared = _shared(frame)

    def summed_up(group: int, audience: Role, user: int = 0) -> _Wanted[SummaryItem]:
        seen = frame if audience == "coordinator" else shared

        def content() -> str:
            view = View.of(seen.in_group(group), audience, session.language, user)
            told = summary.summary(view)
            return canonical(told if audience != "coordinator" else {**told, "changed": signed.changed(view)})

        target = pushed.summary_target(audience, group, user)
        return _Wanted(target, SummaryItem(group, audience, user, revision, ""), content)

    for group in sorted(groups):
        yield summed_up(group, "coordinator")
    for group in sorted(groups.intersection(frame.groups)):
        yield summed_up(group, "mentor")
        # To whom it is shown now, not who was expected then.
        for mentee in frame.state.members(group, "mentee"):
            yield summed_up(group, "mentee", mentee.id)


def _push(
    context: Context,
    put: _Put[Item],
    scope: _Scope,
    held: dict[PushTarget, str],
    items: Iterator[_Wanted[Item]],
    failing: _Failing,
) -> bool:
    """Say what has changed; all there is where something is gone, or where nothing says what Moodle holds.

    What a push of a whole session says is always all there is. What cannot be worked out is named unchanged.
    Whether Moodle took it all.
    """
    changed: list[_Changed[Item]] = []
    unchanged: list[Item] = []
    gone = set(held)
    for wanted in items:
        gone.discard(wanted.target)
        content = failing.content(wanted)
        digest = "" if content is None else hashlib.sha256(content.encode()).hexdigest()
        if content is None or held.get(wanted.target) == digest:
            unchanged.append(wanted.bare)
        else:
            changed.append(_Changed(wanted.target, digest, replace(wanted.bare, content=content)))
    if not changed and not gone:
        return True
    taken = True
    complete = bool(gone) or not held or scope.group is None
    batches = list(_batches(changed, unchanged if complete else [])) or [_Batch[Item]()]
    for number, batch in enumerate(batches, start=1):
        part = scope.part(number, last=number == len(batches)) if complete else None
        if put([each.item for each in batch.changed], part, batch.unchanged).ignored:
            taken = False  # Moodle holds something newer: a push with a higher revision says it again
            continue
        with write(context.engine) as connection:
            for each in batch.changed:
                pushed.note(connection, scope.session, each.target, each.sha256, scope.revision)
    with write(context.engine) as connection:
        for target in gone:
            pushed.withdraw(connection, scope.session, target)
    return taken


def _batches(changed: list[_Changed[Item]], unchanged: list[Item]) -> Iterator[_Batch[Item]]:
    batch: _Batch[Item] = _Batch()
    size = fields = 0
    for each in changed:
        length = len(each.item.content.encode())
        if batch.changed and (size + length > BATCH_BYTES or fields + ITEM_FIELDS > BATCH_FIELDS):
            yield batch
            batch, size, fields = _Batch(), 0, 0
        batch.changed.append(each)
        size += length
        fields += ITEM_FIELDS
    for item in unchanged:
        if fields + NAME_FIELDS > BATCH_FIELDS:
            yield batch
            batch, fields = _Batch(), 0
        batch.unchanged.append(item)
        fields += NAME_FIELDS
    if batch.changed or batch.unchanged:
        yield batch
