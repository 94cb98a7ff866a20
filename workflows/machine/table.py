"""The review machine as one table: which command, by whom, in which stages, under which guards, leads to which events.

`RULES` is the whole machine (DESIGN §5); `decide` only reads it. A stage that a command's rule does not name refuses
it. `docs/review-machine.md` is generated from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.machine import guards as g
from workflows.machine import outcomes as o
from workflows.machine.commands import (
    Accept,
    Actor,
    Answer,
    Ask,
    Circumstances,
    ClaimCase,
    CloseQuery,
    Command,
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
from workflows.machine.events import Event
from workflows.machine.guards import Guard
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import EDITABLE, OPEN, Stage, State

Outcome = tuple[Event, ...] | Refusal
ANY_STAGE = frozenset(Stage)
IN_REVIEW = frozenset({Stage.IN_REVIEW})


@dataclass(frozen=True, slots=True)
class Rule:
    """One command of the machine: one row of the table."""

    by: frozenset[Actor]
    stages: frozenset[Stage]
    guards: tuple[Guard, ...]
    leads_to: Callable[[State, Any], tuple[Event, ...]]
    otherwise: RefusalCode
    """The answer in every other stage, unless a decision there says more."""


def _rule(
    by: Actor | tuple[Actor, ...],
    stages: frozenset[Stage],
    leads_to: Callable[[State, Any], tuple[Event, ...]],
    otherwise: RefusalCode,
    *guards: Guard,
) -> Rule:
    actors = frozenset({by} if isinstance(by, Actor) else by)
    return Rule(actors, stages, guards, leads_to, otherwise)


_PROVINCE = (Actor.SEAT, Actor.OFFICE)
_CALENDAR = g.moves_before_the_close_or_by_exception

RULES: Mapping[type[Command], Rule] = {
    # The filler
    Save: _rule(
        Actor.FILLER,
        EDITABLE | {Stage.DISPOSED},
        o.draft_started,
        RefusalCode.NOT_EDITABLE,
        _CALENDAR,
        g.only_who_refused_files_after_a_disposition,
    ),
    Submit: _rule(
        Actor.FILLER,
        EDITABLE | {Stage.DISPOSED},
        o.submitted,
        RefusalCode.NOT_EDITABLE,
        _CALENDAR,
        g.only_who_refused_files_after_a_disposition,
        g.meets_every_fatal_rule,
        g.explains_what_fired,
    ),
    Withdraw: _rule(
        Actor.FILLER,
        IN_REVIEW,
        o.withdrawn,
        RefusalCode.UNDER_REVIEW,
        _CALENDAR,
        g.is_on_this_revision,
        g.is_not_under_review_yet,
    ),
    Answer: _rule(
        Actor.FILLER,
        IN_REVIEW | {Stage.RETURNED},
        o.query_answered,
        RefusalCode.QUERY_UNKNOWN,
        _CALENDAR,
        g.answers_an_open_query,
    ),
    # A level of the route
    Accept: _rule(
        Actor.SEAT,
        IN_REVIEW,
        o.level_accepted,
        RefusalCode.NOT_IN_REVIEW,
        _CALENDAR,
        g.is_on_this_revision,
        g.is_in_turn,
        g.is_not_his_own_filing,
        g.has_not_decided_at_another_level,
        g.meets_every_fatal_rule,
        g.explains_what_fired,
        g.clears_firm_rules_at_the_first_level,
        g.has_its_queries_answered,
        g.has_the_children_it_waits_for,
    ),
    Return: _rule(
        Actor.SEAT,
        IN_REVIEW,
        o.returned,
        RefusalCode.NOT_IN_REVIEW,
        _CALENDAR,
        g.is_on_this_revision,
        g.is_in_turn,
        g.is_not_his_own_filing,
        g.has_not_decided_at_another_level,
        g.names_reason_and_items,
    ),
    Ask: _rule(
        Actor.SEAT,
        IN_REVIEW,
        o.query_asked,
        RefusalCode.NOT_IN_REVIEW,
        _CALENDAR,
        g.is_on_this_revision,
        g.has_not_passed_it_on,
        g.is_not_his_own_filing,
        g.names_an_item,
        g.asks_something_new,
        g.does_not_ask_without_end,
    ),
    CloseQuery: _rule(
        Actor.SEAT,
        IN_REVIEW | {Stage.RETURNED},
        o.query_closed,
        RefusalCode.QUERY_UNKNOWN,
        _CALENDAR,
        g.closes_its_own_query,
    ),
    ClaimCase: _rule(
        Actor.SEAT,
        IN_REVIEW,
        o.claimed,
        RefusalCode.NOT_IN_REVIEW,
        _CALENDAR,
        g.is_on_this_revision,
        g.is_in_turn,
        g.is_not_his_own_filing,
        g.has_not_decided_at_another_level,
        g.is_not_claimed_by_another,
    ),
    ProposeWaiver: _rule(
        Actor.SEAT,
        IN_REVIEW,
        o.waiver_proposed,
        RefusalCode.NOT_IN_REVIEW,
        _CALENDAR,
        g.is_on_this_revision,
        g.is_on_the_route,
        g.is_not_his_own_filing,
        g.names_a_time_to_come,
        g.waives_something_new,
    ),
    ConfirmWaiver: _rule(
        _PROVINCE,
        IN_REVIEW,
        o.waiver_confirmed,
        RefusalCode.NOT_IN_REVIEW,
        _CALENDAR,
        g.is_on_the_route,
        g.is_not_his_own_filing,
        g.has_a_waiver_to_confirm,
        g.is_another_person_than_who_would_waive,
    ),
    Undo: _rule(
        _PROVINCE,
        frozenset({Stage.IN_REVIEW, Stage.RETURNED, Stage.ACCEPTED, Stage.REOPENED}),
        o.decision_undone,
        RefusalCode.NOT_YOURS,
        _CALENDAR,
        g.is_on_this_revision,
        g.is_on_the_route,
        g.undoes_his_own_latest_decision,
        g.comes_before_the_next_level_acts,
        g.comes_before_the_filler_acts,
        g.comes_before_a_table_uses_it,
    ),
    # The province
    Reopen: _rule(
        _PROVINCE,
        frozenset({Stage.ACCEPTED}),
        o.reopened,
        RefusalCode.NOT_ACCEPTED,
        _CALENDAR,
        g.is_of_the_province,
        g.is_on_this_revision,
        g.is_not_his_own_filing,
        g.has_not_decided_at_another_level,
        g.names_reason_and_items,
    ),
    ProposeDisposition: _rule(
        _PROVINCE,
        ANY_STAGE - {Stage.DISPOSED},
        o.disposition_proposed,
        RefusalCode.DISPOSED,
        _CALENDAR,
        g.is_on_the_route,
        g.proposes_something_new,
        g.fits_where_it_stands,
    ),
    ConfirmDisposition: _rule(
        _PROVINCE,
        ANY_STAGE - {Stage.DISPOSED},
        o.disposition_confirmed,
        RefusalCode.DISPOSED,
        _CALENDAR,
        g.is_of_the_province,
        g.has_this_proposal,
        g.is_another_person,
        g.confirms_what_still_fits,
    ),
    DeclineDisposition: _rule(
        _PROVINCE,
        ANY_STAGE - {Stage.DISPOSED},
        o.disposition_declined,
        RefusalCode.DISPOSED,
        _CALENDAR,
        g.has_this_proposal,
        g.is_who_proposed_or_of_the_province,
    ),
    Reinstate: _rule(
        _PROVINCE,
        frozenset({Stage.DISPOSED}),
        o.reinstated,
        RefusalCode.NOTHING_PROPOSED,
        _CALENDAR,
        g.is_of_the_province,
    ),
    ProposeExtension: _rule(
        _PROVINCE,
        ANY_STAGE,
        o.extension_proposed,
        RefusalCode.DISPOSED,
        g.is_of_the_province,
        g.names_a_time_to_come,
        g.proposes_another_extension,
    ),
    GrantExtension: _rule(
        _PROVINCE,
        ANY_STAGE,
        o.extension_granted,
        RefusalCode.DISPOSED,
        g.is_of_the_province,
        g.has_an_extension_to_grant,
        g.is_another_person_than_who_proposed,
    ),
    Move: _rule(
        Actor.OFFICE,
        OPEN,
        o.moved,
        RefusalCode.NOT_IN_REVIEW,
        _CALENDAR,
        g.is_of_the_province,
        g.stays_in_the_province,
    ),
    # The clock
    Remind: _rule(Actor.SWEEP, OPEN, o.reminded, RefusalCode.ALREADY_DONE, _CALENDAR, g.reminds_once_at_a_step),
    PassDeadline: _rule(Actor.SWEEP, OPEN, o.deadline_passed, RefusalCode.ALREADY_DONE, _CALENDAR, g.passes_once),
}


def decide(
    state: State, command: Command, now: Circumstances, *, rules: Mapping[type[Command], Rule] = RULES
) -> Outcome:
    """What the command leads to, or why it leads to nothing. Pure."""
    rule = rules[type(command)]
    if state.stage not in rule.stages:
        return _elsewhere(state, command, now, rule)
    for guard in rule.guards:
        refusal = guard(state, command, now)
        if refusal is not None:
            return refusal
    return rule.leads_to(state, command)


def _elsewhere(state: State, command: Command, now: Circumstances, rule: Rule) -> Refusal:
    """Where the command has no place: the close, then an overtaken page, then a decision that was faster says why."""
    closed = _CALENDAR(state, command, now) if _CALENDAR in rule.guards else None
    if closed is not None:
        return closed
    if not isinstance(command, (Accept, Return)):
        return Refusal(rule.otherwise)
    if command.revision != state.revision:
        return Refusal(RefusalCode.OVERTAKEN)
    earlier = state.decision_of(command.body.level)
    if earlier is not None:
        return Refusal(RefusalCode.ALREADY_DECIDED, earlier)
    sent_back = state.returned
    is_of_this = sent_back is not None and sent_back.revision == state.revision
    return Refusal(RefusalCode.OVERTAKEN, sent_back) if is_of_this else Refusal(rule.otherwise)
