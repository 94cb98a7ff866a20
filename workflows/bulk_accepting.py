"""Accepting many returns of an inbox at once, each bound to the hash that was listed, each in a transaction of its own.

What has findings or queries is held back for a look, whatever was asked: nobody accepts unseen what a rule fired on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflows.checking import checked
from workflows.inboxes import PAGE, queries_standing, review_link
from workflows.links import InboxLink
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.outlines import to_look_at
from workflows.outlying import outlying_findings
from workflows.permissions import require_holder
from workflows.reviewing import Verdict, decide_case
from workflows.services import Services
from workflows.stepping import CommandRefused
from workflows.submissions import Submission
from workflows.words import name_of

MOST = PAGE
"""Returns that one request accepts, at most: what one page lists."""


class Outcome(StrEnum):
    """What became of one return of a bulk acceptance."""

    ACCEPTED = "accepted"
    HELD = "held"
    """It has findings or queries: it is to be looked at."""
    REFUSED = "refused"
    """Overtaken, decided by somebody else, or not his to decide; the refusal says which."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One row per return that was named: its outcome, and the link to look at it."""

    submission: Submission
    unit_name: str
    outcome: Outcome
    token: str
    refusal: Refusal | None = None
    by: str = ""
    """Who was faster."""


def accept_many(services: Services, link: InboxLink, picks: Sequence[tuple[str, str]]) -> tuple[Accepted, ...]:
    """Accept each (submission, revision hash) of the seat's inbox; those named twice count once, those beyond the most
    are left. Unknown ones are passed over. Raises `NotAllowed` when the person no longer holds the seat."""
    require_holder(services, link)
    found = (_accept(services, link, *pick) for pick in list(dict.fromkeys(picks))[:MOST])
    return tuple(one for one in found if one is not None)


def _accept(services: Services, link: InboxLink, submission_id: str, revision_hash: str) -> Accepted | None:
    submission = services.store.submission(submission_id)
    if submission is None or all(body.region != link.region for body in submission.state.route):
        return None
    outcome, refusal = _decided(services, link, submission, revision_hash)
    return Accepted(
        submission=submission,
        unit_name=services.unit_of(submission).name,
        outcome=outcome,
        token=services.links.sign(review_link(link, submission)),
        refusal=refusal,
        by=name_of(services, refusal.decision.person) if refusal and refusal.decision else "",
    )


def _decided(
    services: Services, link: InboxLink, submission: Submission, revision_hash: str
) -> tuple[Outcome, Refusal | None]:
    state = submission.state
    if state.revision_hash != revision_hash:
        return Outcome.REFUSED, Refusal(RefusalCode.OVERTAKEN)
    decided = next((one for one in state.standing if one.region == link.region), None)
    if decided is not None:
        return Outcome.REFUSED, Refusal(RefusalCode.ALREADY_DECIDED, decided)
    if any(queries_standing(submission)) or _has_findings(services, submission, link.region):
        return Outcome.HELD, None
    if state.turn is None or state.turn.region != link.region:
        return Outcome.REFUSED, Refusal(RefusalCode.NOT_IN_REVIEW)
    try:
        decide_case(services, review_link(link, submission), Verdict(accept=True, revision_hash=revision_hash))
    except CommandRefused as refused:
        return Outcome.REFUSED, refused.refusal
    return Outcome.ACCEPTED, None


def _has_findings(services: Services, submission: Submission, region: str) -> bool:
    revision = services.store.revision(submission.id, submission.state.revision)
    if revision is None:
        return True
    if outlying_findings(services, submission, region):
        return True
    return bool(to_look_at(checked(services, submission, revision, services.unit_of(submission)).findings))
