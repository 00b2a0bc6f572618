"""Measure and encode text in the one Type 0 font that a template embeds for answers.

Text is drawn glyph by glyph from the font's character map and advance widths: Bulgarian, English
and Greek need no shaping. Knows no page and no field.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.text.clean import Cleaner

_MOST_WORDS = 20_000
_LONGEST_WORD = 32


class NotClean(ValueError):
    """A word that holds something the documented cleaning changes."""


class _Words(dict[str, tuple[float, bytes]]):
    """Of each word met how far it and the space after it reach, in em, and what draws it.

    People use the same words again and again: most are looked up, not measured. What draws a word are
    two-byte glyph ids, escaped for a literal string (ISO 32000-1, 7.3.4.2, 9.7). :class:`NotClean` for a
    word that is not clean.
    """

    def __init__(self, cleaner: Cleaner, advances: Mapping[str, float], glyphs: Mapping[int, int]) -> None:
        super().__init__()
        self._cleaner = cleaner
        self._advances = advances
        self._glyphs = {code: _escaped(glyph.to_bytes(2, "big")) for code, glyph in glyphs.items()}

    def __missing__(self, word: str) -> tuple[float, bytes]:
        if not self._cleaner.is_clean(word):
            raise NotClean("the text has to be cleaned before it is measured")
        known = (sum(map(self._advances.__getitem__, word)) + self._advances[" "], self.encode(word))
        if len(word) <= _LONGEST_WORD:
            if len(self) >= _MOST_WORDS:
                self.clear()
            self[word] = known
        return known

    def encode(self, text: str) -> bytes:
        """What draws any clean text; not remembered."""
        return text.translate(self._glyphs).encode("latin-1")


_ESCAPES = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)", "\r": "\\r", "\n": "\\n"})


def _escaped(glyphs: bytes) -> str:
    """The bytes of glyph ids, each as a character, those that end or change a literal string escaped."""
    return glyphs.decode("latin-1").translate(_ESCAPES)


def literal(glyphs: bytes) -> bytes:
    """Two-byte glyph ids as a literal string (ISO 32000-1, 7.3.4.2)."""
    return b"(" + _escaped(glyphs).encode("latin-1") + b")"


class Face:
    """Widths (in em) and glyph ids of one embedded TrueType font."""

    def __init__(self, data: bytes) -> None:
        font = TTFont(io.BytesIO(data), lazy=True)
        scale = 1 / font["head"].unitsPerEm
        metrics = font["hmtx"]
        characters = font.getBestCmap()
        self.ascent = font["hhea"].ascent * scale
        self.descent = font["hhea"].descent * scale
        self.height = self.ascent - self.descent
        glyphs = {code: font.getGlyphID(name) for code, name in characters.items()}
        self._advances: dict[str, float] = {
            chr(code): metrics[name][0] * scale for code, name in characters.items()
        }
        self.space = self._advances[" "]
        self.cleaner = Cleaner(characters)
        self.words = _Words(self.cleaner, self._advances, glyphs)
        self.gap = self.words.encode(" ")
        """What stands between the glyphs of two words."""

    def width(self, text: str) -> float:
        """Width of one line in em. Only characters of the font: clean the text first."""
        return sum(self.steps(text.split(" "))) - self.space

    def steps(self, words: Iterable[str]) -> list[float]:
        """How far each word and the space after it reach, in em."""
        return [self.words[word][0] for word in words]

    def advance(self, character: str) -> float:
        """Advance width of one character in em."""
        return self._advances[character]

    def encode(self, line: str) -> bytes:
        """The operand of ``Tj``: a literal string of two-byte glyph ids (ISO 32000-1, 7.3.4.2, 9.7)."""
        return b"(" + self.gap.join([self.words[word][1] for word in line.split(" ")]) + b")"


def face_of(font: Any) -> Face:
    """The face of an embedded Type 0 font dictionary (pypdf); raises :class:`TemplateError`."""
    try:
        descendant = font["/DescendantFonts"][0].get_object()
        program = descendant["/FontDescriptor"].get_object()["/FontFile2"].get_object().get_data()
        plain = font["/Encoding"] == "/Identity-H" and descendant["/CIDToGIDMap"] == "/Identity"
    except (KeyError, IndexError, AttributeError) as error:
        raise TemplateError("the template's form font is not an embedded Type 0 TrueType font") from error
    if not plain:
        raise TemplateError("the template's form font is not encoded by glyph (Identity-H)")
    digest = hashlib.sha256(program).digest()
    return _FACES.get(digest) or _FACES.setdefault(digest, Face(program))


_FACES: dict[bytes, Face] = {}
