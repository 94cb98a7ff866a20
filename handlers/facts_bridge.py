"""From an acceptance in the workflows to facts in the indicators: the subscriber `bootstrap` puts on the outbox."""

from collections.abc import Callable

from indicators.facts import AcceptedReturn, FactKind, record
from indicators.ports import Objects
from workflows.deadlines import to_text
from workflows.filing import open_seal
from workflows.services import Services
from workflows.sweep import SubmissionAccepted


def facts_recorder(services: Services, objects: Objects) -> Callable[[SubmissionAccepted], None]:
    """A subscriber that records each acceptance once, under the id of the event that completed the route."""

    def on_accepted(accepted: SubmissionAccepted) -> None:
        record(objects, _facts(services, accepted))

    return on_accepted


def _facts(services: Services, accepted: SubmissionAccepted) -> AcceptedReturn:
    """The document: figures from the seal, attributes of the unit from the collection's own register snapshot."""
    submission = accepted.submission
    identity, unit = submission.identity, services.unit_of(submission)
    revision = services.store.revision(submission.id, accepted.revision)
    if revision is None:
        raise LookupError(f"accepted revision {accepted.revision} of {submission.id} is not there")
    sealed = open_seal(revision)
    at = next(event.at for event in services.store.events(submission.id) if event.id == accepted.event)
    return AcceptedReturn(
        event=accepted.event,
        kind=FactKind.ACCEPTED,
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
        revision=accepted.revision,
        revision_hash=revision.hash,
        accepted_at=to_text(at),
        cells=sealed["content"]["cells"],
    )
