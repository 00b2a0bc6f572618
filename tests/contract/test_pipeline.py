"""From a submission in Moodle to its documents there, and everything that may come in between."""

from __future__ import annotations

import hashlib
import io
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pairs import Pair, eventually, paired, service_settings
from pypdf import PdfReader

from moodle_bridge.cli import main
from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.cli.service import running_service
from moodle_bridge.moodle.signing import new_pairing_code, pairing_key
from moodle_bridge.pipeline.hints import sync_job
from moodle_bridge.pipeline.push import REVISION
from moodle_bridge.sandbox.cast import GROUP_A, KALOYAN, PETAR, YULIA, ZHIVKA
from moodle_bridge.sandbox.sqlite_file import put_setting
from moodle_bridge.store import facts, pairing, queue, records
from moodle_bridge.store.documents import documents as kept_documents
from moodle_bridge.store.engine import write

FORM = "mentee_initial"


@pytest.fixture(autouse=True)
def no_faults(pair: Pair) -> Iterator[None]:
    """Every test begins and ends without faults."""
    pair.sandbox.faults.clear()
    yield
    pair.sandbox.faults.clear()


def new_session(pair: Pair, *more: str) -> str:
    return pair.sandbox.world.create_session(
        course=7, name="Сесия", number=1, kind="initial", instruments=[FORM, *more]
    )


def submit(pair: Pair, session: str, answers: dict[str, Any], person: int = YULIA.id) -> str:
    return pair.sandbox.world.submit(session, FORM, person, answers, role="mentee", group=GROUP_A)


def documents(pair: Pair, submission: str) -> dict[str, bytes]:
    rows = pair.sandbox.database.rows("SELECT * FROM document WHERE submission = ?", submission)
    return {row["variant"]: row["content"] for row in rows}


def problem(pair: Pair, submission: str) -> Any:
    return pair.sandbox.database.row("SELECT * FROM problem WHERE submission = ?", submission)


def archived(pair: Pair, submission: str) -> dict[str, bytes]:
    return eventually(lambda: found if len(found := documents(pair, submission)) == 2 else {})


def is_idle(pair: Pair) -> bool:
    counts = queue.counts(pair.service.engine)
    return pair.sandbox.unsent() == 0 and counts["queued"] == counts["running"] == 0


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def incomplete() -> dict[str, Any]:
    """Answers without a criterion for the first goal: Moodle's own check let it through."""
    answers = sample("bg", time.time())
    del answers["specific_goals"][0]["criterion"]
    return answers


def test_a_site_has_the_forms_before_its_first_session_and_again_when_it_is_paired_anew(
    tmp_path: Path,
) -> None:
    with paired(tmp_path) as fresh:
        database = fresh.sandbox.database

        def forms() -> int:
            return len(database.rows("SELECT * FROM definition"))

        everything = eventually(forms)
        assert not database.rows("SELECT * FROM session")
        eventually(lambda: is_idle(fresh))
        with database.write() as connection:
            connection.execute("DELETE FROM definition")
        code = new_pairing_code()
        pairing.new_code(fresh.service.engine, pairing_key(code), time.time(), 600)
        fresh.sandbox.pair(fresh.service.url, code)
        eventually(lambda: forms() == everything)


def test_a_submission_is_filed_once_for_its_author_and_once_for_the_mentor(pair: Pair) -> None:
    answers = {**sample("bg", time.time()), "contact_me": True}
    submission = submit(pair, new_session(pair), answers)
    filed = archived(pair, submission)
    goal = " ".join(answers["specific_goals"][0]["text"].split())
    assert goal in text_of(filed["full"])
    assert goal in text_of(filed["mentor"])
    assert "Желая ръководителят да се свърже лично с мен" in text_of(filed["full"])
    assert "Желая ръководителят" not in text_of(filed["mentor"])
    assert {document.stored_at is None for document in kept_documents(pair.service.engine, submission)} == {
        False
    }


def test_with_webhooks_off_reconcile_finds_everything(pair: Pair) -> None:
    session = new_session(pair)
    eventually(lambda: is_idle(pair))
    pair.sandbox.faults.set("webhooks_off")
    submissions = [
        submit(pair, session, sample("bg", time.time()), person.id) for person in (YULIA, KALOYAN, ZHIVKA)
    ]
    time.sleep(0.5)
    assert [documents(pair, submission) for submission in submissions] == [{}, {}, {}]
    environment = {"MOODLE_BRIDGE_SERVICE_DATA": pair.settings.service.data}
    done = CliRunner().invoke(main, ["reconcile"], env=environment, catch_exceptions=False)
    assert done.exit_code == 0
    assert "3 changes read" in done.output
    for submission in submissions:
        archived(pair, submission)


