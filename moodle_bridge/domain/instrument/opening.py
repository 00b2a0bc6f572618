"""What a rule says of a form that may wait for others: since when it is open, or what it waits for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether somebody's form can be filled in within its session; times are UTC epoch seconds."""

    is_open: bool
    opened: int = 0
    """When it opened for this person; 0: not yet, or no time is known."""
    reason: str = ""
    """The message that says why it is closed."""
    waits_for: int = 0
    """How many others' forms it still waits for; of an open one how many have not come."""
    latest: int = 0
    """When it opens at the latest; 0: without such a time."""
    concerns: bool = True
    """Whether the form makes sense for this person at all: nobody to wait for, nothing to fill in."""
