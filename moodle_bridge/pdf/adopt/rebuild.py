"""Write a brought form anew as a template: its pages as they were seen, and the fields that are understood.

Nothing is copied but page contents, what they draw with and the looks of annotations and fields, so scripts,
actions, XFA and anything unknown stay behind; whatever was there and is not taken over is told.
"""

from __future__ import annotations

import base64
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from pypdf import PdfReader, PdfWriter
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
from moodle_bridge.pdf.adopt import layers as layering
from moodle_bridge.pdf.adopt.appearances import (
    Seen,
    annotations_of,
    appearance,
    hidden,
    paints,
    printed,
    without_resources,
    writes,
)
from moodle_bridge.pdf.adopt.brought import BroughtField, Unusable, page_box, unit_of, widgets_of
from moodle_bridge.pdf.adopt.obstacles import Obstacles, drawn_with
from moodle_bridge.pdf.adopt.strips import BELOW, Box, drawn_boxes, foot_place, grown
from moodle_bridge.pdf.adopt.tags import Tags, in_reading_order
from moodle_bridge.pdf.program.appearance import draw_text, fit
from moodle_bridge.pdf.program.flatten import flatten
from moodle_bridge.pdf.program.slots import slot_of
from moodle_bridge.pdf.program.widgets import Widget, decoration
from moodle_bridge.pdf.syntax.conventions import ANSWER_MARK, FONT, FOOT_AT, INK, PAGE_MARK
from moodle_bridge.pdf.syntax.graph import Node, resolve
from moodle_bridge.pdf.syntax.matrix import IDENTITY
from moodle_bridge.pdf.syntax.objects import number
from moodle_bridge.pdf.syntax.pack import whole_file
from moodle_bridge.pdf.text.fonts import face_of
from moodle_bridge.pdf.text.typeface import embed_font

MOST_CONTENT = 8_000_000
YES = frozenset({"yes", "да", "true", "on", "1", "y", "ja", "oui", "checked", "вярно"})
NO = frozenset({"no", "не", "false", "0", "n", "nein", "non", "unchecked", "невярно"})
"""What forms call the states of yes and no."""


