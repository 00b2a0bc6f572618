"""Webhooks in: a signed hint of our plugin, or a hint of a third-party plugin with a token.

A hint is stored together with the jobs it makes before it is answered; a repeated one is answered alike.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import uuid

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from moodle_bridge import metrics
from moodle_bridge.contract.exchanges import Webhook
from moodle_bridge.errors import NotPaired, UnknownSource, WrongSite
from moodle_bridge.log import trace
from moodle_bridge.moodle.events import LOCAL_WEBHOOKS, TOOL_TRIGGER, foreign_hint, same_host
from moodle_bridge.pipeline.hints import jobs_for
from moodle_bridge.store import inbox, pairing
from moodle_bridge.store.inbox import Hint
from moodle_bridge.web.messages import parts, read_body, signed_message

log = logging.getLogger(__name__)

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@webhooks.post("/moodle", provide_automatic_options=False)
def from_our_plugin() -> ResponseReturnValue:
    """A signed message of the contract (schema ``webhook``): 202 once it is on disk."""
    message, message_id, _ = signed_message("webhook", Webhook.of)
    _remember(Hint(message_id, "moodle", message.type, message.data, parts().clock()))
    return {"received": message_id}, 202


@webhooks.post(f"/hint/{LOCAL_WEBHOOKS}", provide_automatic_options=False)
def from_local_webhooks() -> ResponseReturnValue:
    """An event as ``local_webhooks`` sends it, its token in the body."""
    return _foreign(LOCAL_WEBHOOKS, parts().settings.hints.local_webhooks_token)


@webhooks.post(f"/hint/{TOOL_TRIGGER}", provide_automatic_options=False)
def from_tool_trigger() -> ResponseReturnValue:
    """A form or JSON from a workflow of ``tool_trigger``, with the token as bearer or field ``token``."""
    return _foreign(TOOL_TRIGGER, parts().settings.hints.tool_trigger_token)


def _foreign(source: str, token: str) -> ResponseReturnValue:
    """200 (``tool_trigger`` takes nothing else for success) once the hint is on disk.

    Its id is random. These plugins give none, and one made from the event could equal that of a later
    change in the same second and swallow it; a hint too many only asks for a sync that is queued already.
    """
    hint = foreign_hint(read_body(), parts().settings.limits.depth)
    bearer = request.authorization.token if request.authorization is not None else None
    if not token or not _equal(token, hint.token or bearer or ""):
        raise UnknownSource(f"the token is not the one of the setting hints.{source}_token")
    paired = pairing.current(parts().engine)
    if paired is None:
        raise NotPaired("no Moodle site is paired with this service")
    if hint.host and not same_host(hint.host, paired.site):
        raise WrongSite("the message comes from another site than the one paired here, perhaps a clone of it")
    hint_id = f"{source}_{uuid.uuid4().hex}"
    _remember(Hint(hint_id, source, "event", hint.data, parts().clock()))
    return {"received": hint_id}, 200


def _remember(hint: Hint) -> None:
    with trace(hint.id):
        receipt = inbox.receive(parts().engine, hint, jobs_for(hint.type, hint.data, hint.id))
        if not receipt.fresh:
            metrics.count("duplicates", hint.source)
            log.info("received again: %s", hint.type)
            return
        if receipt.due:
            parts().wake()
        metrics.count("received", hint.type if hint.source == "moodle" else hint.source)
        log.info("received %s", hint.type)


def _equal(expected: str, given: str) -> bool:
    """Whether two tokens are the same, in a time that tells nothing about either, not even its length."""
    digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (expected, given)]
    return hmac.compare_digest(digests[0], digests[1])
