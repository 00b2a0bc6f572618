"""A real Moodle, the real service beside it, and a real browser; skips, saying why, where one is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from people import ADMINISTRATOR, Person
from site_under_test import Service, Site, wait_for

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The site whose code tree ``MOODLE_DIR`` names, with the activity freshly installed from its zip."""
    folder = os.environ.get("MOODLE_DIR")
    if not folder:
        pytest.skip("MOODLE_DIR does not name the code tree of a Moodle test site (docs/moodle.md, Testing)")
    if not shutil.which("php"):
        pytest.skip("php is not installed, so the site of MOODLE_DIR cannot be served")
    site = Site(Path(folder))
    try:
        site.install()
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="session")
def service(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service in a process of its own, not yet paired."""
    service = Service(tmp_path_factory.mktemp("service"))
    service.start()
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="session")
def chromium(site: Site) -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="session")
def course(site: Site) -> dict[str, Any]:
    """A course with two groups, mentees and a mentor in each, and a coordinator."""
    made: dict[str, Any] = site.act("course", name="Е-менторинг на живо", language="en")
    return made


@pytest.fixture(scope="session")
def pairing(site: Site, service: Service, chromium: Any) -> Iterator[Person]:
    """The administrator, who has paired the site by its page."""
    administrator = Person(chromium, site.url, *ADMINISTRATOR)
    page = administrator.open("/mod/monitoringsession/connection.php")
    if page.locator('button[value="unpair"]').count():
        page.click('button[value="unpair"]')
        page.click('form[action*="connection.php"] button:has-text("Disconnect")')
        page.wait_for_selector("#id_code")
    page.fill("#id_serviceurl", service.url)
    page.fill("#id_code", service.command("pair").split()[0])
    page.check("#id_ignoresecurity")
    page.check("#id_consent")
    page.click("#id_submitbutton")
    page.wait_for_selector('button[value="test"]')
    administrator.check()
    yield administrator
    administrator.close()


@pytest.fixture(scope="session")
def session(site: Site, course: dict[str, Any], pairing: Person) -> dict[str, Any]:
    """An initial session of the course, open now, once its forms have arrived."""
    made: dict[str, Any] = site.act("session", course=course["course"], name="Initial session")
    # What is changed on the command line is told by cron.
    site.php("scheduled_task.php", "--execute=\\mod_monitoringsession\\task\\redeliver")
    arrived = partial(site.rows, "monitoringsession_personal", monitoringsession=made["instance"])
    wait_for(arrived, "the forms do not arrive", 120)
    return made


@pytest.fixture(scope="session")
def people(site: Site, chromium: Any, course: dict[str, Any]) -> Iterator[dict[str, Person]]:
    """Everybody of the course, signed in."""
    signed_in = {
        role: Person(chromium, site.url, person["username"]) for role, person in course["people"].items()
    }
    yield signed_in
    for person in signed_in.values():
        person.close()


@pytest.fixture(scope="session")
def archived(
    site: Site, course: dict[str, Any], people: dict[str, Person], session: dict[str, Any]
) -> dict[str, Any]:
    """The session with forms of two mentees and their documents; submits what the story has not."""
    for role in ("mentee", "mentee3"):
        theirs = {"monitoringsession": session["instance"], "userid": course["people"][role]["id"]}
        if not site.rows("monitoringsession_submission", **theirs):
            people[role].fill_in_first_form(session["cmid"])
            people[role].submit()
        people[role].wait_for_document(session["cmid"])
    return session
