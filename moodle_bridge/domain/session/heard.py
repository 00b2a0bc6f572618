"""Say which recommendations reach an audience, and in whose words.

What is addressed to the coordinator reaches nobody but its author and the coordinator. The group was not
named as a reader of anybody's recommendation: of one that is accepted it hears the coordinator's words (the
answer in the record), and nothing where there are none; what is put off or declined goes to its author alone.
"""

from __future__ import annotations

from moodle_bridge.domain.course.recommendations import ACCEPTED, Recommendation, recommendations
from moodle_bridge.domain.instrument.model import ONLY_COORDINATOR
from moodle_bridge.domain.session.view import View


def reaching(view: View) -> tuple[Recommendation, ...]:
    """The recommendations that the view's audience hears of, oldest first."""
    found = (each for one in view.by_group() for each in recommendations(one))
    return tuple(each for each in found if _reaches(view, each))


def in_own_words(view: View, each: Recommendation) -> bool:
    """Whether the audience may read a recommendation as its author wrote it."""
    if each.author == view.person or view.audience == "coordinator":
        return True
    return view.reads_answers and each.addressee != ONLY_COORDINATOR


def wording(view: View, each: Recommendation) -> str:
    """A recommendation in the words in which it reaches the audience."""
    return each.text if in_own_words(view, each) else each.answer


def name_for(view: View, each: Recommendation) -> str:
    """The name of a recommendation in a form of the audience; its id says who wrote it."""
    return each.id if in_own_words(view, each) else each.alias


def _reaches(view: View, each: Recommendation) -> bool:
    if in_own_words(view, each):
        return True
    if each.addressee in (ONLY_COORDINATOR, "to_self"):
        return False
    return each.status in ACCEPTED and bool(each.answer)
