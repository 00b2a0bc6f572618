"""What people see and may do in the stand-in's pages."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from browser import PERSONAL, Browser, push, session_with
from pairs import fields_of

from moodle_bridge.cli.demo_parts import sample
from moodle_bridge.contract import faults
from moodle_bridge.pipeline.names import document_id
from moodle_bridge.sandbox import cast
from moodle_bridge.sandbox.site import Sandbox

SAMPLE: dict[str, Any] = sample("bg", time.time())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One stand-in for this file: each test makes a session of its own."""
    with Sandbox(tmp_path_factory.mktemp("pages")) as sandbox:
        yield sandbox


def form_path(session: str, instrument: str = "mentee_initial", group: int = cast.GROUP_A) -> str:
    return f"/session/{session}/form/{instrument}/{group}"


def submitted(site: Sandbox, session: str, person: cast.Person, role: str = "mentee") -> str:
    instrument = f"{role}_initial"
    return site.world.submit(session, instrument, person.id, SAMPLE, role=role, group=person.groups[0])


def stored(site: Sandbox, session: str, submission: str, variant: str) -> str:
    """Store a document of a submission as the service would; its id."""
    content = f"%PDF-1.7 {submission} {variant}".encode()
    with site.database.write() as connection:
        item = connection.execute(
            "INSERT INTO upload (filename, content) VALUES ('a', ?)", (content,)
        ).lastrowid
    document = document_id(submission, "mentor" if variant == "mentor" else "full", "bg")
    site.functions.store_document(
        session,
        submission,
        document,
        int(item or 0),
        hashlib.sha256(content).hexdigest(),
        variant=variant,
        language="bg",
        filename=f"S01 Моите цели ({variant}).pdf",
        size=len(content),
        answers_sha256="a" * 64,
    )
    return document


def test_the_course_page_offers_everybody_of_the_cast_to_sign_in(site: Sandbox) -> None:
    page = Browser(site, None).get("/")
    assert page.status == 200
    for person in cast.PEOPLE:
        assert person.name in page.text


