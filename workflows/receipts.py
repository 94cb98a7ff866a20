"""The receipt of a sealed revision: what was received when, under which hash, with the proof. It holds no figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from forms.definition import FormDefinition
from register.units import Unit
from workflows.chain import RecordedEvent
from workflows.days import closes_at, day_of
from workflows.deadlines import to_text
from workflows.filing import SubmissionUnknown, open_seal
from workflows.links import CheckLink
from workflows.proofs import Proof, prove
from workflows.services import Services
from workflows.story import DAMAGED
from workflows.submissions import SealedRevision, Submission

FORMAT = "zhibao.proof.v1"


class Standing(StrEnum):
    """What the proof of a receipt says now."""

    WAITING = "waiting"
    """The day is not signed yet."""
    VALID = "valid"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One sealed revision as its sender's receipt shows it."""

    submission: Submission
    unit: Unit
    definition: FormDefinition
    revision: SealedRevision
    intact: bool
    """Whether the stored bytes still give the hash; recomputed each time the receipt is checked."""
    event_hash: str
    """Hash of the chain's event that sealed it."""
    checked_at: datetime
    proof: Proof | None
    """That the sealing event stands under a signed day; None until that day is signed."""
    standing: Standing
    """Whether the proof holds, recomputed each time."""
    proof_at: datetime
    """When the day of the seal is signed."""

    @property
    def superseded(self) -> bool:
        """Whether a newer revision has been sent since."""
        return self.revision.number < self.submission.state.revision


def read_receipt(services: Services, link: CheckLink) -> Receipt:
    """Check a receipt. Changes nothing. Raises `SubmissionUnknown`."""
    submission = services.store.submission(link.submission)
    revision = services.store.revision(link.submission, link.revision)
    if submission is None or revision is None:
        raise SubmissionUnknown(link.submission)
    events = services.store.events(link.submission)
    sealing = next((one for one in events if one.type == "Submitted" and one.data["revision"] == link.revision), None)
    is_sealed = sealing is not None and sealing.data["revision_hash"] == revision.hash
    proof, standing = _proof(services, events, sealing)
    return Receipt(
        submission=submission,
        unit=services.unit_of(submission),
        definition=services.forms.by_version(services.collection_of(submission).form_version),
        revision=revision,
        intact=is_sealed and _is_intact(revision),
        event_hash=sealing.hash if sealing else "",
        checked_at=services.clock.now(),
        proof=proof,
        standing=standing,
        proof_at=closes_at(day_of(revision.sealed_at)),
    )


def proof_document(receipt: Receipt) -> dict[str, Any]:
    """The proof as plain JSON data, for whoever wants to check it elsewhere (`docs/verify_export.py`)."""
    proof, revision = receipt.proof, receipt.revision
    return {
        "format": FORMAT,
        "submission": receipt.submission.id,
        "revision": revision.number,
        "revision_hash": revision.hash,
        "sealed_at": to_text(revision.sealed_at),
        "signed_from": to_text(receipt.proof_at),
        "proof": proof.as_data() if proof else None,
        "key": {"id": proof.key.id, "public": proof.key.hex} if proof else None,
    }


def _proof(
    services: Services, events: Sequence[RecordedEvent], sealing: RecordedEvent | None
) -> tuple[Proof | None, Standing]:
    """The proof of the sealing event; what cannot be put together from an altered store does not hold."""
    if sealing is None:
        return None, Standing.INVALID
    try:
        proof = prove(services.store, events, sealing.number)
    except DAMAGED:
        return None, Standing.INVALID
    if proof is None:
        return None, Standing.WAITING
    return proof, Standing.VALID if proof.holds() else Standing.INVALID


def _is_intact(revision: SealedRevision) -> bool:
    try:
        open_seal(revision)
    except ValueError:
        return False
    return True
