"""What an early-warning signal is: which rule, about whom, in which session, and why, in words.

The rules that raise them are in :mod:`signal_rules`, what became of them in :mod:`followed`. Whether a mentor
may see a signal the vocabulary says: whoever feels left out or unsupported tells only the coordinator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moodle_bridge.domain.course.frame import Frame, once
from moodle_bridge.domain.course.lookup import items_of
from moodle_bridge.domain.course.model import Submission
from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.wording import day, figure, label
from moodle_bridge.domain.session.figures import SCALE
from moodle_bridge.domain.session.shape import Level
from moodle_bridge.domain.session.view import View

Fact = str | int | float | None
"""What a message may name."""

FIRST = "contact_request"
"""The rule whose signals come before all others: somebody waits for an answer."""


@dataclass(frozen=True, slots=True)
class Source:
    """The answer that raised a signal."""

    submission: Submission
    item: str

    def question(self, view: View) -> str:
        """What was asked."""
        items = items_of(view.catalogue, self.submission)
        return next((item.label[view.language] for item in items if item.id == self.item), "")


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal as it was seen in one session: an occurrence of the signal of that id."""

    id: str
    """Rule, group, person and subject: the same signal in a later session has the same id."""
    rule: str
    level: Level
    session: str
    group: int
    person: int
    """Whom it is about; 0 where it is about the group."""
    subject: str
    """What it is about: a goal, a need, an area; may be empty."""
    cause: str
    """The message that explains it, with ``facts`` filled in."""
    facts: Mapping[str, Fact]
    mentor: bool
    raised: int
    """When what raised it was known; 0 = cannot be told."""
    source: Source | None = None

    def text(self, view: View) -> str:
        """The explanation in words; one of an earlier session says of which."""
        facts = {key: _told(view, key, value) for key, value in self.facts.items()}
        if self.source is not None:
            facts["question"] = self.source.question(view)
        name = view.name(self.person) if self.person else ""
        text = view.say(f"signal_{self.cause}", name=name, **facts)
        if self.session == view.session.id:
            return text
        return view.say("signal_earlier", number=view.state.session(self.session).number, text=text)


def _told(view: View, key: str, value: Fact) -> str:
    catalogue, language = view.catalogue, view.language
    if key == "need":
        return label(catalogue.codes["need"] + catalogue.codes["mentor_need"], value, language)
    if key == "area":
        return label(catalogue.codes["area"], value, language)
    if key == "level":
        return label(catalogue.scales[SCALE], value, language)
    if key == "seen":
        return label(catalogue.scales["participation4"], value, language)
    if key == "pace":
        return label(catalogue.scales["pace4"], value, language)
    if key in ("due", "date"):
        return day(str(value), language)
    if key in ("goal", "quote"):
        return quotable(str(value))
    return figure(value, language) if isinstance(value, float) else str(value)


_INNER = str.maketrans({"„": "’", "“": "‘", "”": "‘"})
"""Quotation marks within quotation marks."""


def quotable(text: str) -> str:
    """Somebody's words to stand in quotation marks: without a final stop, marks within of the other kind."""
    text = text.strip()
    return (text if text.endswith("..") else text.removesuffix(".")).translate(_INNER)


@once
def signals(frame: Frame) -> tuple[Signal, ...]:
    """Every signal that this session raises, in the order of :func:`place_of`."""
    found = [
        signal
        for one in frame.by_group()
        for name, rule in frame.catalogue.signals.items()
        for signal in registry.SIGNALS[name](one, **rule.thresholds)
        if rule.at_end or frame.session.kind != "final"
    ]
    return tuple(sorted(found, key=lambda signal: place_of(frame, signal)))


def place_of(frame: Frame, signal: Signal) -> tuple[object, ...]:
    """Order signals: wishes to be contacted first, then red before amber, person by person."""
    return (
        signal.rule != FIRST,
        signal.level != "red",
        signal.person == 0,
        frame.state.person(signal.person).name if signal.person else "",
        signal.person,
        list(frame.catalogue.signals).index(signal.rule),
        signal.group,
        signal.subject,
    )
