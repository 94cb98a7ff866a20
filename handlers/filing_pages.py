"""The filler's pages: the form to fill, and what was sent. Sealed figures wait there for a confirmed device."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request

from forms.content import Content
from forms.edits import Finding
from forms.fields import SIGN_OFF, FilingForm, form_from_raw, raw_inputs, sign_off_mistakes
from forms.values import BLANK
from handlers.context import services
from handlers.devices import is_code_asked, is_confirmed
from handlers.filling_rows import FIRST_BLANKS, MOST_BLANKS, mistake_text, typed_grids
from handlers.findings_page import found_on, page_findings
from handlers.language import _, language
from handlers.presenting import Row, blocks, findings_by_item, marked_items, sealed_rows
from handlers.table_rows import Grid, sealed_grids
from handlers.totals import parts_of, sum_of
from workflows.answering import why_no_answer
from workflows.filing import Desk
from workflows.handovers import Handover, handovers_of, merged
from workflows.links import CheckLink, FilingLink, SectionLink
from workflows.places import said_en, said_zh
from workflows.queries import Thread, threads_by_item
from workflows.submissions import Draft
from workflows.withdrawing import why_no_withdrawal

Page = tuple[str, int]
_LATER = "required:"
"""Findings that only count once he wants to send: nobody fills 51 cells at once."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at a filler's page, and through which token."""

    link: FilingLink
    token: str

    @property
    def sees_sealed(self) -> bool:
        """Whether this browser may be shown figures that were sealed."""
        return is_confirmed(self.link.person)

    @property
    def is_code_asked(self) -> bool:
        """Whether a code was mailed at the wish of this browser."""
        return is_code_asked(self.link.person)


@dataclass(frozen=True, slots=True)
class Answering:
    """The fields for answers: which queries take one, and the answer that was not taken just now."""

    takes: frozenset[int]
    query: int = 0
    typed: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Why the last step led to nothing, with the answer he had typed."""

    text: str = ""
    answering: tuple[int, str] = (0, "")
    """The query, and what he typed."""
    status: int = 200


NOTHING = Notice()


def page_of(desk: Desk, visit: Visit, notice: Notice = NOTHING) -> Page:
    """The form to fill, or what was sent when it cannot be filled now."""
    if not desk.editable:
        return sealed_page(desk, visit, notice), notice.status
    form = form_from_raw(desk.definition, first_inputs(desk), starred=desk.unit.starred)
    known = _known(desk, visit, form)
    version = desk.draft.version if desk.draft else 0
    return form_page(desk, visit, form, findings=known, version=version, notice=notice), notice.status


def first_inputs(desk: Desk) -> Mapping[str, str]:
    """What he saved; the date of report is today's where none was saved."""
    today = services().today().isoformat()
    return {"report_date": today, **(desk.draft.inputs if desk.draft else {})}


def form_page(
    desk: Desk,
    visit: Visit,
    form: FilingForm,
    *,
    findings: Sequence[Finding],
    version: int,
    attempted: bool = False,
    stored: Mapping[str, str] | None = None,
    notice: Notice = NOTHING,
) -> str:
    """The form with what is typed, what is wrong with it, and what reviewers said about it."""
    rows = _rows(desk, visit, form, findings, stored)
    grids = typed_grids(form, findings, blanks=blanks_asked(), marks=_marks(desk), stored=stored)
    return render_template(
        "filing.html",
        **_common(desk, visit, rows, grids, notice),
        **_mistakes(form, attempted=attempted),
        found=found_on(desk, form, findings, attempted=attempted),
        locked=not visit.sees_sealed and desk.last_year is not None,
        form=form,
        sign_off=SIGN_OFF,
        version=version,
        conflict=stored is not None,
        saved=request.args.get("saved") == "1",
        returned=desk.submission.state.returned,
        answered=sum(1 for row in rows.values() if row.typed or row.status),
        blanks=blanks_asked(),
        handovers=handovers_of(desk.draft),
        handed=request.args.get("handed", "")[:40],
        section_address=section_address,
    )


def conflict_page(desk: Desk, visit: Visit, form: FilingForm, stored: Draft | None, base: int = -1) -> Page:
    """Both values are shown; what was typed here stays in the page, and sending it again is a knowing choice.

    What only colleagues filled, in sections he did not touch since `base`, is put into his page instead.
    """
    typed, version = (stored.inputs, stored.version) if stored else ({}, 0)
    both = merged(desk.definition, stored, raw_inputs(form), base) if stored else None
    if both is not None:
        form = form_from_raw(desk.definition, both, starred=desk.unit.starred)
        came = Notice(_("同事填来的内容已经放进本页，请看过，再按一次。"), status=409)
        return form_page(desk, visit, form, findings=_known(desk, visit, form), version=version, notice=came), 409
    return form_page(desk, visit, form, findings=_known(desk, visit, form), version=version, stored=typed), 409


def _known(desk: Desk, visit: Visit, form: FilingForm) -> tuple[Finding, ...]:
    """What is found before he tries to send."""
    found = page_findings(desk, form, sees_sealed=visit.sees_sealed)
    return tuple(each for each in found if not each.rule_id.startswith(_LATER))


