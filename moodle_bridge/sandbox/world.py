"""What people do in the stand-in Moodle: courses, sessions, drafts, submissions, leaving, being forgotten.

Every act writes its rows, its entry in the change sequence and its webhook in one transaction.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from moodle_bridge.contract.shown import Personal
from moodle_bridge.domain.session.followed import MEASURE
from moodle_bridge.domain.session.shape import SignalShown
from moodle_bridge.plain_json import Json, JsonObject
from moodle_bridge.sandbox import as_records, instrument_versions, outbox
from moodle_bridge.sandbox.cast import Course, Person
from moodle_bridge.sandbox.posting import rows
from moodle_bridge.sandbox.sqlite_file import Database, Row, put_setting

DAY = 86400


def renumbered(answers: JsonObject, before: JsonObject, now: JsonObject) -> dict[str, Json] | None:
    """Answers in carried tables under the numbers that their rows have now; None where a row is new."""
    changed = dict(answers)
    for table, shown in now.items():
        if not isinstance(shown, list) or not all(isinstance(each, dict) and "row" in each for each in shown):
            continue
        given = rows(answers, table)
        known = {row["id"]: given.get(number, {}) for number, row in rows(before, table).items()}
        here = {row["id"]: number for number, row in rows(now, table).items()}
        if set(here) - set(known):
            return None
        if table in answers:
            changed[table] = [{**known[name], "row": number} for name, number in here.items() if known[name]]
    return changed


class Refusal(Exception):
    """Something the stand-in's pages do not allow; the text is for the person who tried."""


_IN_SESSION = (
    *("submission", "draft", "document", "personal", "summary", "push", "problem", "session_version"),
    *("roster", "decision"),
)
"""The tables of what belongs to one session."""


