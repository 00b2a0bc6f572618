"""The stand-in's pages for people: course, session, submission, document, connection."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    abort,
    g,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from moodle_bridge.contract.records import PersonRecord
from moodle_bridge.domain.session.followed import DECISIONS
from moodle_bridge.errors import BridgeError
from moodle_bridge.plain_json import JsonObject
from moodle_bridge.resources import templates_dir
from moodle_bridge.sandbox import access, signal_list, views
from moodle_bridge.sandbox.form_pages import add_form_page
from moodle_bridge.sandbox.sqlite_file import Row
from moodle_bridge.sandbox.words import words
from moodle_bridge.sandbox.world import Refusal, World

Answer = str | Response | BaseResponse | tuple[str, int]


def pages(world: World, ping: Callable[[], JsonObject], kinds: Mapping[str, tuple[str, ...]]) -> Blueprint:
    """The routes for people; ``kinds`` says which instruments a new session of a kind has."""
    routes = Blueprint(
        "pages",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/static/sandbox",
    )

    @routes.before_request
    def who_and_which_language() -> BaseResponse | None:
        wanted = request.args.get("lang", "")
        g.language = request.cookies.get("language") or world.database.setting("language", "bg")
        number = request.cookies.get("person", "")
        row = world.database.row(
            "SELECT * FROM person WHERE id = ?", int(number) if number.isdecimal() else 0
        )
        g.person = row["id"] if row else 0
        g.person_name = row["name"] if row else ""
        if request.method == "GET" and wanted in ("bg", "en"):
            answer = redirect(request.path)
            answer.set_cookie("language", wanted, samesite="Lax")
            return answer
        return None

    @routes.context_processor
    def shared() -> dict[str, object]:
        return {
            "t": words(g.language),
            "language": g.language,
            "person_name": g.person_name,
            "date": lambda seconds: _local(seconds).strftime("%d.%m.%Y"),
            "moment": lambda seconds: _local(seconds).strftime("%d.%m.%Y, %H:%M"),
        }

    @routes.errorhandler(Refusal)
    def refused(error: Refusal) -> Answer:
        return render_template("message.html", title=words(g.language)["refused"], text=str(error)), 409

    @routes.errorhandler(403)
    def forbidden(_: Exception) -> Answer:
        t = words(g.language)
        return render_template("message.html", title=t["refused"], text=t["refused_text"]), 403

    @routes.errorhandler(404)
    def missing(_: Exception) -> Answer:
        return render_template("message.html", title=words(g.language)["missing"], text=""), 404

    @routes.get("/")
    def course() -> Answer:
        found = world.database.row("SELECT * FROM course ORDER BY id")
        if found is None:
            abort(404)
        people = world.database.rows(
            "SELECT person.id, name, role, (SELECT group_concat(\"group\".name, ', ') FROM membership"
            ' JOIN "group" ON "group".id = membership."group" WHERE membership.person = person.id) AS groups'
            " FROM enrolment JOIN person ON person.id = person WHERE course = ? AND active"
            " ORDER BY person.id",
            found["id"],
        )
        sessions = world.database.rows(
            "SELECT * FROM session WHERE course = ? ORDER BY number, opens", found["id"]
        )
        mine = [row["role"] for row in people if row["id"] == g.person]
        return render_template(
            "course.html",
            course=found,
            people=people,
            sessions=sessions,
            is_coordinator="coordinator" in mine,
            kinds=list(kinds),
        )

    @routes.get("/font/<weight>")
    def font(weight: str) -> Answer:
        if weight not in ("Regular", "Bold"):
            abort(404)
        file = templates_dir() / "fonts" / f"SofiaSansForms-{weight}.ttf"
        return send_file(file, mimetype="font/ttf", max_age=86400)

    @routes.post("/signin")
    def sign_in() -> Answer:
        answer = redirect(url_for("pages.course"), 303)
        answer.set_cookie("person", request.form.get("person", ""), samesite="Lax", httponly=True)
        return answer

    @routes.post("/sessions")
    def new_session() -> Answer:
        found = world.database.row("SELECT * FROM course ORDER BY id")
        kind = request.form.get("kind", "")
        if found is None or kind not in kinds:
            abort(404)
        enrolled = world.database.row(
            "SELECT 1 FROM enrolment WHERE course = ? AND person = ? AND role = 'coordinator' AND active",
            *(found["id"], g.person),
        )
        if enrolled is None:
            abort(403)
        last = world.database.row(
            "SELECT coalesce(max(number), 0) AS n FROM session WHERE course = ?", found["id"]
        )
        number = int(last["n"]) + 1 if last else 1
        name = request.form.get("name", "").strip() or f"{words(g.language)['session']} {number}"
        session = world.create_session(
            course=found["id"],
            name=name,
            number=number,
            kind=kind,
            instruments=kinds[kind],
            language=world.database.setting("language", "bg"),
        )
        return redirect(url_for("pages.session", session_id=session), 303)

    @routes.get("/session/<session_id>")
    def session(session_id: str) -> Answer:
        row, person = _entered(world, session_id)
        role = access.role_of(person)
        contents = views.summaries(world, row, person)
        shown = None if role == "coordinator" or row["groupmode"] == "none" else person.groups
        return render_template(
            "session.html",
            session=row,
            person=person,
            role=role,
            forms=views.my_forms(world, row, person.id),
            documents=views.documents(world, row, person),
            titles=_titles(world, row["language"]),
            grid=views.grid(world, row, shown) if role != "mentee" else None,
            problems=views.problems(world, row) if role == "coordinator" else [],
            set_aside=views.set_aside(world, row) if role == "coordinator" else [],
            summaries=contents,
            signals=signal_list.listed(world, row, person, contents),
            decisions=DECISIONS,
            changed=views.changed(world, row, contents, person.id),
            refused=request.args.get("refused", ""),
        )

    @routes.post("/session/<session_id>/renew/<submission>")
    def renew(session_id: str, submission: str) -> Answer:
        _coordinator(world, session_id)
        row = world.database.row("SELECT * FROM submission WHERE id = ?", submission)
        if row is None or row["session"] != session_id or row["respondent"] != g.person:
            abort(404)
        world.renew(submission)
        return redirect(url_for("pages.session", session_id=session_id), 303)

    @routes.post("/session/<session_id>/decide")
    def decide(session_id: str) -> Answer:
        _coordinator(world, session_id)
        row, person = _entered(world, session_id)
        wrong = signal_list.decide(world, row, person, request.form.getlist("signal"), request.form)
        where = url_for("pages.session", session_id=session_id, refused=wrong or None, _anchor="signals")
        return redirect(where, 303)

    @routes.post("/session/<session_id>/close")
    def close(session_id: str) -> Answer:
        _coordinator(world, session_id)
        world.close_session(session_id)
        return redirect(url_for("pages.session", session_id=session_id), 303)

    @routes.post("/session/<session_id>/retry/<submission>")
    def retry(session_id: str, submission: str) -> Answer:
        _coordinator(world, session_id)
        world.retry(submission)
        return redirect(url_for("pages.session", session_id=session_id), 303)

    @routes.get("/submission/<submission_id>")
    def submission(submission_id: str) -> Answer:
        row, documents = _own_submission(world, submission_id)
        return render_template("submission.html", submission=row, documents=documents)

    @routes.get("/submission/<submission_id>/documents")
    def documents_of(submission_id: str) -> Answer:
        _, documents = _own_submission(world, submission_id)
        answer = make_response(json.dumps(len(documents)))
        answer.headers.update({"Content-Type": "application/json", "Cache-Control": "no-store"})
        return answer

    @routes.get("/document/<document_id>")
    def document(document_id: str) -> Answer:
        row = world.database.row("SELECT * FROM document WHERE id = ?", document_id)
        if row is None or row["content"] is None:
            abort(404)
        held, person = _entered(world, row["session"])
        own = world.database.row("SELECT * FROM submission WHERE id = ?", row["submission"])
        if own is None:
            abort(404)
        author = views.person_in(world, held, own["respondent"])
        waits = views.is_to_write_before(world, held, person.id, own)
        if not access.may_read(person, held["groupmode"], own, author, row["variant"], waits=waits):
            abort(403)
        content = io.BytesIO(row["content"])
        answer = send_file(content, mimetype="application/pdf", download_name=row["filename"])
        answer.headers["Cache-Control"] = "private, no-store"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    @routes.get("/connection")
    def connection() -> Answer:
        answered: JsonObject = {}
        problem: BridgeError | None = None
        if paired := bool(world.database.setting("secret")):
            try:
                answered = ping()
            except BridgeError as error:
                problem = error
        waiting = world.database.row("SELECT count(*) AS n FROM outbox WHERE sent = 0")
        return render_template(
            "connection.html",
            paired=paired,
            answered=answered,
            problem=problem,
            waiting=waiting["n"] if waiting else 0,
            url=world.database.setting("service_url"),
        )

    add_form_page(routes, world)
    return routes


def _local(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, ZoneInfo("Europe/Sofia"))


def _entered(world: World, session_id: str) -> tuple[Row, PersonRecord]:
    """The session and the person signed in, who has to take part in it."""
    row = world.database.row("SELECT * FROM session WHERE id = ?", session_id)
    if row is None:
        abort(404)
    person = views.person_in(world, row, g.person)
    if person is None or not person.active:
        abort(403)
    return row, person


def _coordinator(world: World, session_id: str) -> None:
    if access.role_of(_entered(world, session_id)[1]) != "coordinator":
        abort(403)


def _own_submission(world: World, submission_id: str) -> tuple[Row, list[views.ListedDocument]]:
    """A submission of the person signed in, and its documents that they may open."""
    row = world.database.row("SELECT * FROM submission WHERE id = ?", submission_id)
    if row is None:
        abort(404)
    session, person = _entered(world, row["session"])
    if row["respondent"] != person.id:
        abort(403)
    found = views.documents(world, session, person)
    return row, [each for each in found if each.record.submission == submission_id]


def _titles(world: World, language: str) -> dict[str, str]:
    rows = world.database.rows(
        "SELECT instrument, content FROM definition WHERE language = ? ORDER BY place", language
    )
    return {row["instrument"]: json.loads(row["content"])["title"] for row in rows}
