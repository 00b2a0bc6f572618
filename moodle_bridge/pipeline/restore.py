"""Reading answers and receipts back from Moodle: after our database is lost, or Moodle became another.

Everything but secrets comes from there. Documents that Moodle holds are noted as stored, so that nothing
is filled or uploaded a second time.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from moodle_bridge.errors import MoodleGarbled
from moodle_bridge.moodle.client import Client
from moodle_bridge.pipeline.context import Context
from moodle_bridge.store import facts, records
from moodle_bridge.store.engine import write
from moodle_bridge.store.records import Document, Record

PAGE = 200
"""Changes read in one call."""

CURSOR = "cursor"
"""The fact how far Moodle's change sequence has been read: ``{"feed", "seq"}``."""

START: Record = {"feed": "", "seq": 0}


def restore(context: Context, *, tell: Callable[[int, int], None] | None = None) -> tuple[int, int]:
    """Read everything anew; the numbers of submissions and of receipts restored.

    The change sequence is to be read from its start afterwards. ``tell`` is given the number of sessions
    done, and of all. Running it beside a worker is harmless. Raises :class:`MoodleError`.
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
        facts.put(connection, CURSOR, dict(START))
    return submissions, receipts


def restore_session(context: Context, client: Client, session: Record) -> tuple[int, int]:
    """Read the answers and receipts of one session; their numbers. Raises :class:`MoodleError`."""
    forms = client.get_submissions(session=session["id"])["submissions"]
    held = held_documents(client, session["id"])
    with write(context.engine) as connection:
        records.put_session(connection, session)
        for form in forms:
            parsed = {name: json.loads(form[name]) for name in ("answers", "carried")}
            records.put_submission(connection, {**form, **parsed}, [])
        for document, stored_at in held:
            records.keep_document(connection, document)
            records.receipt(connection, document.id, stored_at)
    return len(forms), len(held)


def held_documents(client: Client, session: str) -> list[tuple[Document, float]]:
    """The documents that Moodle holds for a session, each with the moment it was stored."""
    listed = client.list_documents(session)["documents"]
    return [(_document(session, row), float(row["stored"])) for row in listed if row["state"] != "erased"]


def _sessions(client: Client) -> list[Record]:
    """Every session of the site that still exists, as the change sequence names them."""
    found: dict[str, Record] = {}
    cursor, more = 0, True
    while more:
        page = client.get_changes(cursor, PAGE)
        if page["more"] and page["cursor"] <= cursor:
            raise MoodleGarbled("the cursor of Moodle's changes does not move")
        found |= {record["id"]: record for record in page["sessions"]}
        cursor, more = page["cursor"], page["more"]
    return list(found.values())


def _document(session: str, row: Record) -> Document:
    names = ("submission", "variant", "language", "filename", "sha256", "answers_sha256", "size")
    return Document(id=row["document"], session=session, pages=0, **{name: row[name] for name in names})
