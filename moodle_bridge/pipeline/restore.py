"""Reading answers and receipts back from Moodle: after our database is lost, or Moodle became another.

Everything but secrets comes from there. Documents that Moodle holds are noted as stored, so that nothing
is filled or uploaded a second time. What is known stays until the same session has been read anew: a kill, or
a Moodle that is down halfway, leaves each session as it was or as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from moodle_bridge.contract.records import (
    DocumentRecord,
    SentSubmission,
    SessionRecord,
    SubmissionRecord,
)
from moodle_bridge.errors import MoodleGarbled
from moodle_bridge.moodle.client import Client
from moodle_bridge.pipeline import cursor
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.push import REVISION
from moodle_bridge.plain_json import WrongField
from moodle_bridge.store import documents, facts, pushed, queue, records
from moodle_bridge.store.documents import Document
from moodle_bridge.store.engine import write

log = logging.getLogger(__name__)

PAGE = 200
"""Changes read in one call."""

AHEAD_SECONDS = 3600
"""Pushes go on so far ahead of the clock: several in one second may have taken a lost database ahead of it,
and Moodle ignores what has no newer revision than it holds."""


def restore(context: Context, *, tell: Callable[[int, int], None] | None = None) -> tuple[int, int]:
    """Read everything anew; the numbers of submissions and of receipts restored.

    The change sequence is to be read from its start afterwards: that brings the people, archives what has no
    document and pushes everything. ``tell`` is given the number of sessions done, and of all. Running it
    beside a worker is harmless, and so is running it again. Raises :class:`MoodleError`.
    """
    client = context.connect()
    submissions = receipts = 0
    sessions = _sessions(client)
    for done, session in enumerate(sessions, start=1):
        forms, held = restore_session(context, client, session)
        submissions += forms
        receipts += held
        if tell is not None:
            tell(done, len(sessions))
    with write(context.engine) as connection:
        records.keep_sessions(connection, {session.id for session in sessions})
        pushed.forget(connection)
        queue.run_again(connection, "archive")
        cursor.rewind(connection)
        facts.next_number(connection, REVISION, int(context.clock()) + AHEAD_SECONDS)
    return submissions, receipts


def restore_session(context: Context, client: Client, session: SessionRecord) -> tuple[int, int]:
    """Put what Moodle holds of a session in place of what is known; how many submissions and receipts.

    Raises :class:`MoodleError`; then what is known stays.
    """
    forms = _forms(client, session.id)
    held = held_documents(client, session.id)
    readable = [form for sent in forms if (form := _readable(sent)) is not None]
    with write(context.engine) as connection:
        records.put_session(connection, session)
        records.keep_in_session(
            connection,
            session.id,
            {form.id for form in readable},
            {document.id for document, _ in held},
        )
        for form in readable:
            records.put_submission(connection, form)
        for document, stored_at in held:
            documents.keep(connection, document)
            documents.receipt(connection, document.id, stored_at)
    return len(readable), len(held)


def _forms(client: Client, session: str) -> list[SentSubmission]:
    """Every version of every form of a session, read page by page."""
    found: list[SentSubmission] = []
    after, more = 0, True
    while more:
        page = client.get_submissions(session=session, after=after)
        found += page.submissions
        after, more = page.after, page.more
    return found


def held_documents(client: Client, session: str) -> list[tuple[Document, float]]:
    """The documents that Moodle holds for a session, each with the moment it was stored."""
    listed = client.list_documents(session)
    return [(_document(session, row), float(row.stored)) for row in listed if row.state != "erased"]


def _readable(sent: SentSubmission) -> SubmissionRecord | None:
    """A submission with its answers parsed; None if they are not what they should be.

    One such form must not keep the others from being restored: its own job says what is wrong with it.
    """
    try:
        return sent.read()
    except WrongField as error:
        log.warning("submission %s is not restored: %s", sent.id, error)
        return None


def _sessions(client: Client) -> list[SessionRecord]:
    """Every session of the site that still exists, as the change sequence names them."""
    found: dict[str, SessionRecord] = {}
    seq, more = 0, True
    while more:
        page = client.get_changes(seq, PAGE)
        if page.more and page.cursor <= seq:
            raise MoodleGarbled("the cursor of Moodle's changes does not move")
        found |= {record.id: record for record in page.sessions}
        seq, more = page.cursor, page.more
    return list(found.values())


def _document(session: str, row: DocumentRecord) -> Document:
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
