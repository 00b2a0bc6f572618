"""Read a PNG or JPEG as the image object of a PDF, without an imaging library.

PNG: 8 bits a sample, not interlaced, grey or colour, palette, with or without alpha (W3C PNG).
JPEG: baseline or progressive, grey or RGB; CMYK is refused, it needs a colour profile of its own.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache

from moodle_bridge.errors import FillError

_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_PIXELS = 4_000_000
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


@dataclass(frozen=True, slots=True)
class Image:
    """An image ready to be written; ``mask`` is the alpha channel, packed like ``data``."""

    width: int
    height: int
    entries: bytes
    data: bytes
    mask: bytes | None = None


@lru_cache(maxsize=8)
def read_image(data: bytes) -> Image:
    """Read the organisation's logo; raises :class:`FillError` naming what is wrong with it."""
    try:
        if data.startswith(_PNG):
            return _read_png(data)
        if data.startswith(b"\xff\xd8"):
            return _read_jpeg(data)
    except (struct.error, IndexError, zlib.error) as error:
        raise FillError("the logo is damaged: save it again as PNG or JPEG") from error
    raise FillError("the logo is neither a PNG nor a JPEG file")


def _read_jpeg(data: bytes) -> Image:
    position = 2
    while data[position] == 0xFF:
        marker = data[position + 1]
        (length,) = struct.unpack_from(">H", data, position + 2)
        if marker in (0xC0, 0xC1, 0xC2):
            bits, height, width, channels = struct.unpack_from(">BHHB", data, position + 4)
            if channels not in (1, 3) or bits != 8:
                raise FillError("the logo is a CMYK or 12-bit JPEG: save it as RGB with 8 bits")
            space = b"/DeviceGray" if channels == 1 else b"/DeviceRGB"
            return Image(width, height, _entries(width, height, space, b"/DCTDecode"), data)
        position += 2 + length
    raise FillError("the logo is a JPEG of a kind that PDF does not show")


def _read_png(data: bytes) -> Image:
    width, height, bits, kind, _, _, interlace = struct.unpack_from(">IIBBBBB", data, 16)
    if bits != 8 or interlace or kind not in _CHANNELS or not 0 < width * height <= _MOST_PIXELS:
        raise FillError(
            "the logo is not a plain PNG: save it with 8 bits, not interlaced, up to 4 megapixels"
        )
    chunks = _chunks(data)
    channels = _CHANNELS[kind]
    expected = height * (width * channels + 1)
    rows = zlib.decompressobj().decompress(chunks[b"IDAT"], expected)
    if len(rows) < expected:
        raise FillError("the logo is damaged: its picture is cut off")
    samples = _unfilter(rows, width * channels, channels)
    space, colours, alpha = _split(samples, kind, chunks)
    packed = zlib.compress(colours, 9)
    mask = zlib.compress(alpha, 9) if alpha is not None else None
    return Image(width, height, _entries(width, height, space, b"/FlateDecode"), packed, mask)


def _chunks(data: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    position = len(_PNG)
    while position < len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        found[name] = found.get(name, b"") + data[position + 8 : position + 8 + length]
        position += 12 + length
        if name == b"IEND":
            break
    if b"IDAT" not in found:
        raise FillError("the logo is damaged: it holds no picture")
    return found


def _unfilter(rows: bytes, stride: int, step: int) -> bytes:
    """Undo the five row filters of PNG."""
    result = bytearray()
    above = bytearray(stride)
    for start in range(0, len(rows), stride + 1):
        line = bytearray(rows[start + 1 : start + 1 + stride])
        _FILTERS[rows[start]](line, above, step)
        result += line
        above = line
    return bytes(result)


def _none(line: bytearray, above: bytearray, step: int) -> None:
    pass


def _sub(line: bytearray, above: bytearray, step: int) -> None:
    for i in range(step, len(line)):
        line[i] = (line[i] + line[i - step]) & 255


def _up(line: bytearray, above: bytearray, step: int) -> None:
    for i in range(len(line)):
        line[i] = (line[i] + above[i]) & 255


def _average(line: bytearray, above: bytearray, step: int) -> None:
    for i in range(len(line)):
        left = line[i - step] if i >= step else 0
        line[i] = (line[i] + (left + above[i]) // 2) & 255


def _paeth(line: bytearray, above: bytearray, step: int) -> None:
    for i in range(len(line)):
        left = line[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        guess = left + above[i] - corner
        candidates = ((abs(guess - left), 0, left), (abs(guess - above[i]), 1, above[i]))
        nearest = min(*candidates, (abs(guess - corner), 2, corner))
        line[i] = (line[i] + nearest[2]) & 255


_FILTERS = (_none, _sub, _up, _average, _paeth)


def _split(samples: bytes, kind: int, chunks: dict[bytes, bytes]) -> tuple[bytes, bytes, bytes | None]:
    """Colour space, colours and alpha of the samples of one colour type."""
    if kind == 4:
        return b"/DeviceGray", samples[0::2], samples[1::2]
    if kind == 6:
        colours = bytearray(len(samples) // 4 * 3)
        for channel in range(3):
            colours[channel::3] = samples[channel::4]
        return b"/DeviceRGB", bytes(colours), samples[3::4]
    if kind == 3:
        palette = chunks.get(b"PLTE", b"").ljust(768, b"\0")
        colours = bytearray(len(samples) * 3)
        for channel in range(3):
            colours[channel::3] = samples.translate(palette[channel:768:3])
        alpha = samples.translate(chunks[b"tRNS"].ljust(256, b"\xff")) if b"tRNS" in chunks else None
        return b"/DeviceRGB", bytes(colours), alpha
    return (b"/DeviceGray" if kind == 0 else b"/DeviceRGB"), samples, None


def _entries(width: int, height: int, space: bytes, filters: bytes) -> bytes:
    return b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace%s/BitsPerComponent 8/Filter%s" % (
        width,
        height,
        space,
        filters,
    )
