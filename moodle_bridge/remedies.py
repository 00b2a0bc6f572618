"""What to do about each failure, in every language; the words stand in ``config/languages/``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moodle_bridge import languages
from moodle_bridge.errors import BridgeError


def remedy_of(code: str) -> Mapping[str, str]:
    """What to do about the failure of that code, in every language.

    A failure without words of its own has those of the failure it is a kind of; an unknown one those of the
    root.
    """
    told = _with_words(code)
    return {name: language.remedies[told] for name, language in languages.known().items()}


def _with_words(code: str) -> str:
    words = next(iter(languages.known().values())).remedies
    if code in words:
        return code
    kind = next((kind for kind in kinds() if kind.code == code), BridgeError)
    named = (each.code for each in kind.__mro__ if issubclass(each, BridgeError))
    return next(code for code in named if code in words)


def kinds() -> Iterator[type[BridgeError]]:
    """Every kind of failure, from the root down."""
    waiting: list[type[BridgeError]] = [BridgeError]
    while waiting:
        kind = waiting.pop(0)
        yield kind
        waiting += kind.__subclasses__()
