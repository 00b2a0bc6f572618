"""The private copy of Moodle: sessions, submissions, documents and what was pushed; and forgetting."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from moodle_bridge.contract.records import (
    ParticipantsRecord,
    SentSubmission,
    SessionRecord,
    SubmissionRecord,
)
from moodle_bridge.resources import contract_dir
from moodle_bridge.store import documents, pushed, records, schema, tables
from moodle_bridge.store.documents import Document
from moodle_bridge.store.engine import connect, read, write

DOCUMENT = Document("d1", "s1", "x1", "full", "bg", "Ангелова.pdf", "a" * 64, "b" * 64, 3, 1, content=b"pdf")
ROWS = pushed.personal_target("mentee_initial", 42, 3)


@dataclass(frozen=True)
class Golden:
    """A session, one of its submissions and who takes part in it."""

    session: SessionRecord
    submission: SubmissionRecord
    participants: ParticipantsRecord


@pytest.fixture
def golden() -> Golden:
    """One session and one submission, as the contract's golden exchanges have them."""
    changes = json.loads((contract_dir() / "golden" / "ws-get_changes.json").read_text(encoding="utf-8"))
    answers = json.loads((contract_dir() / "golden" / "ws-get_submissions.json").read_text(encoding="utf-8"))
    people = json.loads((contract_dir() / "golden" / "ws-get_participants.json").read_text(encoding="utf-8"))
    submission = SentSubmission.of(answers["answer"]["submissions"][0]).read()
    return Golden(
        session=SessionRecord.of(changes["answer"]["sessions"][0]),
        submission=replace(submission, problems=("required",)),
        participants=ParticipantsRecord.of(people["answer"]),
    )


@pytest.fixture
def filled(engine: Engine, golden: Golden) -> Engine:
    """A store that knows the golden session, its people, a submission and its document."""
    session = golden.session.id
    with write(engine) as connection:
        records.put_session(connection, golden.session)
        records.put_participants(connection, golden.participants)
        records.put_submission(connection, golden.submission)
        documents.keep(connection, replace(DOCUMENT, session=session, submission=golden.submission.id))
        pushed.note(connection, session, ROWS, "c" * 64, 7)
    return engine


def numbers(engine: Engine) -> dict[str, int]:
    names = ("session", "participants", "submission", "document", "content", "pushed")
    with read(engine) as connection:
        return {
            name: connection.execute(
                select(func.count()).select_from(tables.metadata.tables[name])
            ).scalar_one()
            for name in names
        }


def test_records_read_back_with_answers_parsed(filled: Engine, golden: Golden) -> None:
    session, submission = golden.session, golden.submission
    assert records.session(filled, session.id) == session
    assert records.sessions(filled) == records.sessions(filled, session.course) == [session]
    assert records.participants(filled, session.id) == golden.participants
    assert records.submission(filled, submission.id) == submission
    assert records.submissions(filled) == records.submissions(filled, submission.session) == [submission]


def test_what_is_not_known_is_none_or_empty(engine: Engine) -> None:
    assert records.session(engine, "x") is None
    assert records.participants(engine, "x") is None
    assert records.submission(engine, "x") is None
    assert documents.document(engine, "x") is None
    assert records.sessions(engine) == records.submissions(engine) == documents.documents(engine) == []


def test_a_record_read_again_from_moodle_replaces_what_was_known(filled: Engine, golden: Golden) -> None:
    later = replace(golden.submission, answers={}, carried={}, state="superseded", problems=())
    with write(filled) as connection:
        records.put_session(connection, replace(golden.session, name="Втора"))
        records.put_submission(connection, later)
    assert records.sessions(filled)[0].name == "Втора"
    assert records.submissions(filled) == [later]


