"""The functions that instrument files refer to by name, with the parameters that each takes.

A function is registered where it stands, by a decorator (``@registry.SOURCES("own_goals")``); its parameters
are the keyword-only ones of its signature, with their types. So a name, what it does and what
it takes stand together, on whichever floor it belongs to. :mod:`moodle_bridge.domain` imports the rooms that
register, so that every name is known before a file is read.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from moodle_bridge.domain.instrument.opening import Opening

Result = TypeVar("Result")
Given = ParamSpec("Given")
Thresholds = tuple[float, float, float]
"""The least values for 2, 3 and 4 of a proposed rating, rising."""
Names = tuple[str, ...]
"""Ids, such as those of instruments."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A step that the data propose for a criterion, and the figures that it rests on, in words."""

    step: int
    figures: str


class Functions(Generic[Result]):
    """The functions of one kind by name. Called with a name it gives the decorator that registers one."""

    def __init__(self) -> None:
        self._functions: dict[str, Callable[..., Result]] = {}

    def __call__(self, name: str) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
        """Register the decorated function under a name."""

        def register(function: Callable[Given, Result]) -> Callable[Given, Result]:
            if name in self._functions:
                raise ValueError(f"{name!r} is registered twice")
            self._functions[name] = function
            return function

        return register

    def __getitem__(self, name: str) -> Callable[..., Result]:
        return self._functions[name]

    def __contains__(self, name: object) -> bool:
        return name in self._functions

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def parameters(self, name: str) -> Mapping[str, object]:
        """The keyword parameters of a function and their types."""
        function = self._functions[name]
        hints = get_type_hints(function)
        return {
            each.name: hints[each.name]
            for each in inspect.signature(function).parameters.values()
            if each.kind is inspect.Parameter.KEYWORD_ONLY
        }

    def fault(self, name: object, given: Mapping[str, object]) -> str:
        """Describe what is wrong with a reference to a function; empty if nothing is."""
        if not isinstance(name, str) or name not in self:
            return f"{name!r} is not one of {', '.join(sorted(self))}"
        wanted = self.parameters(name)
        for key in wanted:
            if key not in given:
                return f"{name!r} needs the parameter {key!r}"
        for key, value in given.items():
            if key not in wanted:
                return f"{name!r} has no parameter {key!r}"
            if wanted[key] == Thresholds:
                if not _rises(value):
                    return f"{name!r}: {key!r} are three rising numbers"
            elif not _fits(value, wanted[key]):
                return f"{name!r}: the parameter {key!r} has a value of the wrong kind"
        return ""


SOURCES: Final = Functions[Sequence[Mapping[str, object]]]()
"""What makes the rows of a ``carried_table``."""

OPTION_SOURCES: Final = Functions[Sequence[Mapping[str, object]]]()
"""What makes options that depend on data; besides these, a table of the same form."""

LINES: Final = Functions[list[str]]()
"""Computed items: display lines."""

OPENINGS: Final = Functions[Opening]()
"""When a form opens within an open session, and what it waits for."""

PREFILLS: Final = Functions[Sequence[Mapping[str, object]]]()
"""What a table begins with."""

SUGGESTIONS: Final = Functions["Suggestion | None"]()
"""What proposes a rating of a criterion, and why."""

SIGNALS: Final = Functions[Iterator[Any]]()
"""The early-warning rules; their parameters are the thresholds of the vocabulary."""

ROW_FIGURES: Final = frozenset(
    {"person", "form_status", "planned_kind", "weak_point_cluster", "warnings_open", "mentor_review"}
)
"""Computed columns: the source of their table fills them in."""


def _fits(value: object, wanted: Any) -> bool:
    if isinstance(value, bool):
        return False
    if get_origin(wanted) is tuple:
        kind = get_args(wanted)[0]
        return isinstance(value, list | tuple) and all(isinstance(each, kind) for each in value)
    return isinstance(value, int | float if wanted is float else wanted)


def _rises(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 3
        and all(isinstance(step, int | float) for step in value)
        and sorted(value) == list(value)
    )
