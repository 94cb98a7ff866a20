"""What each event promises to the world outside the submission: mails, and facts for the tables.

The promises are outbox rows written in the event's own transaction; the sweep keeps them. Each has the event's id in
its own, so that keeping a promise twice has no effect.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workflows.chain import RecordedEvent
from workflows.machine.events import (
    DeadlinePassed,
    DecisionUndone,
    DispositionConfirmed,
    DispositionDeclined,
    DispositionProposed,
    Event,
    ExtensionGranted,
    ExtensionProposed,
    LevelAccepted,
    Moved,
    QueryAnswered,
    QueryAsked,
    Reinstated,
    Reminded,
    Reopened,
    Returned,
    Submitted,
    WaiverProposed,
    Withdrawn,
)
from workflows.machine.states import Stage, State
from workflows.submissions import OutboxItem

INVITATION, RECEIPT, REVIEW = "invitation", "receipt", "review"
RETURNED, DECISION, PASSED_LEVEL, ACCEPTED = "returned", "decision", "passed_level", "accepted"
WITHDRAWN, UNDONE, REOPENED, QUERY, ANSWER = "withdrawn", "undone", "reopened", "query", "answer"
PROPOSAL, DISPOSED, REINSTATED, EXTENSION, MOVED = "proposal", "disposed", "reinstated", "extension", "moved"
REMINDER, ESCALATION, FACTS, SIGN_IN, CODE = "reminder", "escalation", "facts", "sign_in", "code"
DIGEST, SEAT_CHANGED = "digest", "seat_changed"
"""About a seat, not about one submission."""

Promise = tuple[str, str, Mapping[str, Any]]
"""Kind, what tells it from others of its event, data."""


def effects_of(event: RecordedEvent, after: State) -> tuple[OutboxItem, ...]:
    """The promises one event makes, given the state it led to."""
    happened = event.event()
    promises = _PROMISES.get(type(happened))
    if promises is None:
        return ()
    return tuple(
        OutboxItem(f"{event.id}.{kind}{suffix}", kind, {"submission": event.submission, **data}, event.at)
        for kind, suffix, data in promises(event, happened, after)
    )


def _submitted(_: RecordedEvent, event: Submitted, after: State) -> Iterator[Promise]:
    yield RECEIPT, "", {"revision": event.revision}
    yield from _ask_next_level(after)


def _accepted(event: RecordedEvent, happened: LevelAccepted, after: State) -> Iterator[Promise]:
    yield DECISION, "", {"number": event.number}
    yield from _ask_next_level(after)
    if after.stage is Stage.ACCEPTED:
        yield _facts(event, after)
        yield ACCEPTED, "", {"revision": happened.revision, "number": event.number}


def _returned(event: RecordedEvent, _: Returned, after: State) -> Iterator[Promise]:
    yield RETURNED, "", {"number": event.number}
    yield DECISION, "", {"number": event.number}
    yield from _tell_passed_levels(event, after)


def _reopened(event: RecordedEvent, happened: Reopened, after: State) -> Iterator[Promise]:
    yield REOPENED, "", {"number": event.number}
    yield DECISION, "", {"number": event.number}
    yield from _tell_passed_levels(event, after, but=happened.region)


def _tell_passed_levels(event: RecordedEvent, after: State, but: str = "") -> Iterator[Promise]:
    for decision in after.decisions:
        if decision.region != but:
            yield PASSED_LEVEL, f".{decision.level}", {"number": event.number, "region": decision.region}


def _undone(event: RecordedEvent, happened: DecisionUndone, after: State) -> Iterator[Promise]:
    """Those already told are told again; what stands in the tables follows. Whoever has it now may be somebody new:
    the unit was moved while its return was with the filler (a body that was asked before is not asked again).
    """
    yield UNDONE, "", {"number": event.number}
    yield from _ask_next_level(after)
    completed_the_route = happened.acceptance and after.turn == after.route[-1]
    if completed_the_route:
        yield _facts(event, after, happened.revision)


def _asked(event: RecordedEvent, _: QueryAsked, __: State) -> Iterator[Promise]:
    yield QUERY, "", {"number": event.number}


def _answered(event: RecordedEvent, happened: QueryAnswered, _: State) -> Iterator[Promise]:
    yield ANSWER, "", {"number": event.number, "query": happened.query}


def _withdrawn(event: RecordedEvent, _: Withdrawn, __: State) -> Iterator[Promise]:
    yield WITHDRAWN, "", {"number": event.number}


def _proposed(
    event: RecordedEvent, _: DispositionProposed | ExtensionProposed | WaiverProposed, __: State
) -> Iterator[Promise]:
    yield PROPOSAL, "", {"number": event.number}


def _disposed(event: RecordedEvent, _: DispositionConfirmed, after: State) -> Iterator[Promise]:
    yield DISPOSED, "", {"number": event.number}
    if after.accepted is not None and after.in_tables is None:
        yield _facts(event, after, after.accepted.revision)


def _told_proposer(event: RecordedEvent, _: DispositionDeclined, __: State) -> Iterator[Promise]:
    yield DISPOSED, "", {"number": event.number}


def _reinstated(event: RecordedEvent, _: Reinstated, after: State) -> Iterator[Promise]:
    yield REINSTATED, "", {"number": event.number}
    yield from _ask_next_level(after)
    if after.accepted is not None:
        yield _facts(event, after)


def _granted(event: RecordedEvent, _: ExtensionGranted, __: State) -> Iterator[Promise]:
    yield EXTENSION, "", {"number": event.number}


def _moved(event: RecordedEvent, _: Moved, after: State) -> Iterator[Promise]:
    yield MOVED, "", {"number": event.number}
    yield from _ask_next_level(after)


def reminder_promise(event: RecordedEvent, person: str) -> str:
    """The id of the promise that carries the reminder of an event to one person."""
    return f"{event.id}.{REMINDER}.{person}"


def _reminded(event: RecordedEvent, happened: Reminded, _: State) -> Iterator[Promise]:
    for person in happened.people:
        yield REMINDER, f".{person}", {"number": event.number, "person": person}


def _overdue(event: RecordedEvent, happened: DeadlinePassed, after: State) -> Iterator[Promise]:
    """A level that let its time pass is brought before the next one, once; a filler has his own reminders."""
    if happened.level and after.turn is not None:
        yield ESCALATION, "", {"number": event.number, "level": happened.level, "region": after.turn.region}


def _facts(event: RecordedEvent, after: State, stood: int = 0) -> Promise:
    """What the tables are to hold of the submission from this event on: a revision, or nothing where one `stood`.

    All of it is said here: when the promise is kept, or kept again, the submission may be further on.
    """
    stands = after.in_tables
    said = {"revision": stands.revision} if stands else {"revision": 0, "stood": stood}
    return FACTS, "", {"number": event.number, **said}


def _ask_next_level(after: State) -> Iterator[Promise]:
    turn = after.turn
    if turn is not None:
        yield REVIEW, "", {"revision": after.revision, "level": turn.level.value, "region": turn.region}


_PROMISES: Mapping[type[Event], Callable[[RecordedEvent, Any, State], Iterator[Promise]]] = {
    Submitted: _submitted,
    Withdrawn: _withdrawn,
    LevelAccepted: _accepted,
    Returned: _returned,
    Reopened: _reopened,
    DecisionUndone: _undone,
    QueryAsked: _asked,
    QueryAnswered: _answered,
    DispositionProposed: _proposed,
    DispositionConfirmed: _disposed,
    DispositionDeclined: _told_proposer,
    Reinstated: _reinstated,
    WaiverProposed: _proposed,
    ExtensionProposed: _proposed,
    ExtensionGranted: _granted,
    Moved: _moved,
    Reminded: _reminded,
    DeadlinePassed: _overdue,
}
