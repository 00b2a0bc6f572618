"""Pushing into Moodle what its pages show: definitions, carried-over rows, summaries. Only what changed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from moodle_bridge import courtesy
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.model import Process
from moodle_bridge.domain.instrument import definition
from moodle_bridge.domain.session import summary
from moodle_bridge.errors import MoodleRefused, TemplateError
from moodle_bridge.metrics import step
from moodle_bridge.moodle.client import Client
from moodle_bridge.pdf.program import load
from moodle_bridge.pipeline import stale
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.state import process_of
from moodle_bridge.pipeline.variants import variants
from moodle_bridge.store import facts, records
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job
from moodle_bridge.store.records import Record

BATCH_BYTES = 400_000
"""JSON in one call. Cyrillic grows threefold in a form's encoding, and PHP takes 8 MB by default."""

BATCH_ITEMS = 150
"""Items in one call, each five fields of a form: PHP drops those beyond ``max_input_vars`` (1000)."""

EVERYWHERE = ""
"""Definitions belong to no session; what one session brought, the others have too."""

REVISION = "revision"
Item = dict[str, Any]


def push(context: Context, job: Job) -> None:
    """Handle a ``push`` job: Moodle's tables hold what the domain says about the session now.

    All that the domain says, or what it says of the job's ``group`` alone, or of all groups together (0).
    The revision is taken before the state is read, so that of two pushes the one that saw more wins. It is
    never below the clock's seconds: after a loss of the database it must not begin below what Moodle holds.
    """
    session_id = str(job.payload["session"])
    with write(context.engine) as connection:
        revision = facts.next_number(connection, REVISION, int(context.clock()))
    session = records.session(context.engine, session_id)
    if session is None:
        return
    try:
        _push_part(context, session, revision, job.payload.get("group"))
    except MoodleRefused as error:
        if error.moodle_code != "sessionmissing":
            raise
        with write(context.engine) as connection:  # its tombstone comes with the next sync
            records.delete_session(connection, session_id)
        return
    _warm(context, session)


def _push_part(context: Context, session: Record, revision: int, part: str | int | None) -> None:
    client, session_id, course = context.connect(), session["id"], session["course"]
    began = time.thread_time()
    with step("push"):
        push_definitions(context, client, session["instruments"])
        only = int(part or 0)
        state = process_of(context.engine, context.catalogue, course, context.clock(), group=only)
        places = state.places(state.session(session_id))
        if only and only not in places:
            return  # gone since; what took it away has the whole session pushed
        groups = {0, *places} if part is None or places == (0,) else {only}
        _push(context, client.put_personal, session_id, revision, _personal(context, state, session, groups))
        _push(context, client.put_summary, session_id, revision, _summaries(context, state, session, groups))
    if not only:
        with write(context.engine) as connection:
            stale.took(connection, course, time.thread_time() - began)


def _warm(context: Context, session: Record) -> None:
    """Parse the session's templates before the first form comes: its author waits for the document."""
    for name in session["instruments"]:
        instrument = context.catalogue.instruments.get(name)
        if instrument is not None:
            for variant in variants(instrument):
                with suppress(TemplateError):  # reported where the document is made
                    load.load(instrument, session["language"], variant, context.templates)


def push_definitions(context: Context, client: Client, names: Iterable[str] = ()) -> None:
    """Give Moodle the forms it lacks: those with these names, or all.

    A site gets them as soon as it is paired, so that its first session can be set up with them.
    """
    held = records.pushed(context.engine, EVERYWHERE)
    changed: list[tuple[str, Item]] = []
    # A session made before its site knew any form names none; Moodle then gives it the usual ones.
    for name in names or tuple(context.catalogue.instruments):
        if name not in context.catalogue.instruments:
            continue
        for language in context.catalogue.languages:
            content = definition.definition(context.catalogue, context.catalogue.instruments[name], language)
            target, digest = f"definition/{name}/{language}", definition.digest(content)
            if held.get(target, ("",))[0] != digest:
                entry = {
                    "instrument": name,
                    "version": context.catalogue.instruments[name].version,
                    "language": language,
                    "sha256": digest,
                    "content": _canonical(content),
                }
                changed.append((target, entry))
    if not changed:
        return
    client.put_definitions([entry for _, entry in changed])
    with write(context.engine) as connection:
        for target, entry in changed:
            records.was_pushed(connection, EVERYWHERE, target, entry["sha256"], 0)


def _personal(
    context: Context, state: Process, session: Record, groups: set[int]
) -> Iterator[tuple[str, Item, Any]]:
    for target in carryover.expected(context.catalogue, state, state.session(session["id"]), groups):
        content = carryover.personal(context.catalogue, state, target, session["language"])
        address = {"instrument": target.instrument, "user": target.person, "group": target.group}
        yield f"personal/{target.instrument}/{target.person}/{target.group}", address, content


def _summaries(
    context: Context, state: Process, session: Record, groups: set[int]
) -> Iterator[tuple[str, Item, Any]]:
    """For coordinators (of all groups too) and mentors of each group, and for each mentee."""
    held = state.session(session["id"])
    sum_up = partial(summary.summary, context.catalogue, state, held)
    language = session["language"]
    for group in sorted(groups):
        yield _summary(group, "coordinator", 0, sum_up(group, "coordinator", language))
    for group in sorted(groups.intersection(state.places(held))):
        yield _summary(group, "mentor", 0, sum_up(group, "mentor", language))
        for mentee in state.members(group, "mentee"):
            content = sum_up(group, "mentee", language, mentee.id)
            yield _summary(group, "mentee", mentee.id, content)


def _summary(group: int, audience: str, user: int, content: Any) -> tuple[str, Item, Any]:
    return f"summary/{audience}/{group}/{user}", {"group": group, "audience": audience, "user": user}, content


def _push(
    context: Context,
    put: Callable[[str, list[Item]], Any],
    session: str,
    revision: int,
    items: Iterator[tuple[str, Item, Any]],
) -> None:
    held = records.pushed(context.engine, session)
    changed: list[tuple[str, str, Item]] = []
    for target, address, content in items:
        courtesy.give_way()
        text = _canonical(content)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if held.get(target, ("",))[0] != digest:
            changed.append((target, digest, {**address, "revision": revision, "content": text}))
    for batch in _batches(changed):
        if put(session, [item for _, _, item in batch])["ignored"]:
            continue  # Moodle holds something newer: the next push has a higher revision and says it again
        with write(context.engine) as connection:
            for target, digest, _ in batch:
                records.was_pushed(connection, session, target, digest, revision)


def _batches(changed: list[tuple[str, str, Item]]) -> Iterator[list[tuple[str, str, Item]]]:
    batch: list[tuple[str, str, Item]] = []
    size = 0
    for entry in changed:
        length = len(entry[2]["content"].encode())
        if batch and (size + length > BATCH_BYTES or len(batch) == BATCH_ITEMS):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
