"""One submission in each stage, and each command such as would be taken there if the table lets it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from workflows.machine import commands as c
from workflows.machine import decide, evolve
from workflows.machine.commands import Circumstances, Command
from workflows.machine.events import Event, FilingExpected
from workflows.machine.refusals import Refusal
from workflows.machine.states import DispositionKind, ExtensionScope, Stage, State
from workflows.routes import Body, ReviewLevel

AT = datetime(2026, 3, 1, tzinfo=UTC)
OPEN, CLOSED = Circumstances(AT), Circumstances(AT, closed=True)
COUNTY = Body(ReviewLevel.COUNTY, "990101")
OTHER = Body(ReviewLevel.COUNTY, "990102")
CITY = Body(ReviewLevel.CITY, "990100")
PROVINCE = Body(ReviewLevel.PROVINCE, "990000")
ROUTE = (COUNTY, CITY, PROVINCE)
WEEK = timedelta(days=7)


def fold(*events: Event) -> State:
    """The state these events lead to."""
    state = State()
    for event in events:
        state = evolve(state, event, AT)
    return state


def after(state: State, *commands: Command, now: Circumstances = OPEN) -> State:
    """The state after these commands, all of which are taken."""
    for command in commands:
        outcome = decide(state, command, now)
        assert not isinstance(outcome, Refusal), (command, outcome)
        for event in outcome:
            state = evolve(state, event, now.at)
    return state


def seal(number: int = 1, *, late: bool = False, **more: tuple[str, ...]) -> c.Submit:
    """The unit's sealing of a revision."""
    return c.Submit("filler", f"h{number}", "kd-1/2021", "rules", late, **more)


def accept(body: Body, person: str = "", revision: int = 1, **more: Any) -> c.Accept:
    """A level's acceptance, by its usual holder."""
    return c.Accept(person or f"p-{body.region}", body, revision, f"h{revision}", **more)


def send_back(
    body: Body,
    person: str = "",
    revision: int = 1,
    *,
    reason: str = "arithmetic",
    items: tuple[str, ...] = ("cost_total",),
) -> c.Return:
    """A level's return."""
    return c.Return(person or f"p-{body.region}", body, revision, f"h{revision}", reason, items, "w")


def ask(body: Body, item: str = "cost_total", person: str = "", revision: int = 1) -> c.Ask:
    """A level's question about an item."""
    return c.Ask(person or f"p-{body.region}", body, revision, item, "w")


def reopen(
    person: str = "p-990000",
    revision: int = 1,
    *,
    body: Body = PROVINCE,
    reason: str = "arithmetic",
    items: tuple[str, ...] = ("cost_total",),
) -> c.Reopen:
    """The province's reopening."""
    return c.Reopen(person, body, revision, f"h{revision}", reason, items, "w")


def undo(state: State, **more: Any) -> c.Undo:
    """The author's undoing of the decision that stands last."""
    last = state.standing[-1] if state.standing else None
    named = c.Undo("p-990101", COUNTY, state.revision, 0)
    if last:
        named = c.Undo(last.person, last.body, state.revision, last.event_number)
    return replace(named, **more)


def propose(kind: DispositionKind = DispositionKind.DUPLICATE, body: Body = COUNTY) -> c.ProposeDisposition:
    """A level's finding."""
    return c.ProposeDisposition(f"p-{body.region}", body, kind, "w")


def disposed(state: State, kind: DispositionKind = DispositionKind.DUPLICATE) -> State:
    """The submission put away by two people."""
    state = after(state, propose(kind))
    assert state.disposition is not None
    return after(state, c.ConfirmDisposition("p-990000", PROVINCE, state.disposition.event_number))


def except_(scope: ExtensionScope = ExtensionScope.FILING, ahead: timedelta = WEEK) -> c.ProposeExtension:
    """The province's proposal of an exception."""
    return c.ProposeExtension("office-1", PROVINCE, scope, AT + ahead, "w")


def excepted(state: State, scope: ExtensionScope = ExtensionScope.FILING, ahead: timedelta = WEEK) -> State:
    """The submission with an exception that two people agreed on."""
    state = after(state, except_(scope, ahead))
    assert state.extension is not None
    return after(state, c.GrantExtension("office-2", PROVINCE, state.extension.event_number))


