"""JSON read strictly: one value, valid UTF-8, bounded nesting, no repeated keys, no NaN.

What two parsers could read differently is refused, and no input can exhaust the stack.
Format: RFC 8259; the strictness: RFC 7493 (I-JSON).
"""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

from moodle_bridge.errors import Malformed, TooDeep
from moodle_bridge.plain_json import Json

# A string is skipped whole (possessively, closed or not), so that each byte is looked at once.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def parse(body: bytes, depth: int) -> Json:
    """The value of a JSON text that nests at most ``depth`` levels.

    Raises :class:`Malformed` or :class:`TooDeep`; the message never quotes the text.
    """
    if _nesting(body) > depth:
        raise TooDeep(f"the JSON nests deeper than {depth} levels")
    try:
        text = body.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8 (byte {error.start})") from None
    try:
        value: Json = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        raise Malformed(f"the body is not JSON (line {error.lineno}, column {error.colno})") from None
    except ValueError:  # a number of thousands of digits
        raise Malformed("the body holds a number that is too long") from None
    if "\\u" in text:
        _refuse_unstorable(value)
    return value


def _nesting(body: bytes) -> int:
    level = deepest = 0
    for token in _TOKEN.finditer(body):
        first = token.group()[0]
        if first in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif first in b"]}":
            level -= 1
    return deepest


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("an object of the body has the same key twice")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise Malformed("the body holds NaN or Infinity, which are not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Malformed("the body holds a number that is too large")
    return number


def _refuse_unstorable(value: Json) -> None:
    """Escapes can write what no database stores: half of a surrogate pair, or NUL."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("the body holds half of a surrogate pair") from None
    if "\\u0000" in text.replace("\\\\", ""):
        raise Malformed("the body holds the character NUL")
