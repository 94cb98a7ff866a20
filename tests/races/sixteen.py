"""Sixteen people in four processes who act on one submission at the same instant, on a real home, round after round."""

import multiprocessing
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from forms.loading import FormCatalogue
from infra.sqlite.store import SqliteStore
from register.units import UnitKind
from tests.explorer.cast import AT
from tests.races.meetings import Meeting
from workflows.calendars import Calendar
from workflows.collections import Collection
from workflows.links import Links
from workflows.machine.commands import Command, Save, Submit
from workflows.machine.refusals import Refusal
from workflows.machine.states import State
from workflows.ports import DraftConflict
from workflows.services import Services
from workflows.stepping import CommandRefused, carry_out, prepare
from workflows.submissions import Draft, Identity, SealedRevision, Submission, Transition, advance

PROCESSES, THREADS = 4, 4
PEOPLE = PROCESSES * THREADS
LONGEST_WAIT = 120.0
"""Seconds after which those who wait for the others give up: one of them must have failed."""


class StillClock:
    """The present of all rounds."""

    def now(self) -> datetime:
        return AT


@dataclass(frozen=True)
class Round:
    """One submission on which two commands meet."""

    key: str
    meeting: Meeting


@dataclass(frozen=True)
class Came:
    """What one of sixteen came to in one round: hashes of the events he wrote, or why he wrote none."""

    round: int
    number: int
    hashes: tuple[str, ...] = ()
    refusal: Refusal | None = None
    draft_was_there: bool = False


def opened_home(path: Path, rounds: Sequence[Round]) -> None:
    """A home in which each round's submission stands where its two commands meet."""
    store = SqliteStore(path)
    calendar = Calendar(AT + timedelta(days=10))
    store.put_collection(Collection(2025, "f", "f/1", calendar, "r", "u", AT))
    assert store.create([_standing(one) for one in rounds]) == len(rounds)
    store.close()


def _standing(one: Round) -> Transition:
    identity = Identity(one.key, 2025, "f", one.key, UnitKind.ENTERPRISE, "1", "1", "1", "1")
    before = Submission(identity, State())
    after, links = advance(before, one.meeting.events, AT)
    return Transition(before=before, after=after, at=AT, events=links)


class Together:
    """What each process has from its birth: where all sixteen wait for one another."""

    barrier: Barrier

    @classmethod
    def begin(cls, barrier: Barrier) -> None:
        cls.barrier = barrier


def raced(path: Path, rounds: Sequence[Round]) -> list[Came]:
    """All rounds, one after the other, sixteen people in each. Raises what a process of them failed with."""
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(PROCESSES, context, Together.begin, (context.Barrier(PEOPLE),)) as pool:
        told = pool.map(partial(_process, path, rounds), range(PROCESSES))
        return [came for one in told for came in one]


def _process(path: Path, rounds: Sequence[Round], process: int) -> list[Came]:
    store = SqliteStore(path)
    clock = StillClock()
    services = Services(store, clock, Links(["k" * 40], clock), FormCatalogue([]), "http://zhibao.example")
    came: list[Came] = []

    def person(number: int) -> None:
        for count, one in enumerate(rounds):
            command = one.meeting.by(number)
            Together.barrier.wait(LONGEST_WAIT)
            came.append(_acts(services, one.key, command, count, number))

    threads = [threading.Thread(target=person, args=(process * THREADS + own,)) for own in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    assert len(came) == THREADS * len(rounds)
    return came


def _acts(services: Services, key: str, command: Command, count: int, number: int) -> Came:
    def make() -> Transition:
        submission = services.store.submission(key)
        assert submission is not None
        return prepare(services, submission, command, **_written(submission, command))

    try:
        transition = carry_out(services, make)
    except CommandRefused as refused:
        return Came(count, number, refusal=refused.refusal)
    except DraftConflict:
        return Came(count, number, draft_was_there=True)
    return Came(count, number, tuple(event.hash for event in transition.events))


def _written(submission: Submission, command: Command) -> dict[str, Any]:
    """What the filler's use cases write beside their events: everybody starts from an empty page."""
    if not isinstance(command, (Save, Submit)):
        return {}
    written: dict[str, Any] = {"draft": Draft(1, {"costs": "1"}, AT), "draft_before": 0}
    if isinstance(command, Submit):
        number = submission.state.revision + 1
        written["revision"] = SealedRevision(submission.id, number, command.revision_hash, b"sealed", AT)
    return written