def sealed_page(desk: Desk, visit: Visit, notice: Notice = NOTHING) -> str:
    """What was sent, read-only; or that nothing was sent before the close."""
    content, number = desk.sealed, desk.submission.state.revision
    locked = content is not None and not visit.sees_sealed
    rows = _sealed_rows(desk, content) if content and not locked else {}
    grids = sealed_grids(desk.definition, content, threads=desk.threads) if content and not locked else {}
    return render_template(
        "filed.html",
        **_common(desk, visit, rows, grids, notice),
        locked=locked,
        content=content,
        receipt_token=services().links.sign(CheckLink(desk.submission.id, number)) if number else "",
        withdrawable=why_no_withdrawal(services(), desk.submission, visit.link.person) is None,
    )


def section_address(desk: Desk, visit: Visit, handover: Handover) -> str:
    """The address that opens a section for a colleague."""
    link = SectionLink(desk.submission.id, visit.link.person, handover.id)
    return services().url("h", services().links.sign(link))


def blanks_asked() -> int:
    """How many empty rows the page is to offer under those that are filled."""
    typed = request.values.get("blank", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    return max(FIRST_BLANKS, min(number, MOST_BLANKS))


def _common(
    desk: Desk, visit: Visit, rows: Mapping[str, Row], grids: Mapping[str, Grid], notice: Notice
) -> dict[str, object]:
    """What both pages are given."""
    return {
        "desk": desk,
        "visit": visit,
        "blocks": blocks(desk.definition, rows, grids),
        "notice_text": notice.text,
        "answering": _answering(desk, visit, notice),
        "loose": _loose(desk, rows, grids),
        "said": said_en if language() == "en" else said_zh,
        "asked": _asked_of(desk),
    }


def _mistakes(form: FilingForm, *, attempted: bool) -> dict[str, object]:
    """What else keeps the form from being sent; a signature that is missing counts only once he tried."""
    unsigned = sign_off_mistakes(form) if attempted else ()
    return {
        "attempted": attempted,
        "unsigned": {found.rule_id.removeprefix("signoff:"): found for found in unsigned},
        "too_long": _too_long(form) if attempted else {},
    }


def _asked_of(desk: Desk) -> tuple[Thread, ...]:
    """The queries he still owes an answer."""
    return tuple(thread for thread in desk.threads if thread.is_open)


def _sealed_rows(desk: Desk, content: Content) -> dict[str, Row]:
    return sealed_rows(desk.definition, content, desk.last_year, threads=desk.threads)


def _loose(desk: Desk, rows: Mapping[str, Row], grids: Mapping[str, Grid]) -> tuple[Thread, ...]:
    """Queries that have no line to stand beside: while figures wait for a confirmed device, or about no item."""
    places = {*rows, *(row.place for grid in grids.values() for row in grid.rows if row.threads)}
    return tuple(thread for thread in desk.threads if thread.query.item not in places)


def _answering(desk: Desk, visit: Visit, notice: Notice) -> Answering:
    person, numbers = visit.link.person, [thread.query.number for thread in _asked_of(desk)]
    takes = frozenset(n for n in numbers if why_no_answer(services(), desk.submission, person, n) is None)
    query, typed = notice.answering
    return Answering(takes, query, typed, notice.text if query in takes else "")


def _rows(
    desk: Desk, visit: Visit, form: FilingForm, findings: Sequence[Finding], stored: Mapping[str, str] | None
) -> dict[str, Row]:
    by_item, asked = findings_by_item(findings), threads_by_item(desk.threads)
    last_year = desk.last_year if visit.sees_sealed else None
    marks, parts = _marks(desk), parts_of(desk.definition)
    values = {field.item.key: field.cell.value if field.cell else None for field in form.item_fields}
    rows: dict[str, Row] = {}
    for field in form.item_fields:
        key = field.item.key
        there = stored.get(key, "") if stored is not None else field.raw_text
        rows[key] = Row(
            item=field.item,
            typed=field.raw_text,
            status=field.raw_status,
            note=field.raw_note,
            cell=field.cell or BLANK,
            last_year=last_year.cell(key) if last_year else BLANK,
            mistake=mistake_text(field.mistake),
            findings=tuple(found for found in by_item.get(key, ()) if not found.rule_id.startswith("value:")),
            marked=key in marks,
            stored=there if there != field.raw_text else None,
            required=desk.definition.is_required(field.item, starred=desk.unit.starred),
            threads=asked.get(key, ()),
            parts=parts.get(key, ()),
            parts_sum=sum_of(values.get(part) for part in parts.get(key, ())),
        )
    return rows


def _marks(desk: Desk) -> frozenset[str]:
    """The places that the return he has to answer names."""
    returned = desk.submission.state.returned
    return frozenset(marked_items(desk.definition, returned.items)) if returned else frozenset()


def _too_long(form: FilingForm) -> dict[str, str]:
    """Sign-off and explanation inputs over their limit."""
    return {field.name: str(field.errors[0]) for field in form.text_fields if field.errors}