def test_what_breaks_the_definition_is_sent_back_to_its_author_with_a_message_at_the_item(pair: Pair) -> None:
    session = new_session(pair)
    first = submit(pair, session, incomplete())
    report = eventually(lambda: problem(pair, first))
    assert report["kind"] == "needs_correction"
    assert "criterion" in report["content"]
    assert (
        pair.sandbox.database.row("SELECT state FROM submission WHERE id = ?", first)["state"] == "reopened"
    )
    assert documents(pair, first) == {}
    second = submit(pair, session, sample("bg", time.time()))
    archived(pair, second)
    assert documents(pair, first) == {}


def test_what_is_still_wrong_when_the_session_closes_is_filed_and_marked(pair: Pair) -> None:
    session = new_session(pair)
    submission = submit(pair, session, incomplete())
    eventually(lambda: problem(pair, submission))
    pair.sandbox.world.close_session(session)
    filed = archived(pair, submission)
    assert sample("bg", time.time())["specific_goals"][0]["text"] in text_of(filed["full"])
    eventually(lambda: problem(pair, submission) is None)


def test_three_forms_open_the_next_one_for_those_who_wrote_them(pair: Pair) -> None:
    session = new_session(pair, "mentee_group_expectations")
    shown = lambda: pair.sandbox.world.personal(  # noqa: E731
        session, "mentee_group_expectations", YULIA.id, GROUP_A
    )
    assert eventually(shown)["open"] is False
    for person in (YULIA, KALOYAN, ZHIVKA):
        submit(pair, session, sample("bg", time.time()), person.id)
    pair.sandbox.world.update_session(session, due=int(time.time()) - 1)
    assert eventually(lambda: (found := shown()) and found["open"] and found)["carried"]


def test_what_is_deleted_in_moodle_is_forgotten_here(pair: Pair) -> None:
    session = new_session(pair)
    kept, deleted = (
        submit(pair, session, sample("bg", time.time()), person.id) for person in (YULIA, KALOYAN)
    )
    archived(pair, kept), archived(pair, deleted)
    pair.sandbox.world.delete_submission(deleted)
    eventually(lambda: records.submission(pair.service.engine, deleted) is None)
    assert records.submission(pair.service.engine, kept) is not None
    pair.sandbox.world.delete_session(session)
    eventually(lambda: records.session(pair.service.engine, session) is None)
    # A job that had read a form before may note it once more; it forgets it when Moodle says that it is gone.
    eventually(lambda: records.submissions(pair.service.engine, session) == [])


def test_a_dead_letter_is_shown_in_moodle_and_its_retry_button_revives_it(pair: Pair) -> None:
    session = new_session(pair)
    submission = submit(pair, session, sample("bg", time.time()))
    archived(pair, submission)
    with pair.sandbox.database.write() as connection:
        connection.execute("UPDATE submission SET instrument = 'unknown' WHERE id = ?", (submission,))
    pair.sandbox.world.retry(submission)
    engine = pair.service.engine
    eventually(lambda: [job for job in queue.list_jobs(engine, "dead") if job.code == "instrument"])
    report = eventually(lambda: problem(pair, submission), 45)
    assert (report["kind"], report["code"]) == ("failed", "instrument")
    with pair.sandbox.database.write() as connection:
        connection.execute("UPDATE submission SET instrument = ? WHERE id = ?", (FORM, submission))
    pair.sandbox.world.retry(submission)
    eventually(lambda: problem(pair, submission) is None)
    assert queue.counts(engine)["dead"] == 0


def test_after_the_database_is_lost_all_comes_back_from_moodle_and_nothing_is_filed_twice(
    tmp_path: Path,
) -> None:
    with paired(tmp_path) as before:
        session = new_session(before)
        submissions = [
            submit(before, session, sample("bg", time.time()), person.id) for person in (YULIA, KALOYAN)
        ]
        filed = {submission: archived(before, submission) for submission in submissions}
        eventually(lambda: is_idle(before))
        fresh = service_settings(tmp_path / "fresh")
        with running_service(fresh, worker=False) as service:
            code = new_pairing_code()
            pairing.new_code(service.engine, pairing_key(code), time.time(), 600)
            before.sandbox.pair(service.url, code)
            done = CliRunner().invoke(
                main,
                ["rebuild"],
                env={"MOODLE_BRIDGE_SERVICE_DATA": fresh.service.data},
                catch_exceptions=False,
            )
            assert "Restored 2 submissions and 4 receipts." in done.output
            for submission in submissions:
                known = records.submission(before.service.engine, submission)
                assert known is not None
                assert records.submission(service.engine, submission) == replace(known, carried={})
            revisions = before.sandbox.database.rows("SELECT max(revision) AS most FROM personal")
            assert facts.get(service.engine, REVISION) > revisions[0]["most"], "it goes on above these"
            left = [job.kind for job in queue.list_jobs(service.engine, "queued")]
            assert "archive" not in left
        assert {submission: documents(before, submission) for submission in submissions} == filed


