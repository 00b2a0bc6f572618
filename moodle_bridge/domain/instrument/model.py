"""What an instrument is: items, scales, codes and who may read them, as frozen data.

Knows no file, no Moodle and no PDF; :mod:`moodle_bridge.domain.instrument.read.catalogue` reads these from
``config/``. An instrument has versions: what was answered is read by the version that it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from moodle_bridge.domain.instrument.conditions import Tree

Text = Mapping[str, str]
"""One text in every language of the catalogue: ``{"bg": "...", "en": "..."}``."""

Reader = Literal["author", "mentor", "coordinator", "group"]
Variant = Literal["full", "mentor"]
Respondent = Literal["mentee", "mentor", "coordinator"]
Per = Literal["group", "course"]
GoalLevel = Literal["general", "specific"]
GoalScope = Literal["personal", "group"]
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
NO_TEXTS: Final[Mapping[str, Text]] = MappingProxyType({})
Parameter = int | float | str | tuple[str, ...] | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A registered function (:mod:`.registry`) by its name, with the parameters that the file gives it."""

    name: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


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
class Refusal:
    """Answers that cannot be meant so: under which condition, and what its author is told."""

    condition: Tree
    text: Text


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
    default: bool | int | str | None = None
    affirm: bool = False
    """Of yes and no only yes is accepted: a confirmation, without which the form is not complete."""
    read_only: bool = False
    show_if: Tree | None = None
    """Condition tree as in ``contract/``: shown only if it holds; ``None`` = always."""
    required_if: Tree | None = None
    refuse: tuple[Refusal, ...] = ()
    """When an answer is refused although it is one by itself."""
    distinct: str | None = None
    """Of a table: the column in which no two rows may say the same."""
    columns: tuple[Item, ...] = ()
    min_rows: int = 0
    max_rows: int = 0
    """Rows a person may add (``table``), or the template's capacity (``carried_table``)."""
    source: Reference | None = None
    """What makes the rows of a ``carried_table``."""
    computed: str | None = None
    carried: str | None = None
    """Id of the earlier item that is quoted above this one."""
    goal_level: GoalLevel | None = None
    """Marks, with ``scope``, a table in which goals are set."""
    scope: GoalScope | None = None
    prefill: Text | Reference | None = None
    """What the answer begins with: a text, or what a registered function makes."""
    suggest: Reference | None = None
    """What proposes a rating."""
    formerly: tuple[str, ...] = ()
    """The ids under which earlier versions asked the same."""
    listed: bool = False
    """Its answers are listed on the session's page, in the section ``report``, for those who read them."""
    serves: tuple[str, ...] = ()
    """The sentences, aims and outcomes of the programme that it is for: a trace, no rule."""
    report: str = ""
    """The report section in which its answer is read: a trace, no rule."""

    def conditions(self) -> Iterator[Tree]:
        """Every condition that it has, its columns' aside."""
        for tree in (self.show_if, self.required_if, *(each.condition for each in self.refuse)):
            if tree is not None:
                yield tree


@dataclass(frozen=True, slots=True)
class Instrument:
    """One version of one form or report of the monitoring set."""

    id: str
    version: str
    respondent: Respondent
    sessions: tuple[SessionKind, ...]
    title: Text
    intro: Text
    minutes: int
    items: tuple[Item, ...]
    opens_when: Reference | None = None
    enabled_by_default: bool = True
    anonymous: bool = False
    order: int = 0
    """Place among the others in lists and in a session."""
    per: Per = "group"
    """``group``: one form a group; ``course``: one for all groups together, filed under group 0."""
    catch_up: bool = False
    """Also expected at a later session from someone who joined after its own sessions."""
    mentor_reads_after: str = ""
    """The instrument that a mentor fills in before reading this one, while the session is open."""
    messages: Mapping[str, Text] = field(default_factory=lambda: NO_TEXTS)
    """What the software says to people about answers, by message key (``config/messages/``)."""
    headings: Mapping[str, Text] = field(default_factory=lambda: NO_TEXTS)
    """The titles of the form's sections, by the item that each begins with (``config/headings.yaml``)."""
    current: bool = True
    """Whether this is the newest version, which courses that begin now use."""

    def item(self, item_id: str) -> Item:
        """Return the top-level item with that id; :class:`KeyError` if there is none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(f"{self.id} has no item {item_id!r}")


@dataclass(frozen=True, slots=True)
class SignalRule:
    """An early-warning signal: its name, whether a mentor may see it, and from where it is raised."""

    label: Text
    again: Text
    """Its name from the second session on."""
    mentor: bool
    at_end: bool
    """Whether it still means something in the last session."""
    thresholds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every version of every instrument, and the vocabulary they share."""

    languages: tuple[str, ...]
    instruments: Mapping[str, Instrument]
    """The newest version of each, in their order."""
    terms: Mapping[str, Text]
    codes: Mapping[str, tuple[Option, ...]]
    """Every code that any version offers, with its present words."""
    scales: Mapping[str, tuple[Option, ...]]
    sections: Mapping[str, Text] = field(default_factory=lambda: NO_TEXTS)
    """Titles of the report sections R1 to R11."""
    signals: Mapping[str, SignalRule] = field(default_factory=dict)
    cuts: Mapping[str, int] = field(default_factory=dict)
    """Per scale the step from which people who do not read the answers are told "so much or more"."""
    messages: Mapping[str, Text] = field(default_factory=lambda: NO_TEXTS)
    """Sentences of the software by key, with ``{placeholders}``."""
    earlier: Mapping[tuple[str, str], Instrument] = field(default_factory=dict)
    """By id and version those that are no longer the newest."""

    def version(self, instrument: str, version: str) -> Instrument | None:
        """That version of an instrument; None where it is not known, for another one is no substitute."""
        current = self.instruments.get(instrument)
        if current is not None and current.version == version:
            return current
        return self.earlier.get((instrument, version))

    def versions(self, instrument: str) -> tuple[Instrument, ...]:
        """Every version of an instrument, oldest first; none for an id that is not known."""
        known = [each for each in self.earlier.values() if each.id == instrument]
        if instrument in self.instruments:
            known.append(self.instruments[instrument])
        return tuple(sorted(known, key=version_key))

    def every(self) -> Iterator[Instrument]:
        """Every version of every instrument."""
        for name in self.instruments:
            yield from self.versions(name)


def version_key(instrument: Instrument) -> tuple[int, ...]:
    """Orders the versions of an instrument."""
    return tuple(int(part) for part in instrument.version.split("."))


def readers_of(item: Item, column: Item | None = None) -> frozenset[Reader]:
    """Who may read an answer: a column never has more readers than its table."""
    return item.readers if column is None else item.readers & column.readers


ADDRESSEE: Final = "addressee"
"""The column that says to whom a row of a table is addressed."""
ONLY_COORDINATOR: Final = "to_coordinator"
"""Whom a row reaches that is addressed so: nobody but its author and the coordinator, by any way."""


def addressed(table: Item) -> bool:
    """Whether every row of a table says to whom it is addressed."""
    return any(column.id == ADDRESSEE for column in table.columns)


def in_variant(variant: Variant, readers: frozenset[Reader]) -> bool:
    """Whether an answer with these readers stands in that variant of the document."""
    return variant == "full" or "mentor" in readers
