"""A Moodle that lies, and clocks that were wrong: what cannot be is not believed, nothing stands still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from workshop import FORM, Workshop

from moodle_bridge.contract import faults
from moodle_bridge.pipeline.restore import restore
from moodle_bridge.pipeline.sync import PASSED
from moodle_bridge.sandbox.cast import GROUP_A, PETAR, YULIA
from moodle_bridge.store import documents, facts, queue, records
from moodle_bridge.store.engine import write

YEAR = 365 * 86_400
OTHER = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "lie",
    [
        lambda page: {**page, "site": "https://elsewhere.example"},
        lambda page: {**page, "more": True, "cursor": 0},
    ],
    ids=["it answers for another site", "its cursor does not move"],
)
def test_changes_that_cannot_be_true_are_not_read(
    shop: Workshop, lie: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    shop.session()
    shop.moodle.lie("get_changes", lambda page: lie(page) if len(shop.moodle.calls) < 9 else page)
    shop.sync()
    assert records.sessions(shop.engine) == []
    assert shop.moodle.calls.count("get_changes") == 1, "and not asked for without end"


def test_reading_anew_ends_though_the_cursor_does_not_move(shop: Workshop) -> None:
    shop.session()
    stuck = {"more": True, "cursor": 0}
    shop.moodle.lie("get_changes", lambda page: page | (stuck if len(shop.moodle.calls) < 9 else {}))
    with pytest.raises(Exception, match="does not move"):
        restore(shop.context)


@pytest.mark.parametrize("name", ["answers", "carried"])
@pytest.mark.parametrize("lie", ["[" * 100_000, '{"a":' * 3000, "[]", "nothing"])
def test_answers_that_nobody_can_read_are_a_fault_of_moodle_s(shop: Workshop, name: str, lie: str) -> None:
    submission = shop.submit(shop.session())
    shop.moodle.lie(
        "get_submissions", lambda answer: answer | {"submissions": [answer["submissions"][0] | {name: lie}]}
    )
    shop.archive(submission)
    (job,) = queue.list_jobs(shop.engine, kind="archive")
    assert (job.state, job.code) == ("queued", "moodle-garbled")
    assert job.message.endswith(f"{name} is not a JSON object")


def test_a_time_beyond_the_calendar_breaks_the_contract() -> None:
    assert faults("common", 10**15, "time") != []


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../x"])
def test_a_time_zone_that_is_not_known_here_does_not_keep_forms_from_being_filed(
    shop: Workshop, name: str
) -> None:
    submission = shop.submit(shop.session())
    shop.moodle.lie(
        "get_submissions", lambda answer: answer | {"sessions": [answer["sessions"][0] | {"timezone": name}]}
    )
    shop.archive(submission)
    assert set(shop.documents(submission)) == {"full", "mentor"}


@pytest.mark.parametrize("lie", [{"document": OTHER}, {"sha256": "0" * 64}], ids=["document", "sha256"])
def test_a_receipt_for_something_else_is_no_receipt(shop: Workshop, lie: dict[str, Any]) -> None:
    submission = shop.submit(shop.session())
    shop.moodle.lie("store_document", lambda answer: {**answer, **lie})
    shop.archive(submission)
    kept = documents.documents(shop.engine, submission)
    assert kept
    assert all(document.stored_at is None for document in kept)
    document = documents.document(shop.engine, kept[0].id)
    assert document is not None
    assert document.content, "the bytes are kept until there is a true receipt"


def test_what_moodle_ignored_is_pushed_again(shop: Workshop) -> None:
    session = shop.session()
    shop.moodle.lie("put_personal", lambda answer: {**answer, "ignored": 1})
    shop.sync()
    shop.work()
    shop.moodle.lie("put_personal", lambda answer: answer)
    with shop.sandbox.database.write() as connection:
        connection.execute("DELETE FROM personal")
    shop.sandbox.world.update_session(session, name="Друго име")
    shop.sync()
    shop.work()
    assert shop.sandbox.world.personal(session, FORM, YULIA.id, GROUP_A)


@pytest.mark.parametrize("fault", ["maintenance", "http_500", "token_refused", "redirect"])
def test_what_died_while_moodle_was_not_itself_is_tried_again_once_it_answers(
    shop: Workshop, fault: str
) -> None:
    submission = shop.submit(shop.session())
    shop.sync()
    shop.sandbox.faults.set(fault)
    for _ in range(shop.context.settings.jobs.attempts):
        shop.work("archive")
    assert [kind for kind, _ in shop.dead()] == ["archive"]
    shop.sandbox.faults.clear()
    shop.sync()
    shop.work()
    assert set(shop.documents(submission)) == {"full", "mentor"}
    assert shop.dead() == []


def test_what_waits_for_moodle_s_maintenance_to_end_goes_on_at_its_first_answer(shop: Workshop) -> None:
    submission = shop.submit(shop.session())
    shop.sync()
    shop.sandbox.faults.set("maintenance")
    for _ in range(10):
        shop.work("archive")
    shop.sandbox.faults.clear()
    (waiting,) = queue.list_jobs(shop.engine, "queued", "archive")
    assert waiting.due_at > shop.clock() + 600, "ten failures make a job pause for long"
    shop.sync()
    assert queue.is_due(shop.engine, shop.clock())
    shop.work()
    assert set(shop.documents(submission)) == {"full", "mentor"}


def test_a_clock_that_was_a_year_ahead_does_not_keep_deadlines_from_being_seen(shop: Workshop) -> None:
    # The mentor's form opens three days before its deadline.
    due = int(shop.clock()) + 3 * 86_400 + 3600
    session = shop.session(due=due, instruments=[FORM, "mentor_initial"])
    shown = lambda: shop.sandbox.world.personal(session, "mentor_initial", PETAR.id, GROUP_A)  # noqa: E731
    shop.sync()
    shop.work()
    assert shown()["open"] is False
    with write(shop.engine) as connection:
        facts.put(connection, PASSED, shop.clock() + YEAR)
    shop.clock.advance(7200)
    shop.sync()
    shop.work()
    assert shown()["open"] is True
