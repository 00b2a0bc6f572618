"""Layers (optional content, ISO 32000-1, 8.11) as the form opens: what is off, and content without it.

A brought form's layers become its page: what was seen stays, what was switched off is not drawn.
"""

from __future__ import annotations

from collections.abc import Collection

from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
)

from moodle_bridge.pdf.adopt.operators import operations
from moodle_bridge.pdf.syntax.graph import Node, resolve

_PAINT = frozenset({b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"})
_SHOW = {b"Tj": b"", b"TJ": b"", b"'": b"T*", b'"': b"T*", b"Do": b"", b"sh": b"", b"BI": b""}
"""What shows something, and what is left of it where it is not to be seen: the next line all the same."""
_MARKS = frozenset({b"BDC", b"BMC"})
_PACKING = ("/Length", "/Filter", "/DecodeParms")


class Layers:
    """Which layers of a document are off."""

    def __init__(self, catalog: Node) -> None:
        self._off: set[int] = set()
        self._cleared: dict[int, Node] = {}
        properties = resolve(catalog.get("/OCProperties"))
        if not isinstance(properties, DictionaryObject):
            return
        usual = resolve(properties.get("/D"))
        usual = usual if isinstance(usual, DictionaryObject) else DictionaryObject()
        if usual.get("/BaseState") == "/OFF":
            self._off = _numbers(properties.get("/OCGs")) - _numbers(usual.get("/ON"))
        self._off |= _numbers(usual.get("/OFF"))

    def __bool__(self) -> bool:
        """Whether anything is off."""
        return bool(self._off)

    def off(self, reference: Node) -> bool:
        """Whether what belongs to a layer, or to several under a policy, is not to be seen."""
        if isinstance(reference, IndirectObject) and reference.idnum in self._off:
            return True
        group = resolve(reference)
        if not self._off or not isinstance(group, DictionaryObject) or group.get("/Type") != "/OCMD":
            return False
        members = group.raw_get("/OCGs") if "/OCGs" in group else None
        listed = resolve(members)
        members = list.__iter__(listed) if isinstance(listed, ArrayObject) else [members]
        states = [not self.off(member) for member in members if resolve(member) is not None]
        policy = str(group.get("/P", "/AnyOn"))
        if not states:
            return False
        return not {
            "/AllOn": all(states),
            "/AnyOff": not all(states),
            "/AllOff": not any(states),
        }.get(policy, any(states))

    def unseen(self, resources: Node) -> set[bytes]:
        """The names under which a page's content speaks of layers that are off."""
        held = resolve(resources.get("/Properties")) if isinstance(resources, DictionaryObject) else None
        if not self._off or not isinstance(held, DictionaryObject):
            return set()
        return {key.encode() for key in held if self.off(held.raw_get(key))}

    def clear(self, resources: Node) -> None:
        """Empty every drawing and picture that is in a layer that is off, all the way down."""
        waiting = [resolve(resources)]
        while waiting:
            here = waiting.pop()
            if not isinstance(here, DictionaryObject) or id(here) in self._cleared:
                continue
            self._cleared[id(here)] = here
            for holder in (resolve(here.get("/XObject")), resolve(here.get("/Pattern"))):
                for key in list(holder) if isinstance(holder, DictionaryObject) else ():
                    thing = resolve(holder[key])
                    if not isinstance(thing, StreamObject):
                        continue
                    if "/OC" in thing and self.off(thing.raw_get("/OC")):
                        holder[NameObject(key)] = _nothing()
                        continue
                    inner = resolve(thing.get("/Resources"))
                    names = self.unseen(inner)
                    if names and thing.get("/Subtype") != "/Image":
                        data = settled(thing.get_data(), names)
                        plain = DecodedStreamObject()
                        plain.update({k: thing.raw_get(k) for k in thing if k not in _PACKING})
                        plain.set_data(data)
                        holder[NameObject(key)] = plain
                    waiting.append(inner)


def _nothing() -> StreamObject:
    empty = DecodedStreamObject()
    empty.set_data(b"")
    empty.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject([NumberObject(value) for value in (0, 0, 1, 1)]),
        }
    )
    return empty


def settled(content: bytes, unseen: Collection[bytes]) -> bytes:
    """Content that leaves no state open, has none of the form's own tags, and draws no layer that is off.

    ``unseen`` are the names of such layers.
    """
    pieces: list[bytes] = []
    kept = 0
    open_marks: list[bool] = []
    hidden = saved = 0
    text = False
    for name, operands, start, end in operations(content):
        new: bytes | None = None
        if name == b"q":
            saved += 1
        elif name == b"Q":
            if saved:
                saved -= 1
            else:
                new = b""
        elif name == b"BT":
            text = True
        elif name == b"ET":
            text = False
        elif name in _MARKS:
            off = name == b"BDC" and operands[:1] == [b"/OC"] and operands[-1] in unseen
            open_marks.append(off)
            hidden += off
            if name == b"BDC" and b"/MCID" in operands:
                new = b"/Span BMC"
        elif name == b"EMC":
            if open_marks:
                hidden -= open_marks.pop()
            else:
                new = b""
        elif hidden:
            new = b"n" if name in _PAINT else _SHOW.get(name)
        if new is not None:
            pieces += (content[kept:start], b" ", new, b" ")
            kept = end
    pieces.append(content[kept:])
    closing = [b"ET"] * text + [b"EMC"] * len(open_marks) + [b"Q"] * saved
    return b"".join(pieces) + (b"\n" + b" ".join(closing) if closing else b"")


def _numbers(holder: Node) -> set[int]:
    holder = resolve(holder)
    references = list.__iter__(holder) if isinstance(holder, ArrayObject) else ()
    return {reference.idnum for reference in references if isinstance(reference, IndirectObject)}
