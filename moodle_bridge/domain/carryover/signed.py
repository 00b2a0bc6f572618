"""Whether the figures of a signed record or report are still what they were: which have changed, and why.

Compared are the numbers, not the words: a new wording of the software is no change, and neither is the
language that the form was filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from moodle_bridge.domain.carryover.personal import computed_now
from moodle_bridge.domain.course.frame import Frame, frame_of
from moodle_bridge.domain.course.lookup import form_of, respondent
from moodle_bridge.domain.course.model import EVERYBODY, Submission, Target
from moodle_bridge.domain.instrument.model import Instrument
from moodle_bridge.domain.session.shape import ChangedShown
from moodle_bridge.domain.session.view import View

NO_FIGURES: Final = frozenset({"signals_decided", "archive_list", "criteria_proposed"})
"""Computed items that go on after a signature by their nature, or follow from others."""

LONGEST = 160
"""Characters of what stood there and of what stands there now."""

_NUMBER = re.compile(r"[-−]?\d+(?:[.,]\d+)?")


def changed(view: View) -> list[ChangedShown]:
    """The coordinators' forms of a session whose figures have changed since they were submitted."""
    found: list[ChangedShown] = []
    for submission in view.submitted():
        instrument = form_of(view.catalogue, submission)
        if instrument is None or respondent(view.catalogue, submission) != "coordinator" or not submission.id:
            continue
        lines = list(_differences(view, submission, instrument))
        if lines:
            found.append({"submission": submission.id, "lines": [*lines, _why(view, submission)]})
    return found


def _differences(view: View, submission: Submission, instrument: Instrument) -> Iterator[str]:
    target = Target(submission.session, submission.group, submission.instrument, submission.respondent)
    frame = frame_of(view.catalogue, view.state, target)
    if frame.instruments.get(instrument.id) != instrument:
        return  # the session uses another version since: its figures are not those of this form
    for item, now in computed_now(frame, target, view.language):
        before = submission.carried.get(item.id)
        if item.computed in NO_FIGURES or not isinstance(before, list | tuple):
            continue
        if _numbers(before) != _numbers(now):
            yield view.say(
                "changed_line",
                item=item.label[view.language],
                before=_short(view, before),
                now=_short(view, now),
            )


def _numbers(lines: object) -> tuple[str, ...]:
    """The numbers in lines, in order, as every language writes them."""
    text = "\n".join(map(str, lines)) if isinstance(lines, list | tuple) else ""
    return tuple(each.replace(",", ".").replace("−", "-") for each in _NUMBER.findall(text))


def _short(view: View, lines: object) -> str:
    text = "; ".join(map(str, lines)) if isinstance(lines, list | tuple) else ""
    text = text or view.say("nothing_there")
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"


def _why(view: View, submission: Submission) -> str:
    """Whose forms came after the signature; without any it is who takes part, or what was erased."""
    everything = submission.group == EVERYBODY and not view.together
    frames: tuple[Frame, ...] = view.until() if everything else (view.in_group(submission.group),)
    names = {
        view.name(each.respondent)
        for frame in frames
        for each in frame.submitted()
        if each.submitted > submission.submitted and respondent(view.catalogue, each) in ("mentee", "mentor")
    }
    if names:
        return view.say("changed_forms", names=", ".join(sorted(names)))
    return view.say("changed_otherwise")
