"""A browser without pictures: pages and form posts over HTTP as somebody of the cast."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from moodle_bridge.domain.instrument import definition
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.sandbox import cast
from moodle_bridge.sandbox.site import Sandbox

CATALOGUE = catalogue.load()
PERSONAL: dict[str, Any] = {
    "schema": 1,
    "open": True,
    "expected": True,
    "reason": None,
    "carried": {},
    "proposed": {},
    "suggested": [],
    "notes": [],
    "opened": 1,
    "due": 0,
    "waits_for": 0,
    "latest": 0,
    "context": {
        "session": {"kind": "interim", "date": "2026-03-02"},
        "plan": {},
        "count": {"mentees": 3},
        "previous": {},
    },
}


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")


class Browser:
    """Somebody who looks at the stand-in's pages."""

    def __init__(self, sandbox: Sandbox, person: cast.Person | None, language: str = "bg") -> None:
        self._address = urlsplit(sandbox.url).netloc
        self._cookies = f"language={language}" + (f"; person={person.id}" if person else "")

    def get(self, path: str) -> Page:
        """Open a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, Any] | None = None) -> Page:
        """Send a form; a list is several values of one name."""
        return self._ask("POST", path, urlencode(fields or {}, doseq=True).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> Page:
        connection = http.client.HTTPConnection(self._address, timeout=10)
        headers = {"Cookie": self._cookies, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        page = Page(answer.status, dict(answer.headers.items()), answer.read())
        connection.close()
        return page


def session_with(sandbox: Sandbox, *instruments: str, kind: str = "initial") -> str:
    """A session whose forms are pushed, open and empty for all whom they are for."""
    session = sandbox.world.create_session(
        course=cast.COURSE.id, name="Сесия на пролетта", number=1, kind=kind, instruments=instruments
    )
    push(sandbox, session, *instruments)
    return session


def push(sandbox: Sandbox, session: str, *instruments: str, **personal: Any) -> None:
    """Push definitions and personal data as the service would."""
    revision = 1 + len(sandbox.database.rows("SELECT 1 FROM personal"))
    definitions, items = [], []
    for name in instruments:
        instrument = CATALOGUE.instruments[name]
        for language in ("bg", "en"):
            content = definition.definition(CATALOGUE, instrument, language)
            definitions.append(
                {
                    "instrument": name,
                    "version": instrument.version,
                    "language": language,
                    "sha256": definition.digest(content),
                    "content": json.dumps(content, ensure_ascii=False),
                }
            )
        for person in cast.PEOPLE:
            if instrument.respondent in person.roles:
                items += [
                    {
                        "instrument": name,
                        "user": person.id,
                        "group": group,
                        "revision": revision,
                        "content": json.dumps(PERSONAL | personal, ensure_ascii=False),
                    }
                    for group in person.groups or (0,)
                ]
    sandbox.functions.put_definitions(definitions)
    sandbox.functions.put_personal(session, items)