class Rebuilt:
    """One form on its way to a template."""

    def __init__(self, reader: PdfReader, catalog: Node, acro: Node, job: Mapping[str, Any]) -> None:
        self._reader = reader
        self._catalog = catalog
        self._acro = acro
        self._job = job
        self._writer = PdfWriter()
        self._layers = layering.Layers(catalog)
        self._repaired: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._feet: list[str] = []
        self._warnings: list[str] = []
        self._matched: list[str] = []
        self._unknown: list[str] = []
        self._tree: dict[str, Any] = {}
        self._number: int | None = None
        """How many fields were numbered, if that is what is asked for."""
        self._stripped: set[int] = set()
        self._fields = dict(job["mapping"].get("fields", {}))
        self._states = dict(job["mapping"].get("states", {}))
        self._known = {_pattern(name) for name in job["known"]}

    def template(self) -> dict[str, Any]:
        """The template and what is to be said of it; raises :class:`Unusable`."""
        self._note_stripped()
        obstacles = self._pages()
        if not self._matched:
            names = sorted(set(self._unknown))
            more = f" and {len(names) - 12} more" if len(names) > 12 else ""
            raise Unusable(
                "mapping",
                "no field of the form matches an item of the instrument; "
                f"its fields are {', '.join(names[:12])}{more}",
            )
        told = obstacles.told() + list(self._job.get("obstacles", ()))
        self._finish(self._font, archival=not told)
        template = whole_file(self._writer)
        try:
            flatten(template)
        except TemplateError as error:
            raise Unusable("damaged", f"the form cannot be compiled: {error.message}") from error
        return {
            "template": base64.b64encode(template).decode("ascii"),
            "matched": sorted(set(self._matched)),
            "unknown": sorted(set(self._unknown)),
            "repaired": _counted(self._repaired),
            "left": _counted(self._left),
            "feet": self._feet,
            "warnings": self._warnings,
            "fonts": sorted(obstacles.fonts),
            "obstacles": told,
        }

    def numbered(self) -> bytes:
        """The form as it looks, every field framed and numbered in the order of the pages."""
        self._number = 0
        self._pages()
        return whole_file(self._writer)

    def _pages(self) -> Obstacles:
        self._font = self._embedded_font()
        self._face = face_of(resolve(self._font))
        self._tags = Tags(self._writer, self._face, self._job["labels"], self._job["options"])
        lost: list[str] = []
        widgets = widgets_of(self._reader, self._acro, lost)
        self._left.update(lost)
        if not widgets:
            raise Unusable("fields", "the form has no fields that can be filled")
        states: dict[str, set[str]] = {}
        for widget in (widget for each in widgets.values() for widget in each):
            states.setdefault(widget.name, set()).add(widget.state)
        self._states_of = {name: len(each) for name, each in states.items()}
        obstacles = Obstacles()
        total = 0
        for index, page in enumerate(self._reader.pages):
            found = page.get_contents()
            content = b"" if found is None else found.get_data()
            total += len(content)
            if total > MOST_CONTENT:
                raise Unusable("large", "the form's pages hold more than any form does (8 MB)")
            self._page(page, index, content, widgets.get(index, []), obstacles)
        return obstacles

    def _note_stripped(self) -> None:
        for holder, keys in (
            (
                self._catalog,
                ("/OpenAction", "/AA", "/NeedsRendering", "/URI", "/Collection", "/Outlines", "/PageLabels"),
            ),
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

    def _embedded_font(self) -> Node:
        with open(self._job["font"], "rb") as file:
            font = TTFont(io.BytesIO(file.read()), recalcTimestamp=False)
        return embed_font(self._writer, font)

    def _page(
        self, page: Node, index: int, content: bytes, widgets: list[BroughtField], obstacles: Obstacles
    ) -> None:
        box, rotation, unit = page_box(page), _rotation(page), unit_of(page)
        given = resolve(page.get("/Resources"))
        if self._layers:
            self._layers.clear(given)
        # Our own marks mean nothing in a file that somebody else made.
        own = ANSWER_MARK.sub(b"\n", content).split(PAGE_MARK)[0]
        own = layering.settled(own, self._layers.unseen(given))
        used = drawn_with(given, own)
        if "/AA" in page:
            self._repaired["left out actions of pages"] += 1
        looks = self._looks(page, index)
        named = [(self._fields.get(widget.name, widget.name), widget) for widget in widgets]
        drawn: list[bytes] = []
        frames: list[bytes] = []
        taken: list[tuple[str, BroughtField]] = []
        for name, widget in named:
            if self._number is not None:
                self._number += 1
                name = ""
                drawn.append(self._numbered(widget, self._number))
            known = widget.kind != "signature" and any(pattern.fullmatch(name) for pattern in self._known)
            if known:
                self._refuse_misfit(name, widget)
                if widget.kind != "button" and _pale(widget.colour) and not _dark(widget.background):
                    self._warnings.append(
                        f"the text of the field {widget.name!r} (page {index + 1}) is almost white: "
                        "unless the page is dark there, its answers cannot be seen"
                    )
                taken.append((name, widget))
            elif widget.kind != "signature":
                self._unknown.append(widget.name)
            self._look_of(widget, looks, frames, known=known)
        foot = foot_place(
            [*drawn_boxes(own, used, box), *_rectangles(page)],
            box,
            rotation,
            unit,
            str(self._job.get("foot", "auto")),
        )
        self._feet.append(foot.where)
        if foot.where == "below":
            box = grown(box, rotation, BELOW / unit)
        copy = used.clone(self._writer) if len(used) else DictionaryObject()
        self._strip(copy)
        obstacles.page(index + 1, copy, own)
        fonts = DictionaryObject(resolve(copy.get("/Font")) or {})
        fonts[NameObject(FONT)] = self._font
        copy[NameObject("/Font")] = fonts
        own += self._draw(looks, copy, index, obstacles) + b"".join(frames + drawn)
        annotations = ArrayObject()
        new = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Page"),
                NameObject("/MediaBox"): _box(*box),
                NameObject("/Resources"): copy,
                NameObject("/Rotate"): NumberObject(rotation),
                NameObject("/Annots"): annotations,
                NameObject("/Tabs"): NameObject("/S"),
                NameObject(FOOT_AT): ArrayObject([FloatObject(foot.baseline), FloatObject(unit)]),
            }
        )
        if unit != 1:
            new[NameObject("/UserUnit")] = FloatObject(unit)
        reference = self._writer._add_object(new)
        pages = self._pages_root()
        new[NameObject("/Parent")] = pages
        root = resolve(pages)
        root["/Kids"].append(reference)
        root[NameObject("/Count")] = NumberObject(len(root["/Kids"]))
        names = {id(widget): name for name, widget in taken}
        fields = []
        for widget in in_reading_order([widget for _, widget in taken], rotation):
            name = names[id(widget)]
            added = self._widget(name, widget)
            annotations.append(added)
            state = self._state(name, widget) if widget.kind == "button" else ""
            fields.append((name, state, widget, added))
        stream = DecodedStreamObject()
        stream.set_data(self._tags.page(reference, own, fields))
        new[NameObject("/Contents")] = self._writer._add_object(stream.flate_encode())

    # -- how the page looked ----------------------------------------------------------------

    def _looks(self, page: Node, index: int) -> list[Seen]:
        lost: list[str] = []
        looks = list(annotations_of(page, self._layers, lost))
        self._left.update(f"{what} (page {index + 1})" for what in lost)
        return looks

    def _look_of(self, widget: BroughtField, looks: list[Seen], drawn: list[bytes], *, known: bool) -> None:
        """Keep how a field looked: whole if it is none of ours, else without a value."""
        where = f"(page {widget.page + 1})"
        if hidden(widget.annotation, self._layers):
            return
        if widget.signature:
            self._left[
                f"the signature {widget.name!r}, which held for the form as it was brought {where}"
            ] += 1
        elif known and widget.value:
            self._left[f"what stood in the field {widget.name!r} {where}"] += 1
        elif widget.push and not known and not printed(widget.annotation):
            self._left[f"the button {widget.name!r}, which is not printed {where}"] += 1
            return
        look = appearance(widget.annotation, "/Off" if known and widget.kind == "button" else "")
        if look is not None and not widget.signature and paints(look) and not (known and writes(look)):
            looks.append(look)
            widget.background, widget.border = [], []
        elif not known:
            drawn.append(self._frame(widget))
            widget.background, widget.border = [], []

    def _frame(self, widget: BroughtField) -> bytes:
        """Frame and value of a field that does not say how it looks."""
        style, border = _style(widget), DictionaryObject({NameObject("/W"): FloatObject(widget.line)})
        holder = DictionaryObject({NameObject("/BS"): border})
        frame = decoration(holder, style, widget.box, widget.radio)
        content = b""
        if frame:
            at = f"{number(widget.box[0])} {number(widget.box[1])}".encode("ascii")
            content = b"\nq 1 0 0 1 %s cm %s Q" % (at, frame)
        if widget.value and not widget.signature:
            kind = {"text": "/Tx", "choice": "/Ch"}[widget.kind]
            text = self._face.cleaner.clean(dict(widget.options).get(widget.value, widget.value), set())
            look = f"{FONT} {widget.size:g} Tf {widget.colour}"
            flags = widget.flags | (1 << 17 if kind == "/Ch" else 0)
            plain = Widget(
                widget.name,
                kind,
                flags,
                look,
                widget.align,
                widget.length,
                [],
                widget.box,
                widget.rotation,
                "",
                b"",
            )
            slot = slot_of(self._face, plain, widget.page, 0, IDENTITY)
            content += b"\n" + draw_text(self._face, slot, fit(self._face, slot, text), slot.colour)
        return content

    def _numbered(self, widget: BroughtField, count: int) -> bytes:
        """A red frame around a field, with its number in the upper left corner."""
        left, bottom, right, top = widget.box
        frame = " ".join(number(value) for value in (left, bottom, right - left, top - bottom))
        text = str(count)
        size = max(4.0, min(8.0, (top - bottom) * 0.8))
        room = " ".join(
            number(v) for v in (left, top - size * 0.9, self._face.width(text) * size + 2, size * 0.9)
        )
        start = f"{number(left + 1)} {number(top - size * 0.78)}"
        return (
            f"\nq 0.8 0 0 RG 0.7 w {frame} re S 1 1 1 rg {room} re f 0.8 0 0 rg "
            f"BT {FONT} {number(size)} Tf {start} Td ".encode("ascii")
            + self._face.encode(text)
            + b" Tj ET Q"
        )

    def _draw(self, looks: Sequence[Seen], resources: Node, index: int, obstacles: Obstacles) -> bytes:
        """Operators that draw what was seen, whose forms become resources of the page."""
        if not looks:
            return b""
        objects = DictionaryObject(resolve(resources.get("/XObject")) or {})
        content = b""
        for seen in looks:
            data = seen.form.get_data()
            data = layering.settled(data, self._layers.unseen(seen.form.get("/Resources")))
            form = DecodedStreamObject()
            form.set_data(data)
            own = self._acro.get("/DR") if without_resources(seen.form) else seen.form.get("/Resources")
            used = drawn_with(own, data)
            copy = used.clone(self._writer) if len(used) else DictionaryObject()
            self._strip(copy)
            obstacles.page(index + 1, copy, data)
            form.update(
                {
                    NameObject("/Type"): NameObject("/XObject"),
                    NameObject("/Subtype"): NameObject("/Form"),
                    NameObject("/BBox"): _numbers(seen.form["/BBox"]),
                    NameObject("/Resources"): copy,
                }
            )
            for key in ("/Matrix", "/Group"):
                if isinstance(resolve(seen.form.get(key)), ArrayObject):
                    form[NameObject(key)] = _numbers(seen.form[key])
            name = f"/Seen{len(objects)}"
            objects[NameObject(name)] = self._writer._add_object(form.flate_encode())
            matrix = " ".join(number(value) for value in seen.matrix)
            content += f"\nq {matrix} cm {name} Do Q".encode("ascii")
        resources[NameObject("/XObject")] = objects
        return content

    def _strip(self, value: Node) -> None:
        """Take what could act, or point outside, out of all that is reached and was not looked at before."""
        for node in _walk(value, self._stripped):
            for key in _ACTIVE:
                node.pop(key, None)

    # -- fields -----------------------------------------------------------------------------

    def _pages_root(self) -> Node:
        catalog: Node = self._writer.root_object
        return catalog.raw_get("/Pages")

    def _widget(self, name: str, widget: BroughtField) -> Node:
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
            alike += [
                value for value, label in self._job["options"].get(pattern, {}).items() if _same(label, state)
            ]
            if set(expected) == {"yes", "no"}:
                alike += ["yes"] * (state.lower() in YES) + ["no"] * (state.lower() in NO)
            if alike:
                return str(alike[0])
            if widget.radio or not self._alone(widget):
                self._unknown.append(f"{widget.name}={widget.state}")
        return str(state) or "Yes"

    def _refuse_misfit(self, name: str, widget: BroughtField) -> None:
        """A field that cannot hold its answers would only show in documents, where they go to the annex."""
        fitting = self._job["kinds"].get(re.sub(r"\.r\d+\.", ".r*.", name))
        if fitting and widget.named_kind not in fitting:
            raise Unusable(
                "kind",
                f"the field {widget.name!r} (page {widget.page + 1}, {widget.named_kind}) cannot hold the "
                f"answers of {name}: that takes a field of the kind {', '.join(fitting)}",
            )

    def _alone(self, widget: BroughtField) -> bool:
        """Whether a check box is its field's only one: whatever its state is called, it is ticked for yes."""
        return self._states_of.get(widget.name, 0) < 2

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


