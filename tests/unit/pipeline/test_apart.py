"""One thing that cannot be read stops only itself: it is set aside by name, and everything else goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from workshop import FORM, Workshop

from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.session import summary
from moodle_bridge.errors import MoodleRefused
from moodle_bridge.pipeline import again, archive, cursor, hints, sync
from moodle_bridge.pipeline.restore import restore
from moodle_bridge.remedies import remedy_of
from moodle_bridge.sandbox.cast import GROUP_A, KALOYAN, YULIA
from moodle_bridge.store import aside, documents, queue, records
from moodle_bridge.store.engine import write

HOUR = 3600


def fail_for(shop: Workshop, call: str, session: str, answer: dict[str, Any] | None = None) -> None:
    """Let calls about one session answer with an exception of Moodle."""
    broken = answer or {"exception": "dml_missing_record_exception", "errorcode": "invalidrecord"}
    shop.moodle.lie_of(call, lambda asked, told: broken if asked.get("session") == session else told)


def named(shop: Workshop) -> list[tuple[str, str, str]]:
    return [(each.kind, each.id, each.code) for each in aside.things(shop.engine)]


def erase(shop: Workshop, person: int) -> None:
    shop.sandbox.world.erase(person)


def try_again(shop: Workshop, seconds: float = HOUR) -> None:
    shop.clock.advance(seconds)
    again.try_again(shop.context)


# -- sessions


SESSION_FAULTS: dict[str, Callable[[Workshop, str], None]] = {
    "its people cannot be asked for": lambda shop, s: fail_for(shop, "get_participants", s),
    "its forms cannot be asked for": lambda shop, s: fail_for(shop, "get_submissions", s),
    "its documents cannot be asked for": lambda shop, s: fail_for(shop, "list_documents", s),
    "its answer is a server error": lambda shop, s: fail_for(
        shop, "get_participants", s, {"exception": "TypeError", "message": "x"}
    ),
    "its answer is for nobody": lambda shop, s: fail_for(shop, "get_participants", s, {"session": s}),
    "its record has a kind that is none": lambda shop, s: shop.moodle.lie(
        "get_changes", lambda page: spoilt(page, "sessions", s, {"kind": "midterm"})
    ),
    "its record has a fraction for a number": lambda shop, s: shop.moodle.lie(
        "get_changes", lambda page: spoilt(page, "sessions", s, {"number": 1.0})
    ),
    "its course is gone": lambda shop, s: fail_for(
        shop, "get_participants", s, {"exception": "moodle_exception", "errorcode": "invalidcourseid"}
    ),
}


def spoilt(page: dict[str, Any], name: str, identifier: object, lie: dict[str, Any]) -> dict[str, Any]:
    """A page in which the record of that id in one of its lists is not what it should be."""
    key = "document" if name == "documents" else "id"
    return {**page, name: [each | lie if each[key] == identifier else each for each in page[name]]}


@pytest.mark.parametrize("fault", SESSION_FAULTS.values(), ids=SESSION_FAULTS.keys())
def test_a_session_that_cannot_be_read_stops_neither_others_nor_deletions_nor_erasures(
    shop: Workshop, fault: Callable[[Workshop, str], None]
) -> None:
    whole = shop.session(1)
    erased, deleted = shop.submit(whole), shop.submit(whole, person=KALOYAN.id)
    shop.sync()
    shop.work()
    assert {each.id for each in records.submissions(shop.engine)} == {erased, deleted}
    bad = shop.session(2)
    fault(shop, bad)
    erase(shop, YULIA.id)
    shop.sandbox.world.delete_submission(deleted)
    new = shop.session(3)
    shop.sync()
    shop.work()
    assert records.submissions(shop.engine) == []
    assert whole in {each.id for each in records.sessions(shop.engine)}
    assert shop.sandbox.world.personal(new, FORM, KALOYAN.id, GROUP_A), "a session made later has its forms"
    assert [(kind, identifier) for kind, identifier, _ in named(shop)] == [("session", bad)]
    assert shop.dead() == []
    assert cursor.read(shop.engine).seq == shop.sandbox.database.row("SELECT max(seq) AS s FROM change")["s"]


@pytest.mark.parametrize("fault", SESSION_FAULTS.values(), ids=SESSION_FAULTS.keys())
def test_a_session_that_was_set_aside_is_read_once_it_can_be(
    shop: Workshop, fault: Callable[[Workshop, str], None]
) -> None:
    bad = shop.session()
    submission = shop.submit(bad)
    fault(shop, bad)
    shop.sync()
    try_again(shop)
    (told,) = aside.things(shop.engine)
    assert (told.kind, told.course, told.tries) == ("session", 7, 2) or not told.course
    shop.moodle.honest()
    try_again(shop)
    assert named(shop) == []
    shop.work()
    assert shop.sandbox.world.personal(bad, FORM, KALOYAN.id, GROUP_A)
    assert set(shop.documents(submission)) == {"full", "mentor"}
    assert records.participants(shop.engine, bad) is not None


def test_what_is_set_aside_waits_longer_and_longer_and_no_longer_than_an_hour(shop: Workshop) -> None:
    bad = shop.session()
    fail_for(shop, "get_participants", bad)
    shop.sync()
    pauses = []
    for _ in range(12):
        (told,) = aside.things(shop.engine)
        pauses.append(told.again_at - shop.clock())
        calls = len(shop.moodle.calls)
        shop.sync()
        again.try_again(shop.context)
        assert shop.moodle.calls[calls:] == ["get_changes"], "not before its time"
        try_again(shop, pauses[-1])
    assert pauses == sorted(pauses)
    assert pauses[:3] == [10, 20, 40]
    assert pauses[-1] == HOUR


def test_a_change_in_a_session_that_is_set_aside_has_it_read_at_once(shop: Workshop) -> None:
    bad = shop.session()
    fail_for(shop, "get_participants", bad)
    shop.sync()
    shop.moodle.honest()
    shop.sandbox.world.update_session(bad, name="Друго име")
    shop.sync()
    assert named(shop) == []
    assert records.participants(shop.engine, bad) is not None


def test_a_session_that_is_deleted_is_set_aside_no_longer(shop: Workshop) -> None:
    bad = shop.session()
    fail_for(shop, "get_participants", bad)
    shop.sync()
    assert named(shop)
    shop.sandbox.world.delete_session(bad)
    shop.sync()
    assert named(shop) == []


def test_what_only_moodle_as_a_whole_can_cause_sets_nothing_aside(shop: Workshop) -> None:
    for number in (1, 2):
        shop.session(number)
    shop.moodle.after("get_changes", lambda: shop.sandbox.faults.set("maintenance"))
    shop.sync()
    assert named(shop) == []
    (job,) = queue.list_jobs(shop.engine, kind="sync")
    assert (job.state, job.code) == ("queued", "moodle-maintenance")


def test_when_moodle_fails_for_one_after_the_other_the_rest_is_not_tried_but_erasures_are_done(
    shop: Workshop,
) -> None:
    whole = shop.session(1)
    shop.submit(whole)
    shop.sync()
    shop.work()
    made = [shop.session(number) for number in range(2, 9)]
    erase(shop, YULIA.id)
    shop.moodle.after("get_changes", lambda: shop.sandbox.faults.set("http_500"))
    shop.moodle.calls.clear()
    shop.sync()
    assert len(shop.moodle.calls) == 1 + 3
    assert records.submissions(shop.engine) == []
    shop.sandbox.faults.clear()
    shop.clock.advance(10)
    shop.sync()
    try_again(shop)
    assert named(shop) == []
    assert {each.id for each in records.sessions(shop.engine)} == {whole, *made}


def test_an_erasure_far_down_the_sequence_waits_for_no_page_before_it(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "PAGE", 2)
    whole = shop.session(1)
    shop.submit(whole)
    shop.sync()
    shop.work()
    for number in range(2, 9):
        shop.session(number)
    erase(shop, YULIA.id)
    calls: list[int] = []
    shop.moodle.lie_of(
        "get_participants",
        lambda asked, told: calls.append(len(records.submissions(shop.engine))) or told,
    )
    shop.sync()
    assert len(calls) >= 7
    assert set(calls) == {0}, "it was forgotten before anything was read"


def test_an_internal_error_in_one_session_is_told_by_its_type_and_stops_no_other(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = sorted(shop.session(number) for number in (1, 2))
    real = sync.read_session

    def read(context: Any, client: Any, session: Any, **more: Any) -> Any:
        if session.id == bad:
            raise KeyError("an answer")
        return real(context, client, session, **more)

    monkeypatch.setattr(sync, "read_session", read)
    shop.sync()
    (told,) = aside.things(shop.engine)
    assert (told.id, told.code, told.message) == (bad, "internal", "KeyError")
    assert [each.id for each in records.sessions(shop.engine)] == [good]


# -- changes


@pytest.mark.parametrize(
    "lie",
    [{"kind": "survey"}, {"action": "moved"}, {"seq": "x"}, {"time": -1}, {"id": 7}],
    ids=lambda lie: next(iter(lie)),
)
@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "in the middle", "last"])
def test_a_change_that_cannot_be_read_is_passed_and_named(
    shop: Workshop, lie: dict[str, Any], place: int
) -> None:
    sessions = [shop.session(number) for number in (1, 2, 3)]
    bad = shop.sandbox.database.rows("SELECT * FROM change ORDER BY seq")[place]["seq"]

    def told(page: dict[str, Any]) -> dict[str, Any]:
        return page | {"changes": [each | lie if each["seq"] == bad else each for each in page["changes"]]}

    shop.moodle.lie("get_changes", told)
    for _ in range(3):
        shop.sync()
    others = [session for session in sessions if session != sessions[place]]
    assert all(records.participants(shop.engine, session) for session in others)
    assert [kind for kind, _, _ in named(shop)] == ["change"]
    assert aside.things(shop.engine)[0].tries == 1, "not told anew with every look"
    assert "list_documents" in shop.moodle.calls
    calls = shop.moodle.calls.count("list_documents")
    later = shop.session(4)
    shop.sync()
    assert records.participants(shop.engine, later) is not None
    assert shop.moodle.calls.count("list_documents") == calls + 1, "and all is not read anew"
    if "seq" not in lie:
        shop.moodle.honest()
        try_again(shop)
        assert named(shop) == []


def test_a_change_that_fails_when_it_is_acted_on_holds_up_no_other(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shop.session(1)
    lost, erased = shop.submit(whole, person=KALOYAN.id), shop.submit(whole)
    shop.sync()
    shop.work()
    real = records.delete_submission

    def delete(connection: Any, submission: str) -> None:
        if submission == lost:
            raise TypeError("no")
        real(connection, submission)

    monkeypatch.setattr(records, "delete_submission", delete)
    shop.sandbox.world.delete_submission(lost)
    erase(shop, YULIA.id)
    shop.sync()
    assert erased not in {each.id for each in records.submissions(shop.engine)}
    assert [(kind, code) for kind, _, code in named(shop)] == [("change", "internal")]
    monkeypatch.undo()
    try_again(shop)
    assert named(shop) == []
    assert records.submissions(shop.engine) == []


def test_a_row_that_cannot_be_read_keeps_nobody_from_being_erased(shop: Workshop) -> None:
    session = shop.session()
    shop.submit(session)
    shop.sync()
    shop.work()
    known = records.participants(shop.engine, session)
    assert known is not None
    with write(shop.engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO participants (session, answer) VALUES"
            f""" ('0', '{{"participants": [{{"id": {YULIA.id}, "roles": 7}}]}}')"""
        )
    erase(shop, YULIA.id)
    shop.sync()
    with write(shop.engine) as connection:
        left = connection.exec_driver_sql("SELECT answer FROM participants WHERE session = '0'").scalar()
    assert left == '{"participants":[]}'
    assert records.submissions(shop.engine) == []


# -- people, forms, documents


def test_somebody_who_cannot_be_read_stays_as_known_and_the_others_are_read(shop: Workshop) -> None:
    session = shop.session()
    shop.sync()
    known = records.participants(shop.engine, session)
    shop.moodle.lie("get_participants", lambda told: spoilt(told, "participants", YULIA.id, {"roles": []}))
    shop.sandbox.world.update_session(session, name="Друго име")
    shop.sync()
    now = records.participants(shop.engine, session)
    assert known is not None
    assert now is not None
    assert sorted(now.participants, key=lambda each: each.id) == list(known.participants)
    assert named(shop) == [("person", str(YULIA.id), "moodle-garbled")]
    shop.work()
    assert shop.sandbox.world.personal(session, FORM, KALOYAN.id, GROUP_A)
    try_again(shop)
    assert named(shop) == [("person", str(YULIA.id), "moodle-garbled")]
    shop.moodle.honest()
    try_again(shop)
    assert named(shop) == []


@pytest.mark.parametrize(
    "lie", [{"version": "1"}, {"respondent_role": "guest"}, {"answers": 7}, {"version": 1.0}, {"id": "x"}]
)
def test_a_form_whose_record_breaks_the_contract_spoils_no_other(shop: Workshop, lie: dict[str, Any]) -> None:
    session = shop.session()
    bad, good = (shop.submit(session, person=person.id) for person in (YULIA, KALOYAN))
    shop.moodle.lie("get_submissions", lambda page: spoilt(page, "submissions", bad, lie))
    assert restore(shop.context) == (1, 0)
    shop.sync()
    shop.work()
    assert set(shop.documents(good)) == {"full", "mentor"}
    assert [kind for kind, _, _ in named(shop)] == ["submission"]
    (job,) = [each for each in queue.list_jobs(shop.engine, "queued", "archive") if each.code]
    assert (job.payload["submission"], job.code) == (bad, "moodle-garbled")
    shop.moodle.honest()
    try_again(shop)
    shop.work()
    assert set(shop.documents(bad)) == {"full", "mentor"}
    assert named(shop) == []


def test_a_form_that_was_known_stays_known_while_it_cannot_be_read(shop: Workshop) -> None:
    bad = shop.submit(shop.session())
    shop.sync()
    shop.work()
    shop.moodle.lie("get_submissions", lambda page: spoilt(page, "submissions", bad, {"version": "1"}))
    restore(shop.context)
    assert [each.id for each in records.submissions(shop.engine)] == [bad]
    assert len(documents.documents(shop.engine, bad)) == 2


@pytest.mark.parametrize("lie", [{"sha256": "x"}, {"size": -1}, {"state": "lost"}, {"document": "x"}])
def test_a_document_whose_row_breaks_the_contract_spoils_no_other(
    shop: Workshop, lie: dict[str, Any]
) -> None:
    session = shop.session()
    submissions = [shop.submit(session, person=person.id) for person in (YULIA, KALOYAN)]
    shop.sync()
    shop.work()
    known = documents.documents(shop.engine)
    shop.moodle.lie("list_documents", lambda page: spoilt(page, "documents", known[0].id, lie))
    restore(shop.context)
    assert {each.id for each in documents.documents(shop.engine)} == {each.id for each in known}
    assert [kind for kind, _, _ in named(shop)] == ["document"]
    shop.sync()
    shop.work()
    assert all(set(shop.documents(each)) == {"full", "mentor"} for each in submissions)
    shop.moodle.honest()
    try_again(shop)
    assert named(shop) == []


def test_a_form_of_an_instrument_that_is_not_known_here_stops_no_other(shop: Workshop) -> None:
    session = shop.session(instruments=[FORM, "another"])
    bad, good = (shop.submit(session, person=person.id) for person in (YULIA, KALOYAN))
    shop.moodle.lie(
        "get_submissions", lambda page: spoilt(page, "submissions", bad, {"instrument": "another"})
    )
    shop.sync()
    shop.work()
    assert set(shop.documents(good)) == {"full", "mentor"}
    assert shop.dead() == [("archive", "instrument")]
    assert shop.sandbox.world.personal(session, FORM, KALOYAN.id, GROUP_A)
    assert restore(shop.context) == (2, 2)
    shop.sync()
    shop.work()
    assert shop.sandbox.world.personal(session, FORM, KALOYAN.id, GROUP_A)


def test_reading_everything_anew_reads_every_session_that_can_be_read(shop: Workshop) -> None:
    bad, good = (shop.session(number) for number in (1, 2))
    submissions = [shop.submit(session) for session in (bad, good)]
    shop.sync()
    shop.work()
    fail_for(shop, "list_documents", bad)
    assert restore(shop.context) == (1, 2)
    assert {each.id for each in records.submissions(shop.engine)} == set(submissions), "what is known stays"
    assert named(shop) == [("session", bad, MoodleRefused.code)]


def test_a_session_that_cannot_be_read_at_all_is_not_taken_for_deleted(shop: Workshop) -> None:
    bad, good = (shop.session(number) for number in (1, 2))
    shop.sync()
    shop.moodle.lie("get_changes", lambda page: spoilt(page, "sessions", bad, {"kind": "midterm"}))
    restore(shop.context)
    assert {each.id for each in records.sessions(shop.engine)} == {bad, good}


# -- pushes


def summaries(shop: Workshop, session: str) -> dict[tuple[str, int], str]:
    rows = shop.sandbox.database.rows("SELECT * FROM summary WHERE session = ?", session)
    return {(row["audience"], row["person"]): row["content"] for row in rows}


def test_one_person_s_rows_that_cannot_be_worked_out_are_left_as_they_are_and_told(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = shop.session()
    shop.sync()
    shop.work()
    before = shop.sandbox.world.personal(session, FORM, YULIA.id, GROUP_A)
    assert before
    real = carryover.personal

    def personal(frame: Any, target: Any, language: str) -> Any:
        if target.person == YULIA.id:
            raise KeyError("an answer")
        return {**real(frame, target, language), "lead": "changed"}

    monkeypatch.setattr(carryover, "personal", personal)
    shop.ask(hints.push_job(session, 0))
    shop.work("push")
    assert shop.sandbox.world.personal(session, FORM, YULIA.id, GROUP_A) == before, "named unchanged"
    others = shop.sandbox.world.personal(session, FORM, KALOYAN.id, GROUP_A)
    assert others is not None
    assert others["lead"] == "changed"
    assert named(shop) == [("section", f"personal/{FORM}/{YULIA.id}/{GROUP_A}", "internal")]
    assert aside.things(shop.engine)[0].message == "KeyError"
    monkeypatch.undo()
    try_again(shop)
    shop.work("push")
    assert named(shop) == []


def test_one_summary_that_cannot_be_worked_out_keeps_no_other_from_its_page(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = shop.session()
    real = summary.summary

    def broken(view: Any) -> Any:
        if view.audience == "mentor":
            raise ZeroDivisionError
        return real(view)

    monkeypatch.setattr(summary, "summary", broken)
    shop.sync()
    shop.work()
    assert {audience for audience, _ in summaries(shop, session)} == {"coordinator", "mentee"}
    assert {code for _, _, code in named(shop)} == {"internal"}
    assert shop.dead() == []
    monkeypatch.undo()
    try_again(shop)
    shop.work()
    assert {audience for audience, _ in summaries(shop, session)} == {"coordinator", "mentor", "mentee"}
    assert named(shop) == []


def test_what_people_have_is_not_withdrawn_while_nobody_knows_who_takes_part(shop: Workshop) -> None:
    session = shop.session()
    submission = shop.submit(session)
    shop.sync()
    shop.work()
    held = shop.sandbox.database.rows("SELECT * FROM personal")
    with write(shop.engine) as connection:  # the database is lost
        records.delete_session(connection, session)
        cursor.rewind(connection)
    fail_for(shop, "get_participants", session)
    restore(shop.context)
    shop.sync()
    shop.archive(submission)
    shop.ask(hints.push_job(session, 0))
    shop.work("push")
    assert named(shop) == [("session", session, "moodle-refused")]
    assert shop.sandbox.database.rows("SELECT * FROM personal") == held


def test_pages_go_on_although_another_service_has_pushed_far_ahead(shop: Workshop) -> None:
    session = shop.session()
    shop.sync()
    shop.work()
    with shop.sandbox.database.write() as connection:
        connection.execute("UPDATE personal SET revision = revision + 7200, content = '{}'")
        connection.execute("UPDATE summary SET revision = revision + 7200, content = '{}'")
    with write(shop.engine) as connection:
        connection.exec_driver_sql("DELETE FROM pushed")
    shop.ask(hints.push_job(session, 0))
    shop.work()
    assert shop.sandbox.world.personal(session, FORM, YULIA.id, GROUP_A)
    assert "{}" not in summaries(shop, session).values()


# -- what is told


def test_an_error_of_the_program_is_shown_beside_the_form_at_once(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = shop.submit(shop.session())
    shop.sync()
    monkeypatch.setattr(archive, "_keep", lambda *_, **__: {}["an answer"])
    shop.work("archive")
    (job,) = queue.list_jobs(shop.engine, kind="archive")
    assert (job.state, job.code, job.message) == ("queued", "internal", "KeyError")
    shop.ask(hints.report_job())
    shop.work("report")
    (told,) = shop.sandbox.database.rows("SELECT * FROM problem")
    assert (told["submission"], told["code"]) == (submission, "internal")
    content = json.loads(told["content"])
    assert "It is tried again" in content["remedy"]["en"]
    assert content["reason"]["bg"] == "Грешка в самата програма."
    assert (content["severity"], content["again"]) == ("warning", int(job.due_at))
    monkeypatch.undo()
    shop.work()
    assert set(shop.documents(submission)) == {"full", "mentor"}
    assert shop.sandbox.database.rows("SELECT * FROM problem") == []


@pytest.mark.parametrize(
    ("remedy", "code"),
    [
        ("upload_max_filesize", "moodle-upload-limit"),
        ("not tried again at once", "moodle-refused"),
        ("moodle.ca_file", "moodle-certificate"),
        ("Manage tokens", "moodle-token"),
        ("activate the account", "moodle-account"),
        ("/webservice/", "moodle-guarded"),
    ],
)
def test_a_remedy_names_the_cure_and_whether_it_is_tried_again(remedy: str, code: str) -> None:
    said = remedy_of(code)
    assert remedy in said["en"]
    again = code in sync.MENDED or code == "moodle-refused"
    assert again
    assert set(said) == {"bg", "en"}


def test_a_document_too_large_for_moodle_is_told_and_filed_once_the_limit_is_raised(shop: Workshop) -> None:
    submission = shop.submit(shop.session())
    shop.sync()
    shop.moodle.lie("store_document", lambda _: {"exception": "x", "errorcode": "fileoversized"})
    for _ in range(shop.context.settings.jobs.attempts):
        shop.work("archive")
    assert shop.dead() == [("archive", "moodle-upload-limit")]
    shop.ask(hints.report_job())
    shop.work("report")
    (told,) = shop.sandbox.database.rows("SELECT * FROM problem")
    content = json.loads(told["content"])
    assert "client_max_body_size" in content["remedy"]["en"]
    assert content["reason"]["en"] == "The document is larger than Moodle takes."
    assert (content["severity"], content["again"]) == ("critical", 0), "given up"
    shop.moodle.honest()
    shop.sync()
    shop.moodle.calls.clear()
    shop.work()
    assert set(shop.documents(submission)) == {"full", "mentor"}
    assert "report_problem" in shop.moodle.calls, "what was told is taken back"
    assert shop.sandbox.database.rows("SELECT * FROM problem") == []