def waive(body: Body = COUNTY, ahead: timedelta = WEEK, revision: int = 1, **more: Any) -> c.ProposeWaiver:
    """A level's proposal to let a firm rule pass."""
    usual = c.ProposeWaiver(f"p-{body.region}", body, revision, f"h{revision}", "R3", AT + ahead, "w")
    return replace(usual, **more)


def waived(state: State, ahead: timedelta = WEEK) -> State:
    """The submission with R3 of its revision waived by two people."""
    state = after(state, waive(ahead=ahead, revision=state.revision))
    return after(state, c.ConfirmWaiver("p-990100", CITY, state.waivers[-1].event_number))


NOT_STARTED = fold(FilingExpected(tuple((body.level.value, body.region) for body in ROUTE)))
DRAFT = after(NOT_STARTED, c.Save("filler"))
IN_REVIEW = after(DRAFT, seal())
RETURNED = after(IN_REVIEW, send_back(COUNTY))
ACCEPTED = after(IN_REVIEW, *(accept(body) for body in ROUTE))
REOPENED = after(ACCEPTED, reopen())
STATES: Mapping[Stage, State] = {
    state.stage: state for state in (NOT_STARTED, DRAFT, IN_REVIEW, RETURNED, ACCEPTED, REOPENED, disposed(DRAFT))
}


def prepared(state: State, kind: type[Command]) -> State:
    """The state with what the command needs before it: a question, a proposal, an exception, a decision."""
    if kind in {c.Answer, c.CloseQuery}:
        return _asked(state)
    if kind in {c.ConfirmDisposition, c.DeclineDisposition} and state.stage is not Stage.DISPOSED:
        return after(state, propose())
    if kind is c.ConfirmWaiver and state.stage is Stage.IN_REVIEW:
        return after(state, waive())
    if kind is c.GrantExtension:
        return after(state, except_())
    if kind is c.Undo and state.stage is Stage.IN_REVIEW:
        return after(state, accept(COUNTY))
    return state


def _asked(state: State) -> State:
    """With a question of the city's that stands, where there can be one."""
    question = after(IN_REVIEW, ask(CITY))
    if state.stage is Stage.RETURNED:
        return after(question, send_back(COUNTY))
    return question if state.stage is Stage.IN_REVIEW else state


def _numbers(state: State) -> tuple[int, int, int]:
    """The question, the proposal and the exception a command would name."""
    query = state.queries[-1].number if state.queries else 0
    proposal = state.disposition.event_number if state.disposition else 0
    return query, proposal, state.extension.event_number if state.extension else 0


COMMANDS: Mapping[type[Command], Callable[[State], Command]] = {
    c.Save: lambda _: c.Save("filler"),
    c.Submit: lambda state: seal(state.revision + 1),
    c.Withdraw: lambda state: c.Withdraw("filler", state.revision),
    c.Answer: lambda state: c.Answer("filler", _numbers(state)[0], "w"),
    c.Accept: lambda _: accept(COUNTY),
    c.Return: lambda _: send_back(COUNTY),
    c.Ask: lambda _: ask(COUNTY),
    c.CloseQuery: lambda state: c.CloseQuery("p-990100", CITY, _numbers(state)[0]),
    c.ClaimCase: lambda state: c.ClaimCase("p-990101", COUNTY, state.revision, AT + timedelta(hours=1)),
    c.Undo: undo,
    c.Reopen: lambda _: reopen(),
    c.ProposeWaiver: lambda _: waive(),
    c.ConfirmWaiver: lambda state: c.ConfirmWaiver(
        "p-990100", CITY, state.waivers[-1].event_number if state.waivers else 0
    ),
    c.ProposeDisposition: lambda _: propose(),
    c.ConfirmDisposition: lambda state: c.ConfirmDisposition("p-990000", PROVINCE, _numbers(state)[1]),
    c.DeclineDisposition: lambda state: c.DeclineDisposition("p-990000", PROVINCE, _numbers(state)[1]),
    c.Reinstate: lambda _: c.Reinstate("p-990000", PROVINCE, "w"),
    c.ProposeExtension: lambda _: except_(),
    c.GrantExtension: lambda state: c.GrantExtension("office-2", PROVINCE, _numbers(state)[2]),
    c.Move: lambda _: c.Move("office-1", PROVINCE, (OTHER, CITY, PROVINCE)),
    c.Remind: lambda _: c.Remind("-1d", ("filler",), "w"),
    c.PassDeadline: lambda _: c.PassDeadline(),
}
