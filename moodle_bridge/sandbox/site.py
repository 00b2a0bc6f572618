"""The stand-in Moodle as a whole: database, web server, outbox, pairing."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from flask import Flask

from moodle_bridge.contract import CONTRACT, faults
from moodle_bridge.errors import MoodleGarbled
from moodle_bridge.moodle.signing import key_of, pairing_key
from moodle_bridge.plain_json import Json, JsonObject, text
from moodle_bridge.sandbox import webservice
from moodle_bridge.sandbox.caller import Service, ServiceRefused
from moodle_bridge.sandbox.cast import COURSE, Course
from moodle_bridge.sandbox.functions import RELEASE, Functions
from moodle_bridge.sandbox.outbox import Sender
from moodle_bridge.sandbox.pages import pages
from moodle_bridge.sandbox.sqlite_file import Database, put_setting
from moodle_bridge.sandbox.switches import Faults
from moodle_bridge.sandbox.waiter import Waiter
from moodle_bridge.sandbox.world import World

MOODLE_RELEASE = "4.5 (sandbox)"


class Sandbox:
    """A stand-in Moodle that listens on ``host``; everything it knows is in ``directory``.

    ``port`` 0 takes any free one; started again on the same directory (and port) it goes on where it was.
    Use it as a context manager, or call :meth:`start` and :meth:`stop`.
    """

    def __init__(
        self,
        directory: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
        course: Course | None = COURSE,
        language: str = "bg",
        threads: int = 12,
        kinds: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.database = Database(directory / "moodle.sqlite3")
        self.faults = Faults()
        application = Flask(__name__, static_folder=None)
        self._waiter = Waiter(application, host, port, threads)
        self.url = f"http://{host}:{self._waiter.port}"
        self._sender = Sender(self.database, self.faults, self.url)
        self.world = World(self.database, clock, self._sender.wake)
        self.functions = Functions(self.database, self.url, clock)
        with self.database.write() as connection:
            if not self.database.setting("token"):
                put_setting(connection, "token", secrets.token_hex(16))
                put_setting(connection, "language", language)
        if course is not None:
            self.world.add_course(course)
        application.config["MAX_CONTENT_LENGTH"] = None
        application.config["MAX_FORM_MEMORY_SIZE"] = None
        application.register_blueprint(webservice.blueprint(self.database, self.functions, self.faults))
        application.register_blueprint(
            pages(self.world, self.ping, kinds or {"initial": ("mentee_initial",)})
        )

    @property
    def token(self) -> str:
        """The service account's web-service token."""
        return self.database.setting("token")

    def start(self) -> Sandbox:
        """Begin to answer and to send webhooks."""
        self._waiter.start()
        self._sender.start()
        return self

    def stop(self) -> None:
        """Stop; what was not sent stays in the outbox."""
        self._waiter.stop()
        self._sender.stop()
        self.database.close()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def pair(self, service_url: str, code: str) -> JsonObject:
        """Pair with a service by its one-time code, as the plugin's page does; return the answer.

        Raises :class:`~moodle_bridge.sandbox.caller.ServiceRefused`, ``ServiceAway`` or
        :class:`~moodle_bridge.errors.MoodleGarbled` for an answer that breaks the contract.
        """
        message: dict[str, Json] = {
            "contract": CONTRACT,
            "site": self.url,
            "site_name": "Е-менторинг (пробен сайт)",
            "language": self.database.setting("language"),
            "moodle_release": MOODLE_RELEASE,
            "plugin_release": RELEASE,
            "token": self.token,
        }
        answer = self._ask(service_url, "pair", message, pairing_key(code))
        with self.database.write() as connection:
            put_setting(connection, "service_url", service_url)
            put_setting(connection, "secret", text(answer, "secret"))
        self._sender.wake()
        return answer

    def unpair(self) -> None:
        """Part from the service and take the token back; a new one is made at the next pairing."""
        message: dict[str, Json] = {"contract": CONTRACT, "site": self.url}
        self._ask(self.database.setting("service_url"), "unpair", message, self._key())
        with self.database.write() as connection:
            put_setting(connection, "secret", "")
            put_setting(connection, "token", secrets.token_hex(16))

    def ping(self) -> JsonObject:
        """Test both directions, as the plugin's status page does; return the service's answer."""
        message: dict[str, Json] = {"contract": CONTRACT, "site": self.url}
        return self._ask(self.database.setting("service_url"), "ping", message, self._key())

    def plan(self, **wishes: Json) -> JsonObject:
        """Ask for the dates of a course (contract ``plan``)."""
        message: dict[str, Json] = {"contract": CONTRACT, "site": self.url, **wishes}
        return self._ask(self.database.setting("service_url"), "plan", message, self._key())

    def _key(self) -> bytes:
        return key_of(self.database.setting("secret"))

    def _ask(self, url: str, name: str, message: JsonObject, key: bytes) -> JsonObject:
        service = Service(url)
        try:
            status, answer = service.post(f"/api/{name}", message, key, f"msg_{uuid.uuid4().hex}")
        finally:
            service.close()
        if status != 200:
            raise ServiceRefused(status, answer)
        if wrong := faults(name, answer, "answer"):
            raise MoodleGarbled(f"the service's answer to {name} breaks the contract: {'; '.join(wrong)}")
        return answer

    def unsent(self) -> int:
        """Webhooks that wait in the outbox."""
        row = self.database.row("SELECT count(*) AS waiting FROM outbox WHERE sent = 0")
        return 0 if row is None else int(row["waiting"])