def test_a_mentee_sees_the_form_with_its_items_and_who_reads_them(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    page = Browser(site, cast.YULIA).get(form_path(session))
    assert page.status == 200
    assert "От какво имате най-голяма нужда" in page.text
    assert 'name="specific_goals.r4.due_date"' in page.text
    assert "виждате само Вие и ръководителят" in page.text


def test_what_is_typed_into_the_form_is_what_is_submitted(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    answers = SAMPLE | {"needs_text": "оценка <3 & „кавички“ 👩‍🏫"}
    page = Browser(site, cast.YULIA).post(form_path(session), {**fields_of(answers), "submit": "1"})
    assert page.status == 303, page.text
    row = site.database.row("SELECT * FROM submission WHERE session = ?", session)
    assert row is not None
    assert json.loads(row["answers"]) == answers
    assert page.headers["Location"].endswith(f"/submission/{row['id']}")


def test_an_incomplete_form_comes_back_with_every_fault_beside_its_item_and_the_text_intact(
    site: Sandbox,
) -> None:
    session = session_with(site, "mentee_initial")
    fields = fields_of(SAMPLE) | {"needs_now": ["n_practice", "n_feedback", "n_contacts", "n_other"]}
    del fields["next_step"]
    fields["needs_text"] = "ъ" * 251
    page = Browser(site, cast.YULIA).post(form_path(session), {**fields, "submit": "1"})
    assert page.status == 200
    assert "Това поле е задължително." in page.text
    assert "Изберете най-много 3." in page.text
    assert "Съкратете текста до 250 знака (сега са 251)." in page.text
    assert "ъ" * 251 in page.text
    assert site.world.versions(session, "mentee_initial", cast.YULIA.id, cast.GROUP_A) == []


def test_a_goal_that_points_to_a_row_left_empty_is_not_accepted(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    fields = fields_of(SAMPLE) | {"specific_goals.r1.parent": "r2", "general_goals.r2.text": " "}
    page = Browser(site, cast.YULIA).post(form_path(session), {**fields, "submit": "1"})
    assert "Изберете ред, който е попълнен." in page.text


def test_a_draft_is_kept_and_a_second_window_cannot_overwrite_a_later_one(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    author = Browser(site, cast.YULIA)
    first = {"needs_text": "от първия прозорец", "save_draft": "1", "draft_revision": "0"}
    assert author.post(form_path(session), first).status == 200
    second = {"needs_text": "от втория прозорец", "save_draft": "1", "draft_revision": "0"}
    assert author.post(form_path(session), second).status == 409
    page = author.get(form_path(session))
    assert "от първия прозорец" in page.text
    assert "има чернова" in author.get(f"/session/{session}").text


def test_a_condition_decides_what_is_required_and_what_is_kept(site: Sandbox) -> None:
    session = session_with(site, "mentee_interim", kind="interim")
    goals = [
        {
            "row": 1,
            "id": "g1",
            "text": "Автобиография",
            "criterion": "пратена",
            "due_date": "2026-12-01",
            "prev_level": 2,
        }
    ]
    push(site, session, "mentee_interim", carried={"goals_progress": goals})
    path = form_path(session, "mentee_interim")
    author = Browser(site, cast.YULIA)
    assert "Автобиография" in author.get(path).text
    fields = {"goals_progress.r1.level": "1", "goals_progress.r1.status": "g_changed", "submit": "1"}
    page = author.post(path, fields)
    reason = page.text.index('id="goals_progress.r1.reason"')
    assert "Това поле е задължително." in page.text[reason : reason + 900]
    wording = page.text.index('id="goals_progress.r1.new_text"')
    assert "Това поле е задължително." in page.text[wording : wording + 900]
    settled = {"goals_progress.r1.level": "4", "goals_progress.r1.status": "g_active", "submit": "1"}
    assert 'href="#goals_progress.r1.reason"' not in author.post(path, settled).text


def test_a_form_that_is_not_open_yet_says_why_and_cannot_be_opened(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    push(site, session, "mentee_initial", open=False, reason="Отваря се, щом има цели.")
    author = Browser(site, cast.YULIA)
    assert "Отваря се, щом има цели." in author.get(f"/session/{session}").text
    assert author.get(form_path(session)).status == 403


def test_a_form_without_personal_data_is_not_offered(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    assert Browser(site, cast.PETAR).get(form_path(session)).status == 404
    assert Browser(site, cast.YULIA).get(form_path(session, group=cast.GROUP_B)).status == 404


def test_remarks_and_proposals_of_the_service_stand_in_the_form(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    push(
        site,
        session,
        "mentee_initial",
        proposed={"needs_text": "предложен текст"},
        notes=[{"item": "specific_goals", "row": 1, "text": "Уточнете срока."}],
    )
    text = Browser(site, cast.YULIA).get(form_path(session)).text
    assert "предложен текст" in text
    assert "Уточнете срока." in text


def test_what_needs_correction_stands_beside_its_item_and_a_new_version_solves_it(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    first = submitted(site, session, cast.YULIA)
    message = {"bg": "Впишете срок през 2026 г.", "en": "Enter a date in 2026."}
    item = {"item": "specific_goals", "row": 1, "column": "due_date", "code": "required", "message": message}
    report = {"title": message, "remedy": message, "items": [item]}
    site.functions.report_problem(session, first, "open", "needs_correction", "answers", json.dumps(report))
    author = Browser(site, cast.YULIA)
    assert "върнат за поправка" in author.get(f"/session/{session}").text
    text = author.get(form_path(session)).text
    place = text.index('id="specific_goals.r1.due_date"')
    assert "Впишете срок през 2026 г." in text[place : place + 600]
    assert SAMPLE["next_step"] in text
    assert author.post(form_path(session), {**fields_of(SAMPLE), "submit": "1"}).status == 303
    versions = site.world.versions(session, "mentee_initial", cast.YULIA.id, cast.GROUP_A)
    assert [(row["version"], row["state"]) for row in versions] == [(1, "superseded"), (2, "submitted")]


def test_the_page_after_submitting_shows_the_document_once_it_is_there(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    submission = submitted(site, session, cast.YULIA)
    author = Browser(site, cast.YULIA)
    assert author.get(f"/submission/{submission}/documents").text == "0"
    assert "data-poll" in author.get(f"/submission/{submission}").text
    document = stored(site, session, submission, "full")
    assert author.get(f"/submission/{submission}/documents").text == "1"
    assert f"/document/{document}" in author.get(f"/submission/{submission}").text
    assert Browser(site, cast.KALOYAN).get(f"/submission/{submission}").status == 403


READERS = {
    "the author reads the full document": (cast.YULIA, "full", 200),
    "the author is not given the mentor's copy": (cast.YULIA, "mentor", 403),
    "the mentor of the group reads the mentor's copy": (cast.PETAR, "mentor", 200),
    "the mentor of the group does not read the full document": (cast.PETAR, "full", 403),
    "the mentor of the other group reads nothing": (cast.TSVETELINA, "mentor", 403),
    "the coordinator reads the full document": (cast.BOYAN, "full", 200),
    "the coordinator sees what the mentor reads": (cast.BOYAN, "mentor", 200),
    "another mentee of the group reads nothing": (cast.KALOYAN, "full", 403),
    "a mentee of the other group reads nothing": (cast.HRISTO, "mentor", 403),
    "nobody who is not signed in reads anything": (None, "full", 403),
}


@pytest.mark.parametrize(("person", "variant", "status"), READERS.values(), ids=READERS.keys())
def test_documents_are_open_only_to_whom_they_are_for(
    site: Sandbox, person: cast.Person | None, variant: str, status: int
) -> None:
    session = session_with(site, "mentee_initial")
    submission = submitted(site, session, cast.YULIA)
    document = stored(site, session, submission, variant)
    reader = Browser(site, person)
    page = reader.get(f"/document/{document}")
    assert page.status == status
    assert (page.headers["Content-Type"] == "application/pdf") is (status == 200)
    listed = reader.get(f"/session/{session}")
    assert (f"/document/{document}" in listed.text) is (status == 200)


def test_a_mentor_who_left_the_group_no_longer_reads_its_documents(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    document = stored(site, session, submitted(site, session, cast.YULIA), "mentor")
    mentor = Browser(site, cast.PETAR)
    assert mentor.get(f"/document/{document}").status == 200
    site.world.enrol(cast.COURSE.id, dataclasses.replace(cast.PETAR, groups=(cast.GROUP_B,)))
    try:
        assert mentor.get(f"/document/{document}").status == 403
    finally:
        site.world.enrol(cast.COURSE.id, cast.PETAR)


def test_the_session_page_marks_a_superseded_document_and_shows_its_hash(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    document = stored(site, session, submitted(site, session, cast.YULIA), "full")
    submitted(site, session, cast.YULIA)
    text = Browser(site, cast.YULIA).get(f"/session/{session}").text
    assert "заменен от по-нова версия" in text
    row = site.database.row("SELECT sha256 FROM document WHERE id = ?", document)
    assert row is not None
    assert row["sha256"] in text


def test_the_coordinator_sees_who_submitted_what_and_a_mentor_only_the_own_group(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial", "mentor_initial")
    submitted(site, session, cast.HRISTO)
    grid = Browser(site, cast.BOYAN).get(f"/session/{session}").text
    assert cast.YULIA.name in grid
    assert cast.HRISTO.name in grid
    own = Browser(site, cast.PETAR).get(f"/session/{session}").text
    assert cast.YULIA.name in own
    assert cast.HRISTO.name not in own
    assert cast.KALOYAN.name not in Browser(site, cast.YULIA).get(f"/session/{session}").text


def test_only_the_coordinator_closes_a_session_and_then_nobody_submits(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    assert Browser(site, cast.PETAR).post(f"/session/{session}/close").status == 403
    assert Browser(site, cast.BOYAN).post(f"/session/{session}/close").status == 303
    answer = Browser(site, cast.YULIA).post(form_path(session), {**fields_of(SAMPLE), "submit": "1"})
    assert answer.status == 403
    assert site.world.versions(session, "mentee_initial", cast.YULIA.id, cast.GROUP_A) == []


def test_the_retry_button_tells_the_service_once_more(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    submission = submitted(site, session, cast.YULIA)
    before = site.unsent()
    assert Browser(site, cast.YULIA).post(f"/session/{session}/retry/{submission}").status == 403
    assert Browser(site, cast.BOYAN).post(f"/session/{session}/retry/{submission}").status == 303
    assert site.unsent() == before + 1


def summary(audience: str, level: str = "red") -> str:
    signal = {
        "id": "s",
        "rule": "goal_stalled",
        "level": level,
        "label": "Целта стои",
        "text": "…",
        "person": 42,
        "group": cast.GROUP_A,
        "occurrences": [{"session": "s", "number": 1, "level": "red", "text": "…"}],
    }
    content = {
        "schema": 1,
        "group": {"id": cast.GROUP_A, "name": "Група А"},
        "audience": audience,
        "sections": [
            {
                "id": "R2",
                "title": f"Цели за {audience}",
                "blocks": [
                    {"kind": "lines", "lines": ["Медиана 50 %, n = 3."]},
                    {"kind": "table", "title": "Нива", "columns": ["Цел"], "rows": [["<3 нива"]]},
                    {
                        "kind": "bars",
                        "title": "Отговори",
                        "rows": [{"label": "Подадени", "value": 2, "of": 3, "text": "2 от 3"}],
                    },
                ],
            }
        ],
        "signals": [] if audience == "mentee" else [signal],
    }
    return json.dumps(content, ensure_ascii=False)


def test_each_role_sees_the_summary_that_was_pushed_for_it(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    items = [
        {"group": cast.GROUP_A, "audience": audience, "user": 0, "revision": 1, "content": summary(audience)}
        for audience in ("mentee", "mentor", "coordinator")
    ]
    site.functions.put_summary(session, items)
    for person, audience in ((cast.YULIA, "mentee"), (cast.PETAR, "mentor"), (cast.BOYAN, "coordinator")):
        text = Browser(site, person).get(f"/session/{session}").text
        assert f"Цели за {audience}" in text
        assert "&lt;3 нива" in text
        assert "2 от 3" in text
        assert ("Целта стои" in text) is (audience != "mentee")
        assert sum(f"Цели за {each}" in text for each in ("mentee", "mentor", "coordinator")) == 1
    assert "Цели за" not in Browser(site, cast.HRISTO).get(f"/session/{session}").text


def test_the_pages_speak_english_too(site: Sandbox) -> None:
    session = session_with(site, "mentee_initial")
    assert Browser(site, None).get("/?lang=en").headers["Set-Cookie"].startswith("language=en")
    page = Browser(site, cast.YULIA, "en").get(f"/session/{session}").text
    assert '<html lang="en">' in page
    assert "My forms" in page


def test_the_connection_page_says_that_the_site_is_not_paired(site: Sandbox) -> None:
    assert "още не е свързан" in Browser(site, cast.BOYAN).get("/connection").text


def test_personal_data_of_these_tests_fit_the_contract() -> None:
    assert faults("personal", PERSONAL) == []


def test_a_mentor_reads_the_mentees_final_forms_once_the_own_one_is_sent_or_the_session_closed(
    site: Sandbox,
) -> None:
    """So the mentor rates the goals without knowing the mentees' final levels."""
    forms = ("mentee_final", "mentor_final")
    for by in ("the own form", "closing"):
        session = session_with(site, *forms, kind="final")
        world = site.world
        final = world.submit(session, "mentee_final", cast.YULIA.id, {}, role="mentee", group=cast.GROUP_A)
        document = stored(site, session, final, "mentor")
        mentor, coordinator = Browser(site, cast.PETAR), Browser(site, cast.BOYAN)
        assert mentor.get(f"/document/{document}").status == 403
        assert document not in mentor.get(f"/session/{session}").text
        assert coordinator.get(f"/document/{document}").status == 200
        if by == "closing":
            world.close_session(session)
        else:
            world.submit(session, "mentor_final", cast.PETAR.id, {}, role="mentor", group=cast.GROUP_A)
        assert mentor.get(f"/document/{document}").status == 200
        assert document in mentor.get(f"/session/{session}").text
