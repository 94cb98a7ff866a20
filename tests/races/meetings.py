"""Which commands can meet on one submission: every pair of kinds that the machine would take in the same state."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

from tests.explorer.cast import ASPECTS, AT, BEFORE, PROVINCE, ROUTE, Bounds
from tests.explorer.exploring import Case, opened
from tests.explorer.ledger import told
from tests.explorer.offers import offers
from tests.explorer.settling import settled
from workflows.machine import commands as c
from workflows.machine import decide, evolve
from workflows.machine.commands import Circumstances, Command
from workflows.machine.events import Event, FilingExpected
from workflows.machine.refusals import Refusal
from workflows.machine.states import State
from workflows.machine.table import RULES

BOUNDS = Bounds(revisions=2, aspects=frozenset(ASPECTS) - {"staff"})
NOW = Circumstances(AT)
FAR_ENOUGH = 2_500
"""Situations within which every pair that can meet has met."""
SAME_PERSON = (c.Save, c.Submit, c.Withdraw, c.Answer, c.Undo, c.DeclineDisposition, c.Remind, c.PassDeadline)
"""Commands that only one person gives: a second one is his second click."""


@dataclass(frozen=True)
class Meeting:
    """A state, and two commands of which it takes either."""

    events: tuple[Event, ...]
    state: State
    commands: tuple[Command, Command]

    @property
    def name(self) -> str:
        return " × ".join(type(command).__name__ for command in self.commands)

    @property
    def exclusive(self) -> bool:
        """Whether neither is taken after the other."""
        first, second = self.commands
        return self._refused_after(first, second) and self._refused_after(second, first)

    def _refused_after(self, first: Command, second: Command) -> bool:
        state, outcome = self.state, decide(self.state, first, NOW)
        if isinstance(outcome, Refusal) or not outcome:
            return False
        for event in outcome:
            state = evolve(state, event, AT)
        return isinstance(decide(state, second, NOW), Refusal)

    def by(self, number: int) -> Command:
        """What the `number`-th of sixteen people asks: the one or the other, each in his own name where he has one."""
        command = self.commands[number % 2]
        if isinstance(command, SAME_PERSON):
            return command
        return replace(command, person=f"{command.person}-{number}")


def meetings() -> tuple[Meeting, ...]:
    """One for each pair, the nearest that was found."""
    found: dict[tuple[str, str], Meeting] = {}
    queue = deque(_starts())
    seen = {settled(*case) for case, _ in queue}
    while queue and len(seen) < FAR_ENOUGH:
        case, events = queue.popleft()
        taken = _taken(case)
        for pair in combinations_with_replacement(sorted(taken), 2):
            first, second = taken[pair[0]][0], taken[pair[1]][-1]
            found.setdefault(pair, Meeting(events, case.state, (first, second)))
        for command in (command for commands in taken.values() for command in commands):
            after = _after(case, command)
            if (place := settled(*after[0])) not in seen:
                seen.add(place)
                queue.append((after[0], (*events, *after[1])))
    return tuple(found.values())


def _starts() -> Iterator[tuple[Case, tuple[Event, ...]]]:
    """The ordinary way of a return up to its reopening, step by step, so that the search is near to everything."""
    case, events = opened(), (FilingExpected(opened().ledger.route),)
    yield case, events
    way: tuple[Command, ...] = (
        c.Submit("fang", "h1", "f/1", "r", late=False),
        *(c.Accept(person, body, 1, "h1") for person, body in zip(("chen", "tian", "pan"), ROUTE, strict=True)),
        c.Reopen("pan", PROVINCE, 1, "h1", "other", ("R1",), "w"),
    )
    for command in way:
        case, more = _after(case, command)
        events = (*events, *more)
        yield case, events


def _taken(case: Case) -> dict[str, list[Command]]:
    """The commands this state takes, by kind."""
    taken: dict[str, list[Command]] = {}
    for command in offers(case.state, BEFORE, BOUNDS, case.ledger.reopened):
        if not isinstance(decide(case.state, command, NOW), Refusal):
            taken.setdefault(type(command).__name__, []).append(command)
    return taken


def _after(case: Case, command: Command) -> tuple[Case, tuple[Event, ...]]:
    outcome = decide(case.state, command, NOW)
    assert not isinstance(outcome, Refusal)
    for event in outcome:
        case = Case(evolve(case.state, event, AT), told(case.ledger, event, case.state.events + 1))
    return case, outcome


ALL_KINDS = {kind.__name__ for kind in RULES}
