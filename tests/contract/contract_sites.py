"""What a contract test needs of a site: raw calls, and the acts of people that a call answers about."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any, Protocol

import pytest

from moodle_bridge.contract import CONTRACT
from moodle_bridge.domain.instrument import definition
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.sandbox import cast, drafts, php
from moodle_bridge.sandbox.functions import PREFIX
from moodle_bridge.sandbox.site import Sandbox

ACTS = Path(__file__).with_name("moodle_acts.php")


class Site(Protocol):
    """A Moodle site, stand-in or real."""

    url: str
    token: str

    def create_session(self) -> str:
        """A session with the form ``mentee_initial`` in a course with two groups; its UUID."""

    def submit(self, session: str, answers: dict[str, Any]) -> str:
        """The same mentee submits (again); the UUID of this version."""

    def close_session(self, session: str) -> None:
        """The coordinator closes the session."""

    def delete_session(self, session: str) -> None:
        """The activity is deleted."""

    def delete_submission(self, submission: str) -> None:
        """One submission is deleted."""

    def save_draft(self, session: str, answers: dict[str, Any]) -> None:
        """The mentee saves a draft."""

    def title_shown(self, session: str) -> str:
        """What the mentee's form is called."""

    def use_newest(self, session: str) -> int:
        """The coordinator lets the session use the newest versions; how many forms were moved."""


def call(site: Site, function: str, **parameters: Any) -> dict[str, Any]:
    """Call a function with its parameters as they are; the JSON of the answer, or of the exception."""
    return post(
        site, {"wstoken": site.token, "wsfunction": PREFIX + function}, {"contract": CONTRACT, **parameters}
    )


def post(
    site: Site, head: dict[str, str], parameters: dict[str, Any], query: dict[str, str] | None = None
) -> dict[str, Any]:
    """A request to the REST server with nothing added but the format; the status has to be 200."""
    pairs = [*head.items(), ("moodlewsrestformat", "json"), *php.encode(parameters)]
    address = f"{site.url}/webservice/rest/server.php"
    if query:
        address += "?" + urllib.parse.urlencode(query)
    body = urllib.parse.urlencode(pairs).encode()
    with urllib.request.urlopen(address, body, timeout=30) as answer:
        assert answer.status == 200
        found: dict[str, Any] = json.load(answer)
        return found


def upload(site: Site, filename: str, content: bytes, token: str | None = None) -> Any:
    """Upload one file into a draft area; the JSON of the answer."""
    boundary = uuid.uuid4().hex
    fields = {"token": token or site.token, "itemid": "0", "filearea": "draft"}
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    request = urllib.request.Request(
        f"{site.url}/webservice/upload.php",
        head.encode() + content + f"\r\n--{boundary}--\r\n".encode(),
        {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


class SandboxSite:
    """The stand-in."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.url, self.token = sandbox.url, sandbox.token

    def create_session(self) -> str:
        return self.sandbox.world.create_session(
            course=cast.COURSE.id,
            name="Първоначална мониторинг сесия",
            number=1,
            kind="initial",
            instruments=["mentee_initial"],
        )

    def submit(self, session: str, answers: dict[str, Any]) -> str:
        return self.sandbox.world.submit(
            session, "mentee_initial", cast.YULIA.id, answers, role="mentee", group=cast.GROUP_A
        )

    def close_session(self, session: str) -> None:
        self.sandbox.world.close_session(session)

    def delete_session(self, session: str) -> None:
        self.sandbox.world.delete_session(session)

    def delete_submission(self, submission: str) -> None:
        self.sandbox.world.delete_submission(submission)

    def save_draft(self, session: str, answers: dict[str, Any]) -> None:
        place = (session, "mentee_initial", cast.YULIA.id, cast.GROUP_A)
        drafts.save_draft(self.sandbox.world.database, *place, answers, seen=0)

    def title_shown(self, session: str) -> str:
        row = self.sandbox.world.definition(session, "mentee_initial", "bg")
        assert row is not None
        return str(json.loads(row["content"])["title"])

    def use_newest(self, session: str) -> int:
        return len(self.sandbox.world.use_newest(session))


class RealMoodle:
    """A real site, whose people act through a script of ours run by its PHP."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        found = self._act("begin", definitions=[definition_of("mentee_initial")])
        self.url, self.token = str(found["url"]), str(found["token"])

    def _act(self, act: str, **arguments: Any) -> dict[str, Any]:
        done = subprocess.run(
            ["php", str(ACTS), str(self._directory), act],
            input=json.dumps(arguments),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"moodle_acts.php {act}: {done.stdout}{done.stderr}"
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def create_session(self) -> str:
        return str(self._act("create_session")["session"])

    def submit(self, session: str, answers: dict[str, Any]) -> str:
        return str(self._act("submit", session=session, answers=answers)["submission"])

    def close_session(self, session: str) -> None:
        self._act("close_session", session=session)

    def delete_session(self, session: str) -> None:
        self._act("delete_session", session=session)

    def delete_submission(self, submission: str) -> None:
        self._act("delete_submission", submission=submission)

    def save_draft(self, session: str, answers: dict[str, Any]) -> None:
        self._act("save_draft", session=session, answers=answers)

    def title_shown(self, session: str) -> str:
        return str(self._act("title_shown", session=session)["title"])

    def use_newest(self, session: str) -> int:
        return int(self._act("use_newest", session=session)["moved"])


def definition_of(name: str) -> dict[str, str]:
    """A form as the service pushes it, in Bulgarian."""
    everything = catalogue.load()
    instrument = everything.instruments[name]
    content = definition.definition(everything, instrument, "bg")
    return {
        "instrument": instrument.id,
        "version": instrument.version,
        "language": "bg",
        "sha256": definition.digest(content),
        "content": json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
    }


class RemoteMoodle:
    """A real site of which only the web services can be reached: tests that need acts of people skip."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url.rstrip("/"), token

    def create_session(self) -> str:
        pytest.skip("people can only act in a site whose code is here: set MOODLE_DIR")

    def submit(self, session: str, answers: dict[str, Any]) -> str:
        return self.create_session()

    def close_session(self, session: str) -> None:
        self.create_session()

    def delete_session(self, session: str) -> None:
        self.create_session()

    def delete_submission(self, submission: str) -> None:
        self.create_session()

    def save_draft(self, session: str, answers: dict[str, Any]) -> None:
        self.create_session()

    def title_shown(self, session: str) -> str:
        return self.create_session()

    def use_newest(self, session: str) -> int:
        return len(self.create_session())


def real_moodle_from() -> Site | str:
    """The real Moodle that the environment names, or why there is none."""
    if directory := os.environ.get("MOODLE_DIR", ""):
        return RealMoodle(Path(directory))
    url, token = os.environ.get("MOODLE_URL", ""), os.environ.get("MOODLE_TOKEN", "")
    if url and token:
        return RemoteMoodle(url, token)
    return "no real Moodle: set MOODLE_DIR to a site's code tree, or MOODLE_URL and MOODLE_TOKEN"
