"""Reading answers and receipts back from Moodle: after our database is lost, or Moodle became another.

Everything but secrets comes from there. Documents that Moodle holds are noted as stored, so that nothing
is filled or uploaded a second time. What is known stays until the same session has been read anew: a kill, or
a Moodle that is down halfway, leaves each session as it was or as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from moodle_bridge.contract.exchanges import DocumentPage, SubmissionPage
from moodle_bridge.contract.records import (
    DocumentRecord,
    SentSubmission,
    SessionRecord,
    SubmissionRecord,
    Unread,
)
from moodle_bridge.errors import MoodleGarbled
from moodle_bridge.moodle.client import Client
from moodle_bridge.pipeline import cursor
from moodle_bridge.pipeline.apart import Apart, session_thing, set_aside, set_unread_aside, thing_of
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.push import REVISION
from moodle_bridge.plain_json import WrongField
from moodle_bridge.store import aside, decisions, documents, facts, pushed, queue, records
from moodle_bridge.store.aside import Thing
from moodle_bridge.store.documents import Document
from moodle_bridge.store.engine import Source, pieces, write

PAGE = 200
"""Changes read in one call."""

AHEAD_SECONDS = 3600
"""Pushes go on so far ahead of the clock: several in one second may have taken a lost database ahead of it,
and Moodle ignores what has no newer revision than it holds."""


def restore(context: Context, *, tell: Callable[[int, int], None] | None = None) -> tuple[int, int]:
    """Read everything anew; the numbers of submissions and of receipts restored.

    The change sequence is to be read from its start afterwards: that brings the people, archives what has no
    document and pushes everything. A session that cannot be read is set aside and keeps what is known of it.
    ``tell`` is given the number of sessions done, and of all. Running it beside a worker is harmless, and so
    is running it again. Raises :class:`MoodleError`.
    """
    client = context.connect()
    submissions = receipts = 0
    sessions, unread = sessions_of(client)
    apart = Apart(context)
    for done, session in enumerate(sessions, start=1):
        with apart.each(session_thing(session)):
            forms, held = restore_session(context, client, session)
            submissions += forms
            receipts += held
        if tell is not None:
            tell(done, len(sessions))
    with write(context.engine) as connection:
        if all(each.id for each in unread):  # one without a name may be any of those that are known
            records.keep_sessions(connection, {each.id for each in sessions} | {each.id for each in unread})
        pushed.forget(connection)
        decisions.forget_all(connection)
        queue.run_again(connection, "archive")
        cursor.rewind(connection)
        facts.next_number(connection, REVISION, int(context.clock()) + AHEAD_SECONDS)
    return submissions, receipts


def restore_session(context: Context, client: Client, session: SessionRecord) -> tuple[int, int]:
    """Put what Moodle holds of a session in place of what is known; how many submissions and receipts.

    Read and written page by page, however large the session is; what Moodle lacks is forgotten at the end.
    Raises :class:`MoodleError`; then what is known stays.
    """
    before = _ids(context.engine, session.id)
    forms, forms_unread, restored = _restore_forms(context, client, session)
    held, held_unread = restore_documents(context, client, session)
    with write(context.engine) as connection:
        records.put_session(connection, session)
        if forms_unread is not None and held_unread is not None:
            meanwhile = _ids(connection, session.id) - before
            kept = (forms | forms_unread | meanwhile, held | held_unread | meanwhile)
            records.keep_in_session(connection, session.id, *kept)
    return restored, len(held)


def _ids(source: Source, session: str) -> set[str]:
    """Ids of a session's forms and documents that are known here."""
    filed = {document.id for document in documents.documents(source, session=session)}
    return records.submission_ids(source, session) | filed


