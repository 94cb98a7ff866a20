"""Confirming a device (`ZHIBAO_REVIEW_CONFIRM=device`): before review links work on it, and before a filler's link
shows figures that were sealed. Filling and sending need no confirmation.
"""

import secrets

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from handlers.context import read_link, services, zhibao
from handlers.language import _
from workflows.devices import DEVICE_LASTS, CodeCheck, ask_for_code, check_code
from workflows.filing import own_submission
from workflows.links import DeviceSeal, FilingLink, InboxLink, LinkExpired, LinkInvalid, ReviewLink
from workflows.permissions import require_holder

door = Blueprint("devices", __name__)
COOKIE = "device"
MOST_PEOPLE = 8
Page = tuple[str, int]
Confirmable = FilingLink | ReviewLink | InboxLink


def is_confirmed(person: str) -> bool:
    """Whether this browser was confirmed for this person, or links decide alone here."""
    return zhibao().settings.review_confirm == "link" or person in _confirmed_people()


def is_code_asked(person: str) -> bool:
    """Whether this browser asked for a code for this person, and now waits for the six digits."""
    return session.get("code_asked") == person


def unconfirmed_page(link: Confirmable, endpoint: str, token: str, problem: str = "") -> Page:
    """Asks for the code instead of showing figures. Raises `NotAllowed` for one whose link is not his any more."""
    _require(link)
    kind = {"filing.show": "f", "reviewing.show": "r"}.get(endpoint, "i")
    page = render_template("confirm.html", token=token, kind=kind, asked=is_code_asked(link.person), problem=problem)
    return page, 422 if problem else 200


@door.post("/<any(f, r, i):kind>/<token>/code")
def send_code(kind: str, token: str) -> Response:
    """Mail a code to the registered address."""
    link, endpoint = _link(kind, token)
    _require(link)
    session.setdefault("device", secrets.token_hex(8))
    session["code_asked"] = link.person
    ask_for_code(services(), link.person, session["device"])
    return redirect(url_for(endpoint, token=token), 303)


@door.post("/<any(f, r, i):kind>/<token>/confirm")
def confirm(kind: str, token: str) -> Page | Response:
    """Check the code and remember the device."""
    link, endpoint = _link(kind, token)
    _require(link)
    outcome = check_code(services(), link.person, session.get("device", ""), request.form.get("code", "")[:20])
    if outcome is CodeCheck.TOO_MANY:
        return unconfirmed_page(link, endpoint, token, _("试得太多了。请过十分钟再要一个新的验证码。"))
    if outcome is CodeCheck.WRONG:
        return unconfirmed_page(link, endpoint, token, _("验证码不对，或已过期。请核对最新一封邮件。"))
    response = make_response(redirect(url_for(endpoint, token=token), 303))
    people = [link.person, *(person for person in _confirmed_people() if person != link.person)][:MOST_PEOPLE]
    response.set_cookie(
        COOKIE,
        ".".join(services().links.sign(DeviceSeal(person)).replace(".", "~") for person in people),
        max_age=int(DEVICE_LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=zhibao().settings.secure_cookies,
    )
    return response


def _require(link: Confirmable) -> None:
    """The link is still its person's. Raises `NotAllowed`, `SubmissionUnknown`."""
    if isinstance(link, FilingLink):
        own_submission(services(), link)
    else:
        require_holder(services(), link)


def _link(kind: str, token: str) -> tuple[Confirmable, str]:
    if kind == "f":
        return read_link(FilingLink, token), "filing.show"
    if kind == "r":
        return read_link(ReviewLink, token), "reviewing.show"
    return read_link(InboxLink, token), "reviewing.inbox"


def _confirmed_people() -> list[str]:
    """The people whose seals this browser holds; those expired or altered count for nothing."""
    people = []
    for seal in request.cookies.get(COOKIE, "").split(".")[:MOST_PEOPLE]:
        try:
            people.append(services().links.read(DeviceSeal, seal.replace("~", ".")).person)
        except (LinkInvalid, LinkExpired):
            continue
    return people