class World:
    """The acts of people. ``clock`` gives the time written into records (a scenario may move it)."""

    def __init__(self, database: Database, clock: Callable[[], float], wake: Callable[[], None]) -> None:
        self.database = database
        self.clock = clock
        self._wake = wake
        with database.write() as connection:
            if not database.setting("feed"):
                put_setting(connection, "feed", str(uuid.uuid4()))

    def now(self) -> int:
        """Epoch seconds as records carry them."""
        return int(self.clock())

    def today(self) -> dt.date:
        """The day that it is where the people are."""
        return dt.datetime.fromtimestamp(self.now(), ZoneInfo("Europe/Sofia")).date()

    def _changed(
        self, connection: sqlite3.Connection, kind: str, action: str, identifier: str, session: str
    ) -> None:
        connection.execute(
            "INSERT INTO change (kind, action, session, id, time) VALUES (?, ?, ?, ?, ?)",
            (kind, action, session, identifier, self.now()),
        )

    # -- courses and people

    def add_course(self, course: Course) -> None:
        """Create a course with its groups and people; the same course again changes nothing."""
        if self.database.row("SELECT id FROM course WHERE id = ?", course.id) is not None:
            return
        with self.database.write() as connection:
            connection.execute("INSERT INTO course (id, name) VALUES (?, ?)", (course.id, course.name))
            for identifier, name in course.groups:
                connection.execute(
                    'INSERT INTO "group" (id, course, name) VALUES (?, ?, ?)', (identifier, course.id, name)
                )
            for person in course.people:
                self._enrol(connection, course.id, person)
            self._changed(connection, "participants", "saved", str(course.id), "")
            outbox.add(connection, "participants.changed", {"course": course.id})
        self._wake()

    def enrol(self, course: int, person: Person) -> None:
        """Enrol somebody, or change their name, roles, groups or whether they are still here."""
        held = self.database.row(
            "SELECT joined FROM enrolment WHERE course = ? AND person = ?", course, person.id
        )
        with self.database.write() as connection:
            self._enrol(connection, course, person, self.now() if held is None else held["joined"])
            self._changed(connection, "participants", "saved", str(course), "")
            outbox.add(connection, "participants.changed", {"course": course})
        self._wake()

    def _enrol(self, connection: sqlite3.Connection, course: int, person: Person, joined: int = 0) -> None:
        connection.execute(
            "INSERT INTO person (id, name, language) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, language = excluded.language",
            (person.id, person.name, person.language),
        )
        connection.execute("DELETE FROM enrolment WHERE course = ? AND person = ?", (course, person.id))
        for role in person.roles:
            connection.execute(
                "INSERT INTO enrolment (course, person, role, active, joined) VALUES (?, ?, ?, ?, ?)",
                (course, person.id, role, person.active, joined),
            )
        connection.execute(
            "DELETE FROM membership WHERE person = ?"
            ' AND "group" IN (SELECT id FROM "group" WHERE course = ?)',
            (person.id, course),
        )
        for group in person.groups:
            connection.execute('INSERT INTO membership ("group", person) VALUES (?, ?)', (group, person.id))

    # -- sessions

    def create_session(
        self,
        *,
        course: int,
        name: str,
        number: int,
        kind: str,
        instruments: Sequence[str],
        language: str = "bg",
        groupmode: str = "separate",
        opens: int | None = None,
        due: int | None = None,
        timezone: str = "Europe/Sofia",
        session_id: str = "",
    ) -> str:
        """Put a monitoring session into a course and return its UUID; times are epoch seconds."""
        identifier = session_id or str(uuid.uuid4())
        start = self.now() if opens is None else opens
        with self.database.write() as connection:
            taken = connection.execute("SELECT coalesce(max(cmid), 310) + 1 FROM session").fetchone()[0]
            connection.execute(
                "INSERT INTO session (id, course, cmid, name, number, kind, language, timezone, opens, due,"
                " instruments, groupmode, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(identifier, course, taken, name, number, kind, language, timezone, start),
                    *(start + 7 * DAY if due is None else due, json.dumps(list(instruments)), groupmode),
                    self.now(),
                ),
            )
            instrument_versions.settle(connection)
            self._changed(connection, "session", "saved", identifier, identifier)
            outbox.add(connection, "session.created", {"session": identifier})
        self._wake()
        return identifier

    def update_session(self, session: str, **columns: str | int | Sequence[str]) -> None:
        """Change settings of a session (name, opens, due, instruments, language, groupmode)."""
        if unknown := set(columns) - {"name", "opens", "due", "instruments", "language", "groupmode"}:
            raise ValueError(f"a session has no setting {', '.join(sorted(unknown))} to change")
        changed = {
            column: value if isinstance(value, str | int) else json.dumps(list(value))
            for column, value in columns.items()
        }
        changed["modified"] = self.now()
        self._session(session)
        with self.database.write() as connection:
            for column, value in changed.items():
                connection.execute(f"UPDATE session SET {column} = ? WHERE id = ?", (value, session))  # noqa: S608
            self._changed(connection, "session", "saved", session, session)
            outbox.add(connection, "session.updated", {"session": session})
        self._wake()

    def use_newest(self, session: str) -> list[str]:
        """Let a session use the newest version of the forms that nobody has begun in it; which were moved."""
        self._session(session)
        with self.database.write() as connection:
            moved = instrument_versions.use_newest(connection, session)
            if moved:
                connection.execute("UPDATE session SET modified = ? WHERE id = ?", (self.now(), session))
                self._changed(connection, "session", "saved", session, session)
                outbox.add(connection, "session.updated", {"session": session})
        self._wake()
        return moved

    def close_session(self, session: str) -> None:
        """Close a session: nothing more is submitted, what is there is archived, who counts is fixed."""
        row = self._session(session)
        with self.database.write() as connection:
            if not row["closed"]:
                connection.executemany(
                    'INSERT INTO roster (session, person, role, "group", since) VALUES (?, ?, ?, ?, ?)',
                    [
                        (session, person.id, role, group, person.joined)
                        for person in as_records.participants(self.database, row)
                        for role in person.roles
                        if person.active and role != "coordinator"
                        for group in person.groups or (0,)
                    ],
                )
            connection.execute(
                "UPDATE session SET closed = ?, modified = ? WHERE id = ?", (self.now(), self.now(), session)
            )
            self._changed(connection, "session", "closed", session, session)
            outbox.add(connection, "session.closed", {"session": session})
        self._wake()

    def delete_session(self, session: str) -> None:
        """Delete the activity with all that was in it; the change sequence keeps a tombstone."""
        self._session(session)
        with self.database.write() as connection:
            for table in _IN_SESSION:
                connection.execute(f"DELETE FROM {table} WHERE session = ?", (session,))  # noqa: S608
            connection.execute("DELETE FROM session WHERE id = ?", (session,))
            self._changed(connection, "session", "deleted", session, session)
            outbox.add(connection, "session.deleted", {"session": session})
        self._wake()

    def _session(self, session: str) -> Row:
        row = self.database.row("SELECT * FROM session WHERE id = ?", session)
        if row is None:
            raise Refusal("There is no such session.")
        return row

    # -- forms

    def definition(self, session: str, instrument: str, language: str) -> Row | None:
        """The pushed form that a session uses, in a language."""
        return instrument_versions.definition(self.database, session, instrument, language)

    def personal(self, session: str, instrument: str, person: int, group: int) -> Personal | None:
        """What the service pushed for this person and form; None before it came and once it is withdrawn."""
        row = self.database.row(
            "SELECT content FROM personal WHERE session = ? AND instrument = ? AND person = ?"
            ' AND "group" = ? AND withdrawn = 0',
            *(session, instrument, person, group),
        )
        return None if row is None else json.loads(row["content"])

    def versions(self, session: str, instrument: str, person: int, group: int) -> list[Row]:
        """What somebody submitted with one form, oldest first."""
        return self.database.rows(
            'SELECT * FROM submission WHERE session = ? AND instrument = ? AND respondent = ? AND "group" = ?'
            " ORDER BY version",
            *(session, instrument, person, group),
        )

    def submit(
        self,
        session: str,
        instrument: str,
        person: int,
        answers: JsonObject,
        *,
        role: str,
        group: int,
        carried: JsonObject | None = None,
        language: str = "",
        submission_id: str = "",
    ) -> str:
        """Store a submission and its webhook in one transaction; return the UUID of this version.

        ``carried`` None: what the service pushed for this person. Raises :class:`Refusal` when closed.
        """
        if self._session(session)["closed"]:
            raise Refusal("Сесията е приключена. / The session is closed.")
        return self._submit(
            *(session, instrument, person, answers, role, group, carried, language, submission_id)
        )

    def renew(self, submission: str) -> str:
        """Sign a form once more with the same answers and what is carried over now, closed session or not.

        Raises :class:`Refusal` where that asks for something that was not asked before.
        """
        row = self.database.row("SELECT * FROM submission WHERE id = ?", submission)
        if row is None or row["state"] != "submitted":
            raise Refusal("There is no such submission.")
        place = (row["session"], row["instrument"], row["respondent"])
        offered = self.personal(*place, row["group"])
        carried = offered["carried"] if offered is not None else {}
        answers = renumbered(json.loads(row["answers"]), json.loads(row["carried"]), carried)
        if answers is None:
            raise Refusal("Формулярът вече пита и за друго. / The form asks for something else by now.")
        role, language = row["respondent_role"], row["language"]
        return self._submit(*place, answers, role, row["group"], carried, language, "")

    def _submit(
        self,
        session: str,
        instrument: str,
        person: int,
        answers: JsonObject,
        role: str,
        group: int,
        carried: JsonObject | None,
        language: str,
        submission_id: str,
    ) -> str:
        row = self._session(session)
        language = language or row["language"]
        definition = self.definition(session, instrument, language)
        if carried is None:
            offered = self.personal(session, instrument, person, group)
            carried = offered.get("carried", {}) if offered else {}
        identifier = submission_id or str(uuid.uuid4())
        with self.database.write() as connection:
            place = (session, instrument, group, person)
            version = connection.execute(
                "SELECT coalesce(max(version), 0) + 1 FROM submission WHERE session = ? AND instrument = ?"
                ' AND "group" = ? AND respondent = ?',
                place,
            ).fetchone()[0]
            connection.execute(
                "UPDATE submission SET state = 'superseded' WHERE session = ? AND instrument = ?"
                ' AND "group" = ? AND respondent = ?',
                place,
            )
            connection.execute(
                "INSERT INTO submission (id, session, instrument, instrument_version, definition_sha256,"
                ' language, "group", respondent, respondent_role, version, state, submitted, answers,'
                " carried) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'submitted', ?, ?, ?)",
                (
                    *(identifier, session, instrument, definition["version"] if definition else "1.0.0"),
                    *(definition["sha256"] if definition else "", language, group, person, role, version),
                    self.now(),
                    json.dumps(answers, ensure_ascii=False),
                    json.dumps(carried, ensure_ascii=False),
                ),
            )
            connection.execute(
                'DELETE FROM draft WHERE session = ? AND instrument = ? AND "group" = ? AND person = ?', place
            )
            self._changed(connection, "submission", "saved", identifier, session)
            outbox.add(connection, "submission.saved", {"session": session, "submission": identifier})
        self._wake()
        return identifier

    # -- decisions on signals

    def decide(
        self, session: str, signals: Sequence[SignalShown], code: str, note: str, due: int, person: int
    ) -> None:
        """Take the same decision on signals on the page of a session; ``due`` is the date of a measure."""
        self._session(session)
        with self.database.write() as connection:
            for signal in signals:
                identifier = str(uuid.uuid4())
                seen = [each["session"] for each in signal["occurrences"]]
                connection.execute(
                    'INSERT INTO decision (id, session, signal, rule, person, "group", occurrences, decision,'
                    " note, due, user, time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(identifier, session, signal["id"], signal["rule"], signal["person"]),
                        *(signal["group"], json.dumps(seen), code, note.strip()),
                        *(due if code == MEASURE else 0, person, self.now()),
                    ),
                )
                self._changed(connection, "decision", "saved", identifier, session)
                outbox.add(connection, "decision.saved", {"session": session, "decision": identifier})
        self._wake()

    # -- deletion, retry

    def delete_submission(self, submission: str) -> None:
        """Delete one version; its documents lose their bytes and stay as tombstones."""
        with self.database.write() as connection:
            self._delete_submission(connection, submission)
        self._wake()

    def _delete_submission(self, connection: sqlite3.Connection, submission: str) -> None:
        row = connection.execute("SELECT session FROM submission WHERE id = ?", (submission,)).fetchone()
        if row is None:
            raise Refusal("There is no such submission.")
        connection.execute("UPDATE document SET content = NULL WHERE submission = ?", (submission,))
        connection.execute("DELETE FROM problem WHERE submission = ?", (submission,))
        connection.execute("DELETE FROM submission WHERE id = ?", (submission,))
        self._changed(connection, "submission", "deleted", submission, row["session"])
        outbox.add(connection, "submission.deleted", {"session": row["session"], "submission": submission})

    def erase(self, person: int) -> None:
        """Forget a person: submissions, drafts and documents' bytes go, the service is told."""
        with self.database.write() as connection:
            for row in connection.execute(
                "SELECT id FROM submission WHERE respondent = ?", (person,)
            ).fetchall():
                self._delete_submission(connection, row["id"])
            for table in ("draft", "personal", "enrolment", "membership", "roster"):
                connection.execute(f"DELETE FROM {table} WHERE person = ?", (person,))  # noqa: S608
            for row in connection.execute(
                "SELECT id, session FROM decision WHERE person = ?", (person,)
            ).fetchall():
                connection.execute("DELETE FROM decision WHERE id = ?", (row["id"],))
                self._changed(connection, "decision", "deleted", row["id"], row["session"])
            connection.execute("DELETE FROM summary WHERE person = ?", (person,))
            connection.execute("DELETE FROM person WHERE id = ?", (person,))
            self._changed(connection, "erasure", "saved", str(person), "")
            outbox.add(connection, "privacy.erase", {"user": person})
        self._wake()

    def retry(self, submission: str) -> None:
        """Tell the service about a submission once more (the coordinator's retry button)."""
        row = self.database.row("SELECT session FROM submission WHERE id = ?", submission)
        if row is None:
            raise Refusal("There is no such submission.")
        with self.database.write() as connection:
            outbox.add(connection, "submission.saved", {"session": row["session"], "submission": submission})
        self._wake()
