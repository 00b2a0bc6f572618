"""Merge the web subsets of Sofia Sans into one static font per weight and add the marks a form needs.

Run it on the unpacked npm package ``@fontsource/sofia-sans``::

    python merge.py PACKAGE_DIRECTORY

The package cuts the family into alphabets; a form mixes them in one line. The glyphs added here
(check mark, disc, arrows, comparison signs, replacement character) are our own drawings, so the
family gets a name of its own, as the Open Font License asks of a changed font.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from fontTools.merge import Merger
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Sofia Sans Forms"
WEIGHTS = {400: "Regular", 700: "Bold"}
ALPHABETS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek")
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x192, 0x192),
    (0x218, 0x21B),
    (0x2C6, 0x2DD),
    (0x300, 0x304),
    (0x306, 0x308),
    (0x30A, 0x30C),
    (0x326, 0x328),
    (0x384, 0x3CE),
    (0x400, 0x4FF),
    (0x1E80, 0x1E85),
    (0x1E9E, 0x1E9E),
    (0x2010, 0x2026),
    (0x2030, 0x203A),
    (0x2044, 0x2044),
    (0x20AC, 0x20AC),
    (0x2116, 0x2116),
    (0x2122, 0x2122),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
    (0x2248, 0x2248),
    (0x2260, 0x2265),
    (0x25CF, 0x25CF),
    (0x2713, 0x2713),
    (0xFFFD, 0xFFFD),
)

Contour = tuple[tuple[int, int], ...]


def disc(x: int, y: int, radius: int) -> Contour:
    """Corner points of an octagon whose corners serve as quadratic control points."""
    near = round(radius * 0.4142)
    return (
        (x + radius, y - near),
        (x + near, y - radius),
        (x - near, y - radius),
        (x - radius, y - near),
        (x - radius, y + near),
        (x - near, y + radius),
        (x + near, y + radius),
        (x + radius, y + near),
    )


MARKS: dict[int, tuple[int, tuple[Contour, ...]]] = {
    0x2713: (760, (((90, 330), (160, 400), (300, 250), (610, 640), (680, 580), (305, 110)),)),
    0x2190: (820, (((70, 350), (310, 570), (310, 390), (750, 390), (750, 310), (310, 310), (310, 130)),)),
    0x2192: (820, (((750, 350), (510, 130), (510, 310), (70, 310), (70, 390), (510, 390), (510, 570)),)),
    0x2264: (
        600,
        (
            ((60, 400), (540, 610), (540, 530), (170, 365), (540, 200), (540, 120), (60, 330)),
            ((60, 60), (540, 60), (540, -10), (60, -10)),
        ),
    ),
    0x2265: (
        600,
        (
            ((540, 400), (540, 330), (60, 120), (60, 200), (430, 365), (60, 530), (60, 610)),
            ((60, 60), (540, 60), (540, -10), (60, -10)),
        ),
    ),
    # A box with a slanted stroke: seen at once, and unlike anything a person types.
    0xFFFD: (
        700,
        (
            ((70, 0), (70, 700), (630, 700), (630, 0)),
            ((120, 50), (580, 50), (580, 650), (120, 650)),
            ((180, 110), (460, 590), (520, 590), (240, 110)),
        ),
    ),
}


def add_marks(font: TTFont) -> None:
    cmaps = [table for table in font["cmap"].tables if table.isUnicode()]
    order = font.getGlyphOrder()
    for code, (advance, contours) in MARKS.items():
        _add(font, order, cmaps, code, advance, [(contour, False) for contour in contours])
    _add(font, order, cmaps, 0x25CF, 700, [(disc(350, 350, 270), True)])
    font.setGlyphOrder(order)
    font["maxp"].numGlyphs = len(order)


def _add(font: TTFont, order: list[str], cmaps: list, code: int, advance: int, shapes: list) -> None:
    pen = TTGlyphPen(None)
    for points, curved in shapes:
        if curved:
            pen.qCurveTo(*points, None)
        else:
            pen.moveTo(points[0])
            for point in points[1:]:
                pen.lineTo(point)
        pen.closePath()
    name = f"uni{code:04X}"
    glyph = pen.glyph()
    font["glyf"].glyphs[name] = glyph
    if name not in order:
        order.append(name)
    glyph.recalcBounds(font["glyf"])
    font["hmtx"].metrics[name] = (advance, glyph.xMin)
    for table in cmaps:
        table.cmap[code] = name


def name_it(font: TTFont, style: str) -> None:
    table = font["name"]
    table.names = [n for n in table.names if n.nameID in (0, 13, 14)]
    for name_id, text in {
        1: FAMILY,
        2: style,
        3: f"{FAMILY} {style} for Moodle Bridge",
        4: f"{FAMILY} {style}",
        5: "Version 1.0",
        6: f"{FAMILY.replace(' ', '')}-{style}",
    }.items():
        table.setName(text, name_id, 3, 1, 0x409)


def build(package: Path, weight: int, style: str, target: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        parts = []
        for alphabet in ALPHABETS:
            part = TTFont(package / "files" / f"sofia-sans-{alphabet}-{weight}-normal.woff2")
            part.flavor = None
            for tag in ("STAT", "GDEF", "gasp", "prep"):
                if tag in part:
                    del part[tag]
            path = Path(scratch) / f"{alphabet}.ttf"
            part.save(path)
            parts.append(str(path))
        font = Merger().merge(parts)
    options = Options()
    options.layout_features = ["kern"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for low, high in RANGES for code in range(low, high + 1)])
    subsetter.subset(font)
    add_marks(font)
    name_it(font, style)
    # Fixed times, so that building twice gives the same file.
    font["head"].created = font["head"].modified = 3_800_000_000
    font.recalcTimestamp = False
    font.save(target)


if __name__ == "__main__":
    for css_weight, style_name in WEIGHTS.items():
        build(
            Path(sys.argv[1]),
            css_weight,
            style_name,
            Path(__file__).with_name(f"SofiaSansForms-{style_name}.ttf"),
        )
