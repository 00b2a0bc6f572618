"""Clean what people type so that every character can be drawn: the documented rules, and nothing else.

1. Line ends (CRLF, CR, VT, FF, NEL, LS, PS) become one line feed, a tab four spaces.
2. Every kind of space becomes a space; the non-breaking hyphen and the hyphen character become ``-``.
3. What has no picture is dropped: other control characters, zero-width characters, soft hyphens,
   direction marks, variation selectors and tags.
4. The rest is composed (Unicode NFC).
5. What the font cannot draw becomes U+FFFD, a box with a stroke. The attached data keeps the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

REPLACEMENT = "\ufffd"

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SAME_PICTURE = str.maketrans(
    {
        "\t": "    ",
        **dict.fromkeys("\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006", " "),
        **dict.fromkeys("\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
        **dict.fromkeys("\u2010\u2011", "-"),
    }
)


def _plain(character: str) -> bool:
    """Whether the rules never change a character, whatever stands beside it."""
    if ord(character) in _SAME_PICTURE or _DROPPED.match(character) or _LINE_ENDS.match(character):
        return False
    return not unicodedata.combining(character) and unicodedata.is_normalized("NFC", character)


class Cleaner:
    """The rules above for one font; ``drawable`` is the set of code points the font has."""

    def __init__(self, drawable: Collection[int]) -> None:
        known = "".join(re.escape(chr(code)) for code in sorted(drawable))
        self._unknown = re.compile(f"[^\n{known}]")
        # The font draws some characters (soft hyphen, no-break space) that the rules change all the same.
        plain = "".join(re.escape(c) for c in map(chr, sorted(drawable)) if _plain(c))
        self._special = re.compile(f"[^\n{plain}]").search
        self._special_in_word = re.compile(f"[^{plain}]").search

    def is_clean(self, word: str) -> bool:
        """Whether a word (text without line feeds) is drawn as it is, also between other words."""
        if self._special_in_word(word) is None:
            return True
        return "\n" not in word and self.clean(word, set()) == word

    def clean(self, text: str, replaced: set[str]) -> str:
        """Return ``text`` as it can be drawn; code points replaced are added as ``U+1F600``."""
        if self._special(text) is None:
            return text
        text = _DROPPED.sub("", _LINE_ENDS.sub("\n", text)).translate(_SAME_PICTURE)
        text = unicodedata.normalize("NFC", text)
        for character in set(self._unknown.findall(text)):
            replaced.add(f"U+{ord(character):04X}")
        return self._unknown.sub(REPLACEMENT, text)
