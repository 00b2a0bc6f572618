"""What is here and what Moodle holds are compared: what differs is mended, or told to people."""

from __future__ import annotations

from typing import Any

import pytest
from workshop import FORM, Workshop

from moodle_bridge.pipeline import compare
from moodle_bridge.pipeline.compare import COMPARED
from moodle_bridge.sandbox.cast import KALOYAN, YULIA
from moodle_bridge.store import documents, facts, queue, records, tables
from moodle_bridge.store.engine import write


def told(shop: Workshop) -> list[tuple[str, str, str]]:
    """Kind, id and outcome of every difference that is found now."""
    return [(each.kind, each.id, each.outcome) for each in compare.compare(shop.context)]


@pytest.fixture
def filed(shop: Workshop) -> tuple[str, list[str]]:
    """A session with two filed forms, the same here and in Moodle."""
    session = shop.session()
    submissions = [shop.submit(session, person=person.id) for person in (YULIA, KALOYAN)]
    shop.sync()
    shop.work()
    compare.compare(shop.context)  # pushing the first forms changes what Moodle says of a session
    shop.work()
    assert told(shop) == []
    return session, submissions


def test_where_both_sides_agree_nothing_is_done(shop: Workshop, filed: tuple[str, list[str]]) -> None:
    shop.work()
    shop.moodle.calls.clear()
    assert told(shop) == []
    assert not {
        call for call in shop.moodle.calls if call.startswith(("put_", "store_", "report_", "upload"))
    }
    assert [job for job in queue.list_jobs(shop.engine, "queued") if job.kind in ("archive", "push")] == []
    assert facts.get(shop.engine, COMPARED) == {"at": shop.clock(), "numbers": {}, "told": []}


def test_a_dropped_job_s_documents_are_made_after_all(shop: Workshop) -> None:
    submission = shop.submit(shop.session())
    shop.sync()
    shop.moodle.lie("store_document", lambda _: {"exception": "x", "errorcode": "invalidparameter"})
    shop.work()
    (dead,) = queue.list_jobs(shop.engine, "dead")
    shop.moodle.honest()
    with shop.sandbox.database.write() as connection:
        connection.execute("DELETE FROM document")
    queue.drop(shop.engine, dead.id)
    shop.sync()
    shop.work()
    assert shop.documents(submission) == {}, "reconcile alone never finds it"
    assert ("submission", submission, "archived anew") in told(shop)
    shop.work()
    assert set(shop.documents(submission)) == {"full", "mentor"}
    assert told(shop) == []


def test_what_is_being_worked_on_is_no_difference(shop: Workshop) -> None:
    session = shop.session()
    shop.sync()
    shop.work()
    compare.compare(shop.context)  # pushing the first forms changes what Moodle says of a session
    shop.submit(session)
    shop.sync()
    assert queue.list_jobs(shop.engine, "queued", "archive")
    assert told(shop) == []


def test_a_form_that_is_not_known_here_is_read_and_filed(
    shop: Workshop, filed: tuple[str, list[str]]
) -> None:
    _, (lost, _) = filed
    with shop.sandbox.database.write() as connection:
        connection.execute("DELETE FROM document WHERE submission = ?", (lost,))
    with write(shop.engine) as connection:
        records.delete_submission(connection, lost)
    assert ("submission", lost, "archived anew") in told(shop)
    shop.work()
    assert set(shop.documents(lost)) == {"full", "mentor"}
    assert told(shop) == []


def test_receipts_that_are_not_known_here_are_read(shop: Workshop, filed: tuple[str, list[str]]) -> None:
    _, (submission, _) = filed
    known = documents.documents(shop.engine, submission)
    with write(shop.engine) as connection:
        documents.forget(connection, known[0].id)
    assert told(shop) == [("document", known[0].id, "read again")]
    again = documents.documents(shop.engine, submission)
    assert {each.sha256 for each in again} == {each.sha256 for each in known}
    assert told(shop) == []


def test_a_document_that_moodle_has_lost_is_filed_again(shop: Workshop, filed: tuple[str, list[str]]) -> None:
    _, (submission, _) = filed
    (lost,) = [each for each in documents.documents(shop.engine, submission) if each.variant == "mentor"]
    with shop.sandbox.database.write() as connection:
        connection.execute("DELETE FROM document WHERE id = ?", (lost.id,))
    assert told(shop) == [("document", lost.id, "forgotten"), ("submission", submission, "archived anew")]
    shop.work()
    assert set(shop.documents(submission)) == {"full", "mentor"}
    assert told(shop) == []


