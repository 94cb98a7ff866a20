"""The two languages of the pages: Chinese, in which the texts are written, and English from a compiled catalogue."""

import gettext
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from flask import Flask, Response, g, request
from markupsafe import Markup

LANGUAGES = ("zh", "en")
COOKIE = "lang"
_YEAR_SECONDS = 365 * 24 * 3600


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """Chinese needs no catalogue: it is the language of the message ids."""
    if language == "zh":
        return gettext.NullTranslations()
    return gettext.translation("messages", Path(__file__).parent / "translations", languages=[language])


def language() -> str:
    """The language of this request: asked for in the address, else remembered, else Chinese."""
    chosen: str | None = g.get("language")
    if chosen is None:
        wanted = request.args.get("lang") or request.cookies.get(COOKIE)
        chosen = g.language = wanted if wanted in LANGUAGES else "zh"
    return chosen


@contextmanager
def in_language(wanted: str) -> Iterator[None]:
    """The same request in another language, for what is told in both."""
    before = language()
    g.language = wanted
    try:
        yield
    finally:
        g.language = before


def _(message: str, **words: object) -> str:
    """A text in the language of this request, its named gaps filled."""
    text = _catalogue(language()).gettext(message)
    return text % words if words else text


def _text(message: str, **words: object) -> Markup:
    """`_` for templates: the catalogue's text is ours and trusted, the words that fill its gaps are escaped."""
    text = Markup(_catalogue(language()).gettext(message))  # noqa: S704 - texts of the program and its catalogue
    return text % words if words else text


def _gettext(message: str) -> str:
    return _catalogue(language()).gettext(message)


def _ngettext(singular: str, plural: str, number: int) -> str:
    return _catalogue(language()).ngettext(singular, plural, number)


class _Translating(Protocol):
    """What `jinja2.ext.i18n` adds to the environment it is added to."""

    def install_gettext_callables(
        self, gettext: Callable[[str], str], ngettext: Callable[[str, str, int], str], *, newstyle: bool
    ) -> None: ...


def install_languages(app: Flask) -> None:
    """Give templates `_` and `{% trans %}`, and remember a language that was asked for."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    cast(_Translating, app.jinja_env).install_gettext_callables(_gettext, _ngettext, newstyle=True)
    app.jinja_env.globals.update(language=language, _=_text)  # Jinja's own `_` takes three calls for each text

    @app.after_request
    def remember(response: Response) -> Response:
        wanted = request.args.get("lang")
        if wanted in LANGUAGES:
            secure = bool(app.config["SESSION_COOKIE_SECURE"])
            response.set_cookie(COOKIE, wanted, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True, secure=secure)
        return response
