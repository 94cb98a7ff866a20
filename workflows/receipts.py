"""The receipt of a sealed revision: what was received when, under which hash. It holds no figure."""

from dataclasses import dataclass
from datetime import datetime

from forms.definition import FormDefinition
from register.units import Unit
from workflows.filing import SubmissionUnknown, open_seal
from workflows.links import CheckLink
from workflows.services import Services
from workflows.submissions import SealedRevision, Submission


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
    event_hash = next(
        (
            event.hash
            for event in services.store.events(link.submission)
            if event.type == "Submitted" and event.data["revision"] == link.revision
        ),
        "",
    )
    return Receipt(
        submission=submission,
        unit=services.unit_of(submission),
        definition=services.forms.by_version(services.collection_of(submission).form_version),
        revision=revision,
        intact=_is_intact(revision),
        event_hash=event_hash,
        checked_at=services.clock.now(),
    )


def _is_intact(revision: SealedRevision) -> bool:
    try:
        open_seal(revision)
    except ValueError:
        return False
    return True
