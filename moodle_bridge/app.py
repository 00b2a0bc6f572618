"""The web application: settings, store, jobs and Moodle wired to the blueprints. Starts nothing by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response
from flask.json.provider import DefaultJSONProvider
from sqlalchemy import Engine

from moodle_bridge import courtesy
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue as instruments
from moodle_bridge.jobs.engine import hinter
from moodle_bridge.moodle.client import Client
from moodle_bridge.pipeline.connect import connector
from moodle_bridge.places import Places
from moodle_bridge.settings import Settings
from moodle_bridge.web import problems
from moodle_bridge.web.api import api
from moodle_bridge.web.parts import Parts
from moodle_bridge.web.status import PROBES, probes_of, status
from moodle_bridge.web.webhooks import webhooks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def create_app(
    settings: Settings,
    engine: Engine,
    *,
    clock: Callable[[], float] = time.time,
    hint: Callable[[int], None] | None = None,
    connect_moodle: Callable[[], Client] | None = None,
    catalogue: Catalogue | None = None,
) -> Flask:
    """The WSGI application of the service, over a database that was migrated.

    ``hint`` wakes a worker (default: through the queue), ``connect_moodle`` gives a client of the paired
    site, ``catalogue`` the instruments (default: as the settings say), ``clock`` UTC epoch seconds.
    """
    forms = settings.forms.instruments
    made = Parts(
        settings=settings,
        engine=engine,
        clock=clock,
        hint=hint or hinter(settings),
        connect_moodle=connect_moodle or connector(engine, settings, Places()),
        catalogue=catalogue or instruments.load(Path(forms) if forms else None),
    )
    app = Flask("moodle_bridge", static_folder=None)
    app.url_map.merge_slashes = False
    assert isinstance(app.json, DefaultJSONProvider)  # noqa: S101 - so that mypy knows it
    app.json.ensure_ascii = False
    app.json.sort_keys = False
    app.extensions["moodle_bridge"] = made
    app.extensions[PROBES] = probes_of(made)
    problems.install(app)
    for blueprint in (webhooks, api, status):
        app.register_blueprint(blueprint)
    app.after_request(_private)
    app.wsgi_app = _courteous(app.wsgi_app)  # type: ignore[assignment]
    return app


def _courteous(application: WSGIApplication) -> WSGIApplication:
    """The same application, to which jobs of this process give way."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with courtesy.request():
            return application(environ, start_response)

    return answer


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
