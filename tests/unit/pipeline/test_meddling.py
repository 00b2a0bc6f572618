"""What others do to a submission while it is archived: between any two calls of Moodle."""

from __future__ import annotations

from typing import Any

import pytest
from workshop import FORM, Workshop

from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.pipeline.restore import restore
from moodle_bridge.sandbox.cast import KALOYAN, YULIA
from moodle_bridge.store import documents, queue, records
from moodle_bridge.store.engine import write


def incomplete() -> dict[str, Any]:
    """Answers without a criterion for the first goal."""
    answers = sample("bg")
    del answers["specific_goals"][0]["criterion"]
    return answers


def problem(shop: Workshop, submission: str) -> Any:
    return shop.sandbox.database.row("SELECT * FROM problem WHERE submission = ?", submission)


def nothing_is_left(shop: Workshop, submission: str) -> bool:
    return (
        records.submission(shop.engine, submission) is None
        and documents.documents(shop.engine, submission) == []
        and shop.dead() == []
    )


@pytest.mark.parametrize("moment", ["get_submissions", "upload", "store_document"])
def test_what_is_deleted_while_it_is_archived_is_forgotten(shop: Workshop, moment: str) -> None:
    session = shop.session()
    submission = shop.submit(session)
    shop.sync()
    shop.moodle.after(moment, lambda: shop.sandbox.world.delete_submission(submission))
    shop.archive(submission)
    assert nothing_is_left(shop, submission), "at once: no sync has brought the tombstone yet"


@pytest.mark.parametrize("moment", ["get_submissions", "upload", "store_document"])
def test_of_a_session_deleted_while_a_form_is_archived_nothing_is_left(shop: Workshop, moment: str) -> None:
    session = shop.session()
    submission = shop.submit(session)

    def delete() -> None:
        shop.sandbox.world.delete_session(session)
        shop.sync()  # the tombstone is read before the form is written down

    shop.moodle.after(moment, delete)
    shop.archive(submission)
    shop.work()
    assert nothing_is_left(shop, submission)
    assert records.session(shop.engine, session) is None


def test_what_is_deleted_between_reading_and_writing_down_is_forgotten_though_nothing_is_stored(
    shop: Workshop,
) -> None:
    session = shop.session()
    submission = shop.submit(session, incomplete())
    shop.sync()
    shop.work()
    assert problem(shop, submission)

    def delete() -> None:
        shop.sandbox.world.delete_submission(submission)
        shop.sync()

    shop.moodle.after("get_submissions", delete)
    shop.archive(submission)  # finds the same problems: Moodle need not be told
    shop.work()
    assert nothing_is_left(shop, submission)


@pytest.mark.parametrize("read", [True, False], ids=["and the sync has seen it", "and no sync has seen it"])
def test_a_session_that_closes_while_a_form_is_judged_is_not_missed(shop: Workshop, read: bool) -> None:
    session = shop.session()
    submission = shop.submit(session, incomplete())
    shop.sync()

    def close() -> None:
        shop.clock.advance(1)
        shop.sandbox.world.close_session(session)
        if read:
            shop.sync()

    shop.moodle.after("get_submissions", close)
    shop.archive(submission)
    shop.sync()
    shop.work()
    assert set(shop.documents(submission)) == {"full", "mentor"}, "filed, and marked incomplete"
    assert problem(shop, submission) is None


def test_a_form_that_was_read_before_its_session_closed_does_not_open_the_session_again(
    shop: Workshop,
) -> None:
    session = shop.session()
    submission = shop.submit(session)
    shop.sync()

    def close() -> None:
        shop.sandbox.world.close_session(session)  # within the same second
        shop.sync()

    shop.moodle.after("get_submissions", close)
    shop.archive(submission)
    known = records.session(shop.engine, session)
    assert known is not None
    assert known.closed


def test_a_version_that_was_superseded_while_it_waited_asks_nobody_for_a_correction(shop: Workshop) -> None:
    session = shop.session()
    first = shop.submit(session, incomplete())
    second = shop.submit(session)
    shop.sync()
    shop.work()
    assert problem(shop, first) is None
    assert shop.documents(first) == {}
    assert set(shop.documents(second)) == {"full", "mentor"}


def test_one_dead_letter_that_moodle_does_not_take_hides_no_other(shop: Workshop) -> None:
    session = shop.session()
    gone, kept = (shop.submit(session, person=person.id) for person in (YULIA, KALOYAN))
    shop.sync()
    shop.work()
    with shop.sandbox.database.write() as connection:
        connection.execute("UPDATE submission SET instrument = 'unknown'")
    shop.archive(kept)
    shop.clock.advance(1)
    shop.archive(gone)  # the last to change comes first in the report
    assert shop.dead() == [("archive", "instrument")] * 2
    shop.sandbox.world.delete_submission(gone)
    shop.ask(queue.NewJob("report", "report"))
    shop.work("report")
    assert problem(shop, kept)["kind"] == "failed"


def test_what_was_reported_of_a_document_is_taken_back_once_it_is_filed(shop: Workshop) -> None:
    session = shop.session()
    submission = shop.submit(session)
    shop.sync()
    with shop.sandbox.database.write() as connection:
        connection.execute("UPDATE submission SET instrument = 'unknown'")
    shop.archive(submission)
    shop.ask(queue.NewJob("report", "report"))
    shop.work("report")
    assert problem(shop, submission)["kind"] == "failed"
    with shop.sandbox.database.write() as connection:
        connection.execute("UPDATE submission SET instrument = ?", (FORM,))
    queue.retry_dead(shop.engine, shop.clock())
    shop.archive(submission)
    assert set(shop.documents(submission)) == {"full", "mentor"}
    assert problem(shop, submission) is None


@pytest.mark.parametrize("news", ["an erasure", "reading all anew"])
def test_a_form_that_is_being_worked_on_when_what_it_read_goes_is_read_once_more(
    shop: Workshop, news: str
) -> None:
    shop.submit(shop.session())
    shop.sync()
    with write(shop.engine) as connection:
        queue.claim(connection, "another worker", shop.clock(), 60, 50, 50)
    if news == "an erasure":
        shop.sandbox.world.erase(YULIA.id)
        shop.sync()
    else:
        restore(shop.context)
    running = queue.list_jobs(shop.engine, "running")
    assert [job.again for job in running if job.kind == "archive"] == [True]
