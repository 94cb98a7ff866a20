"""Use cases of the filler: opening the form, saving a draft, sealing and sending. The only way a value is written."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from forms.content import Content
from forms.definition import EditRule, FormDefinition, Severity
from forms.edits import Finding
from forms.explanations import RefusedExplanation, refused_explanations, wanted_of
from forms.whole_check import waiting_rules, whole_check
from register.regions import Regions
from register.units import Unit
from workflows.calendars import Calendar
from workflows.collections import Collection
from workflows.explaining import Texts, texts_of
from workflows.handovers import kept_beside
from workflows.links import FilingLink, SectionLink
from workflows.machine.commands import Save, Submit
from workflows.machine.duties import duty_of
from workflows.machine.refusals import Refusal
from workflows.machine.states import Extension, State
from workflows.outlines import outline_of
from workflows.permissions import require_filler
from workflows.queries import Thread, threads_of
from workflows.seals import changed_items, open_seal, opened_content, seal, sealed_content
from workflows.services import Services
from workflows.stepping import carry_out, prepare, refusal_of
from workflows.submissions import Draft, SealedRevision, SentUnder, Submission, Trace, Transition
from workflows.surroundings import Neighbours, last_accepted, neighbours_now
from workflows.words import words_of

__all__ = [
    "Desk",
    "Entry",
    "NotReadyToSend",
    "SubmissionUnknown",
    "changed_items",
    "filer_due",
    "last_accepted",
    "open_desk",
    "open_seal",
    "opened_content",
    "own_submission",
    "save",
    "sealed_content",
    "submit",
]


class NotReadyToSend(Exception):
    """Fatal findings, reasons that are not taken, or a sign-off that is not filled keep this from being sent.

    Nothing was stored. `findings` are all that the check says; `unexplained` the rules whose reason is not taken.
    """

    def __init__(
        self,
        findings: tuple[Finding, ...],
        unsigned: tuple[str, ...],
        unexplained: tuple[RefusedExplanation, ...] = (),
    ) -> None:
        super().__init__("not ready to send")
        self.findings = findings
        self.unsigned = unsigned
        self.unexplained = unexplained


class SubmissionUnknown(LookupError):
    """A well-signed link to a submission that this home does not hold (a restored or foreign home)."""


@dataclass(frozen=True)
class Desk:
    """All that a filler's page shows. What only a page needs is read when the page asks for it, and once."""

    services: Services
    submission: Submission
    collection: Collection
    unit: Unit
    definition: FormDefinition
    closed: bool
    refusal: Refusal | None
    """Why nothing can be saved or sent now; None while it can."""
    owes_reasons: bool = True
    """Whether what fires wants its reason. An archive taken over was asked when it was filled, elsewhere."""

    @property
    def editable(self) -> bool:
        """Whether the page offers saving and sending."""
        return self.refusal is None

    @property
    def due(self) -> datetime:
        """Until when the unit is to send: its due time, that of its correction, or that of its exception."""
        return self.extension.expires if self.extension else filer_due(self.submission.state, self.collection.calendar)

    @property
    def is_overdue(self) -> bool:
        """Whether that time has passed."""
        return self.services.clock.now() >= self.due

    @property
    def extension(self) -> Extension | None:
        """The exception by which something still moves after the close."""
        extension = self.submission.state.extension
        return extension.in_force(self.services.clock.now()) if self.closed and extension else None

    @property
    def regions(self) -> Regions:
        """The bodies of the route in words."""
        return self.services.store.regions(self.collection.regions_snapshot)

    @cached_property
    def draft(self) -> Draft | None:
        """What he saved."""
        return self.services.store.draft(self.submission.id)

    @cached_property
    def sealed(self) -> Content | None:
        """What he sent last."""
        number = self.submission.state.revision
        return sealed_content(self.services, self.submission, number) if number else None

    @cached_property
    def neighbours(self) -> Neighbours:
        """What the rules are asked beside."""
        return neighbours_now(self.services, self.submission, self.unit, self.definition)

    @property
    def last_year(self) -> Content | None:
        """The figures accepted for the year before."""
        return self.neighbours.around.last_year

    @property
    def waiting(self) -> tuple[EditRule, ...]:
        """The rules that wait until the unit has sent another form too."""
        return waiting_rules(self.definition, self.neighbours.around, self.neighbours.expected)

    def findings_of(self, content: Content) -> tuple[Finding, ...]:
        """All that the check says of a content of this return."""
        return whole_check(self.definition, content, self.neighbours.around, starred=self.unit.starred)

    def texts_of(self, entry: "Entry") -> Texts:
        """The reasons on his page, and which of them were written for other values."""
        others = self.neighbours.around.other_forms
        return texts_of(self.definition, entry.content, entry.inputs, self.draft, self.sealed, others)

    def refused_reasons(self, entry: "Entry", findings: tuple[Finding, ...]) -> tuple[RefusedExplanation, ...]:
        """The fired rules whose reason is not taken."""
        void = self.texts_of(entry).void if entry.content.explanations else frozenset[str]()
        return refused_explanations(entry.content, findings, self.last_year, void)

    @cached_property
    def return_comment(self) -> str:
        """The words that came with the return he has to answer."""
        returned = self.submission.state.returned
        return words_of(self.services, self.submission, returned.event_number) if returned else ""

    @cached_property
    def threads(self) -> tuple[Thread, ...]:
        """What reviewers asked about it, with his answers."""
        return threads_of(self.services, self.submission)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one page of the filler holds: as typed, as read, and the draft version it was opened at."""

    inputs: Mapping[str, str]
    content: Content
    base_version: int


def open_desk(services: Services, link: FilingLink) -> Desk:
    """What the filler sees. Changes nothing. Raises `SubmissionUnknown`, `NotAllowed`."""
    submission = own_submission(services, link)
    collection = services.collection_of(submission)
    return Desk(
        services=services,
        submission=submission,
        collection=collection,
        unit=services.unit_of(submission),
        definition=services.forms.by_version(collection.form_version),
        closed=collection.is_closed(services.clock.now()),
        refusal=refusal_of(services, submission, Save(link.person), collection=collection),
    )


def filer_due(state: State, calendar: Calendar) -> datetime:
    """Until when the unit is to send what it has to send; the close comes first where that is earlier."""
    duty = duty_of(state, calendar)
    due = duty.due if duty and duty.body is None else calendar.due
    return min(due, calendar.close) if calendar.close else due


def save(services: Services, link: FilingLink, entry: Entry, trace: Trace, desk: Desk | None = None) -> Draft:
    """Keep what the filler typed, mistakes included. Raises `DraftConflict`, `CommandRefused`, `NotAllowed`.

    `desk` is what the same request has just opened; the store still refuses the step if it has changed since.
    """
    at = services.clock.now()
    desks = _desks(services, link, desk)

    def step() -> Transition:
        now = next(desks)
        beside = kept_beside(now.draft) if entry.base_version else {}
        return prepare(
            services,
            now.submission,
            Save(link.person),
            collection=now.collection,
            draft=_draft(now, entry, at, beside),
            draft_before=entry.base_version,
            trace=trace,
        )

    saved = carry_out(services, step).draft
    if saved is None:
        raise LookupError(f"the save of {link.submission} saved nothing")
    return saved


def _draft(desk: Desk, entry: Entry, now: datetime, beside: Mapping[str, str]) -> Draft:
    """What was typed, each reason with the mark of the values it was written for, and what stands beside the inputs."""
    marks = desk.texts_of(entry).marks if entry.content.explanations else {}
    return Draft(entry.base_version + 1, {**entry.inputs, **marks, **beside}, now)


def submit(
    services: Services,
    link: FilingLink,
    entry: Entry,
    trace: Trace,
    desk: Desk | None = None,
    under: SentUnder | None = None,
) -> SealedRevision:
    """Store what the page holds and seal it, in one transaction; `desk` as for `save`, `under` a program's key.

    Every rule is run here again. Raises `NotReadyToSend`, `DraftConflict`, `CommandRefused`, `NotAllowed`.
    """
    desks = _desks(services, link, desk)

    def step() -> Transition:
        return _sealing(next(desks), link.person, entry, trace, under)

    sealed = carry_out(services, step).revision
    if sealed is None:
        raise LookupError(f"the sealing of {link.submission} sealed nothing")
    return sealed


def _desks(services: Services, link: FilingLink, desk: Desk | None) -> Iterator[Desk]:
    """The desk to try a step on: the one that was opened already, then, whenever it was overtaken, a fresh one."""
    if desk is not None:
        yield desk
    while True:
        yield open_desk(services, link)


def _sealing(desk: Desk, person: str, entry: Entry, trace: Trace, under: SentUnder | None) -> Transition:
    submission, collection, definition = desk.submission, desk.collection, desk.definition
    now = desk.services.clock.now()
    findings = _ready_to_send(desk, entry)
    sealed = _explaining(entry.content, findings)
    number, before = submission.state.revision + 1, desk.sealed
    content = seal(submission, definition, sealed, findings, desk.neighbours.stamps if desk.owes_reasons else None)
    digest = hashlib.sha256(content).hexdigest()
    late = collection.calendar.is_late(now)
    changed = changed_items(definition, before, sealed) if before else ()
    return prepare(
        desk.services,
        submission,
        Submit(person, digest, definition.version, definition.rule_set, late, changed),
        at=now,
        collection=collection,
        revision=SealedRevision(submission.id, number, digest, content, now),
        draft=_draft(desk, entry, now, {}),
        draft_before=entry.base_version,
        trace=trace,
        outline=outline_of(definition, sealed, findings),
        sent_under=replace(under, revision=number) if under else None,
    )


def _ready_to_send(desk: Desk, entry: Entry) -> tuple[Finding, ...]:
    """The findings that travel with the revision.

    Raises `NotReadyToSend` on any fatal one, a reason that is not taken, or a missing signature.
    """
    findings = desk.findings_of(entry.content)
    unexplained = desk.refused_reasons(entry, findings) if desk.owes_reasons else ()
    names = ("unit_head", "statistician", "filler", "phone")
    unsigned = tuple(name for name in names if not getattr(entry.content.signoff, name).strip())
    if unsigned or unexplained or any(finding.severity is Severity.FATAL for finding in findings):
        raise NotReadyToSend(findings, unsigned, unexplained)
    return findings


def _explaining(content: Content, findings: tuple[Finding, ...]) -> Content:
    """What is sealed: a reason whose rule no longer fires explains nothing, and stays in the draft."""
    said = {rule: content.explanations[rule] for rule in wanted_of(findings) if rule in content.explanations}
    return content if said == content.explanations else replace(content, explanations=said)


def own_submission(services: Services, link: FilingLink | SectionLink) -> Submission:
    """The submission a filler's link opens. Raises `SubmissionUnknown`, `NotAllowed`."""
    submission = services.store.submission(link.submission)
    if submission is None:
        raise SubmissionUnknown(link.submission)
    require_filler(services, link, submission)
    return submission
