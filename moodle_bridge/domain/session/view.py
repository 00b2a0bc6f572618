"""A session as one audience sees it: who looks, in which language, and what may be shown to them."""

from __future__ import annotations

from dataclasses import dataclass

from moodle_bridge.domain.answers.visibility import Audience
from moodle_bridge.domain.course.frame import Frame
from moodle_bridge.domain.instrument.wording import plural, say
from moodle_bridge.domain.session import both_sides

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

    def say(self, key: str, **facts: object) -> str:
        """A message in the view's language."""
        return say(self.catalogue.messages, key, self.language, **facts)

    def plural(self, key: str, number: int, **facts: object) -> str:
        """A message in the plural form that a number takes in the audience's language."""
        return plural(self.catalogue.messages, key, number, self.language, **facts)

    def title(self, instrument: str) -> str:
        """An instrument's title, as the session uses it."""
        known = self.instruments.get(instrument) or self.catalogue.instruments[instrument]
        return known.title[self.language]

    def name(self, person: int) -> str:
        """A participant's name."""
        return self.state.person(person).name

    @property
    def reads_answers(self) -> bool:
        """Whether the audience may read the mentees' answers behind a figure, by name.

        The coordinator may, and the mentors of the group. A mentor of one of several groups may not.
        """
        return self.audience == "coordinator" or (self.audience == "mentor" and len(self.groups) == 1)

    @property
    def levels_wait(self) -> bool:
        """Whether the levels of the session's goals are kept from mentors until they have rated them too."""
        return self.audience == "mentor" and both_sides.levels_wait(self)

    @property
    def reads_confidential(self) -> bool:
        """Whether the audience may read what only the coordinator reads; not who mentors the group as well.

        What mentees keep from their mentor may be about them.
        """
        return self.audience == "coordinator" and not self.mentors_here

    @property
    def mentors_here(self) -> bool:
        """Whether who looks mentors this group."""
        return any(mentor.id == self.person for mentor in self.members("mentor"))
