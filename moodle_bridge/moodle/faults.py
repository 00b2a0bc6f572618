"""What went wrong in Moodle, told from its answer: one typed error for every way it fails.

Moodle's own words are never repeated: its messages may quote what was sent. Its error codes are; they were
read in the code of Moodle 4.5 and 5.1 (``webservice/lib.php``, ``webservice/upload.php``, ``lib/setup.php``,
``lib/dmllib.php``, ``lib/external/classes/external_api.php``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeGuard
from urllib.parse import urlsplit

from moodle_bridge.contract import CONTRACT
from moodle_bridge.errors import (
    MoodleAccountHeld,
    MoodleBroken,
    MoodleError,
    MoodleFunctionMissing,
    MoodleGarbled,
    MoodleGuarded,
    MoodleMaintenance,
    MoodleRedirects,
    MoodleRefused,
    MoodleTokenRefused,
    MoodleUploadLimit,
)
from moodle_bridge.plain_json import Json, JsonObject

_TOKEN = frozenset(
    {
        "invalidtoken",
        "accessexception",
        "nopermissions",
        "requireloginerror",
        "servicerequireslogin",
        "wsaccessuserdeleted",
    }
)
# The account is there and the token right, but Moodle lets such an account in no more.
_ACCOUNT = frozenset(
    {
        "passwordisexpired",
        "usernotconfirmed",
        "wsaccessuserexpired",
        "wsaccessusernologin",
        "wsaccessusersuspended",
        "wsaccessuserunconfirmed",
        # Asked of people; a plugin that is not upgraded yet lets Moodle ask it of the account too.
        "forcepasswordchangenotice",
        "nopasswordchangeforced",
        "sitepolicynotagreed",
        "usernotfullysetup",
    }
)
_MAINTENANCE = frozenset({"sitemaintenance", "upgraderunning"})
# Trouble that passes: locks, the database, half-upgraded code; and a draft that the next try uploads anew.
_PASSING = frozenset(
    {
        "locktimeout",
        "partmissing",
        "draftmissing",
        "hashmismatch",
        "codingerror",
        "dbconnectionfailed",
        "ddlexecuteerror",
        "sessionwaiterr",
        "generalexceptionmessage",
        "storedfilecannotcreatefile",
        "storedfilecannotcreatefiledirs",
        "storedfilenotcreated",
        "storedfileproblem",
        "upload_error_cant_write",
        "upload_error_no_tmp_dir",
        "upload_error_partial",
    }
)
UPLOAD_LIMIT = frozenset(
    {
        "fileoversized",
        "maxbytes",
        "maxareabytes",
        "postmaxsize",
        "upload_error_ini_size",
        "upload_error_form_size",
        "uploadtoolarge",
        "userquotalimit",
    }
)
"""Codes of Moodle for a file that is larger than somebody takes."""

_CODE = re.compile(r"[A-Za-z0-9_]{1,60}")
_NOISE = re.compile(r"[^A-Za-z0-9.:\[\]-]")


def is_exception(answer: Json) -> TypeGuard[JsonObject]:
    """Whether a JSON answer is a Moodle exception (web service or ``upload.php``)."""
    return isinstance(answer, dict) and (
        "exception" in answer or ("error" in answer and "errorcode" in answer)
    )


def of_exception(answer: JsonObject, what: str) -> MoodleError:
    """The error that a Moodle exception stands for; ``what`` names the call."""
    given = answer.get("errorcode")
    code = given if isinstance(given, str) and _CODE.fullmatch(given) else ""
    said = f"{what}: Moodle answered with the error {code or '(without a code)'}"
    if code == "contractmismatch":
        return MoodleFunctionMissing(
            f"{said}: the plugin does not speak version {CONTRACT} of the contract", moodle_code=code
        )
    if code == "servicenotavailable" or _names_missing_function(code, answer, what):
        return MoodleFunctionMissing(said, moodle_code=code)
    if code in _ACCOUNT:
        return MoodleAccountHeld(said, moodle_code=code)
    if code in _TOKEN:
        return MoodleTokenRefused(said, moodle_code=code)
    if code in _MAINTENANCE:
        return MoodleMaintenance(said, moodle_code=code)
    # A PHP error that nobody caught has no code; those of the database all begin with dml.
    if not code or code in _PASSING or code.startswith("dml"):
        return MoodleBroken(said, moodle_code=code)
    if code in UPLOAD_LIMIT:
        return MoodleUploadLimit(said, moodle_code=code)
    return MoodleRefused(said, moodle_code=code)


def _names_missing_function(code: str, answer: JsonObject, what: str) -> bool:
    """A function unknown to the site is an ``invalidrecord`` of one table; one that the service lacks can
    be told from other causes of ``accessexception`` only where Moodle's debugging is on.

    From 5.1 on a site without debugging does not name the table (``invalidrecordunknown``). That may be any
    record, but for the call that everything begins with: there it is the function.
    """
    if code in ("invalidrecord", "invalidrecordunknown"):
        named = "external_functions" in f"{answer.get('message')} {answer.get('debuginfo')}"
        return named or (code == "invalidrecordunknown" and what == "get_changes")
    return code == "accessexception" and str(answer.get("debuginfo")).startswith("Access to the function")


def of_status(
    status: int, reason: str, headers: Mapping[str, str], body: bytes, what: str
) -> MoodleError | None:
    """The error that an HTTP status stands for; None for 200."""
    if status == 200:
        return None
    if 300 <= status < 400:
        return MoodleRedirects(f"{what}: Moodle redirects (HTTP {status}) to {_where(headers)}")
    if status == 503 and ("maintenance" in reason.lower() or speaks_of_maintenance(body)):
        return MoodleMaintenance(f"{what}: Moodle is under maintenance (HTTP 503)")
    if status == 403:
        return MoodleFunctionMissing(
            f"{what}: Moodle answered with HTTP 403; web services or the REST protocol may be switched off"
        )
    if status in (401, 407, 413):
        kind = MoodleUploadLimit if status == 413 else MoodleGuarded
        return kind(
            f"{what}: the server before Moodle answered with HTTP {status}", moodle_code=f"http-{status}"
        )
    return MoodleBroken(f"{what}: Moodle answered with HTTP {status}")


def of_text(body: bytes, what: str) -> MoodleError:
    """The error that an answer stands for that is no JSON."""
    if speaks_of_maintenance(body):
        return MoodleMaintenance(f"{what}: Moodle shows its maintenance page")
    if not body.strip():
        return MoodleGarbled(f"{what}: the answer is empty")
    if body.lstrip()[:1] == b"<":
        return MoodleGarbled(f"{what}: the answer is a web page, not JSON")
    return MoodleGarbled(f"{what}: the answer is not JSON, or was cut off")


def speaks_of_maintenance(body: bytes) -> bool:
    """Whether a page is Moodle's maintenance page (its ids and classes name it in every language)."""
    return body.lstrip()[:1] == b"<" and b"maintenance" in body[:65536].lower()


def _where(headers: Mapping[str, str]) -> str:
    """Scheme and host of a redirect, without anything that could disturb a log."""
    try:
        parts = urlsplit(headers.get("location", ""))
    except ValueError:
        return "an unreadable address"
    if not parts.hostname:
        return "another page of its own"
    return _NOISE.sub("", f"{parts.scheme}:") + "//" + _NOISE.sub("", parts.netloc.rpartition("@")[2])[:100]
