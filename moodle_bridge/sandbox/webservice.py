"""The stand-in's machine side over HTTP: REST server, upload, fault switches."""

from __future__ import annotations

import hmac
import ipaddress
import json
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request

from moodle_bridge.plain_json import Json
from moodle_bridge.sandbox import php
from moodle_bridge.sandbox.functions import PREFIX, Functions, Refused
from moodle_bridge.sandbox.sqlite_file import Database
from moodle_bridge.sandbox.switches import Faults
from moodle_bridge.sandbox.waiter import hang_up

MAINTENANCE = """<!DOCTYPE html><html lang="bg"><head><meta charset="utf-8"><title>Поддръжка</title></head>
<body><h1>Сайтът е в режим на поддръжка</h1><p>This site is undergoing maintenance.</p></body></html>"""


def blueprint(database: Database, functions: Functions, faults: Faults) -> Blueprint:
    """The routes ``/webservice/rest/server.php``, ``/webservice/upload.php`` and ``/sandbox/faults``."""
    routes = Blueprint("machine", __name__)

    def token_fits(token: str) -> bool:
        held = database.setting("token")
        return bool(held) and hmac.compare_digest(held.encode(), token.encode())

    @routes.post("/webservice/rest/server.php")
    def rest() -> Response:
        # Read by hand: PHP's notation, no size limit, and a token in the URL is accepted as Moodle does.
        pairs = parse_qsl(
            request.get_data().decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=None
        )
        fields = php.nest([*request.args.items(multi=True), *pairs])
        token = str(fields.pop("wstoken", ""))
        function = str(fields.pop("wsfunction", ""))
        if fields.pop("moodlewsrestformat", "") != "json":
            return Response("<?xml version='1.0' encoding='UTF-8'?><EXCEPTION/>", mimetype="application/xml")

        def work() -> Json:
            try:
                if not token_fits(token) or faults.strikes("token_refused", function.removeprefix(PREFIX)):
                    raise Refused("invalidtoken", "Invalid token - token not found")
                if faults.strikes("locked", function.removeprefix(PREFIX)):
                    raise Refused("locktimeout", "The session is locked by another process.")
                return functions.call(function, fields)
            except Refused as refusal:
                return refusal.body

        return _under_faults(faults, function.removeprefix(PREFIX), work)

    @routes.post("/webservice/upload.php")
    def upload() -> Response:
        def work() -> Json:
            given = request.args.get("token") or request.form.get("token", "")
            if not token_fits(given) or faults.strikes("token_refused", "upload"):
                return {"error": "Invalid token - token not found", "errorcode": "invalidtoken"}
            results: list[Json] = []
            with database.write() as connection:
                for file in request.files.values():
                    content = file.stream.read()
                    row = connection.execute(
                        "INSERT INTO upload (filename, content) VALUES (?, ?)", (file.filename or "", content)
                    )
                    results.append(
                        {
                            "component": "user",
                            "contextid": 5,
                            "userid": "2",
                            "filearea": "draft",
                            "filename": file.filename,
                            "filepath": "/",
                            "itemid": row.lastrowid,
                            "filesize": len(content),
                        }
                    )
            return results

        return _under_faults(faults, "upload", work)

    @routes.route("/sandbox/faults", methods=["GET", "POST", "DELETE"])
    def switches() -> Response:
        """Fault switches; POST ``{"name": ..., "probability": ..., "count": ..., "milliseconds": ...}``."""
        if not ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104
            return _json({"error": "only from this machine"}, 403)
        if request.method == "DELETE":
            faults.clear(request.args.get("name", ""))
        elif request.method == "POST":
            try:
                wanted = dict(request.get_json())
                faults.set(str(wanted.pop("name", "")), **wanted)
            except (TypeError, ValueError) as error:
                return _json({"error": str(error)}, 400)
        return _json({"on": faults.on()})

    return routes


def _under_faults(faults: Faults, function: str, work: Callable[[], Json]) -> Response:
    if slow := faults.strikes("slow", function):
        time.sleep(slow.milliseconds / 1000)
    if faults.strikes("maintenance", function):
        return Response(MAINTENANCE, 503, {"Retry-After": "300"}, mimetype="text/html")
    if faults.strikes("http_500", function):
        return Response("<h1>Internal Server Error</h1>", 500, mimetype="text/html")
    if faults.strikes("redirect", function):
        return Response("", 303, {"Location": "https://elsewhere.example/"})
    answer = _json(work())
    if faults.strikes("answer_lost", function):
        hang_up(request.environ)
    elif faults.strikes("truncated", function):
        whole = answer.get_data()
        answer = Response(whole[: len(whole) // 2], mimetype="application/json")
        # A length that the body does not reach: the connection is closed before its end.
        answer.automatically_set_content_length = False
        answer.headers["Content-Length"] = str(len(whole))
    return answer


def _json(body: Json, status: int = 200) -> Response:
    # As PHP's json_encode: everything beyond ASCII is escaped.
    return Response(json.dumps(body), status, mimetype="application/json")
