"""One step of a submission: a command is decided, its events are chained, its promises made, all in one transaction.

Every use case that moves a submission goes through here, so that none of these can be forgotten.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from workflows.chain import Payload
from workflows.collections import Collection
from workflows.effects import effects_of
from workflows.machine import decide
from workflows.machine.commands import Circumstances, Command
from workflows.machine.duties import next_moment
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.ports import StateConflict
from workflows.services import Services
from workflows.submissions import Submission, Transition, advance

ATTEMPTS = 20
"""Tries of one step against others on the same submission, before its author is told to look again."""


class CommandRefused(Exception):
    """The machine does not take this command now; `refusal` says why. Nothing was stored."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def prepare(
    services: Services,
    submission: Submission,
    command: Command,
    *,
    at: datetime | None = None,
    collection: Collection | None = None,
    payload: Payload | None = None,
    **written: Any,
) -> Transition:
    """What the command writes, `payload` under its first event. Raises `CommandRefused`; stores nothing yet.

    `at` is given by a caller who has written the instant into what he seals, else it is now; `collection` by one who
    has read it already.
    """
    collection = collection or services.collection_of(submission)
    now = at or services.clock.now()
    outcome = decide(submission.state, command, Circumstances(now, collection.is_closed(now)))
    if isinstance(outcome, Refusal):
        raise CommandRefused(outcome)
    after, links = advance(submission, outcome, now)
    return Transition(
        before=submission,
        after=after,
        at=now,
        events=links,
        payloads=((links[0].number, payload),) if payload and links else (),
        outbox=tuple(effect for link in links for effect in effects_of(link, after.state)),
        next_at=next_moment(after.state, collection.calendar),
        **written,
    )


def carry_out(services: Services, make: Callable[[], Transition]) -> Transition:
    """Store a step; when somebody else moved the submission meanwhile, make it again from what stands then.

    Raises what `make` raises, and `DraftConflict`.
    """
    for _ in range(ATTEMPTS):
        transition = make()
        try:
            services.store.commit(transition)
        except StateConflict:
            continue
        return transition
    raise CommandRefused(Refusal(RefusalCode.OVERTAKEN))


def refusal_of(
    services: Services, submission: Submission, command: Command, *, collection: Collection | None = None
) -> Refusal | None:
    """Whether the machine would take the command now, asked of the machine itself; None when it would.

    `collection` is given by a caller who has read it already.
    """
    now = services.clock.now()
    closed = (collection or services.collection_of(submission)).is_closed(now)
    outcome = decide(submission.state, command, Circumstances(now, closed))
    return outcome if isinstance(outcome, Refusal) else None
