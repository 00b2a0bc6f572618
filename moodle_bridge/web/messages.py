"""Reading what was sent: a bounded body, then its signature, and only then what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from flask import current_app, g, request
from werkzeug.exceptions import ClientDisconnected

from moodle_bridge.errors import Malformed, NotPaired, TooLarge, WrongMediaType, WrongSite
from moodle_bridge.moodle import signing
from moodle_bridge.moodle.events import contract_message
from moodle_bridge.plain_json import JsonObject
from moodle_bridge.store import pairing
from moodle_bridge.store.pairing import Pairing
from moodle_bridge.web.parts import Parts

_CHUNK = 64 * 1024


def parts() -> Parts:
    """What this application was made of."""
    found: Parts = current_app.extensions["moodle_bridge"]
    return found


def read_body() -> bytes:
    """The body, whatever its declared length; :class:`TooLarge` beyond ``limits.body_bytes``."""
    limit = parts().settings.limits.body_bytes
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongMediaType("the body has to be sent uncompressed")
    if (request.content_length or 0) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    body = b""
    try:
        while chunk := request.stream.read(min(_CHUNK, limit + 1 - len(body))):
            body += chunk
            if len(body) > limit:
                raise TooLarge(f"the body is larger than {limit} bytes")
    except ClientDisconnected:
        raise Malformed("the body is shorter than its declared length") from None
    return body


def read_json_body() -> bytes:
    """The body of a request that declares JSON; :class:`WrongMediaType` otherwise."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in ("utf-8", "utf8"):
        raise WrongMediaType("the body has to be declared as application/json")
    return read_body()


def signature_headers() -> dict[str, str]:
    """The headers that sign this request; empty where one is missing."""
    return {name: request.headers.get(name, "") for name in signing.HEADERS}


class FromSite(Protocol):
    """A message that says which site sent it."""

    @property
    def site(self) -> str:
        """Moodle's wwwroot."""


Message = TypeVar("Message", bound=FromSite)


def signed_message(schema: str, read: Callable[[JsonObject], Message]) -> tuple[Message, str, Pairing]:
    """A message of the paired site with its id; the signature covers the raw bytes and comes first.

    Raises any :class:`~moodle_bridge.errors.RequestRefused`, or :class:`StoreError`.
    """
    body = read_json_body()
    now = parts().clock()
    paired = pairing.current(parts().engine)
    if paired is None:
        raise NotPaired("no Moodle site is paired with this service")
    keys = [signing.key_of(secret) for secret in paired.secrets_at(now)]
    g.message_id = signing.verify(keys, signature_headers(), body, int(now))
    message = contract_message(body, schema, parts().settings.limits.depth, read)
    if message.site != paired.site:
        raise WrongSite("the message comes from another site than the one paired here, perhaps a clone of it")
    return message, g.message_id, paired