def file_otherwise(pair: Pair) -> None:
    """Let Moodle hold other bytes than we would make, as after a backup or an earlier release."""
    content = b"%PDF-1.7 made by an earlier release"
    with pair.sandbox.database.write() as connection:
        connection.execute(
            "UPDATE document SET content = ?, sha256 = ?, size = ?",
            (content, hashlib.sha256(content).hexdigest(), len(content)),
        )


def test_a_new_database_finds_what_is_filed_already_and_leaves_it_as_it_is(tmp_path: Path) -> None:
    with paired(tmp_path) as before:
        session = new_session(before)
        submission = submit(before, session, sample("bg", time.time()))
        archived(before, submission)
        eventually(lambda: is_idle(before))
        file_otherwise(before)
        filed = documents(before, submission)
        with running_service(service_settings(tmp_path / "fresh")) as service:
            code = new_pairing_code()
            pairing.new_code(service.engine, pairing_key(code), time.time(), 600)
            before.sandbox.pair(service.url, code)
            known = eventually(lambda: kept_documents(service.engine, submission=submission))
            assert all(each.stored_at for each in known)
            eventually(lambda: is_idle(Pair(service, before.sandbox, before.settings)))
            assert not [job for job in queue.list_jobs(service.engine) if job.kind == "archive"]
        assert documents(before, submission) == filed


def test_a_document_that_was_filed_otherwise_before_stays_and_is_no_dead_letter(pair: Pair) -> None:
    session = new_session(pair)
    submission = submit(pair, session, sample("bg", time.time()))
    archived(pair, submission)
    eventually(lambda: is_idle(pair))
    file_otherwise(pair)
    filed = documents(pair, submission)
    engine = pair.service.engine
    with write(engine) as connection:
        records.delete_submission(connection, submission)
    pair.sandbox.world.retry(submission)
    known = eventually(lambda: [d for d in kept_documents(engine, submission=submission) if d.stored_at])
    eventually(lambda: is_idle(pair))
    assert queue.counts(engine)["dead"] == 0
    assert documents(pair, submission) == filed
    assert {each.sha256 for each in known} == {hashlib.sha256(each).hexdigest() for each in filed.values()}


def test_the_third_day_before_the_deadline_opens_the_form_that_waits_for_it(pair: Pair) -> None:
    session = pair.sandbox.world.create_session(
        course=7,
        name="Сесия",
        number=1,
        kind="initial",
        instruments=[FORM, "mentor_initial"],
        due=int(time.time()) + 3 * 86_400 + 6,
    )
    shown = lambda: pair.sandbox.world.personal(session, "mentor_initial", PETAR.id, GROUP_A)  # noqa: E731
    assert eventually(shown)["open"] is False
    time.sleep(6)
    with write(pair.service.engine) as connection:
        queue.enqueue(connection, sync_job(), time.time())
    eventually(lambda: shown()["open"])


def test_what_is_deleted_while_it_waits_is_forgotten_and_leaves_no_dead_letter(pair: Pair) -> None:
    session = new_session(pair)
    eventually(lambda: is_idle(pair))
    pair.sandbox.faults.set("slow", milliseconds=300, function="store_document")
    submission = submit(pair, session, sample("bg", time.time()))
    eventually(lambda: records.submission(pair.service.engine, submission))
    pair.sandbox.world.delete_submission(submission)
    eventually(lambda: is_idle(pair))
    assert records.submission(pair.service.engine, submission) is None
    assert queue.counts(pair.service.engine)["dead"] == 0


def test_a_site_that_was_set_back_is_read_anew_and_nothing_is_filed_twice(pair: Pair) -> None:
    session = new_session(pair)
    submission = submit(pair, session, sample("bg", time.time()))
    filed = archived(pair, submission)
    eventually(lambda: is_idle(pair))
    with pair.sandbox.database.write() as connection:
        put_setting(connection, "feed", str(uuid.uuid4()))
        connection.execute("DELETE FROM personal")
    with write(pair.service.engine) as connection:
        queue.enqueue(connection, sync_job(), time.time())
    eventually(lambda: pair.sandbox.world.personal(session, FORM, YULIA.id, GROUP_A))
    eventually(lambda: is_idle(pair))
    assert documents(pair, submission) == filed
    assert queue.counts(pair.service.engine)["dead"] == 0


def test_a_person_who_is_erased_in_moodle_is_erased_here(pair: Pair) -> None:
    session = new_session(pair)
    submission = submit(pair, session, sample("bg", time.time()), ZHIVKA.id)
    archived(pair, submission)
    pair.sandbox.world.erase(ZHIVKA.id)
    eventually(lambda: records.submission(pair.service.engine, submission) is None)
    everyone = eventually(
        lambda: (found := records.participants(pair.service.engine, session)) and found.participants
    )
    eventually(
        lambda: (
            ZHIVKA.id not in [p.id for p in records.participants(pair.service.engine, session).participants]
        )  # type: ignore[index]
    )
    assert everyone
