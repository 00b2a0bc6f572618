"""Title, author and dates of a document, as /Info and as XMP."""

from __future__ import annotations

import re
import time
from xml.sax.saxutils import escape

from moodle_bridge.pdf.syntax.objects import text_string

PRODUCER = "Moodle Bridge"
_PRODUCER = PRODUCER.encode("ascii")
_PLAIN_XML = re.compile("[^\x00-\x1f&<>\ud800-\udfff\ufffe\uffff]*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_XMP = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"%s>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>
<dc:identifier>urn:uuid:%s</dc:identifier>
<xmp:CreateDate>%s</xmp:CreateDate><xmp:ModifyDate>%s</xmp:ModifyDate>
<xmp:MetadataDate>%s</xmp:MetadataDate><xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool>
<pdf:Producer>{PRODUCER}</pdf:Producer>%s
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
"""To be filled: namespace and claim of PDF/A around title, author, document and three times the date."""
_PDFA_NAMESPACE = ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"'
_PDFA = "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"


def pdf_date(seconds: int) -> str:
    """A UTC time as PDF writes it (7.9.4)."""
    return time.strftime("D:%Y%m%d%H%M%SZ", time.gmtime(seconds))


def info(title: str, author: str, date: str) -> bytes:
    """The document information dictionary; ``date`` as :func:`pdf_date` writes it."""
    written = date.encode("ascii")
    return b"<</Title%s/Author%s/Creator(%s)/Producer(%s)/CreationDate(%s)/ModDate(%s)>>" % (
        text_string(title),
        text_string(author),
        _PRODUCER,
        _PRODUCER,
        written,
        written,
    )


def xmp(title: str, author: str, document: str, date: str, *, archival: bool) -> bytes:
    """The XMP packet; claims PDF/A-3b only for an ``archival`` document. ``date`` as in :func:`info`."""
    iso = f"{date[2:6]}-{date[6:8]}-{date[8:10]}T{date[10:12]}:{date[12:14]}:{date[14:]}"
    namespace, claim = (_PDFA_NAMESPACE, _PDFA) if archival else ("", "")
    title, author, document = map(_xml, (title, author, document))
    return (_XMP % (namespace, title, author, document, iso, iso, iso, claim)).encode("utf-8")


def _xml(text: str) -> str:
    """Text as XML holds it, U+FFFD for what it cannot hold."""
    if _PLAIN_XML.fullmatch(text):
        return text
    return escape(_NOT_XML.sub("\ufffd", text))
