"""All that a reviewer's page shows of one return: the case, its queries, what changed, who is on it, what he may do."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.changes import Changes, changes_since_last_look
from workflows.children import missing_children
from workflows.claiming import ClaimShown, live_claim
from workflows.links import ReviewLink
from workflows.machine.commands import Ask
from workflows.machine.guards import fitting_kinds
from workflows.machine.refusals import Refusal
from workflows.machine.states import DispositionKind
from workflows.queries import Thread, threads_by_item, threads_of
from workflows.reviewing import Case, body_of, open_case
from workflows.routes import Body
from workflows.services import Services
from workflows.stepping import refusal_of
from workflows.undoing import undo_refusal
from workflows.waiving import FirmRule, firm_rules
from workflows.words import name_of, words_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """A disposition that waits for a second person, with the words of who proposed it."""

    kind: DispositionKind
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """One return as one holder of one seat meets it now. Each refusal is None while he may do it."""

    case: Case
    own: Body
    threads: tuple[Thread, ...]
    changes: Changes | None
    claim: ClaimShown | None
    missing: int
    """Returns below that this level waits for."""
    ask_refusal: Refusal | None
    undo_refusal: Refusal | None
    proposal: Proposal | None
    firm: tuple[FirmRule, ...]
    """The firm rules that fired, with their waivers."""
    kinds: tuple[DispositionKind, ...]
    """Dispositions he may propose now."""

    @property
    def threads_by_item(self) -> Mapping[str, tuple[Thread, ...]]:
        """The queries beside the item each is about."""
        return threads_by_item(self.threads)


def open_review(services: Services, link: ReviewLink) -> ReviewDesk:
    """What the reviewer sees. Changes nothing. Raises `SubmissionUnknown`, `NotAllowed`."""
    case = open_case(services, link)
    submission, own = case.submission, body_of(link)
    question = Ask(link.person, own, link.revision, "any", "")
    proposal = _proposal(services, case)
    return ReviewDesk(
        case=case,
        own=own,
        threads=threads_of(services, submission),
        changes=changes_since_last_look(services, link, submission, case.definition, case.content),
        claim=live_claim(services, submission.state, link.person),
        missing=missing_children(services, submission, case.unit),
        ask_refusal=refusal_of(services, submission, question),
        undo_refusal=undo_refusal(services, link, submission),
        proposal=proposal,
        firm=firm_rules(services, link, submission, case.checked),
        kinds=() if proposal or case.refusal else _kinds(case),
    )


def _kinds(case: Case) -> tuple[DispositionKind, ...]:
    fitting = fitting_kinds(case.submission.state)
    return tuple(kind for kind in DispositionKind if kind in fitting)


def _proposal(services: Services, case: Case) -> Proposal | None:
    standing = case.submission.state.disposition
    if standing is None or standing.confirmed_by:
        return None
    by = name_of(services, standing.proposed_by)
    return Proposal(standing.kind, by, words_of(services, case.submission, standing.event_number))
