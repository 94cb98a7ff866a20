"""The filler's door: his form under `/f/`, taking back and answering there, his receipt under `/c/`."""

import json

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from forms.fields import FilingForm, content_of, filing_form, raw_inputs, sign_off_mistakes
from handlers.context import download, read_link, services, trace
from handlers.devices import unconfirmed_page
from handlers.filing_pages import Notice, Visit, blanks_asked, conflict_page, form_page, page_of
from handlers.filling_rows import FIRST_BLANKS
from handlers.findings_page import page_findings
from handlers.keeping import again_if_own, posted, version_posted, with_page
from handlers.language import _
from handlers.qr import qr_code
from handlers.refusals import refusal_text
from workflows import filing
from workflows.answering import UnfitAnswer, answer_query
from workflows.filing import Desk, Entry, NotReadyToSend
from workflows.links import CheckLink, FilingLink
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.ports import DraftConflict
from workflows.queries import MAX_WORDS
from workflows.receipts import proof_document, read_receipt
from workflows.stepping import CommandRefused
from workflows.withdrawing import withdraw

door = Blueprint("filing", __name__)
Page = tuple[str, int]


@door.get("/f/<token>")
def show(token: str) -> Page:
    """The form to fill, or what was sent when it cannot be filled now."""
    visit = _visit(token)
    return page_of(filing.open_desk(services(), visit.link), visit)


@door.post("/f/<token>")
def act(token: str) -> Page | Response:
    """Save the draft, or seal and send it."""
    visit, action = _visit(token), request.form.get("action", "save")
    if action not in {"save", "submit"}:
        abort(400)
    desk = filing.open_desk(services(), visit.link)
    if desk.refusal is not None:
        return page_of(desk, visit, Notice(refusal_text(desk.refusal), status=409))
    form = filing_form(desk.definition, starred=desk.unit.starred)(posted(desk))
    entry = Entry(with_page(raw_inputs(form)), content_of(form, desk.definition), version_posted())
    try:
        if action == "submit" or any(field.too_many for field in form.table_fields):
            return _submit(desk, visit, form, entry)
        again_if_own(entry, lambda one, there: filing.save(services(), visit.link, one, trace("save"), there), desk)
    except DraftConflict as conflict:
        return conflict_page(desk, visit, form, conflict.stored, entry.base_version)
    except CommandRefused as refused:
        return _refused(visit, refused.refusal)
    if request.form.get("more"):
        return redirect(url_for("filing.show", token=token, blank=blanks_asked() + FIRST_BLANKS) + "#more", 303)
    return redirect(url_for("filing.show", token=token, saved=1) + "#saved", 303)


def _submit(desk: Desk, visit: Visit, form: FilingForm, entry: Entry) -> Page | Response:
    """Refused on the page while anything fatal stands or lacks its reason; then nothing is stored."""
    if form.mistakes or form.row_mistakes or sign_off_mistakes(form) or not form.validate():
        return _unsent_page(desk, visit, form, entry.base_version)
    try:
        revision = again_if_own(
            entry, lambda one, there: filing.submit(services(), visit.link, one, trace("submit"), there), desk
        )
    except NotReadyToSend:
        return _unsent_page(desk, visit, form, entry.base_version)
    token = services().links.sign(CheckLink(revision.submission, revision.number))
    return redirect(url_for("filing.receipt", token=token, sent=1), 303)


def _unsent_page(desk: Desk, visit: Visit, form: FilingForm, version: int) -> Page:
    findings = page_findings(desk, form, sees_sealed=visit.sees_sealed)
    return form_page(desk, visit, form, findings=findings, version=version, attempted=True), 422


@door.post("/f/<token>/withdraw")
def take_back(token: str) -> Page | Response:
    """Take back what was sent; pressed twice, the form is there all the same.

    What was sealed comes back as a draft to look at: only a confirmed device may ask for that.
    """
    visit = _visit(token)
    if not visit.sees_sealed:
        return unconfirmed_page(visit.link, "filing.show", token)
    try:
        withdraw(services(), visit.link, _number("revision"))
    except CommandRefused as refused:
        if not filing.open_desk(services(), visit.link).editable:
            return _refused(visit, Refusal(refused.refusal.code))
    return redirect(url_for("filing.show", token=token), 303)


@door.post("/f/<token>/answer")
def answer(token: str) -> Page | Response:
    """Answer one query; an answer that is not taken stays in its field."""
    visit, query = _visit(token), _number("query")
    typed = request.form.get("answer", "")
    try:
        answer_query(services(), visit.link, query, typed)
    except UnfitAnswer:
        text = _("没有记录：请写明实际情况，不能为空，最多 %(most)s 字。", most=MAX_WORDS)
        return _page_again(visit, Notice(text, (query, typed), 422))
    except CommandRefused as refused:
        return _refused(visit, refused.refusal, (query, typed))
    return redirect(url_for("filing.show", token=token) + f"#query-{query}", 303)


@door.get("/c/<token>")
def receipt(token: str) -> Page | Response:
    """That a revision was received, when, and under which hash, with the proof; no figure stands here."""
    found = read_receipt(services(), read_link(CheckLink, token))
    if request.args.get("format") == "json":
        name = f"proof-{found.submission.id}-{found.revision.number}.json"
        return download(json.dumps(proof_document(found), ensure_ascii=False, indent=1).encode(), name)
    return render_template(
        "receipt.html",
        receipt=found,
        sent=request.args.get("sent") == "1",
        token=token,
        code=qr_code(services().url("c", token)),
    ), 200


def _visit(token: str) -> Visit:
    return Visit(read_link(FilingLink, token), token)


def _refused(visit: Visit, refusal: Refusal, answering: tuple[int, str] = (0, "")) -> Page:
    """The page as it stands now, with why the step led to nothing."""
    is_old = refusal.code is RefusalCode.OVERTAKEN
    text = _("您看到的那一版已有变化，下面是现在的情况。") if is_old else refusal_text(refusal)
    return _page_again(visit, Notice(text, answering, 409))


def _page_again(visit: Visit, notice: Notice) -> Page:
    return page_of(filing.open_desk(services(), visit.link), visit, notice)


def _number(field: str) -> int:
    """A number that a page of ours carries (a draft's version, a revision, a query); 0 stands for none."""
    text = request.form.get(field, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
