"""A session as one audience sees it: who looks, in which language, and what may be shown to them."""

from __future__ import annotations

from dataclasses import dataclass

from moodle_bridge.domain.answers.visibility import Audience
from moodle_bridge.domain.course.attendance import is_settled
from moodle_bridge.domain.course.frame import Frame
from moodle_bridge.domain.instrument.wording import say

NOBODY = 0
"""In place of a person: nobody in particular, or the whole group."""


@dataclass(frozen=True, slots=True)
class View(Frame):
    """One session, in one group or in all, seen by one audience."""

    audience: Audience
    language: str
    person: int = NOBODY
    """Who looks."""
    whole: bool = False
    """Over all sessions of the process, not only this one."""

    @classmethod
    def of(
        cls, frame: Frame, audience: Audience, language: str, person: int = NOBODY, *, whole: bool = False
    ) -> View:
        """The frame as that audience sees it."""
        return cls(
            frame.catalogue, frame.state, frame.session, frame.group, audience, language, person, whole
        )

    @property
    def sees_names(self) -> bool:
        """Whether the audience may see who said what."""
        return self.audience != "mentee"

    def say(self, key: str, **facts: object) -> str:
        """A message in the view's language."""
        return say(self.catalogue.messages, key, self.language, **facts)

    def title(self, instrument: str) -> str:
        """An instrument's title, as the session uses it."""
        known = self.instruments.get(instrument) or self.catalogue.instruments[instrument]
        return known.title[self.language]

    def name(self, person: int) -> str:
        """A participant's name."""
        return self.state.person(person).name

    def may_show(self, answers: int) -> bool:
        """Whether a group's figure of so many answers may be shown to this audience.

        To the group itself only from the suppression limit on (in a pair each would read the other's answer),
        and only once nobody's answer is still to come, also after the deadline: from two figures, before and
        after a late answer, that answer could be told.
        """
        if self.audience != "mentee":
            return True
        if answers < self.catalogue.suppression["confidential"]:
            return False
        return is_settled(self)

    def may_show_confidential(self, answers: int) -> bool:
        """Whether a figure of coordinator-only answers may be shown to this audience.

        Others than the coordinator get it only from the suppression limit on, and only once the session is
        closed: from two figures, before and after an answer or its correction, that answer could be told.
        """
        if self.audience == "coordinator":
            return True
        return bool(self.session.closed) and answers >= self.catalogue.suppression["confidential"]
