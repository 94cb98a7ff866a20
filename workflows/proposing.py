"""A level finds that a return is not to be had (停业、范围外…) and proposes it; another person confirms it."""

from workflows.chain import Payload
from workflows.links import ReviewLink
from workflows.machine.commands import ProposeDisposition
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import DispositionKind
from workflows.reviewing import MAX_COMMENT, body_of, reviewable
from workflows.services import Services
from workflows.stepping import CommandRefused, carry_out, prepare
from workflows.submissions import Submission, Transition


def propose(services: Services, link: ReviewLink, kind: DispositionKind, reason: str) -> Submission:
    """Propose a disposition with its reason; nothing moves until it is confirmed.

    Raises `CommandRefused` (incomplete without a reason), `SubmissionUnknown`, `NotAllowed`.
    """
    reason = reason.strip()[:MAX_COMMENT]
    if not reason:
        raise CommandRefused(Refusal(RefusalCode.INCOMPLETE))
    words = Payload.of(reason)

    def step() -> Transition:
        command = ProposeDisposition(link.person, body_of(link), kind, words.hash)
        return prepare(services, reviewable(services, link), command, payload=words)

    return carry_out(services, step).after
