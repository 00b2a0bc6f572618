"""The activity on a real Moodle with the real service: one story, told in order in a real browser.

``MOODLE_DIR`` names the code tree of a test site (docs/moodle.md, Testing). Its administrator is
``admin`` with the password ``Admin-2026!``. The files tell one story: pytest takes them by their numbers.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import time
import zipfile
from typing import Any

import pytest
from people import TEXT, Person
from pypdf import PdfReader
from site_under_test import Service, Site, wait_for

from moodle_bridge.store import records
from moodle_bridge.store.engine import connect


def test_the_status_page_tests_both_directions(pairing: Person) -> None:
    page = pairing.open("/mod/monitoringsession/connection.php")
    page.click('button[value="test"]')
    page.wait_for_selector(".monitoringsession-checks")
    text = page.inner_text(".monitoringsession-checks")
    assert "Moodle reaches the service." in text
    assert "The service reaches Moodle" in text


def test_pairing_makes_an_account_that_can_do_nothing_else(site: Site, pairing: Person) -> None:
    [user] = [u for u in site.rows("user", username="monitoringsession_service") if u["deleted"] == "0"]
    [role] = site.rows("role", shortname="monitoringsession_service")
    capabilities = {row["capability"] for row in site.rows("role_capabilities", roleid=role["id"])}
    expected = {"mod/monitoringsession:service", "webservice/rest:use", "moodle/user:manageownfiles"}
    assert capabilities == expected
    assert len(site.rows("role_assignments", userid=user["id"])) == 1
    assert len(site.rows("external_tokens", userid=user["id"])) == 1


def test_a_submission_becomes_a_document_in_the_session(
    site: Site, people: dict[str, Person], session: dict[str, Any]
) -> None:
    mentee = people["mentee"]
    mentee.fill_in_first_form(session["cmid"])
    assert TEXT in mentee.page.inner_text(".monitoringsession-sheet")
    mentee.submit()
    mentee.wait_for_document(session["cmid"])
    [submission] = site.rows("monitoringsession_submission", monitoringsession=session["instance"])
    assert json.loads(submission["answers"])["general_goals"][0]["text"] == TEXT
    address = mentee.page.locator(".monitoringsession-document a").first.get_attribute("href")
    content = mentee.download(address)
    documents = site.rows("monitoringsession_document", monitoringsession=session["instance"])
    full = next(document for document in documents if document["variant"] == "full")
    assert hashlib.sha256(content).hexdigest() == full["sha256"]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert "Да напиша автобиография" in text


def test_documents_open_only_for_author_own_mentor_and_coordinator(
    site: Site, people: dict[str, Person], session: dict[str, Any]
) -> None:
    documents = wait_for(
        lambda: (
            (rows := site.rows("monitoringsession_document", monitoringsession=session["instance"]))
            and len(rows) == 2
            and rows
        ),
        "two variants are expected",
    )
    [context] = site.rows("context", contextlevel=70, instanceid=session["cmid"])
    may = {"full": {"mentee", "coordinator"}, "mentor": {"mentor", "coordinator"}}
    for document in documents:
        address = (
            f"{site.url}/pluginfile.php/{context['id']}/mod_monitoringsession/document/"
            f"{document['id']}/{document['filename']}"
        )
        opened = {role for role, person in people.items() if person.status(address) == 200}
        assert opened == may[document["variant"]], document["variant"]
    [submission] = site.rows("monitoringsession_submission", monitoringsession=session["instance"])
    page = (
        f"{site.url}/mod/monitoringsession/submission.php?id={session['cmid']}&submission={submission['id']}"
    )
    for role in ("mentee2", "mentee3", "mentor2"):
        people[role].page.goto(page)
        assert "You cannot read this form." in people[role].page.inner_text("body")


def test_web_services_refuse_everybody_but_the_service(
    site: Site, course: dict[str, Any], people: dict[str, Person], session: dict[str, Any]
) -> None:
    [submission] = site.rows("monitoringsession_submission", monitoringsession=session["instance"])
    calls = {
        "mod_monitoringsession_get_submissions": {
            "contract": 2,
            "submissions[0]": submission["uuid"],
            "session": "",
        },
        "mod_monitoringsession_get_participants": {"contract": 2, "session": session["uuid"]},
        "mod_monitoringsession_list_documents": {"contract": 2, "session": session["uuid"]},
    }
    for role in ("mentee2", "mentor2", "coordinator"):
        token = site.act("token", user=course["people"][role]["id"])
        try:
            for function, arguments in calls.items():
                answer = people[role].call_web_service(token, function, arguments)
                assert answer["exception"], (role, function)
                assert submission["uuid"] not in json.dumps(answer)
        finally:
            site.act("without_token", token=token)
    for role in ("mentee2", "mentee3", "mentor2"):
        for function in (*calls, "mod_monitoringsession_save_draft"):
            arguments = {
                "cmid": session["cmid"],
                "instrument": "mentee_initial",
                "group": course["groups"]["Б" if role == "mentee2" else "А"],
                "revision": 0,
                "fields": "endmarker=1",
            }
            [answer] = people[role].call_ajax(function, arguments)
            assert answer["error"], (role, function)


def test_the_mentors_copy_hides_what_only_the_coordinator_reads(
    site: Site, people: dict[str, Person], session: dict[str, Any]
) -> None:
    [submission] = site.rows("monitoringsession_submission", monitoringsession=session["instance"])
    path = f"/mod/monitoringsession/submission.php?id={session['cmid']}&submission={submission['id']}"
    question = "I would like the coordinator to contact me personally"
    assert question in people["coordinator"].open(path).inner_text("#region-main")
    assert question not in people["mentor"].open(path).inner_text("#region-main")


def test_a_changed_form_is_version_two_and_version_one_is_superseded(
    site: Site, people: dict[str, Person], session: dict[str, Any]
) -> None:
    mentee = people["mentee"]
    mentee.fill_in_first_form(session["cmid"], "Нова цел")
    mentee.submit()
    mentee.wait_for_document(session["cmid"], 2)
    states = {
        (row["version"], row["state"])
        for row in site.rows("monitoringsession_submission", monitoringsession=session["instance"])
    }
    assert states == {("1", "superseded"), ("2", "submitted")}
    assert mentee.page.locator(".monitoringsession-document:has(.badge)").count() == 1


def test_a_draft_is_saved_while_typing_and_another_tab_does_not_overwrite_it(
    site: Site, people: dict[str, Person], session: dict[str, Any]
) -> None:
    mentee = people["mentee2"]
    page = mentee.session(session["cmid"])
    page.click('a[href*="instrument=mentee_initial"]')
    page.wait_for_selector("#id_review")
    page.fill('[name="a_next_step"]', "Първа стъпка")
    drafts = wait_for(
        lambda: site.rows("monitoringsession_draft", monitoringsession=session["instance"]),
        "no draft is saved",
    )
    assert json.loads(drafts[0]["answers"])["next_step"] == "Първа стъпка"
    # The same form, opened before by another tab, still has the number of no draft.
    page.evaluate("document.querySelector('[name=revision]').value = 0")
    page.fill('[name="a_next_step"]', "Другата раздел")
    page.click("#id_savedraft")
    page.wait_for_selector(".alert-warning")
    assert "saved in another window" in page.inner_text(".alert-warning")
    [draft] = site.rows("monitoringsession_draft", monitoringsession=session["instance"])
    assert json.loads(draft["answers"])["next_step"] == "Първа стъпка"


def test_what_was_typed_before_the_script_had_loaded_is_saved_too(
    site: Site, people: dict[str, Person], session: dict[str, Any], course: dict[str, Any]
) -> None:
    mentee = people["mentee3"]
    where = {"monitoringsession": session["instance"], "userid": course["people"]["mentee3"]["id"]}
    address = mentee.session(session["cmid"]).get_attribute('a[href*="instrument=mentee_initial"]', "href")
    form = address.removeprefix(site.url)
    # Who only looks leaves no draft behind.
    page = mentee.open(form)
    page.wait_for_load_state()
    page.wait_for_timeout(7000)
    assert not site.rows("monitoringsession_draft", **where)
    held: list[Any] = []
    scripts = "**/requirejs.php/**"
    page.route(scripts, lambda route: held.append(route))
    mentee.open(form)
    page.fill('[name="a_next_step"]', "Написано рано")
    page.check('input[name="a_sa_plan"][value="2"]')
    assert held, "the scripts came before the first key"
    page.route(scripts, lambda route: route.continue_())
    for route in held:
        route.continue_()
    [draft] = wait_for(lambda: site.rows("monitoringsession_draft", **where), "no draft is saved", 60)
    answers = json.loads(draft["answers"])
    assert (answers["next_step"], answers["sa_plan"]) == ("Написано рано", 2)
    page.unroute(scripts)


def test_what_is_missing_is_marked_at_its_question_and_the_rest_is_kept(
    people: dict[str, Person], session: dict[str, Any]
) -> None:
    page = people["mentee3"].session(session["cmid"])
    page.click('a[href*="instrument=mentee_initial"]')
    page.wait_for_selector("#id_review")
    page.fill('[name="a_next_step"]', "Само това")
    page.click("#id_review")
    page.wait_for_selector(".alert-warning")
    assert page.locator(".invalid-feedback:visible").count() >= 8
    assert page.input_value('[name="a_next_step"]') == "Само това"


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_fit_a_desktop_and_a_phone(
    site: Site, chromium: Any, course: dict[str, Any], session: dict[str, Any], width: int
) -> None:
    for role in ("mentee2", "mentor", "coordinator"):
        person = Person(chromium, site.url, course["people"][role]["username"], width=width)
        addresses = [f"/mod/monitoringsession/view.php?id={session['cmid']}"]
        if role == "mentee2":
            group = course["groups"]["А"]
            form = f"instrument=mentee_initial&group={group}"
            addresses.append(f"/mod/monitoringsession/form.php?id={session['cmid']}&{form}")
        for address in addresses:
            page = person.open(address)
            page.wait_for_load_state()
            main = page.evaluate("document.querySelector('#region-main').scrollWidth")
            room = page.evaluate("document.querySelector('#region-main').clientWidth")
            assert main <= room + 1, f"{address} is {main} px wide in {room} px"
        person.close()


def test_every_answer_can_be_given_with_the_keyboard_and_has_a_name(
    people: dict[str, Person], session: dict[str, Any]
) -> None:
    page = people["mentee2"].session(session["cmid"])
    page.click('a[href*="instrument=mentee_initial"]')
    page.wait_for_selector("#id_review")
    unnamed = page.evaluate(
        """() => Array.from(document.querySelectorAll('#monitoringsession-answers input:not([type=hidden]),'
            + '#monitoringsession-answers textarea, #monitoringsession-answers select'))
            .filter(field => !(field.labels && field.labels.length) && !field.getAttribute('aria-label')
                && field.type !== 'submit').map(field => field.name)"""
    )
    assert unnamed == []
    nameless = page.evaluate(
        """() => Array.from(document.querySelectorAll('#monitoringsession-answers input[type=radio]'))
            .filter(field => !field.closest('fieldset').querySelector('legend').textContent.trim())
            .map(field => field.name)"""
    )
    assert nameless == []
    first = page.locator('input[name="a_sa_plan"]').first
    first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert page.locator('input[name="a_sa_plan"]:checked').get_attribute("value") == "2"


def test_with_the_service_away_forms_are_taken_and_the_document_follows(
    site: Site, service: Service, people: dict[str, Person], session: dict[str, Any]
) -> None:
    service.stop()
    mentee = people["mentee3"]
    started = time.monotonic()
    mentee.fill_in_first_form(session["cmid"])
    mentee.submit()
    assert time.monotonic() - started < 60
    waiting = site.rows("monitoringsession_outbox", state="waiting")
    assert "submission.saved" in {row["type"] for row in waiting}
    assert mentee.session(session["cmid"]).locator(".monitoringsession-document").count() == 0
    service.start()
    site.php("scheduled_task.php", "--execute=\\mod_monitoringsession\\task\\redeliver")
    assert not site.rows("monitoringsession_outbox", state="waiting")
    mentee.wait_for_document(session["cmid"])


def test_the_coordinator_sees_everybody_and_downloads_everything(
    people: dict[str, Person], session: dict[str, Any]
) -> None:
    coordinator = people["coordinator"]
    page = coordinator.session(session["cmid"])
    grid = page.inner_text(".monitoringsession-grid")
    for name in ("Юлия Ангелова", "Петър Иванов", "Мария Колева", "Димитър Стоянов"):
        assert name in grid
    with page.expect_download() as download:
        page.click('a[href*="export.php"]')
    with zipfile.ZipFile(download.value.path()) as archive:
        names = archive.namelist()
        assert "register.csv" in names
        assert len([name for name in names if name.endswith(".pdf")]) >= 4
    mentor = people["mentor"].session(session["cmid"]).inner_text(".monitoringsession-grid")
    assert "Юлия Ангелова" in mentor
    assert "Мария Колева" not in mentor


def test_a_closed_session_takes_no_forms_until_it_is_opened_again(
    people: dict[str, Person], course: dict[str, Any], session: dict[str, Any]
) -> None:
    coordinator = people["coordinator"]
    page = coordinator.session(session["cmid"])
    page.click('button[value="close"]')
    page.click('form[action*="manage.php"] button:has-text("Close the session")')
    page.wait_for_selector('a[href*="reopen.php"]')
    forms = 'a[href*="form.php"]'
    assert not people["mentee2"].session(session["cmid"]).locator(forms).count()
    _reopen(page, "some", course["people"]["mentee3"]["id"])
    assert not people["mentee2"].session(session["cmid"]).locator(forms).count()
    assert people["mentee3"].session(session["cmid"]).locator(forms).count()
    page.click('button[value="close"]')
    page.click('form[action*="manage.php"] button:has-text("Close the session")')
    _reopen(page, "all")
    assert people["mentee2"].session(session["cmid"]).locator(forms).count()


def _reopen(page: Any, whom: str, *people: int) -> None:
    page.click('a[href*="reopen.php"]')
    page.wait_for_selector("#id_people", state="attached")
    page.select_option("#id_whom", whom)
    if people:
        page.select_option("#id_people", [str(person) for person in people], force=True)
    page.click("#id_submitbutton")
    page.wait_for_selector('button[value="close"]')


def test_who_has_more_time_may_submit_when_the_session_is_closed_for_the_others(
    service: Service, people: dict[str, Person], course: dict[str, Any], session: dict[str, Any]
) -> None:
    coordinator, mentee = people["coordinator"], course["people"]["mentee2"]["id"]
    page = coordinator.open(f"/mod/monitoringsession/extension.php?id={session['cmid']}")
    page.wait_for_selector("#id_people", state="attached")
    page.select_option("#id_people", str(mentee), force=True)
    page.select_option("#id_due_year", "2020")
    page.click("#id_submitbutton")
    page.get_by_text("has to be later than the deadline of the session").wait_for()
    page.select_option("#id_due_year", "2031")
    page.click("#id_submitbutton")
    page.wait_for_selector(".alert-success")
    page = coordinator.session(session["cmid"])
    page.click('button[value="close"]')
    page.click('form[action*="manage.php"] button:has-text("Close the session")')
    page.wait_for_selector('a[href*="reopen.php"]')
    forms = 'a[href*="form.php"]'
    assert not people["mentee3"].session(session["cmid"]).locator(forms).count()
    page = people["mentee2"].session(session["cmid"])
    assert page.locator(forms).count()
    assert "2031" in page.inner_text("[data-region='activity-dates']")
    wait_for(lambda: _deadlines(service, session["uuid"]).get(mentee), "the service does not know of it")
    page = coordinator.session(session["cmid"])
    _reopen(page, "all")


def _deadlines(service: Service, session: str) -> dict[int, int]:
    engine = connect(f"sqlite:///{service.data / 'bridge.sqlite3'}")
    try:
        record = records.session(engine, session)
        return {each.user: each.due for each in record.extensions} if record else {}
    finally:
        engine.dispose()


def test_a_plan_puts_the_sessions_into_the_course_once(
    site: Site, people: dict[str, Person], course: dict[str, Any]
) -> None:
    coordinator = people["coordinator"]
    for _ in range(2):
        page = coordinator.open(f"/mod/monitoringsession/plan.php?id={course['course']}")
        page.fill('input[name="startdate"]', "2030-01-31")
        page.fill('input[name="enddate"]', "2030-06-28")
        page.select_option('select[name="frequency"]', "f_bimonthly")
        page.click("#id_submitbutton")
        page.wait_for_selector('input[name="date4"]')
        coordinator.check()
        assert page.input_value('input[name="date1"]') == "2030-01-31"
        page.fill('input[name="date2"]', "2030-03-28")
        page.click("#id_submitbutton")
        page.wait_for_selector(".alert-success")
        planned = site.rows("monitoringsession", course=course["course"], planned=1)
        assert [row["kind"] for row in planned] == ["initial", "interim", "interim", "final"]
    opens = dt.datetime.fromtimestamp(int(planned[1]["opens"]), tz=dt.UTC)
    assert abs((opens - dt.datetime(2030, 3, 28, tzinfo=dt.UTC)).total_seconds()) < 86_400
