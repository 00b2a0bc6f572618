"""Moodle's web services, as the contract names them: one call, one answer, one typed error.

It talks to the one site it was made for: no redirects, no proxies from the environment. The token travels in
the body only and is in no address, message or representation. It never tries again by itself: the job that
called does. What it tolerates: a content type that is not JSON's, a byte order mark, and PHP notices
printed before the JSON (a site with debug display); everything else has to be exactly what the contract
says. Reads no clock but for the time limit.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, IncompleteRead, NameResolutionError, ProtocolError, ReadTimeoutError

from moodle_bridge.contract import CONTRACT, faults
from moodle_bridge.contract.exchanges import (
    ChangePage,
    DefinitionItem,
    DefinitionsTaken,
    DocumentPage,
    ItemsTaken,
    PersonalItem,
    PersonalName,
    PushPart,
    SetAsideItem,
    SetAsideTaken,
    StoredDocument,
    SubmissionPage,
    SummaryItem,
    SummaryName,
)
from moodle_bridge.contract.records import (
    ChangeRecord,
    DecisionRecord,
    DocumentRecord,
    ParticipantsRecord,
    PersonRecord,
    SentSubmission,
    SessionRecord,
    Unread,
    as_json,
)
from moodle_bridge.errors import (
    MoodleCertificate,
    MoodleError,
    MoodleGarbled,
    MoodleRefused,
    MoodleSlow,
    MoodleUnreachable,
    MoodleUploadLimit,
)
from moodle_bridge.moodle.faults import UPLOAD_LIMIT, is_exception, of_exception, of_status, of_text
from moodle_bridge.moodle.sifting import sifted
from moodle_bridge.moodle.transport import pool_manager, time_limit
from moodle_bridge.plain_json import Json, JsonObject, WrongField

log = logging.getLogger(__name__)

PREFIX = "mod_monitoringsession_"
ANSWER_BYTES = 32 * 1024 * 1024
"""Largest answer that is read."""
SUBMISSIONS = 100
"""Most submissions of a page."""
DOCUMENTS = 500
"""Most documents of a page."""

_CHUNK = 64 * 1024
_HEADERS = {
    "Accept": "application/json",
    # Uncompressed: an answer cannot grow beyond its limit while it is unpacked.
    "Accept-Encoding": "identity",
    "User-Agent": "moodle-bridge",
}
# As PHP prints it, with html_errors on and off.
_NOTICE = re.compile(rb"\s*(?:<br />\s*)?(?:<b>)?(?:PHP )?(?:Warning|Notice|Deprecated)(?:</b>)?:")
_NEW_LINE = re.compile(rb"\n(?=[{\[])")
_MOST_NOTICES = 20

Answer = TypeVar("Answer")


class Client:
    """Calls one Moodle site with one token; may be used by many threads at once."""

    def __init__(
        self,
        site: str,
        token: str,
        *,
        timeout_seconds: float,
        concurrency: int,
        ca_file: str = "",
        answer_bytes: int = ANSWER_BYTES,
    ) -> None:
        """``site`` is Moodle's wwwroot.

        A call takes at most ``timeout_seconds`` (connecting a quarter of it); ``concurrency`` connections
        are kept.
        """
        self.site = site.rstrip("/")
        self._token = token
        self._timeout = timeout_seconds
        self._answer_bytes = answer_bytes
        self._verify = ca_file or True
        # The library's adapter without its session, which would follow redirects, read proxies and passwords
        # from the environment and keep cookies.
        self._adapter = _Adapter(pool_maxsize=concurrency)

    def __repr__(self) -> str:
        return f"Client({self.site!r})"

    def close(self) -> None:
        """Close the connections that are kept."""
        self._adapter.close()

    def greet(self, timeout_seconds: float | None = None) -> ChangePage:
        """Ask for nothing, to see whether Moodle, token and plugin work; the answer of ``get_changes``."""
        return self._call("get_changes", {"cursor": 0, "limit": 0}, ChangePage.of, timeout_seconds)

    def get_changes(self, cursor: int, limit: int) -> ChangePage:
        """The change sequence after ``cursor``, at most ``limit`` changes."""
        page, unread = self._call_apart(
            "get_changes",
            {"cursor": cursor, "limit": limit},
            ChangePage.of,
            {"changes": ChangeRecord.of, "sessions": SessionRecord.of, "decisions": DecisionRecord.of},
        )
        return replace(page, unread=unread)

    def get_submissions(
        self, ids: Sequence[str] = (), session: str = "", *, after: int = 0, limit: int = SUBMISSIONS
    ) -> SubmissionPage:
        """A page of submissions with answers: of at most 100 ``ids``, or of every version of ``session``.

        It begins behind the position ``after``; the answer names its last one's position and whether ``more``
        follows. A page is shorter than ``limit`` where answers are long.
        """
        asked: JsonObject = {"ids": ids, "session": session, "after": after, "limit": limit}
        page, unread = self._call_apart(
            "get_submissions",
            asked,
            SubmissionPage.of,
            {"submissions": SentSubmission.of, "sessions": SessionRecord.of},
        )
        if page.more and page.after <= after:
            raise MoodleGarbled("get_submissions: more is to follow, but the page's position does not move")
        return replace(page, unread=unread)

    def get_participants(self, session: str) -> tuple[ParticipantsRecord, tuple[Unread, ...]]:
        """Who takes part in a session, with roles and groups; and whose record cannot be read."""
        return self._call_apart(
            "get_participants",
            {"session": session},
            ParticipantsRecord.of,
            {"participants": PersonRecord.of},
        )

    def put_definitions(self, definitions: Sequence[DefinitionItem]) -> DefinitionsTaken:
        """Push forms."""
        items = [as_json(each) for each in definitions]
        return self._call("put_definitions", {"definitions": items}, DefinitionsTaken.of)

    def put_personal(
        self,
        session: str,
        items: Sequence[PersonalItem],
        part: PushPart | None = None,
        unchanged: Sequence[PersonalName] = (),
    ) -> ItemsTaken:
        """Push carried-over rows; with ``part`` of all there are, those that are ``unchanged`` only named."""
        return self._put_items("put_personal", session, items, part, unchanged)

    def put_summary(
        self,
        session: str,
        items: Sequence[SummaryItem],
        part: PushPart | None = None,
        unchanged: Sequence[SummaryName] = (),
    ) -> ItemsTaken:
        """Push summaries and signals; with ``part`` of all there are, the ``unchanged`` only named."""
        return self._put_items("put_summary", session, items, part, unchanged)

    def store_document(
        self,
        *,
        session: str,
        submission: str,
        document: str,
        variant: str,
        language: str,
        filename: str,
        size: int,
        sha256: str,
        answers_sha256: str,
        draftitemid: int,
    ) -> StoredDocument:
        """Move an uploaded draft into the session; the same document again is answered the same."""
        return self._call(
            "store_document",
            {
                "session": session,
                "submission": submission,
                "document": document,
                "variant": variant,
                "language": language,
                "filename": filename,
                "size": size,
                "sha256": sha256,
                "answers_sha256": answers_sha256,
                "draftitemid": draftitemid,
            },
            StoredDocument.of,
        )

    def list_documents(self, session: str, *, after: int = 0, limit: int = DOCUMENTS) -> DocumentPage:
        """A page of the register of a session's documents, behind the position ``after``."""
        page, unread = self._call_apart(
            "list_documents",
            {"session": session, "after": after, "limit": limit},
            DocumentPage.of,
            {"documents": DocumentRecord.of},
        )
        if page.more and page.after <= after:
            raise MoodleGarbled("list_documents: more is to follow, but the page's position does not move")
        return replace(page, unread=unread)

    def report_problem(
        self, *, session: str, submission: str, state: str, kind: str, code: str, content: str
    ) -> None:
        """Show or clear a problem of a submission; ``content`` is JSON text (``problem-report``)."""
        self._call(
            "report_problem",
            {
                "session": session,
                "submission": submission,
                "state": state,
                "kind": kind,
                "code": code,
                "content": content,
            },
            _nothing,
        )

    def put_set_aside(self, session: str, revision: int, items: Sequence[SetAsideItem]) -> SetAsideTaken:
        """Show all that is set aside in a session; none takes back what was shown."""
        asked: JsonObject = {
            "session": session,
            "revision": revision,
            "items": [as_json(each) for each in items],
        }
        return self._call("put_set_aside", asked, SetAsideTaken.of)

    def upload(self, filename: str, content: bytes) -> int:
        """Upload a PDF as a draft of the service account; its draft item id."""
        answer = self._exchange(
            "upload",
            "/webservice/upload.php",
            {"token": self._token, "itemid": "0", "filearea": "draft"},
            {"file": (filename, content, "application/pdf")},
        )
        first = answer[0] if isinstance(answer, list) and len(answer) == 1 else None
        if isinstance(first, dict) and "errortype" in first:
            kind = re.sub(r"[^A-Za-z0-9_]", "", str(first["errortype"]))[:60]
            refused = MoodleUploadLimit if kind in UPLOAD_LIMIT else MoodleRefused
            raise refused(f"upload: Moodle does not take the file ({kind})", moodle_code=kind)
        item = first.get("itemid") if isinstance(first, dict) else None
        if isinstance(item, bool) or not isinstance(item, int) or item < 1:
            raise MoodleGarbled("upload: the answer does not name one draft item")
        return item

    def _put_items(
        self,
        function: str,
        session: str,
        items: Sequence[PersonalItem] | Sequence[SummaryItem],
        part: PushPart | None,
        unchanged: Sequence[PersonalName] | Sequence[SummaryName],
    ) -> ItemsTaken:
        asked: JsonObject = {"session": session, "items": [as_json(each) for each in items]}
        if part is not None:
            asked = {**asked, **as_json(part), "unchanged": [as_json(each) for each in unchanged]}
        return self._call(function, asked, ItemsTaken.of)

    def _call(
        self,
        function: str,
        parameters: JsonObject,
        read: Callable[[JsonObject], Answer],
        timeout_seconds: float | None = None,
    ) -> Answer:
        return _checked(function, self._asked(function, parameters, timeout_seconds), read)

    def _call_apart(
        self,
        function: str,
        parameters: JsonObject,
        read: Callable[[JsonObject], Answer],
        records: Mapping[str, Callable[[JsonObject], object]],
    ) -> tuple[Answer, tuple[Unread, ...]]:
        """Call a function whose answer has lists of ``records``: one that cannot be read spoils no other."""
        answer = self._asked(function, parameters)
        try:
            return _checked(function, answer, read), ()
        except MoodleGarbled:
            kept, unread = sifted(function, answer, records)
            if not unread:
                raise
        return _checked(function, kept, read), unread

    def _asked(self, function: str, parameters: JsonObject, timeout_seconds: float | None = None) -> Json:
        form = {
            "wstoken": self._token,
            "wsfunction": PREFIX + function,
            "moodlewsrestformat": "json",
            **dict(flatten({"contract": CONTRACT, **parameters})),
        }
        return self._exchange(function, "/webservice/rest/server.php", form, None, timeout_seconds)

    def _exchange(
        self,
        what: str,
        path: str,
        form: Mapping[str, str],
        files: Mapping[str, tuple[str, bytes, str]] | None,
        timeout_seconds: float | None = None,
    ) -> Json:
        seconds = timeout_seconds or self._timeout
        trouble: MoodleError | None = None
        try:
            request = requests.Request("POST", self.site + path, _HEADERS, files, form).prepare()
            response, answered = self._sent(request, what, seconds)
        except (requests.RequestException, HTTPError, OSError) as error:
            trouble = _trouble(error, what, seconds)
        if trouble is not None:
            raise trouble  # outside "except": the library's own exception holds the body with the token
        return _answer(response, answered, what)

    def _sent(
        self, request: requests.PreparedRequest, what: str, seconds: float
    ) -> tuple[requests.Response, bytes]:
        """The answer to a request, read whole within the time limit."""
        timeout = (seconds / 4, seconds)
        with (
            time_limit(seconds),
            self._adapter.send(request, stream=True, timeout=timeout, verify=self._verify) as answer,
        ):
            return answer, self._read(answer, what)

    def _read(self, response: requests.Response, what: str) -> bytes:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise MoodleGarbled(f"{what}: the answer is compressed, which was not asked for")
        parts: list[bytes] = []
        size = 0
        while part := response.raw.read(_CHUNK, decode_content=False):
            size += len(part)
            if size > self._answer_bytes:
                raise MoodleGarbled(f"{what}: the answer is larger than {self._answer_bytes} bytes")
            parts.append(part)
        return b"".join(parts)


