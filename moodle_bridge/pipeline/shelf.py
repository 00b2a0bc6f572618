"""Answers of more forms than fit in memory: what is long stays in the database until somebody asks for it.

Figures ask for ticks and numbers of everybody, again and again: those are at hand. Long texts are asked for
few at a time; the last ones that were read are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Engine

from moodle_bridge.contract.records import SubmissionRecord
from moodle_bridge.plain_json import Json, JsonObject
from moodle_bridge.store import records

ROOM = 16_000_000
"""Characters of answers that are at hand, and as many again of those that were read last."""

LONG = 200
"""What has more characters is not kept at hand once the room is used up."""


class Shelf:
    """The answers of one process; ``room`` in characters."""

    def __init__(self, engine: Engine, room: int = ROOM) -> None:
        self._engine = engine
        self._room = self._left = room
        self._read: OrderedDict[str, tuple[SubmissionRecord, int]] = OrderedDict()
        self._held = 0

    def place(self, form: SubmissionRecord) -> SubmissionRecord:
        """A form as it is while there is room, then without what is long in its answers and carried rows."""
        answers = {name: _length(value) for name, value in form.answers.items()}
        carried = {name: _length(value) for name, value in form.carried.items()}
        self._left -= sum(answers.values()) + sum(carried.values())
        if self._left > 0:
            return form
        return replace(
            form,
            answers=_Answers(self, form.id, "answers", form.answers, answers),
            carried=_Answers(self, form.id, "carried", form.carried, carried),
        )

    def fetch(self, form: str) -> SubmissionRecord | None:
        """A form with everything in it; None if it was deleted meanwhile."""
        if form in self._read:
            self._read.move_to_end(form)
            return self._read[form][0]
        found = records.submission(self._engine, form)
        if found is not None:
            size = _length(found.answers) + _length(found.carried)
            self._read[form] = (found, size)
            self._held += size
            while self._held > self._room and len(self._read) > 1:
                self._held -= self._read.popitem(last=False)[1][1]
        return found


class _Answers(Mapping[str, Json]):
    """Answers of which the long ones are fetched when somebody asks for them."""

    __slots__ = ("_form", "_kind", "_long", "_shelf", "_short")

    def __init__(
        self, shelf: Shelf, form: str, kind: str, answers: JsonObject, lengths: Mapping[str, int]
    ) -> None:
        self._shelf, self._form, self._kind = shelf, form, kind
        self._short = {name: value for name, value in answers.items() if lengths[name] <= LONG}
        self._long = tuple(name for name in answers if lengths[name] > LONG)

    def __getitem__(self, name: str) -> Json:
        if name in self._short:
            return self._short[name]
        if name not in self._long:
            raise KeyError(name)
        form = self._shelf.fetch(self._form)
        whole: JsonObject = {} if form is None else form.answers if self._kind == "answers" else form.carried
        return whole.get(name)

    def __contains__(self, name: object) -> bool:
        return name in self._short or name in self._long

    def __iter__(self) -> Iterator[str]:
        yield from self._short
        yield from self._long

    def __len__(self) -> int:
        return len(self._short) + len(self._long)


def _length(value: Json) -> int:
    """About how many characters a value has."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(len(name) + _length(each) for name, each in value.items())
    if isinstance(value, list | tuple):
        return sum(_length(each) for each in value)
    return 8
