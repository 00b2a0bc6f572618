"""Prepare a font program for embedding: without shaping tables, and with a map back to characters."""

from __future__ import annotations

import io

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from pypdf.generic import DecodedStreamObject, NameObject, NumberObject

from moodle_bridge.pdf.nodes import Node


def bare_program(font: TTFont) -> Node:
    """The font program without what only a shaping engine reads; glyph numbers stay."""
    for tag in ("GPOS", "GSUB", "GDEF", "name"):
        if tag in font:
            del font[tag]
    data = io.BytesIO()
    font.save(data)
    program = DecodedStreamObject()
    program.set_data(data.getvalue())
    program[NameObject("/Length1")] = NumberObject(len(data.getvalue()))
    return program.flate_encode(9)


def to_unicode(font: TTFont) -> bytes:
    """A ToUnicode CMap for every glyph that a character maps to (9.10.3)."""
    pairs = sorted((font.getGlyphID(name), code) for code, name in font.getBestCmap().items())
    seen: dict[int, int] = {}
    for glyph, code in pairs:
        seen.setdefault(glyph, code)
    rows = [f"<{glyph:04x}> <{code:04x}>" for glyph, code in seen.items()]
    blocks = [rows[i : i + 100] for i in range(0, len(rows), 100)]
    body = "\n".join(f"{len(b)} beginbfchar\n" + "\n".join(b) + "\nendbfchar" for b in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode("ascii")
