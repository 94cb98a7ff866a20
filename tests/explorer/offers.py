"""What anybody could ask of the machine in a state: fitting commands, and beside each the hostile ones (overtaken
pages, missing reasons, other seats, second clicks).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.explorer.cast import AT, FOREIGN, ITEM, MOVED, ROUTE, STRAIGHT, Bounds, Staffing
from workflows.machine import commands as c
from workflows.machine.commands import Command
from workflows.machine.guards import LONGEST_CLAIM, LONGEST_EXTENSION
from workflows.machine.states import DispositionKind, ExtensionScope, State
from workflows.routes import Body

RULE = ("R1",)
HOUR = timedelta(hours=1)


def offers(state: State, staffing: Staffing, bounds: Bounds, reopened: int, at: datetime = AT) -> Iterator[Command]:
    """All of them, in a fixed order."""
    yield from _filler(state, staffing, bounds)
    for person, body in staffing.pairs():
        yield from _deciding(state, person, body, may_reopen=reopened < bounds.reopenings)
        if "questions" in bounds.aspects:
            yield from _asking(state, person, body, bounds)
        if "claims" in bounds.aspects:
            yield from _claiming(state, person, body, at)
        if "waivers" in bounds.aspects:
            yield from _waiving(state, person, body, at, is_first=person == staffing.seats[body][0])
        if "dispositions" in bounds.aspects:
            yield from _disposing(state, person, body, may_propose=person == staffing.seats[body][0])
        if "exceptions" in bounds.aspects:
            may_propose = person == staffing.seats[body][0] and _exceptions(state) < bounds.exceptions
            yield from _excepting(state, person, body, at, may_propose=may_propose)
        if "moves" in bounds.aspects:
            yield from _moving(person, body)
    if "calendar" in bounds.aspects:
        yield c.Remind("-1d", ("anybody",), "w")
        yield c.PassDeadline()


def _filler(state: State, staffing: Staffing, bounds: Bounds) -> Iterator[Command]:
    who, number = staffing.filler, state.revision + 1
    sealing = (who, f"h{number}", "f/1", "r")
    yield c.Save(who)
    if number <= bounds.revisions:
        yield c.Submit(*sealing, late=False)
        yield c.Submit(*sealing, late=False, fatal=RULE)
        yield c.Submit(*sealing, late=False, unexplained=RULE)
        if state.queries:
            yield c.Submit(*sealing, late=False, changed=(ITEM,))
            yield c.Submit(*sealing, late=False, changed=("other",))
    for shown in {state.revision, state.revision - 1}:
        yield c.Withdraw(who, shown)
    for query in (0, *(query.number for query in state.queries)):
        yield c.Answer(who, query, "w")


def _deciding(state: State, person: str, body: Body, *, may_reopen: bool) -> Iterator[Command]:
    latest, digest = state.revision, state.revision_hash
    yield c.Accept(person, body, latest, digest)
    yield c.Return(person, body, latest, digest, "other", RULE, "w")
    for shown in ((latest, "another"), (latest - 1, f"h{latest - 1}"), (latest - 1, digest)):
        yield c.Accept(person, body, *shown)
        yield c.Return(person, body, *shown, "other", RULE, "w")
    yield c.Accept(person, body, latest, digest, fatal=RULE)
    yield c.Accept(person, body, latest, digest, unexplained=RULE)
    yield c.Accept(person, body, latest, digest, firm=RULE)
    yield c.Accept(person, body, latest, digest, missing_children=1)
    yield c.Return(person, body, latest, digest, "", RULE, "w")
    yield c.Return(person, body, latest, digest, "other", (), "w")
    if may_reopen:
        yield c.Reopen(person, body, latest, digest, "other", RULE, "w")
        yield c.Reopen(person, body, latest, "another", "other", RULE, "w")
        yield c.Reopen(person, body, latest - 1, f"h{latest - 1}", "other", RULE, "w")
        yield c.Reopen(person, body, latest, digest, "", RULE, "w")
        yield c.Reopen(person, body, latest, digest, "other", (), "w")
    for number in (0, *(decision.event_number for decision in state.standing)):
        yield c.Undo(person, body, latest, number)
        yield c.Undo(person, body, latest, number, in_a_table=True)
        yield c.Undo(person, body, latest - 1, number)


def _asking(state: State, person: str, body: Body, bounds: Bounds) -> Iterator[Command]:
    if len(state.queries) < bounds.questions:
        yield c.Ask(person, body, state.revision, ITEM, "w")
        yield c.Ask(person, body, state.revision - 1, ITEM, "w")
        yield c.Ask(person, body, state.revision, "", "w")
    for query in (0, *(query.number for query in state.queries)):
        yield c.CloseQuery(person, body, query)


def _claiming(state: State, person: str, body: Body, at: datetime) -> Iterator[Command]:
    yield c.ClaimCase(person, body, state.revision, at + HOUR)
    yield c.ClaimCase(person, body, state.revision - 1, at + HOUR)
    yield c.ClaimCase(person, body, state.revision, at)
    yield c.ClaimCase(person, body, state.revision, at + LONGEST_CLAIM + HOUR)


def _waiving(state: State, person: str, body: Body, at: datetime, *, is_first: bool) -> Iterator[Command]:
    """Whoever likes proposes and confirms; one holder of each seat tries what must not be, for the others."""
    latest, digest, week = state.revision, state.revision_hash, at + timedelta(days=7)
    yield c.ProposeWaiver(person, body, latest, digest, "R1", week, "w")
    if is_first:
        yield c.ProposeWaiver(person, body, latest, "another", "R1", week, "w")
        yield c.ProposeWaiver(person, body, latest, digest, "", week, "w")
        yield c.ProposeWaiver(person, body, latest, digest, "R1", at, "w")
        yield c.ProposeWaiver(person, body, latest, digest, "R1", at + LONGEST_EXTENSION + HOUR, "w")
    for number in (0, *(waiver.event_number for waiver in state.waivers)):
        yield c.ConfirmWaiver(person, body, number)


def _disposing(state: State, person: str, body: Body, *, may_propose: bool) -> Iterator[Command]:
    """One holder of each seat proposes, for the others; whoever likes confirms, declines or reinstates."""
    for kind in (DispositionKind.OUT_OF_SCOPE, DispositionKind.REFUSED) if may_propose else ():
        yield c.ProposeDisposition(person, body, kind, "w")
    for number in (0, *((state.disposition.event_number,) if state.disposition else ())):
        yield c.ConfirmDisposition(person, body, number)
        yield c.DeclineDisposition(person, body, number)
    yield c.Reinstate(person, body, "w")


def _excepting(state: State, person: str, body: Body, at: datetime, *, may_propose: bool) -> Iterator[Command]:
    if may_propose:
        for scope in ExtensionScope:
            yield c.ProposeExtension(person, body, scope, at + timedelta(days=7), "w")
        yield c.ProposeExtension(person, body, ExtensionScope.FILING, at, "w")
        yield c.ProposeExtension(person, body, ExtensionScope.FILING, at + LONGEST_EXTENSION + HOUR, "w")
    for number in (0, *((state.extension.event_number,) if state.extension else ())):
        yield c.GrantExtension(person, body, number)


def _exceptions(state: State) -> int:
    """How many hold or held."""
    found = state.extension
    return 0 if found is None else bool(found.granted_by) + (found.before is not None)


def _moving(person: str, body: Body) -> Iterator[Command]:
    for route in (ROUTE, MOVED, STRAIGHT, FOREIGN, ()):
        yield c.Move(person, body, route)
