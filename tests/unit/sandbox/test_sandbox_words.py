"""The words of the stand-in's pages: the same in both languages, every one of them used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from moodle_bridge import sandbox
from moodle_bridge.sandbox.words import WORDS

FOLDER = Path(sandbox.__file__).parent
COMPOSED = {"state", "copy", "fault", "decision"}
"""Words whose name is put together from such a beginning and a state, variant or rule."""
STATES = {"initial", "interim", "final", "mentee", "mentor", "coordinator", "amber", "red", "current"}


def test_both_languages_have_the_same_words_with_the_same_placeholders() -> None:
    assert WORDS["bg"].keys() == WORDS["en"].keys()
    for name, text in WORDS["bg"].items():
        assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", WORDS["en"][name]), name


@pytest.mark.parametrize("name", WORDS["bg"])
def test_every_word_is_used_in_a_page(name: str) -> None:
    if name.partition("_")[0] in COMPOSED or name in STATES | {"superseded", "erased"}:
        return
    pages = [*FOLDER.glob("templates/*.html"), *FOLDER.glob("*pages.py")]
    used = "".join(page.read_text(encoding="utf-8") for page in pages)
    refused = (FOLDER / "signal_list.py").read_text(encoding="utf-8")
    assert re.search(rf'\bt\.{name}\b|\["{name}"\]', used) or f'return "{name}"' in refused


def test_every_word_that_a_page_asks_for_is_there() -> None:
    for page in FOLDER.glob("templates/*.html"):
        asked = re.findall(r"(?<![\w.])t\.([a-z_]+)", page.read_text(encoding="utf-8"))
        assert set(asked) <= WORDS["bg"].keys(), page.name
