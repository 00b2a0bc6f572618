"""A template as the filling engine sees it: bytes that never change and slots for what does.

Only data; :mod:`moodle_bridge.pdf.program.flatten` makes it and :mod:`moodle_bridge.pdf.fill.fill` runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from moodle_bridge.domain.instrument.model import Instrument
from moodle_bridge.pdf.syntax.matrix import Matrix
from moodle_bridge.pdf.text.fonts import Face

SlotKind = Literal["text", "list", "mark", "image"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a page's content where an answer is drawn.

    ``matrix`` leads from the box's own coordinates (points, origin at its lower left corner as it is
    read) to those in force in the content; ``frame`` is its linear part as PDF writes it.
    """

    name: str
    kind: SlotKind
    page: int
    part: int
    """Its position among the parts of all pages."""
    width: float
    height: float
    matrix: Matrix
    frame: bytes
    size: float = 0.0
    align: int = 0
    multiline: bool = False
    comb: int = 0
    tick: bool = False
    colour: bytes = b""
    labels: Mapping[str, str] | None = None
    """Display text by export value, for combos and lists of forms that were brought."""


class Box(NamedTuple):
    """The slot of a text, laid out as far as can be for texts that fit at their usual size, as most do."""

    part: int
    room: float
    """Width of a line and the space after it, in em."""
    lines: int
    """How many lines there is room for."""
    head: bytes
    """Operators before the first line."""
    turn: bytes
    """Operators after the first line if there are others."""
    labels: Mapping[str, str] | None
    """Display text by export value, of a choice."""


class Drawn(NamedTuple):
    """What a slot holds: content operators."""

    part: int
    content: bytes


class Step(NamedTuple):
    """How a question's usual answers are set without more ado."""

    box: Box | None
    """Where a text goes."""
    wording: Callable[[str], str]
    """How a text is shown."""
    usual: Mapping[tuple[type, Any], tuple[Drawn, ...]]
    """What is laid for a single value, by its type and itself."""
    codes: Mapping[str, tuple[Drawn, ...]]
    """What is laid for each of several codes chosen, if there are buttons for them."""


Marks = Mapping[str, tuple[Drawn, ...]]
"""What marks the buttons of a question, by state: nothing where an empty button says it."""


@dataclass(slots=True)
class Blank:
    """A document without answers, as the content of all pages, and whether it was found to say so."""

    instrument: Instrument
    parts: tuple[bytes, ...]
    proven: bool = False


@dataclass(frozen=True, slots=True)
class PageProgram:
    """One page: its share of all parts, of which the last is the page's foot."""

    start: int
    end: int
    contents: int
    """Object number of its second content stream; the first holds what stands before the first slot."""
    foot: Matrix
    foot_width: float


@dataclass(frozen=True, slots=True)
class Structure:
    """What an annex adds to: the document's element and the parent tree."""

    document: int
    document_head: bytes
    """The element's dictionary without its kids, open at the end."""
    kids: bytes
    parent_tree: int
    nums: bytes
    next_key: int


@dataclass(frozen=True, slots=True)
class ObjectNumbers:
    """Object numbers of what is written anew for every document."""

    root: int
    info: int
    metadata: int
    attachment: int
    resources: int
    """Resources of the page with the logo; they name it only where there is one."""
    logo: int
    logo_mask: int
    pages: int
    object_stream: int
    xref: int
    first_free: int


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled template, safe to share between threads: nothing in it changes but caches."""

    identity: str
    """MD5 of the template: the first half of every document's /ID."""
    face: Face
    font: bytes
    """Resource entry of the answer font: ``/Answers 12 0 R``."""
    prefix: bytes
    rows: bytes
    """Cross-reference rows of the prefix and of the objects in :attr:`rewritten`."""
    rewritten: tuple[int, ...]
    """ObjectNumbers of the dictionaries that an annex or a logo changes, as they stand in the object stream
    of every document: pages, resources of the page with the logo, root element, parent tree."""
    numbers: ObjectNumbers
    pages: tuple[PageProgram, ...]
    parts: tuple[bytes, ...]
    """Content of all pages from their first slots on: unchanging parts between empty slots."""
    page_refs: bytes
    resources: bytes
    xobjects: bytes
    media: tuple[float, float]
    texts: Mapping[str, tuple[Slot, ...]]
    boxes: Mapping[str, Box]
    """Those of the texts that have one plain box."""
    marks: Mapping[str, Marks]
    """By question, if it has buttons."""
    pointers: Mapping[str, tuple[Slot, ...]]
    """In a brought form, by question with buttons: lines that can say where an answer without one stands."""
    images: Mapping[str, Slot]
    rows_of: Mapping[str, int]
    """How many rows the template has of each table."""
    structure: Structure | None
    archival: bool
    """Whether documents made from it may claim PDF/A-3b."""
    quiet: dict[tuple[int, str], Drawn] = field(default_factory=dict)
    """What the engine says itself ("not answered"), by part and text."""
    blanks: dict[tuple[str, str], Blank] = field(default_factory=dict)
    """The document without answers, by language and variant."""
    steps: dict[Any, Step] = field(default_factory=dict)
    """By question, worked out when it is first answered."""
    feet: dict[tuple[int, int, str], tuple[bytes, bytes, bytes]] = field(default_factory=dict)
    """What surrounds the lines at the foot: by page, number of pages and words."""
    settled: dict[bool, bytes] = field(default_factory=dict)
    """The object stream of documents without an annex, by whether they have a logo."""
    digest: Any = None
    """SHA-256 of the prefix, to be copied and continued."""
