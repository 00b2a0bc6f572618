"""Pushing into Moodle what its pages show: definitions, carried-over rows, summaries. Only what changed."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
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
from moodle_bridge.domain.course.frame import ALL_GROUPS, Frame
from moodle_bridge.domain.course.lookup import instruments_of, unknown_versions
from moodle_bridge.domain.course.model import EVERYBODY, Role
from moodle_bridge.domain.instrument import definition
from moodle_bridge.domain.session import summary
from moodle_bridge.domain.session.view import View
from moodle_bridge.errors import MoodleRefused, TemplateError, UnknownVersion
from moodle_bridge.metrics import step
from moodle_bridge.moodle.client import Client
from moodle_bridge.pdf.program import load
from moodle_bridge.pipeline import hints, stale
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.publish import published
from moodle_bridge.pipeline.state import process_of, session_of
from moodle_bridge.pipeline.variants import variants
from moodle_bridge.plain_json import canonical
from moodle_bridge.store import facts, pushed, records
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
    try:
        _push_part(context, session, revision, hints.group_of(job), job.trace)
    except MoodleRefused as error:
        if error.moodle_code != "sessionmissing":
            raise
        with write(context.engine) as connection:  # its tombstone comes with the next sync
            records.delete_session(connection, session_id)
        return
    _warm(context, session)


def _push_part(context: Context, session: SessionRecord, revision: int, part: int | None, trace: str) -> None:
    client, session_id, course = context.connect(), session.id, session.course
    began = time.thread_time()
    with step("push"):
        push_definitions(context, client, session.instruments)
        only = part or 0
        state = process_of(context.engine, context.catalogue, course, context.clock(), group=only)
        frame = Frame(context.catalogue, state, state.session(session_id), ALL_GROUPS)
        for name, version in unknown_versions(context.catalogue, frame.session):
            log.error(
                "session %s uses %s %s, which is not here; the form is offered to nobody. %s",
                *(session_id, name, version, UnknownVersion.remedy["en"]),
            )
        if only and only not in frame.groups:
            return  # gone since; what took it away has the whole session pushed
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

        held = scope.held(context, "personal")
        _push(context, put_personal, scope, held, _personal(frame, session, groups, revision))
        held = scope.held(context, "summary")
        _push(context, put_summary, scope, held, _summaries(frame, session, groups, revision))
    if not only:
        with write(context.engine) as connection:
            stale.took(connection, course, time.thread_time() - began)


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
) -> Iterator[tuple[PushTarget, PersonalItem]]:
    shared = _shared(frame)
    for target in carryover.expected(frame.in_group(min(groups))):
        if target.group not in groups:
            continue  # everybody's forms are pushed, not those of each group
        instrument = frame.catalogue.instruments[target.instrument]
        seen = frame if instrument.respondent == "coordinator" else shared
        content = carryover.personal(seen, target, session.language)
        yield (
            pushed.personal_target(target.instrument, target.person, target.group),
            PersonalItem(target.instrument, target.person, target.group, revision, canonical(content)),
        )


def _shared(frame: Frame) -> Frame:
    """The frame as far as mentors and mentees of a session without groups may read it."""
    return replace(frame, state=frame.state.shared(frame.session.id)) if frame.together else frame


def _summaries(
    frame: Frame, session: SessionRecord, groups: set[int], revision: int
) -> Iterator[tuple[PushTarget, SummaryItem]]:
    """For coordinators (of all groups too) and mentors of each group, and for each mentee."""

    shared = _shared(frame)

    def summed_up(group: int, audience: Role, user: int = 0) -> tuple[PushTarget, SummaryItem]:
        seen = frame if audience == "coordinator" else shared
        content = summary.summary(View.of(seen.in_group(group), audience, session.language, user))
        return (
            pushed.summary_target(audience, group, user),
            SummaryItem(group, audience, user, revision, canonical(content)),
        )

    for group in sorted(groups):
        yield summed_up(group, "coordinator")
    for group in sorted(groups.intersection(frame.groups)):
        yield summed_up(group, "mentor")
        for mentee in frame.in_group(group).members("mentee"):
            yield summed_up(group, "mentee", mentee.id)


def _push(
    context: Context,
    put: _Put[Item],
    scope: _Scope,
    held: dict[PushTarget, str],
    items: Iterator[tuple[PushTarget, Item]],
) -> None:
    """Say what has changed; all there is where something is gone, or where nothing says what Moodle holds.

    What a push of a whole session says is always all there is.
    """
    changed: list[_Changed[Item]] = []
    unchanged: list[Item] = []
    gone = set(held)
    for target, item in items:
        gone.discard(target)
        digest = hashlib.sha256(item.content.encode()).hexdigest()
        if held.get(target) == digest:
            unchanged.append(item)
        else:
            changed.append(_Changed(target, digest, item))
    if not changed and not gone:
        return
    complete = bool(gone) or not held or scope.group is None
    batches = list(_batches(changed, unchanged if complete else [])) or [_Batch[Item]()]
    for number, batch in enumerate(batches, start=1):
        part = scope.part(number, last=number == len(batches)) if complete else None
        if put([each.item for each in batch.changed], part, batch.unchanged).ignored:
            continue  # Moodle holds something newer: the next push has a higher revision and says it again
        with write(context.engine) as connection:
            for each in batch.changed:
                pushed.note(connection, scope.session, each.target, each.sha256, scope.revision)
    with write(context.engine) as connection:
        for target in gone:
            pushed.withdraw(connection, scope.session, target)


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
