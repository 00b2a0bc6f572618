"""The web-service functions of the contract, as the plugin answers them. Knows no HTTP."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from moodle_bridge.contract import CONTRACT, faults, reserved_names
from moodle_bridge.contract.records import as_json
from moodle_bridge.plain_json import Json
from moodle_bridge.sandbox import as_records, instrument_versions, php
from moodle_bridge.sandbox.sqlite_file import Database, Row

RELEASE = "0.1.0"
PREFIX = "mod_monitoringsession_"
MOST_SUBMISSIONS = 100
MOST_DOCUMENTS = 500
PAGE_BYTES = 4 * 1024 * 1024
"""A page of submissions ends when its answers exceed this."""


PushedItem: TypeAlias = "dict[str, str | int]"

_COLUMNS = {"user": "person", "group": '"group"'}
"""Columns that are named otherwise than the contract's fields."""


class Refused(Exception):
    """A Moodle exception: HTTP 200 with ``{exception, errorcode, message}``."""

    def __init__(self, code: str, message: str, exception: str = "moodle_exception") -> None:
        super().__init__(message)
        self.body = {"exception": exception, "errorcode": code, "message": message}


class Functions:
    """The functions over one database; ``clock`` gives the times written into records."""

    def __init__(self, database: Database, site: str, clock: Callable[[], float]) -> None:
        self._database = database
        self._site = site
        self._clock = clock
        self._known: Mapping[str, Callable[..., dict[str, Json]]] = {
            "get_changes": self.get_changes,
            "get_submissions": self.get_submissions,
            "get_participants": self.get_participants,
            "put_definitions": self.put_definitions,
            "put_personal": self.put_personal,
            "put_summary": self.put_summary,
            "store_document": self.store_document,
            "list_documents": self.list_documents,
            "report_problem": self.report_problem,
            "put_set_aside": self.put_set_aside,
        }

    def call(self, function: str, fields: php.Nested) -> dict[str, Json]:
        """Run one function on its nested form fields. Raises :class:`Refused`."""
        name = function.removeprefix(PREFIX)
        if not function.startswith(PREFIX) or name not in self._known:
            raise Refused(
                "invalidrecord",
                "Can't find data record in database table external_functions.",
                "dml_missing_record_exception",
            )
        try:
            parameters = php.typed(name, fields)
        except php.BadParameter as error:
            raise _invalid(str(error)) from None
        if parameters.pop("contract") != CONTRACT:
            raise Refused("contractmismatch", f"This plugin speaks version {CONTRACT} of the contract.")
        if wrong := faults(name, {"contract": CONTRACT, **parameters}, "request"):
            raise _invalid("; ".join(wrong))
        unused = reserved_names(name)
        return self._known[name](**{each: value for each, value in parameters.items() if each not in unused})

    # -- reading --------------------------------------------------------------------------------------

    def get_changes(self, cursor: int, limit: int) -> dict[str, Json]:
        """The change sequence after the cursor, oldest first, with the sessions that it names."""
        rows = self._database.rows(
            "SELECT * FROM change WHERE seq > ? ORDER BY seq LIMIT ?", cursor, limit + 1
        )
        page = rows[:limit]
        named = {row["session"] for row in page if row["session"]}
        sessions = [self._database.row("SELECT * FROM session WHERE id = ?", each) for each in sorted(named)]
        decided = {row["id"]: None for row in page if (row["kind"], row["action"]) == ("decision", "saved")}
        return {
            "contract": CONTRACT,
            "release": RELEASE,
            "site": self._site,
            "feed": self._database.setting("feed"),
            "cursor": page[-1]["seq"] if page else cursor,
            "more": bool(page) and len(rows) > limit,
            "changes": [dict(row) for row in page],
            "sessions": [as_records.session(self._database, row) for row in sessions if row is not None],
            "decisions": as_records.decisions(self._database, decided),
            "time": int(self._clock()),
            "limits": {"upload": 0, "post": 0, "seconds": 0},
        }

    def get_submissions(
        self, ids: list[str], session: str = "", after: int = 0, limit: int = MOST_SUBMISSIONS
    ) -> dict[str, Json]:
        """A page of submissions: by id, or every version of a session; long answers end it earlier."""
        if ids:
            which, given = f"id IN ({', '.join('?' for _ in ids)})", ids
        else:
            which, given = "session = ?", [self._session(session)["id"]]
        rows = self._database.rows(
            f"SELECT * FROM submission WHERE {which} AND rowid > ? ORDER BY rowid LIMIT ?",  # noqa: S608
            *given,
            after,
            limit + 1,
        )
        page = _fitting(rows[:limit])
        here = {
            row["id"]
            for row in self._database.rows(f"SELECT id FROM submission WHERE {which}", *given)  # noqa: S608
        }
        sessions = [self._session(each) for each in sorted({row["session"] for row in page})]
        return {
            "submissions": [as_records.submission(self._database, row) for row in page],
            "after": self._position(page[-1]["id"]) if page else after,
            "more": len(page) < len(rows),
            "missing": [each for each in ids if each not in here],
            "sessions": [as_records.session(self._database, row) for row in sessions],
        }

    def _position(self, submission: str) -> int:
        row = self._database.row("SELECT rowid AS position FROM submission WHERE id = ?", submission)
        return int(row["position"]) if row is not None else 0

    def get_participants(self, session: str) -> dict[str, Json]:
        """Who takes part, with roles, groups and the effective group mode."""
        row = self._session(session)
        return {
            "session": session,
            "groupmode": row["groupmode"],
            "groups": [as_json(each) for each in as_records.groups(self._database, row)],
            "participants": [
                as_records.told(person) for person in as_records.participants(self._database, row)
            ],
            "fixed": row["closed"],
        }

    def list_documents(self, session: str, after: int = 0, limit: int = MOST_DOCUMENTS) -> dict[str, Json]:
        """A page of the register of the session's documents."""
        self._session(session)
        rows = self._database.rows(
            "SELECT rowid AS position, * FROM document"
            " WHERE session = ? AND rowid > ? ORDER BY rowid LIMIT ?",
            session,
            after,
            limit + 1,
        )
        page = rows[:limit]
        return {
            "documents": [as_json(as_records.document(self._database, row)) for row in page],
            "after": page[-1]["position"] if page else after,
            "more": len(rows) > limit,
        }

    # -- writing --------------------------------------------------------------------------------------

    def put_definitions(self, definitions: list[dict[str, str]]) -> dict[str, Json]:
        """Keep the forms; the same again is counted, not written."""
        stored = 0
        with self._database.write() as connection:
            place = connection.execute("SELECT coalesce(max(place), 0) FROM definition").fetchone()[0]
            before = instrument_versions.pushed(connection)
            for each in definitions:
                key = (each["instrument"], each["version"], each["language"])
                row = connection.execute(
                    "SELECT sha256 FROM definition WHERE instrument = ? AND version = ? AND language = ?", key
                ).fetchone()
                if row is not None and row["sha256"] == each["sha256"]:
                    continue
                stored += 1
                connection.execute(
                    "INSERT OR REPLACE INTO definition (instrument, version, language, sha256, content,"
                    " place) VALUES (?, ?, ?, ?, ?, ?)",
                    (*key, each["sha256"], each["content"], place + stored),
                )
            instrument_versions.settle(connection)
            fresh = instrument_versions.pushed(connection) - before
            if {name for name, _ in fresh} & {name for name, _ in before}:
                # From now on it matters which version each session uses.
                connection.execute(
                    "INSERT INTO change (kind, action, session, id, time)"
                    " SELECT 'session', 'saved', id, id, ? FROM session ORDER BY rowid",
                    (int(self._clock()),),
                )
        return {"stored": stored, "same": len(definitions) - stored}

    def put_personal(self, session: str, items: list[PushedItem], **push: Any) -> dict[str, Json]:
        """Keep carried rows and openings; a revision that is not newer is ignored."""
        self._session(session)
        return self._newer("personal", ("instrument", "user", "group"), session, items, **push)

    def put_summary(self, session: str, items: list[PushedItem], **push: Any) -> dict[str, Json]:
        """Keep summaries; a revision that is not newer is ignored."""
        self._session(session)
        return self._newer("summary", ("group", "audience", "user"), session, items, **push)

    def _newer(
        self,
        table: str,
        names: tuple[str, ...],
        session: str,
        items: list[PushedItem],
        *,
        scope: str = "",
        group: int = 0,
        revision: int = 0,
        part: int = 0,
        last: bool = False,
        unchanged: Sequence[PushedItem] = (),
    ) -> dict[str, Json]:
        columns = ", ".join(_COLUMNS.get(name, name) for name in names)
        stored = withdrawn = 0
        with self._database.write() as connection:
            for each in items:
                stored += connection.execute(
                    f"INSERT INTO {table} (session, {columns}, revision, content) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608
                    " ON CONFLICT DO UPDATE SET revision = excluded.revision, content = excluded.content,"
                    " withdrawn = 0 WHERE excluded.revision > revision",
                    (session, *(each[name] for name in names), each["revision"], each["content"]),
                ).rowcount
            for each in unchanged:
                connection.execute(
                    f"UPDATE {table} SET revision = ?, withdrawn = 0"  # noqa: S608
                    f" WHERE session = ? AND ({columns}) = (?, ?, ?) AND revision < ?",
                    (revision, session, *(each[name] for name in names), revision),
                )
            if scope and _arrived(connection, (session, table, scope, group), revision, part, last=last):
                only = ("", ()) if scope == "session" else (' AND "group" = ?', (group,))
                withdrawn = connection.execute(
                    f"UPDATE {table} SET withdrawn = ?, revision = ?"  # noqa: S608
                    f" WHERE session = ? AND revision < ? AND withdrawn = 0{only[0]}",
                    (int(self._clock()), revision, session, revision, *only[1]),
                ).rowcount
        return {"stored": stored, "ignored": len(items) - stored, "withdrawn": withdrawn}

    def store_document(
        self, session: str, submission: str, document: str, draftitemid: int, sha256: str, **facts: str | int
    ) -> dict[str, Json]:
        """Move an uploaded draft into the session, once; the same again changes nothing."""
        try:
            self._session(session)
            self._submission(session, submission)
        except Refused:
            with self._database.write() as connection:
                connection.execute("DELETE FROM upload WHERE itemid = ?", (draftitemid,))
            raise
        with self._database.write() as connection:
            old = connection.execute("SELECT * FROM document WHERE id = ?", (document,)).fetchone()
            if old is not None:
                if old["sha256"] != sha256:
                    raise Refused(
                        "documentexists", "A document of this id with other content is already here."
                    )
                connection.execute("DELETE FROM upload WHERE itemid = ?", (draftitemid,))
                return {"document": document, "outcome": "same", "sha256": sha256, "stored": old["stored"]}
            draft = connection.execute("SELECT * FROM upload WHERE itemid = ?", (draftitemid,)).fetchone()
            if draft is None:
                raise Refused("draftmissing", "There is no uploaded file in this draft area.")
            content = bytes(draft["content"])
            if len(content) != facts["size"] or hashlib.sha256(content).hexdigest() != sha256:
                raise Refused("hashmismatch", "The uploaded file is not the one announced (size or SHA-256).")
            stored = int(time.time())
            connection.execute(
                "INSERT INTO document (id, submission, session, variant, language, filename, size, sha256,"
                " answers_sha256, stored, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(document, submission, session, facts["variant"], facts["language"], facts["filename"]),
                    *(facts["size"], sha256, facts["answers_sha256"], stored, content),
                ),
            )
            connection.execute("DELETE FROM upload WHERE itemid = ?", (draftitemid,))
        return {"document": document, "outcome": "stored", "sha256": sha256, "stored": stored}

    def report_problem(
        self, session: str, submission: str, state: str, kind: str, code: str, content: str
    ) -> dict[str, Json]:
        """Show or clear a problem; ``needs_correction`` reopens the newest version for its author."""
        closed = bool(self._session(session)["closed"])
        row = self._submission(session, submission)
        if wrong := _content_faults(content):
            raise _invalid(wrong)
        with self._database.write() as connection:
            if state == "solved":
                connection.execute(
                    "DELETE FROM problem WHERE submission = ? AND kind = ?", (submission, kind)
                )
                return {"reopened": False}
            connection.execute(
                "INSERT INTO problem (submission, kind, session, code, content, reported)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET code = excluded.code, content = excluded.content, reported = excluded.reported",
                (submission, kind, session, code, content, int(self._clock())),
            )
            if kind != "needs_correction" or closed or row["state"] == "superseded":
                return {"reopened": False}
            connection.execute("UPDATE submission SET state = 'reopened' WHERE id = ?", (submission,))
        return {"reopened": True}

    def put_set_aside(self, session: str, revision: int, items: list[Json]) -> dict[str, Json]:
        """Show what is set aside in a session, unless something newer was said."""
        self._session(session)
        with self._database.write() as connection:
            stored = connection.execute(
                "INSERT INTO set_aside (session, revision, items) VALUES (?, ?, ?) ON CONFLICT (session) DO"
                " UPDATE SET revision = excluded.revision, items = excluded.items"
                " WHERE excluded.revision >= set_aside.revision",
                (session, revision, json.dumps(items, ensure_ascii=False)),
            ).rowcount
        return {"stored": bool(stored)}

    def _session(self, session: str) -> Row:
        row = self._database.row("SELECT * FROM session WHERE id = ?", session)
        if row is None:
            raise Refused("sessionmissing", "There is no such monitoring session.")
        return row

    def _submission(self, session: str, submission: str) -> Row:
        row = self._database.row("SELECT * FROM submission WHERE id = ? AND session = ?", submission, session)
        if row is None:
            raise Refused("submissionmissing", "There is no such submission in this session.")
        return row


