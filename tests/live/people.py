"""What people do in their browsers at a real Moodle."""

from __future__ import annotations

import re
from typing import Any

PASSWORD = "Live-2026!"
ADMINISTRATOR = ("admin", "Admin-2026!")
TEXT = 'Да започна работа по специалността си <3 & "кавички" <b>не получер</b> €'


class Person:
    """Somebody signed in at the site, with a browser window of their own."""

    def __init__(
        self,
        browser: Any,
        url: str,
        username: str,
        password: str = PASSWORD,
        width: int = 1280,
        language: str = "en",
    ) -> None:
        self.url = url
        self._account = (username, password)
        self._context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
        self.page = self._context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.set_default_navigation_timeout(90_000)
        self.sign_in()

    def sign_in(self) -> None:
        """Sign in, again where Moodle has ended the session."""
        # The page for signing in is Moodle's own; the dashboard behind it is slow and not ours to look at.
        username, password = self._account
        address = f"{self.url}/login/index.php"
        found = re.search(r'name="logintoken" value="(\w+)"', self._context.request.get(address).text())
        assert found, f"{address} is no page for signing in"
        form = {"username": username, "password": password, "logintoken": found[1]}
        answer = self._context.request.post(address, form=form, max_redirects=0)
        assert "testsession" in answer.headers.get("location", ""), f"{username} cannot sign in"

    def open(self, path: str) -> Any:
        """Go to a page of the site; fails where Moodle shows an error or a warning of PHP."""
        # Pages are ready long before the last picture is; a machine without internet never gets some.
        self.page.goto(f"{self.url}{path}", wait_until="domcontentloaded")
        self.check()
        return self.page

    def check(self) -> None:
        """No page of ours may show a warning or a missing string."""
        text = self.page.inner_text("body")
        for sign in ("Warning: ", "Notice: ", "Deprecated: ", "Coding error", "[[", "Exception - "):
            assert sign not in text, text[max(0, text.index(sign) - 100) : text.index(sign) + 500]

    def set_language(self, language: str) -> None:
        """Show this person the pages in a language, as the language menu does."""
        self.open(f"/user/preferences.php?lang={language}")

    def status(self, address: str) -> int:
        """The HTTP status of an address for this person."""
        return int(self._context.request.get(address, max_redirects=0).status)

    def download(self, address: str) -> bytes:
        """The bytes at an address."""
        answer = self._context.request.get(address)
        assert answer.status == 200, answer.status
        return bytes(answer.body())

    def call_web_service(self, token: str, function: str, arguments: dict[str, Any]) -> Any:
        """What Moodle's REST interface answers to a token."""
        form = {"wstoken": token, "wsfunction": function, "moodlewsrestformat": "json", **arguments}
        return self._context.request.post(f"{self.url}/webservice/rest/server.php", form=form).json()

    def call_ajax(self, function: str, arguments: dict[str, Any]) -> Any:
        """What a page of this person gets when its script calls a function."""
        self.open("/my/")
        key = self.page.evaluate("M.cfg.sesskey")
        return self._context.request.post(
            f"{self.url}/lib/ajax/service.php?sesskey={key}",
            data=[{"index": 0, "methodname": function, "args": arguments}],
        ).json()

    def session(self, cmid: int) -> Any:
        """Open the page of a session."""
        return self.open(f"/mod/monitoringsession/view.php?id={cmid}")

    def fill_in_first_form(self, cmid: int, goal: str = TEXT) -> None:
        """Fill in the mentee's first form up to its review."""
        page = self.session(cmid)
        page.click('a[href*="instrument=mentee_initial"]')
        page.wait_for_selector("#id_review")
        page.check('input[name="a_needs_now[n_practice]"]')
        page.fill('textarea[name="a_general_goals__1__text"]', goal)
        page.fill('textarea[name="a_specific_goals__1__text"]', "Да напиша автобиография")
        page.select_option('select[name="a_specific_goals__1__parent"]', "r1")
        page.fill('textarea[name="a_specific_goals__1__criterion"]', "Готова и прегледана")
        page.fill('input[name="a_specific_goals__1__due_date"]', "2030-12-20")
        page.fill('textarea[name="a_own_expectations__1__text"]', "Обратна връзка")
        page.select_option('select[name="a_own_expectations__1__category"]', "e_feedback")
        page.check('input[name="a_guess_others[e_job]"]')
        for item in ("knowledge", "confidence", "plan", "network"):
            page.check(f'input[name="a_sa_{item}"][value="3"]')
        page.fill('[name="a_next_step"]', "Да пиша на ментора")
        page.click("#id_review")
        page.wait_for_selector(".monitoringsession-submit")
        self.check()

    def change_first_form(self, cmid: int, goal: str) -> None:
        """Open the mentee's first form again, change the goal, and review it."""
        page = self.session(cmid)
        page.click('a[href*="instrument=mentee_initial"][href*="form.php"]')
        page.wait_for_selector("#id_review")
        page.fill('textarea[name="a_general_goals__1__text"]', goal)
        page.click("#id_review")
        page.wait_for_selector(".monitoringsession-submit")

    def submit(self) -> None:
        """Submit what is being reviewed."""
        self.page.click(".monitoringsession-submit button[type=submit]", no_wait_after=True)
        self.page.wait_for_selector(".alert-success")

    def see_documents(self, count: int, seconds: int = 60) -> None:
        """Stay on the session's page until so many documents are there, which it shows by itself."""
        self.page.wait_for_function(
            "count => document.querySelectorAll('.monitoringsession-document').length >= count",
            arg=count,
            timeout=seconds * 1000,
        )

    def wait_for_document(self, cmid: int, count: int = 1, seconds: int = 60) -> None:
        """Look at the session until so many documents are there."""
        for _ in range(seconds * 4):
            page = self.session(cmid)
            if page.locator(".monitoringsession-document").count() >= count:
                return
            page.wait_for_timeout(250)
        raise AssertionError(f"no {count} documents after {seconds} s: {page.inner_text('#region-main')}")

    def close(self) -> None:
        """Close the window."""
        self._context.close()
