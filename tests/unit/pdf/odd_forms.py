"""Forms as nobody should make them, each with the outcome it has to have."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pikepdf

TEXT = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(next_step)/Rect[50 700 300 720]/DA(/Helv 10 Tf 0 g)%s>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[5 0 R]/Contents 6 0 R/Resources<<>>%s>>"
FORM = b"<</Fields[5 0 R]%s>>"
CATALOG = b"<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R%s>>"


def build(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """A file with a classic cross-reference table."""
    body = bytearray(b"%PDF-1.7\n")
    offsets = {}
    for number, data in objects.items():
        offsets[number] = len(body)
        body += b"%d 0 obj\n" % number + data + b"\nendobj\n"
    start = len(body)
    size = max(objects) + 1
    body += b"xref\n0 %d\n" % size
    for number in range(size):
        kind = b"n" if number in offsets else b"f"
        body += b"%010d %05d %s \n" % (offsets.get(number, 0), 0 if number in offsets else 65535, kind)
    return bytes(body) + b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        trailer,
        start,
    )


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n" % (entries, len(data)) + data + b"\nendstream"


def form(
    catalog: bytes = b"",
    acro: bytes = b"",
    page: bytes = b"",
    text: bytes = b"",
    content: bytes | None = None,
    more: dict[int, bytes] | None = None,
) -> bytes:
    """A small sound form with one field, to be spoilt in one way."""
    objects = {
        1: CATALOG % catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: PAGE % page,
        4: FORM % acro,
        5: TEXT % text,
        6: content or stream(b"0 0 10 10 re f"),
    }
    return build(objects | (more or {}))


def replaced(number: int, data: bytes) -> bytes:
    return form(more={number: data})


def encrypted(user: str, revision: int = 4) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(form())) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(owner="owner", user=user, R=revision))
    return target.getvalue()


def nested(opening: bytes, closing: bytes, depth: int) -> bytes:
    return opening * depth + closing * depth


def fields(count: int) -> bytes:
    widgets = {n: (TEXT % b"").replace(b"next_step", b"f%d" % n) for n in range(10, 10 + count)}
    refs = b" ".join(b"%d 0 R" % n for n in widgets)
    page = (PAGE % b"").replace(b"[5 0 R]", b"[%s]" % refs)
    return form(more={3: page, 4: b"<</Fields[%s]>>" % refs} | widgets)


def pages(count: int) -> bytes:
    kids = b" ".join([b"3 0 R"] + [b"%d 0 R" % n for n in range(10, 9 + count)])
    more = dict.fromkeys(range(10, 9 + count), b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")
    return form(more={2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count)} | more)


def page_tree(depth: int) -> bytes:
    more = {
        n: b"<</Type/Pages/Parent %d 0 R/Kids[%d 0 R]/Count 1>>" % (n - 1, n + 1)
        for n in range(10, 10 + depth)
    }
    more[10 + depth] = PAGE % b""
    return form(more={2: b"<</Type/Pages/Kids[10 0 R]/Count 1>>"} | more)


BOMB = zlib.compress(zlib.compress(b"0 " * 100_000_000, 9), 9)
ONCE = zlib.compress(b"0 " * 15_000_000, 9)
ADOPTED = "adopted"

FORMS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a sound form": (form, ADOPTED),
    "an empty file": (lambda: b"", "not a PDF"),
    "a letter": (lambda: b"Dear Sir or Madam" * 100, "not a PDF"),
    "a header alone": (lambda: b"%PDF-1.7\n", "damaged"),
    "half a file": (lambda: form()[:300], ""),
    "junk before the header": (lambda: b"\0" * 500 + form(), ""),
    "offsets that are wrong": (lambda: form().replace(b"0000000009", b"0000000099"), ""),
    "no end": (lambda: form().split(b"startxref")[0], ""),
    "a table that points to itself": (
        lambda: build({1: CATALOG % b""}, b"/Prev 60"),
        "",
    ),
    "no form": (lambda: replaced(1, b"<</Type/Catalog/Pages 2 0 R>>"), "no fields"),
    "a form that is null": (lambda: replaced(4, b"null"), "no fields"),
    "a form that does not list its fields": (lambda: replaced(4, b"<</Fields[]>>"), ADOPTED),
    "fields that are a number": (lambda: replaced(4, b"<</Fields 7>>"), ADOPTED),
    "an XFA form": (lambda: replaced(4, b"<</Fields[]/XFA 7 0 R>>"), "XFA"),
    "an XFA form with fields too": (lambda: form(acro=b"/XFA 7 0 R", more={7: stream(b"<x/>")}), ADOPTED),
    "a password": (lambda: encrypted("secret"), "encrypted"),
    "an empty password": (lambda: encrypted(""), ADOPTED),
    "a password as programs set it today": (lambda: encrypted("secret", 6), "encrypted"),
    "an empty password as programs set it today": (lambda: encrypted("", 6), ADOPTED),
    "a signature": (
        lambda: form(
            page=b"/Annots[5 0 R 7 0 R]",
            more={7: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(s)/V<</Type/Sig>>/Rect[0 0 50 50]>>"},
        ).replace(b"/Annots[5 0 R]", b""),
        ADOPTED,
    ),
    "a place for a signature": (
        lambda: form(
            page=b"/Annots[5 0 R 7 0 R]",
            more={7: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(s)/Rect[0 0 50 50]>>"},
        ),
        ADOPTED,
    ),
    "a bomb in a page": (lambda: form(content=stream(ONCE, b"/Filter/FlateDecode")), "unpacks"),
    "a large bomb in a page": (
        lambda: form(content=stream(zlib.compress(b"0 " * 60_000_000, 9), b"/Filter/FlateDecode")),
        "unpacks",
    ),
    "a bomb in a bomb": (
        lambda: form(content=stream(BOMB, b"/Filter[/FlateDecode/FlateDecode]")),
        "unpacks",
    ),
    "nine megabytes of lines": (
        lambda: form(content=stream(zlib.compress(b"0 0 m " * 1_600_000, 9), b"/Filter/FlateDecode")),
        "hold more than any form",
    ),
    "a hundred filters": (
        lambda: form(content=stream(b"00>", b"/Filter[" + b"/ASCIIHexDecode" * 100 + b"]")),
        "",
    ),
    "a length that lies": (lambda: form().replace(b"/Length 14", b"/Length 999999999"), ""),
    "a field that is its own parent": (lambda: form(text=b"/Parent 5 0 R"), "deeper"),
    "a field that is its own kid": (lambda: form(text=b"/Kids[5 0 R]"), ""),
    "a page tree that goes round": (lambda: replaced(2, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"), ""),
    "a page tree of 500 levels": (lambda: page_tree(500), ""),
    "100,000 brackets": (lambda: form(acro=b"/X " + nested(b"[", b"]", 100_000)), ""),
    "20,000 dictionaries in each other": (lambda: form(acro=b"/X " + nested(b"<</A ", b">>", 20_000)), ""),
    "an object that is itself": (lambda: replaced(5, b"5 0 R"), ""),
    "a page as large as a city": (lambda: form(page=b"/MediaBox[0 0 9000000 9000000]"), ""),
    "a page without size": (lambda: form().replace(b"[0 0 595 842]", b"[0 0 0 0]"), "smaller"),
    "words for a size": (lambda: form().replace(b"[0 0 595 842]", b"[/a /b /c /d]"), ""),
    "three corners": (lambda: form().replace(b"[50 700 300 720]", b"[50 700 300]"), "no field"),
    "endless corners": (lambda: form().replace(b"[50 700 300 720]", b"[50 700 1e999 720]"), "no field"),
    "far corners": (lambda: form().replace(b"[50 700 300 720]", b"[50 700 9000000 720]"), "a number"),
    "a box of no size": (lambda: form().replace(b"[50 700 300 720]", b"[50 700 50 700]"), "no field"),
    "3,000 fields": (lambda: fields(3_000), "2000 fields"),
    "300 pages": (lambda: pages(300), "40 pages"),
    "annotations that are text": (
        lambda: form(page=b"/Annots(x)").replace(b"/Annots[5 0 R]", b""),
        "no field",
    ),
    "a name that is a dictionary": (lambda: form().replace(b"/T(next_step)", b"/T<</a/b>>"), ""),
    "a name of a megabyte": (lambda: form().replace(b"next_step", b"n" * 1_000_000), "no field"),
    "options of every kind": (lambda: form(text=b"/Opt[1 null[(a)][(a)(b)(c)]<</a/b>>]"), ""),
    "a length of a billion": (lambda: form(text=b"/MaxLen 1000000000/Ff 16777216"), ADOPTED),
    "an appearance string of noise": (lambda: form(text=b"/DA(" + b"9 Tf " * 20_000 + b")"), ""),
    "a size of a million points": (lambda: form(text=b"/DA(/F 1000000 Tf)"), ""),
    "a script that opens with it": (lambda: form(catalog=b"/OpenAction<</S/JavaScript/JS(x)>>"), ADOPTED),
    "scripts in names": (
        lambda: form(catalog=b"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(x)>>]>>>>"),
        ADOPTED,
    ),
    "a script in a field": (lambda: form(text=b"/AA<</K<</S/JavaScript/JS(x)>>>>"), ADOPTED),
    "an action in a picture": (
        lambda: form(
            page=b"/Resources<</XObject<</X 7 0 R>>>>",
            more={7: stream(b"f", b"/Subtype/Form/BBox[0 0 1 1]/AA<</O<</S/Launch/F(calc.exe)>>>>")},
        ).replace(b"/Resources<<>>", b""),
        ADOPTED,
    ),
    "an action that starts a program": (lambda: form(text=b"/A<</S/Launch/F(calc.exe)>>"), ADOPTED),
    "an embedded file": (
        lambda: form(
            catalog=b"/Names<</EmbeddedFiles<</Names[(a) 7 0 R]>>>>", more={7: b"<</Type/Filespec>>"}
        ),
        ADOPTED,
    ),
    "a picture that contains itself": (
        lambda: form(
            page=b"/Resources<</XObject<</X 7 0 R>>>>",
            more={7: stream(b"/X Do", b"/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</X 7 0 R>>>>")},
        ).replace(b"/Resources<<>>", b""),
        "",
    ),
    "no content": (lambda: form().replace(b"/Contents 6 0 R", b""), ADOPTED),
    "content that is a number": (lambda: replaced(6, b"42"), ""),
    "marks of our own in the page": (
        lambda: form(content=stream(b"q\n%@9 1 0 0 1 0 0\nQ\n%@page\n(x) Tj")),
        ADOPTED,
    ),
    "nobody's field": (lambda: form().replace(b"next_step", b"Text1"), "Text1"),
    "a turned page": (lambda: form(page=b"/Rotate 90", text=b"/MK<</R 90>>"), ADOPTED),
    "a page turned by half a degree": (lambda: form(page=b"/Rotate 0.5"), ADOPTED),
    "eleven megabytes": (lambda: form() + b"%" * 11_000_000, "10 MB"),
}
