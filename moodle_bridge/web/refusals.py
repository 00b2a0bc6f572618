"""Every refusal as ``application/problem+json`` (RFC 9457) with what to do, and one log line.

Neither repeats anything the sender wrote: not the path, the method, a header or the body.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from moodle_bridge import metrics
from moodle_bridge.errors import BridgeError, StoreError
from moodle_bridge.log import trace
from moodle_bridge.remedies import remedy_of

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = 5

_TITLES = {
    "contract": "Plugin and service speak different versions of the contract",
    "internal": "Something went wrong inside the service",
    "malformed": "The message is malformed",
    "media-type": "The message has the wrong media type",
    "method": "This address takes other methods",
    "not-found": "There is nothing at this address",
    "not-paired": "No Moodle site is paired with this service",
    "pairing-code": "The pairing code is not valid",
    "second-site": "Another Moodle site is paired with this service",
    "signature": "The signature is wrong",
    "source-token": "The sender is not known",
    "stale": "The message is too old or from the future",
    "store": "The service cannot store anything at the moment",
    "too-deep": "The message nests too deep",
    "too-large": "The message is too large",
    "unsigned": "The message is not signed",
    "wrong-site": "The message comes from another site",
}
_HTTP = {404: "not-found", 405: "method", 413: "too-large", 415: "media-type"}
_ADDRESS = "address"
"""Under which the remedies say that the address is wrong."""


def install(app: Flask) -> None:
    """Answer every error of this application with a problem."""
    app.register_error_handler(BridgeError, _bridge_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def document(code: str, status: int, detail: str, remedy: Mapping[str, str], instance: str) -> bytes:
    """The JSON of a problem (contract: ``common#problem``)."""
    problem = {
        "type": f"urn:moodle-bridge:problem:{code}",
        "title": _TITLES.get(code, "The request was refused"),
        "status": status,
        "detail": detail,
        "remedy": dict(remedy),
        "instance": instance,
    }
    return json.dumps(problem, ensure_ascii=False).encode()


def _bridge_error(error: BridgeError) -> Response:
    # The contract knows one kind of trouble with the database; its cures are many.
    code = StoreError.code if isinstance(error, StoreError) else error.code
    return _answer(code, error.status, error.message, error.code)


def _http_error(error: HTTPException) -> Response:
    """Answer what the framework refuses by itself, with our words."""
    status = error.code or 500
    code = _HTTP.get(status, "refused" if status < 500 else "internal")
    response = _answer(code, status, _TITLES.get(code, "the request was refused"), _ADDRESS)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    log.error("an unexpected error: %s", type(error).__name__, exc_info=error)
    return _answer("internal", 500, "see the service's log")


def _answer(code: str, status: int, detail: str, remedied: str = "") -> Response:
    """The answer to a failure; ``remedied`` is whose remedy it names, if not that of its code."""
    instance = f"urn:uuid:{uuid.uuid4()}"
    metrics.count("refused", code)
    where = request.url_rule.rule if request.url_rule is not None else "an unknown address"
    facts = {"peer": request.remote_addr or "", "instance": instance}
    # The id is known once the signature was right; before, it could be anything.
    with trace(g.get("message_id", "")):
        log.warning("refused with %d %s at %s: %s", status, code, where, detail, extra=facts)
    response = Response(
        document(code, status, detail, remedy_of(remedied or code), instance), status, content_type=MEDIA_TYPE
    )
    if status == StoreError.status:
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response
