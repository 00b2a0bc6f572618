"""Comparing what is here with what Moodle holds: sessions, forms, documents and their hashes.

Whatever should have told of a change may have been lost: a hint, a job that was dropped, a backup put back.
Differences are mended (read again, forgotten, archived anew) or, where only people can decide, told. What is
being worked on is no difference. Answers are compared as they are kept, tidied.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from moodle_bridge.contract.records import DocumentRecord, SessionRecord, SubmissionRecord
from moodle_bridge.domain.answers.tidy import normalise
from moodle_bridge.errors import AnswersRefused
from moodle_bridge.moodle.client import Client
from moodle_bridge.pipeline import hints, stale
from moodle_bridge.pipeline.apart import Apart, session_thing, set_unread_aside
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.restore import document_of, document_pages, form_pages, sessions_of
from moodle_bridge.pipeline.sessions import put_people, read_session
from moodle_bridge.pipeline.variants import is_archived
from moodle_bridge.plain_json import Json, WrongField
from moodle_bridge.store import documents, facts, pairing, queue, records
from moodle_bridge.store.documents import Document
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job

log = logging.getLogger(__name__)

COMPARED = "compared"
"""The fact when was compared last, and what came of it."""

MOST_TOLD = 100
"""So many differences are kept by name."""

Kind = Literal["session", "submission", "document"]
Outcome = Literal["read again", "forgotten", "archived anew", "told"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What was not the same on both sides, and what was done about it."""

    kind: Kind
    id: str
    session: str
    why: str
    outcome: Outcome


@dataclass(slots=True)
class _Session:
    """What was found in one session."""

    found: list[Difference] = field(default_factory=list)
    session: str = ""

    def add(
        self, kind: Literal["session", "submission", "document"], identifier: str, why: str, outcome: Outcome
    ) -> None:
        self.found.append(Difference(kind, identifier, self.session, why, outcome))
        log.warning("%s %s of session %s: %s: %s", kind, identifier, self.session, why, outcome)


def compare_job(context: Context, job: Job) -> None:
    """Handle a ``compare`` job: afterwards both sides agree, or it is told where they do not."""
    if pairing.current(context.engine) is not None:
        compare(context, job.trace)


def compare(
    context: Context, trace: str = "", *, tell: Callable[[int, int], None] | None = None
) -> list[Difference]:
    """Compare everything, session by session; what differed.

    Beside a running worker it is harmless. ``tell`` is given the number of sessions done, and of all. Raises
    what is wrong with the site as a whole; a session that cannot be compared is set aside.
    """
    client = context.connect()
    apart = Apart(context)
    known = {session.id for session in records.sessions(context.engine)}
    held, unread = sessions_of(client)
    found: list[Difference] = []
    gone = known - {session.id for session in held} - {each.id for each in unread}
    if all(each.id for each in unread):
        for identifier in sorted(gone):
            found.append(Difference("session", identifier, identifier, "not in Moodle", "forgotten"))
            with write(context.engine) as connection:
                records.delete_session(connection, identifier)
    for done, session in enumerate(held, start=1):
        with apart.each(session_thing(session)):
            found += _compare_session(context, client, session, trace)
        if tell is not None:
            tell(done, len(held))
    _note(context, found)
    return found


def _note(context: Context, found: Iterable[Difference]) -> None:
    """Remember when was compared, how much differed, and what only people can decide."""
    numbers: dict[str, int] = {}
    told: list[Json] = []
    for each in found:
        numbers[each.outcome] = numbers.get(each.outcome, 0) + 1
        if each.outcome == "told" and len(told) < MOST_TOLD:
            told.append({f.name: getattr(each, f.name) for f in dataclasses.fields(each)})
    with write(context.engine) as connection:
        facts.put(connection, COMPARED, {"at": context.clock(), "numbers": numbers, "told": told})


def _compare_session(
    context: Context, client: Client, session: SessionRecord, trace: str
) -> list[Difference]:
    seen = _Session(session=session.id)
    before = records.session(context.engine, session.id), records.participants(context.engine, session.id)
    people = read_session(context, client, session, people=True)
    if people is not None:
        session = replace(session, groupmode=people.groupmode, groups=people.groups)
    if before != (session, people):
        why = "not known here" if before[0] is None else "not as Moodle holds it"
        seen.add("session", session.id, why, "read again")
        with write(context.engine) as connection:
            records.put_session(connection, session)
            if people is not None:
                put_people(connection, people)
            stale.sessions(connection, [session.id], context.clock(), trace)
    _compare_forms(context, client, session, seen, trace)
    held = _compare_documents(context, client, session, seen)
    _compare_with_documents(context, session, held, seen, trace)
    return seen.found


