"""A record as the filling engine sees it: strips that a document is put together of.

Only data; :mod:`moodle_bridge.pdf.program.dissolve` makes it, :mod:`moodle_bridge.pdf.fill.elastic` uses it.
Coordinates are points; those of a strip are as it stands on its own page of the template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from moodle_bridge.pdf.program.program import ObjectNumbers
from moodle_bridge.pdf.text.fonts import Face


class Cell(NamedTuple):
    """Where an answer begins: the upper left corner of its first line and the width of its lines."""

    name: str
    left: float
    top: float
    width: float
    size: float
    drop: float
    """From the corner down to the first baseline."""
    step: float
    """From one baseline to the next."""


class Pip(NamedTuple):
    """The ring of one step of a scale."""

    x: float
    y: float
    radius: float


class Kid(NamedTuple):
    """A child of a structure element: marked content of the strip, an answer or an element, by its index."""

    kind: str
    """``content``, ``cell``, ``image`` or ``element``."""
    at: int


class Tag(NamedTuple):
    """A structure element of a strip."""

    name: str
    attributes: bytes
    kids: tuple[Kid, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """One block of a record: what is always drawn, and where answers stand."""

    role: str
    """What it is: ``item``, ``section``, ``row`` …"""
    name: str
    """Whose it is: an item's, a table's, a table's column."""
    top: float
    bottom: float
    pieces: tuple[bytes, ...]
    """What is drawn, cut where the numbers of its marked content stand."""
    artifact: bytes
    """The same as something that is no content: a table's heads on its further pages."""
    text: str
    """What it says, for bookmarks."""
    cells: tuple[Cell, ...]
    pips: Mapping[str, Pip]
    """The rings of a scale, by step."""
    image: tuple[float, float, float, float] | None
    """Left, bottom, width and height of the place for a logo."""
    tags: tuple[Tag, ...]
    roots: tuple[int, ...]
    """The tags that stand in no other one of the strip."""
    before: int
    """How many answers are read before what is always drawn."""

    @property
    def height(self) -> float:
        """The height with answers of one line."""
        return self.top - self.bottom

    @property
    def contents(self) -> int:
        """How many pieces of marked content it has of its own."""
        return len(self.pieces) - 1


@dataclass(frozen=True, slots=True)
class RecordNumbers:
    """Object numbers of what every document has and none has alike."""

    common: ObjectNumbers
    structure: int
    document: int
    parents: int
    outlines: int


@dataclass(frozen=True, slots=True)
class RecordTemplate:
    """A dissolved record template; nothing in it changes but what is remembered of its font."""

    identity: str
    """MD5 of the template: the first half of every document's /ID."""
    face: Face
    font: int
    """Object number of the answers' font."""
    prefix: bytes
    rows: bytes
    """Cross-reference rows of the prefix."""
    numbers: RecordNumbers
    resources: bytes
    """The pages' resources, open at the end; XObjects are left out."""
    xobjects: bytes
    media: tuple[float, float]
    strips: tuple[Strip, ...]
    by_role: Mapping[tuple[str, str], Strip]
    columns: Mapping[str, tuple[str, ...]]
    """The columns of each table, in their order."""
    digest: Any = None
    """SHA-256 of the prefix, to be copied and continued."""
    characters: dict[int, str] = field(default_factory=dict)
    """What the glyphs of the answers' font stand for, as read back from a first document."""
