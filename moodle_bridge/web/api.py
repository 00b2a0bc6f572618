"""What the plugin asks the service directly: pair, unpair, ping, plan. All of it signed."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from urllib.parse import urlsplit

from flask import Blueprint, g
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine

from moodle_bridge import __version__, languages
from moodle_bridge.contract import CONTRACT
from moodle_bridge.contract.exchanges import PairRequest, PlanRequest, SiteRequest
from moodle_bridge.domain.course import plan
from moodle_bridge.errors import BadPairingCode, BadSignature, BridgeError, Malformed, WrongSite
from moodle_bridge.log import trace
from moodle_bridge.moodle import signing
from moodle_bridge.moodle.events import contract_message
from moodle_bridge.pipeline.alarms import ringing
from moodle_bridge.pipeline.hints import sync_job
from moodle_bridge.plain_json import Json
from moodle_bridge.remedies import remedy_of
from moodle_bridge.store import facts, pairing, queue
from moodle_bridge.store.engine import write
from moodle_bridge.store.pairing import Pairing
from moodle_bridge.store.standing import HEARD, standing
from moodle_bridge.web.messages import parts, read_json_body, signature_headers, signed_message

log = logging.getLogger(__name__)

api = Blueprint("api", __name__, url_prefix="/api")

PING_SECONDS = 8
"""Longest time that a ping waits for Moodle: the page that asked waits too."""
_LONGEST_PLAN = dt.timedelta(days=3660)
_SERVICE = "service"


@api.post("/pair", provide_automatic_options=False)
def pair() -> ResponseReturnValue:
    """Pair with the site that knows a one-time code; answers the shared secret."""
    body = read_json_body()
    engine, now = parts().engine, parts().clock()
    codes = pairing.open_codes(engine, now)
    try:
        g.message_id, which = signing.verify_which(
            [key for _, key in codes], signature_headers(), body, int(now)
        )
    except BadSignature:
        raise BadPairingCode("the request is not signed with a pairing code that is valid now") from None
    message = contract_message(body, "pair", parts().settings.limits.depth, PairRequest.of)
    _refuse_odd_address(message.site)
    before = pairing.current(engine)
    secret = signing.new_secret()
    new = Pairing(
        site=message.site,
        site_name=message.site_name,
        token=message.token,
        secrets=((secret, None),),
        language=message.language,
        moodle_release=message.moodle_release[:100],
        plugin_release=message.plugin_release[:100],
        paired_at=now,
    )
    service = service_id(engine)
    pairing.pair(engine, codes[which][0], new, now)
    with trace(g.message_id):
        if before is not None and before.site != new.site:
            log.warning("paired with another site than before: %s instead of %s", new.site, before.site)
        log.info("paired with %s (Moodle %s)", new.site, new.moodle_release)
        with write(engine) as connection:
            queue.enqueue(connection, sync_job(g.message_id), now)
        parts().wake()
    return {"contract": CONTRACT, "service": service, "release": __version__, "secret": secret}


@api.post("/unpair", provide_automatic_options=False)
def unpair() -> ResponseReturnValue:
    """Forget the site's token and secrets."""
    _, message_id, paired = signed_message("unpair", SiteRequest.of)
    pairing.forget(parts().engine)
    with trace(message_id):
        log.info("unpaired from %s", paired.site)
    return {"contract": CONTRACT}


@api.post("/ping", provide_automatic_options=False)
def ping() -> ResponseReturnValue:
    """Call Moodle back, so that both directions are tested, and say how things stand and what rings."""
    _, message_id, paired = signed_message("ping", SiteRequest.of)
    made = parts()
    with write(made.engine) as connection:
        facts.put(connection, HEARD, made.clock())
    with trace(message_id):
        moodle = _call_back(paired)
    now = made.clock()
    stand = standing(made.engine, now, float(made.settings.jobs.lease_seconds))
    return {
        "contract": CONTRACT,
        "service": service_id(parts().engine),
        "release": __version__,
        "time": int(now),
        "moodle": moodle,
        "queue": {
            "waiting": stand.jobs["queued"] + stand.jobs["running"],
            "dead": stand.dead.number,
            "set_aside": stand.set_aside.number,
            "oldest": int(stand.unfinished_since),
        },
        "limits": {"body": made.settings.limits.body_bytes},
        "alarms": [
            {
                "code": each.code,
                "severity": each.severity,
                "since": int(each.since),
                "reason": dict(each.reason),
                "remedy": dict(each.remedy),
            }
            for each in ringing(stand, now, made.settings.reconcile.every_seconds)
        ],
    }


@api.post("/plan", provide_automatic_options=False)
def propose() -> ResponseReturnValue:
    """The sessions' dates for a start, an end and a frequency."""
    message, _, _ = signed_message("plan", PlanRequest.of)
    _refuse_long_plan(message.start, message.end)
    proposal = plan.dates(
        message.start,
        message.end,
        message.frequency,
        interim_count=message.interim_count,
        own_dates=message.dates,
        fill_days=message.fill_days,
        holidays=message.holidays,
        country=parts().settings.plan.country,
        weekend=message.weekend,
    )
    return {
        "contract": CONTRACT,
        "sessions": [
            {"number": each.number, "kind": each.kind, "date": each.date, "due": each.due}
            for each in proposal.sessions
        ],
        "notes": plan.note_texts(parts().catalogue, proposal.notes),
    }


def service_id(engine: Engine) -> str:
    """The UUID of this service, made the first time it is asked for."""
    known = facts.get(engine, _SERVICE)
    if known is None:
        with write(engine) as connection:
            known = facts.put_once(connection, _SERVICE, str(uuid.uuid4()))
    return str(known)


def _call_back(paired: Pairing) -> dict[str, Json]:
    trouble: BridgeError | None = None
    began = time.perf_counter()
    try:
        seconds = min(PING_SECONDS, parts().settings.moodle.timeout_seconds)
        answer = parts().connect_moodle().greet(timeout_seconds=seconds)
        if answer.site != paired.site:
            raise WrongSite("the site that answers the service's calls is another one than the one paired")
    except BridgeError as error:
        log.warning("Moodle could not be called back: %s", error.message)
        trouble = error
    return {
        "reachable": trouble is None,
        "milliseconds": round(1000 * (time.perf_counter() - began)),
        "code": trouble.code if trouble else "",
        "message": trouble.message if trouble else "",
        "remedy": dict(remedy_of(trouble.code)) if trouble else dict.fromkeys(languages.known(), ""),
    }


def _refuse_odd_address(site: str) -> None:
    """Refuse an address that is not plain: with user, query, fragment or a slash at its end."""
    try:
        address = urlsplit(site)
        plain = bool(address.hostname) and address.port != 0
    except ValueError:
        plain = False
    if not plain or any(mark in site for mark in "@?#\\") or site.endswith("/"):
        raise Malformed("the site is not a plain address such as https://moodle.example")


def _refuse_long_plan(start: str, end: str) -> None:
    try:
        length = dt.date.fromisoformat(end) - dt.date.fromisoformat(start)
    except ValueError:
        raise Malformed("start and end have to be dates of the calendar") from None
    if length > _LONGEST_PLAN or not "1970" <= start[:4] <= "9900":
        raise Malformed("a process lasts ten years at most")
