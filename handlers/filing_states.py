"""Where a submission stands, as data for the program of its unit."""

from typing import Any

from flask import url_for

from handlers.problems import REFUSED
from workflows.deadlines import to_text
from workflows.filing import Desk
from workflows.reasons import return_reasons
from workflows.receipts import Receipt, proof_document
from workflows.submissions import SealedRevision, Submission


def listed(submission: Submission) -> dict[str, Any]:
    """One line of the list of a year."""
    identity, state = submission.identity, submission.state
    return {
        "id": submission.id,
        "year": identity.year,
        "form": identity.form,
        "unit_id": identity.unit_id,
        "stage": state.stage.value,
        "revision": state.revision,
    }


def state_data(desk: Desk) -> dict[str, Any]:
    """What the unit can do now and until when, and what came back to it."""
    calendar, key = desk.collection.calendar, desk.submission.id
    return {
        **listed(desk.submission),
        "form_version": desk.definition.version,
        "rule_set": desk.definition.rule_set,
        "starred": desk.unit.starred,
        "draft_version": desk.draft.version if desk.draft else 0,
        "editable": desk.editable,
        "refusal": REFUSED + desk.refusal.code.value if desk.refusal else None,
        "due": to_text(desk.due),
        "overdue": desk.is_overdue,
        "close": to_text(calendar.close) if calendar.close else None,
        "returned": _returned(desk),
        "queries": [
            {"number": thread.query.number, "item": thread.query.item, "question": thread.question}
            for thread in desk.threads
            if thread.is_open
        ],
        "links": {
            "form": url_for("filing_api.form", submission_id=key),
            "schema": url_for("filing_api.form_schema", submission_id=key),
            "draft": url_for("filing_api.draft", submission_id=key),
            "submit": url_for("filing_api.submit", submission_id=key),
        },
    }


def _returned(desk: Desk) -> dict[str, Any] | None:
    """The return that the unit has to answer, with its coded reason."""
    returned = desk.submission.state.returned
    if returned is None:
        return None
    reason = return_reasons().get(returned.reason, {})
    return {
        "level": returned.level.value,
        "at": to_text(returned.at),
        "reason": returned.reason,
        "reason_text": reason.get("zh", ""),
        "reason_text_en": reason.get("en", ""),
        "items": list(returned.items),
        "comment": desk.return_comment,
    }


def sealed_data(revision: SealedRevision) -> dict[str, Any]:
    """That a revision was sealed; the same for ever, so that a repeated sending is answered alike."""
    return {
        "submission": revision.submission,
        "revision": revision.number,
        "hash": revision.hash,
        "sealed_at": to_text(revision.sealed_at),
    }


def receipt_data(receipt: Receipt) -> dict[str, Any]:
    """A receipt with its proof; no figure stands in it."""
    return {
        **sealed_data(receipt.revision),
        "form_version": receipt.definition.version,
        "intact": receipt.intact,
        "superseded": receipt.superseded,
        "event_hash": receipt.event_hash,
        "standing": receipt.standing.value,
        "proof": proof_document(receipt),
    }
