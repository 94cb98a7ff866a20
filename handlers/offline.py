"""The filler's files: where an imported draft came from, the template to fill offline, and a filled one coming back.

An upload is a save of the draft with the draft version its template was made at, so that the rule of two windows holds:
what was saved meanwhile is shown beside it, and nothing is overwritten unseen.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forms.fields import content_of, form_from_raw, raw_inputs
from handlers.context import read_link, services, trace
from handlers.filing_pages import Notice, Page, Visit, conflict_page, first_inputs, page_of
from handlers.language import _, language
from handlers.refusals import refusal_text
from workflows.filing import Desk, Entry, open_desk, save
from workflows.imported import ImportedFrom, imported_from
from workflows.links import FilingLink
from workflows.ports import DraftConflict
from workflows.stepping import CommandRefused

if TYPE_CHECKING:
    from forms.spreadsheet_writing import Filling

door = Blueprint("offline", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHANNEL = "workbook"
"""Of the trace of a save that came as a file."""


@door.app_template_global("imported_into")
def imported_into(desk: Desk) -> ImportedFrom | None:
    """Where what stands in a return was imported from; None when its unit typed it."""
    return imported_from(services(), desk.submission.id) if desk.draft else None


@door.get("/f/<token>/template.xlsx")
def template(token: str) -> Page | Response:
    """The workbook to fill offline, with what is saved so far; last year's figures on a confirmed device only."""
    from forms.spreadsheet_writing import write_template

    visit = Visit(read_link(FilingLink, token), token)
    desk = open_desk(services(), visit.link)
    if desk.refusal is not None:
        return page_of(desk, visit, Notice(refusal_text(desk.refusal), status=409))
    identity = desk.submission.identity
    answer = Response(write_template(_filling(desk, visit)), mimetype=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{identity.form}-{identity.year}.xlsx"'
    return answer


@door.post("/f/<token>/upload")
def upload(token: str) -> Page | AnyResponse:
    """Save what a filled template holds, as if it had been typed; what cannot be taken is refused with what to do."""
    from forms.spreadsheet import WorkbookRefused, read_filled

    visit = Visit(read_link(FilingLink, token), token)
    desk = open_desk(services(), visit.link)
    if desk.refusal is not None:
        return page_of(desk, visit, Notice(refusal_text(desk.refusal), status=409))
    file = request.files.get("workbook")
    if file is None or not file.filename:
        return page_of(desk, visit, Notice(_("没有选文件。请先选填好的模板，再按“上传”。"), status=422))
    try:
        filled = read_filled(file.stream.read())
        _require_own(desk, filled.stamp.submission, filled.stamp.form_version)
        typed = filled.inputs(desk.definition, starred=desk.unit.starred)
    except WorkbookRefused as refused:
        return page_of(desk, visit, Notice(refused.en if language() == "en" else refused.zh, status=422))
    return _saved(desk, visit, typed, filled.stamp.draft_version)


def _saved(desk: Desk, visit: Visit, typed: Mapping[str, str], version: int) -> Page | AnyResponse:
    """Save it as a draft; what the workbook does not speak of stays as it was saved."""
    form = form_from_raw(desk.definition, {**first_inputs(desk), **typed}, starred=desk.unit.starred)
    entry = Entry(raw_inputs(form), content_of(form, desk.definition), version)
    try:
        save(services(), visit.link, entry, replace(trace("save"), channel=CHANNEL), desk)
    except DraftConflict as conflict:
        return conflict_page(desk, visit, form, conflict.stored)
    except CommandRefused as refused:
        desk = open_desk(services(), visit.link)
        return page_of(desk, visit, Notice(refusal_text(refused.refusal), status=409))
    return redirect(url_for("filing.show", token=visit.token, saved=1) + "#saved", 303)


def _require_own(desk: Desk, submission: str, form_version: str) -> None:
    """The file is a template of this very return, in the layout in force. Raises `WorkbookRefused`."""
    from forms.spreadsheet import WorkbookRefused, out_of_date

    if submission != desk.submission.id:
        raise WorkbookRefused(
            "这是另一份报表的模板（别的单位、别的年度或别的表）。请下载本页的模板，填好再上传。",
            "This is the template of another return (another unit, year or form). Download the one of this page.",
        )
    if form_version != desk.definition.version:
        raise out_of_date()


def _filling(desk: Desk, visit: Visit) -> "Filling":
    from forms.spreadsheet_stamp import Stamp
    from forms.spreadsheet_writing import Filling

    draft = desk.draft
    return Filling(
        definition=desk.definition,
        year=desk.submission.identity.year,
        unit_id=desk.unit.unit_id,
        unit_name=desk.unit.name,
        starred=desk.unit.starred,
        stamp=Stamp(desk.submission.id, desk.definition.version, draft.version if draft else 0),
        inputs=first_inputs(desk),
        last_year=desk.last_year if visit.sees_sealed else None,
        locked=not visit.sees_sealed and desk.last_year is not None,
        lang=language(),
    )
