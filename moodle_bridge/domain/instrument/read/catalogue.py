"""Read the monitoring instruments from ``config/``, every version of each, checked while reading.

``languages/<code>.yaml`` is read by :mod:`moodle_bridge.languages`, ``vocabulary.yaml`` and ``messages/``
by :mod:`.vocabulary`, ``choices/<version>.yaml`` by :mod:`.choices`, ``instruments/<id>/<version>.yaml`` by
:mod:`.instrument`, ``headings.yaml`` by :mod:`.headings`; what they say about each other is checked by
:mod:`.references`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

from moodle_bridge import languages
from moodle_bridge.domain.instrument.model import Catalogue, Instrument, version_key
from moodle_bridge.domain.instrument.read.choices import Choices, check_growth, read_choices
from moodle_bridge.domain.instrument.read.glossary import Glossary, read_glossary, with_words
from moodle_bridge.domain.instrument.read.headings import read_headings
from moodle_bridge.domain.instrument.read.instrument import VERSION, read_instrument
from moodle_bridge.domain.instrument.read.references import check_references
from moodle_bridge.domain.instrument.read.translations import translated
from moodle_bridge.domain.instrument.read.vocabulary import (
    check_cuts,
    read_languages,
    read_messages,
    read_vocabulary,
)
from moodle_bridge.errors import InstrumentError
from moodle_bridge.resources import config_dir
from moodle_bridge.yaml_lines import Located, read


def load(directory: Path | None = None) -> Catalogue:
    """Read every instrument of a configuration directory (None: the shipped one).

    Raises :class:`~moodle_bridge.errors.InstrumentError` naming file, line and item.
    """
    base = config_dir() if directory is None else directory
    shared = read(base / "vocabulary.yaml")
    spoken = read_languages(shared, languages.add(base))
    glossary = read_glossary(shared, spoken)
    vocabulary = read_vocabulary(with_words(translated(shared, spoken), glossary), spoken)
    choices = _choices(base, spoken, glossary)
    messages = dict(read_messages(base / "messages", spoken, glossary))
    versions: dict[str, list[Instrument]] = {}
    for folder, source in _sources(base / "instruments", spoken, glossary):
        instrument = read_instrument(source, vocabulary, choices, messages)
        if (folder, f"{instrument.version}.yaml") != (instrument.id, source.file.rpartition("/")[2]):
            source.refuse(
                f"this file has to be instruments/{instrument.id}/{instrument.version}.yaml", instrument.id
            )
        versions.setdefault(instrument.id, []).append(instrument)
    if not versions:
        raise InstrumentError(f"no instrument stands in {base / 'instruments'}")
    check_references(versions)
    headings = read_headings(base, spoken, glossary, versions)
    for name, known in versions.items():
        versions[name] = [dataclasses.replace(each, headings=headings.get(name, {})) for each in known]
    newest = [sorted(each, key=version_key)[-1] for each in versions.values()]
    current = {each.id: each for each in sorted(newest, key=lambda i: (i.order, i.id))}
    latest = choices[max(choices, key=_numbers)]
    check_cuts(vocabulary.cuts, latest.scales, shared)
    return Catalogue(
        languages=spoken,
        instruments=current,
        earlier={
            (each.id, each.version): dataclasses.replace(each, current=False)
            for known in versions.values()
            for each in known
            if each is not current[each.id]
        },
        terms=vocabulary.terms,
        codes=latest.codes,
        scales=latest.scales,
        sections=vocabulary.sections,
        signals=vocabulary.signals,
        cuts=vocabulary.cuts,
        messages=messages,
    )


def _sources(folder: Path, spoken: Sequence[str], glossary: Glossary) -> Iterator[tuple[str, Located]]:
    """Folder and content of every instrument file."""
    for stray in sorted(folder.glob("*.yaml")):
        raise InstrumentError(
            f"{stray.name}: every version of an instrument has a file of its own, "
            f"instruments/{stray.stem}/<version>.yaml",
            file=stray.name,
        )
    for path in sorted(folder.glob("*/*.yaml")):
        source = translated(read(path, f"{path.parent.name}/{path.name}"), spoken)
        yield path.parent.name, with_words(source, glossary)


def _choices(base: Path, spoken: tuple[str, ...], glossary: Glossary) -> dict[str, Choices]:
    found: dict[str, Choices] = {}
    newest: Choices | None = None
    for path in sorted((base / "choices").glob("*.yaml"), key=lambda path: _numbers(path.stem)):
        source = with_words(translated(read(path, f"choices/{path.name}"), spoken), glossary)
        if not VERSION.match(path.stem):
            source.refuse("the file has to be named by its version, such as 1.0.0.yaml")
        made = read_choices(source, path.stem, spoken)
        if newest is not None:
            check_growth(newest, made, source)
        found[path.stem] = newest = made
    if not found:
        raise InstrumentError(f"no scales and code lists stand in {base / 'choices'}")
    return found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else -1 for part in version.split("."))
