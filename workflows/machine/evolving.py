"""`evolve` says what an event changes: the state of a submission is the fold of its events. Pure, and total: events
that were recorded once are never refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from workflows.deadlines import from_text
from workflows.machine.events import (
    Claimed,
    DeadlinePassed,
    DecisionUndone,
    DispositionConfirmed,
    DispositionDeclined,
    DispositionProposed,
    DraftStarted,
    Event,
    ExtensionGranted,
    ExtensionProposed,
    FilingExpected,
    LevelAccepted,
    Moved,
    QueryAnswered,
    QueryAsked,
    QueryClosed,
    Reinstated,
    Reminded,
    Reopened,
    Returned,
    Submitted,
    WaiverConfirmed,
    WaiverProposed,
    Withdrawn,
)
from workflows.machine.states import (
    Acceptance,
    Claim,
    Decision,
    Disposition,
    DispositionKind,
    Extension,
    ExtensionScope,
    Query,
    QueryStatus,
    Stage,
    State,
    Waiver,
)
from workflows.routes import Body, ReviewLevel

VERSION = 3
"""Counts the meanings of the fold: a store whose copies were made under another one makes them anew."""


def evolve(state: State, event: Event, at: datetime) -> State:
    """The state after one more event."""
    changed: State = _EVOLUTIONS[type(event)](state, event, at)
    return replace(changed, events=state.events + 1)


def _handed_over(state: State, at: datetime, **changes: Any) -> State:
    """Somebody else has it from now on: his time starts anew, and nobody has reminded him yet."""
    return replace(state, since=at, reminders=(), overdue=False, claim=None, correcting=False, **changes)


def _route(stops: tuple[tuple[str, str], ...]) -> tuple[Body, ...]:
    return tuple(Body(ReviewLevel(level), region) for level, region in stops)


def _expected(state: State, event: FilingExpected, at: datetime) -> State:
    return replace(state, route=_route(event.route), since=at)


def _draft_started(state: State, _: DraftStarted, __: datetime) -> State:
    if state.stage is Stage.NOT_STARTED:
        return replace(state, stage=Stage.DRAFT)
    return replace(state, correcting=True)


def _submitted(state: State, event: Submitted, at: datetime) -> State:
    """A new revision voids the decisions; queries stand, but for those whose item has another value now."""
    return _handed_over(
        state,
        at,
        stage=Stage.IN_REVIEW,
        revision=event.revision,
        revision_hash=event.revision_hash,
        form_version=event.form_version,
        rule_set=event.rule_set,
        late=event.late,
        filers=tuple(sorted({*state.filers, event.person})),
        first_sent_at=state.first_sent_at or at,
        sealed_at=at,
        decisions=(),
        waivers=(),
        queries=_still_asked(state.queries, event.changed),
        disposition=None,
    )


def _still_asked(queries: tuple[Query, ...], changed: tuple[str, ...]) -> tuple[Query, ...]:
    return tuple(query for query in queries if query.status is not QueryStatus.CLOSED and query.item not in changed)


def _withdrawn(state: State, _: Withdrawn, at: datetime) -> State:
    return _handed_over(state, at, stage=Stage.DRAFT)


def _level_accepted(state: State, event: LevelAccepted, at: datetime) -> State:
    decisions = (*state.decisions, decision_of(event, at, state.events + 1))
    queries = tuple(
        replace(query, status=QueryStatus.CLOSED) if query.region == event.region else query for query in state.queries
    )
    if len(decisions) < len(state.route):
        return _handed_over(state, at, decisions=decisions, queries=queries)
    acceptance = Acceptance(event.revision, event.revision_hash, state.events + 1, _alone(state.accepted))
    return _handed_over(state, at, decisions=decisions, queries=queries, stage=Stage.ACCEPTED, accepted=acceptance)


def _alone(acceptance: Acceptance | None) -> Acceptance | None:
    """One step back is enough to undo one decision."""
    return None if acceptance is None else replace(acceptance, before=None)


def _returned(state: State, event: Returned, at: datetime) -> State:
    return _handed_over(state, at, last_return=decision_of(event, at, state.events + 1), stage=Stage.RETURNED)


def _reopened(state: State, event: Reopened, at: datetime) -> State:
    return _handed_over(state, at, last_return=decision_of(event, at, state.events + 1), stage=Stage.REOPENED)


def _undone(state: State, event: DecisionUndone, at: datetime) -> State:
    """Back to where the decision found it; an acceptance undone puts back what stood in the tables before.

    A unit that was moved after its reopening has bodies on its route that have not accepted yet: it is theirs.
    """
    if state.last_return is not None and state.last_return.event_number == event.undone:
        is_complete = len(state.decisions) == len(state.route)
        stage = Stage.ACCEPTED if is_complete else Stage.IN_REVIEW
        return _handed_over(state, at, stage=stage, last_return=None)
    accepted = state.accepted
    if accepted is not None and accepted.event_number == event.undone:
        accepted = accepted.before
    return _handed_over(state, at, stage=Stage.IN_REVIEW, decisions=state.decisions[:-1], accepted=accepted)


def _asked(state: State, event: QueryAsked, at: datetime) -> State:
    level = ReviewLevel(event.level)
    query = Query(state.events + 1, event.person, level, event.region, event.revision, event.item, at)
    return replace(state, queries=(*state.queries, query))


def _answered(state: State, event: QueryAnswered, _: datetime) -> State:
    """To answer is to act: a return can no longer be undone."""
    changed = _with_query(state, event.query, status=QueryStatus.ANSWERED, answer=state.events + 1)
    return replace(changed, correcting=True) if state.stage is Stage.RETURNED else changed


def _closed(state: State, event: QueryClosed, _: datetime) -> State:
    return _with_query(state, event.query, status=QueryStatus.CLOSED)


def _with_query(state: State, number: int, **changes: Any) -> State:
    queries = tuple(replace(query, **changes) if query.number == number else query for query in state.queries)
    return replace(state, queries=queries)


def _claimed(state: State, event: Claimed, _: datetime) -> State:
    return replace(state, claim=Claim(event.person, event.region, from_text(event.until)))


def _disposition_proposed(state: State, event: DispositionProposed, _: datetime) -> State:
    return replace(state, disposition=Disposition(DispositionKind(event.kind), event.person, state.events + 1))


def _disposition_confirmed(state: State, event: DispositionConfirmed, at: datetime) -> State:
    proposal = state.disposition
    if proposal is None:
        raise ValueError("a disposition was confirmed that nobody proposed")
    confirmed = replace(proposal, confirmed_by=event.person, stage_before=state.stage)
    disposed = _handed_over(state, at, stage=Stage.DISPOSED, disposition=confirmed)
    return replace(disposed, correcting=state.correcting)


def _disposition_declined(state: State, _: DispositionDeclined, __: datetime) -> State:
    return replace(state, disposition=None)


def _reinstated(state: State, _: Reinstated, at: datetime) -> State:
    """What the filler had begun to correct he has begun to correct."""
    before = state.disposition.stage_before if state.disposition else None
    back = _handed_over(state, at, stage=before or Stage.NOT_STARTED, disposition=None)
    return replace(back, correcting=state.correcting)


def _waiver_proposed(state: State, event: WaiverProposed, _: datetime) -> State:
    """A later proposal for the same rule takes the place of an earlier one."""
    others = tuple(waiver for waiver in state.waivers if waiver.rule != event.rule)
    waiver = Waiver(event.rule, from_text(event.expires), event.person, state.events + 1)
    return replace(state, waivers=(*others, waiver))


def _waiver_confirmed(state: State, event: WaiverConfirmed, _: datetime) -> State:
    waivers = tuple(
        replace(waiver, confirmed_by=event.person) if waiver.event_number == event.waiver else waiver
        for waiver in state.waivers
    )
    return replace(state, waivers=waivers)


def _extension_proposed(state: State, event: ExtensionProposed, at: datetime) -> State:
    """One person's proposal takes nothing away from what two have granted."""
    scope, expires = ExtensionScope(event.scope), from_text(event.expires)
    granted = state.extension.in_force(at) if state.extension else None
    return replace(state, extension=Extension(scope, expires, event.person, state.events + 1, before=granted))


