"""The web application: the doors put together, with their languages, headers and error pages."""

import logging
from typing import TYPE_CHECKING

from flask import Flask, redirect, render_template, url_for
from werkzeug.wrappers import Response

from handlers import (
    api,
    casework,
    devices,
    evidence,
    filing,
    inspecting,
    mailbox,
    office,
    reviewing,
    seat_choice,
    signing_in,
    tables,
)
from handlers.errors import install_errors
from handlers.language import install_languages
from handlers.presenting import install_filters
from handlers.samples import install_samples
from handlers.security import secure

if TYPE_CHECKING:
    from handlers.bootstrap import Zhibao


def create_app(installation: "Zhibao") -> Flask:
    """The application over one installation. Does no I/O of its own."""
    app = Flask("handlers")
    app.extensions["zhibao"] = installation
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    secure(app, installation.settings)
    install_languages(app)
    install_filters(app)
    install_samples(app)
    install_errors(app)
    rooms = (filing, reviewing, seat_choice, devices, signing_in, office, casework, evidence, inspecting, tables, api)
    for room in rooms:
        app.register_blueprint(room.door)
    if installation.settings.is_demo and _is_loopback(installation.settings.base_url):
        app.register_blueprint(mailbox.door)
    app.jinja_env.globals["has_mailbox"] = "mailbox" in app.blueprints
    app.add_url_rule("/", "home", _home)
    app.add_url_rule("/healthz", "healthz", _healthz)
    app.add_url_rule("/favicon.ico", "favicon", _favicon)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return app


def _home() -> str:
    return render_template("home.html")


def _healthz() -> tuple[str, int, dict[str, str]]:
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


def _favicon() -> Response:
    return redirect(url_for("static", filename="mark.svg"), 301)


def _is_loopback(base_url: str) -> bool:
    """The mailbox page shows live links: it exists only where nobody else can come."""
    host = base_url.split("//", 1)[1].split("/", maxsplit=1)[0]
    return host.rsplit(":", 1)[0] in {"127.0.0.1", "localhost", "[::1]"}
