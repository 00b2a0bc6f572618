"""Who may see what in the stand-in's pages: by role and present membership; fails closed."""

from __future__ import annotations

from moodle_bridge.contract.records import PersonRecord
from moodle_bridge.domain.answers import visibility
from moodle_bridge.domain.instrument.model import Variant
from moodle_bridge.sandbox.cast import ROLES
from moodle_bridge.sandbox.sqlite_file import Row


def role_of(person: PersonRecord | None) -> str:
    """The role somebody acts in: who is mentor and coordinator at once acts as coordinator."""
    return max(person.roles, key=ROLES.index) if person and person.active else ""


def is_mentee_of(mentor: PersonRecord, groupmode: str, group: int, author: PersonRecord | None) -> bool:
    """Whether a group's submission is by a mentee of this mentor, as the groups are now."""
    if "mentor" not in mentor.roles or author is None or "mentee" not in author.roles:
        return False
    if group:
        return group in mentor.groups and group in author.groups
    return groupmode == "none" or bool(set(mentor.groups) & set(author.groups))


def has_group_of(person: PersonRecord, groupmode: str, submission: Row, author: PersonRecord | None) -> bool:
    """Whether something was written in a group of this person."""
    if submission["group"]:
        return submission["group"] in person.groups
    shared = author is not None and bool(set(person.groups) & set(author.groups))
    return groupmode == "none" or (submission["respondent_role"] != "coordinator" and shared)


def may_read(
    person: PersonRecord | None,
    groupmode: str,
    submission: Row,
    author: PersonRecord | None,
    variant: Variant,
    *,
    waits: bool = False,
) -> bool:
    """Whether somebody may open a document of a submission (design: visibility, roles).

    ``person`` and ``author`` are participants of the session, or None when they are none. ``waits``: as a
    mentor this person has still to fill in a form of their own before reading this one.
    """
    if person is None or not person.active:
        return False
    coordinator = "coordinator" in person.roles
    readable = visibility.variant_for(
        submission["respondent_role"],
        own=person.id == submission["respondent"],
        mentored=is_mentee_of(person, groupmode, submission["group"], author),
        mentor="mentor" in person.roles,
        in_group=has_group_of(person, groupmode, submission, author),
        coordinator=coordinator,
        all_groups=coordinator,
    )
    if waits and readable == "mentor" and submission["respondent_role"] == "mentee":
        return False
    return visibility.opens(readable, variant, coordinator=coordinator)
