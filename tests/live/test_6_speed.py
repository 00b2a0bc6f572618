"""From pressing Submit in the browser to the document on the page: measured without cron; no gate."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest
from people import Person
from site_under_test import Site

TIMES = 20


def test_from_submit_to_the_document_on_the_page_is_measured(
    site: Site,
    chromium: Any,
    course: dict[str, Any],
    session: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    person = Person(chromium, site.url, course["people"]["mentee2"]["username"])
    person.fill_in_first_form(session["cmid"])
    person.submit()
    person.see_documents(1)
    whole, page_ready = [], []
    for number in range(TIMES):
        person.change_first_form(session["cmid"], f"Цел {number}")
        started = time.monotonic()
        person.submit()
        page_ready.append(time.monotonic() - started)
        person.see_documents(number + 2)
        whole.append(time.monotonic() - started)
    person.close()
    release = site.act("about")["release"].split()[0]
    with capsys.disabled():
        print(
            f"\nMoodle {release}, from Submit to the document on the page, {TIMES} times: "
            f"median {statistics.median(whole):.2f} s, slowest {max(whole):.2f} s; "
            f"of that until the session's page is there: median {statistics.median(page_ready):.2f} s"
        )
