"""Measure and encode text in the one Type 0 font that a template embeds for answers.

Text is drawn glyph by glyph from the font's character map and advance widths: Bulgarian, English
and Greek need no shaping. Knows no page and no field.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.text import Cleaner

_WORDS_REMEMBERED = 20_000


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
        self._glyphs = {code: font.getGlyphID(name) for code, name in characters.items()}
        self._advances: dict[str, float] = {
            chr(code): metrics[name][0] * scale for code, name in characters.items()
        }
        self._steps: dict[str, float] = {}
        self.space = self._advances[" "]
        self.cleaner = Cleaner(characters)
        self._encoded: dict[str, bytes] = {}
        self._gap = self._encode(" ")

    def width(self, text: str) -> float:
        """Width of one line in em. Only characters of the font: clean the text first."""
        return sum(self.steps(text.split(" "))) - self.space

    def steps(self, words: Sequence[str]) -> list[float]:
        """How far each word and the space after it reach, in em; most words were met before."""
        try:
            return list(map(self._steps.__getitem__, words))
        except KeyError:
            return [self._step(word) for word in words]

    def _step(self, word: str) -> float:
        step = self._steps.get(word)
        if step is None:
            step = sum([self._advances[character] for character in word]) + self.space
            if len(self._steps) < _WORDS_REMEMBERED:
                self._steps[word] = step
        return step

    def advance(self, character: str) -> float:
        """Advance width of one character in em."""
        return self._advances[character]

    def encode(self, line: str) -> bytes:
        """The operand of ``Tj``: a literal string of two-byte glyph ids (ISO 32000-1, 7.3.4.2, 9.7)."""
        return self.encode_words(line.split(" "))

    def encode_words(self, words: Sequence[str]) -> bytes:
        """The same for the words of a line."""
        try:
            return b"(" + self._gap.join(map(self._encoded.__getitem__, words)) + b")"
        except KeyError:
            return b"(" + self._gap.join([self._encode(word) for word in words]) + b")"

    def _encode(self, word: str) -> bytes:
        data = word.translate(self._glyphs).encode("utf-16-be")
        for plain, escaped in _ESCAPES:
            data = data.replace(plain, escaped)
        if len(self._encoded) < _WORDS_REMEMBERED:
            self._encoded[word] = data
        return data


_ESCAPES = ((b"\\", b"\\\\"), (b"(", b"\\("), (b")", b"\\)"), (b"\r", b"\\r"), (b"\n", b"\\n"))


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
