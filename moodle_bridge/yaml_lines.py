"""Reading YAML so that every value can say the line it stands in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import yaml

from moodle_bridge.errors import InstrumentError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Step = str | int


class Located:
    """One value of a YAML file with its place: file, line, and the path of keys that leads to it."""

    __slots__ = ("children", "file", "line", "path", "value")

    def __init__(self, value: Any, file: str, line: int, path: tuple[Step, ...]) -> None:
        self.value = value
        self.file = file
        self.line = line
        self.path = path
        self.children: dict[Step, Located] = {}

    def get(self, key: Step) -> Located | None:
        """The value under a key or index, or None."""
        return self.children.get(key)

    def refuse(self, message: str, item: str = "") -> NoReturn:
        """Raise :class:`InstrumentError` naming file, line and item."""
        where = f"{self.file}:{self.line}" + (f" ({item})" if item else "")
        raise InstrumentError(f"{where}: {message}", file=self.file, line=self.line, item=item)


def read(path: Path, shown: str = "") -> Located:
    """Parse one YAML file (mappings, lists and scalars; no duplicate keys, aliases or tags of its own).

    ``shown`` is how refusals call the file; without it by its name.
    """
    name = shown or path.name
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InstrumentError(f"{name}: cannot be read as UTF-8 text: {error}", file=name) from error
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise InstrumentError(f"{name}: the file is empty", file=name)
        return _convert(node, loader, name, (), set())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InstrumentError(f"{name}:{line}: {error.problem}", file=name, line=line) from error
    except yaml.YAMLError as error:
        raise InstrumentError(f"{name}: {error}", file=name) from error
    finally:
        loader.dispose()


def _convert(node: yaml.Node, loader: Any, file: str, path: tuple[Step, ...], seen: set[int]) -> Located:
    located = Located(None, file, node.start_mark.line + 1, path)
    if id(node) in seen:
        located.refuse("aliases are not used in these files")
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        located.value = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node)
            child = _convert(value_node, loader, file, (*path, key), seen)
            if not isinstance(key, str):
                child.refuse(f"the key {key!r} has to be a word")
            if key in located.children:
                child.refuse(f"{key!r} stands here twice")
            located.children[key] = child
            located.value[key] = child.value
    elif isinstance(node, yaml.SequenceNode):
        located.value = []
        for index, value_node in enumerate(node.value):
            child = _convert(value_node, loader, file, (*path, index), seen)
            located.children[index] = child
            located.value.append(child.value)
    else:
        located.value = loader.construct_object(node)
    return located
