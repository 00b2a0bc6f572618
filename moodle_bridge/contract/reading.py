"""Reading a record of the contract by the types of its own fields, so that none is spelt out twice."""

from __future__ import annotations

import dataclasses
import inspect
from collections import abc
from collections.abc import Callable, Mapping
from functools import partial
from types import NoneType, UnionType
from typing import Literal, Self, TypeVar, get_args, get_origin

from moodle_bridge.plain_json import JsonObject, flag, obj, objects, text, texts, whole, wholes, word

Reader = Callable[[JsonObject, str], object]
T = TypeVar("T")
_OURS = "ours"
_VALUES: Mapping[object, Reader] = {str: text, int: whole, bool: flag}
_LISTS: Mapping[object, Reader] = {str: texts, int: wholes}


class Record:
    """A frozen dataclass that can be read from a message: every field by its name and type."""

    __slots__ = ()

    @classmethod
    def of(cls, record: JsonObject) -> Self:
        """Read one; a field with a default may be missing. Raises :class:`WrongField`."""
        return read(cls, record)


def ours(default: T) -> T:
    """A field that no message holds; ``default`` until we fill it."""
    return dataclasses.field(default=default, metadata={_OURS: True})


def read(kind: type[T], record: JsonObject, **given: object) -> T:
    """Make a record of a message, with the fields ``given`` besides."""
    values = {
        name: reader(record, name)
        for name, reader, needed in _known.get(kind) or _known.setdefault(kind, _fields(kind))
        if name not in given and (needed or name in record)
    }
    make: Callable[..., T] = kind
    return make(**values, **given)


_Fields = tuple[tuple[str, Reader, bool], ...]
_known: dict[type, _Fields] = {}


def _fields(kind: type) -> _Fields:
    """Name and reader of every field that messages hold, and whether each message has to."""
    types = inspect.get_annotations(kind, eval_str=True)
    return tuple(
        (field.name, _reader(types[field.name]), field.default is dataclasses.MISSING)
        for field in dataclasses.fields(kind)
        if _OURS not in field.metadata
    )


def _reader(kind: object) -> Reader:
    """Choose the function that reads a field of this type."""
    if kind in _VALUES:
        return _VALUES[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return partial(word, words=inner)
    if origin is abc.Mapping:
        return obj
    if origin is tuple:
        return _list_reader(inner[0])
    if origin is UnionType and NoneType in inner:
        return _reader(next(each for each in inner if each is not NoneType))
    if isinstance(kind, type) and issubclass(kind, Record):
        return lambda record, name: kind.of(obj(record, name))
    raise TypeError(f"there is no reader of {kind}")


def _list_reader(kind: object) -> Reader:
    if kind in _LISTS:
        return _LISTS[kind]
    if get_origin(kind) is Literal:
        return lambda record, name: tuple(
            word({name: each}, name, get_args(kind)) for each in texts(record, name)
        )
    if isinstance(kind, type) and issubclass(kind, Record):
        return lambda record, name: tuple(kind.of(each) for each in objects(record, name))
    raise TypeError(f"there is no reader of a list of {kind}")
