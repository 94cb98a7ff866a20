"""Replaying one submission: the first bad link of its chain, or of what hangs on the chain."""

from collections.abc import Iterator

from workflows.chain import GENESIS, RecordedEvent, link_hash, payload_hash
from workflows.days import day_of
from workflows.filing import open_seal
from workflows.machine import evolve
from workflows.machine.states import State
from workflows.story import DAMAGED, Story

Finding = tuple[int, str]
"""Number of the event, and what is wrong there."""


def chain_faults(story: Story) -> Iterator[Finding]:
    """What is wrong between the rows of one submission, in the order of the chain."""
    events = [event for event in story.events if event is not None]
    broken, state, head = _replayed(story)
    if broken is not None:
        yield broken
        return
    if story.submission is None:
        yield len(events), "the submission's own row is missing or cannot be read"
    elif (head, state) != (story.submission.head, story.submission.state):
        yield len(events), "the stored state is not what its events lead to"
    for misread in story.misread:
        number = misread.number if misread.table == "payloads" else _sealing(events, misread.number)
        yield number, f"a row of {misread.table} is not what was written: {misread.fields}"
    for event in events:
        yield from ((event.number, what) for what in _hanging(story, event))
    if set(story.revisions) != {event.data["revision"] for event in events if event.type == "Submitted"}:
        yield len(events), "there is a revision that no event sealed"
    yield from _uncovered(story, events)


def _replayed(story: Story) -> tuple[Finding | None, State, str]:
    """The first break of the chain, or the state and the head it leads to."""
    state, head = State(), GENESIS
    for number, event in enumerate(story.events, start=1):
        if event is None:
            return (number, "the event is not what was written"), state, head
        try:
            digest = link_hash(story.id, event.number, event.at, event.type, event.data, event.previous)
            if (event.submission, event.number, event.previous, event.hash) != (story.id, number, head, digest):
                return (number, "the chain is broken"), state, head
            state, head = evolve(state, event.event(), event.at), event.hash
        except DAMAGED:
            return (number, "the event cannot be replayed"), state, head
    return (None if story.events else (0, "there are no events")), state, head


def _sealing(events: list[RecordedEvent], revision: int) -> int:
    """Number of the event that sealed a revision; the last one's for what has none."""
    found = (event.number for event in events if event.type == "Submitted" and event.data["revision"] == revision)
    return next(found, len(events))


def _hanging(story: Story, event: RecordedEvent) -> Iterator[str]:
    """What is wrong with the words and the seal that belong to an event."""
    payload = story.payloads.get(event.number)
    if payload is not None and payload.hash != payload_hash(event.data):
        yield "the words kept with the event were altered"
    if payload is None and payload_hash(event.data) and event.number not in story.erased:
        yield "the words kept with the event are missing, and no erasure is on record"
    if event.type != "Submitted":
        return
    revision = story.revisions.get(event.data["revision"])
    if revision is None or (revision.hash, revision.sealed_at) != (event.data["revision_hash"], event.at):
        yield "the sealed revision is not the one that was sent"
        return
    try:
        seal = open_seal(revision)
        if (seal["submission"], seal["revision"]) != (story.id, revision.number):
            yield "the sealed revision is another one's"
    except DAMAGED:
        yield "the sealed revision was altered"


def _uncovered(story: Story, events: list[RecordedEvent]) -> Iterator[Finding]:
    """Every event is covered by a signed day, or waits for one."""
    hashes = {event.number: event.hash for event in events}
    covered = 0
    for head in story.heads:
        if hashes.get(head.number) != head.head:
            yield head.number, f"the head that was signed on {head.day} is not in the chain"
        covered = max(covered, head.number)
    for move in story.moves:
        if hashes.get(move.number) != move.head or day_of(events[move.number - 1].at) != move.day:
            yield move.number, "the note that the chain moved is not what was written"
    waiting = max((move.number for move in story.moves), default=0)
    if len(events) > max(covered, waiting):
        yield covered + 1, "the event is on no day that was signed, and waits for none"
