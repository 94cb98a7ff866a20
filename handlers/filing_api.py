"""The door of an enterprise's own accounting system: `/api/v1/submissions`, by the unit's own token.

It saves and sends through the same use cases as the page; what the page refuses it refuses, as problem documents.
"""

import re

from flask import Blueprint, jsonify, request, url_for

from forms.schemas import filing_schema, json_schema
from handlers.api_tokens import Answer, by_token, token_here
from handlers.context import services
from handlers.filing_documents import Filed, form_data, not_ready_faults
from handlers.filing_requests import (
    draft_answer,
    draft_changed,
    entry_of,
    filed_at,
    key_named,
    missing,
    own_desk,
    require_enterprise,
    sending_faults,
    trace_of,
    version_named,
    writing_desk,
)
from handlers.filing_states import listed, receipt_data, sealed_data, state_data
from handlers.problems import Fault, Problem, ProblemFound, refused
from workflows import filing
from workflows.filing import Desk, NotReadyToSend
from workflows.links import CheckLink, FilingLink
from workflows.ports import DraftConflict
from workflows.receipts import read_receipt
from workflows.sending_once import KeyUsedBefore, send_once, sent_before
from workflows.stepping import CommandRefused
from workflows.submissions import SealedRevision
from workflows.unit_filings import filed_by

door = Blueprint("filing_api", __name__, url_prefix="/api/v1/submissions")


@door.get("")
@by_token
def submissions() -> Answer:
    """What the unit files in a year."""
    year = request.args.get("year", "")
    if not re.fullmatch(r"[12][0-9]{3}", year):
        fault = Fault("", "year", "请用 ?year= 写明四位年份。", "Name a year of four digits: ?year=2026.")
        raise ProblemFound(Problem.UNFIT, fault.zh, fault.en, faults=[fault])
    require_enterprise()
    return jsonify([listed(one) for one in filed_by(services(), int(year), token_here().territory)])


@door.get("/<submission_id>")
@by_token
def submission(submission_id: str) -> Answer:
    """Where one submission stands, and what is asked of the unit."""
    return jsonify(state_data(own_desk(submission_id)[0]))


@door.get("/<submission_id>/form")
@by_token
def form(submission_id: str) -> Answer:
    """The form it is filled on, as data."""
    desk, _ = own_desk(submission_id)
    return jsonify(form_data(desk.definition, starred=desk.unit.starred))


@door.get("/<submission_id>/form/schema")
@by_token
def form_schema(submission_id: str) -> Answer:
    """JSON Schema of what `PUT draft` and `POST submit` take."""
    desk, _ = own_desk(submission_id)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": desk.definition.title_zh}
    return jsonify(head | json_schema(filing_schema(desk.definition, starred=desk.unit.starred)))


@door.get("/<submission_id>/draft")
@by_token
def draft(submission_id: str) -> Answer:
    """What was saved, by the page or by a program, and what the check says of it."""
    return draft_answer(own_desk(submission_id)[0])


@door.put("/<submission_id>/draft")
@by_token
def save(submission_id: str) -> Answer:
    """Keep a draft, whole, in place of the one that `If-Match` names."""
    desk, link = writing_desk(submission_id)
    if desk.refusal is not None:
        raise refused(desk.refusal)
    version = version_named(desk)
    entry, _form = entry_of(desk, filed_at(desk), version)
    try:
        filing.save(services(), link, entry, trace_of("save"), desk)
    except DraftConflict as conflict:
        raise draft_changed(conflict.stored) from conflict
    except CommandRefused as error:
        raise refused(error.refusal) from error
    return draft_answer(own_desk(submission_id)[0])


@door.post("/<submission_id>/submit")
@by_token
def submit(submission_id: str) -> Answer:
    """Seal and send a return, once under its `Idempotency-Key`."""
    desk, link = writing_desk(submission_id)
    key, filed = key_named(), filed_at(desk)
    sealed = _sent_before(submission_id, key, filed)
    if sealed is None:
        try:
            sealed = _send(desk, link, filed, key)
        except ProblemFound:
            sealed = _sent_before(submission_id, key, filed)  # a twin of this request was faster
            if sealed is None:
                raise
    answer = jsonify(sealed_data(sealed))
    answer.headers["Location"] = url_for("filing_api.receipt", submission_id=submission_id, number=sealed.number)
    return answer, 201


@door.get("/<submission_id>/revisions/<int:number>")
@by_token
def revision(submission_id: str, number: int) -> Answer:
    """What was sealed: the very text under the hash, and its content."""
    own_desk(submission_id)
    found = services().store.revision(submission_id, number)
    if found is None:
        raise missing()
    content = filing.open_seal(found)["content"]
    return jsonify({**sealed_data(found), "sealed": found.content.decode(), "content": content})


@door.get("/<submission_id>/revisions/<int:number>/receipt")
@by_token
def receipt(submission_id: str, number: int) -> Answer:
    """That a revision was received, when, under which hash, with the proof."""
    own_desk(submission_id)
    if services().store.revision(submission_id, number) is None:
        raise missing()
    return jsonify(receipt_data(read_receipt(services(), CheckLink(submission_id, number))))


def _sent_before(submission_id: str, key: str, filed: Filed) -> SealedRevision | None:
    try:
        return sent_before(services(), submission_id, key, filed.digest)
    except KeyUsedBefore as error:
        zh, en = "同一个键只能用于同一个请求。", "Use another key for another request."
        raise ProblemFound(Problem.KEY_REUSED, zh, en) from error


def _send(desk: Desk, link: FilingLink, filed: Filed, key: str) -> SealedRevision:
    """Refused while anything fatal stands or the sign-off is not filled; then nothing is stored."""
    if desk.refusal is not None:
        raise refused(desk.refusal)
    entry, form = entry_of(desk, filed, version_named(desk))
    faults = [*sending_faults(desk, form)]
    if faults or not form.validate():
        raise ProblemFound(Problem.NOT_READY, faults=faults)
    try:
        return send_once(services(), link, entry, trace_of("submit"), key=key, body=filed.digest, desk=desk)
    except NotReadyToSend as error:
        raise ProblemFound(Problem.NOT_READY, faults=not_ready_faults(desk.definition, error)) from error
    except DraftConflict as conflict:
        raise draft_changed(conflict.stored) from conflict
    except CommandRefused as error:
        raise refused(error.refusal) from error
