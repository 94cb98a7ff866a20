"""The return on paper: the official layout with its head, signatures, the place for the seal, and what proves it.

What was sealed is printed with its hash and the address where it can be checked; a draft says that it is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from forms.content import Content
from forms.definition import FormDefinition
from forms.fields import content_of, form_from_raw
from handlers.context import read_link, services
from handlers.devices import unconfirmed_page
from handlers.filing_pages import Visit, first_inputs
from handlers.presenting import Block, blocks, sealed_rows
from handlers.qr import QrCode, qr_code
from handlers.table_rows import sealed_grids
from workflows.filing import Desk, open_desk
from workflows.links import CheckLink, FilingLink
from workflows.submissions import SealedRevision

door = Blueprint("printing", __name__)
Page = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves a printed revision: the seal, and where anybody can check it."""

    revision: SealedRevision
    address: str
    code: QrCode


@door.get("/f/<token>/print")
def show(token: str) -> Page:
    """The draft while there is one to go on with, unless what was sent is asked for; else what was sent."""
    visit = Visit(read_link(FilingLink, token), token)
    desk = open_desk(services(), visit.link)
    if desk.editable and request.args.get("what") != "sealed":
        content, unread = _draft(desk)
        return _page(desk, visit, content, unread=unread), 200
    if not visit.sees_sealed:
        return unconfirmed_page(visit.link, "filing.show", token)
    proof = _proof(desk)
    return _page(desk, visit, desk.sealed if proof else None, proof), 200


def _page(desk: Desk, visit: Visit, content: Content | None, proof: Proof | None = None, unread: int = 0) -> str:
    definition = desk.definition
    return render_template(
        "print.html",
        desk=desk,
        visit=visit,
        content=content,
        blocks=_blocks(definition, content) if content else [],
        proof=proof,
        unread=unread,
        signed=_signed(content),
    )


def _blocks(definition: FormDefinition, content: Content) -> list[Block]:
    return blocks(definition, sealed_rows(definition, content, None), sealed_grids(definition, content))


def _draft(desk: Desk) -> tuple[Content, int]:
    """What the draft says, and how many of its cells cannot be read."""
    form = form_from_raw(desk.definition, first_inputs(desk), starred=desk.unit.starred)
    return content_of(form, desk.definition), len(form.mistakes) + len(form.row_mistakes)


def _proof(desk: Desk) -> Proof | None:
    number = desk.submission.state.revision
    revision = services().store.revision(desk.submission.id, number) if number else None
    if revision is None:
        return None
    address = services().url("c", services().links.sign(CheckLink(desk.submission.id, number)))
    return Proof(revision, address, qr_code(address))


def _signed(content: Content | None) -> Mapping[str, str]:
    if content is None:
        return {}
    return {name: getattr(content.signoff, name) for name in content.signoff.__slots__}
