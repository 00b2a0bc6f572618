"""The committed templates as forms: what a person hears at each field, and where the next one is."""

from __future__ import annotations

import itertools

import pikepdf
import pytest
from printed_forms import printed

from moodle_bridge import languages
from moodle_bridge.domain.instrument.model import Instrument
from moodle_bridge.domain.instrument.read import catalogue

INSTRUMENTS = catalogue.load().instruments


@pytest.mark.parametrize(("name", "language"), list(itertools.product(INSTRUMENTS, ("bg", "en"))))
def test_every_field_says_its_label_and_follows_the_reading_order(name: str, language: str) -> None:
    instrument = INSTRUMENTS[name]
    sayings = sayings_of(instrument, language)
    asked: set[str] = set()
    with pikepdf.open(printed(instrument, language)) as pdf:
        assert str(pdf.Root.Lang) == language
        assert pdf.Root.MarkInfo.Marked
        for page in pdf.pages:
            assert str(page.Tabs) == "/S", "the tab key follows the structure"
            for widget in page.get("/Annots", []):
                path, tooltip = full_name(widget).split("."), str(widget.get("/TU") or widget.Parent.TU)
                key = f"{path[0]}.{path[2]}" if len(path) == 3 else path[0]
                if path[0] in ("header", "note", "carried"):
                    assert tooltip
                    continue
                asked.add(path[0])
                assert any(saying in tooltip for saying in sayings[key]), (path, tooltip)
    assert asked == {item.id for item in instrument.items}


def sayings_of(instrument: Instrument, language: str) -> dict[str, list[str]]:
    """The label of each question or column, and those of its buttons."""
    words = languages.of(language).words
    found = {}
    for item in instrument.items:
        for key, one in [(item.id, item), *((f"{item.id}.{c.id}", c) for c in item.columns)]:
            options = [option.label[language] for option in one.options]
            found[key] = [one.label[language], *options, words["yes"], words["no"], words["cannot_say"]]
    return found


def full_name(widget: pikepdf.Object) -> str:
    parts = []
    node = widget
    while node is not None:
        if "/T" in node:
            parts.append(str(node.T))
        node = node.get("/Parent")
    return ".".join(reversed(parts))
