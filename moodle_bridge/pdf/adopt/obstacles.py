"""What in a brought form's pages keeps documents from being PDF/A, with its page: what needs no validator.

Each thing is looked at once, however many name it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from moodle_bridge.pdf.syntax.graph import Node, resolve

_CMYK = re.compile(rb"(?:-?\d*\.?\d+\s+){4}[kK](?=\s|$)|/DeviceCMYK\s+(?:cs|CS)(?=\s|$)")
_BLENDING = frozenset(
    [
        "/Normal",
        "/Compatible",
        "/Multiply",
        "/Screen",
        "/Overlay",
        "/Darken",
        "/Lighten",
        "/ColorDodge",
        "/ColorBurn",
        "/HardLight",
        "/SoftLight",
        "/Difference",
        "/Exclusion",
        "/Hue",
        "/Saturation",
        "/Color",
        "/Luminosity",
    ]
)
_KEPT = ("/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties")
_NAME = re.compile(rb"/([^\x00\t\n\f\r ()<>\[\]{}/%]+)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def drawn_with(resources: Node, content: bytes) -> DictionaryObject:
    """The resources that content draws with; fonts that only fields name are left out.

    LibreOffice puts the fonts of fields, which it does not embed, among those of the page.
    """
    resources = resolve(resources)
    if not isinstance(resources, DictionaryObject):
        return DictionaryObject()
    kept = DictionaryObject({NameObject(key): resources.raw_get(key) for key in _KEPT if key in resources})
    fonts = resolve(kept.get("/Font"))
    if isinstance(fonts, DictionaryObject) and not _shares_resources(kept):
        named = {_ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), n) for n in _NAME.findall(content)}
        # Names beyond ASCII can be written in several encodings: those fonts stay.
        used = [key for key in fonts if not key.isascii() or key[1:].encode() in named]
        kept[NameObject("/Font")] = DictionaryObject({NameObject(key): fonts.raw_get(key) for key in used})
    return kept


def _shares_resources(resources: DictionaryObject) -> bool:
    """Whether something that is drawn may name fonts of the page, having no resources of its own."""
    seen: dict[int, DictionaryObject] = {}
    waiting: list[Node] = [resources]
    while waiting:
        here = waiting.pop()
        if not isinstance(here, DictionaryObject):
            return True
        if id(here) not in seen:
            seen[id(here)] = here
            things = [t for key in ("/XObject", "/Pattern", "/Font") for t in _values(here.get(key))]
            waiting.extend(resolve(thing.get("/Resources")) for thing in things if _draws(thing))
    return False


def _draws(thing: Node) -> bool:
    return thing.get("/Subtype") in ("/Form", "/Type3") or thing.get("/PatternType") == 1


class Obstacles:
    """Collects what was found, each with the pages on which it is."""

    def __init__(self) -> None:
        self.fonts: set[str] = set()
        self._pages: dict[str, list[int]] = {}
        self._known: dict[int, tuple[Node, list[str]]] = {}
        """What was found in an object, by its identity; the object is kept so that this stays its own."""

    def page(self, number: int, resources: Node, content: bytes) -> None:
        """Look at what a page draws, and with what."""
        reasons = set(self._content(content)) | set(self._resources(resources))
        for reason in sorted(reasons):
            self._pages.setdefault(reason, []).append(number)

    def told(self) -> list[str]:
        """Every obstacle with its pages."""
        return [
            f"{reason} (page {', '.join(map(str, pages[:5]))}{' …' if len(pages) > 5 else ''})"
            for reason, pages in self._pages.items()
        ]

    def _content(self, content: bytes) -> Iterator[str]:
        if _CMYK.search(content):
            yield "colours of a printing press (CMYK) without a profile"

    def _resources(self, resources: Node) -> list[str]:
        """What is in all that resources reach: found once, remembered for every page that shares it."""
        reasons: list[str] = []
        waiting, seen = [resolve(resources)], set()
        while waiting:
            here = waiting.pop()
            if not isinstance(here, DictionaryObject) or id(here) in seen:
                continue
            seen.add(id(here))
            found, inner = self._found_in(here)
            reasons += found
            waiting += inner
        return reasons

    def _found_in(self, resources: Node) -> tuple[list[str], list[Node]]:
        reasons: list[str] = []
        inner: list[Node] = []
        for font in _values(resources.get("/Font")):
            name = str(font.get("/BaseFont", "/?"))[1:]
            self.fonts.add(name)
            if not embedded(font):
                reasons.append(f"the font {name} is not embedded")
            inner.append(resolve(font.get("/Resources")))
        for state in _values(resources.get("/ExtGState")):
            reasons += _graphics_state(state)
        spaces = resolve(resources.get("/ColorSpace"))
        for space in spaces.values() if isinstance(spaces, DictionaryObject) else ():
            if _in_cmyk(space):
                reasons.append("colours of a printing press (CMYK) without a profile")
        for thing in (*_values(resources.get("/XObject")), *_values(resources.get("/Pattern"))):
            if thing.get("/Subtype") == "/Form" or thing.get("/PatternType") == 1:
                inner.append(resolve(thing.get("/Resources")))
                if isinstance(thing, StreamObject):
                    reasons += self._of(thing)
            elif thing.get("/Subtype") == "/PS":
                reasons.append("PostScript in a page")
            elif thing.get("/Subtype") == "/Image":
                if _in_cmyk(thing.get("/ColorSpace")):
                    reasons.append("a picture in CMYK")
                if thing.get("/Interpolate") == True:  # noqa: E712 an object of pypdf
                    reasons.append("a picture that asks to be smoothed (/Interpolate)")
        return reasons, inner

    def _of(self, form: StreamObject) -> list[str]:
        known = self._known.get(id(form))
        if known is None:
            known = self._known[id(form)] = (form, list(self._content(form.get_data())))
        return known[1]


def _graphics_state(state: Node) -> Iterator[str]:
    if "/TR" in state or state.get("/TR2", "/Default") != "/Default":
        yield "a transfer function (/TR)"
    blending = resolve(state.get("/BM", "/Normal"))
    for mode in blending if isinstance(blending, ArrayObject) else [blending]:
        if str(mode) not in _BLENDING:
            yield f"a way of blending that is not known ({str(mode)[1:30]})"


def _in_cmyk(space: Node, depth: int = 0) -> bool:
    space = resolve(space)
    if isinstance(space, ArrayObject) and depth < 4:
        return any(_in_cmyk(each, depth + 1) for each in list.__iter__(space))
    return str(space) == "/DeviceCMYK"


def _values(holder: Node) -> Iterator[Node]:
    holder = resolve(holder)
    if isinstance(holder, DictionaryObject):
        for key in holder:
            value = resolve(holder[key])
            if isinstance(value, DictionaryObject):
                yield value


def embedded(font: Node) -> bool:
    """Whether a font's outlines stand in the file."""
    if font.get("/Subtype") == "/Type3":
        return True
    descendants = resolve(font.get("/DescendantFonts"))
    if isinstance(descendants, ArrayObject) and len(descendants):
        font = resolve(descendants[0])
    descriptor = resolve(font.get("/FontDescriptor")) if isinstance(font, DictionaryObject) else None
    return isinstance(descriptor, DictionaryObject) and any(
        key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")
    )
