"""Breadth-first exploration of the review machine: every situation within bounds, every command in each of them."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import NamedTuple

from infra.codec import state_from_text, state_to_text
from tests.explorer import laws
from tests.explorer.cast import AFTER, AT, BEFORE, ROUTE, Bounds, Staffing
from tests.explorer.ledger import Ledger, Place, told
from tests.explorer.offers import HOUR, offers
from tests.explorer.settling import settled
from workflows.deadlines import to_text
from workflows.machine import commands as c
from workflows.machine import decide, evolve
from workflows.machine.commands import Circumstances, Command
from workflows.machine.events import Event, FilingExpected
from workflows.machine.guards import MOST_QUERIES
from workflows.machine.refusals import Refusal
from workflows.machine.states import ExtensionScope, QueryStatus, Stage, State
from workflows.machine.table import RULES, Rule

Rules = Mapping[type[Command], Rule]
STAFFINGS = {False: BEFORE, True: AFTER}


class Broken(AssertionError):
    """A law is broken; the message has the way to it."""


class Case(NamedTuple):
    """One submission: what the machine holds of it, and what has happened to it."""

    state: State
    ledger: Ledger


class Situation(NamedTuple):
    """All submissions of an exploration, with what is so around them."""

    cases: tuple[Case, ...]
    closed: bool = False
    staff_changed: bool = False


def opened() -> Case:
    """A submission that is expected, on the usual route."""
    event = FilingExpected(tuple((body.level.value, body.region) for body in ROUTE))
    return Case(evolve(State(), event, AT), told(Ledger(), event, 1))


@dataclass
class Explorer:
    """One exploration. `states` and `transitions` count what it saw."""

    bounds: Bounds
    rules: Rules = field(default_factory=lambda: RULES)
    units: int = 1
    most: int = 10_000_000
    """Situations after which it stops, for a search that only has to find one breach."""
    depth: int = 10_000
    states: int = 0
    transitions: int = 0
    refusals: int = 0
    _seen: set[Situation] = field(default_factory=set)
    _trail: list[tuple[int, object]] = field(default_factory=list)

    def run(self, *starts: Situation) -> None:
        """Explore from these situations, or from the opening. Raises `Broken` at the nearest breach."""
        queue: deque[tuple[Situation, int, int]] = deque()
        for start in starts or (self._start(),):
            self._meet(queue, start, -1, "start", 0)
        while queue and self.states < self.most:
            situation, index, depth = queue.popleft()
            if depth < self.depth:
                for label, following in self._following(situation, index):
                    self._meet(queue, following, index, label, depth + 1)

    def _start(self) -> Situation:
        return Situation(tuple(Case(*settled(*opened())) for _ in range(self.units)))

    def _meet(
        self, queue: "deque[tuple[Situation, int, int]]", situation: Situation, parent: int, label: object, depth: int
    ) -> None:
        self.transitions += 1
        if situation in self._seen:
            return
        self._seen.add(situation)
        self._trail.append((parent, label))
        index = len(self._trail) - 1
        self.states += 1
        for case in situation.cases:
            for breach in laws.wrong_in(case.state, case.ledger, AT):
                self._fail(index, breach)
            if state_from_text(state_to_text(case.state)) != case.state:
                self._fail(index, "15: the store gives another state back than it was given")
        queue.append((situation, index, depth))

    def _following(self, situation: Situation, index: int) -> Iterator[tuple[object, Situation]]:
        yield from self._by_the_clock(situation)
        staffing = STAFFINGS[situation.staff_changed]
        for unit, case in enumerate(situation.cases):
            self._can_end(case, situation, staffing, index)
            now = Circumstances(AT, situation.closed)
            for command in offers(case.state, self._staffing(staffing, unit), self.bounds, case.ledger.reopened):
                after = self._tried(case, command, now, self._staffing(staffing, unit), index)
                if after is not None:
                    cases = (*situation.cases[:unit], after, *situation.cases[unit + 1 :])
                    yield command, situation._replace(cases=cases)

    @staticmethod
    def _staffing(staffing: Staffing, unit: int) -> Staffing:
        """Of two units, the second is filled by a holder of the first one's county seat: each reviews the other."""
        return staffing if unit == 0 else replace(staffing, filler="chen")

    def _tried(self, case: Case, command: Command, now: Circumstances, staffing: Staffing, index: int) -> Case | None:
        """What the command leads to, lawfully; None when it is refused or changes nothing but the draft."""
        try:
            outcome = decide(case.state, command, now, rules=self.rules)
        except Exception as error:
            self._fail(index, f"{type(error).__name__}: {error}", command)
        if isinstance(outcome, Refusal):
            self.refusals += 1
            return None
        if not outcome:
            self._check(case, command, None, case.state, now, staffing, index)
            return None
        after = case
        for event in outcome:
            number = after.state.events + 1
            after = Case(evolve(after.state, event, AT), told(after.ledger, event, number))
            self._check(case, command, event, after.state, now, staffing, index)
        self._again(case, command, after, now, staffing, index)
        return Case(*settled(*after))

    def _check(
        self,
        case: Case,
        command: Command,
        event: Event | None,
        after: State,
        now: Circumstances,
        staffing: Staffing,
        index: int,
    ) -> None:
        step = laws.Step(command, event, case.ledger, after, staffing, now.at, now.closed)
        for breach in laws.breaches(step):
            self._fail(index, breach, command)

    def _again(
        self, case: Case, command: Command, after: Case, now: Circumstances, staffing: Staffing, index: int
    ) -> None:
        """A second click, and whoever lost the race for the same desk."""
        outcome = decide(after.state, command, now, rules=self.rules)
        for breach in laws.second_time(command, outcome, after.state):
            self._fail(index, breach, command)
        if not isinstance(command, (c.Accept, c.Return)):
            return
        shown = (command.revision, command.revision_hash)
        rivals = (
            c.Accept("rival", command.body, *shown),
            c.Return("rival", command.body, *shown, "other", ("R1",), "w"),
        )
        for rival in rivals:
            for breach in laws.too_late(command, decide(after.state, rival, now, rules=self.rules), after.state):
                self._fail(index, breach, command)

    def _by_the_clock(self, situation: Situation) -> Iterator[tuple[object, Situation]]:
        """What time and the office bring about, whatever people do."""
        if "staff" in self.bounds.aspects and not situation.staff_changed:
            yield "the staff changes", situation._replace(staff_changed=True)
        if "exceptions" in self.bounds.aspects:
            if not situation.closed:
                yield "the collection closes", situation._replace(closed=True)
            if any(case.state.extension for case in situation.cases):
                yield "exceptions end", situation._replace(cases=tuple(map(_expired, situation.cases)))
        if any(case.state.waivers for case in situation.cases):
            yield "waivers end", situation._replace(cases=tuple(map(_waived_no_more, situation.cases)))
        if any(case.state.claim for case in situation.cases):
            yield "claims lapse", situation._replace(cases=tuple(map(_lapsed, situation.cases)))

    def _can_end(self, case: Case, situation: Situation, staffing: Staffing, index: int) -> None:
        """Invariant 10, by showing a way: people enough provided, it is accepted in the end, or disposed of already."""
        state, closed = case.state, situation.closed
        for step in range(2 * MOST_QUERIES):
            if state.stage in {Stage.ACCEPTED, Stage.DISPOSED}:
                return
            way_out = _way_out(state, staffing, step, closed=closed)
            outcome = decide(state, way_out, Circumstances(AT, closed), rules=self.rules)
            if isinstance(outcome, Refusal):
                break
            for event in outcome:
                state = evolve(state, event, AT)
        self._fail(index, f"10: no way from here to an acceptance (ends at {state.stage})")

    def _fail(self, index: int, breach: str, command: Command | None = None) -> None:
        way: list[str] = [] if command is None else [repr(command)]
        while index >= 0:
            index, label = self._trail[index]
            way.append(repr(label))
        raise Broken("\n  ".join([breach, *reversed(way)]))


