"""What each event promises to the world outside the submission: mails, and facts for the tables.

The promises are outbox rows written in the event's own transaction; the sweep keeps them. Each has the event's id in
its own, so that keeping a promise twice has no effect.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.events import LevelAccepted, RecordedEvent, Returned, Submitted
from workflows.states import Stage, State
from workflows.submissions import OutboxItem

INVITATION, RECEIPT, REVIEW = "invitation", "receipt", "review"
RETURNED, DECISION, PASSED_LEVEL, ACCEPTED = "returned", "decision", "passed_level", "accepted"
FACTS, SIGN_IN, CODE = "facts", "sign_in", "code"


def effects_of(event: RecordedEvent, after: State) -> tuple[OutboxItem, ...]:
    """The promises one event makes, given the state it led to."""
    return tuple(
        OutboxItem(f"{event.id}.{kind}{suffix}", kind, {"submission": event.submission, **data}, event.at)
        for kind, suffix, data in _promises(event, after)
    )


def _promises(event: RecordedEvent, after: State) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    happened = event.event()
    if isinstance(happened, Submitted):
        yield RECEIPT, "", {"revision": happened.revision}
        yield from _ask_next_level(after)
    elif isinstance(happened, LevelAccepted):
        yield DECISION, "", {"number": event.number}
        yield from _ask_next_level(after)
        if after.stage is Stage.ACCEPTED:
            yield FACTS, "", {"number": event.number, "revision": happened.revision}
            yield ACCEPTED, "", {"revision": happened.revision}
    elif isinstance(happened, Returned):
        yield RETURNED, "", {"number": event.number}
        yield DECISION, "", {"number": event.number}
        for decision in after.decisions[:-1]:
            yield PASSED_LEVEL, f".{decision.level}", {"number": event.number, "region": decision.region}


def _ask_next_level(after: State) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    turn = after.turn
    if turn is not None:
        yield REVIEW, "", {"revision": after.revision, "level": turn.level.value, "region": turn.region}
