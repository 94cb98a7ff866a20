"""Quiet saving: the filler's page keeps the draft by itself while he types, and asks again after a lost answer.

It writes what a press on the save button writes, under the same draft version, and nothing where nothing changed.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict

from forms.explanation_marks import INPUT, MARK
from forms.fields import content_of, filing_form, form_from_raw, raw_inputs
from handlers.context import read_link, services, trace
from handlers.filing_pages import first_inputs
from handlers.language import _
from handlers.refusals import refusal_text
from workflows import filing
from workflows.deadlines import show_instant
from workflows.filing import Desk, Entry
from workflows.handovers import SAVED_BY, handovers_of, merged, typed_in
from workflows.links import FilingLink
from workflows.ports import DraftConflict
from workflows.stepping import CommandRefused
from workflows.submissions import Draft

door = Blueprint("keeping", __name__)
Said = tuple[dict[str, object], int]
_PAGE_NAME = re.compile(r"[0-9a-f]{16,32}")
Outcome = TypeVar("Outcome")


@door.post("/f/<token>/keep")
def keep(token: str) -> Said:
    """Save the draft and say its version; why not, where it cannot be saved."""
    link = read_link(FilingLink, token)
    desk = filing.open_desk(services(), link)
    if desk.refusal is not None:
        return {"problem": "closed", "text": refusal_text(desk.refusal)}, 409
    form = filing_form(desk.definition, starred=desk.unit.starred)(posted(desk))
    if any(field.too_many for field in form.table_fields):
        return {"problem": "too_many", "text": _("行数超过了本表的上限，没有保存。")}, 422
    entry = Entry(with_page(raw_inputs(form)), content_of(form, desk.definition), version_posted())
    if desk.draft is not None and is_same(desk.draft, entry):
        return _kept(desk.draft)
    try:
        return _kept(again_if_own(entry, lambda one, there: _save(link, one, there), desk))
    except DraftConflict as conflict:
        return _with_what_came(link, desk, entry, conflict.stored)
    except CommandRefused as refused:
        return {"problem": "closed", "text": refusal_text(refused.refusal)}, 409


def again_if_own(entry: Entry, act: Callable[[Entry, Desk | None], Outcome], desk: Desk) -> Outcome:
    """Do it; when this very page saved in between and never heard of it, do it on top of that.

    Raises what `act` raises: `DraftConflict` where another window saved.
    """
    try:
        return act(entry, desk)
    except DraftConflict as conflict:
        stored = conflict.stored
        if stored is None or not _page_named() or stored.inputs.get(SAVED_BY) != _page_named():
            raise
        return act(replace(entry, base_version=stored.version), None)


def with_page(inputs: dict[str, str]) -> dict[str, str]:
    """The inputs with the name of the page they come from; a page without scripts has none."""
    return {**inputs, SAVED_BY: _page_named()} if _page_named() else inputs


def version_posted() -> int:
    """The draft version that the page was opened at; 0 stands for none."""
    text = request.form.get("draft_version", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def posted(desk: Desk) -> MultiDict[str, str]:
    """What the page holds; a program that sends no date of report means today."""
    if "report_date" in request.form:
        return request.form
    return MultiDict([*request.form.items(multi=True), ("report_date", first_inputs(desk).get("report_date", ""))])


def is_same(draft: Draft, entry: Entry) -> bool:
    """Whether the page holds what is stored, and is not behind it."""
    typed = {name: text for name, text in typed_in(draft.inputs).items() if name in entry.inputs or not _is_mark(name)}
    return draft.version == entry.base_version and {**typed, SAVED_BY: ""} == {**entry.inputs, SAVED_BY: ""}


def _is_mark(name: str) -> bool:
    """The mark of an explanation is made when it is saved: a page that was open before has none."""
    return name.startswith(INPUT) and name.endswith(MARK)


def _page_named() -> str:
    name = request.form.get("page", "")
    return name if _PAGE_NAME.fullmatch(name) else ""


def _save(link: FilingLink, entry: Entry, desk: Desk | None) -> Draft:
    return filing.save(services(), link, entry, trace("keep"), desk)


def _with_what_came(link: FilingLink, desk: Desk, entry: Entry, stored: Draft | None) -> Said:
    """What only colleagues saved since, in sections he did not touch, goes into his page; else it is a conflict."""
    inputs = merged(desk.definition, stored, entry.inputs, entry.base_version) if stored else None
    if stored is None or inputs is None:
        return {"problem": "conflict"}, 409
    form = form_from_raw(desk.definition, inputs, starred=desk.unit.starred)
    both = Entry(inputs, content_of(form, desk.definition), stored.version)
    try:
        said, status = _kept(_save(link, both, None))
    except DraftConflict:
        return {"problem": "conflict"}, 409
    came = {name: text for name, text in inputs.items() if entry.inputs.get(name) != text}
    gone = [name for name in entry.inputs if name not in inputs]
    names = "、".join(one.name for one in handovers_of(stored) if one.came_at)
    return {**said, "came": came, "gone": gone, "by": names}, status


def _kept(draft: Draft) -> Said:
    return {"version": draft.version, "saved_at": show_instant(draft.saved_at)}, 200
