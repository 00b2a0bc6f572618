"""The process that reads a brought form: job and file on standard input, one JSON answer out.

Runs alone under limits. It copies nothing but page contents, their resources and the fields it
understands into a new document, so scripts, actions, XFA and anything unknown stay behind. Then it
compiles the result once, to be sure that the service can.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from pypdf import PdfReader, PdfWriter, apply_configuration
from pypdf.errors import DependencyError
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from moodle_bridge.errors import TemplateError
from moodle_bridge.pdf.adopt.brought import (
    BroughtField,
    Unusable,
    obstacles_of,
    page_box,
    page_resources,
    widgets_of,
)
from moodle_bridge.pdf.adopt.tags import Tags, in_reading_order
from moodle_bridge.pdf.program.flatten import flatten
from moodle_bridge.pdf.syntax.conventions import ANSWER_MARK, FONT, INK, PAGE_MARK
from moodle_bridge.pdf.syntax.graph import Node, resolve
from moodle_bridge.pdf.syntax.pack import whole_file
from moodle_bridge.pdf.text.fonts import face_of
from moodle_bridge.pdf.text.typeface import embed_font

MOST_PAGES = 40
MOST_CONTENT = 8_000_000
_LIMITS: dict[str, Any] = {
    "zlib_maximum_output_length": 20_000_000,
    "lzw_maximum_output_length": 20_000_000,
    "run_length_maximum_output_length": 20_000_000,
    "array_based_stream_maximum_output_length": 20_000_000,
    "stream_decoding_work_maximum_length": 60_000_000,
    "maximum_declared_stream_length": 20_000_000,
    "page_tree_maximum_entries": 1_000,
    "form_fields_maximum_entries": 5_000,
    "form_fields_maximum_depth": 24,
    "page_tree_maximum_depth": 24,
}


def main() -> None:
    """Read the job, write the answer; every failure is an answer with a reason."""
    logging.disable(logging.CRITICAL)
    size = int.from_bytes(sys.stdin.buffer.read(4), "big")
    job = json.loads(sys.stdin.buffer.read(size))
    data = sys.stdin.buffer.read()
    try:
        with apply_configuration(**_LIMITS):
            answer = read_form(data, job)
    except Unusable as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "the form takes too much memory to read"}
    except RecursionError:
        answer = {"refused": "the form nests deeper than any form does"}
    except Exception as error:
        answer = {"refused": f"the form is damaged: {type(error).__name__}"}
    sys.stdout.write(json.dumps(answer))


def read_form(data: bytes, job: dict[str, Any]) -> dict[str, Any]:
    """Make a template of a form; raises :class:`Unusable` with the reason if there is one not to."""
    if b"%PDF-" not in data[:1024]:
        raise Unusable("the file is not a PDF")
    protected = "the form is encrypted: save it without a password"
    try:
        reader = PdfReader(io.BytesIO(data))
    except DependencyError as error:  # modern encryption, which pypdf reads only with another library
        raise Unusable(protected) from error
    if reader.is_encrypted:
        raise Unusable(protected)
    catalog = resolve(reader.trailer["/Root"])
    acro = resolve(catalog.get("/AcroForm"))
    if not isinstance(acro, DictionaryObject):
        raise Unusable("the form has no fields (no AcroForm)")
    fields = resolve(acro.get("/Fields"))
    if not isinstance(fields, ArrayObject) or not len(fields):
        kind = "is an XFA form without fields" if "/XFA" in acro else "has no fields (no AcroForm)"
        raise Unusable(f"the form {kind}: save it as an AcroForm")
    if len(reader.pages) > MOST_PAGES:
        raise Unusable(f"the form has more than {MOST_PAGES} pages")
    return _Builder(reader, catalog, acro, job).build()


class _Builder:
    def __init__(self, reader: PdfReader, catalog: Node, acro: Node, job: dict[str, Any]) -> None:
        self._reader = reader
        self._catalog = catalog
        self._acro = acro
        self._job = job
        self._writer = PdfWriter()
        self._repaired: Counter[str] = Counter()
        self._matched: list[str] = []
        self._unknown: list[str] = []
        self._tree: dict[str, Any] = {}
        self._fields = dict(job["mapping"].get("fields", {}))
        self._states = dict(job["mapping"].get("states", {}))
        self._known = {_pattern(name) for name in job["known"]}

    def build(self) -> dict[str, Any]:
        self._note_stripped()
        font = self._font()
        face = face_of(resolve(font))
        self._tags = Tags(self._writer, face, self._job["labels"], self._job["options"])
        obstacles: Counter[str] = Counter()
        fonts: set[str] = set()
        total = 0
        widgets = widgets_of(self._reader, self._acro)
        for index, page in enumerate(self._reader.pages):
            contents = page.get_contents()
            content = b"" if contents is None else contents.get_data()
            total += len(content)
            if total > MOST_CONTENT:
                raise Unusable("the form's pages hold more than any form does")
            resources = page_resources(page, content)
            obstacles.update(obstacles_of(resources, content, fonts))
            self._page(page, resources, content, widgets.get(index, []), font)
        if not self._matched:
            names = ", ".join(sorted(set(self._unknown))[:8])
            raise Unusable(f"no field of the form matches an item of the instrument; its fields are {names}")
        self._finish(font, archival=not obstacles)
        template = whole_file(self._writer)
        try:
            flatten(template)
        except TemplateError as error:
            raise Unusable(f"the form cannot be compiled: {error.message}") from error
        return {
            "template": base64.b64encode(template).decode("ascii"),
            "matched": sorted(set(self._matched)),
            "unknown": sorted(set(self._unknown)),
            "repaired": [
                f"{reason} ({count})" if count > 1 else reason for reason, count in self._repaired.items()
            ],
            "fonts": sorted(fonts),
            "obstacles": [f"{what} ({count})" if count > 1 else what for what, count in obstacles.items()],
        }

    def _note_stripped(self) -> None:
        for holder, keys in (
            (self._catalog, ("/OpenAction", "/AA", "/NeedsRendering", "/URI", "/Collection")),
            (self._acro, ("/XFA", "/NeedAppearances", "/CO", "/SigFlags")),
        ):
            for key in keys:
                if key in holder:
                    self._repaired[f"left out {key[1:]}"] += 1
        names = resolve(self._catalog.get("/Names"))
        if isinstance(names, DictionaryObject):
            for key in ("/JavaScript", "/EmbeddedFiles"):
                if key in names:
                    self._repaired[f"left out {key[1:]}"] += 1
        if "/StructTreeRoot" in self._catalog:
            self._repaired["tagged the form anew: its tags described empty fields"] += 1
        else:
            self._repaired["tagged the form: its text, and every answer after its label"] += 1

    def _font(self) -> Node:
        with open(self._job["font"], "rb") as file:
            font = TTFont(io.BytesIO(file.read()), recalcTimestamp=False)
        return embed_font(self._writer, font)

    def _page(
        self, page: Node, resources: DictionaryObject, content: bytes, widgets: list[BroughtField], font: Node
    ) -> None:
        left, bottom, right, top = page_box(page)
        rotation = _rotation(page)
        copy = resources.clone(self._writer) if len(resources) else DictionaryObject()
        _strip(copy)
        fonts = DictionaryObject(resolve(copy.get("/Font")) or {})
        fonts[NameObject(FONT)] = font
        copy[NameObject("/Font")] = fonts
        annotations = ArrayObject()
        new = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Page"),
                NameObject("/MediaBox"): _box(left, bottom, right, top),
                NameObject("/Resources"): copy,
                NameObject("/Rotate"): NumberObject(rotation),
                NameObject("/Annots"): annotations,
                NameObject("/Tabs"): NameObject("/S"),
            }
        )
        reference = self._writer._add_object(new)
        pages = self._pages_root()
        new[NameObject("/Parent")] = pages
        root = resolve(pages)
        root["/Kids"].append(reference)
        root[NameObject("/Count")] = NumberObject(len(root["/Kids"]))
        fields = []
        for widget in in_reading_order(widgets, rotation):
            name = self._fields.get(widget.name, widget.name)
            added = self._widget(name, widget)
            if added is not None:
                state = self._state(name, widget) if widget.kind == "button" else ""
                annotations.append(added)
                fields.append((name, state, widget, added))
        stream = DecodedStreamObject()
        # Our own marks mean nothing in a file that somebody else made.
        own = ANSWER_MARK.sub(b"\n", content).split(PAGE_MARK)[0]
        stream.set_data(self._tags.page(reference, own, fields))
        new[NameObject("/Contents")] = self._writer._add_object(stream.flate_encode())

    def _pages_root(self) -> Node:
        catalog: Node = self._writer.root_object
        return catalog.raw_get("/Pages")

    def _widget(self, name: str, widget: BroughtField) -> Node | None:
        if not any(pattern.fullmatch(name) for pattern in self._known):
            self._unknown.append(widget.name)
            return None
        self._matched.append(name)
        self._repaired.update(widget.repairs)
        annotation = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/F"): NumberObject(4),
                NameObject("/Rect"): _box(*widget.box),
                NameObject("/MK"): _style(widget),
                NameObject("/BS"): DictionaryObject({NameObject("/W"): FloatObject(widget.line)}),
            }
        )
        reference = self._writer._add_object(annotation)
        if widget.kind == "button" and not widget.push:
            return self._button(name, widget, annotation, reference)
        kind = {"text": "/Tx", "choice": "/Ch", "button": "/Btn"}[widget.kind]
        annotation[NameObject("/FT")] = NameObject(kind)
        annotation[NameObject("/Ff")] = NumberObject(widget.flags)
        annotation[NameObject("/Q")] = NumberObject(widget.align)
        annotation[NameObject("/DA")] = TextStringObject(f"{FONT} {widget.size:g} Tf {widget.colour}")
        if widget.length:
            annotation[NameObject("/MaxLen")] = NumberObject(widget.length)
        if widget.options:
            pairs = [ArrayObject([TextStringObject(a), TextStringObject(b)]) for a, b in widget.options]
            annotation[NameObject("/Opt")] = ArrayObject(pairs)
        # Several widgets of one field show the same answer: each becomes a field of that name.
        self._register(name, reference)
        return reference

    def _button(self, name: str, widget: BroughtField, annotation: Node, reference: Node) -> Node:
        state = self._state(name, widget)
        empty = DecodedStreamObject()
        empty.set_data(b"")
        empty.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Form"),
                NameObject("/BBox"): _box(0, 0, 1, 1),
            }
        )
        drawn = self._writer._add_object(empty)
        annotation[NameObject("/AP")] = DictionaryObject(
            {NameObject("/N"): DictionaryObject({NameObject("/" + state): drawn, NameObject("/Off"): drawn})}
        )
        annotation[NameObject("/AS")] = NameObject("/Off")
        annotation[NameObject("/FT")] = NameObject("/Btn")
        annotation[NameObject("/Ff")] = NumberObject(widget.flags)
        self._register(name, reference)
        return reference

    def _state(self, name: str, widget: BroughtField) -> str:
        """The export value of a button in our words."""
        state = dict(self._states.get(name, {})).get(widget.state, widget.state)
        pattern = re.sub(r"\.r\d+\.", ".r*.", name)
        expected = self._job["states"].get(pattern)
        if expected and state not in expected:
            alike = [value for value in expected if value.lower() == state.lower()]
            if alike:
                return str(alike[0])
            if widget.radio:
                self._unknown.append(f"{widget.name}={widget.state}")
        return str(state) or "Yes"

    def _register(self, name: str, reference: Node) -> None:
        self._tree.setdefault(name, []).append(reference)

    def _finish(self, font: Node, *, archival: bool) -> None:
        catalog: Node = self._writer.root_object
        fields = ArrayObject()
        for name, references in self._tree.items():
            for reference in references:
                # A full name in one piece: readers join the parts, so the result is the same.
                resolve(reference)[NameObject("/T")] = TextStringObject(name)
                fields.append(reference)
        catalog[NameObject("/AcroForm")] = DictionaryObject(
            {
                NameObject("/Fields"): fields,
                NameObject("/DR"): DictionaryObject(
                    {NameObject("/Font"): DictionaryObject({NameObject(FONT): font})}
                ),
                NameObject("/DA"): TextStringObject(f"{FONT} 9 Tf {INK}"),
            }
        )
        self._tags.finish(catalog)
        catalog[NameObject("/Lang")] = TextStringObject(self._job["language"])
        catalog[NameObject("/ViewerPreferences")] = DictionaryObject(
            {NameObject("/DisplayDocTitle"): BooleanObject(True)}
        )
        if archival:
            profile = DecodedStreamObject()
            profile.set_data(base64.b64decode(self._job["profile"]))
            profile[NameObject("/N")] = NumberObject(3)
            intent = DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/OutputIntent"),
                    NameObject("/S"): NameObject("/GTS_PDFA1"),
                    NameObject("/OutputConditionIdentifier"): TextStringObject("sRGB IEC61966-2.1"),
                    NameObject("/Info"): TextStringObject("sRGB IEC61966-2.1"),
                    NameObject("/DestOutputProfile"): self._writer._add_object(profile.flate_encode()),
                }
            )
            catalog[NameObject("/OutputIntents")] = ArrayObject([intent])


_ACTIVE = (
    "/A",
    "/AA",
    "/OPI",
    "/PS",
    "/Ref",
    "/Metadata",
    "/PieceInfo",
    "/StructParent",
    "/StructParents",
    "/MCID",
    "/OC",
)


def _strip(value: Node) -> None:
    """Take what could act, or point outside, out of everything that a page's resources reach."""
    for node in _walk(value):
        for key in _ACTIVE:
            node.pop(key, None)


def _walk(value: Node) -> Iterator[Node]:
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, IndirectObject):
            if node.idnum in seen:
                continue
            seen.add(node.idnum)
            node = node.get_object()
        if isinstance(node, DictionaryObject | StreamObject):
            yield node
            waiting.extend(dict.values(node))
        elif isinstance(node, ArrayObject):
            waiting.extend(list.__iter__(node))


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(re.escape(name).replace(r"\.r\*\.", r"\.r[1-9]\d?\."))


def _box(left: float, bottom: float, right: float, top: float) -> ArrayObject:
    return ArrayObject([FloatObject(round(v, 3)) for v in (left, bottom, right, top)])


def _rotation(page: Node) -> int:
    value = page.get("/Rotate", 0)
    return int(value) % 360 // 90 * 90


def _style(widget: BroughtField) -> DictionaryObject:
    style = DictionaryObject({NameObject("/R"): NumberObject(widget.rotation)})
    for key, colour in (("/BG", widget.background), ("/BC", widget.border)):
        if colour:
            style[NameObject(key)] = ArrayObject([FloatObject(v) for v in colour])
    return style
