"""Letting a firm rule (准强制性) of one revision pass (豁免): one person proposes it, another confirms it.

A waiver is of one rule on one revision and lapses at its time. Until there is one, or the unit has corrected what
fired, the first level of the route cannot accept.
"""

from dataclasses import dataclass
from datetime import datetime

from workflows.chain import Payload
from workflows.checking import Checked, checked
from workflows.directives import require_no_directive
from workflows.links import ReviewLink
from workflows.machine.commands import ConfirmWaiver, ProposeWaiver
from workflows.machine.guards import LONGEST_EXTENSION
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import Waiver
from workflows.reviewing import MAX_COMMENT, UnknownItems, body_of, reviewable
from workflows.services import Services
from workflows.stepping import CommandRefused, carry_out, prepare, refusal_of
from workflows.submissions import Submission, Transition
from workflows.words import name_of, words_of


@dataclass(frozen=True, slots=True)
class FirmRule:
    """One firm rule that fired on a return, with its waiver in words, and what who looks may do about it."""

    rule: str
    waiver: Waiver | None
    reason: str
    by: str
    confirmed_by: str
    is_live: bool
    may_propose: bool
    may_confirm: bool


def firm_rules(
    services: Services, link: ReviewLink, submission: Submission, found: Checked | None
) -> tuple[FirmRule, ...]:
    """The firm rules that fired, each once."""
    return tuple(_firm_rule(services, link, submission, rule) for rule in (found.firm if found else ()))


def propose_waiver(services: Services, link: ReviewLink, rule: str, expires: datetime, reason: str) -> Submission:
    """Propose to let a rule that fired pass until a time; nothing is let pass until it is confirmed.

    Raises `CommandRefused` (incomplete without a reason; `DirectsAFigure`), `UnknownItems` for a rule that is not firm
    or did not fire, `SubmissionUnknown`, `NotAllowed`.
    """
    reason = reason.strip()[:MAX_COMMENT]
    if not reason:
        raise CommandRefused(Refusal(RefusalCode.INCOMPLETE))
    require_no_directive(reason)
    words = Payload.of(reason)

    def step() -> Transition:
        submission = reviewable(services, link)
        shown = services.store.revision(link.submission, link.revision)
        fired = checked(services, submission, shown, services.unit_of(submission)).firm if shown else ()
        if rule not in fired:
            raise UnknownItems((rule,))
        digest = shown.hash if shown else ""
        command = ProposeWaiver(link.person, body_of(link), link.revision, digest, rule, expires, words.hash)
        return prepare(services, submission, command, payload=words)

    return carry_out(services, step).after


def confirm_waiver(services: Services, link: ReviewLink, waiver: int) -> Submission:
    """Another person of the route confirms what he was shown. Raises `CommandRefused`, `SubmissionUnknown`."""

    def step() -> Transition:
        return prepare(services, reviewable(services, link), ConfirmWaiver(link.person, body_of(link), waiver))

    return carry_out(services, step).after


def _firm_rule(services: Services, link: ReviewLink, submission: Submission, rule: str) -> FirmRule:
    waiver, now, own = submission.state.waiver(rule), services.clock.now(), body_of(link)
    shown = (link.revision, submission.state.revision_hash)
    asked = ProposeWaiver(link.person, own, *shown, rule, now + LONGEST_EXTENSION, "hash")
    confirming = ConfirmWaiver(link.person, own, waiver.event_number if waiver else 0)
    is_waiting = waiver is not None and not waiver.confirmed_by and now < waiver.expires
    return FirmRule(
        rule=rule,
        waiver=waiver,
        reason=words_of(services, submission, waiver.event_number) if waiver else "",
        by=name_of(services, waiver.proposed_by) if waiver else "",
        confirmed_by=name_of(services, waiver.confirmed_by) if waiver and waiver.confirmed_by else "",
        is_live=waiver is not None and waiver.is_live(now),
        may_propose=not is_waiting and refusal_of(services, submission, asked) is None,
        may_confirm=refusal_of(services, submission, confirming) is None,
    )
