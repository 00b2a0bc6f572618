"""What the files of languages say for texts that lack a language where they stand."""

from __future__ import annotations

from collections.abc import Sequence

from moodle_bridge import languages
from moodle_bridge.yaml_lines import Located


def translated(located: Located, known: Sequence[str]) -> Located:
    """The same content with the translations of every text that stands there in one of the languages."""
    text = {
        str(code): child.value
        for code, child in located.children.items()
        if code in known and isinstance(child.value, str)
    }
    for code in known if text else ():
        words = None if code in text else languages.of(code).translation(text)
        if words is not None:
            located.children[code] = Located(words, located.file, located.line, (*located.path, code))
            located.value[code] = words
    for child in located.children.values():
        translated(child, known)
    return located
