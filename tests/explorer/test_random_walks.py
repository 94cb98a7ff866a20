"""Long walks at random through everything at once: three units, real time, whole chains, the calendar's own steps."""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from infra.codec import state_from_text, state_to_text
from tests.explorer import laws
from tests.explorer.cast import AFTER, ASPECTS, AT, BEFORE, CALENDAR, Bounds, Staffing
from tests.explorer.exploring import Case, opened
from tests.explorer.ledger import told
from tests.explorer.offers import offers
from workflows.chain import GENESIS, RecordedEvent, link_hash, record
from workflows.machine import decide, evolve
from workflows.machine.commands import Circumstances, Command, PassDeadline, Remind
from workflows.machine.duties import is_overdue, step_due
from workflows.machine.events import FilingExpected
from workflows.machine.refusals import Refusal
from workflows.machine.states import State

BOUNDS = Bounds(revisions=9, questions=4, reopenings=9, exceptions=2, aspects=frozenset(ASPECTS) - {"calendar"})
LENGTH = 300
"""Commands of one walk over all its units."""
TRIES = 8
"""Commands tried before the next look at what is on offer."""


@dataclass
class Walk:
    """Three submissions of one collection, from their opening on."""

    dice: random.Random
    cases: list[Case] = field(default_factory=lambda: [opened() for _ in range(3)])
    chains: list[list[RecordedEvent]] = field(default_factory=list)
    now: datetime = AT
    closes: datetime = AT + timedelta(days=60)
    staffing: Staffing = BEFORE
    taken: int = 0
    tried: int = 0

    def __post_init__(self) -> None:
        opening = FilingExpected(self.cases[0].ledger.route)
        for unit in range(3):
            self.chains.append([record(opening, submission=f"s{unit}", number=1, at=AT, previous=GENESIS)])

    def go(self) -> None:
        while self.tried < LENGTH:
            self.now += self.dice.choice((timedelta(minutes=7), timedelta(hours=5), timedelta(days=2)))
            if self.now > AT + timedelta(days=20):
                self.staffing = AFTER
            unit = self.dice.randrange(3)
            for command in self._asked(unit):
                self._give(unit, command)

    def _asked(self, unit: int) -> list[Command]:
        state, ledger = self.cases[unit]
        step = step_due(state, CALENDAR, self.now)
        if step is not None and self._is_let():
            return [Remind(step.name, ("anybody",), "w")]
        if is_overdue(state, CALENDAR, self.now):
            return [PassDeadline()]
        everything = list(offers(state, self._staffing(unit), BOUNDS, ledger.reopened, self.now))
        return self.dice.choices(everything, k=TRIES)

    def _is_let(self) -> bool:
        return self.now < self.closes

    def _staffing(self, unit: int) -> Staffing:
        """Each unit is filled by somebody who holds a seat on another one's route."""
        return replace(self.staffing, filler=(self.staffing.filler, "chen", "tian")[unit])

    def _give(self, unit: int, command: Command) -> None:
        self.tried += 1
        case, staffing = self.cases[unit], self._staffing(unit)
        now = Circumstances(self.now, closed=self.now >= self.closes)
        outcome = decide(case.state, command, now)
        if isinstance(outcome, Refusal):
            assert not isinstance(command, Remind), f"the calendar came too often: {outcome.code}"
            return
        after = case
        for event in outcome or (None,):
            if event is not None:
                number, chain = after.state.events + 1, self.chains[unit]
                chain.append(record(event, submission=f"s{unit}", number=number, at=self.now, previous=chain[-1].hash))
                after = Case(evolve(after.state, event, self.now), told(after.ledger, event, number))
            step = laws.Step(command, event, case.ledger, after.state, staffing, self.now, now.closed)
            assert list(laws.breaches(step)) == [], command
        if outcome:
            self.taken += 1
            assert list(laws.second_time(command, decide(after.state, command, now), after.state)) == [], command
        assert list(laws.wrong_in(after.state, after.ledger, self.now)) == [], command
        self.cases[unit] = after

    def verify(self) -> None:
        """Invariant 15: the chain, replayed, gives the state, and the store gives it back."""
        for unit, chain in enumerate(self.chains):
            state, head = State(), GENESIS
            for number, link in enumerate(chain, start=1):
                assert (link.number, link.previous) == (number, head)
                assert link.hash == link_hash(f"s{unit}", number, link.at, link.type, link.data, head)
                state, head = evolve(state, link.event(), link.at), link.hash
            assert state == self.cases[unit].state == state_from_text(state_to_text(state))


def walks(commands: int, seed: int) -> tuple[int, int]:
    """Commands given and commands taken, over as many walks as that needs."""
    given = taken = count = 0
    while given < commands:
        walk = Walk(random.Random(seed + count))
        walk.go()
        walk.verify()
        given, taken, count = given + walk.tried, taken + walk.taken, count + 1
    return given, taken


def test_thousands_of_random_commands_break_no_law() -> None:
    given, taken = walks(6_000, seed=20260310)
    assert given >= 6_000
    assert taken > 300


@pytest.mark.long
def test_a_million_random_commands_break_no_law(capsys: pytest.CaptureFixture[str]) -> None:
    given, taken = walks(1_000_000, seed=1)
    with capsys.disabled():
        print(f"\n{given} random commands on three units, {taken} taken", end=" ")
    assert given >= 1_000_000
    assert taken > 20_000
