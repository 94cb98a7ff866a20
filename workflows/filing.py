"""Use cases of the filler: opening the form, saving a draft, sealing and sending. The only way a value is written."""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from forms.content import Content, from_json, to_json
from forms.definition import FormDefinition, Severity
from forms.edits import Finding, check
from register.regions import Regions
from register.units import Unit
from workflows.calendars import Calendar
from workflows.canonical import canonical
from workflows.collections import Collection
from workflows.links import FilingLink
from workflows.machine.commands import Save, Submit
from workflows.machine.duties import duty_of
from workflows.machine.refusals import Refusal
from workflows.machine.states import Extension, State
from workflows.outlines import outline_of, to_look_at
from workflows.permissions import require_filler
from workflows.places import changed_places
from workflows.queries import Thread, threads_of
from workflows.services import Services
from workflows.stepping import carry_out, prepare, refusal_of
from workflows.submissions import Draft, SealedRevision, SentUnder, Submission, Trace, Transition, submission_id
from workflows.words import words_of


class NotReadyToSend(Exception):
    """Fatal findings, or a sign-off that is not filled, keep this from being sent; nothing was stored."""

    def __init__(self, findings: tuple[Finding, ...], unsigned: tuple[str, ...]) -> None:
        super().__init__("not ready to send")
        self.findings = findings
        self.unsigned = unsigned


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
    def last_year(self) -> Content | None:
        """The figures accepted for the year before."""
        return last_accepted(self.services, self.submission)

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
    draft = Draft(entry.base_version + 1, entry.inputs, services.clock.now())
    desks = _desks(services, link, desk)

    def step() -> Transition:
        now = next(desks)
        return prepare(
            services,
            now.submission,
            Save(link.person),
            collection=now.collection,
            draft=draft,
            draft_before=entry.base_version,
            trace=trace,
        )

    carry_out(services, step)
    return draft


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
    findings = _ready_to_send(definition, entry.content, starred=desk.unit.starred)
    number = submission.state.revision + 1
    content = _seal(submission, number, definition, entry.content, findings)
    digest = hashlib.sha256(content).hexdigest()
    late = collection.calendar.is_late(now)
    before = sealed_content(desk.services, submission, submission.state.revision)
    changed = changed_items(definition, before, entry.content) if before else ()
    return prepare(
        desk.services,
        submission,
        Submit(person, digest, definition.version, definition.rule_set, late, changed),
        at=now,
        collection=collection,
        revision=SealedRevision(submission.id, number, digest, content, now),
        draft=Draft(entry.base_version + 1, entry.inputs, now),
        draft_before=entry.base_version,
        trace=trace,
        outline=outline_of(definition, entry.content, findings),
        sent_under=replace(under, revision=number) if under else None,
    )


def _ready_to_send(definition: FormDefinition, content: Content, *, starred: bool) -> tuple[Finding, ...]:
    """The findings that travel with the revision. Raises `NotReadyToSend` on any fatal one or a missing signature."""
    findings = check(definition, content, starred=starred)
    fatal = tuple(finding for finding in findings if finding.severity is Severity.FATAL)
    names = ("unit_head", "statistician", "filler", "phone")
    unsigned = tuple(name for name in names if not getattr(content.signoff, name).strip())
    if fatal or unsigned:
        raise NotReadyToSend(fatal, unsigned)
    return findings


def _seal(
    submission: Submission, number: int, definition: FormDefinition, content: Content, findings: tuple[Finding, ...]
) -> bytes:
    """The canonical form (RFC 8785) of all that the unit answers for, under a 128-bit nonce."""
    identity = submission.identity
    return canonical(
        {
            "submission": identity.id,
            "unit": identity.unit_id,
            "year": identity.year,
            "form": identity.form,
            "form_version": definition.version,
            "rule_set": definition.rule_set,
            "revision": number,
            "content": to_json(content, definition),
            "findings": [finding.rule_id for finding in to_look_at(findings)],
            "nonce": secrets.token_hex(16),
        }
    )


def open_seal(revision: SealedRevision) -> dict[str, Any]:
    """What a sealed revision holds, as plain data. Raises `ValueError` when the bytes are not what the hash says."""
    if hashlib.sha256(revision.content).hexdigest() != revision.hash:
        raise ValueError(f"revision {revision.number} of {revision.submission} does not match its hash")
    data: dict[str, Any] = json.loads(revision.content)
    return data


def sealed_content(services: Services, submission: Submission, number: int) -> Content | None:
    """The figures of one revision."""
    revision = services.store.revision(submission.id, number) if number else None
    return opened_content(services, revision)[1] if revision else None


def opened_content(services: Services, revision: SealedRevision) -> tuple[FormDefinition, Content]:
    """What a seal holds, and the layout it was filled under. Raises `ValueError` when the seal is broken."""
    data = open_seal(revision)
    definition = services.forms.by_version(data["form_version"])
    return definition, from_json(data["content"], definition)


def changed_items(definition: FormDefinition, before: Content, after: Content) -> tuple[str, ...]:
    """The items and rows that differ between two revisions, in the order of the form."""
    return changed_places(definition, before, after)


def last_accepted(services: Services, submission: Submission) -> Content | None:
    """The figures accepted from the same unit on the same form for the year before."""
    identity = submission.identity
    key = submission_id(services.store.home_key(), identity.year - 1, identity.form, identity.unit_id)
    earlier = services.store.submission(key)
    stands = earlier.state.in_tables if earlier else None
    if earlier is None or stands is None:
        return None
    return sealed_content(services, earlier, stands.revision)


def own_submission(services: Services, link: FilingLink) -> Submission:
    """The submission a filler's link opens. Raises `SubmissionUnknown`, `NotAllowed`."""
    submission = services.store.submission(link.submission)
    if submission is None:
        raise SubmissionUnknown(link.submission)
    require_filler(services, link, submission)
    return submission
