"""Take an object graph of pypdf apart into the bytes of a file: number, serialise, pack.

pypdf writes neither object streams nor dense numbers; a template saves three quarters by both.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NullObject,
    StreamObject,
)

from moodle_bridge.pdf.syntax.graph import Node
from moodle_bridge.pdf.syntax.objects import HEADER, XrefRows, object_stream, stream


class Counter:
    """Hands out the next free object number."""

    def __init__(self, value: int) -> None:
        self.value = value

    def next(self) -> int:
        """A number nobody has yet."""
        self.value += 1
        return self.value - 1


def serialise(value: Any) -> bytes:
    """An object as pypdf writes it."""
    target = io.BytesIO()
    value.write_to_stream(target)
    return target.getvalue()


def reachable(writer: PdfWriter, root: Any) -> set[int]:
    """Numbers of all objects that can be reached from ``root``."""
    seen: set[int] = set()
    waiting: list[Any] = [root, root.indirect_reference]
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            if value.idnum in seen:
                continue
            seen.add(value.idnum)
            value = writer._objects[value.idnum - 1]
        if isinstance(value, DictionaryObject):
            waiting.extend(dict.values(value))
        elif isinstance(value, ArrayObject):
            waiting.extend(list.__iter__(value))
    return seen


def renumber(writer: PdfWriter, keep: set[int]) -> set[int]:
    """Number the objects that stay from one on: the cross-reference table has a row for each number."""
    order = sorted(keep)
    new = {old: index for index, old in enumerate(order, 1)}
    objects = [writer._objects[old - 1] for old in order]
    seen: set[int] = set()
    waiting: list[Any] = list(objects)
    for value in objects:
        if value is not None:
            waiting.append(value.indirect_reference)
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            if id(value) not in seen:
                seen.add(id(value))
                value.idnum = new.get(value.idnum, 0)
        elif isinstance(value, DictionaryObject):
            waiting.extend(dict.values(value))
        elif isinstance(value, ArrayObject):
            waiting.extend(list.__iter__(value))
    writer._objects[:] = objects
    return set(new.values())


def static_part(
    writer: PdfWriter, keep: set[int], extra: dict[int, Node], fresh: Counter
) -> tuple[bytes, bytearray]:
    """Everything that never changes: streams as they are, other objects in one object stream."""
    container = fresh.next()
    table = XrefRows(fresh.value)
    body = bytearray(HEADER)
    small: list[tuple[int, bytes]] = [(n, serialise(value)) for n, value in extra.items()]
    for n in sorted(keep):
        value = writer._objects[n - 1]
        if value is None or isinstance(value, NullObject):
            continue
        if isinstance(value, StreamObject):
            table.at(n, len(body))
            body += b"%d 0 obj\n" % n + serialise(_packed(value)) + b"\nendobj\n"
        else:
            small.append((n, serialise(value)))
    table.at(container, len(body))
    body += object_stream(container, small, 9)
    for index, (n, _) in enumerate(small):
        table.inside(n, container, index)
    return bytes(body), table.rows


def _packed(value: Node) -> Node:
    if "/Filter" in value:
        return value
    data = value.get_data()
    return value.flate_encode(9) if len(zlib.compress(data, 9)) < len(data) else value


def whole_file(writer: PdfWriter) -> bytes:
    """The writer's document as one compact file; same document, same bytes."""
    catalog: Node = writer.root_object
    keep = renumber(writer, reachable(writer, catalog))
    fresh = Counter(len(keep) + 1)
    body, rows = static_part(writer, keep, {}, fresh)
    xref = fresh.next()
    table = XrefRows(fresh.value, bytes(rows))
    table.at(xref, len(body))
    identity = hashlib.md5(body, usedforsecurity=False).hexdigest().encode("ascii")
    entries = b"/Type/XRef/Size %d/W[1 4 2]/Root %d 0 R/ID[<%s><%s>]/Filter/FlateDecode" % (
        fresh.value,
        catalog.indirect_reference.idnum if catalog.indirect_reference else 0,
        identity,
        identity,
    )
    ending = stream(xref, entries, zlib.compress(bytes(table.rows), 9))
    return body + ending + b"startxref\n%d\n%%%%EOF\n" % len(body)
