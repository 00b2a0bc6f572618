"""Tidy WeasyPrint's drafts: a structure tree without empty wrappers, content that says nothing twice.

A filled document carries both, so what is dropped here is saved in every document. Build time only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

from moodle_bridge.pdf.syntax.graph import Node, resolve
from moodle_bridge.pdf.text.fonts import literal

_NUMBER = re.compile(rb"(?<![\w.])(-?\d+\.\d{3,})")
_EMPTY_KERN = re.compile(rb">0<")
_LAST_KERN = re.compile(rb">0\]")
_ONE_STRING = re.compile(rb"\[(<[0-9a-f]*>)\] TJ")
_STRING = re.compile(rb"(?<!<)<([0-9a-f]+)>(?!>)")
_SETTING = {b"gs": "state", b"rg": "colour", b"Tf": "font"}
"""What an operator sets, if it sets the same again when it is repeated."""
_WRAPPERS = {"/NonStruct", "/Span"}
_PLAIN_KEYS = {"/Type", "/S", "/P", "/Pg", "/K"}


def shorten_content(content: bytes) -> bytes:
    """Two decimals (a hundredth of a CSS pixel), one string where glyphs are not kerned, nothing twice.

    Takes one operator a line, as WeasyPrint writes them, and glyphs as hexadecimal digits, which take twice
    as many bytes as the literal strings that are returned.
    """
    content = _NUMBER.sub(_rounded, content)
    content = _LAST_KERN.sub(b">]", _EMPTY_KERN.sub(b"", content))
    content = _ONE_STRING.sub(rb"\1 Tj", content)
    content = b"\n".join(_without_repetition(content.split(b"\n"))).replace(b"\nBT\nET\n", b"\n")
    return _STRING.sub(lambda found: literal(bytes.fromhex(found[1].decode("ascii"))), content)


def _without_repetition(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without those that set what is set already."""
    state: dict[str, bytes] = {}
    saved: list[dict[str, bytes]] = []
    for line in lines:
        operator = line.rpartition(b" ")[2]
        if operator == b"q":
            saved.append(dict(state))
        elif operator == b"Q":
            state = saved.pop()
        elif operator in _SETTING:
            if state.get(_SETTING[operator]) == line:
                continue
            state[_SETTING[operator]] = line
        yield line


def _rounded(found: re.Match[bytes]) -> bytes:
    text = f"{float(found[1]):.2f}".rstrip("0").rstrip(".")
    return (text if text != "-0" else "0").encode("ascii")


def lift_wrappers(catalog: Node) -> None:
    """Lift the contents of wrappers without meaning into the element around them."""
    root = catalog["/StructTreeRoot"].get_object()
    owners: dict[tuple[int, int], Node] = {}
    top = root["/K"]
    top = top[0] if isinstance(top, ArrayObject) else top
    document = top.get_object()
    _settle(document, owners)
    pages = {page.idnum: page.get_object() for page in catalog["/Pages"].get_object()["/Kids"]}
    nums = root["/ParentTree"].get_object()["/Nums"]
    arrays = {int(nums[i]): nums[i + 1].get_object() for i in range(0, len(nums), 2)}
    for (page, mcid), owner in owners.items():
        arrays[int(pages[page]["/StructParents"])][mcid] = owner


def _settle(element: Node, owners: dict[tuple[int, int], Node]) -> None:
    """Give an element its kids, those of wrappers in their place, and settle each of them."""
    reference = element.indirect_reference
    if reference is None:
        return
    page = element.raw_get("/Pg") if "/Pg" in element else None
    kids = ArrayObject()
    for kid, kid_page in _kids(element, page):
        if isinstance(kid, int):
            if kid_page is None:
                continue
            owners[kid_page.idnum, kid] = reference
            if page is None:
                page = kid_page
            kids.append(_content(kid, kid_page, page))
            continue
        value = resolve(kid)
        if value.get("/Type") == "/OBJR":
            kids.append(kid)
            continue
        value[NameObject("/P")] = reference
        _settle(value, owners)
        if value.get("/K") is not None or value["/S"] in ("/TD", "/TH"):
            kids.append(value.indirect_reference)
    if page is not None:
        element[NameObject("/Pg")] = page
    if len(kids):
        element[NameObject("/K")] = kids[0] if len(kids) == 1 else kids
    else:
        element.pop("/K", None)


def _content(mcid: int, page: Node, own: Node) -> Any:
    if page.idnum == own.idnum:
        return NumberObject(mcid)
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/MCR"),
            NameObject("/Pg"): page,
            NameObject("/MCID"): NumberObject(mcid),
        }
    )


def _kids(element: Node, page: Any) -> list[tuple[Any, Any]]:
    """The kids of an element with the page each belongs to, wrappers replaced by what they wrap."""
    raw = element.get("/K")
    found: list[tuple[Any, Any]] = []
    for kid in raw if isinstance(raw, ArrayObject) else [] if raw is None else [element.raw_get("/K")]:
        value = resolve(kid)
        if not isinstance(value, DictionaryObject):
            found.append((int(value), page))
        elif value.get("/Type") == "/MCR":
            found.append((int(resolve(value)["/MCID"]), value.raw_get("/Pg") if "/Pg" in value else page))
        elif value.get("/S") in _WRAPPERS and set(value) <= _PLAIN_KEYS:
            found.extend(_kids(value, value.raw_get("/Pg") if "/Pg" in value else page))
        else:
            found.append((kid, page))
    return found
