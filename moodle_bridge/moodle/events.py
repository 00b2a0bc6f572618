"""What a message from Moodle says, in each dialect: our plugin's, ``local_webhooks``' and ``tool_trigger``'s.

Knows no HTTP and no database. The dialects of the third-party plugins were read in their code; of what they
send only the event's name and the course's number are kept, for the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from moodle_bridge.contract import CONTRACT, faults
from moodle_bridge.errors import Malformed, WrongContract
from moodle_bridge.moodle.strict_json import parse
from moodle_bridge.plain_json import JsonObject, WrongField

LOCAL_WEBHOOKS = "local_webhooks"
TOOL_TRIGGER = "tool_trigger"

_EVENT = re.compile(r"\\?[A-Za-z0-9_]+(?:\\[A-Za-z0-9_]+)*")
_MOST_FIELDS = 200

Message = TypeVar("Message")


@dataclass(frozen=True, slots=True)
class ForeignHint:
    """A hint of a third-party plugin. ``host`` and ``token`` are what the sender claims; may be empty."""

    event: str
    course: int
    host: str
    token: str = field(repr=False)

    @property
    def data(self) -> JsonObject:
        """What is remembered of it."""
        return {"event": self.event, "course": self.course}


def contract_message(body: bytes, schema: str, depth: int, read: Callable[[JsonObject], Message]) -> Message:
    """A message of our plugin, checked against the contract's schema of that name, and then ``read``.

    Raises :class:`Malformed`, :class:`TooDeep`, or :class:`WrongContract` before anything else in the
    message is looked at, because another version may look quite different.
    """
    message = parse(body, depth)
    if not isinstance(message, dict):
        raise Malformed("the body is not a JSON object")
    version = message.get("contract")
    if isinstance(version, int) and not isinstance(version, bool) and version != CONTRACT:
        theirs = str(version) if 0 <= version < 1_000_000 else "(unreadable)"
        raise WrongContract(
            f"the plugin speaks version {theirs} of the contract, this service version {CONTRACT}"
        )
    wrong = faults(schema, message, "request")
    if wrong:
        raise Malformed(f"the message breaks the contract: {_places(wrong)}")
    try:
        return read(message)
    except WrongField as error:  # 1.0 for 1, say, which a schema lets pass
        raise Malformed(f"the message breaks the contract: {error}") from None


def foreign_hint(body: bytes, depth: int) -> ForeignHint:
    """A hint of either third-party plugin: a JSON object or a form, which only the body itself tells.

    ``local_webhooks`` sends JSON (1.x) or a form (its later adhoc task), with whatever content type its
    administrator entered; ``tool_trigger`` a form or JSON, with none by default.
    Raises :class:`Malformed` or :class:`TooDeep`.
    """
    if body.lstrip()[:1] in (b"{", b"["):
        fields = parse(body, depth)
        if not isinstance(fields, dict):
            raise Malformed("the body is not a JSON object")
    else:
        fields = _form(body)
    event = _text(fields, "eventname")
    return ForeignHint(
        event=event if len(event) <= 200 and _EVENT.fullmatch(event) else "",
        course=_number(fields, "courseid"),
        host=_text(fields, "host"),
        token=_text(fields, "token"),
    )


def same_host(host: str, site: str) -> bool:
    """Whether the host that ``local_webhooks`` names (with or without scheme and port) is the site's."""
    try:
        named = urlsplit(host if "://" in host else f"//{host}")
        return named.hostname == urlsplit(site).hostname
    except ValueError:
        return False


def _form(body: bytes) -> JsonObject:
    try:
        return dict(
            parse_qsl(
                body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
            )
        )
    except ValueError:
        raise Malformed("the body is not a form in UTF-8") from None


def _text(fields: JsonObject, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _number(fields: JsonObject, name: str) -> int:
    """A number, also where it came as text; 0 for anything else."""
    text = str(fields.get(name))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0


def _places(wrong: list[str]) -> str:
    """The first faults, without names that the sender made up: those may be anything."""
    return "; ".join(fault.partition(" (")[0] for fault in wrong[:3])[:400]