def _extension_granted(state: State, event: ExtensionGranted, _: datetime) -> State:
    if state.extension is None:
        raise ValueError("an exception was granted that nobody proposed")
    return replace(state, extension=replace(state.extension, granted_by=event.person, before=None))


def _moved(state: State, event: Moved, at: datetime) -> State:
    """Decisions stand as far as both routes agree from below; the rest is void, as are the queries of who has gone."""
    route = _route(event.route)
    kept = 0
    while kept < len(state.decisions) and kept < len(route) and state.decisions[kept].body == route[kept]:
        kept += 1
    queries = tuple(query for query in state.queries if query.body in route)
    moved = replace(state, route=route, decisions=state.decisions[:kept], queries=queries)
    return moved if moved.turn == state.turn else _handed_over(moved, at)


def _reminded(state: State, event: Reminded, _: datetime) -> State:
    return replace(state, reminders=(*state.reminders, event.step))


def _deadline_passed(state: State, _: DeadlinePassed, __: datetime) -> State:
    return replace(state, overdue=True)


def decision_of(event: LevelAccepted | Returned | Reopened, at: datetime, number: int) -> Decision:
    """The decision an event records; `number` is the event's place in the chain."""
    accepted = isinstance(event, LevelAccepted)
    return Decision(
        accepted=accepted,
        person=event.person,
        level=ReviewLevel(event.level),
        region=event.region,
        revision=event.revision,
        revision_hash=event.revision_hash,
        at=at,
        reason="" if isinstance(event, LevelAccepted) else event.reason,
        items=() if isinstance(event, LevelAccepted) else event.items,
        event_number=number,
    )


_EVOLUTIONS: Mapping[type[Event], Callable[[State, Any, datetime], State]] = {
    FilingExpected: _expected,
    DraftStarted: _draft_started,
    Submitted: _submitted,
    Withdrawn: _withdrawn,
    LevelAccepted: _level_accepted,
    Returned: _returned,
    Reopened: _reopened,
    DecisionUndone: _undone,
    QueryAsked: _asked,
    QueryAnswered: _answered,
    QueryClosed: _closed,
    Claimed: _claimed,
    DispositionProposed: _disposition_proposed,
    DispositionConfirmed: _disposition_confirmed,
    DispositionDeclined: _disposition_declined,
    Reinstated: _reinstated,
    WaiverProposed: _waiver_proposed,
    WaiverConfirmed: _waiver_confirmed,
    ExtensionProposed: _extension_proposed,
    ExtensionGranted: _extension_granted,
    Moved: _moved,
    Reminded: _reminded,
    DeadlinePassed: _deadline_passed,
}
