"""The web application: the doors put together, with their languages, headers and error pages."""

import logging
from importlib import import_module
from typing import TYPE_CHECKING

from flask import Flask, redirect, render_template, url_for
from werkzeug.wrappers import Response

from handlers.language import install_languages
from handlers.security import secure

if TYPE_CHECKING:
    from handlers.bootstrap import Zhibao
    from infra.settings import Settings

DOORS = {
    "filing": {"f", "c"},
    "keeping": {"f"},
    "printing": {"f"},
    "sections": {"f", "h"},
    "offline": {"f"},
    "reviewing": {"r", "i", "d"},
    "seat_choice": {"i"},
    "devices": {"f", "r", "i"},
    "signing_in": {"s", "signin", "signout", "relink"},
    "office": {"office"},
    "casework": {"office"},
    "evidence": {"office"},
    "inspecting": {"office"},
    "tables": {"office"},
    "api": {"api"},
    "filing_api": {"api"},
}
"""The modules that are doors, and the first words of the paths behind each."""
BY_TOKEN = {"filing_api"}
"""Doors of programs: no browser sends a token by itself, so there is nothing that a CSRF field would guard."""
FRONT_DOOR = {"signing_in.ask": "/signin"}
"""What the home page leads to, so that it can be shown before any door is open."""


def create_app(installation: "Zhibao") -> Flask:
    """The application over one installation, with every door open. Does no I/O of its own."""
    app = begin(Flask("handlers"), installation)
    furnish(app)
    for name in DOORS:
        open_door(app, name)
    if installation.settings.is_demo and _is_loopback(installation.settings.base_url):
        open_door(app, "mailbox")
        app.jinja_env.globals["has_mailbox"] = True
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return app


def begin(app: Flask, installation: "Zhibao") -> Flask:
    """What every page has: headers, languages, and the pages that need nothing else."""
    settings: Settings = installation.settings
    app.extensions["zhibao"] = installation
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["has_mailbox"] = False
    secure(app, settings)
    install_languages(app)
    app.add_url_rule("/", "home", _home)
    app.add_url_rule("/healthz", "healthz", _healthz)
    app.add_url_rule("/favicon.ico", "favicon", _favicon)
    return app


def furnish(app: Flask) -> None:
    """What doors and error pages share."""
    from handlers.errors import install_errors
    from handlers.presenting import install_filters
    from handlers.samples import install_samples

    install_filters(app)
    install_samples(app)
    install_errors(app)


def open_door(app: Flask, name: str) -> None:
    """Add the pages of one door."""
    door = import_module(f"handlers.{name}").door
    if name in BY_TOKEN:
        app.extensions["csrf"].exempt(door)
    app.register_blueprint(door)


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
