"""Compare records with golden exchanges, in which Moodle leaves out what does not apply."""

from __future__ import annotations

from typing import Any

LEFT_OUT = ("left", "why")
"""Fields that only those have who are gone."""


def as_moodle_says(said: Any) -> Any:
    """The same without the fields that Moodle leaves out where they do not apply."""
    if isinstance(said, list):
        return [as_moodle_says(each) for each in said]
    if isinstance(said, dict):
        return {key: as_moodle_says(value) for key, value in said.items() if key not in LEFT_OUT or value}
    return said
