"""The process that reads a brought form: job and file on standard input, one JSON answer out.

Runs alone under limits, so what a hostile file makes of it harms nobody. Tells causes apart: each has its own
remedy.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from typing import Any

from pypdf import PdfReader, apply_configuration
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject

from moodle_bridge.pdf.adopt.brought import Unusable
from moodle_bridge.pdf.adopt.inspection import inspected
from moodle_bridge.pdf.adopt.rebuild import Rebuilt
from moodle_bridge.pdf.syntax.graph import resolve

MOST_PAGES = 40
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
        answer = _refused(refusal.cause, str(refusal))
    except MemoryError:
        answer = _refused("large", "the form takes too much memory to read")
    except RecursionError:
        answer = _refused("damaged", "the form nests deeper than any form does")
    except LimitReachedError:
        answer = _refused("large", "a part of the form unpacks to more than any form holds (20 MB)")
    except PyPdfError as error:
        answer = _refused(
            "damaged", f"the form is damaged: {str(error).strip()[:150] or 'it cannot be read'}"
        )
    except Exception as error:
        answer = _refused(
            "damaged", f"the form is damaged: it holds something that no form has there ({error!s:.100})"
        )
    sys.stdout.write(json.dumps(answer))


def _refused(cause: str, message: str) -> dict[str, Any]:
    return {"refused": message, "cause": cause}


def read_form(data: bytes, job: dict[str, Any]) -> dict[str, Any]:
    """Make a template of a form, or list its fields; raises :class:`Unusable` if there is a reason not to.

    What only an owner's password protects anybody may read; the answer says so.
    """
    if b"%PDF-" not in data[:1024]:
        raise Unusable("format", "the file is not a PDF")
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted
        if locked and not reader.decrypt(""):
            raise Unusable("password", "the form is encrypted and opens only with a password")
        answer = _read(reader, job)
    except DependencyError:
        locked = True
        answer = _read(PdfReader(io.BytesIO(_unlocked(data))), job)
    if locked:
        told = "opened the form, which its owner protected against changes, not against reading"
        answer.setdefault("repaired", []).insert(0, told)
    return answer


def _read(reader: PdfReader, job: dict[str, Any]) -> dict[str, Any]:
    catalog = resolve(reader.trailer["/Root"])
    acro = resolve(catalog.get("/AcroForm"))
    if not isinstance(acro, DictionaryObject):
        raise Unusable("fields", "the form has no fields (no AcroForm)")
    fields = resolve(acro.get("/Fields"))
    if "/XFA" in acro and not (isinstance(fields, ArrayObject) and len(fields)):
        raise Unusable("xfa", "the form is an XFA form without fields")
    if len(reader.pages) > MOST_PAGES:
        raise Unusable("large", f"the form has more than {MOST_PAGES} pages")
    if job.get("task") == "inspect":
        return inspected(reader, catalog, acro, job)
    return Rebuilt(reader, catalog, acro, job).template()


def _unlocked(data: bytes) -> bytes:
    """A file encrypted as is usual today (AES), for which pypdf needs another library."""
    try:
        import pikepdf
    except ImportError as error:
        raise Unusable("library", "the form is encrypted with AES, which takes pikepdf to read") from error
    target = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            pdf.save(target)
    except pikepdf.PasswordError as error:
        raise Unusable("password", "the form is encrypted and opens only with a password") from error
    except pikepdf.PdfError as error:
        raise Unusable("damaged", "the form is damaged: its encryption cannot be read") from error
    return target.getvalue()
