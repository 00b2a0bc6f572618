"""Title, author and dates of a document, as /Info and as XMP."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Literal
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
Claim = Literal["", "3b", "3a"]
"""What a document claims to be: PDF/A-3b, or PDF/A-3a and PDF/UA-1, or nothing."""
_PDFA_NAMESPACE = ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"'
_PDFUA_NAMESPACE = """ xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" \
xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#\""""
_PDFA = "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>{}</pdfaid:conformance>"
_PDFUA = """<pdfuaid:part>1</pdfuaid:part>
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the document conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>"""
"""PDF/A wants what it does not define itself to be described (ISO 19005-3, 6.6.2.3)."""
_CLAIMS: Mapping[Claim, tuple[str, str]] = {
    "": ("", ""),
    "3b": (_PDFA_NAMESPACE, _PDFA.format("B")),
    "3a": (_PDFA_NAMESPACE + _PDFUA_NAMESPACE, _PDFA.format("A") + _PDFUA),
}


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


def xmp(title: str, author: str, document: str, date: str, *, claim: Claim) -> bytes:
    """The XMP packet; ``date`` as in :func:`info`."""
    iso = f"{date[2:6]}-{date[6:8]}-{date[8:10]}T{date[10:12]}:{date[12:14]}:{date[14:]}"
    namespace, claimed = _CLAIMS[claim]
    title, author, document = map(_xml, (title, author, document))
    return (_XMP % (namespace, title, author, document, iso, iso, iso, claimed)).encode("utf-8")


def claims_3a(document: bytes) -> bool:
    """Whether a document claims to be PDF/A-3a and PDF/UA-1."""
    return _PDFUA.encode("ascii") in document


def as_3b(document: bytes) -> bytes:
    """The same, as long, that claims PDF/A-3b alone: for a validator that knows no other."""
    for more, less in zip(_CLAIMS["3a"], _CLAIMS["3b"], strict=True):
        document = document.replace(more.encode("ascii"), less.ljust(len(more)).encode("ascii"))
    return document


def _xml(text: str) -> str:
    """Text as XML holds it, U+FFFD for what it cannot hold."""
    if _PLAIN_XML.fullmatch(text):
        return text
    return escape(_NOT_XML.sub("\ufffd", text))
