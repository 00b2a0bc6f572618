"""The stand-in's page of one form: shown from the pushed definition, kept as draft, submitted."""

from __future__ import annotations

import json

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from moodle_bridge.contract.shown import Definition, Personal
from moodle_bridge.plain_json import Json
from moodle_bridge.sandbox import posting, views
from moodle_bridge.sandbox.drafts import draft_of, save_draft
from moodle_bridge.sandbox.words import words
from moodle_bridge.sandbox.world import World


def add_form_page(routes: Blueprint, world: World) -> None:
    """Add the route ``/session/<id>/form/<instrument>/<group>`` to the pages."""

    @routes.route("/session/<session_id>/form/<instrument>/<int:group>", methods=["GET", "POST"])
    def form(session_id: str, instrument: str, group: int) -> str | Response | BaseResponse:
        session = world.database.row("SELECT * FROM session WHERE id = ?", session_id)
        person = views.person_in(world, session, g.person) if session else None
        if session is None:
            abort(404)
        if person is None or not person.active:
            abort(403)
        definition_row = world.definition(session_id, instrument, session["language"])
        personal = world.personal(session_id, instrument, person.id, group)
        if definition_row is None or personal is None:
            abort(404)
        definition: Definition = json.loads(definition_row["content"])
        versions = world.versions(session_id, instrument, person.id, group)
        draft, revision = draft_of(world.database, session_id, instrument, person.id, group)
        last = versions[-1] if versions else None
        answers = draft or (json.loads(last["answers"]) if last else _proposed(definition, personal))
        messages = _corrections(world, last["id"]) if last and last["state"] == "reopened" else {}
        heading = "correction" if messages else ""
        if session["closed"] or (not personal["open"] and last is None):
            abort(403)
        if request.method == "POST":
            posted = request.form.to_dict(flat=False)
            answers = posting.read(definition, personal["carried"], posted)
            seen = request.form.get("draft_revision", "0")
            if "save_draft" in posted:
                revision = save_draft(
                    world.database,
                    session_id,
                    instrument,
                    person.id,
                    group,
                    answers,
                    int(seen) if seen.isdecimal() else 0,
                )
                messages, heading = {}, "draft_saved"
            else:
                asked = posting.on(personal["context"], world.today())
                kept, faults = posting.check(definition, personal["carried"], asked, answers)
                if not faults:
                    made = world.submit(
                        session_id,
                        instrument,
                        person.id,
                        kept,
                        role=definition["respondent"],
                        group=group,
                        carried=personal["carried"],
                    )
                    return redirect(url_for("pages.submission", submission_id=made), 303)
                messages, heading = _say(faults), "errors"
        return render_template(
            "form.html",
            session=session,
            definition=definition,
            personal=personal,
            carried=personal["carried"],
            answers=answers,
            rows={
                item["id"]: posting.rows(answers, item["id"])
                for item in definition["items"]
                if "columns" in item
            },
            messages=messages,
            heading=heading,
            revision=revision,
            version=last["version"] if last else 0,
            name=posting.field_name,
            row_numbers=posting.row_numbers,
            choices=lambda item, table: posting.options(
                definition, item, table, personal["carried"], answers
            ),
            notes=_notes(personal),
        )


def _proposed(definition: Definition, personal: Personal) -> dict[str, Json]:
    """What a fresh form begins with: proposals of the service, else the definition's defaults."""
    proposed = dict(personal["proposed"])
    for item in definition["items"]:
        if "default" in item:
            proposed.setdefault(item["id"], item["default"])
    return proposed


def _corrections(world: World, submission: str) -> dict[str, list[str]]:
    report = views.correction(world, submission)
    found: dict[str, list[str]] = {}
    for each in report["items"] if report else []:
        name = posting.field_name(each["item"], each["row"], each["column"] or "")
        found.setdefault(name, []).append(each["message"].get(g.language) or each["message"]["bg"])
    return found


def _say(faults: list[posting.Fault]) -> dict[str, list[str]]:
    t = words(g.language)
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(fault.field, []).append(t[f"fault_{fault.code}"].format(**fault.facts))
    return found


def _notes(personal: Personal) -> dict[tuple[str, int | None], list[str]]:
    found: dict[tuple[str, int | None], list[str]] = {}
    for note in personal["notes"]:
        found.setdefault((note["item"], note["row"]), []).append(note["text"])
    return found
