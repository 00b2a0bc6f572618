"""The glossary: what texts call people by, so that a site says „участник“ by changing one place.

Texts write ``{mentee}`` or ``{mentees_the}``; the glossary of ``vocabulary.yaml`` says per language which
words stand there, before the file of the language itself. ``{Mentee}`` is the same with a capital.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from moodle_bridge import languages
from moodle_bridge.yaml_lines import Located

Glossary = Mapping[str, Mapping[str, str]]
"""Per language the words by name."""
_NAME = re.compile(r"[a-z][a-z_]*\Z")
_PLACE = re.compile(r"\{([A-Za-z][a-z_]*)\}")


def read_glossary(source: Located, known: tuple[str, ...]) -> Glossary:
    """Read the section ``glossary`` of the vocabulary; raises :class:`InstrumentError` with file and line."""
    section = source.get("glossary")
    own = {code: languages.of(code).glossary for code in known}
    if section is None:
        return own
    if not isinstance(section.value, dict):
        section.refuse("'glossary' has to be a mapping of languages")
    for language, words in section.children.items():
        if language not in known:
            words.refuse(f"{language!r} is not a language of the vocabulary", "glossary")
        if not isinstance(words.value, dict):
            words.refuse("the words of a language have to be a mapping", "glossary")
        for name, word in words.children.items():
            if not _NAME.match(str(name)) or not isinstance(word.value, str) or not word.value.strip():
                word.refuse(f"{name!r} has to be a name in small letters with its words", "glossary")
    return {code: {**own[code], **section.value.get(code, {})} for code in known}


def with_words(located: Located, glossary: Glossary) -> Located:
    """The same content with the glossary's words in every text that stands under a language."""
    for key, child in located.children.items():
        if isinstance(child.value, str):
            child.value = located.value[key] = _said(child.value, glossary.get(str(key), {}))
        else:
            with_words(child, glossary)
    return located


def _said(text: str, words: Mapping[str, str]) -> str:
    def word(place: re.Match[str]) -> str:
        name = place[1]
        known = words.get(name[0].lower() + name[1:])
        if known is None:
            return place[0]
        return known if name[0].islower() else known[0].upper() + known[1:]

    return _PLACE.sub(word, text)
