"""Deciding on one return: accept or return it, take that back, mark that one is on it, propose an exception."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from handlers.context import read_link, services
from handlers.devices import is_confirmed, unconfirmed_page
from handlers.language import _
from handlers.reviewing.page import Page, door, number_typed, review_page, stepped
from workflows import claiming, proposing, reviewing, undoing, waiving
from workflows.deadlines import DeadlineError, read_instant
from workflows.links import ReviewLink
from workflows.machine.states import DispositionKind
from workflows.reasons import return_reasons
from workflows.reviewing import Verdict


@door.get("/r/<token>")
def show(token: str) -> Page:
    """The return beside last year, with its findings, its queries and the decisions so far."""
    link = read_link(ReviewLink, token)
    if not is_confirmed(link.person):
        return unconfirmed_page(link, "reviewing.show", token)
    return review_page(link)


@door.get("/d/<token>")
def again(token: str) -> Response:
    """From a letter that confirms or tells something, to the same page; only a request for a decision has `/r/`."""
    read_link(ReviewLink, token)
    return redirect(url_for("reviewing.show", token=token), 303)


@door.post("/r/<token>")
def decide(token: str) -> Page | Response:
    """Record a decision; a racing or repeated one is told who decided and when."""
    verdict = _verdict()
    problem = _lacking(verdict)
    if problem:
        link = read_link(ReviewLink, token)
        return review_page(link, problem, 422) if is_confirmed(link.person) else show(token)
    return stepped(token, lambda link: reviewing.decide_case(services(), link, verdict), "1")


@door.post("/r/<token>/undo")
def undo(token: str) -> Page | Response:
    """Take one's own decision back."""
    return stepped(token, lambda link: undoing.undo(services(), link, number_typed("decision")), "undone")


@door.post("/r/<token>/claim")
def claim(token: str) -> Page | Response:
    """Mark that one is on it."""
    return stepped(token, lambda link: claiming.claim(services(), link), "claimed")


@door.post("/r/<token>/propose")
def propose(token: str) -> Page | Response:
    """Propose a disposition; an unknown kind is as good as none."""
    kind, reason = request.form.get("kind", ""), request.form.get("reason", "")
    known = {one.value: one for one in DispositionKind}
    if kind not in known:
        link = read_link(ReviewLink, token)
        return review_page(link, _("请选择是哪一种情形。"), 422) if is_confirmed(link.person) else show(token)
    return stepped(token, lambda link: proposing.propose(services(), link, known[kind], reason), "proposed")


@door.post("/r/<token>/waive")
def waive(token: str) -> Page | Response:
    """Propose to let a firm rule pass until the end of a day."""
    rule, reason = request.form.get("rule", "")[:20], request.form.get("waiver_reason", "")
    try:
        expires = read_instant(request.form.get("expires", "")[:40])
    except DeadlineError as error:
        link = read_link(ReviewLink, token)
        return review_page(link, str(error), 422) if is_confirmed(link.person) else show(token)
    return stepped(token, lambda link: waiving.propose_waiver(services(), link, rule, expires, reason), "waiving")


@door.post("/r/<token>/confirm-waiver")
def confirm_waiver(token: str) -> Page | Response:
    """Confirm what another proposed."""
    return stepped(token, lambda link: waiving.confirm_waiver(services(), link, number_typed("waiver")), "waived")


def _verdict() -> Verdict:
    return Verdict(
        accept=request.form.get("decision") == "accept",
        reason=request.form.get("reason_code", ""),
        items=tuple(_named_items()),
        comment=request.form.get("comment", ""),
        revision_hash=request.form.get("revision_hash", "")[:64],
    )


def _lacking(verdict: Verdict) -> str:
    """What the page has to be given before there is anything to decide; blank when nothing lacks."""
    if request.form.get("decision", "") not in {"accept", "return"}:
        return _("请先选择“通过”或“退回”。")
    if not verdict.accept and (verdict.reason not in return_reasons() or not verdict.items):
        return _("退回须选择原因，并指明涉及的指标或审核关系。")
    return ""


def _named_items() -> list[str]:
    """Those ticked beside the lines and those typed, in any spelling of a list."""
    typed = request.form.get("items", "").replace(",", " ").replace("，", " ").replace("、", " ")
    return list(dict.fromkeys([*request.form.getlist("mark"), *typed.split()]))
