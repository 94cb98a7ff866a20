"""Reminders as evidence (催报): who was reminded when, by which channel, in which words, and what came of it.

统计法 44 punishes who does not file after a reminder, so each is on record; this reads the record and changes nothing
(`workflows.bounces` records what came back after a letter went out).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from workflows.chain import RecordedEvent
from workflows.effects import reminder_promise
from workflows.letters.reminders import is_still_owed
from workflows.machine import evolve
from workflows.machine.events import Reminded
from workflows.machine.states import State
from workflows.ports import LetterRecord
from workflows.services import Services
from workflows.submissions import Identity, Submission, submission_id

PAGE = 200
UNIT = "unit"
PENDING, NOT_NEEDED = "pending", "not needed"
"""Outcomes of a reminder without a letter: it is still to go, or its owner had acted (or left) before it went."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reminder to one addressee by one channel: one row each. Instants in UTC."""

    unit_id: str
    unit_name: str
    year: int
    form: str
    step: str
    """Step of the calendar, counted from the day the return or the decision was due."""
    reminded: str
    """`unit`, or the region of the seat that had the return."""
    decided_at: datetime
    sent_at: datetime | None
    channel: str
    addressee: str
    """The address; blank once it was erased."""
    text: str
    """The words as they were kept, without the link; blank once they were erased."""
    outcome: str
    letter: str


def evidence(
    services: Services, year: int, form: str, unit_id: str = "", *, covers: Callable[[Identity], bool] = lambda _: True
) -> Iterator[Evidence]:
    """Every reminder of a collection, or of one unit in it, submission by submission in the order of events."""
    for submission in _submissions(services, year, form, unit_id):
        if covers(submission.identity):
            yield from _of(services, submission)


def _submissions(services: Services, year: int, form: str, unit_id: str) -> Iterator[Submission]:
    if unit_id:
        found = services.store.submission(submission_id(services.store.home_key(), year, form, unit_id))
        if found is not None:
            yield found
        return
    cursor: str | None = ""
    while cursor is not None:
        page = services.store.submissions_of(year, form, cursor, PAGE)
        yield from page.rows
        cursor = page.cursor or None


def _of(services: Services, submission: Submission) -> Iterator[Evidence]:
    state = State()
    for recorded in services.store.events(submission.id):
        event = recorded.event()
        if isinstance(event, Reminded):
            for person in event.people:
                yield from _rows(services, submission, state, recorded, event.step, person)
        state = evolve(state, event, recorded.at)


def _rows(
    services: Services, submission: Submission, then: State, recorded: RecordedEvent, step: str, person: str
) -> Iterator[Evidence]:
    """One row per letter that carried the reminder to this person; one row without a letter when none did."""
    payload = services.store.payload(submission.id, recorded.number)
    known = services.store.person(person)
    identity, turn = submission.identity, then.turn
    unwritten = PENDING if is_still_owed(submission.state, recorded) else NOT_NEEDED
    letters: tuple[LetterRecord | None, ...] = tuple(services.store.letters_of(reminder_promise(recorded, person)))
    for letter in letters or (None,):
        yield Evidence(
            unit_id=identity.unit_id,
            unit_name=services.unit_of(submission).name,
            year=identity.year,
            form=identity.form,
            step=step,
            reminded=turn.region if turn else UNIT,
            decided_at=recorded.at,
            sent_at=letter.at if letter else None,
            channel=letter.channel if letter else "",
            addressee=known.email if known else "",
            text=payload.text if payload else "",
            outcome=letter.outcome if letter else unwritten,
            letter=letter.letter if letter else "",
        )
