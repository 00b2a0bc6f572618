"""Signatures of the messages between plugin and service: Standard Webhooks, and the pairing key.

Source of the format: https://www.standardwebhooks.com (symmetric, ``v1``). Reads no clock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping

from moodle_bridge.errors import BadSignature, Stale, Unsigned

PREFIX = "whsec_"
TOLERANCE = 300
"""Seconds that a signature's time may lie before or after ours."""

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
"""The headers of a signed request, as :func:`verify` looks them up."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_secret() -> str:
    """A fresh shared secret of 256 bits, in Standard Webhooks notation."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The key bytes of a secret in Standard Webhooks notation; :class:`ValueError` if it is none."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def new_pairing_code() -> str:
    """A one-time pairing code: 150 random bits, Crockford base32, six groups of five."""
    letters = [secrets.choice(_CROCKFORD) for _ in range(30)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 30, 5))


def pairing_key(code: str) -> bytes:
    """The signing key of a pairing request; the code may be typed with or without hyphens, in any case."""
    plain = "".join(code.upper().replace("-", " ").split())
    return hashlib.sha256(b"monitoringsession-pairing:" + plain.encode()).digest()


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """One ``v1,…`` signature over ``id.timestamp.body``."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(key: bytes, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a signed request."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(key, message_id, timestamp, body),
    }


def verify(keys: Iterable[bytes], headers: Mapping[str, str], body: bytes, now: int) -> str:
    """Check signature and age of a request and return its ``webhook-id``.

    ``keys`` are all that count at the moment (several while a secret is being replaced); ``now`` is UTC
    epoch seconds. Raises :class:`Unsigned`, :class:`Stale` or :class:`BadSignature`.
    """
    return verify_which(keys, headers, body, now)[0]


def verify_which(keys: Iterable[bytes], headers: Mapping[str, str], body: bytes, now: int) -> tuple[str, int]:
    """Like :func:`verify`; also which of the ``keys`` it was, counted from 0."""
    message_id = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    offered = headers.get("webhook-signature", "")
    if not message_id or len(message_id) > 100 or not message_id.isascii() or not message_id.isprintable():
        raise Unsigned("the header webhook-id is missing or not a short ASCII text")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise Unsigned("the header webhook-timestamp is missing or not a number of seconds")
    if not offered:
        raise Unsigned("the header webhook-signature is missing")
    if abs(now - int(stamp)) > TOLERANCE:
        raise Stale(f"the signature's time differs from ours by more than {TOLERANCE} seconds")
    expected = [sign(key, message_id, int(stamp), body) for key in keys]
    for signature in offered.split(" ")[:10]:
        for which, candidate in enumerate(expected):
            if hmac.compare_digest(candidate.encode(), signature.encode()):
                return message_id, which
    raise BadSignature("the signature does not fit any shared secret")
