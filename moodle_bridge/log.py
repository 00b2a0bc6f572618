"""The log: text or JSON lines, one id from webhook to receipt, and nothing secret.

Every line carries ``trace``, the id of the hint that caused the work (:func:`trace`). Whatever looks like a
secret is blacked out before it is written. Of an exception only its types and places are logged, and the
message only if it is one of ours: others may quote what they worked on. Imports nothing of ours but errors.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

from moodle_bridge.errors import BridgeError

_trace: ContextVar[str] = ContextVar("trace", default="")

_SECRETS = re.compile(
    r"whsec_[A-Za-z0-9+/=]+"
    r"|v1,[A-Za-z0-9+/]{40,}=*"
    r"|\b[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){5}\b"
    r"|(?<![0-9A-Za-z_-])[0-9a-f]{32}(?![0-9A-Za-z_-])"
    r"|(?P<name>(?:ws)?token|password|secret|authorization)(?P<sep>[\"']?\s*[=:]\s*[\"']?(?:Bearer\s+)?)[^\s\"'&,;}]+"
    r"|(?P<scheme>[a-z][a-z0-9+.]*://[^\s:/@]*:)[^\s@/]+(?=@)",
    re.IGNORECASE,
)
_NAMES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "trace", "taskName"}


@contextmanager
def trace(identifier: str) -> Iterator[None]:
    """Whatever this thread logs in the block carries this id."""
    token = _trace.set(identifier)
    try:
        yield
    finally:
        _trace.reset(token)


def current_trace() -> str:
    """The id that lines carry now; empty if none."""
    return _trace.get()


def redact(text: str) -> str:
    """The text with everything blacked out that looks like a secret.

    Known by their shape: shared secrets, signatures, pairing codes, Moodle tokens (32 hex digits), passwords
    in URLs, and values named token, password, secret or authorization.
    """
    return _SECRETS.sub(_blackened, text)


REPEAT_SECONDS = 60.0
_MOST_SAID = 1000
_NUMBERS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+(?:\.[0-9]+)?")

_CHATTY = (
    *("urllib3", "waitress", "alembic", "sqlalchemy", "werkzeug"),
    *("fontTools", "pypdf", "pikepdf", "weasyprint.progress"),
)


class Repeated(logging.Filter):
    """Lets a warning or error through once a minute, and says how often the same was said in between.

    The same is what differs only in numbers and ids: a failure of one job and of the next.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write a line."""
        if record.levelno < logging.WARNING:
            return True
        message = record.getMessage()
        key = (record.name, record.levelno, _NUMBERS.sub("#", message))
        now = self._clock()
        with self._lock:
            at, kept_back = self._said.get(key, (-REPEAT_SECONDS, 0))
            if now - at < REPEAT_SECONDS:
                self._said[key] = (at, kept_back + 1)
                return False
            self._said[key] = (now, 0)
            if len(self._said) > _MOST_SAID:
                self._said = {k: v for k, v in self._said.items() if now - v[0] < REPEAT_SECONDS}
        if kept_back:
            record.msg, record.args = f"{message} (and {kept_back} more like this since the last line)", ()
        return True


def configure(style: str = "text", level: str = "info", stream: TextIO | None = None) -> None:
    """Send the log of this process to ``stream`` (standard error), as ``text`` or ``json``."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    handler.addFilter(Repeated())
    root.addHandler(handler)
    root.setLevel(level.upper())
    # Libraries say at "info" what an operator does not need.
    for library in _CHATTY:
        logging.getLogger(library).setLevel(max(logging.WARNING, root.level))


def writes_json() -> bool:
    """Whether this process was told to log JSON lines."""
    return any(isinstance(handler.formatter, JsonLines) for handler in logging.getLogger().handlers)


class _Lines(logging.Formatter):
    def parts(self, record: logging.LogRecord) -> dict[str, object]:
        """Collect the parts of a line in order, with secrets removed."""
        said = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            said += " | " + _exception(record.exc_info[1])
        facts = {name: value for name, value in vars(record).items() if name not in _NAMES}
        return {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "trace": _trace.get(),
            "logger": record.name,
            "message": redact(said),
            **{name: redact(value) if isinstance(value, str) else value for name, value in facts.items()},
        }


class TextLines(_Lines):
    """One line for people: time, level, trace, logger, message and facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        parts = self.parts(record)
        head = [str(parts.pop(name)) for name in ("time", "level", "trace", "logger", "message")]
        head[2] = head[2] or "-"
        line = " ".join([*head, *(f"{name}={value}" for name, value in parts.items())])
        return _one_line(line)


class JsonLines(_Lines):
    """One JSON object for machines."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return json.dumps(self.parts(record), ensure_ascii=False, default=lambda value: type(value).__name__)


def _blackened(found: re.Match[str]) -> str:
    if found["name"]:
        return f"{found['name']}{found['sep']}***"
    return f"{found['scheme'] or ''}***"


def _one_line(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _exception(error: BaseException) -> str:
    """Types and places of an exception and its causes."""
    said: list[str] = []
    current: BaseException | None = error
    while current is not None and len(said) < 5:
        own = f": {current}" if isinstance(current, BridgeError) else ""
        said.append(f"{type(current).__name__}{own} at {_places(current.__traceback__)}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return " <- ".join(said)


def _places(where: TracebackType | None) -> str:
    frames = traceback.extract_tb(where)[-6:]
    return " > ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}:{frame.name}" for frame in frames)
