"""Headers and limits that every answer carries: nothing loaded from outside, nothing cached, nothing indexed."""

import hashlib
import hmac
import secrets

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect

from infra.settings import Settings

MAX_REQUEST_BYTES = 4_000_000
"""A filled 107-2 is about 6 KB, a 107-1 of 2,000 projects about 3 MB; a Lambda request may hold at most 6 MB."""


def secure(app: Flask, settings: Settings) -> None:
    """Session keys, CSRF on every form, bounded input, and the headers of every answer."""
    keys = [_session_key(key) for key in settings.secret_keys]
    app.config.update(
        SECRET_KEY=keys[0],
        SECRET_KEY_FALLBACKS=keys[1:],
        SESSION_COOKIE_NAME="zhibao",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # a bookkeeper may think for a day over one page
        WTF_CSRF_SSL_STRICT=False,  # our pages send no referrer, so none can be compared
    )
    CSRFProtect(app)
    app.jinja_env.globals["nonce"] = _nonce
    app.after_request(_add_headers)


def _session_key(key: str) -> str:
    """Sessions have a key of their own, derived: a link's key signs links only."""
    return hmac.new(key.encode(), b"zhibao.session.v1", hashlib.sha256).hexdigest()


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    nonce: str = g.nonce
    return nonce


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self';"
        f" script-src 'nonce-{_nonce()}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Robots-Tag"] = "noindex, nofollow"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.endpoint == "static":
        headers["Cache-Control"] = "public, max-age=3600"
    else:
        headers["Cache-Control"] = "no-store"
    return response
