"""Tag a brought form: the page's own text first, then every field after its label, in reading order.

The labels come from the instrument. They are laid over the page as text that is not drawn (rendering
mode 3), as text recognition does, so that each answer is found, copied and read aloud with its label
wherever the form's designer printed it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, NameObject, NumberObject

from moodle_bridge.pdf.adopt.brought import BroughtField
from moodle_bridge.pdf.syntax.conventions import FONT
from moodle_bridge.pdf.syntax.graph import Node, resolve
from moodle_bridge.pdf.syntax.matrix import upright
from moodle_bridge.pdf.syntax.objects import number
from moodle_bridge.pdf.text.fonts import Face

_SIZE = 2.0
_BAND = 6.0
"""Fields whose upper edges differ by less than this many points stand in one line."""
_MARKED = re.compile(rb"/[^\s/<>\[\]()]+\s*<<[^<>]*/MCID\s*\d+[^<>]*>>\s*BDC")
_ROW = re.compile(r"(.+)\.r(\d+)\.(.+)")


def in_reading_order(widgets: Sequence[BroughtField], rotation: int) -> list[BroughtField]:
    """Lines from the top of the page as it is shown, each from left to right."""

    def position(widget: BroughtField) -> tuple[float, float]:
        left, bottom, right, top = widget.box
        across, down = {90: (bottom, left), 180: (-right, bottom), 270: (-top, -right)}.get(
            rotation, (left, -top)
        )
        return round(down / _BAND), across

    return sorted(widgets, key=position)


class Tags:
    """The structure tree of one document while its pages are made.

    ``labels`` leads from the names of fields (rows as ``table.r*.column``, with ``{row}`` in the text)
    to labels, ``options`` from names to the labels of their states.
    """

    def __init__(
        self,
        writer: PdfWriter,
        face: Face,
        labels: Mapping[str, str],
        options: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._writer = writer
        self._face = face
        self._labels = labels
        self._options = options
        self._said: set[str] = set()
        root = DictionaryObject({NameObject("/Type"): NameObject("/StructTreeRoot")})
        self._root = writer._add_object(root)
        self._document = self._element("Document", self._root)
        root[NameObject("/K")] = ArrayObject([self._document])
        self._nums = ArrayObject()

    def page(
        self, page: Node, content: bytes, fields: Sequence[tuple[str, str, BroughtField, Node]]
    ) -> bytes:
        """The page's content with its tags and with a place for each field.

        ``fields`` are name, state, widget and reference, in the order of the page's annotations.
        """
        owners = ArrayObject()
        key = len(self._nums) // 2
        section = self._element("Sect", self._document)
        resolve(self._document)[NameObject("/K")].append(section)
        text = self._tagged("P", section, page, owners)
        pieces = [b"/P <</MCID %d>> BDC\nq\n%s\nQ\nEMC" % (text, _MARKED.sub(b"/Span BMC", content))]
        for index, (name, state, widget, reference) in enumerate(fields):
            question = self._element("P", section)
            resolve(section)[NameObject("/K")].append(question)
            label = self._label(name)
            if label:
                pieces.append(self._unseen(label, widget, question, page, owners))
            if not widget.push:
                self._answer(question, page, reference)
            pieces.append(b"\n%%@%d 1 0 0 1 0 0\n" % index)
            option = self._option(name, state)
            if option:
                pieces.append(self._unseen(option, widget, question, page, owners))
        self._nums += [NumberObject(key), self._writer._add_object(owners)]
        resolve(page)[NameObject("/StructParents")] = NumberObject(key)
        return b"\n".join(pieces)

    def finish(self, catalog: Node) -> None:
        """Hang the tree into the document."""
        root = resolve(self._root)
        tree = DictionaryObject({NameObject("/Nums"): self._nums})
        root[NameObject("/ParentTree")] = self._writer._add_object(tree)
        root[NameObject("/ParentTreeNextKey")] = NumberObject(len(self._nums) // 2)
        catalog[NameObject("/StructTreeRoot")] = self._root
        catalog[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(True)})

    # -- labels -----------------------------------------------------------------------------

    def _label(self, name: str) -> str:
        """What to say before a field; a group of buttons is introduced once."""
        pattern, row = _pattern(name)
        asked = name
        if pattern not in self._labels:
            # A check box of a question with several answers: ``item.code``.
            asked = pattern = name.rpartition(".")[0]
        if pattern in self._options:
            if asked in self._said:
                return ""
            self._said.add(asked)
        return self._labels.get(pattern, "").replace("{row}", row)

    def _option(self, name: str, state: str) -> str:
        """What a button stands for."""
        pattern, _ = _pattern(name)
        if pattern in self._options:
            return self._options[pattern].get(state, "")
        item, _, code = name.rpartition(".")
        return self._options.get(item, {}).get(code, "")

    def _unseen(
        self, text: str, widget: BroughtField, parent: Node, page: Node, owners: ArrayObject
    ) -> bytes:
        """Text at the upper edge of a field that readers find and nobody sees."""
        (a, b, c, d, e, f), _, height = upright(widget.rotation, widget.box)
        frame = (a, b, c, d, e + c * height, f + d * height)
        clean = self._face.cleaner.clean(text, set()).replace("\n", " ")
        return b"\n/Lbl <</MCID %d>> BDC q BT 3 Tr %s %s Tf %s Tm %s Tj ET Q EMC" % (
            self._tagged("Lbl", parent, page, owners),
            FONT.encode("ascii"),
            number(_SIZE).encode("ascii"),
            " ".join(number(v) for v in frame).encode("ascii"),
            self._face.encode(clean + " "),
        )

    # -- elements ---------------------------------------------------------------------------

    def _element(self, tag: str, parent: Node) -> Any:
        return self._writer._add_object(
            DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/StructElem"),
                    NameObject("/S"): NameObject(f"/{tag}"),
                    NameObject("/P"): parent,
                    NameObject("/K"): ArrayObject(),
                }
            )
        )

    def _tagged(self, tag: str, parent: Node, page: Node, owners: ArrayObject) -> int:
        """A new element for the next marked content of a page; returns the content's number."""
        element = self._element(tag, parent)
        mcid = len(owners)
        resolve(element).update({NameObject("/K"): NumberObject(mcid), NameObject("/Pg"): page})
        resolve(parent)["/K"].append(element)
        owners.append(element)
        return mcid

    def _answer(self, parent: Node, page: Node, reference: Node) -> None:
        """An element that holds a field, and later the answer in its place."""
        element = self._element("Form", parent)
        held = DictionaryObject(
            {NameObject("/Type"): NameObject("/OBJR"), NameObject("/Obj"): reference, NameObject("/Pg"): page}
        )
        resolve(element)[NameObject("/K")] = held
        resolve(parent)["/K"].append(element)


def _pattern(name: str) -> tuple[str, str]:
    """The name that stands for all rows of a table, and the row's number."""
    row = _ROW.fullmatch(name)
    return (f"{row[1]}.r*.{row[3]}", row[2]) if row else (name, "")
