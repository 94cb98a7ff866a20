"""Use case of the filler: taking back what he sent, until the first decision or query on that revision.

The revision stays sealed and visible upward (统计法 32); what he sent is his draft again.
"""

from workflows.filing import own_submission
from workflows.links import FilingLink
from workflows.machine.commands import Withdraw
from workflows.machine.refusals import Refusal
from workflows.services import Services
from workflows.stepping import carry_out, prepare, refusal_of
from workflows.submissions import Submission, Transition


def withdraw(services: Services, link: FilingLink, revision: int) -> Submission:
    """Take back the revision the filler was shown. Raises `CommandRefused`, `SubmissionUnknown`, `NotAllowed`."""

    def step() -> Transition:
        return prepare(services, own_submission(services, link), Withdraw(link.person, revision))

    return carry_out(services, step).after


def why_no_withdrawal(services: Services, submission: Submission, person: str) -> Refusal | None:
    """Why what was sent last cannot be taken back now, asked of the machine itself; None when it can."""
    return refusal_of(services, submission, Withdraw(person, submission.state.revision))
