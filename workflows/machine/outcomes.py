"""The events that an allowed command leads to."""

from typing import TypeVar

from workflows.deadlines import to_text
from workflows.machine.commands import (
    Accept,
    Answer,
    Ask,
    ClaimCase,
    CloseQuery,
    ConfirmDisposition,
    ConfirmWaiver,
    DeclineDisposition,
    GrantExtension,
    Move,
    PassDeadline,
    ProposeDisposition,
    ProposeExtension,
    ProposeWaiver,
    Reinstate,
    Remind,
    Reopen,
    Return,
    Save,
    Submit,
    Undo,
    Withdraw,
)
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
from workflows.machine.guards import latest_decision
from workflows.machine.states import Decision, Disposition, Extension, Stage, State, Waiver

Events = tuple[Event, ...]
Found = TypeVar("Found", Decision, Disposition, Extension, Waiver)


def draft_started(state: State, command: Save) -> Events:
    """The first save, and the first after the return came back, are events; the rest changes the draft only."""
    is_first = state.stage is Stage.NOT_STARTED
    is_first_answer = state.stage in {Stage.RETURNED, Stage.REOPENED} and not state.correcting
    return (DraftStarted(command.person),) if is_first or is_first_answer else ()


def submitted(state: State, command: Submit) -> Events:
    """A correction is not late: lateness is the first filing's (报送率 counts units, not revisions)."""
    return (
        Submitted(
            person=command.person,
            revision=state.revision + 1,
            revision_hash=command.revision_hash,
            form_version=command.form_version,
            rule_set=command.rule_set,
            late=state.late if state.revision else command.late,
            changed=command.changed,
        ),
    )


def withdrawn(state: State, command: Withdraw) -> Events:
    """The revision it takes back is the one that was shown."""
    return (Withdrawn(command.person, state.revision, state.revision_hash),)


def level_accepted(state: State, command: Accept) -> Events:
    """It names the hash of what was accepted."""
    body = command.body
    return (LevelAccepted(command.person, body.level, body.region, state.revision, state.revision_hash),)


def returned(state: State, command: Return) -> Events:
    """To the filler in one step, from any level."""
    return (_sent_back(Returned, state, command),)


def reopened(state: State, command: Reopen) -> Events:
    """To the filler; the accepted revision stays in the tables."""
    return (_sent_back(Reopened, state, command),)


def _sent_back(kind: type[Returned] | type[Reopened], state: State, command: Return | Reopen) -> Event:
    return kind(
        person=command.person,
        level=command.body.level,
        region=command.body.region,
        revision=state.revision,
        revision_hash=state.revision_hash,
        reason=command.reason,
        items=command.items,
        comment_hash=command.comment_hash,
    )


def decision_undone(state: State, command: Undo) -> Events:
    """Names the event it takes back."""
    latest = _there(latest_decision(state))
    body = command.body
    return (
        DecisionUndone(
            person=command.person,
            level=body.level,
            region=body.region,
            revision=state.revision,
            undone=latest.event_number,
            acceptance=latest.accepted,
        ),
    )


def query_asked(state: State, command: Ask) -> Events:
    """The question is the event's payload."""
    body = command.body
    return (QueryAsked(command.person, body.level, body.region, state.revision, command.item, command.question_hash),)


def query_answered(state: State, command: Answer) -> Events:
    """The answer is bound to the revision that holds the value it explains."""
    return (QueryAnswered(command.person, command.query, state.revision, state.revision_hash, command.answer_hash),)


def query_closed(_: State, command: CloseQuery) -> Events:
    """By the body that asked."""
    return (QueryClosed(command.person, command.body.level, command.body.region, command.query),)


def claimed(_: State, command: ClaimCase) -> Events:
    """Until it lapses."""
    body = command.body
    return (Claimed(command.person, body.level, body.region, to_text(command.until)),)


def disposition_proposed(_: State, command: ProposeDisposition) -> Events:
    """Nothing moves until it is confirmed."""
    body = command.body
    return (DispositionProposed(command.person, body.level, body.region, command.kind, command.reason_hash),)


def disposition_confirmed(state: State, command: ConfirmDisposition) -> Events:
    """The finding stands."""
    return (DispositionConfirmed(command.person, command.body.region, _there(state.disposition).kind),)


def disposition_declined(state: State, command: DeclineDisposition) -> Events:
    """The proposal is gone."""
    return (DispositionDeclined(command.person, command.body.region, _there(state.disposition).kind),)


def reinstated(_: State, command: Reinstate) -> Events:
    """Back to where it stood."""
    return (Reinstated(command.person, command.body.region, command.reason_hash),)


def waiver_proposed(state: State, command: ProposeWaiver) -> Events:
    """Nothing is let pass until it is confirmed."""
    body, expires = command.body, to_text(command.expires)
    shown = (state.revision, state.revision_hash)
    return (
        WaiverProposed(command.person, body.level, body.region, *shown, command.rule, expires, command.reason_hash),
    )


def waiver_confirmed(state: State, command: ConfirmWaiver) -> Events:
    """Names the proposal it confirms."""
    body = command.body
    waiver = _there(next((one for one in state.waivers if one.event_number == command.waiver), None))
    return (WaiverConfirmed(command.person, body.level, body.region, waiver.rule, command.waiver),)


def extension_proposed(_: State, command: ProposeExtension) -> Events:
    """A later proposal takes the place of an earlier one."""
    expires = to_text(command.expires)
    return (ExtensionProposed(command.person, command.body.region, command.scope, expires, command.reason_hash),)


def extension_granted(state: State, command: GrantExtension) -> Events:
    """Names the proposal it grants."""
    return (ExtensionGranted(command.person, command.body.region, _there(state.extension).event_number),)


def moved(_: State, command: Move) -> Events:
    """The route from now on."""
    return (Moved(command.person, tuple((body.level.value, body.region) for body in command.route)),)


def reminded(_: State, command: Remind) -> Events:
    """Evidence of the reminder; its letters are promised with it."""
    return (Reminded(command.step, command.people, command.text_hash),)


def deadline_passed(state: State, _: PassDeadline) -> Events:
    """For whoever has it."""
    return (DeadlinePassed(state.turn.level if state.turn else ""),)


def _there(found: Found | None) -> Found:
    """What the guards made sure of."""
    if found is None:
        raise LookupError("a guard that makes sure of this is missing from the table")
    return found
