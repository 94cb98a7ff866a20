"""From an acceptance in the workflows to facts in the indicators: the subscriber `bootstrap` puts on the outbox."""

from collections.abc import Callable

from indicators.facts import AcceptedReturn, FactKind, record
from indicators.ports import Objects
from workflows.deadlines import to_text
from workflows.filing import open_seal
from workflows.services import Services
from workflows.sweep import AcceptanceWithdrawn, SubmissionAccepted

Told = SubmissionAccepted | AcceptanceWithdrawn


def facts_recorder(services: Services, objects: Objects) -> Callable[[Told], None]:
    """A subscriber that records each acceptance or withdrawal once, under the id of its event."""

    def on_accepted(told: Told) -> None:
        record(objects, _facts(services, told))

    return on_accepted


def _facts(services: Services, told: Told) -> AcceptedReturn:
    """The document: figures from the seal, attributes of the unit from the collection's own register snapshot.

    A withdrawal names the revision that stood until then, and holds no cell.
    """
    submission = told.submission
    identity, unit = submission.identity, services.unit_of(submission)
    is_accepted = isinstance(told, SubmissionAccepted)
    revision = services.store.revision(submission.id, told.revision)
    if revision is None:
        raise LookupError(f"revision {told.revision} of {submission.id} is not there")
    sealed = open_seal(revision)
    at = next(event.at for event in services.store.events(submission.id) if event.id == told.event)
    return AcceptedReturn(
        event=told.event,
        kind=FactKind.ACCEPTED if is_accepted else FactKind.WITHDRAWN,
        submission=submission.id,
        year=identity.year,
        form=identity.form,
        form_version=sealed["form_version"],
        unit=identity.unit_id,
        unit_kind=identity.unit_kind.value,
        region_code=identity.region_code,
        reviewing_body=identity.reviewing_body,
        industry_code=unit.industry_code,
        size=unit.size.value if unit.size else "",
        group_id=unit.group_id,
        starred=unit.starred,
        revision=told.revision,
        revision_hash=revision.hash,
        accepted_at=to_text(at),
        cells=sealed["content"]["cells"] if is_accepted else {},
    )
