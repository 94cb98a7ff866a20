"""Verifying what is stored: every chain replayed from its first event, every seal opened, every link recomputed."""

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.chain import GENESIS, link_hash
from workflows.filing import open_seal
from workflows.machine import evolve
from workflows.machine.states import State
from workflows.services import Services
from workflows.submissions import Submission, submission_id

BATCH = 500
WORDS = ("comment_hash", "question_hash", "answer_hash", "reason_hash", "text_hash")
"""What an event calls the hash of the words kept with it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong with one submission's chain."""

    submission: str
    number: int
    what: str


@dataclass(slots=True)
class Verification:
    """How much was verified, and what was found."""

    submissions: int = 0
    events: int = 0
    revisions: int = 0
    faults: tuple[Fault, ...] = ()


def verify(services: Services) -> Verification:
    """Replay every submission. Reads only."""
    result = Verification()
    for submission in _all(services):
        result.submissions += 1
        result.events += submission.state.events
        result.revisions += submission.state.revision
        fault = first_fault(services, submission)
        if fault is not None:
            result.faults += (fault,)
    return result


def first_fault(services: Services, submission: Submission) -> Fault | None:
    """The first break in one chain, or between the chain and the stored state, or in a seal."""
    identity, state, head = submission.identity, State(), GENESIS
    if submission.id != submission_id(services.store.home_key(), identity.year, identity.form, identity.unit_id):
        return Fault(submission.id, 0, "the submission is not of the unit, form and year it names")
    for number, event in enumerate(services.store.events(submission.id), start=1):
        digest = link_hash(submission.id, event.number, event.at, event.type, event.data, event.previous)
        if event.number != number or event.previous != head or event.hash != digest:
            return Fault(submission.id, number, "the chain is broken")
        state, head = evolve(state, event.event(), event.at), event.hash
    if head != submission.head or state != submission.state:
        return Fault(submission.id, state.events, "the stored state is not what its events lead to")
    return _seal_fault(services, submission)


def _seal_fault(services: Services, submission: Submission) -> Fault | None:
    """Each sealed revision must be there and carry the hash its event names."""
    for event in services.store.events(submission.id):
        payload = services.store.payload(submission.id, event.number)
        if payload is not None and payload.hash not in {event.data.get(name) for name in WORDS}:
            return Fault(submission.id, event.number, "the words kept with the event were altered")
        if event.type != "Submitted":
            continue
        revision = services.store.revision(submission.id, event.data["revision"])
        if revision is None or (revision.hash, revision.sealed_at) != (event.data["revision_hash"], event.at):
            return Fault(submission.id, event.number, "the sealed revision is not the one that was sent")
        try:
            open_seal(revision)
        except ValueError:
            return Fault(submission.id, event.number, "the sealed revision was altered")
    return None


def _all(services: Services) -> Iterator[Submission]:
    cursor: str | None = ""
    while cursor is not None:
        page = services.store.submissions(cursor, BATCH)
        yield from page.rows
        cursor = page.cursor or None