def test_bytes_are_kept_until_moodle_has_stored_them(engine: Engine) -> None:
    with write(engine) as connection:
        assert documents.keep(connection, DOCUMENT) == DOCUMENT
    assert documents.document(engine, "d1") == DOCUMENT
    assert documents.documents(engine, submission="s1") == [replace(DOCUMENT, content=None)]
    assert documents.documents(engine, session="x1") == documents.documents(engine)
    with write(engine) as connection:
        documents.receipt(connection, "d1", 5.0)
    assert documents.document(engine, "d1") == replace(DOCUMENT, content=None, stored_at=5.0)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (DOCUMENT, replace(DOCUMENT, sha256="f" * 64, content=b"other"), DOCUMENT),
        (replace(DOCUMENT, content=None), DOCUMENT, DOCUMENT),
        (
            replace(DOCUMENT, content=None),
            replace(DOCUMENT, sha256="f" * 64, content=b"other"),
            replace(DOCUMENT, content=None),
        ),
        (
            replace(DOCUMENT, content=None, stored_at=5.0),
            DOCUMENT,
            replace(DOCUMENT, content=None, stored_at=5.0),
        ),
    ],
    ids=[
        "other content is not taken",
        "missing bytes are added",
        "missing bytes but other",
        "stored already",
    ],
)
def test_a_document_kept_is_never_replaced(
    engine: Engine, first: Document, second: Document, kept: Document
) -> None:
    with write(engine) as connection:
        documents.keep(connection, first)
        assert documents.keep(connection, second) == kept
    assert documents.document(engine, "d1") == kept


def test_a_deleted_submission_takes_answers_and_bytes_along(filled: Engine, golden: Golden) -> None:
    with write(filled) as connection:
        records.delete_submission(connection, golden.submission.id)
    assert numbers(filled) == {
        "session": 1,
        "participants": 1,
        "submission": 0,
        "document": 0,
        "content": 0,
        "pushed": 1,
    }


def test_a_deleted_session_takes_everything_along(filled: Engine, golden: Golden) -> None:
    with write(filled) as connection:
        records.delete_session(connection, golden.session.id)
    assert set(numbers(filled).values()) == {0}


def test_an_erased_person_is_named_nowhere(filled: Engine, golden: Golden) -> None:
    user = golden.submission.respondent
    with write(filled) as connection:
        assert records.erase_person(connection, user) == [golden.session.id]
        assert records.erase_person(connection, user) == []
    found = numbers(filled)
    assert (found["submission"], found["document"], found["content"], found["session"]) == (0, 0, 0, 1)
    staying = records.participants(filled, golden.session.id)
    assert staying is not None
    assert user not in [person.id for person in staying.participants]
    assert len(staying.participants) == len(golden.participants.participants) - 1
    session = records.session(filled, golden.session.id)
    assert session is not None
    assert golden.session.extensions
    assert session.extensions == ()


def test_only_what_changed_needs_a_push(filled: Engine, golden: Golden) -> None:
    session = golden.session.id
    assert not pushed.differs(filled, session, ROWS, "c" * 64)
    assert pushed.differs(filled, session, ROWS, "d" * 64)
    assert pushed.differs(filled, session, pushed.personal_target("other", 42, 3), "c" * 64)
    assert pushed.differs(filled, "another session", ROWS, "c" * 64)
    assert pushed.of_session(filled, session) == {ROWS: "c" * 64}


def test_what_a_page_shows_is_forgotten_but_not_what_was_reported_of_a_form(engine: Engine) -> None:
    shown = [ROWS, pushed.summary_target("mentor", 3, 0)]
    reported = pushed.problem_target("form", "failed")
    with write(engine) as connection:
        for target in (*shown, reported):
            for session in ("one", "two"):
                pushed.note(connection, session, target, "c" * 64, 7)
        pushed.forget_shown_in(connection, "one")
    assert set(pushed.of_session(engine, "one")) == {reported}
    assert set(pushed.of_session(engine, "two")) == {*shown, reported}


def test_answers_that_were_erased_cannot_be_found_in_the_file(tmp_path: Path, golden: Golden) -> None:
    file = tmp_path / "bridge.sqlite3"
    engine = connect(f"sqlite:///{file}")
    schema.upgrade(engine)
    with write(engine) as connection:
        records.put_submission(connection, replace(golden.submission, answers={"x": "Неповторимо"}))
    engine.dispose()
    assert "Неповторимо".encode() in file.read_bytes()
    engine = connect(f"sqlite:///{file}")
    with write(engine) as connection:
        records.erase_person(connection, golden.submission.respondent)
    engine.dispose()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert "Неповторимо".encode() not in left
