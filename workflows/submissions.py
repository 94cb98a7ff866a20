"""A submission as the store keeps it: its identity, state, draft, sealed revisions, and the record of its handling."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from register.units import UnitKind
from workflows.chain import GENESIS, Payload, RecordedEvent, record
from workflows.machine import evolve
from workflows.machine.events import Event
from workflows.machine.states import State
from workflows.outlines import Outline


@dataclass(frozen=True, slots=True)
class Identity:
    """What a submission is of: one row per unit × form × collection, fixed when the collection opens."""

    id: str
    year: int
    form: str
    unit_id: str
    unit_kind: UnitKind
    region_code: str
    """Address region of the unit in the collection's register snapshot; it drives official totals."""
    county_code: str
    city_code: str
    reviewing_body: str
    """First region of the route; it drives the workflow (a zone, or the county)."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One submission with its present state and the head of its chain."""

    identity: Identity
    state: State
    head: str = GENESIS

    @property
    def id(self) -> str:
        """Opaque; derived from what the submission is of, so that opening a collection twice finds it again."""
        return self.identity.id

    @property
    def version(self) -> int:
        """Number of events so far; a commit needs it unchanged."""
        return self.state.events


def submission_id(home_key: bytes, year: int, form: str, unit_id: str) -> str:
    """Opaque 26-character id; the key is the home's own, so that an id does not tell the unit."""
    digest = hmac.digest(home_key, f"{year}\n{form}\n{unit_id}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


@dataclass(frozen=True, slots=True)
class Draft:
    """What the filler typed, as he typed it: one row per submission. `version` counts its saves."""

    version: int
    inputs: Mapping[str, str]
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class SealedRevision:
    """One immutable sealed content. `content` is RFC 8785 JSON, `hash` its SHA-256 in hex."""

    submission: str
    number: int
    hash: str
    content: bytes
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a save or submit came from, recorded apart from the figures (paradata): one row per save or submit.

    Later checks against filling in for others need it, and it cannot be had afterwards.
    """

    action: str
    channel: str
    address: str
    device: str


@dataclass(frozen=True, slots=True)
class SentUnder:
    """The key a program sent a revision under, so that it sends nothing twice: one row per submission and key.

    `body` is the SHA-256 of the request's body in hex; after `expires_at` the key is forgotten.
    """

    key: str
    body: str
    expires_at: datetime
    revision: int = 0


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """An effect that the transaction promises: one row per effect, done exactly once under its id."""

    id: str
    kind: str
    data: Mapping[str, Any]
    created_at: datetime
    due_at: datetime | None = None
    """Not to be kept before this instant; at once when None."""


@dataclass(frozen=True, slots=True)
class Transition:
    """All that one step writes, in one transaction, if the submission is still at `before.version`."""

    before: Submission
    after: Submission
    at: datetime
    events: tuple[RecordedEvent, ...] = ()
    payloads: tuple[tuple[int, Payload], ...] = ()
    outbox: tuple[OutboxItem, ...] = ()
    revision: SealedRevision | None = None
    draft: Draft | None = None
    draft_before: int | None = None
    """Version of the draft the filler started from; None leaves the draft alone."""
    trace: Trace | None = None
    outline: Outline | None = None
    """Of the revision that is sealed, for the inboxes."""
    next_at: datetime | None = None
    """When the sweep has to look at the submission next; steps without events leave it as it is."""
    sent_under: SentUnder | None = None
    """Kept beside the revision of the same step."""
    unless_noted: tuple[str, str | None] | None = None
    """A note of the store (name, value) that must still read so, or the step is a conflict."""


def advance(
    before: Submission, events: tuple[Event, ...], at: datetime
) -> tuple[Submission, tuple[RecordedEvent, ...]]:
    """The submission after these events, and the events as links of its chain."""
    state, head, links = before.state, before.head, []
    for event in events:
        link = record(event, submission=before.id, number=state.events + 1, at=at, previous=head)
        state, head = evolve(state, event, at), link.hash
        links.append(link)
    return Submission(before.identity, state, head), tuple(links)
