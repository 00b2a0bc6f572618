"""Compare two PDF files object by object: compressors differ between machines, their contents do not."""

from __future__ import annotations

import io

from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from moodle_bridge.pdf.syntax.graph import Node
from moodle_bridge.pdf.syntax.pack import serialise

_PACKING = ("/Length", "/Filter", "/DecodeParms")
_CONTAINERS = ("/ObjStm", "/XRef")


def same(first: bytes, second: bytes) -> bool:
    """Whether two files are the same bytes, or hold the same objects once their streams are inflated."""
    return first == second or _objects(first) == _objects(second)


def _objects(data: bytes) -> dict[int, tuple[bytes, bytes]]:
    """Every object by its number, as it is written, and its data if it is a stream."""
    reader = PdfReader(io.BytesIO(data))
    found = {}
    for number in {*reader.xref.get(0, {}), *reader.xref_objStm}:
        value: Node = reader.get_object(number)
        content = b""
        if isinstance(value, StreamObject):
            if value.get("/Type") in _CONTAINERS:
                continue
            content = value.get_data()
            value = DictionaryObject({key: value.raw_get(key) for key in value if key not in _PACKING})
        found[number] = (serialise(value), content)
    return found
