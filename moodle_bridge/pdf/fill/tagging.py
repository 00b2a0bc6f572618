"""Tag a document put together of strips: one tree of elements over the marked content of its pages.

The rows of a table, which are strips of their own, stand under one Table after its heads; an answer that goes
on on another page is one element (ISO 32000-1, 14.7; ISO 14289-1, 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from moodle_bridge.pdf.fill.elastic import Piece
from moodle_bridge.pdf.program.record import Kid, RecordNumbers
from moodle_bridge.pdf.syntax.objects import text_string


class Where(NamedTuple):
    """Marked content: a page's index and the number on it."""

    page: int
    mcid: int


class Trace:
    """Where the content of one piece stands."""

    __slots__ = ("base", "image", "runs", "shift")

    def __init__(self, cells: int) -> None:
        self.base = Where(0, 0)
        """The first of what its strip always draws."""
        self.shift = 0.0
        """How much higher it stands than in the template."""
        self.runs: list[list[tuple[int, Where]]] = [[] for _ in range(cells)]
        """Per text its runs, each with the item of the list that it belongs to."""
        self.image: Where | None = None


class Tagging:
    """The structure elements of a document, as objects of its file numbered from ``first`` on."""

    def __init__(
        self, numbers: RecordNumbers, pages: Sequence[int], marked: Sequence[int], first: int
    ) -> None:
        self._numbers = numbers
        self._pages = pages
        self._next = first
        self._objects: list[tuple[int, bytes]] = []
        self._parents = [[0] * count for count in marked]

    def objects(self, pieces: Sequence[Piece], traces: Sequence[Trace], logo: str) -> list[tuple[int, bytes]]:
        """Every element, and the tree from marked content to them; ``logo`` says what the picture shows."""
        kids: list[bytes] = []
        index = 0
        while index < len(pieces):
            end = index + 1
            table = pieces[index].table
            while table and end < len(pieces) and pieces[end].table == table:
                end += 1
            if table:
                kids.append(self._table(pieces[index:end], traces[index:end]))
            else:
                kids += self._roots(pieces[index], traces[index], self._numbers.document, logo)
            index = end
        numbers = self._numbers
        self._objects.append((numbers.document, _written("Document", numbers.structure, b"", kids)))
        nums = b" ".join(
            b"%d[%s]" % (page, b" ".join([b"%d 0 R" % parent for parent in parents]))
            for page, parents in enumerate(self._parents)
        )
        self._objects.append((numbers.parents, b"<</Nums[%s]>>" % nums))
        tree = b"<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>"
        root = tree % (numbers.document, numbers.parents, len(self._pages))
        self._objects.append((numbers.structure, root))
        return self._objects

    @property
    def end(self) -> int:
        """The first object number that was not used."""
        return self._next

    def _table(self, pieces: Sequence[Piece], traces: Sequence[Trace]) -> bytes:
        """One table: its first piece has the heads of the columns, the others are rows."""
        table = self._number()
        groups = []
        for name, first, end in (("THead", 0, 1), ("TBody", 1, len(pieces))):
            group = self._number()
            rows: list[bytes] = []
            for piece, trace in zip(pieces[first:end], traces[first:end], strict=True):
                rows += self._roots(piece, trace, group, "")
            groups.append(self._write(group, name, table, b"", rows))
        return self._write(table, "Table", self._numbers.document, b"", groups)

    def _roots(self, piece: Piece, trace: Trace, parent: int, logo: str) -> list[bytes]:
        elements = [self._element(piece, trace, root, parent, logo) for root in piece.strip.roots]
        return [element for element in elements if element]

    def _element(self, piece: Piece, trace: Trace, index: int, parent: int, logo: str) -> bytes:
        """Write an element and what is in it; nothing if there is nothing in it."""
        tag = piece.strip.tags[index]
        own = self._number()
        name, attributes = tag.name, tag.attributes
        kids: list[bytes] = []
        for kid in tag.kids:
            if kid.kind == "element":
                kids.append(self._element(piece, trace, kid.at, own, logo))
            elif kid.kind == "cell" and kid.at < len(piece.texts) and piece.texts[kid.at].items:
                if name == "P":
                    name = "L"
                    kids += self._items(trace.runs[kid.at], own)
                else:
                    kids.append(self._list(trace.runs[kid.at], own))
            else:
                kids += [self._content(where, own) for where in _wheres(trace, kid)]
        if not any(kids) and name not in ("TD", "TH"):
            return b""
        if name == "Figure":
            attributes = b"/Alt" + text_string(logo)
        return self._write(own, name, parent, attributes, kids)

    def _list(self, runs: Sequence[tuple[int, Where]], parent: int) -> bytes:
        own = self._number()
        return self._write(own, "L", parent, b"", self._items(runs, own))

    def _items(self, runs: Sequence[tuple[int, Where]], parent: int) -> list[bytes]:
        """The items of a list, each a body of its own."""
        found = []
        for item in sorted({item for item, _ in runs}):
            outer, inner = self._number(), self._number()
            content = [self._content(where, inner) for each, where in runs if each == item]
            body = self._write(inner, "LBody", outer, b"", content)
            found.append(self._write(outer, "LI", parent, b"", [body]))
        return found

    def _content(self, where: Where, owner: int) -> bytes:
        self._parents[where.page][where.mcid] = owner
        return b"<</Type/MCR/Pg %d 0 R/MCID %d>>" % (self._pages[where.page], where.mcid)

    def _write(self, own: int, name: str, parent: int, attributes: bytes, kids: Sequence[bytes]) -> bytes:
        self._objects.append((own, _written(name, parent, attributes, kids)))
        return b"%d 0 R" % own

    def _number(self) -> int:
        self._next += 1
        return self._next - 1


def _written(name: str, parent: int, attributes: bytes, kids: Sequence[bytes]) -> bytes:
    inner = b" ".join([kid for kid in kids if kid])
    return b"<</Type/StructElem/S/%s/P %d 0 R%s/K[%s]>>" % (name.encode("ascii"), parent, attributes, inner)


def _wheres(trace: Trace, kid: Kid) -> list[Where]:
    if kid.kind == "content":
        return [Where(trace.base.page, trace.base.mcid + kid.at)]
    if kid.kind == "image":
        return [trace.image] if trace.image else []
    return [where for _, where in trace.runs[kid.at]] if kid.at < len(trace.runs) else []