def _checked(function: str, answer: Json, read: Callable[[JsonObject], Answer]) -> Answer:
    """An answer as ``read`` has it, if it is what the contract says."""
    wrong = faults(function, answer, "answer")
    if wrong or not isinstance(answer, dict):
        raise MoodleGarbled(f"{function}: the answer breaks the contract: {'; '.join(wrong[:5])}")
    try:
        return read(answer)
    except WrongField as error:  # 1.0 for 1, say, which a schema lets pass
        raise MoodleGarbled(f"{function}: {error}") from None


def _nothing(answer: JsonObject) -> None:
    """Read an answer that says no more than that all is well."""


class _Adapter(HTTPAdapter):
    """The library's adapter over connections with a time limit."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **_more: object) -> None:
        self.poolmanager = pool_manager(maxsize)


def flatten(value: object, name: str = "") -> Iterable[tuple[str, str]]:
    """Form fields as Moodle's REST server reads them: ``ids[0]``, ``items[0][user]``, booleans as 0 and 1.

    An empty list gives no field at all: that is how REST says it.
    """
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from flatten(part, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from flatten(part, f"{name}[{index}]")
    else:
        yield name, str(int(value)) if isinstance(value, bool) else str(value)


def _answer(response: requests.Response, body: bytes, what: str) -> Json:
    """The value that was answered; raises the error that it stands for."""
    answer, is_json = _json(body)
    if is_json and is_exception(answer):
        raise of_exception(answer, what)
    failure = of_status(response.status_code, response.reason or "", response.headers, body, what)
    if failure is None and not is_json:
        failure = of_text(body, what)
    if failure is not None:
        raise failure
    return answer


def _json(body: bytes) -> tuple[Json, bool]:
    """The value of an answer and whether it is JSON at all."""
    text = body.removeprefix(b"\xef\xbb\xbf")
    starts = [0]
    if _NOTICE.match(text):
        starts += [line.end() for line in islice(_NEW_LINE.finditer(text), _MOST_NOTICES)]
    for start in starts:
        try:
            value: Json = json.loads(text[start:])
        except (ValueError, RecursionError):
            continue
        if start:
            log.warning("Moodle prints PHP notices before its answers: switch debug display off there")
        return value, True
    return None, False


def _trouble(error: Exception, what: str, seconds: float) -> MoodleError:
    """The typed error for a call that got no whole answer."""
    causes = list(_causes(error))
    if any(isinstance(cause, requests.Timeout | ReadTimeoutError | TimeoutError) for cause in causes):
        if any(isinstance(cause, requests.ConnectTimeout) for cause in causes):
            return MoodleUnreachable(f"{what}: no connection to Moodle within {seconds / 4:g} seconds")
        return MoodleSlow(f"{what}: Moodle did not answer within {seconds:g} seconds")
    if any(isinstance(cause, IncompleteRead) for cause in causes):
        return MoodleGarbled(f"{what}: the answer was cut off")
    if any(isinstance(cause, requests.exceptions.SSLError) for cause in causes):
        return MoodleCertificate(f"{what}: the certificate of Moodle was not accepted, or TLS failed")
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return MoodleUnreachable(f"{what}: the name of the Moodle site is not known")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return MoodleUnreachable(f"{what}: the connection to Moodle was refused")
    if any(isinstance(cause, ProtocolError) for cause in causes):
        return MoodleUnreachable(f"{what}: the connection to Moodle broke off before the answer was complete")
    return MoodleUnreachable(f"{what}: no connection to Moodle ({type(error).__name__})")


def _causes(error: BaseException) -> Iterable[BaseException]:
    """An exception and those it wraps (libraries keep them in ``args``, ``reason`` and the chain)."""
    waiting, seen = [error], set()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]
        waiting += [each for each in inner if isinstance(each, BaseException)]
