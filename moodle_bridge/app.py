"""The web application: settings, store, jobs and Moodle wired to the blueprints. Starts nothing by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response
from flask.json.provider import DefaultJSONProvider
from sqlalchemy import Engine

from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue as instruments
from moodle_bridge.moodle.client import Client
from moodle_bridge.pipeline.connect import connector
from moodle_bridge.settings import Settings
from moodle_bridge.web import refusals
from moodle_bridge.web.api import api
from moodle_bridge.web.parts import Parts
from moodle_bridge.web.status import PROBES, probes_of, status
from moodle_bridge.web.webhooks import webhooks


def create_app(
    settings: Settings,
    engine: Engine,
    *,
    clock: Callable[[], float] = time.time,
    wake: Callable[[], None] = lambda: None,
    worker_fault: Callable[[], str] = str,
    connect_moodle: Callable[[], Client] | None = None,
    catalogue: Catalogue | None = None,
) -> Flask:
    """The WSGI application of the service, over a database that was migrated.

    ``wake`` lets a worker look for work at once, ``worker_fault`` says why there is none that works;
    ``connect_moodle`` gives a client of the paired site, ``catalogue`` the instruments (default of both: as
    the settings say), ``clock`` UTC epoch seconds.
    """
    forms = settings.forms.instruments
    made = Parts(
        settings=settings,
        engine=engine,
        clock=clock,
        wake=wake,
        worker_fault=worker_fault,
        connect_moodle=connect_moodle or connector(engine, settings),
        catalogue=catalogue or instruments.load(Path(forms) if forms else None),
    )
    app = Flask("moodle_bridge", static_folder=None)
    app.url_map.merge_slashes = False
    assert isinstance(app.json, DefaultJSONProvider)  # noqa: S101 - so that mypy knows it
    app.json.ensure_ascii = False
    app.json.sort_keys = False
    app.extensions["moodle_bridge"] = made
    app.extensions[PROBES] = probes_of(made)
    refusals.install(app)
    for blueprint in (webhooks, api, status):
        app.register_blueprint(blueprint)
    app.after_request(_private)
    return app


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
