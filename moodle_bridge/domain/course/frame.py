"""One session of a course in one group or in all of them: what is worked out here is worked out for a frame.

A frame says nothing of who looks (:class:`moodle_bridge.domain.session.view.View` does), so no figure of it
can depend on that.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

from moodle_bridge.domain.course.lookup import instruments_of
from moodle_bridge.domain.course.model import (
    EVERYBODY,
    Participant,
    Process,
    Role,
    Session,
    Submission,
    Target,
)
from moodle_bridge.domain.instrument.model import Catalogue, Instrument

Given = ParamSpec("Given")
Found = TypeVar("Found")


class AllGroups(enum.Enum):
    """The type of :data:`ALL_GROUPS`."""

    ALL_GROUPS = enum.auto()


ALL_GROUPS: Final = AllGroups.ALL_GROUPS
"""Every group of a session at once; also right where a session has no groups."""


def one_or_all(group_id: int) -> int | AllGroups:
    """The group of that id; for the one that everybody is in (the contract's 0) all of them."""
    return ALL_GROUPS if group_id == EVERYBODY else group_id


@dataclass(frozen=True, slots=True)
class Frame:
    """One session of a course, in one group or in :data:`ALL_GROUPS`; never in the group of everybody."""

    catalogue: Catalogue
    state: Process
    session: Session
    group: int | AllGroups

    def __post_init__(self) -> None:
        if self.group == EVERYBODY:
            raise ValueError("say ALL_GROUPS, not the group of everybody")

    @property
    def group_id(self) -> int:
        """The group's id; for all groups the one that everybody is in, as in the contract."""
        return EVERYBODY if isinstance(self.group, AllGroups) else self.group

    @property
    def groups(self) -> tuple[int, ...]:
        """The ids of the groups meant, one by one."""
        return self.state.session_groups(self.session) if isinstance(self.group, AllGroups) else (self.group,)

    @property
    def together(self) -> bool:
        """Whether the session is held without groups."""
        return self.state.session_groups(self.session) == (EVERYBODY,)

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """Every instrument in the version that this session uses; without those not known here."""
        key = (instruments_of, id(self.catalogue), self.session)
        return self.state.remember(key, lambda: instruments_of(self.catalogue, self.session))

    def by_group(self) -> tuple[Self, ...]:
        """A frame for each group meant."""
        return tuple(self.in_group(group) for group in self.groups)

    def in_group(self, group_id: int) -> Self:
        """The same session in the group of that id."""
        return dataclasses.replace(self, group=one_or_all(group_id))

    def at(self, session: Session) -> Self:
        """The same group in another session."""
        return dataclasses.replace(self, session=session)

    def before(self) -> Self | None:
        """The same group one session before."""
        earlier = self.state.before(self.session)
        return None if earlier is None else self.at(earlier)

    def until(self) -> tuple[Self, ...]:
        """The same group in every session up to and including this one."""
        return tuple(self.at(session) for session in self.state.until(self.session))

    def submitted(self) -> tuple[Submission, ...]:
        """The latest version of every form of this session and group."""
        return self.state.submitted(self.session.id, self.group_id)

    def members(self, role: Role) -> tuple[Participant, ...]:
        """The people of a role who belong to this session and group, by name."""
        return self.state.enrolled(self.session, self.group_id, role)

    def history(self, person: int) -> tuple[Submission, ...]:
        """A person's latest forms in this group up to and including this session, oldest first."""
        known = {session.id for session in self.state.until(self.session)}
        return tuple(each for each in self.state.history(person, self.group_id) if each.session in known)


def frame_of(catalogue: Catalogue, state: Process, target: Target) -> Frame:
    """The session and group of a form."""
    return Frame(catalogue, state, state.session(target.session), one_or_all(target.group))


def once(
    function: Callable[Concatenate[Frame, Given], Found],
) -> Callable[Concatenate[Frame, Given], Found]:
    """Work a figure out once for a frame, whoever looks: every summary of a group asks for the same ones.

    For pure functions of a frame whose other arguments can be hashed and stand in order.
    """

    @functools.wraps(function)
    def remembered(frame: Frame, /, *given: Given.args, **named: Given.kwargs) -> Found:
        key = (function, id(frame.catalogue), frame.session, frame.group, given, *named.items())
        return frame.state.remember(key, lambda: function(frame, *given, **named))

    return remembered
