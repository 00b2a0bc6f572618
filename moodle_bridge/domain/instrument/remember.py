"""Remember what is worked out from instruments and items, which hold mappings and so have no hash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_MOST_REMEMBERED = 4096


class Memory(Generic[T]):
    """A function of a thing and of simple values that works everything out once.

    What it remembers keeps the thing alive, so nothing else can have its identity meanwhile.
    """

    def __init__(self, work_out: Callable[..., T]) -> None:
        self._work_out = work_out
        self._kept: dict[tuple[object, ...], tuple[object, T]] = {}

    def __call__(self, thing: object, *rest: str | int) -> T:
        key = (id(thing), *rest)
        known = self._kept.get(key)
        if known is None:
            if len(self._kept) > _MOST_REMEMBERED:
                self._kept.clear()
            known = self._kept[key] = (thing, self._work_out(thing, *rest))
        return known[1]
