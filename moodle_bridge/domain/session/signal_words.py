"""Say in a record or report which signals there were, what was decided on them, and how soon."""

from __future__ import annotations

import datetime as dt

from moodle_bridge.domain.instrument import registry
from moodle_bridge.domain.instrument.wording import day, figure, percent
from moodle_bridge.domain.session.followed import Followed, audit, followed
from moodle_bridge.domain.session.view import View


@registry.LINES("signals_decided")
def _signals_decided(view: View) -> list[str]:
    return [
        view.say("signal_decided", signal=_signal(view, each), decision=decision_words(view, each))
        for each in followed(view)
        if each.latest.mentor or view.reads_confidential
    ]


def _signal(view: View, found: Followed) -> str:
    """Severity, what it is about, and the sessions if there are several."""
    level = view.say(f"level_{found.latest.level}")
    line = view.say("signal_line", level=level, text=found.latest.text(view))
    if len(found.occurrences) == 1:
        return line
    numbers = ", ".join(str(view.state.session(each.session).number) for each in found.occurrences)
    return view.say("signal_again", text=line, numbers=numbers)


def decision_words(view: View, found: Followed) -> str:
    """What was decided, with its date, note, name and day; or that nothing was."""
    if found.code == "":
        return view.say("decision_open")
    text = view.say(f"decision_{found.code}")
    decided = found.decided
    if decided is None:
        return text
    if decided.due:
        text = view.say("decision_by", text=text, due=day(decided.due, view.language))
    if decided.note:
        text = view.say("decision_note", text=text, note=decided.note)
    date = dt.datetime.fromtimestamp(decided.time, dt.UTC).date().isoformat()
    return view.say("decision_line", decision=text, name=decided.name, date=day(date, view.language))


@registry.LINES("signal_audit")
def signal_audit(view: View) -> list[str]:
    """How many signals, how soon they were decided on, how many without reason: for the coordinator."""
    found = audit(view)
    if view.audience != "coordinator" or not found.raised:
        return []
    lines = [view.say("audit_raised", raised=found.raised, decided=found.decided, waiting=found.waiting)]
    if found.days is not None:
        lines.append(view.say("audit_days", days=figure(found.days, view.language)))
    if found.decided:
        share = percent(100 * found.unfounded / found.decided, view.language)
        lines.append(
            view.say("audit_unfounded", unfounded=found.unfounded, decided=found.decided, share=share)
        )
    return lines
