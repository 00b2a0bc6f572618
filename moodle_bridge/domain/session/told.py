"""Say in words what the publication ledger holds for people who do not read the answers behind a figure."""

from __future__ import annotations

from moodle_bridge.domain.instrument.model import Option
from moodle_bridge.domain.instrument.wording import label
from moodle_bridge.domain.session import ledger
from moodle_bridge.domain.session.confidentiality import Lean, Named, Share
from moodle_bridge.domain.session.view import View

_SCALES = {"overall": "effect5", "recommend": "recommend11", "group_goals": "goal7"}
_EXPECTATIONS = frozenset({"expectation_own", "expectation_others"})
_OF_SEVERAL_ANSWERS = _EXPECTATIONS | {"climate", "self_assessment", "impact"}
_NAMES = {"reasons": "reason", "needs": "need", "weak_points": "area"}


def share_lines(view: View, *items: str) -> list[str]:
    """A line for each of these figures that says how many say so much or more."""
    return [line for item in items for line in _share_line(view, item, f"subject_{item}")]


def goals_lines(view: View) -> list[str]:
    """How many of the goals are attained."""
    found = ledger.told(view, "goals_attained")
    return [view.say("told_goals", k=found.k, of=found.of)] if isinstance(found, Share) and found.of else []


def since_start_lines(view: View) -> list[str]:
    """The self-assessment at the start and now, side by side: the change is no figure of its own."""
    now = _share_line(view, "self_assessment", "subject_self_now")
    for earlier in view.until()[:-1]:
        first = _share_line(earlier, "self_assessment", "subject_self_start")
        if first:
            return [*first, *now]
    return now


def lean_lines(view: View, item: str) -> list[str]:
    """Which way answers for the coordinator alone lean."""
    found = ledger.told(view, item)
    if not isinstance(found, Lean):
        return []
    return [view.say(f"told_{item}", direction=view.say(f"direction_{found.direction}"))]


def named_lines(view: View, item: str) -> list[str]:
    """What several people name, and what some do."""
    found = ledger.told(view, item)
    if not isinstance(found, Named):
        return []
    words = view.catalogue.codes[_NAMES[item]]
    lines = []
    for key, categories in (("told_several", found.several), ("told_some", found.some)):
        if categories:
            names = "; ".join(label(words, category, view.language) for category in categories)
            lines.append(view.say(key, names=names))
    return lines


def group_goal(view: View, goal: str) -> str:
    """How many see a goal of the group as attained; empty where nothing may be told."""
    found = ledger.told(view, f"group_goals:{goal}")
    if not isinstance(found, Share):
        return ""
    return _say_share(view, found, "group_goals")


def _share_line(view: View, item: str, subject: str) -> list[str]:
    found = ledger.told(view, item)
    if not isinstance(found, Share):
        return []
    return [view.say("told_line", subject=view.say(subject), share=_say_share(view, found, item))]


def _say_share(view: View, found: Share, item: str) -> str:
    scale = "met5" if item in _EXPECTATIONS else _SCALES.get(item, "extent5")
    key = "told_mean" if item in _OF_SEVERAL_ANSWERS else "told_share"
    step = _step(view.catalogue.scales[scale], view.catalogue.cuts[scale], view.language)
    return view.plural(key, found.k, k=found.k, of=found.of, step=step)


def _step(scale: tuple[Option, ...], cut: int, language: str) -> str:
    """The words of a step as they stand within a sentence."""
    words = label(scale, cut, language)
    return words[:1].lower() + words[1:]