@pytest.mark.parametrize("column", ["sha256", "answers_sha256"])
def test_another_hash_is_told_each_time_and_nothing_is_changed(
    shop: Workshop, filed: tuple[str, list[str]], column: str
) -> None:
    known = documents.documents(shop.engine)
    with shop.sandbox.database.write() as connection:
        connection.execute(f"UPDATE document SET {column} = ? WHERE id = ?", ("c" * 64, known[0].id))
    for _ in range(2):
        assert told(shop) == [("document", known[0].id, "told")]
    assert documents.documents(shop.engine) == known
    fact: Any = facts.get(shop.engine, COMPARED)
    assert [each["id"] for each in fact["told"]] == [known[0].id]


def test_a_form_whose_deletion_was_never_told_is_forgotten(
    shop: Workshop, filed: tuple[str, list[str]]
) -> None:
    _, (gone, kept) = filed
    with shop.sandbox.database.write() as connection:
        connection.execute("DELETE FROM submission WHERE id = ?", (gone,))
        connection.execute("DELETE FROM document WHERE submission = ?", (gone,))
    assert told(shop) == [("submission", gone, "forgotten")]
    assert [each.id for each in records.submissions(shop.engine)] == [kept]
    assert documents.documents(shop.engine, gone) == []


@pytest.mark.parametrize("change", [{"answers": '{"sa_plan": 1}'}, {"state": "superseded"}, {"version": 7}])
def test_a_form_that_is_another_in_moodle_is_read_again(
    shop: Workshop, filed: tuple[str, list[str]], change: dict[str, Any]
) -> None:
    _, (submission, _) = filed
    ((column, value),) = change.items()
    with shop.sandbox.database.write() as connection:
        connection.execute(f"UPDATE submission SET {column} = ? WHERE id = ?", (value, submission))
    assert told(shop) == [("submission", submission, "read again")]
    known = records.submission(shop.engine, submission)
    assert known is not None
    assert change == {"answers": '{"sa_plan": 1}'} or getattr(known, column) == value
    assert told(shop) == []


def test_sessions_and_people_that_nothing_told_of_are_read_and_forgotten(
    shop: Workshop, filed: tuple[str, list[str]]
) -> None:
    session, _ = filed
    other = shop.session(2)
    shop.sync()
    shop.work()
    with write(shop.engine) as connection:
        records.delete_session(connection, session)
        connection.execute(tables.participants.delete())
    with shop.sandbox.database.write() as connection:
        connection.execute("DELETE FROM session WHERE id = ?", (other,))
    assert set(told(shop)) == {("session", other, "forgotten"), ("session", session, "read again")}
    assert [each.id for each in records.sessions(shop.engine)] == [session]
    assert len(documents.documents(shop.engine)) == 4
    assert records.participants(shop.engine, session) is not None
    shop.work()
    assert told(shop) == []


def test_a_form_that_waits_for_its_author_is_no_difference(shop: Workshop) -> None:
    session = shop.session()
    shop.submit(session, answers={})
    shop.sync()
    shop.work()
    assert shop.sandbox.database.rows("SELECT * FROM problem")
    assert [kind for kind, _, _ in told(shop) if kind != "session"] == []
    assert told(shop) == []


def test_a_form_that_comes_while_the_session_is_read_is_not_forgotten(
    shop: Workshop, filed: tuple[str, list[str]]
) -> None:
    session, _ = filed
    new: list[str] = []

    def come() -> None:
        new.append(shop.submit(session, person=YULIA.id))
        shop.moodle.lie("get_submissions", lambda answer: answer)
        shop.archive(new[0])

    shop.moodle.after("get_submissions", come)
    compare.compare(shop.context)
    assert new[0] in {each.id for each in records.submissions(shop.engine)}
    assert len(documents.documents(shop.engine, new[0])) == 2


def test_a_session_that_cannot_be_compared_keeps_no_other_from_it(
    shop: Workshop, filed: tuple[str, list[str]]
) -> None:
    _, (submission, _) = filed
    bad = shop.session(2, instruments=[FORM])
    shop.sync()
    shop.work()
    shop.moodle.lie_of(
        "list_documents",
        lambda asked, answer: (
            {"exception": "x", "errorcode": "invalidrecord"} if asked["session"] == bad else answer
        ),
    )
    with write(shop.engine) as connection:
        records.delete_submission(connection, submission)
    assert ("submission", submission, "read again") in told(shop)
    assert submission in {each.id for each in records.submissions(shop.engine)}