def _restore_forms(
    context: Context, client: Client, session: SessionRecord
) -> tuple[set[str], set[str] | None, int]:
    """Ids of a session's forms, and of those that cannot be read (None: one has none); how many can."""
    seen: set[str] = set()
    unread: set[str] | None = set()
    aside_now: set[str] = set()
    restored = 0
    for page in form_pages(client, session.id):
        readable = [
            form for sent in page.submissions if (form := _readable(context, sent, session)) is not None
        ]
        for some in pieces(readable):
            with write(context.engine) as connection:
                for form in some:
                    records.put_submission(connection, form)
        seen |= {sent.id for sent in page.submissions}
        aside_now |= {sent.id for sent in page.submissions} - {form.id for form in readable}
        restored += len(readable)
        spoilt = [each for each in page.unread if each.list == "submissions"]
        set_unread_aside(context, spoilt, session)
        aside_now |= {thing_of(each, session).id for each in spoilt}
        unread = _named(unread, spoilt)
    with write(context.engine) as connection:
        aside.clear_kind(connection, session.id, "submission", aside_now)
    return seen, unread, restored


def restore_documents(
    context: Context, client: Client, session: SessionRecord
) -> tuple[set[str], set[str] | None]:
    """Ids of the documents that Moodle holds for a session, and of those whose row cannot be read."""
    held: set[str] = set()
    unread: set[str] | None = set()
    spoilt: set[str] = set()
    for page in document_pages(client, session.id):
        rows = [row for row in page.documents if row.state != "erased"]
        for some in pieces(rows):
            with write(context.engine) as connection:
                for row in some:
                    documents.keep(connection, document_of(session.id, row))
                    documents.receipt(connection, row.document, float(row.stored))
        held |= {row.document for row in rows}
        set_unread_aside(context, page.unread, session)
        spoilt |= {thing_of(each, session).id for each in page.unread}
        unread = _named(unread, page.unread)
    with write(context.engine) as connection:
        aside.clear_kind(connection, session.id, "document", spoilt)
    return held, unread


def _named(known: set[str] | None, unread: Iterable[Unread]) -> set[str] | None:
    """The ids of what cannot be read; None once there is one that does not say which it is."""
    for each in unread:
        if known is None or not each.id:
            return None
        known.add(each.id)
    return known


def form_pages(client: Client, session: str) -> Iterator[SubmissionPage]:
    """Every version of every form of a session, page by page."""
    after, more = 0, True
    while more:
        page = client.get_submissions(session=session, after=after)
        yield page
        after, more = page.after, page.more


def document_pages(client: Client, session: str) -> Iterator[DocumentPage]:
    """The register of a session's documents, page by page."""
    after, more = 0, True
    while more:
        page = client.list_documents(session, after=after)
        yield page
        after, more = page.after, page.more


def _readable(context: Context, sent: SentSubmission, session: SessionRecord) -> SubmissionRecord | None:
    """A submission with its answers parsed; None if they are not what they should be: it is set aside.

    One such form must not keep the others from being restored.
    """
    try:
        return sent.read()
    except WrongField as error:
        thing = Thing(session.id, "submission", sent.id, session.course, session.name)
        set_aside(context, thing, MoodleGarbled.code, str(error))
        return None


def sessions_of(client: Client) -> tuple[list[SessionRecord], list[Unread]]:
    """Every session of the site that still exists, as the change sequence names them; and the unreadable."""
    found: dict[str, SessionRecord] = {}
    unread: list[Unread] = []
    seq, more = 0, True
    while more:
        page = client.get_changes(seq, PAGE)
        if page.more and page.cursor <= seq:
            raise MoodleGarbled("the cursor of Moodle's changes does not move")
        found |= {record.id: record for record in page.sessions}
        unread += [each for each in page.unread if each.list == "sessions"]
        seq, more = page.cursor, page.more
    return list(found.values()), unread


def document_of(session: str, row: DocumentRecord) -> Document:
    """A document as the register has it."""
    return Document(
        id=row.document,
        submission=row.submission,
        session=session,
        variant=row.variant,
        language=row.language,
        filename=row.filename,
        sha256=row.sha256,
        answers_sha256=row.answers_sha256,
        size=row.size,
        pages=0,
    )
