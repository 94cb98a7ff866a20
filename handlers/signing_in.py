"""Signing in for provincial staff: a mailed link shows a button, and its POST signs in. Nobody has a password."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from handlers.context import read_link, services
from register.seats import StaffMember
from workflows.deadlines import from_text, to_text
from workflows.links import SignInLink
from workflows.permissions import Action, NotAllowed, may, roles_of
from workflows.relinking import ask_for_new_link, ask_to_sign_in

door = Blueprint("signing_in", __name__)
SESSION_LASTS = timedelta(hours=12)
Parameters = ParamSpec("Parameters")
Answer = str | tuple[str, int] | Response


def requires(action: Action) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer]]:
    """Only for signed-in staff whose role may do this; others are sent to sign in, or refused."""

    def guard(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
        @wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
            members = _signed_in()
            if not members:
                return redirect(url_for("signing_in.ask"), 303)
            allowed = [member for member in members if may(member.role, action)]
            if not allowed:
                raise NotAllowed(action)
            g.staff = allowed[0]
            return view(*args, **kwargs)

        return guarded

    return guard


def staff() -> StaffMember:
    """Who is signed in, in the role that allowed this page."""
    member: StaffMember = g.staff
    return member


def _signed_in() -> tuple[StaffMember, ...]:
    """The roles of the session's person today: a role that ended ends the session's right at once."""
    person, since = session.get("person"), session.get("since")
    if not person or not since or services().clock.now() - from_text(since) > SESSION_LASTS:
        return ()
    return roles_of(services(), person)


@door.get("/signin")
def ask() -> str:
    """Where staff give their address."""
    return render_template("sign_in.html", asked=request.args.get("asked") == "1", token="")


@door.post("/signin")
def send_link() -> Response:
    """The answer is the same for a known and an unknown address."""
    ask_to_sign_in(services(), request.form.get("email", "")[:254])
    return redirect(url_for("signing_in.ask", asked=1), 303)


@door.get("/s/<token>")
def show(token: str) -> str:
    """A button; opening the link signs nobody in, because mail scanners open links too."""
    read_link(SignInLink, token)
    return render_template("sign_in.html", asked=False, token=token)


@door.post("/s/<token>")
def sign_in(token: str) -> Response:
    """Sign in."""
    link = read_link(SignInLink, token)
    if not roles_of(services(), link.person):
        raise NotAllowed("no role")
    session.clear()
    session["person"] = link.person
    session["since"] = to_text(services().clock.now())
    return redirect(url_for("office.overview"), 303)


@door.post("/signout")
def sign_out() -> Response:
    """Sign out."""
    session.clear()
    return redirect(url_for("home"), 303)


@door.post("/relink")
def relink() -> str:
    """Ask for a new link in place of an expired one."""
    token = request.form.get("token", "")
    if len(token) > 1000:
        abort(400)
    ask_for_new_link(services(), token)
    return render_template("relinked.html")
