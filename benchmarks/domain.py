"""How fast the domain is, and how it grows: definitions, validation, pushes and all measures of many groups.

One command, one run::

    python benchmarks/domain.py [--groups 1000]

A course of N groups with five mentees and a mentor each, one initial and two interim sessions; all mentees
have answered. Each line is one part for N groups: the time of all, of one, and how much slower one has become
beside the smallest N (1.0x = grows in proportion). Times are processor time of one core.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from moodle_bridge.domain.answers import check
from moodle_bridge.domain.carryover import personal as carryover
from moodle_bridge.domain.course.frame import Frame, frame_of
from moodle_bridge.domain.course.model import Participant, Process, Session, Submission, Target
from moodle_bridge.domain.instrument import definition
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.domain.session import signals, summary
from moodle_bridge.domain.session.view import View

DAY = 86400
START = 1_768_176_000
SESSIONS = tuple(
    Session(
        id=f"{n:08d}-bbbb-4000-8000-000000000000",
        kind="initial" if n == 1 else "interim",
        number=n,
        date=date,
        opens=START + 28 * n * DAY,
        due=START + (28 * n + 7) * DAY,
    )
    for n, date in enumerate(("2026-02-09", "2026-03-09", "2026-04-06"), start=1)
)


def first_answers(number: int) -> dict[str, Any]:
    """A full first form."""
    return {
        "needs_now": ["n_practice"],
        "general_goals": [{"row": 1, "text": "Да започна работа"}],
        "specific_goals": [
            {
                "row": row,
                "text": f"Цел {number}.{row}",
                "parent": "r1",
                "criterion": "Вижда се.",
                "due_date": "2026-12-31",
                "importance": row,
                "start_level": 0,
            }
            for row in (1, 2, 3)
        ],
        "own_expectations": [{"row": 1, "text": "Съвет", "category": "e_feedback", "importance": 3}],
        "share_name": False,
        "guess_others": ["e_job"],
        **dict.fromkeys(("sa_knowledge", "sa_confidence", "sa_plan", "sa_network"), 3),
        "next_step": "Първа стъпка",
        "contact_me": False,
    }


def interim_answers(carried: dict[str, Any], level: int) -> dict[str, Any]:
    """A full interim form for what it shows."""
    scales = (
        "cl_included",
        "cl_voice",
        "cl_help",
        "cl_useful",
        "sa_knowledge",
        "sa_confidence",
        "sa_plan",
        "sa_network",
    )
    return {
        "goals_progress": [
            {"row": row["row"], "level": level, "status": "g_active"} for row in carried["goals_progress"]
        ],
        "group_goals_progress": [],
        "last_step_done": 3,
        "own_expectations_rating": [
            {"row": r["row"], "rating": 4} for r in carried["own_expectations_rating"]
        ],
        "others_expectations_rating": [
            {"row": r["row"], "rating": 3} for r in carried["others_expectations_rating"]
        ],
        "expectations_changed": "x_no",
        **dict.fromkeys(scales, 4),
        "weak_none": False,
        "weak_points": [{"row": 1, "area": "w_schedule", "severity": 2, "text": "Срещите се застъпват."}],
        "recommendations": [{"row": 1, "area": "w_schedule", "text": "Нов час.", "addressee": "to_mentor"}],
        "needs_now": ["n_practice"],
        "next_step": "Следваща стъпка",
        "mentor_support": 4,
        "contact_me": False,
    }


def course(words: Catalogue, groups: int) -> Process:
    """So many groups in which everybody has answered in all three sessions."""
    people = [
        Participant(
            10 * group + n, f"Участник {10 * group + n}", ("mentee" if n < 6 else "mentor",), (group,)
        )
        for group in range(1, groups + 1)
        for n in range(1, 7)
    ]
    state = Process(
        SESSIONS,
        tuple(people),
        groups={g: f"Група {g}" for g in range(1, groups + 1)},
        as_of=SESSIONS[-1].due,
    )
    for session in SESSIONS:
        new = []
        for person in people:
            if person.roles != ("mentee",):
                continue
            name = "mentee_initial" if session.number == 1 else "mentee_interim"
            target = Target(session.id, person.groups[0], name, person.id)
            carried = carryover.carried(frame_of(words, state, target), target, "bg")
            given = (
                first_answers(person.id)
                if session.number == 1
                else interim_answers(carried, session.number - 1)
            )
            new.append(
                Submission(
                    *(session.id, name, target.group, person.id, 1, session.opens + DAY, given, carried),
                    instrument_version=words.instruments[name].version,
                )
            )
        state = dataclasses.replace(state, submissions=(*state.submissions, *new))
    return state


def timed(work: Callable[[], object]) -> float:
    """Processor seconds that the work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def validate_all(words: Catalogue, state: Process) -> None:
    """Validate every interim form."""
    form = words.instruments["mentee_interim"]
    for each in state.submissions:
        if each.instrument == form.id:
            target = Target(each.session, each.group, form.id, each.respondent)
            context = carryover.context(frame_of(words, state, target), target)
            check.validate(form, "bg", each.answers, each.carried, context)


def measure(words: Catalogue, groups: int) -> dict[str, tuple[float, int]]:
    """Seconds and number of pieces of each part."""
    built = time.process_time()
    state = course(words, groups)
    built = time.process_time() - built
    session = state.ordered[-1]
    every = tuple(state.groups)
    fresh = Process(state.sessions, state.participants, state.submissions, state.groups, state.as_of)
    return {
        "carried rows of a form": (built, len(state.submissions)),
        "validating a form": (timed(lambda: validate_all(words, state)), 10 * groups),
        "signals of a group": (
            timed(lambda: [signals.signals(Frame(words, fresh, session, group)) for group in every]),
            groups,
        ),
        "summary of a group, coordinator": (
            timed(
                lambda: [
                    summary.summary(View(words, state, session, group, "coordinator", "bg"))
                    for group in every
                ]
            ),
            groups,
        ),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=1000)
    most = parser.parse_args().groups
    begun = time.process_time()
    words = catalogue.load()
    print(f"reading the catalogue             {1000 * (time.process_time() - begun):8.1f} ms")
    every = [(each, language) for each in words.instruments.values() for language in words.languages]
    spent = timed(lambda: [definition.digest(definition.definition(words, *each)) for each in every])
    print(f"definition of a form with digest  {1000 * spent / len(every):8.2f} ms")
    least: dict[str, float] = {}
    for groups in dict.fromkeys((max(1, most // 100), max(1, most // 10), most)):
        print(f"\n{groups} groups")
        for name, (seconds, pieces) in measure(words, groups).items():
            one = seconds / pieces
            growth = one / least.setdefault(name, one)
            print(f"{name:33} {seconds:8.2f} s   {1000 * one:8.3f} ms each   {growth:5.2f}x")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nlargest memory {memory:.0f} MB")


if __name__ == "__main__":
    main()