_NAMED = frozenset(
    {"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties", "/CharProcs"}
)
"""Dictionaries whose keys are names that somebody chose, not entries."""
_ACTIVE = (
    "/A",
    "/AA",
    "/Alternates",
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


def _walk(value: Node, seen: set[int]) -> Iterator[Node]:
    """Every dictionary that is reached but those of names; ``seen`` holds the objects that were."""
    waiting: list[tuple[Node, bool]] = [(value, False)]
    while waiting:
        node, names = waiting.pop()
        if isinstance(node, IndirectObject):
            if node.idnum in seen:
                continue
            seen.add(node.idnum)
            node = node.get_object()
        if isinstance(node, DictionaryObject):
            if not names or isinstance(node, StreamObject):
                yield node
            waiting.extend((inner, key in _NAMED) for key, inner in dict.items(node))
        elif isinstance(node, ArrayObject):
            waiting.extend((inner, False) for inner in list.__iter__(node))


def _rectangles(page: Node) -> Iterator[Box]:
    """Where annotations and fields stand."""
    found = resolve(page.get("/Annots"))
    for reference in list.__iter__(found) if isinstance(found, ArrayObject) else ():
        annotation = resolve(reference)
        box = resolve(annotation.get("/Rect")) if isinstance(annotation, DictionaryObject) else None
        if isinstance(box, ArrayObject) and len(box) == 4:
            x0, y0, x1, y1 = (float(resolve(v)) for v in box)
            yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _numbers(value: Node) -> ArrayObject:
    return ArrayObject([FloatObject(float(resolve(v))) for v in resolve(value)])


def _counted(found: Mapping[str, int]) -> list[str]:
    return [f"{what} ({count})" if count > 1 else what for what, count in found.items()]


def _pale(colour: str) -> bool:
    """Whether operators set a colour that white paper does not show."""
    return all(float(value) > 0.8 for value in colour.split()[:-1])


def _dark(background: Sequence[float]) -> bool:
    return bool(background) and sum(background) / len(background) < 0.6


def _same(label: str, state: str) -> bool:
    return label.strip().casefold() == state.strip().casefold()


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
