"""The filler's door: his form under `/f/`, his receipt under `/c/`."""

import json
from collections.abc import Mapping, Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from forms.edits import Finding
from forms.fields import (
    SIGN_OFF,
    FilingForm,
    content_of,
    filing_form,
    findings_of,
    form_from_raw,
    raw_inputs,
    sign_off_mistakes,
)
from forms.values import BLANK, ValueMistake
from handlers.context import download, read_link, services, trace
from handlers.language import _, language
from handlers.presenting import Row, blocks, findings_by_item, marked_items, sealed_rows
from handlers.qr import qr_code
from handlers.refusals import refusal_text
from workflows import filing
from workflows.filing import Desk, Entry, NotReadyToSend
from workflows.links import CheckLink, FilingLink
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.ports import DraftConflict
from workflows.receipts import proof_document, read_receipt
from workflows.stepping import CommandRefused
from workflows.submissions import Draft

door = Blueprint("filing", __name__)
_LATER = "required:"
"""Findings that only count once he wants to send: nobody fills 51 cells at once."""
Page = tuple[str, int]


@door.get("/f/<token>")
def show(token: str) -> str:
    """The form to fill, or what was sent when it cannot be filled now."""
    desk = filing.open_desk(services(), read_link(FilingLink, token))
    if not desk.editable:
        return _sealed_page(desk, "")
    form = form_from_raw(desk.definition, _first_inputs(desk), starred=desk.unit.starred)
    known = [found for found in findings_of(form) if not found.rule_id.startswith(_LATER)]
    return _form_page(desk, form, findings=known, version=desk.draft.version if desk.draft else 0)


@door.post("/f/<token>")
def act(token: str) -> Page | Response:
    """Save the draft, or seal and send it."""
    link, action = read_link(FilingLink, token), request.form.get("action", "save")
    if action not in {"save", "submit"}:
        abort(400)
    desk = filing.open_desk(services(), link)
    if not desk.editable:
        code = RefusalCode.COLLECTION_CLOSED if desk.closed else RefusalCode.NOT_EDITABLE
        return _sealed_page(desk, refusal_text(Refusal(code))), 409
    form = filing_form(desk.definition, starred=desk.unit.starred)(_posted(desk))
    entry = Entry(raw_inputs(form), content_of(form, desk.definition), _base_version())
    try:
        if action == "submit":
            return _submit(desk, link, form, entry)
        filing.save(services(), link, entry, trace("save"), desk)
    except DraftConflict as conflict:
        return _conflict_page(desk, form, conflict.stored)
    except CommandRefused as refused:
        return _sealed_page(filing.open_desk(services(), link), refusal_text(refused.refusal)), 409
    return redirect(url_for("filing.show", token=token, saved=1) + "#saved", 303)


def _submit(desk: Desk, link: FilingLink, form: FilingForm, entry: Entry) -> Page | Response:
    """Refused on the page while anything fatal stands; then nothing is stored."""
    if form.mistakes or sign_off_mistakes(form) or not form.validate():
        return _unsent_page(desk, form, findings_of(form), entry.base_version)
    try:
        revision = filing.submit(services(), link, entry, trace("submit"), desk)
    except NotReadyToSend as refused:
        return _unsent_page(desk, form, refused.findings, entry.base_version)
    token = services().links.sign(CheckLink(revision.submission, revision.number))
    return redirect(url_for("filing.receipt", token=token, sent=1), 303)


def _unsent_page(desk: Desk, form: FilingForm, findings: Sequence[Finding], version: int) -> Page:
    return _form_page(desk, form, findings=findings, version=version, attempted=True), 422


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


def _first_inputs(desk: Desk) -> Mapping[str, str]:
    """What he saved; a page never saved starts with today's date of report."""
    today = services().today().isoformat()
    return desk.draft.inputs if desk.draft else {"report_date": today}


def _posted(desk: Desk) -> MultiDict[str, str]:
    """What the page holds; a program that sends no date of report means today."""
    if "report_date" in request.form:
        return request.form
    return MultiDict([*request.form.items(multi=True), ("report_date", _first_inputs(desk).get("report_date", ""))])


def _base_version() -> int:
    """The draft version the page was opened at; a page without one saw nothing."""
    text = request.form.get("draft_version", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _form_page(
    desk: Desk,
    form: FilingForm,
    *,
    findings: Sequence[Finding],
    version: int,
    attempted: bool = False,
    stored: Mapping[str, str] | None = None,
) -> str:
    rows = _rows(desk, form, findings, stored)
    unsigned = sign_off_mistakes(form) if attempted else ()
    return render_template(
        "filing.html",
        desk=desk,
        form=form,
        blocks=blocks(desk.definition, rows),
        findings=findings,
        unsigned={found.rule_id.removeprefix("signoff:"): found for found in unsigned},
        too_long=_too_long(form) if attempted else {},
        sign_off=SIGN_OFF,
        version=version,
        attempted=attempted,
        conflict=stored is not None,
        saved=request.args.get("saved") == "1",
        returned=desk.submission.state.returned,
        answered=sum(1 for row in rows.values() if row.typed or row.status),
    )


def _conflict_page(desk: Desk, form: FilingForm, stored: Draft | None) -> Page:
    """Both values are shown; what was typed here stays in the page, and sending it again is a knowing choice."""
    inputs, version = (stored.inputs, stored.version) if stored else ({}, 0)
    return _form_page(desk, form, findings=(), version=version, stored=inputs), 409


def _rows(
    desk: Desk, form: FilingForm, findings: Sequence[Finding], stored: Mapping[str, str] | None
) -> dict[str, Row]:
    by_item = findings_by_item(findings)
    returned = desk.submission.state.returned
    marks = set(marked_items(desk.definition, returned.items)) if returned else set()
    rows: dict[str, Row] = {}
    for field in form.item_fields:
        key = field.item.key
        there = stored.get(key, "") if stored is not None else field.raw_text
        rows[key] = Row(
            item=field.item,
            typed=field.raw_text,
            status=field.raw_status,
            note=field.raw_note,
            last_year=desk.last_year.cell(key) if desk.last_year else BLANK,
            mistake=_mistake_text(field.mistake),
            findings=tuple(found for found in by_item.get(key, ()) if not found.rule_id.startswith("value:")),
            marked=key in marks,
            stored=there if there != field.raw_text else None,
            required=desk.definition.is_required(field.item, starred=desk.unit.starred),
        )
    return rows


def _mistake_text(mistake: ValueMistake | None) -> str:
    if mistake is None:
        return ""
    return mistake.en if language() == "en" else mistake.zh


def _too_long(form: FilingForm) -> dict[str, str]:
    """Sign-off and explanation inputs over their limit."""
    return {field.name: str(field.errors[0]) for field in form.text_fields if field.errors}


def _sealed_page(desk: Desk, notice: str) -> str:
    """What was sent, read-only; or that nothing was sent before the close."""
    content = desk.sealed
    rows = sealed_rows(desk.definition, content, desk.last_year) if content else {}
    number = desk.submission.state.revision
    receipt_token = services().links.sign(CheckLink(desk.submission.id, number)) if number else ""
    return render_template(
        "filed.html",
        desk=desk,
        blocks=blocks(desk.definition, rows),
        content=content,
        message=notice or (_("本年度年报已经截止。") if desk.closed else ""),
        receipt_token=receipt_token,
    )
