"""What people do in their browsers at a real Moodle."""

from __future__ import annotations

from typing import Any

PASSWORD = "Live-2026!"
ADMINISTRATOR = ("admin", "Admin-2026!")
TEXT = 'Да започна работа по специалността си <3 & "кавички" <b>не получер</b> €'


class Person:
    """Somebody signed in at the site, with a browser window of their own."""

    def __init__(
        self, browser: Any, url: str, username: str, password: str = PASSWORD, width: int = 1280
    ) -> None:
        self.url = url
        self._context = browser.new_context(viewport={"width": width, "height": 900}, locale="en")
        self.page = self._context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.set_default_navigation_timeout(90_000)
        # Pages are ready long before the last picture is; a test machine without internet never gets some.
        self.page.goto(f"{url}/login/index.php", wait_until="domcontentloaded")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.click("#loginbtn")
        self.page.wait_for_url(lambda address: "/login/" not in address, wait_until="domcontentloaded")

    def open(self, path: str) -> Any:
        """Go to a page of the site; fails where Moodle shows an error or a warning of PHP."""
        self.page.goto(f"{self.url}{path}", wait_until="domcontentloaded")
        self.check()
        return self.page

    def check(self) -> None:
        """No page of ours may show a warning or a missing string."""
        text = self.page.inner_text("body")
        for sign in ("Warning: ", "Notice: ", "Deprecated: ", "Coding error", "[[", "Exception - "):
            assert sign not in text, text[max(0, text.index(sign) - 100) : text.index(sign) + 500]

    def status(self, address: str) -> int:
        """The HTTP status of an address for this person."""
        return int(self._context.request.get(address, max_redirects=0).status)

    def download(self, address: str) -> bytes:
        """The bytes at an address."""
        answer = self._context.request.get(address)
        assert answer.status == 200, answer.status
        return bytes(answer.body())

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

    def submit(self) -> None:
        """Submit what is being reviewed."""
        self.page.click(".monitoringsession-submit button[type=submit]", no_wait_after=True)
        self.page.wait_for_selector(".alert-success")

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
