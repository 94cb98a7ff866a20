"""A seat's waiting work: sorted as its holder asks, and accepted many at once where nothing has to be looked at."""

from flask import render_template, request
from werkzeug.wrappers import Response

from handlers.context import read_link, services
from handlers.devices import is_confirmed, unconfirmed_page
from handlers.language import _
from handlers.refusals import refusal_text
from handlers.reviewing.page import Page, door
from workflows.bulk_accepting import MOST, Accepted, Outcome, accept_many
from workflows.deadlines import show_instant
from workflows.inboxes import open_inbox, open_ranked
from workflows.links import InboxLink
from workflows.ports import InboxOrder

EFFECT = "effect"
"""The order of what moved unlike similar units, by effect on the published total."""


@door.get("/i/<token>")
def inbox(token: str) -> Page:
    """One page of what waits for this seat; `select` asks for those without findings to be ticked already."""
    link = read_link(InboxLink, token)
    if not is_confirmed(link.person):
        return unconfirmed_page(link, "reviewing.inbox", token)
    return _page(link, token)


@door.post("/i/<token>/accept")
def accept(token: str) -> Page | Response:
    """Accept those that were ticked, each for itself, and say of each what became of it."""
    link = read_link(InboxLink, token)
    if not is_confirmed(link.person):
        return unconfirmed_page(link, "reviewing.inbox", token)
    named = request.form.getlist("pick")
    if not named:
        return _page(link, token, _("还没有选。请先勾选要通过的报表。"), 422)
    if len(named) > MOST:
        return _page(link, token, _("一次最多通过 %(count)s 份。", count=MOST), 422)
    results = accept_many(services(), link, [_pick(name) for name in named])
    page = render_template(
        "inbox_accepted.html",
        results=results,
        accepted=sum(one.outcome is Outcome.ACCEPTED for one in results),
        explain=_explained,
        token=token,
    )
    return page, 200


def _page(link: InboxLink, token: str, problem: str = "", status: int = 200) -> Page:
    is_ranked = request.args.get("sort") == EFFECT
    found = (
        open_ranked(services(), link)
        if is_ranked
        else open_inbox(services(), link, request.args.get("after", "")[:100], _order())
    )
    page = render_template(
        "inbox.html",
        inbox=found,
        token=token,
        orders=_orders(),
        select=request.args.get("select") == "1",
        pickable=sum(row.pickable for row in found.rows),
        problem=problem,
        after=request.args.get("after", "")[:100],
        explain_refusal=refusal_text,
    )
    return page, status


def _order() -> InboxOrder:
    asked = request.args.get("sort", "")
    return InboxOrder(asked) if asked in set(InboxOrder) else InboxOrder.AGE


def _orders() -> dict[InboxOrder, str]:
    return {
        InboxOrder.AGE: _("等得最久"),
        InboxOrder.AMOUNT: _("金额最大"),
        InboxOrder.FINDINGS: _("提示最多"),
        InboxOrder.CLEAN: _("没有提示"),
    }


def _pick(name: str) -> tuple[str, str]:
    submission, _colon, revision_hash = name[:200].partition(":")
    return submission, revision_hash


def _explained(one: Accepted) -> str:
    """Why one was not accepted, naming who was faster."""
    if one.outcome is Outcome.HELD:
        return _("有提示或查询，请打开看过再决定。")
    if one.refusal is None:
        return ""
    if one.refusal.decision is not None:
        decision = one.refusal.decision
        verdict = _("通过") if decision.accepted else _("退回")
        when = show_instant(decision.at)
        return _("已由 %(by)s 于 %(when)s 决定：%(verdict)s。", by=one.by, when=when, verdict=verdict)
    return refusal_text(one.refusal)
