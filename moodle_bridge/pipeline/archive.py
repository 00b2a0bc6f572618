"""One submission's way: fetch, validate, remember, fill each variant, keep, upload, store, receipt.

Every step is idempotent: a job killed between any two lines and run again stores the same bytes once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from moodle_bridge.contract.records import SentSubmission, SessionRecord, SubmissionRecord
from moodle_bridge.domain.answers import check
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import frame_of
from moodle_bridge.domain.course.model import Target
from moodle_bridge.domain.instrument.model import Instrument, Variant
from moodle_bridge.errors import InstrumentError, MoodleGarbled, MoodleRefused, UnknownVersion
from moodle_bridge.metrics import step
from moodle_bridge.moodle.client import Client
from moodle_bridge.pdf.fill.fill import Header, fill
from moodle_bridge.pipeline import hints, problems, stale
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.names import document_id, filename
from moodle_bridge.pipeline.restore import document_of, document_pages
from moodle_bridge.pipeline.state import process_of
from moodle_bridge.pipeline.variants import variants
from moodle_bridge.plain_json import WrongField
from moodle_bridge.store import aside, documents, records
from moodle_bridge.store.documents import Document
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job

log = logging.getLogger(__name__)

GONE = frozenset({"sessionmissing", "submissionmissing"})
"""Moodle's codes for what was deleted since we read it."""


def archive(context: Context, job: Job) -> None:
    """Handle an ``archive`` job: the submission's documents stand in its session afterwards.

    Raises what fetching, validating, filling and storing raise; all of it is safe to repeat.
    """
    submission_id = hints.submission_of(job)
    client = context.connect()
    with step("fetch"):
        fetched = _fetch(context, client, submission_id)
    if fetched is None:
        log.info("submission %s is no longer in Moodle", submission_id)
        return
    try:
        _archive(context, client, job, *fetched)
    except MoodleRefused as error:
        if error.moodle_code not in GONE:
            raise
        # Deleted or erased while we worked on it: what we wrote down meanwhile is forgotten as well.
        with write(context.engine) as connection:
            records.delete_submission(connection, submission_id)
            if error.moodle_code == "sessionmissing":
                records.delete_session(connection, fetched[1].id)
        log.info("submission %s was deleted in Moodle meanwhile", submission_id)


def _archive(
    context: Context, client: Client, job: Job, submission: SubmissionRecord, session: SessionRecord
) -> None:
    instrument = _instrument(context, submission)
    with step("validate"):
        validated = _validated(context, instrument, submission, session)
    found = validated[submission.language].problems
    if found and submission.state == "superseded":
        return  # its author has sent another version since
    given = validated[submission.language].answers
    worked_out = carryover.derived(context.catalogue, instrument, given, submission.language)
    submission = replace(
        submission,
        answers=given,
        carried={**submission.carried, **worked_out},
        problems=tuple(problem.code for problem in found),
    )
    with _progress(context) as connection:
        records.put_submission(connection, submission)
        aside.clear_id(connection, "submission", submission.id)
        # Read here: if the session closes after this moment, the sync finds the problems and comes back.
        session = records.session(connection, session.id) or session
    if found and not session.closed:
        messages = {language: result.problems for language, result in validated.items()}
        problems.ask_for_correction(context, submission, messages)
        return
    _store(context, client, _keep(context, instrument, submission, session, incomplete=bool(found)))
    problems.solve(context, submission)
    with _progress(context) as connection:
        stale.submission(
            connection,
            submission,
            session,
            context.clock(),
            job.trace,
            catch_up=instrument.catch_up,
        )


def _progress(context: Context) -> AbstractContextManager[Connection]:
    """A transaction that notes how far the job is; what a power cut takes of it the job does again."""
    return write(context.engine, on_disk=False)


def _fetch(
    context: Context, client: Client, submission_id: str
) -> tuple[SubmissionRecord, SessionRecord] | None:
    answer = client.get_submissions([submission_id])
    sessions = {session.id: session for session in answer.sessions}
    for sent in answer.submissions:
        if sent.id == submission_id and sent.session in sessions:
            return _read(sent), sessions[sent.session]
    if answer.unread:  # it is there, and is no form that was deleted
        raise MoodleGarbled(f"submission {submission_id}: {answer.unread[0].why}")
    with write(context.engine) as connection:
        records.delete_submission(connection, submission_id)
    return None


def _read(sent: SentSubmission) -> SubmissionRecord:
    try:
        return sent.read()
    except WrongField as error:
        raise MoodleGarbled(f"submission {sent.id}: {error}") from None


def _instrument(context: Context, submission: SubmissionRecord) -> Instrument:
    name, language = submission.instrument, submission.language
    instrument = context.catalogue.version(name, submission.instrument_version)
    if instrument is None:
        known = ", ".join(each.version for each in context.catalogue.versions(name))
        if not known:
            raise InstrumentError(f"submission {submission.id}: there is no instrument {name!r}")
        raise UnknownVersion(
            f"submission {submission.id}: there is no version {submission.instrument_version!r} "
            f"of the instrument {name!r} here, only {known}"
        )
    if language not in context.catalogue.languages:
        raise InstrumentError(f"submission {submission.id}: {name} is not there in {language!r}")
    return instrument


