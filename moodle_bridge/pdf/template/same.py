"""Compare two PDF files object by object: machines differ in compression and in tags of fonts, no more."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from moodle_bridge.pdf.syntax.graph import Node
from moodle_bridge.pdf.syntax.pack import serialise

_PACKING = ("/Length", "/Filter", "/DecodeParms")
_CONTAINERS = ("/ObjStm", "/XRef")
_FONT = re.compile(rb"/([A-Z]{6})\+([\w-]+)")
_TAG = re.compile(rb"/([A-Z]{6})(?=[+ ])")


def same(first: bytes, second: bytes) -> bool:
    """Whether two files are the same bytes, or hold the same objects once their streams are inflated."""
    return first == second or _objects(first) == _objects(second)


def _objects(data: bytes) -> dict[int, tuple[bytes, bytes]]:
    """Every object by its number, as it is written, and its data if it is a stream.

    A subset of a font goes by the font's own name: WeasyPrint's tag for it depends on the version of Pango.
    """
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
    fonts = dict(pair for written, _ in found.values() for pair in _FONT.findall(written))

    def named(text: bytes) -> bytes:
        return _TAG.sub(lambda tag: b"/" + fonts.get(bytes(tag[1]), bytes(tag[1])), text)

    return {number: (named(written), named(content)) for number, (written, content) in found.items()}
