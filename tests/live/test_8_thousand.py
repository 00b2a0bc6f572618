"""Pages cost the same for ten people and for a thousand, with everything there that the service pushes.

The numbers of queries are Moodle's own (its performance information at the foot of a real page); times are
printed and gate nothing. While pages are read, somebody listens in the service's place: nobody may call.
"""

from __future__ import annotations

import re
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from people import Person
from site_under_test import Service, Site, wait_for

TIMES = 5
SUBMITTING_GROUPS = 10
ANSWERS: dict[str, Any] = {
    "needs_now": ["n_practice"],
    "general_goals": [{"row": 1, "text": "Да започна работа"}],
    "specific_goals": [
        {
            "row": 1,
            "text": "Да напиша автобиография",
            "parent": "r1",
            "criterion": "Готова и прегледана",
            "due_date": "2030-12-20",
            "importance": 2,
            "start_level": 0,
        }
    ],
    "own_expectations": [{"row": 1, "text": "Обратна връзка", "category": "e_feedback", "importance": 2}],
    "share_name": True,
    "guess_others": ["e_job"],
    "sa_knowledge": 3,
    "sa_confidence": 3,
    "sa_plan": 3,
    "sa_network": 3,
    "next_step": "Да пиша на ментора",
    "contact_me": False,
}


class Listener:
    """Listens at a port and counts who calls."""

    def __init__(self, port: int) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    def _count(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def close(self) -> None:
        """Stop listening."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture(scope="module")
def courses(site: Site, service: Service, pairing: Person) -> Iterator[dict[int, dict[str, Any]]]:
    """A course of ten mentees and one of a thousand, with forms, documents and all that is pushed."""
    made = {}
    # Both have groups to choose from: their menu is a query.
    for mentees, group in ((10, 5), (1000, 10)):
        course = site.act("crowd", name=f"{mentees} участници", mentees=mentees, group=group)
        session = site.act("session", course=course["course"], name="Initial session")
        made[mentees] = course | {"session": session}
    site.act("deliver")
    wait_for(service.idle, "the service does not come to rest", 600)
    for course in made.values():
        for group in course["groups"][:SUBMITTING_GROUPS]:
            wanted = [
                {
                    "cmid": course["session"]["cmid"],
                    "instrument": "mentee_initial",
                    "group": group["id"],
                    "user": mentee["id"],
                    "answers": ANSWERS,
                    "at": int(time.time()),
                }
                for mentee in group["mentees"]
            ]
            site.act("submit", forms=wanted)
    assert site.act("deliver") == ""
    wait_for(service.idle, "the service does not come to rest", 900)
    site.act("setting", perfdebug=15)
    yield made
    site.act("setting", perfdebug=7)


def test_pages_take_the_same_queries_for_ten_and_a_thousand_and_call_nobody(
    site: Site,
    service: Service,
    chromium: Any,
    courses: dict[int, dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    for size, course in courses.items():
        where = {"monitoringsession": course["session"]["instance"]}
        summaries = site.rows("monitoringsession_summary", **where)
        assert {row["audience"] for row in summaries} == {"mentee", "mentor", "coordinator"}
        assert len({row["groupid"] for row in summaries}) >= size // 10
        assert len(site.rows("monitoringsession_document", **where)) == 2 * min(size, 100)
    service.stop()
    listener = Listener(service.port)
    try:
        figures = {size: _measure(site, chromium, course) for size, course in courses.items()}
    finally:
        listener.close()
        service.start()
    release = site.act("about")["release"].split()[0]
    with capsys.disabled():
        for what in figures[10]:
            told = [
                f"{size}: {reads} reads, {writes} writes, {seconds * 1000:.0f} ms"
                for size in figures
                for reads, writes, seconds in [figures[size][what]]
            ]
            print(f"\nMoodle {release}, {what}: {'; '.join(told)}")
    assert listener.calls == 0
    for what, (reads, _, _) in figures[10].items():
        assert figures[1000][what][0] == reads, what


def _measure(site: Site, chromium: Any, course: dict[str, Any]) -> dict[str, tuple[int, int, float]]:
    group = course["groups"][0]
    cmid = course["session"]["cmid"]
    session = f"/mod/monitoringsession/view.php?id={cmid}"
    form = f"/mod/monitoringsession/form.php?id={cmid}&group={group['id']}&instrument="
    pages = {
        "the session for a mentee": (group["mentees"][0], session),
        "the session for a mentor": (group["mentor"], session),
        "the session for the coordinator": (course["coordinator"], session),
        "the form of a mentee": (group["mentees"][0], f"{form}mentee_initial"),
        "the form of a mentor": (group["mentor"], f"{form}mentor_initial"),
    }
    return {what: _read(site, chromium, *page) for what, page in pages.items()}


def _read(site: Site, chromium: Any, account: dict[str, Any], path: str) -> tuple[int, int, float]:
    """Reads, writes and the median time of a page that has been read before."""
    person = Person(chromium, site.url, account["username"])
    counts, times = [], []
    for _ in range(TIMES + 1):
        started = time.monotonic()
        text = person.download(f"{site.url}{path}").decode()
        times.append(time.monotonic() - started)
        found = re.search(r"DB reads/writes: (\d+)/(\d+)", text)
        assert found, "Moodle's performance information is missing"
        counts.append((int(found[1]), int(found[2])))
    person.close()
    reads, writes = min(counts[1:])
    return reads, writes, statistics.median(times[1:])
