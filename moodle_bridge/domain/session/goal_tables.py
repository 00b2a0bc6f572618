"""Lay goals out as tables: every level by session, what mentors said, and at the end both sides' ratings."""

from __future__ import annotations

from collections.abc import Mapping

from moodle_bridge.domain.course.goals import Goal, Review, personal_goals, reviews
from moodle_bridge.domain.course.model import Session
from moodle_bridge.domain.instrument.wording import day, label
from moodle_bridge.domain.session import both_sides, figures
from moodle_bridge.domain.session.shape import Block, Lines, Table
from moodle_bridge.domain.session.view import View

NOTHING = "–"


def tables(view: View) -> list[Block]:
    """The specific goals, what their steps mean, and the general goals: everybody's, or a mentee's own."""
    if view.reads_answers:
        rows = [(view.name(each.person), goal) for each in figures.mentees_goals(view) for goal in each.goals]
        specific = _specific(view, "title_goals", rows, named=True)
        general = [
            [view.name(person), goal.text, label(view.catalogue.scales["extent5"], rating, view.language)]
            for person, goal, rating in figures.general_goals_rated(view)
        ]
        return [specific, _steps(view, specific), _general(view, "title_general_goals", general, named=True)]
    if not view.person:
        return []
    specific = _specific(
        view, "title_own_goals", [("", goal) for goal in personal_goals(view, view.person)], named=False
    )
    own = [
        [goal.text, label(view.catalogue.scales["extent5"], rating.level, view.language)]
        for goal in personal_goals(view, view.person, "general")
        if (rating := goal.rating(view.session.id)) is not None and rating.level is not None
    ]
    return [specific, _steps(view, specific), _general(view, "title_own_general_goals", own, named=False)]


def _specific(view: View, title: str, rows: list[tuple[str, Goal]], *, named: bool) -> Table:
    """A row for each goal: how it stands, what mentors say, then a column for each session so far.

    Where mentors rated the goals too, theirs stands beside, and the largest differences first.
    """
    sessions = view.state.until(view.session)
    said = reviews(view)
    theirs = both_sides.mentors_levels(view) if named else {}
    reviewed = any(goal.id in said for _, goal in rows)
    compared = any(goal.id in theirs for _, goal in rows)
    if compared:
        rows = sorted(rows, key=lambda row: -_distance(view, row[1], theirs))
    columns = [
        *([view.say("column_name")] if named else []),
        view.say("column_goal"),
        view.say("column_due"),
        view.say("column_goal_state"),
        *([view.say("column_mentor")] if compared else []),
        *([view.say("column_review")] if reviewed else []),
        *(view.say("column_session", number=each.number) for each in sessions),
    ]
    shown = [
        [
            *([name] if named else []),
            goal.text,
            day(goal.due_date, view.language) if goal.due_date else NOTHING,
            _state(view, goal),
            *([_mentors(view, goal, theirs)] if compared else []),
            *([review_words(view, goal, said)] if reviewed else []),
            *(_level(goal, each, sessions) for each in sessions),
        ]
        for name, goal in rows
    ]
    return {"kind": "table", "title": view.say(title), "columns": columns, "rows": shown}


def _level(goal: Goal, session: Session, sessions: tuple[Session, ...]) -> str:
    """The level stated in a session; a dash where missed, empty before the goal was set and after its end."""
    ids = [each.id for each in sessions]
    if goal.set_in in ids and ids.index(session.id) < ids.index(goal.set_in):
        return ""
    ended = goal.dropped_in or goal.finished_in
    if ended in ids and ids.index(session.id) > ids.index(ended):
        return ""
    rating = goal.rating(session.id)
    level = rating.level if rating is not None else goal.start_level if goal.set_in == session.id else None
    return NOTHING if level is None else str(level)


def _mentors(view: View, goal: Goal, theirs: Mapping[str, Mapping[int, int]]) -> str:
    levels = theirs.get(goal.id, {}).values()
    return "; ".join(_step(view, level) for level in levels) or NOTHING


def _step(view: View, level: int) -> str:
    """A step's number with its words."""
    words = label(view.catalogue.scales[figures.SCALE], level, view.language)
    return view.say("step", number=level, words=words)


def _distance(view: View, goal: Goal, theirs: Mapping[str, Mapping[int, int]]) -> int:
    """Measure how far the two sides are apart; -1 if one of them says nothing."""
    own = goal.level_in(view.session.id)
    levels = theirs.get(goal.id, {}).values()
    return -1 if own is None else max((abs(level - own) for level in levels), default=-1)


def _state(view: View, goal: Goal) -> str:
    if goal.state == "dropped":
        return _dropped(view, goal)
    words = _step(view, goal.known_levels()[-1])
    if goal.state == "finished":
        return view.say("goal_finished", level=words, number=view.state.session(goal.finished_in).number)
    if len(goal.wordings) > 1:
        return view.say("goal_reworded", level=words, text=goal.wordings[0].text)
    return words


def _dropped(view: View, goal: Goal) -> str:
    """Given up, when, and why in the words of the list and in the owner's own."""
    told = view.say("goal_dropped_in", number=view.state.session(goal.dropped_in).number)
    rating = goal.rating(goal.dropped_in)
    if rating is None:
        return told
    why = [label(view.catalogue.codes["reason"], reason, view.language) for reason in rating.reasons]
    if rating.explanation:
        why.append(view.say("quoted", text=rating.explanation))
    return view.say("goal_dropped_because", told=told, why="; ".join(why)) if why else told


def review_words(view: View, goal: Goal, said: Mapping[str, tuple[Review, ...]]) -> str:
    """Put mentors' remarks on the goal's present wording into words; empty if nobody has reviewed it."""
    latest = {each.mentor: each for each in said.get(goal.id, ()) if each.is_of(goal)}
    words = view.catalogue.codes["goal_check"]
    return "; ".join(
        view.say("review_with_note", check=label(words, each.check, view.language), note=each.note)
        if each.note
        else label(words, each.check, view.language)
        for each in latest.values()
    )


def _steps(view: View, table: Table) -> Lines:
    """What the numbers of the steps mean, beside a table that has some."""
    if not table["rows"]:
        return {"kind": "lines", "lines": []}
    steps = "; ".join(
        view.say("step", number=option.value, words=option.label[view.language])
        for option in view.catalogue.scales[figures.SCALE]
        if option.value is not None
    )
    return {"kind": "lines", "lines": [view.say("steps_line", steps=steps)]}


def _general(view: View, title: str, rows: list[list[str]], *, named: bool) -> Table:
    columns = (["name"] if named else []) + ["general_goal", "closer"]
    return {
        "kind": "table",
        "title": view.say(title),
        "columns": [view.say(f"column_{column}") for column in columns],
        "rows": rows,
    }
