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
        forms = client.get_submissions(session=session["id"])["submissions"]
        held = [d for d in client.list_documents(session["id"])["documents"] if d["state"] != "erased"]
        with write(context.engine) as connection:
            records.put_session(connection, session)
            for form in forms:
                parsed = {name: json.loads(form[name]) for name in ("answers", "carried")}
                records.put_submission(connection, {**form, **parsed}, [])
            for row in held:
                records.keep_document(connection, _document(session["id"], row))
                records.receipt(connection, row["document"], float(row["stored"]))
        submissions += len(forms)
        receipts += len(held)
        if tell is not None:
            tell(done, len(sessions))
    with write(context.engine) as connection:
        facts.put(connection, CURSOR, dict(START))
    return submissions, receipts


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
