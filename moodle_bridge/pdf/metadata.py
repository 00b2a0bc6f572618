"""Title, author and dates of a document, as /Info and as XMP, and the canonical form of its data."""

from __future__ import annotations

import json
import re
import time
from typing import Any
from xml.sax.saxutils import escape

from moodle_bridge.pdf.objects import text_string

PRODUCER = "Moodle Bridge"
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"{namespace}>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:identifier>urn:uuid:{document}</dc:identifier>
<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>
<xmp:MetadataDate>{date}</xmp:MetadataDate><xmp:CreatorTool>{producer}</xmp:CreatorTool>
<pdf:Producer>{producer}</pdf:Producer>{conformance}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_PDFA_NAMESPACE = ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"'
_PDFA = "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, characters as they are, UTF-8.

    Lone surrogates, which UTF-8 cannot hold, stay as the escapes they came in.
    """
    text = _encode(value)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode("utf-8")


def pdf_date(seconds: int) -> str:
    """A UTC time as PDF writes it (7.9.4)."""
    return time.strftime("D:%Y%m%d%H%M%SZ", time.gmtime(seconds))


def info(title: str, author: str, seconds: int) -> bytes:
    """The document information dictionary."""
    date = pdf_date(seconds).encode("ascii")
    return b"<</Title%s/Author%s/Creator(%s)/Producer(%s)/CreationDate(%s)/ModDate(%s)>>" % (
        text_string(title),
        text_string(author),
        PRODUCER.encode("ascii"),
        PRODUCER.encode("ascii"),
        date,
        date,
    )


def xmp(title: str, author: str, document: str, seconds: int, *, archival: bool) -> bytes:
    """The XMP packet; claims PDF/A-3b only for an ``archival`` document."""
    return _XMP.format(
        namespace=_PDFA_NAMESPACE if archival else "",
        title=escape(_NOT_XML.sub("\ufffd", title)),
        author=escape(_NOT_XML.sub("\ufffd", author)),
        document=escape(document),
        date=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)),
        producer=PRODUCER,
        conformance=_PDFA if archival else "",
    ).encode("utf-8")