def _arrived(
    connection: sqlite3.Connection, push: tuple[str, str, str, int], revision: int, part: int, *, last: bool
) -> bool:
    """Note a part of a push; whether it was the last and all before it have come."""
    which = 'session = ? AND kind = ? AND scope = ? AND "group" = ?'
    row = connection.execute(f"SELECT revision, parts FROM push WHERE {which}", push).fetchone()  # noqa: S608
    if row is not None and row["revision"] > revision:
        return False  # a newer push says what stands
    came = row["parts"] if row is not None and row["revision"] == revision else 0
    if part > came + 1:
        if last:
            raise Refused("partmissing", "The push came without all of its parts.")
        return False
    connection.execute(
        'INSERT OR REPLACE INTO push (session, kind, scope, "group", revision, parts)'
        " VALUES (?, ?, ?, ?, ?, ?)",
        (*push, revision, max(came, part)),
    )
    return last


def _fitting(rows: list[Row]) -> list[Row]:
    """The first rows, of which the answers together take no more than a page holds; at least one."""
    size = 0
    for count, row in enumerate(rows):
        size += len(f"{row['answers']}{row['carried']}".encode())
        if count and size > PAGE_BYTES:
            return rows[:count]
    return rows


def _content_faults(content: str) -> str:
    try:
        wrong = faults("problem-report", json.loads(content))
    except ValueError:
        return "content: not JSON"
    return "; ".join(wrong)


def _invalid(detail: str) -> Refused:
    return Refused(
        "invalidparameter", f"Invalid parameter value detected ({detail})", "invalid_parameter_exception"
    )
