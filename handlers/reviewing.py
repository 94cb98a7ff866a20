"""The reviewer's door: one return under `/r/`, a seat's waiting work under `/i/`. Nothing here takes a figure."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from handlers.context import read_link, services
from handlers.devices import is_confirmed, unconfirmed_page
from handlers.language import _
from handlers.presenting import blocks, marked_items, sealed_rows
from handlers.refusals import refusal_text
from workflows import reviewing
from workflows.inboxes import open_inbox
from workflows.links import InboxLink, ReviewLink
from workflows.machine.refusals import RefusalCode
from workflows.reasons import return_reasons
from workflows.reviewing import Case, UnknownItems, Verdict
from workflows.stepping import CommandRefused

door = Blueprint("reviewing", __name__)
Page = tuple[str, int]


@door.get("/r/<token>")
def show(token: str) -> Page:
    """The return beside last year, with its findings and the decisions so far."""
    link = read_link(ReviewLink, token)
    if not is_confirmed(link.person):
        return unconfirmed_page(link, "reviewing.show", token)
    return _page(link, reviewing.open_case(services(), link), "", 200)


@door.post("/r/<token>")
def decide(token: str) -> Page | Response:
    """Record a decision; a racing or repeated one is told who decided and when."""
    link = read_link(ReviewLink, token)
    if not is_confirmed(link.person):
        return unconfirmed_page(link, "reviewing.show", token)
    choice = request.form.get("decision", "")
    if choice not in {"accept", "return"}:
        return _again(link, _("请先选择“通过”或“退回”。"))
    verdict = Verdict(
        accept=choice == "accept",
        reason=request.form.get("reason_code", ""),
        items=tuple(_named_items()),
        comment=request.form.get("comment", ""),
    )
    if not verdict.accept and (verdict.reason not in return_reasons() or not verdict.items):
        return _again(link, _("退回须选择原因，并指明涉及的指标或审核关系。"))
    try:
        reviewing.decide_case(services(), link, verdict)
    except UnknownItems as unknown:
        return _again(link, _("本表没有这些指标或审核关系：%(names)s", names=str(unknown)))
    except CommandRefused as refused:
        case = reviewing.open_case(services(), link)
        return _page(link, case, refusal_text(refused.refusal, case.decisions), 409)
    return redirect(url_for("reviewing.show", token=token, done=1), 303)


@door.get("/i/<token>")
def inbox(token: str) -> Page:
    """What waits for this seat, oldest first."""
    link = read_link(InboxLink, token)
    if not is_confirmed(link.person):
        return unconfirmed_page(link, "reviewing.inbox", token)
    found = open_inbox(services(), link, request.args.get("after", "")[:100])
    return render_template("inbox.html", inbox=found, token=token), 200


def _named_items() -> list[str]:
    """Those ticked beside the lines and those typed, in any spelling of a list."""
    typed = request.form.get("items", "").replace(",", " ").replace("，", " ").replace("、", " ")
    return list(dict.fromkeys([*request.form.getlist("mark"), *typed.split()]))


def _again(link: ReviewLink, problem: str) -> Page:
    case = reviewing.open_case(services(), link)
    if case.refusal is not None:
        return _page(link, case, refusal_text(case.refusal, case.decisions), 409)
    return _page(link, case, problem, 422)


def _page(link: ReviewLink, case: Case, problem: str, status: int) -> Page:
    """The same page before and after the decision; the form is there only while this link can decide."""
    rows = (
        sealed_rows(
            case.definition,
            case.content,
            case.last_year,
            findings=case.findings,
            marked=marked_items(case.definition, request.form.getlist("mark")),
        )
        if case.content
        else {}
    )
    standing = refusal_text(case.refusal, case.decisions) if case.refusal else ""
    inbox_token = services().links.sign(InboxLink(link.region, link.person))
    page = render_template(
        "review.html",
        case=case,
        revision=link.revision,
        blocks=blocks(case.definition, rows),
        problem=problem,
        standing=standing,
        is_old=case.refusal is not None and case.refusal.code is RefusalCode.OVERTAKEN,
        reasons=return_reasons(),
        typed=request.form,
        done=request.args.get("done") == "1",
        inbox_token=inbox_token,
    )
    return page, status
