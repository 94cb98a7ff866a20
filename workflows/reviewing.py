"""Use cases of a reviewer: looking at a return and deciding on it. Nothing here can write a value (统计法 7, 40)."""

from dataclasses import dataclass

from forms.content import Content
from forms.definition import EditRule, FormDefinition, Severity
from forms.edits import Finding
from register.regions import Region, Regions
from register.units import Unit
from workflows.chain import Payload
from workflows.checking import Checked, checked
from workflows.children import missing_children
from workflows.collections import Collection
from workflows.directives import require_no_directive
from workflows.filing import SubmissionUnknown
from workflows.links import ReviewLink
from workflows.machine.commands import Accept, Return
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import Decision, Stage
from workflows.outlines import to_look_at
from workflows.outlying import outlying_findings
from workflows.permissions import require_holder, require_on_route
from workflows.places import is_returnable
from workflows.reasons import return_reasons
from workflows.routes import Body, ReviewLevel
from workflows.services import Services
from workflows.stepping import CommandRefused, carry_out, prepare, refusal_of
from workflows.submissions import SealedRevision, Submission, Transition
from workflows.surroundings import last_accepted
from workflows.words import name_of, words_of

MAX_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class Told:
    """A decision with the words and the names a page shows beside it."""

    decision: Decision
    by: str
    comment: str
    is_reopening: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """All that a reviewer's page shows of one return."""

    submission: Submission
    collection: Collection
    unit: Unit
    regions: Regions
    region: Region
    body: Region
    definition: FormDefinition
    content: Content | None
    last_year: Content | None
    checked: Checked | None
    outlying: tuple[Finding, ...]
    """Figures that moved unlike those of similar units; the unit was not asked about them."""
    decisions: tuple[Told, ...]
    refusal: Refusal | None
    """Why this link cannot decide now; None while it can."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that the check says of it."""
        return self.checked.findings if self.checked else ()

    @property
    def to_look_at(self) -> tuple[Finding, ...]:
        """The findings but for notes, which need nothing."""
        return to_look_at(self.findings)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is only to be known."""
        return tuple(found for found in self.findings if found.severity is Severity.NOTE)

    @property
    def rules_to_look_at(self) -> tuple[tuple[str, str, tuple[Finding, ...]], ...]:
        """Each rule that fired, the filler's reason, and its findings."""
        if self.checked is None:
            return ()
        fired = dict.fromkeys(found.rule_id for found in self.to_look_at)
        return tuple(
            (rule, self.checked.reason_of(rule), tuple(found for found in self.to_look_at if found.rule_id == rule))
            for rule in fired
        )

    @property
    def waiting(self) -> tuple[EditRule, ...]:
        """The rules that wait until the unit has sent another form too."""
        return self.checked.waiting if self.checked else ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer decided: accept, or return with a coded reason, the items concerned and a comment."""

    accept: bool
    reason: str = ""
    items: tuple[str, ...] = ()
    comment: str = ""
    revision_hash: str = ""
    """The hash of what the page showed; blank where the asker names it by the link alone."""


class UnknownItems(ValueError):
    """A return names items or rules that the form does not have."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(" ".join(names))
        self.names = names


def open_case(services: Services, link: ReviewLink) -> Case:
    """What the reviewer sees. Changes nothing. Raises `SubmissionUnknown`, `NotAllowed`."""
    submission = reviewable(services, link)
    collection = services.collection_of(submission)
    unit = services.unit_of(submission)
    definition = services.forms.by_version(collection.form_version)
    regions = services.store.regions(collection.regions_snapshot)
    shown = services.store.revision(submission.id, link.revision)
    found = checked(services, submission, shown, unit) if shown else None
    return Case(
        submission=submission,
        collection=collection,
        unit=unit,
        regions=regions,
        region=regions[unit.region_code],
        body=regions[link.region],
        definition=definition,
        content=found.content if found else None,
        last_year=last_accepted(services, submission),
        checked=found,
        outlying=outlying_findings(services, submission, link.region),
        decisions=told_decisions(services, submission),
        refusal=_standing(services, submission, link),
    )


def decide_case(services: Services, link: ReviewLink, verdict: Verdict) -> Submission:
    """Record one level's decision, in one transaction. Of racing decisions one wins; the others raise.

    Raises `CommandRefused` (`DirectsAFigure` among them), `UnknownItems`, `SubmissionUnknown`, `NotAllowed`.
    """
    if not verdict.accept:
        require_no_directive(verdict.comment)
    payload = None if verdict.accept else Payload.of(verdict.comment.strip()[:MAX_COMMENT])

    def step() -> Transition:
        submission = reviewable(services, link)
        return prepare(services, submission, _command(services, submission, link, verdict, payload), payload=payload)

    return carry_out(services, step).after


def told_decisions(services: Services, submission: Submission) -> tuple[Told, ...]:
    """The decisions on the latest revision, in order."""
    return tuple(
        Told(
            decision,
            name_of(services, decision.person),
            "" if decision.accepted else words_of(services, submission, decision.event_number),
            is_reopening=not decision.accepted and submission.state.stage is Stage.REOPENED,
        )
        for decision in submission.state.standing
    )


def reviewable(services: Services, link: ReviewLink) -> Submission:
    """The submission a review link opens, for a holder of its seat. Raises `SubmissionUnknown`, `NotAllowed`."""
    submission = services.store.submission(link.submission)
    if submission is None:
        raise SubmissionUnknown(link.submission)
    require_holder(services, link)
    require_on_route(submission, link)
    return submission


def body_of(link: ReviewLink) -> Body:
    """The seat a link decides for."""
    return Body(ReviewLevel(link.level), link.region)


def _standing(services: Services, submission: Submission, link: ReviewLink) -> Refusal | None:
    """Whether this link could decide now, asked of the machine itself with a return that lacks nothing."""
    shown = services.store.revision(link.submission, link.revision)
    command = Return(link.person, body_of(link), link.revision, shown.hash if shown else "", "other", ("any",), "")
    return refusal_of(services, submission, command)


def _command(
    services: Services, submission: Submission, link: ReviewLink, verdict: Verdict, payload: Payload | None
) -> Accept | Return:
    shown = services.store.revision(link.submission, link.revision)
    if shown is None:
        raise SubmissionUnknown(link.submission)
    if verdict.revision_hash not in {"", shown.hash}:
        raise CommandRefused(Refusal(RefusalCode.OVERTAKEN))
    if payload is None:
        return _acceptance(services, submission, link, shown)
    definition = services.forms.by_version(services.collection_of(submission).form_version)
    unknown = tuple(name for name in verdict.items if not is_returnable(definition, name))
    if unknown:
        raise UnknownItems(unknown)
    items = tuple(dict.fromkeys(verdict.items))
    reason = verdict.reason if verdict.reason in return_reasons() else ""
    return Return(link.person, body_of(link), link.revision, shown.hash, reason, items, payload.hash)


def _acceptance(services: Services, submission: Submission, link: ReviewLink, shown: SealedRevision) -> Accept:
    """Every rule of the stamped set is run again on exactly what is accepted (invariant 13)."""
    unit = services.unit_of(submission)
    found = checked(services, submission, shown, unit)
    return Accept(
        link.person,
        body_of(link),
        link.revision,
        shown.hash,
        fatal=found.fatal,
        unexplained=found.unexplained,
        firm=found.firm,
        missing_children=missing_children(services, submission, unit),
    )
