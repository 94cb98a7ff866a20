"""How a seat is written to: the form at the foot of its inbox, shared by its holders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from handlers.context import read_link, services
from handlers.devices import is_confirmed, unconfirmed_page
from handlers.language import _
from workflows.links import InboxLink
from workflows.permissions import require_holder
from workflows.seat_settings import Digest, SeatSettings, SettingsProblem, SettingsRefused
from workflows.seats import change_settings, chosen

door = Blueprint("seat_choice", __name__)
Page = tuple[str, int]
_HOURS = {str(hour): hour for hour in range(24)}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the form shows: what was typed, else what holds. Hours as text, blank for none."""

    holds: SeatSettings
    by: str
    at: datetime | None
    digest: str
    hour: str
    quiet_from: str
    quiet_until: str
    hours: tuple[str, ...] = tuple(_HOURS)


@door.app_template_global("seat_choice")
def seat_choice(token: str) -> Choice:
    """The form of the seat that an inbox link opens."""
    told = chosen(services(), read_link(InboxLink, token).region)
    holds = told.settings
    typed: Mapping[str, str] = request.form if request.method == "POST" else {}
    return Choice(
        holds=holds,
        by=told.by,
        at=holds.changed_at,
        digest=typed.get("digest", holds.digest),
        hour=typed.get("hour", str(holds.hour)),
        quiet_from=typed.get("quiet_from", _hour_text(holds.quiet_from)),
        quiet_until=typed.get("quiet_until", _hour_text(holds.quiet_until)),
    )


@door.get("/i/<token>/settings")
def show(token: str) -> Page:
    """The form on a page of its own; where a refused choice stays when the language is changed."""
    link = read_link(InboxLink, token)
    if not is_confirmed(link.person):
        return unconfirmed_page(link, "reviewing.inbox", token)
    require_holder(services(), link)
    return render_template("seat_choice.html", token=token, alone=True), 200


@door.post("/i/<token>/settings")
def change(token: str) -> Page | Response:
    """Put another choice in force; every holder of the seat is told by mail who did."""
    link = read_link(InboxLink, token)
    if not is_confirmed(link.person):
        return unconfirmed_page(link, "reviewing.inbox", token)
    try:
        change_settings(services(), link, _typed(link.region))
    except SettingsRefused as refused:
        return render_template("seat_choice.html", token=token, alone=True, problem=_problem_text(refused.problem)), 422
    return redirect(url_for("reviewing.inbox", token=token, settings="kept"), 303)


def _typed(region: str) -> SeatSettings:
    """What the form says. Raises `SettingsRefused` for what it does not offer."""
    posted = request.form
    version = posted.get("version", "")
    if posted.get("digest") not in set(Digest) or posted.get("hour") not in _HOURS or not version.isdecimal():
        raise SettingsRefused(SettingsProblem.HOUR)
    return SeatSettings(
        region,
        Digest(posted["digest"]),
        _HOURS[posted["hour"]],
        _hour_or_none(posted.get("quiet_from", "")),
        _hour_or_none(posted.get("quiet_until", "")),
        version=int(version[:9]),
    )


def _hour_or_none(text: str) -> int | None:
    if text and text not in _HOURS:
        raise SettingsRefused(SettingsProblem.HOUR)
    return _HOURS[text] if text else None


def _hour_text(hour: int | None) -> str:
    return "" if hour is None else str(hour)


def _problem_text(problem: SettingsProblem) -> str:
    return {
        SettingsProblem.HOUR: _("没有更改：请从列表里选择。"),
        SettingsProblem.QUIET: _("没有更改：免打扰时段要有开始和结束，而且不能是同一个时刻。"),
        SettingsProblem.OVERTAKEN: _("没有更改：这个席位的另一位审核人刚刚改过。下面是现在的设置，请再看一次。"),
    }[problem]
