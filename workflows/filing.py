"""Use cases of the filler: opening the form, saving a draft, sealing and sending. The only way a value is written."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from forms.content import Content, from_json, to_json
from forms.definition import FormDefinition, Severity
from forms.edits import Finding, check
from register.units import Unit
from workflows.canonical import canonical
from workflows.collections import Collection
from workflows.commands import Refusal, RefusalCode, Save, Submit
from workflows.effects import effects_of
from workflows.links import FilingLink
from workflows.machine import Outcome, decide
from workflows.permissions import require_filler
from workflows.ports import StateConflict
from workflows.services import Services
from workflows.states import Stage
from workflows.submissions import Draft, SealedRevision, Submission, Trace, Transition, advance, submission_id

ATTEMPTS = 5


class FilingRefused(Exception):
    """The machine does not take this save or submit now; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


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

    @property
    def editable(self) -> bool:
        """Whether the page offers saving and sending."""
        return self.submission.state.editable and not self.closed

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
        return return_comment(self.services, self.submission, returned.event_number) if returned else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one page of the filler holds: as typed, as read, and the draft version it was opened at."""

    inputs: Mapping[str, str]
    content: Content
    base_version: int


def open_desk(services: Services, link: FilingLink) -> Desk:
    """What the filler sees. Changes nothing. Raises `SubmissionUnknown`, `NotAllowed`."""
    submission = _own_submission(services, link)
    collection = services.collection_of(submission)
    return Desk(
        services=services,
        submission=submission,
        collection=collection,
        unit=services.unit_of(submission),
        definition=services.forms.by_version(collection.form_version),
        closed=collection.is_closed(services.clock.now()),
    )


def save(services: Services, link: FilingLink, entry: Entry, trace: Trace, desk: Desk | None = None) -> Draft:
    """Keep what the filler typed, mistakes included. Raises `DraftConflict`, `FilingRefused`, `NotAllowed`.

    `desk` is what the same request has just opened; the store still refuses the step if it has changed since.
    """
    for _ in range(ATTEMPTS):
        desk = desk or open_desk(services, link)
        submission, now = desk.submission, services.clock.now()
        closed = desk.collection.is_closed(now)
        events = _allowed(decide(submission.state, Save(link.person), closed=closed))
        after, links = advance(submission, events, now)
        draft = Draft(entry.base_version + 1, entry.inputs, now)
        transition = Transition(
            before=submission,
            after=after,
            at=now,
            events=links,
            draft=draft,
            draft_before=entry.base_version,
            trace=trace,
        )
        try:
            services.store.commit(transition)
        except StateConflict:
            desk = None
            continue
        return draft
    raise FilingRefused(Refusal(RefusalCode.NOT_EDITABLE))


def submit(
    services: Services, link: FilingLink, entry: Entry, trace: Trace, desk: Desk | None = None
) -> SealedRevision:
    """Store what the page holds and seal it, in one transaction; `desk` as for `save`.

    Every rule is run here again, whatever the page showed. Raises `NotReadyToSend`, `DraftConflict`, `FilingRefused`,
    `NotAllowed`.
    """
    for _ in range(ATTEMPTS):
        transition = _sealing(desk or open_desk(services, link), link.person, entry, trace)
        try:
            services.store.commit(transition)
        except StateConflict:
            desk = None
            continue
        if transition.revision is not None:
            return transition.revision
    raise FilingRefused(Refusal(RefusalCode.NOT_EDITABLE))


def _sealing(desk: Desk, person: str, entry: Entry, trace: Trace) -> Transition:
    submission, collection, definition = desk.submission, desk.collection, desk.definition
    now = desk.services.clock.now()
    findings = _ready_to_send(definition, entry.content, starred=desk.unit.starred)
    number = submission.state.revision + 1
    content = _seal(submission, number, definition, entry.content, findings)
    digest = hashlib.sha256(content).hexdigest()
    late = collection.calendar.is_late(now)
    command = Submit(person, digest, definition.version, definition.rule_set, late)
    events = _allowed(decide(submission.state, command, closed=collection.is_closed(now)))
    after, links = advance(submission, events, now)
    return Transition(
        before=submission,
        after=after,
        at=now,
        events=links,
        outbox=tuple(effect for link in links for effect in effects_of(link, after.state)),
        revision=SealedRevision(submission.id, number, digest, content, now),
        draft=Draft(entry.base_version + 1, entry.inputs, now),
        draft_before=entry.base_version,
        trace=trace,
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
            "findings": [finding.rule_id for finding in findings],
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
    revision = services.store.revision(submission.id, number)
    if revision is None:
        return None
    data = open_seal(revision)
    return from_json(data["content"], services.forms.by_version(data["form_version"]))


def last_accepted(services: Services, submission: Submission) -> Content | None:
    """The figures accepted from the same unit on the same form for the year before."""
    identity = submission.identity
    key = submission_id(services.store.home_key(), identity.year - 1, identity.form, identity.unit_id)
    earlier = services.store.submission(key)
    if earlier is None or earlier.state.stage is not Stage.ACCEPTED:
        return None
    return sealed_content(services, earlier, earlier.state.revision)


def _own_submission(services: Services, link: FilingLink) -> Submission:
    submission = services.store.submission(link.submission)
    if submission is None:
        raise SubmissionUnknown(link.submission)
    require_filler(services, link, submission)
    return submission


def _allowed(outcome: Outcome) -> tuple[Any, ...]:
    if isinstance(outcome, Refusal):
        raise FilingRefused(outcome)
    return outcome


def return_comment(services: Services, submission: Submission, event_number: int) -> str:
    """The words a reviewer wrote with a return; blank once they were erased."""
    payload = services.store.payload(submission.id, event_number)
    return payload.text if payload else ""
