"""Moodle became another one, or was set back to a backup: all is read anew, and nothing is lost meanwhile."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from workshop import FORM, Workshop

from moodle_bridge.pipeline import cursor
from moodle_bridge.pipeline.restore import restore
from moodle_bridge.sandbox import functions
from moodle_bridge.sandbox.cast import GROUP_A, KALOYAN, YULIA
from moodle_bridge.sandbox.sqlite_file import put_setting
from moodle_bridge.store import documents, facts, queue, records
from moodle_bridge.store.engine import write


def another_feed(shop: Workshop) -> None:
    with shop.sandbox.database.write() as connection:
        put_setting(connection, "feed", str(uuid.uuid4()))


def everything_known(shop: Workshop) -> dict[str, Any]:
    return {
        "sessions": records.sessions(shop.engine),
        "submissions": records.submissions(shop.engine),
        "documents": documents.documents(shop.engine),
        "people": [records.participants(shop.engine, s.id) for s in records.sessions(shop.engine)],
    }


def archives(shop: Workshop) -> list[str]:
    return [job.kind for job in queue.list_jobs(shop.engine, "queued") if job.kind == "archive"]


@pytest.mark.parametrize("call", ["get_changes", "get_submissions", "list_documents"])
def test_while_moodle_is_down_halfway_through_reading_anew_all_that_was_known_is_still_known(
    shop: Workshop, call: str
) -> None:
    sessions = [shop.session(number) for number in (1, 2)]
    submissions = [shop.submit(session, person=p.id) for session in sessions for p in (YULIA, KALOYAN)]
    shop.sync()
    shop.work()
    known = everything_known(shop)
    assert len(known["documents"]) == 2 * len(submissions)
    another_feed(shop)
    shop.moodle.after(call, lambda: shop.sandbox.faults.set("maintenance"))
    shop.sync()
    assert everything_known(shop) == known
    shop.sandbox.faults.clear()
    filed = {submission: shop.documents(submission) for submission in submissions}
    queue.retry_dead(shop.engine, shop.clock())
    shop.ask(queue.NewJob("sync", "sync"))
    shop.work("sync")
    assert archives(shop) == []
    shop.work()
    assert {submission: shop.documents(submission) for submission in submissions} == filed
    assert cursor.read(shop.engine).feed == shop.sandbox.database.setting("feed")


def test_what_the_new_moodle_does_not_hold_is_forgotten_and_what_it_lacks_is_filed_again(
    shop: Workshop,
) -> None:
    kept, gone = shop.session(1), shop.session(2)
    lost, held, unfiled = (
        shop.submit(session, person=person)
        for session, person in ((gone, YULIA.id), (kept, YULIA.id), (kept, KALOYAN.id))
    )
    shop.sync()
    shop.work()
    another_feed(shop)
    with shop.sandbox.database.write() as connection:
        connection.execute("DELETE FROM session WHERE id = ?", (gone,))
        connection.execute("DELETE FROM submission WHERE session = ?", (gone,))
        connection.execute("DELETE FROM document WHERE submission IN (?, ?)", (lost, unfiled))
    shop.sync()
    assert [record.id for record in records.sessions(shop.engine)] == [kept]
    assert {record.id for record in records.submissions(shop.engine)} == {held, unfiled}
    shop.work()
    assert set(shop.documents(unfiled)) == set(shop.documents(held)) == {"full", "mentor"}
    assert shop.dead() == []


@pytest.mark.parametrize("more", [0, 1, 4], ids=["nothing since", "less since", "more since"])
def test_a_site_restored_from_a_backup_with_the_same_feed_is_read_anew(shop: Workshop, more: int) -> None:
    session = shop.session()
    before = shop.submit(session)
    shop.sync()
    shop.work()
    backup = shop.sandbox.database.row("SELECT max(seq) AS seq FROM change")["seq"]
    after = [shop.submit(session, person=KALOYAN.id) for _ in range(2)]
    shop.sync()
    shop.work()
    with shop.sandbox.database.write() as connection:
        for table in ("document", "submission"):
            column = "submission" if table == "document" else "id"
            connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(each,) for each in after])
        connection.execute("DELETE FROM change WHERE seq > ?", (backup,))
        connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'change'", (backup,))
        connection.execute("DELETE FROM personal")
    shop.clock.advance(60)
    since = [shop.submit(session, person=YULIA.id) for _ in range(more)]
    shop.sync()
    shop.work()
    assert {record.id for record in records.submissions(shop.engine)} == {before, *since}
    assert all(set(shop.documents(submission)) == {"full", "mentor"} for submission in (before, *since))
    assert shop.sandbox.world.personal(session, FORM, YULIA.id, GROUP_A), "pushed anew"


def test_a_sequence_that_goes_on_is_not_read_anew(shop: Workshop) -> None:
    session = shop.session()
    shop.sync()
    shop.moodle.calls.clear()
    for _ in range(3):
        shop.sync()
        shop.submit(session)
    shop.sync()
    shop.sync()
    assert "list_documents" not in shop.moodle.calls
    assert shop.moodle.calls.count("get_changes") == 5
    assert shop.moodle.calls.count("get_participants") == 0, "what is known already is not worked on again"


def test_the_last_known_change_may_have_given_way_to_a_later_one_of_the_same_thing(shop: Workshop) -> None:
    session = shop.session()
    shop.sync()
    shop.moodle.calls.clear()
    shop.sandbox.world.update_session(session, name="Друго име")
    with shop.sandbox.database.write() as connection:
        connection.execute("DELETE FROM change WHERE seq < (SELECT max(seq) FROM change)")
    shop.sync()
    assert "list_documents" not in shop.moodle.calls
    assert records.sessions(shop.engine)[0].name == "Друго име"


def test_a_session_of_many_pages_is_restored_whole(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    session = shop.session()
    made = [shop.submit(session, person=person.id) for person in (YULIA, KALOYAN, YULIA)]
    monkeypatch.setattr(functions, "PAGE_BYTES", 1)
    assert restore(shop.context) == (3, 0)
    assert {record.id for record in records.submissions(shop.engine)} == set(made)
    assert shop.moodle.calls.count("get_submissions") == 3


def test_one_form_whose_answers_are_no_answers_keeps_no_other_from_being_restored(shop: Workshop) -> None:
    session = shop.session()
    broken, whole = (shop.submit(session, person=person.id) for person in (YULIA, KALOYAN))
    lies = {broken: "[1]"}
    shop.moodle.lie(
        "get_submissions",
        lambda answer: {
            **answer,
            "submissions": [
                {**form, "answers": lies.get(form["id"], form["answers"])} for form in answer["submissions"]
            ],
        },
    )
    assert restore(shop.context) == (1, 0)
    assert [record.id for record in records.submissions(shop.engine)] == [whole]
    shop.sync()
    shop.work()
    waiting = [job for job in queue.list_jobs(shop.engine, "queued") if job.kind == "archive"]
    assert [(job.payload["submission"], job.code) for job in waiting] == [(broken, "moodle-garbled")]
    assert set(shop.documents(whole)) == {"full", "mentor"}


@pytest.mark.parametrize("ahead", [0, 900], ids=["as the clock", "ahead of the clock after many pushes"])
def test_after_a_loss_of_the_database_pushes_are_newer_than_what_moodle_holds(
    shop: Workshop, ahead: int
) -> None:
    session = shop.session()
    shop.sync()
    shop.work()
    with shop.sandbox.database.write() as connection:
        held = connection.execute(
            "UPDATE personal SET content = '{}', revision = revision + ? RETURNING revision", (ahead,)
        ).fetchone()[0]
    with write(shop.engine) as connection:
        facts.forget(connection, "revision")
        cursor.rewind(connection)
    shop.clock.advance(10)
    restore(shop.context)
    shop.sync()
    shop.work()
    assert shop.sandbox.world.personal(session, FORM, YULIA.id, GROUP_A) != {}
    assert shop.sandbox.database.row("SELECT min(revision) AS least FROM personal")["least"] > held
