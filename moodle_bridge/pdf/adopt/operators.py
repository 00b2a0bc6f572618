"""Read the operators of a page's content (ISO 32000-1, 7.8.2) in one pass, whoever wrote it.

Knows the syntax, not the meaning: strings, arrays, dictionaries and inline pictures are skipped whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    rb"%[^\r\n]*|\(|<<|>>|[\[\]{}>)]|<[0-9A-Fa-f\s]*>|/[^\x00\t\n\f\r ()<>\[\]{}/%]*"
    rb"|[^\x00\t\n\f\r ()<>\[\]{}/%]+|<"
)
_BRACKET = re.compile(rb"\\.|[()]", re.DOTALL)
_END_OF_PICTURE = re.compile(rb"[\x00\t\n\f\r ]EI(?=[\x00\t\n\f\r ]|$)")
_MOST_OPERANDS = 64
_WORDS = frozenset({b"true", b"false", b"null"})


class Operation(NamedTuple):
    """An operator with its operands, and where both begin and end in the content."""

    name: bytes
    operands: list[bytes]
    start: int
    end: int


def operations(content: bytes) -> Iterator[Operation]:
    """Every operator in turn; an inline picture is one operation named ``BI``."""
    position, start = 0, -1
    operands: list[bytes] = []
    while (found := _TOKEN.search(content, position)) is not None:
        token, position = found[0], found.end()
        first = token[:1]
        if first == b"%":
            continue
        if start < 0:
            start = found.start()
        if first == b"(":
            position = _string_end(content, position)
            token = content[found.start() : position]
        elif first.isalpha() or first in (b"'", b'"'):
            if token in _WORDS:
                operands.append(token)
                continue
            if token == b"BI":
                end = _END_OF_PICTURE.search(content, position)
                position = end.end() if end else len(content)
            yield Operation(token, operands, start, position)
            operands, start = [], -1
            continue
        operands.append(token)
        if len(operands) > _MOST_OPERANDS:
            del operands[: -_MOST_OPERANDS // 2]


def numbers(operands: list[bytes], count: int) -> list[float] | None:
    """The last ``count`` operands as numbers; none if they are not."""
    try:
        found = [float(operand) for operand in operands[-count:]]
    except ValueError:
        return None
    return found if len(found) == count and all(abs(value) < 1e7 for value in found) else None


def _string_end(content: bytes, position: int) -> int:
    depth = 1
    while depth and (found := _BRACKET.search(content, position)) is not None:
        position = found.end()
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
    return position if not depth else len(content)
