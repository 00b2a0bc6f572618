"""What an instrument is: items, scales, codes and who may read them, as frozen data.

Knows no file, no Moodle and no PDF; :mod:`moodle_bridge.domain.instrument.read.catalogue` reads these from
``config/instruments/`` and ``config/vocabulary.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Text = Mapping[str, str]
"""One text in every language of the catalogue: ``{"bg": "...", "en": "..."}``."""

Reader = Literal["author", "mentor", "coordinator", "group"]
Variant = Literal["full", "mentor"]
SessionKind = Literal["initial", "interim", "final"]
ItemType = Literal[
    "short_text",
    "long_text",
    "scale",
    "single_choice",
    "multi_choice",
    "date",
    "number",
    "yes_no",
    "table",
    "carried_table",
    "computed",
]

DEFAULT_READERS: frozenset[Reader] = frozenset({"author", "mentor", "coordinator"})
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a scale or a code list.

    ``value`` is what is stored: an int for a scale, a code for a choice, ``None`` for a scale's
    "cannot say". ``percent`` and ``gas`` are set on the goal scale only (GAS: Turner-Stokes).
    """

    value: int | str | None
    label: Text
    exclusive: bool = False
    percent: float | None = None
    gas: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One question, one column of a table, or one computed figure."""

    id: str
    type: ItemType
    label: Text
    required: bool = False
    help: Text | None = None
    readers: frozenset[Reader] = DEFAULT_READERS
    options: tuple[Option, ...] = ()
    """Resolved options of a scale or code list (``allowed``, ``exclude`` and ``allow_na`` applied)."""
    options_from: str | None = None
    """Where options come from that depend on data: a table of the same form or a registered source."""
    ends: Mapping[str, Text] | None = None
    """Labels of a scale's ends (``low``, ``high``) where the steps have none of their own."""
    maximum: int | None = None
    minimum: int | None = None
    max_length: int | None = None
    default: Any = None
    affirm: bool = False
    """Of yes and no only yes is accepted: a confirmation, without which the form is not complete."""
    read_only: bool = False
    show_if: Any = None
    """Condition tree as in ``contract/``: shown only if it holds; ``None`` = always."""
    required_if: Any = None
    columns: tuple[Item, ...] = ()
    min_rows: int = 0
    max_rows: int = 0
    """Rows a person may add (``table``), or the template's capacity (``carried_table``)."""
    source: str | None = None
    """Name of the registered function that makes the rows of a ``carried_table``."""
    computed: str | None = None
    carried: str | None = None
    """Id of the earlier item that is quoted above this one."""
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    """What only some functions read: goal_level, scope, serves, report, suggest, prefill."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One form or report of the monitoring set."""

    id: str
    version: str
    respondent: Literal["mentee", "mentor", "coordinator"]
    sessions: tuple[SessionKind, ...]
    title: Text
    intro: Text
    minutes: int
    items: tuple[Item, ...]
    opens_when: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    enabled_by_default: bool = True
    anonymous: bool = False
    order: int = 0
    """Place among the others in lists and in a session."""
    per: Literal["group", "course"] = "group"
    """``group``: one form a group; ``course``: one for all groups together, filed under group 0."""
    catch_up: bool = False
    """Also expected at a later session from someone who joined after its own sessions."""
    messages: Mapping[str, Text] = field(default_factory=lambda: NOTHING)
    """What the software says to people about answers, by message key (``config/messages/``)."""

    def item(self, item_id: str) -> Item:
        """Return the top-level item with that id; :class:`KeyError` if there is none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(f"{self.id} has no item {item_id!r}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every instrument and the vocabulary they share."""

    version: str
    languages: tuple[str, ...]
    instruments: Mapping[str, Instrument]
    terms: Mapping[str, Text]
    codes: Mapping[str, tuple[Option, ...]]
    scales: Mapping[str, tuple[Option, ...]]
    sections: Mapping[str, Text] = field(default_factory=lambda: NOTHING)
    """Titles of the report sections R1 to R11."""
    signals: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: NOTHING)
    """Per early-warning signal: ``label``, whether the ``mentor`` may see it, and its ``thresholds``."""
    suppression: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    """Fewest answers before a figure is shown: ``confidential`` (not to the coordinator), ``anonymous``."""
    messages: Mapping[str, Text] = field(default_factory=lambda: NOTHING)
    """Sentences of the software by key, with ``{placeholders}``."""


def readers_of(item: Item, column: Item | None = None) -> frozenset[Reader]:
    """Who may read an answer: a column never has more readers than its table."""
    return item.readers if column is None else item.readers & column.readers


def in_variant(variant: Variant, readers: frozenset[Reader]) -> bool:
    """Whether an answer with these readers stands in that variant of the document."""
    return variant == "full" or "mentor" in readers
