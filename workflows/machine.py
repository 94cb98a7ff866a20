"""The review machine: `decide` says what a command leads to, `evolve` says what an event changes. Pure.

States (DESIGN §5): not_started → draft → in_review(level, revision) → accepted(revision), with
returned(by level, revision). The table `TRANSITIONS` is the whole machine: a stage and a command that are not in it
are refused. `docs/review-machine.md` is generated from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from workflows.commands import Accept, Command, Refusal, RefusalCode, Return, Save, Submit
from workflows.events import DraftStarted, Event, FilingExpected, LevelAccepted, Returned, Submitted
from workflows.routes import Body, ReviewLevel
from workflows.states import Decision, Stage, State

Outcome = tuple[Event, ...] | Refusal


def decide(state: State, command: Command, *, closed: bool) -> Outcome:
    """What the command leads to. After the close nothing moves (invariant 12)."""
    if closed:
        return Refusal(RefusalCode.COLLECTION_CLOSED)
    handler = TRANSITIONS.get((state.stage, type(command)))
    if handler is not None:
        return handler(state, command)
    if isinstance(command, (Save, Submit)):
        return Refusal(RefusalCode.NOT_EDITABLE)
    return _why_not_reviewable(state, command)


def _start_draft(_: State, command: Save) -> Outcome:
    return (DraftStarted(command.person),)


def _keep_draft(_: State, __: Save) -> Outcome:
    return ()


def _submit(state: State, command: Submit) -> Outcome:
    """A correction is not late: lateness is the first filing's (报送率 counts units, not revisions)."""
    late = state.late if state.revision else command.late
    return (
        Submitted(
            person=command.person,
            revision=state.revision + 1,
            revision_hash=command.revision_hash,
            form_version=command.form_version,
            rule_set=command.rule_set,
            late=late,
        ),
    )


def _accept(state: State, command: Accept) -> Outcome:
    refusal = _reviewing_guard(state, command)
    if refusal is not None:
        return refusal
    return (
        LevelAccepted(
            person=command.person,
            level=command.body.level,
            region=command.body.region,
            revision=state.revision,
            revision_hash=state.revision_hash,
        ),
    )


def _return(state: State, command: Return) -> Outcome:
    refusal = _reviewing_guard(state, command)
    if refusal is not None:
        return refusal
    if not command.reason or not command.items:
        return Refusal(RefusalCode.INCOMPLETE_RETURN)
    return (
        Returned(
            person=command.person,
            level=command.body.level,
            region=command.body.region,
            revision=state.revision,
            revision_hash=state.revision_hash,
            reason=command.reason,
            items=command.items,
            comment_hash=command.comment_hash,
        ),
    )


def _reviewing_guard(state: State, command: Accept | Return) -> Refusal | None:
    """In the order of DESIGN §5: the revision, the level's turn, then the person."""
    if command.revision != state.revision:
        return Refusal(RefusalCode.OVERTAKEN)
    if command.body != state.turn:
        earlier = state.decision_of(command.body.level)
        return Refusal(RefusalCode.ALREADY_DECIDED if earlier else RefusalCode.NOT_YET, earlier)
    if command.person == state.filed_by:
        return Refusal(RefusalCode.OWN_FILING)
    if any(decision.person == command.person for decision in state.decisions):
        return Refusal(RefusalCode.TWO_LEVELS)
    return None


def _why_not_reviewable(state: State, command: Accept | Return) -> Refusal:
    earlier = state.decision_of(command.body.level)
    if command.revision != state.revision:
        return Refusal(RefusalCode.OVERTAKEN)
    if earlier is not None:
        return Refusal(RefusalCode.ALREADY_DECIDED, earlier)
    return Refusal(RefusalCode.OVERTAKEN if state.decisions else RefusalCode.NOT_IN_REVIEW, state.returned)


TRANSITIONS: Mapping[tuple[Stage, type[Command]], Callable[[State, Any], Outcome]] = {
    (Stage.NOT_STARTED, Save): _start_draft,
    (Stage.NOT_STARTED, Submit): _submit,
    (Stage.DRAFT, Save): _keep_draft,
    (Stage.DRAFT, Submit): _submit,
    (Stage.RETURNED, Save): _keep_draft,
    (Stage.RETURNED, Submit): _submit,
    (Stage.IN_REVIEW, Accept): _accept,
    (Stage.IN_REVIEW, Return): _return,
}


def evolve(state: State, event: Event, at: datetime) -> State:
    """The state after one more event."""
    changed: State = _EVOLUTIONS[type(event)](state, event, at)
    return replace(changed, events=state.events + 1)


def _expected(state: State, event: FilingExpected, at: datetime) -> State:
    route = tuple(Body(ReviewLevel(level), region) for level, region in event.route)
    return replace(state, route=route, since=at)


def _draft_started(state: State, _: DraftStarted, __: datetime) -> State:
    return replace(state, stage=Stage.DRAFT)


def _submitted(state: State, event: Submitted, at: datetime) -> State:
    return replace(
        state,
        stage=Stage.IN_REVIEW,
        revision=event.revision,
        revision_hash=event.revision_hash,
        form_version=event.form_version,
        rule_set=event.rule_set,
        late=event.late,
        filed_by=event.person,
        first_sent_at=state.first_sent_at or at,
        sealed_at=at,
        decisions=(),
        since=at,
    )


def _level_accepted(state: State, event: LevelAccepted, at: datetime) -> State:
    decisions = (*state.decisions, decision_of(event, at, state.events + 1))
    stage = Stage.ACCEPTED if len(decisions) == len(state.route) else Stage.IN_REVIEW
    return replace(state, decisions=decisions, stage=stage, since=at)


def _returned(state: State, event: Returned, at: datetime) -> State:
    decisions = (*state.decisions, decision_of(event, at, state.events + 1))
    return replace(state, decisions=decisions, stage=Stage.RETURNED, since=at)


def decision_of(event: LevelAccepted | Returned, at: datetime, number: int) -> Decision:
    """The decision an event records; `number` is the event's place in the chain."""
    returned = isinstance(event, Returned)
    return Decision(
        accepted=not returned,
        person=event.person,
        level=ReviewLevel(event.level),
        region=event.region,
        revision=event.revision,
        revision_hash=event.revision_hash,
        at=at,
        reason=event.reason if isinstance(event, Returned) else "",
        items=event.items if isinstance(event, Returned) else (),
        event_number=number,
    )


_EVOLUTIONS: Mapping[type[Event], Callable[[State, Any, datetime], State]] = {
    FilingExpected: _expected,
    DraftStarted: _draft_started,
    Submitted: _submitted,
    LevelAccepted: _level_accepted,
    Returned: _returned,
}
