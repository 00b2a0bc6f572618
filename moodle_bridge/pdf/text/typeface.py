"""Prepare a font program for embedding: without shaping tables, and with a map back to characters."""

from __future__ import annotations

import io

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from moodle_bridge.pdf.syntax.graph import Node


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


def embed_font(writer: PdfWriter, font: TTFont) -> Node:
    """The answers' font as a Type 0 font with every glyph (9.7)."""
    scale = 1000 / font["head"].unitsPerEm
    metrics = font["hmtx"]
    widths = ArrayObject([NumberObject(round(metrics[g][0] * scale)) for g in font.getGlyphOrder()])
    name = NameObject("/AAAAAA+SofiaSansForms-Regular")
    ascent, descent = font["hhea"].ascent * scale, font["hhea"].descent * scale
    descriptor = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/FontDescriptor"),
            NameObject("/FontName"): name,
            NameObject("/Flags"): NumberObject(4),
            NameObject("/FontBBox"): ArrayObject(
                [NumberObject(v) for v in (-200, int(descent), 1400, int(ascent))]
            ),
            NameObject("/ItalicAngle"): NumberObject(0),
            NameObject("/Ascent"): NumberObject(int(ascent)),
            NameObject("/Descent"): NumberObject(int(descent)),
            NameObject("/CapHeight"): NumberObject(700),
            NameObject("/StemV"): NumberObject(80),
            NameObject("/FontFile2"): writer._add_object(bare_program(font)),
        }
    )
    system = DictionaryObject(
        {
            NameObject("/Registry"): TextStringObject("Adobe"),
            NameObject("/Ordering"): TextStringObject("Identity"),
            NameObject("/Supplement"): NumberObject(0),
        }
    )
    descendant = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/CIDFontType2"),
            NameObject("/BaseFont"): name,
            NameObject("/CIDSystemInfo"): system,
            NameObject("/CIDToGIDMap"): NameObject("/Identity"),
            NameObject("/FontDescriptor"): writer._add_object(descriptor),
            NameObject("/W"): ArrayObject([NumberObject(0), widths]),
        }
    )
    cmap = DecodedStreamObject()
    cmap.set_data(to_unicode(font))
    return writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type0"),
                NameObject("/BaseFont"): name,
                NameObject("/Encoding"): NameObject("/Identity-H"),
                NameObject("/DescendantFonts"): ArrayObject([writer._add_object(descendant)]),
                NameObject("/ToUnicode"): writer._add_object(cmap.flate_encode()),
            }
        )
    )