def _compare_forms(
    context: Context, client: Client, session: SessionRecord, seen: _Session, trace: str
) -> None:
    """Forms here and in Moodle, page by page."""
    before = records.submission_ids(context.engine, session.id)  # what comes meanwhile is no difference
    there: set[str] = set()
    unread = False
    touched: list[str] = []
    for page in form_pages(client, session.id):
        set_unread_aside(context, [each for each in page.unread if each.list == "submissions"], session)
        unread |= any(each.list == "submissions" and not each.id for each in page.unread)
        there |= {each.id for each in page.submissions} | {each.id for each in page.unread}
        known = records.submissions_of(context.engine, [each.id for each in page.submissions])
        for sent in page.submissions:
            try:
                form = sent.read()
            except WrongField:
                continue  # its own job says so
            now = _as_it_should_be(context, known.get(form.id), form)
            if now is None or _under_way(context, form.id):
                continue
            if form.id in known and _was_reopened(known[form.id], now):
                pass  # by us, and nothing tells of it
            elif form.id in known:
                seen.add("submission", form.id, "not as Moodle holds it", "read again")
            elif not is_archived(context.engine, context.catalogue, form.id):
                seen.add("submission", form.id, "not known here", "read again")
            with write(context.engine) as connection:
                records.put_submission(connection, now)
            touched.append(form.id)
    for identifier in sorted(before - there) if not unread else ():
        seen.add("submission", identifier, "not in Moodle", "forgotten")
        with write(context.engine) as connection:
            queue.run_again(connection, "archive")
            records.delete_submission(connection, identifier)
        touched.append(identifier)
    if touched:
        with write(context.engine) as connection:
            stale.sessions(connection, [session.id], context.clock(), trace)


def _as_it_should_be(
    context: Context, known: SubmissionRecord | None, sent: SubmissionRecord
) -> SubmissionRecord | None:
    """The form as it is to be kept from now on; None if it is kept so already."""
    if known is None:
        return sent
    instrument = context.catalogue.version(sent.instrument, sent.instrument_version)
    same = known.answers == sent.answers
    if not same and instrument is not None:
        try:
            same = _within(known.answers, normalise(instrument, sent.answers))
        except AnswersRefused:
            same = False
    if same:
        sent = replace(sent, answers=known.answers, carried=known.carried, problems=known.problems)
    return None if sent == known else sent


def _was_reopened(known: SubmissionRecord, now: SubmissionRecord) -> bool:
    """Whether its author was asked to correct it, and nothing else is another."""
    return now.state == "reopened" and bool(known.problems) and now == replace(known, state="reopened")


def _within(kept: object, sent: object) -> bool:
    """Whether all that is kept was sent so; what a form hides is not kept."""
    if isinstance(kept, Mapping) and isinstance(sent, Mapping):
        return all(name in sent and _within(value, sent[name]) for name, value in kept.items())
    if isinstance(kept, list | tuple) and kept and isinstance(kept[0], Mapping) and isinstance(sent, list):
        rows = {row.get("row"): row for row in sent if isinstance(row, Mapping)}
        return all(isinstance(row, Mapping) and _within(row, rows.get(row.get("row"))) for row in kept)
    return kept == sent


def _compare_documents(
    context: Context, client: Client, session: SessionRecord, seen: _Session
) -> set[str] | None:
    """Documents here and in Moodle, hashes too; ids of those in Moodle, None if not all can be told."""
    before = {each.id: each for each in documents.documents(context.engine, session=session.id)}
    held: set[str] = set()
    unread = False
    for page in document_pages(client, session.id):
        set_unread_aside(context, page.unread, session)
        unread |= any(not each.id for each in page.unread)
        held |= {each.id for each in page.unread if each.id}
        for row in page.documents:
            if row.state != "erased":
                held.add(row.document)
                _compare_document(context, session.id, before.get(row.document), row, seen)
    if unread:
        return None
    for document in before.values():
        if document.stored_at is not None and document.id not in held:
            seen.add("document", document.id, "not in Moodle", "forgotten")
            with write(context.engine) as connection:
                documents.forget(connection, document.id)
    return held


def _compare_document(
    context: Context, session: str, known: Document | None, row: DocumentRecord, seen: _Session
) -> None:
    if known is not None and known.sha256 != row.sha256:
        if known.stored_at is None:
            return  # its job sees it, and leaves what is filed
        seen.add("document", row.document, "another file than was made here", "told")
    elif known is not None and known.answers_sha256 != row.answers_sha256:
        seen.add("document", row.document, "of other answers than was made here", "told")
    elif known is None or known.stored_at is None:
        if known is None:
            seen.add("document", row.document, "not known here", "read again")
        with write(context.engine) as connection:
            documents.keep(connection, document_of(session, row))
            documents.receipt(connection, row.document, float(row.stored))


def _compare_with_documents(
    context: Context, session: SessionRecord, held: Collection[str] | None, seen: _Session, trace: str
) -> None:
    """Every form that is to have documents has them, or is archived anew."""
    if held is None:
        return
    for identifier in sorted(records.submission_ids(context.engine, session.id)):
        form = records.submission(context.engine, identifier)
        if form is None or (form.problems and (form.state == "superseded" or not session.closed)):
            continue  # its author has to correct it, or has done so
        if is_archived(context.engine, context.catalogue, identifier) or _under_way(context, identifier):
            continue
        seen.add("submission", identifier, "without its documents", "archived anew")
        with write(context.engine) as connection:
            queue.enqueue(connection, hints.archive_job(identifier, trace), context.clock())


def _under_way(context: Context, submission: str) -> bool:
    return queue.state_of(context.engine, hints.archive_job(submission).key) in ("queued", "running")
