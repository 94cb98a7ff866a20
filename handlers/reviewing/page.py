"""The page of one return as a reviewer meets it, before and after what he does, and how each step is answered."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from handlers.context import read_link, services
from handlers.devices import is_confirmed, unconfirmed_page
from handlers.language import _, language
from handlers.presenting import Row, blocks, marked_items, sealed_rows
from handlers.refusals import refusal_text
from handlers.table_rows import Grid, sealed_grids
from workflows.directives import DirectsAFigure
from workflows.dispositions import disposition_names
from workflows.links import InboxLink, ReviewLink
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.places import said_en, said_zh
from workflows.reasons import return_reasons
from workflows.review_desk import ReviewDesk, open_review
from workflows.reviewing import UnknownItems
from workflows.stepping import CommandRefused

door = Blueprint("reviewing", __name__)
Page = tuple[str, int]
MOST_DIGITS = 9
TELLING = frozenset({RefusalCode.NEXT_ACTED, RefusalCode.FILLER_ACTED, RefusalCode.IN_A_TABLE})
"""Why a decision of one's own stands for good: worth saying; that another's is not one's own is not."""


def review_page(link: ReviewLink, problem: str = "", status: int = 200) -> Page:
    """The return with all that may be done with it now. What was typed and not taken stays on it."""
    desk = open_review(services(), link)
    case = desk.case
    if status == 422 and case.refusal is not None:
        problem, status = refusal_text(case.refusal, case.decisions), 409
    page = render_template(
        "review.html",
        desk=desk,
        case=case,
        revision=link.revision,
        blocks=blocks(case.definition, _rows(desk), _grids(desk)) if case.content else [],
        said=said_en if language() == "en" else said_zh,
        problem=problem,
        standing=refusal_text(case.refusal, case.decisions) if case.refusal else "",
        is_old=case.refusal is not None and case.refusal.code is RefusalCode.OVERTAKEN,
        kept=_kept(desk, link),
        reasons=return_reasons(),
        dispositions=disposition_names(),
        typed=request.form,
        done=request.args.get("done", "")[:20],
        inbox_token=services().links.sign(InboxLink(link.region, link.person)),
    )
    return page, status


def stepped(token: str, act: Callable[[ReviewLink], object], done: str) -> Page | Response:
    """Let a reviewer do one thing and show its page again: taken, refused by the machine, or to be mended by him."""
    link = read_link(ReviewLink, token)
    if not is_confirmed(link.person):
        return unconfirmed_page(link, "reviewing.show", token)
    try:
        act(link)
    except UnknownItems as unknown:
        return review_page(link, _("本表没有这些指标或审核关系：%(names)s", names=str(unknown)), 422)
    except DirectsAFigure as directs:
        return review_page(link, directive_text(directs.words), 422)
    except CommandRefused as refused:
        return _refused(link, refused.refusal)
    return redirect(url_for("reviewing.show", token=token, done=done), 303)


def number_typed(name: str) -> int:
    """The number of an event that a form names; 0 for what is none."""
    typed = request.form.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS else 0


def directive_text(words: str) -> str:
    """Why words that direct a figure are not passed on, and what may be written instead."""
    return _(
        "“%(words)s”写了应当填多少，没有发出。统计法第七条、第四十条规定：统计资料由填报单位据实填报，"
        "任何人不得要求填报指定的数字。请改写成您看到的情况，例如“比上年增长85%%，请核实”。",
        words=words,
    )


def _refused(link: ReviewLink, refusal: Refusal) -> Page:
    if refusal.code is RefusalCode.INCOMPLETE:
        return review_page(link, refusal_text(refusal), 422)
    told = open_review(services(), link).case.decisions
    return review_page(link, refusal_text(refusal, told), 409)


def _kept(desk: ReviewDesk, link: ReviewLink) -> str:
    """Why his own decision can no longer be taken back, where that is so."""
    standing, refusal = desk.case.submission.state.standing, desk.undo_refusal
    is_his = bool(standing) and standing[-1].person == link.person
    return refusal_text(refusal) if refusal and refusal.code in TELLING and is_his else ""


def _rows(desk: ReviewDesk) -> dict[str, Row]:
    case = desk.case
    if case.content is None:
        return {}
    return sealed_rows(
        case.definition,
        case.content,
        case.last_year,
        findings=case.findings,
        marked=marked_items(case.definition, request.form.getlist("mark")),
        was=desk.changes.before() if desk.changes else {},
        threads=desk.threads,
    )


def _grids(desk: ReviewDesk) -> dict[str, Grid]:
    case = desk.case
    if case.content is None:
        return {}
    return sealed_grids(
        case.definition,
        case.content,
        findings=case.findings,
        marks=marked_items(case.definition, request.form.getlist("mark")),
        changes=desk.changes,
        threads=desk.threads,
    )
