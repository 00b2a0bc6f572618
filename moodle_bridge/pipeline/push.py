"""Pushing into Moodle what its pages show: definitions, carried-over rows, summaries. Only what changed."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from moodle_bridge.contract.exchanges import DefinitionItem, ItemsTaken, PersonalItem, SummaryItem
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

BATCH_ITEMS = 150
"""Items in one call, each five fields of a form: PHP drops those beyond ``max_input_vars`` (1000)."""

REVISION = "revision"
Item = TypeVar("Item", PersonalItem, SummaryItem)


@dataclass(frozen=True, slots=True)
class _Changed(Generic[Item]):
    """An item that Moodle holds otherwise, or not yet."""

    target: PushTarget
    sha256: str
    item: Item


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
        groups = {EVERYBODY, *frame.groups} if part is None or frame.together else {only}
        frame = published(context, frame, groups, trace)
        _push(
            context,
            client.put_personal,
            session_id,
            revision,
            _personal(frame, session, groups, revision),
        )
        _push(
            context,
            client.put_summary,
            session_id,
            revision,
            _summaries(frame, session, groups, revision),
        )
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
    put: Callable[[str, list[Item]], ItemsTaken],
    session: str,
    revision: int,
    items: Iterator[tuple[PushTarget, Item]],
) -> None:
    held = pushed.of_session(context.engine, session)
    changed: list[_Changed[Item]] = []
    for target, item in items:
        digest = hashlib.sha256(item.content.encode()).hexdigest()
        if held.get(target) != digest:
            changed.append(_Changed(target, digest, item))
    for batch in _batches(changed):
        if put(session, [each.item for each in batch]).ignored:
            continue  # Moodle holds something newer: the next push has a higher revision and says it again
        with write(context.engine) as connection:
            for each in batch:
                pushed.note(connection, session, each.target, each.sha256, revision)


def _batches(changed: list[_Changed[Item]]) -> Iterator[list[_Changed[Item]]]:
    batch: list[_Changed[Item]] = []
    size = 0
    for each in changed:
        length = len(each.item.content.encode())
        if batch and (size + length > BATCH_BYTES or len(batch) == BATCH_ITEMS):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += length
    if batch:
        yield batch