def _way_out(state: State, staffing: Staffing, step: int, *, closed: bool) -> Command:
    """The next step of somebody who wants it accepted."""
    province, leave = state.route[-1], state.extension
    granted = leave.in_force(AT) if leave else None
    if closed and (granted is None or granted.scope is ExtensionScope.REVIEW):
        if leave is not None and not leave.granted_by and leave.scope is ExtensionScope.FILING and leave.expires > AT:
            return c.GrantExtension(f"fresh-{step}", province, leave.event_number)
        return c.ProposeExtension(f"fresh-{step}", province, ExtensionScope.FILING, AT + timedelta(days=9), "w")
    if state.turn is None:
        return c.Submit(staffing.filler, f"h{state.revision + 1}", "f/1", "r", late=False)
    asked = [one for one in state.queries if one.body == state.turn and one.status is QueryStatus.OPEN]
    if asked:
        return c.CloseQuery(f"fresh-{step}", state.turn, asked[0].number)
    return c.Accept(f"fresh-{step}", state.turn, state.revision, state.revision_hash)


def _lapsed(case: Case) -> Case:
    """Two hours later, as far as claims go."""
    state, ledger = case
    if state.claim is None or ledger.claim is None:
        return case
    over = AT - HOUR
    return Case(
        replace(state, claim=replace(state.claim, until=over)),
        replace(ledger, claim=(ledger.claim[0], to_text(over))),
    )


def _waived_no_more(case: Case) -> Case:
    """A season later, as far as waivers go."""
    state, ledger = case
    over = AT - HOUR
    return Case(
        replace(state, waivers=tuple(replace(one, expires=over) for one in state.waivers)),
        replace(ledger, waived=tuple(replace(one, expires=to_text(over)) for one in ledger.waived)),
    )


def _expired(case: Case) -> Case:
    """A season later, as far as exceptions go."""
    state, ledger = case
    if state.extension is None:
        return case
    over = AT - HOUR
    before = state.extension.before
    extension = replace(state.extension, expires=over, before=replace(before, expires=over) if before else None)
    return Case(
        *settled(
            replace(state, extension=extension),
            replace(
                ledger,
                asked_for=replace(ledger.asked_for, expires=to_text(over)) if ledger.asked_for else None,
                granted=replace(ledger.granted, expires=to_text(over)) if ledger.granted else None,
            ),
        )
    )


def explored(bounds: Bounds, *starts: Situation, units: int = 1, rules: Rules = RULES) -> Explorer:
    """An exploration that is over. Raises `Broken`."""
    explorer = Explorer(bounds, rules, units)
    explorer.run(*starts)
    return explorer


__all__: Sequence[str] = ("Broken", "Case", "Explorer", "Place", "Situation", "explored", "opened")