def _validated(
    context: Context, instrument: Instrument, submission: SubmissionRecord, session: SessionRecord
) -> dict[str, check.Validated]:
    """What the domain says in each language, judged from the respondent's earlier answers and the plan."""
    if records.session(context.engine, session.id) != session:
        with _progress(context) as connection:
            _remember_session(connection, session)
    state = process_of(
        context.engine,
        context.catalogue,
        session.course,
        context.clock(),
        of=submission.respondent,
    )
    target = Target(session.id, submission.group, instrument.id, submission.respondent)
    asked = carryover.context(frame_of(context.catalogue, state, target), target, instrument)
    own = submission.language
    judge = partial(check.validate, instrument)
    given = (submission.answers, submission.carried, asked)
    validated = {own: judge(own, *given)}
    if validated[own].problems:
        validated |= {other: judge(other, *given) for other in context.catalogue.languages}
    return validated


def _remember_session(connection: Connection, session: SessionRecord) -> None:
    known = records.session(connection, session.id)
    if known is None or _age(known) <= _age(session):  # a sync may have read a newer one since
        records.put_session(connection, session)


def _age(session: SessionRecord) -> tuple[int, bool]:
    """Orders states of a session; within one second the closed one is the later."""
    return session.modified, bool(session.closed)


def _keep(
    context: Context,
    instrument: Instrument,
    submission: SubmissionRecord,
    session: SessionRecord,
    *,
    incomplete: bool,
) -> list[Document]:
    """The documents of every variant, filled and kept; a retry gets the bytes of the first time."""
    kept = {each.id: each for each in documents.with_bytes(context.engine, submission.id)}
    fresh: dict[str, Document] = {}
    wanted = []
    for variant in variants(instrument):
        identifier = document_id(submission.id, variant, submission.language)
        wanted.append(identifier)
        known = kept.get(identifier)
        if known is None or (known.stored_at is None and known.content is None):
            with step("fill"):
                fresh[identifier] = _filled(
                    context, instrument, variant, submission, session, identifier, incomplete=incomplete
                )

    if fresh:
        with _progress(context) as connection:
            kept |= {each.id: documents.keep(connection, each) for each in fresh.values()}
    return [kept[identifier] for identifier in wanted]


def _filled(
    context: Context,
    instrument: Instrument,
    variant: Variant,
    submission: SubmissionRecord,
    session: SessionRecord,
    identifier: str,
    *,
    incomplete: bool,
) -> Document:
    language = submission.language
    header = Header(
        document=identifier,
        submission=submission.id,
        session=session.id,
        session_name=session.name,
        session_number=session.number,
        session_kind=session.kind,
        course_name=session.course_name,
        group_name=submission.group_name,
        respondent_name=submission.respondent_name,
        respondent_role=submission.respondent_role,
        version=submission.version,
        submitted_at=submission.submitted,
        timezone=context.settings.documents.timezone or session.timezone,
        organisation=context.settings.documents.organisation,
        logo=context.logo,
        incomplete=incomplete,
    )
    filled = fill(
        instrument,
        language,
        variant,
        submission.answers,
        submission.carried,
        header,
        templates=context.templates,
        adopted=context.adopted,
    )
    if filled.replaced:
        log.warning("document %s shows a replacement for %s", identifier, " ".join(filled.replaced))
    return Document(
        id=identifier,
        submission=submission.id,
        session=session.id,
        variant=variant,
        language=language,
        filename=filename(
            instrument,
            language=language,
            variant=variant,
            session_number=session.number,
            group_name=submission.group_name,
            respondent_name=submission.respondent_name,
            version=submission.version,
        ),
        sha256=filled.sha256,
        answers_sha256=filled.answers_sha256,
        size=len(filled.content),
        pages=filled.pages,
        content=filled.content,
    )


def _leave_as_it_is(context: Context, client: Client, document: Document) -> None:
    """Moodle holds this document with other bytes, from a backup or an earlier release: filed is filed.

    Raises :class:`MoodleGarbled` if Moodle does not hold it after all.
    """
    for page in document_pages(client, document.session):
        for row in page.documents:
            if row.document == document.id and row.state != "erased":
                log.warning("document %s was filed before with other bytes and stays so", document.id)
                with write(context.engine) as connection:
                    documents.replace(connection, document_of(document.session, row))
                    documents.receipt(connection, row.document, float(row.stored))
                return
    raise MoodleGarbled(f"document {document.id}: Moodle says that it holds it, but does not list it")


def _store(context: Context, client: Client, kept: Sequence[Document]) -> None:
    """Upload and store what Moodle has given no receipt for; the receipts are noted together at the end.

    Moodle answers the same whether it is the first time or a repetition.
    """
    stored: dict[str, float] = {}

    try:
        for document in kept:
            if document.stored_at is None:
                try:
                    with step("store"):
                        stored[document.id] = _stored(client, document)
                except MoodleRefused as error:
                    if error.moodle_code != "documentexists":
                        raise
                    _leave_as_it_is(context, client, document)
                log.info("document %s is stored", document.id, extra={"submission": document.submission})
    finally:
        if stored:
            with _progress(context) as connection:
                for identifier, stored_at in stored.items():
                    documents.receipt(connection, identifier, stored_at)


def _stored(client: Client, document: Document) -> float:
    """Upload and store one document; when Moodle says that it was."""
    if document.content is None:
        raise ValueError(f"document {document.id} has neither receipt nor content")
    answer = client.store_document(
        session=document.session,
        submission=document.submission,
        document=document.id,
        variant=document.variant,
        language=document.language,
        filename=document.filename,
        size=document.size,
        sha256=document.sha256,
        answers_sha256=document.answers_sha256,
        draftitemid=client.upload(document.filename, document.content),
    )
    if (answer.document, answer.sha256) != (document.id, document.sha256):
        raise MoodleGarbled(f"document {document.id}: Moodle's receipt is for something else")
    return float(answer.stored)
