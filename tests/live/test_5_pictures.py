"""Every page in Bulgarian and English, on a desktop and a phone: it fits, and pictures are kept to look at.

``LIVE_PICTURES`` names the folder that gets the pictures, the documents and the texts of the messages;
without it they go where pytest keeps temporary files.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import forms
import pytest
from gallery import Gallery
from people import Person
from site_under_test import Service, Site, wait_for

NAMES = {"bg": "Мониторинг сесия 1 (първоначална)", "en": "Monitoring session 1 (initial)"}
COURSES = {"bg": "Е-менторинг за завръщане на работа", "en": "E-mentoring back to work"}
WORDS = {
    "bg": {
        "goal": "Да се върна на работа по специалността си – счетоводство в малка фирма.",
        "step": "Да подготвя автобиография и мотивационно писмо за три обяви.",
        "criterion": "Изпратени са трите комплекта документи и менторът ги е прегледал.",
        "hope": "Менторът да ми казва честно кое в документите ми не е добре.",
        "next": "До петък ще напиша първи вариант на автобиографията.",
    },
    "en": {
        "goal": "To go back to work in my profession – accounting in a small firm.",
        "step": "To prepare a CV and a cover letter for three vacancies.",
        "criterion": "Three sets of documents are sent, and the mentor has seen them.",
        "hope": "That my mentor tells me honestly what is not good in my documents.",
        "next": "By Friday I will write the first version of my CV.",
    },
}


@dataclass
class Stage:
    """A course in one language, its session, and the pictures taken of it."""

    site: Site
    service: Service
    language: str
    course: dict[str, Any]
    session: dict[str, Any]
    gallery: Gallery
    browser: Any

    def enter(self, role: str) -> Person:
        """Somebody of the course, newly signed in."""
        username = self.course["people"][role]["username"]
        return Person(self.browser, self.site.url, username, language=self.language)

    def form(self, instrument: str, role: str) -> str:
        """The path of a form of somebody."""
        group = self.course["groups"]["А"] if role != "coordinator" else 0
        return (
            f"/mod/monitoringsession/form.php?id={self.session['cmid']}&instrument={instrument}&group={group}"
        )

    def answers(self) -> dict[str, Any]:
        """Answers of a mentee in the language of the course."""
        words = WORDS[self.language]
        return {
            "needs_now": ["n_feedback", "n_contacts"],
            "general_goals": [{"row": 1, "text": words["goal"]}],
            "specific_goals": [
                {
                    "row": 1,
                    "text": words["step"],
                    "parent": "r1",
                    "criterion": words["criterion"],
                    "due_date": "2030-03-29",
                    "importance": 3,
                    "start_level": 1,
                }
            ],
            "own_expectations": [
                {"row": 1, "text": words["hope"], "category": "e_feedback", "importance": 2}
            ],
            "share_name": True,
            "guess_others": ["e_knowledge", "e_job"],
            "sa_knowledge": 2,
            "sa_confidence": 3,
            "sa_plan": 2,
            "sa_network": 1,
            "next_step": words["next"],
            "contact_me": False,
        }

    def submit(self, role: str, answers: dict[str, Any], *, unchecked: bool = False) -> None:
        """Submit a form of a mentee by the functions behind the pages."""
        person, group = self.course["people"][role], "Б" if role == "mentee3" else "А"
        one = {
            "cmid": self.session["cmid"],
            "instrument": "mentee_initial",
            "group": self.course["groups"][group],
            "user": person["id"],
            "answers": answers,
            "at": int(time.time()),
        }
        self.site.act("submit", forms=[one], unchecked=unchecked)


@pytest.fixture(scope="module", params=["bg", "en"])
def stage(
    request: pytest.FixtureRequest,
    site: Site,
    service: Service,
    pairing: Person,
    chromium: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    """A course and its open session, in each language."""
    language = request.param
    site.act("no_tours")
    course = site.act("course", name=COURSES[language], language=language)
    session = site.act(
        "session",
        course=course["course"],
        name=NAMES[language],
        language=language,
        due=int(time.time()) + 86_000,
    )
    site.run_tasks()
    arrived = partial(site.rows, "monitoringsession_personal", monitoringsession=session["instance"])
    wait_for(arrived, "the forms do not arrive")
    gallery = Gallery.of(site, language, tmp_path_factory)
    yield Stage(site, service, language, course, session, gallery, chromium)
    assert gallery.misfits == []


def test_planning(stage: Stage) -> None:
    coordinator = stage.enter("coordinator")
    page = coordinator.open(f"/mod/monitoringsession/plan.php?id={stage.course['course']}")
    stage.gallery.take(coordinator, "plan")
    page.fill('input[name="startdate"]', "2030-01-31")
    page.fill('input[name="enddate"]', "2030-06-28")
    page.select_option('select[name="frequency"]', "f_bimonthly")
    page.click("#id_submitbutton")
    page.wait_for_selector('input[name="date4"]')
    stage.gallery.take(coordinator, "plan-dates")
    coordinator.close()


def test_choosing_the_activity_and_its_settings(stage: Stage) -> None:
    coordinator = stage.enter("coordinator")
    course = stage.course["course"]
    page = coordinator.open(f"/course/view.php?id={course}")
    page.wait_for_load_state()
    stage.gallery.take(coordinator, "course")
    coordinator.open(f"/course/modedit.php?add=monitoringsession&course={course}&section=1")
    stage.gallery.take(coordinator, "settings")
    coordinator.open(f"/mod/monitoringsession/index.php?id={course}")
    stage.gallery.take(coordinator, "index")
    page = coordinator.open(f"/course/view.php?id={course}")
    page.wait_for_load_state()
    page.check('input[name="setmode"]')
    # In Moodle 5 the button stands in a menu of its own.
    button = page.locator('[data-action="open-chooser"]:not([data-beforemod])').first
    button.wait_for(state="attached")
    button.evaluate("button => button.click()")
    item = page.locator('.modal-dialog a[href*="add=monitoringsession"]').first
    item.wait_for()
    item.scroll_into_view_if_needed()
    stage.gallery.take(coordinator, "chooser", whole=False)
    coordinator.close()


def test_a_mentee_fills_in_the_form(stage: Stage) -> None:
    mentee = stage.enter("mentee")
    mentee.session(stage.session["cmid"])
    stage.gallery.take(mentee, "mentee-begins")
    page = mentee.open(stage.form("mentee_initial", "mentee"))
    page.wait_for_selector("#id_review")
    stage.gallery.take(mentee, "form")
    page.click("#id_review")
    page.wait_for_selector(".alert-warning")
    stage.gallery.take(mentee, "form-missing")
    forms.fill(page, stage.answers())
    page.click("#id_review")
    page.wait_for_selector(".monitoringsession-submit")
    stage.gallery.take(mentee, "review")
    mentee.submit()
    mentee.see_documents(1)
    stage.gallery.take(mentee, "mentee-submitted")
    link = page.locator(".monitoringsession-document a").first.get_attribute("href")
    stage.gallery.keep("document.pdf", mentee.download(link))
    page.click('a[href*="submission.php"]')
    stage.gallery.take(mentee, "submission")
    mentee.close()


def test_a_form_that_needs_correction_says_so_at_its_question(stage: Stage) -> None:
    given = stage.answers()
    incomplete = {name: given[name] for name in given if name not in ("sa_plan", "next_step")}
    stage.submit("mentee2", incomplete, unchecked=True)
    where = {"monitoringsession": stage.session["instance"], "kind": "needs_correction"}
    wait_for(lambda: stage.site.rows("monitoringsession_problem", **where), "nothing is asked for")
    mentee = stage.enter("mentee2")
    mentee.session(stage.session["cmid"])
    stage.gallery.take(mentee, "correction-session")
    page = mentee.open(stage.form("mentee_initial", "mentee2"))
    assert page.locator(".alert-warning").count() == 1
    assert page.locator(".invalid-feedback:visible").count() == 2
    stage.gallery.take(mentee, "correction-form")
    mentee.close()
    coordinator = stage.enter("coordinator")
    coordinator.session(stage.session["cmid"])
    stage.gallery.take(coordinator, "correction-coordinator")
    coordinator.close()
    # Who has corrected before cron comes is told no more.
    stage.site.run_tasks()
    stage.submit("mentee2", stage.answers() | {"contact_me": True})
    wait_for(stage.service.idle, "the service does not come to rest")


def test_mentor_and_coordinator(stage: Stage) -> None:
    mentor = stage.enter("mentor")
    mentor.session(stage.session["cmid"])
    stage.gallery.take(mentor, "mentor")
    mentor.open(stage.form("mentor_initial", "mentor"))
    stage.gallery.take(mentor, "mentor-form")
    mentor.close()
    coordinator = stage.enter("coordinator")
    coordinator.session(stage.session["cmid"])
    stage.gallery.open_sections(coordinator)
    stage.gallery.take(coordinator, "coordinator")
    coordinator.open(stage.form("monitoring_plan", "coordinator"))
    stage.gallery.take(coordinator, "coordinator-form")
    coordinator.open(f"/mod/monitoringsession/extension.php?id={stage.session['cmid']}")
    stage.gallery.take(coordinator, "extension")
    coordinator.session(stage.session["cmid"]).click('button[value="close"]')
    stage.gallery.take(coordinator, "close")
    coordinator.close()


def test_messages_arrive_in_the_language_of_their_reader(stage: Stage) -> None:
    for name, hour in (("messagesfrom", 0), ("messagesuntil", 24)):
        # At whatever hour the tests run.
        component = "--component=mod_monitoringsession"
        stage.site.php("cfg.php", component, f"--name={name}", f"--set={hour}")
    stage.site.run_tasks()
    told = [
        row
        for role in ("mentee", "mentee2", "mentee3", "coordinator")
        for row in stage.site.rows("notifications", useridto=stage.course["people"][role]["id"])
    ]
    kinds = {row["eventtype"] for row in told}
    assert kinds == {"digest", "needscorrection", "contactrequest"}
    parts = ("eventtype", "subject", "fullmessage", "fullmessagehtml")
    text = "\n\n".join("\n".join(row[part] for part in parts) for row in told)
    stage.gallery.keep("messages.txt", text.encode())
    mentee = stage.enter("mentee2")
    page = mentee.session(stage.session["cmid"])
    page.wait_for_load_state()
    bell = "#nav-notification-popover-container"
    # Before Moodle's script has come, the bell does nothing.
    while page.locator(f"{bell}.collapsed").count():
        page.locator(f'{bell} [data-region="popover-region-toggle"], {bell} .popover-region-toggle').click()
        page.wait_for_timeout(500)
    page.wait_for_selector(".popover-region-container .content-item-container")
    stage.gallery.take(mentee, "popover", whole=False)
    mentee.open("/message/output/popup/notifications.php")
    page.locator(".content-item-container").first.click()
    page.wait_for_timeout(1500)
    stage.gallery.take(mentee, "notifications", whole=False)
    mentee.open("/message/notificationpreferences.php")
    stage.gallery.take(mentee, "preferences", ours=False)
    mentee.close()


def test_a_document_that_could_not_be_made_is_tried_again_by_a_button(stage: Stage) -> None:
    where = {"monitoringsession": stage.session["instance"], "kind": "failed", "state": "open"}
    stage.site.act("allow_uploads", allow=False)
    try:
        stage.submit("mentee3", stage.answers())
        wait_for(lambda: stage.site.rows("monitoringsession_problem", **where), "no problem is told of")
    finally:
        stage.site.act("allow_uploads", allow=True)
    coordinator = stage.enter("coordinator")
    page = coordinator.session(stage.session["cmid"])
    stage.gallery.take(coordinator, "problem")
    page.click('button:has-text("Try again"), button:has-text("Нов опит")')
    page.wait_for_selector(".alert-success")
    stage.gallery.take(coordinator, "problem-retried", whole=False)
    wait_for(lambda: not stage.site.rows("monitoringsession_problem", **where), "the problem stays")
    page = coordinator.session(stage.session["cmid"])
    assert page.locator('button:has-text("Try again"), button:has-text("Нов опит")').count() == 0
    coordinator.close()
    wait_for(stage.service.idle, "the service does not come to rest")


def test_the_connection_and_the_service_away(stage: Stage, pairing: Person) -> None:
    pairing.set_language(stage.language)
    page = pairing.open("/mod/monitoringsession/connection.php")
    page.click('button[value="test"]')
    page.wait_for_selector(".monitoringsession-checks")
    stage.gallery.take(pairing, "connection")
    pairing.open("/admin/settings.php?section=modsettingmonitoringsession")
    # Moodle lays this page out; in 4.5 it is wider than a phone.
    stage.gallery.take(pairing, "admin", ours=False)
    stage.service.stop()
    try:
        stage.submit("mentee2", stage.answers() | {"next_step": "…"})
        stage.site.act("older_hints", seconds=7200)
        for role in ("mentee2", "coordinator"):
            person = stage.enter(role)
            person.session(stage.session["cmid"])
            stage.gallery.take(person, f"away-{role}", whole=False)
            person.close()
        page = pairing.open("/mod/monitoringsession/connection.php")
        page.click('button[value="test"]')
        page.wait_for_selector(".monitoringsession-checks")
        stage.gallery.take(pairing, "connection-away")
    finally:
        stage.service.start()
        pairing.set_language("en")
    assert stage.site.act("deliver") == ""
    wait_for(stage.service.idle, "the service does not come to rest")
