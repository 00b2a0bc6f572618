"""Write PDF syntax: numbers, text strings, streams, object streams and the cross-reference stream.

References are to ISO 32000-1:2008. Knows nothing of forms.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache

LEVEL = 4
"""zlib's level for what changes from document to document: higher levels cost more than they save."""
_SMALL = 16_384
_ROW = struct.Struct(">BIH")
_ROW_SIZE = _ROW.size
HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def deflate(data: bytes, level: int = LEVEL) -> bytes:
    """Compress a few kilobytes: with a small window, because setting up a large one takes longer."""
    if len(data) > _SMALL:
        return zlib.compress(data, level)
    packer = zlib.compressobj(level, zlib.DEFLATED, 12, 5)
    return packer.compress(data) + packer.flush()


@lru_cache(maxsize=8192)
def number(value: float) -> str:
    """A number with at most three decimals and no exponent (7.3.3)."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def circle(x: float, y: float, radius: float) -> str:
    """A circle as four Bézier curves; the path is left open for ``f`` or ``s``."""
    bend = 0.5523 * radius

    def curve(*values: float) -> str:
        return " ".join(number(v) for v in values) + " c"

    return " ".join(
        (
            f"{number(x + radius)} {number(y)} m",
            curve(x + radius, y + bend, x + bend, y + radius, x, y + radius),
            curve(x - bend, y + radius, x - radius, y + bend, x - radius, y),
            curve(x - radius, y - bend, x - bend, y - radius, x, y - radius),
            curve(x + bend, y - radius, x + radius, y - bend, x + radius, y),
        )
    )


def text_string(text: str) -> bytes:
    """A text string object (7.9.2): ASCII where possible, else UTF-16BE."""
    if text.isascii() and text.isprintable():
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return b"(" + escaped.encode("ascii") + b")"
    return b"<FEFF" + text.encode("utf-16-be", "replace").hex().upper().encode("ascii") + b">"


def stream(object_number: int, entries: bytes, data: bytes) -> bytes:
    """An indirect stream object (7.3.8) whose data is already filtered as ``entries`` say."""
    head, tail = _stream_ends(object_number, entries, data)
    return head + data + tail


def _stream_ends(object_number: int, entries: bytes, data: bytes) -> tuple[bytes, bytes]:
    head = b"%d 0 obj\n<<%s/Length %d>>stream\n" % (object_number, entries, len(data))
    # Readers that look for the end take a return before the line feed for a part of the line's end.
    return head, b"\r\nendstream\nendobj\n" if data.endswith(b"\r") else b"\nendstream\nendobj\n"


def object_stream(object_number: int, objects: Sequence[tuple[int, bytes]], level: int) -> bytes:
    """An object stream (7.5.7) with the given objects in order."""
    offsets: list[bytes] = []
    position = 0
    for inner, data in objects:
        offsets.append(b"%d %d" % (inner, position))
        position += len(data) + 1
    index = b" ".join(offsets) + b"\n"
    packed = deflate(index + b"\n".join([data for _, data in objects]), level)
    entries = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(objects), len(index))
    return stream(object_number, entries, packed)


class XrefRows:
    """The rows of a cross-reference stream (7.5.8) of ``size`` objects, all free at first."""

    def __init__(self, size: int, rows: bytes | None = None) -> None:
        self.rows = bytearray(_ROW_SIZE * size) if rows is None else bytearray(rows)
        if rows is None:
            _ROW.pack_into(self.rows, 0, 0, 0, 65535)
        else:
            self.rows.extend(bytes(max(0, _ROW_SIZE * size - len(rows))))

    def at(self, object_number: int, offset: int) -> None:
        """Object ``object_number`` stands at byte ``offset`` of the file."""
        _ROW.pack_into(self.rows, object_number * _ROW_SIZE, 1, offset, 0)

    def inside(self, object_number: int, container: int, index: int) -> None:
        """Object ``object_number`` is the ``index``-th of object stream ``container``."""
        _ROW.pack_into(self.rows, object_number * _ROW_SIZE, 2, container, index)


class Body:
    """A file that grows object by object, with the cross-reference rows of what stands in it.

    ``start`` is what the file begins with and ``rows`` the rows of what is in there; there will be
    ``size`` objects.
    """

    def __init__(self, start: bytes, rows: bytes, size: int) -> None:
        self.parts = [start]
        self.table = XrefRows(size, rows)
        self.length = len(start)

    def put(self, object_number: int, data: bytes) -> None:
        """Add an object, written out as ``data``."""
        self.table.at(object_number, self.length)
        self.add(data)

    def put_stream(self, object_number: int, entries: bytes, data: bytes) -> None:
        """Add a stream object whose data is already filtered as ``entries`` say."""
        self.table.at(object_number, self.length)
        head, tail = _stream_ends(object_number, entries, data)
        self.parts += (head, data, tail)
        self.length += len(head) + len(data) + len(tail)

    def add(self, data: bytes) -> None:
        """Add bytes that are no object."""
        self.parts.append(data)
        self.length += len(data)
