"""A section of the form in a colleague's hands: the filler gives and ends it under `/f/`, the colleague fills it under
`/h/`. He sees that section's cells of the draft and nothing else: no other section, no year before, no button to send.
"""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from forms.edits import Finding
from forms.fields import FilingForm, filing_form, findings_of, form_from_raw, raw_inputs
from handlers.context import read_link, services, trace
from handlers.filing_pages import Notice, Visit, blanks_asked, page_of
from handlers.filling_rows import FIRST_BLANKS, mistake_text, typed_grids
from handlers.language import _
from handlers.presenting import Block, Row, findings_by_item
from handlers.refusals import refusal_text
from handlers.totals import parts_of, sum_of
from workflows import section_filing
from workflows.deadlines import show_instant
from workflows.filing import open_desk
from workflows.handovers import UnfitHandover, belongs
from workflows.links import FilingLink, SectionLink
from workflows.ports import DraftConflict
from workflows.section_filing import SectionConflict, SectionDesk, open_section, save_section
from workflows.stepping import CommandRefused

door = Blueprint("sections", __name__)
Page = tuple[str, int]
Said = tuple[dict[str, object], int]


@door.post("/f/<token>/handover")
def hand_over(token: str) -> Page | Response:
    """Give a section to a colleague; the link to send him stands on the page that opens."""
    visit = Visit(read_link(FilingLink, token), token)
    desk = open_desk(services(), visit.link)
    typed = request.form.get("section", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    try:
        made = section_filing.hand_over(
            services(), visit.link, desk, number, request.form.get("name", "")[:200], trace("hand over")
        )
    except UnfitHandover:
        return page_of(
            desk, visit, Notice(_("没有交出：请选一节，写明给谁（最多 40 字）；同时最多交出 10 节。"), status=422)
        )
    except CommandRefused as refused:
        return page_of(open_desk(services(), visit.link), visit, Notice(refusal_text(refused.refusal), status=409))
    except DraftConflict:
        return page_of(open_desk(services(), visit.link), visit, Notice(_saved_meanwhile(), status=409))
    return redirect(url_for("filing.show", token=token, handed=made.id) + "#handover", 303)


@door.post("/f/<token>/handover/end")
def end(token: str) -> Page | Response:
    """Take a section back; what came in stays."""
    visit = Visit(read_link(FilingLink, token), token)
    desk = open_desk(services(), visit.link)
    try:
        section_filing.end_handover(
            services(), visit.link, desk, request.form.get("handover", "")[:40], trace("end handover")
        )
    except CommandRefused as refused:
        return page_of(open_desk(services(), visit.link), visit, Notice(refusal_text(refused.refusal), status=409))
    except DraftConflict:
        return page_of(open_desk(services(), visit.link), visit, Notice(_saved_meanwhile(), status=409))
    return redirect(url_for("filing.show", token=token) + "#handover", 303)


@door.get("/h/<token>")
def show(token: str) -> Page:
    """The section as it stands in the draft."""
    desk = open_section(services(), read_link(SectionLink, token))
    return _page(desk, token, _form(desk, desk.inputs), desk.digest), 200


@door.post("/h/<token>")
def save(token: str) -> Page | Response:
    """Keep the section; there is no other button."""
    link = read_link(SectionLink, token)
    desk = open_section(services(), link)
    form = filing_form(desk.definition, starred=desk.starred)(request.form)
    if any(field.too_many for field in form.table_fields):
        return _page(desk, token, form, _seen()), 422
    try:
        save_section(services(), link, raw_inputs(form), _seen(), trace("section"))
    except SectionConflict as conflict:
        return _page(desk, token, form, conflict.digest, conflict.stored), 409
    if request.form.get("more"):
        return redirect(url_for("sections.show", token=token, blank=blanks_asked() + FIRST_BLANKS) + "#more", 303)
    return redirect(url_for("sections.show", token=token, saved=1) + "#saved", 303)


@door.post("/h/<token>/keep")
def keep(token: str) -> Said:
    """The same, asked by the page's own script (`handlers.keeping`)."""
    link = read_link(SectionLink, token)
    try:
        desk = open_section(services(), link)
        form = filing_form(desk.definition, starred=desk.starred)(request.form)
        if any(field.too_many for field in form.table_fields):
            return {"problem": "too_many", "text": _("行数超过了本表的上限，没有保存。")}, 422
        saved = save_section(services(), link, raw_inputs(form), _seen(), trace("section"))
    except SectionConflict:
        return {"problem": "conflict"}, 409
    except (section_filing.HandoverEnded, CommandRefused):
        return {"problem": "closed", "text": _("这个链接已经结束。")}, 409
    return {"version": saved.digest, "saved_at": show_instant(saved.draft.saved_at)}, 200


def _saved_meanwhile() -> str:
    return _("刚才另有保存，请再按一次。")


def _seen() -> str:
    """What the section read when the page was opened."""
    return request.form.get("draft_version", "")[:16]


def _form(desk: SectionDesk, inputs: Mapping[str, str]) -> FilingForm:
    return form_from_raw(desk.definition, inputs, starred=desk.starred)


def _page(desk: SectionDesk, token: str, form: FilingForm, digest: str, stored: Mapping[str, str] | None = None) -> str:
    own = {name: text for name, text in raw_inputs(form).items() if belongs(desk.section, name)}
    shown = _form(desk, own)
    findings = _own_findings(desk, shown)
    return render_template(
        "section.html",
        desk=desk,
        token=token,
        block=_block(desk, shown, findings, stored),
        findings=findings,
        digest=digest,
        conflict=stored is not None,
        saved=request.args.get("saved") == "1",
        blanks=blanks_asked(),
    )


def _own_findings(desk: SectionDesk, form: FilingForm) -> tuple[Finding, ...]:
    """What can be said of these cells alone; a rule that looks at another section is the filler's."""
    found = (one for one in findings_of(form) if not one.rule_id.startswith("required:"))
    table = desk.section.table.key if desk.section.table else ""
    return tuple(one for one in found if one.items and all(belongs(desk.section, n) or n == table for n in one.items))


def _block(
    desk: SectionDesk, form: FilingForm, findings: tuple[Finding, ...], stored: Mapping[str, str] | None
) -> Block:
    number = desk.handover.section
    if desk.section.table is not None:
        grids = typed_grids(form, findings, blanks=blanks_asked(), stored=stored)
        return Block(desk.section, number, (), grids[desk.section.table.key])
    by_item, parts = findings_by_item(findings), parts_of(desk.definition)
    values = {field.item.key: field.cell.value if field.cell else None for field in form.item_fields}
    own = {item.key for item in desk.section.items}
    rows = []
    for field in form.item_fields:
        key = field.item.key
        there = stored.get(key, "") if stored is not None else field.raw_text
        if key in own:
            rows.append(
                Row(
                    item=field.item,
                    typed=field.raw_text,
                    status=field.raw_status,
                    note=field.raw_note,
                    mistake=mistake_text(field.mistake),
                    findings=tuple(one for one in by_item.get(key, ()) if not one.rule_id.startswith("value:")),
                    stored=there if there != field.raw_text else None,
                    parts=parts.get(key, ()) if own.issuperset(parts.get(key, ())) else (),
                    parts_sum=sum_of(values.get(part) for part in parts.get(key, ())),
                )
            )
    return Block(desk.section, number, tuple(rows))
