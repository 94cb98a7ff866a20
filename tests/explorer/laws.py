"""The laws of the review machine (the invariants of DESIGN §5 and what issue 3 promises beside them), each written from
what has happened (ledger.py) and from the command and event at hand, never by asking a guard.

A law yields a sentence for each way in which it is broken.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.explorer.cast import CALENDAR, Staffing
from tests.explorer.ledger import Ledger, Place, Question, Word
from workflows.deadlines import to_text
from workflows.machine import commands as c
from workflows.machine import events as e
from workflows.machine.commands import Command
from workflows.machine.duties import duty_of, next_moment
from workflows.machine.events import Event
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import Decision, Query, Stage, State

Breach = Iterator[str]
TAKES_OUT = frozenset({"out_of_scope", "left_province", "duplicate"})


@dataclass(frozen=True, slots=True)
class Step:
    """A command that was taken, with the event it led to (None: the draft only) and what was so before and after."""

    command: Command
    event: Event | None
    before: Ledger
    after: State
    staffing: Staffing
    now: datetime
    closed: bool


def breaches(step: Step) -> Breach:
    """Every law this step breaks."""
    yield from after_the_close_nothing_moves_without_an_exception(step)
    if step.event is None:
        yield from saved(step)
        return
    for law in LAWS[type(step.event)]:
        yield from law(step, step.command, step.event)


# Invariant 12


def after_the_close_nothing_moves_without_an_exception(step: Step) -> Breach:
    if not step.closed or isinstance(step.command, (c.ProposeExtension, c.GrantExtension)):
        return
    leave = step.before.granted
    if leave is None or leave.expires <= to_text(step.now):
        yield "12: something moved after the close without an exception"
    elif leave.scope == "review" and not isinstance(
        step.command,
        (c.Accept, c.Return, c.Ask, c.CloseQuery, c.ClaimCase, c.Undo, c.Answer, c.ProposeWaiver, c.ConfirmWaiver),
    ):
        yield "12: an exception for reviewing let something else move"


# Invariants 1, 2, 4, 13, 14: what the unit seals


def saved(step: Step) -> Breach:
    if not isinstance(step.command, c.Save):
        yield f"{type(step.command).__name__} was taken and left no trace"
    yield from only_the_unit_writes_and_only_while_it_has_it(step, step.command, None)


def only_the_unit_writes_and_only_while_it_has_it(step: Step, command: Any, _: Any) -> Breach:
    if not isinstance(command, (c.Save, c.Submit)) or command.person != step.staffing.filler:
        yield "1: somebody else than the filler wrote"
    if step.before.place is not Place.UNIT and step.before.out != "refused":
        yield "1: the unit wrote while it had nothing to write"


def a_revision_is_sealed_as_it_was_shown_and_stays(step: Step, command: Any, event: e.Submitted) -> Breach:
    if (event.revision, event.revision_hash) != (len(step.before.sealed) + 1, command.revision_hash):
        yield "2: a revision was not the next one, or not what was sent"
    if step.after.decisions or step.after.turn != step.after.route[0]:
        yield "4: a new revision left a decision standing"


def nothing_fatal_or_unexplained_is_sealed_or_accepted(_: Step, command: Any, __: Any) -> Breach:
    if command.fatal:
        yield "13: a fatal rule fired on what was sealed or accepted"
    if command.unexplained:
        yield "14: something fired without an explanation"


def a_draft_starts_with_a_save(_: Step, command: Any, __: Any) -> Breach:
    if not isinstance(command, c.Save):
        yield "1: a draft was started by something else than a save"


def a_changed_item_ends_its_questions_and_no_other(step: Step, command: Any, _: Any) -> Breach:
    kept = {query.number for query in step.after.queries}
    for question in step.before.questions:
        should_stay = question.status != "closed" and question.item not in command.changed
        if (question.number in kept) != should_stay:
            yield "an answer outlived the value it explains, or ended without its value having changed"


def a_unit_withdraws_before_anybody_acted(step: Step, command: Any, _: Any) -> Breach:
    ledger = step.before
    if command.person != step.staffing.filler or ledger.place is not Place.DESK:
        yield "a return was withdrawn by somebody else, or from nowhere"
    if command.revision != len(ledger.sealed):
        yield "6: another revision was withdrawn than the one shown"
    if ledger.passed or any(question.revision == len(ledger.sealed) for question in ledger.questions):
        yield "a return was withdrawn after the first decision or query"
    if step.after.revision != len(ledger.sealed):
        yield "2: a withdrawn revision was hidden"


# Invariants 3, 5, 6, 8: decisions


def it_lies_on_the_desk_of_who_decides(step: Step, command: Any, event: Any) -> Breach:
    if step.before.turn != (event.level, event.region):
        yield "3: a level acted out of its turn"
    lower = step.before.passed
    if [word.seat for word in lower] != list(step.before.route[: len(lower)]):
        yield "3: a lower level is missing"


def it_is_about_what_was_shown(step: Step, command: Any, event: Any) -> Breach:
    number = len(step.before.sealed)
    shown = getattr(command, "revision_hash", step.before.sealed[-1][1] if number else "")
    if not number or (command.revision, shown) != (number, step.before.sealed[-1][1]):
        yield "6: a decision was taken on another revision than the one shown"
    is_named = event is None or getattr(event, "revision_hash", shown) == shown
    if not is_named or any(word.hash != shown for word in step.before.passed):
        yield "3: levels of one route accepted different contents"


def nobody_decides_on_his_own_filing(step: Step, command: Any, _: Any) -> Breach:
    if command.person in {person for person, _ in step.before.sealed}:
        yield "8: somebody decided on his own filing"


def nobody_decides_at_two_levels(step: Step, command: Any, _: Any) -> Breach:
    here = (command.body.level.value, command.body.region)
    if any(word.person == command.person and word.seat != here for word in step.before.passed):
        yield "8: somebody decided at two levels of one route"


def what_is_firm_is_cleared_first(step: Step, command: c.Accept, _: Any) -> Breach:
    now = to_text(step.now)
    waived = {one.rule for one in step.before.waived if one.by and one.expires > now}
    if not step.before.passed and not waived.issuperset(command.firm):
        yield "13: a firm finding passed the first level"


def questions_and_children_are_waited_for(step: Step, command: c.Accept, event: Any) -> Breach:
    mine = (event.level, event.region)
    if any(question.status == "open" and question.seat == mine for question in step.before.questions):
        yield "a level accepted with a question of its own unanswered"
    if command.missing_children:
        yield "a level accepted before the returns it waits for"


def a_return_has_reason_and_items_and_reaches_the_filler(step: Step, _: Any, event: Any) -> Breach:
    if not event.reason or not event.items:
        yield "5: a return without reason or items"
    if not step.after.editable:
        yield "5: a return that does not reach the filler"


def only_what_is_accepted_is_reopened(step: Step, command: Any, _: Any) -> Breach:
    if step.before.place is not Place.DONE:
        yield "something was reopened that was not accepted"
    yield from only_the_province(step, command, None)


def a_decision_is_undone_by_its_author_before_anybody_acted(step: Step, command: Any, event: Any) -> Breach:
    ledger, latest = step.before, step.before.latest
    if latest is None or event.undone != latest.number or command.decision != latest.number:
        yield "7: another decision was undone than the one named"
        return
    if (command.person, _seat(command)) != (latest.person, latest.seat) or latest.seat not in ledger.route:
        yield "somebody undid what was not his, or not any more"
    if any(one.number > latest.number and one.seat != latest.seat for one in ledger.questions):
        yield "a decision was undone after the next level acted"
    if ledger.back is not None and ledger.touched:
        yield "a return was undone after the filler acted"
    if ledger.place is Place.DONE and command.in_a_table:
        yield "11: an acceptance was undone that a table uses"


# Queries and claims


def a_level_asks_about_what_it_has_before_it(step: Step, command: c.Ask, event: e.QueryAsked) -> Breach:
    seat = (event.level, event.region)
    if step.before.place is not Place.DESK or seat not in step.before.route[len(step.before.passed) :]:
        yield "somebody asked about what is not before him"
    if not event.item:
        yield "a question about no item"
    running = [one for one in step.before.questions if one.status != "closed"]
    if len(running) >= 20:
        yield "a filler was asked without end"
    if any((one.seat, one.item, one.status) == (seat, event.item, "open") for one in running):
        yield "7: the same question was asked twice"


def an_open_question_is_answered(step: Step, command: Any, event: Any) -> Breach:
    question = _question(step, event.query)
    if question is None or question.status != "open" or command.query != event.query:
        yield "an answer to no open question"
    if step.before.place is not Place.DESK and (step.before.back is None or step.before.back.kind != "return"):
        yield "an answer where nobody waits for one"
    if command.person != step.staffing.filler:
        yield "1: somebody else than the filler answered"


def who_asked_closes(step: Step, command: Any, event: Any) -> Breach:
    question = _question(step, event.query)
    if question is None or question.status == "closed" or question.seat != (event.level, event.region):
        yield "a question was closed by who did not ask it, or twice"
    if question is not None and command.query != question.number:
        yield "7: another question was closed than the one named"


def a_claim_is_one_persons_and_lapses(step: Step, command: c.ClaimCase, event: e.Claimed) -> Breach:
    claim = step.before.claim
    if claim is not None and claim[0] != command.person and claim[1] > to_text(step.now):
        yield "a claim was taken over before it lapsed"
    if not to_text(step.now) < event.until <= to_text(step.now + timedelta(hours=2)):
        yield "a claim that does not lapse, or lapsed before it began"


# The province


def only_the_province(step: Step, command: Any, _: Any) -> Breach:
    if _seat(command) != step.before.route[-1]:
        yield "somebody below the province did what is the province's"


def a_disposition_is_proposed_once_where_it_fits(step: Step, command: Any, event: Any) -> Breach:
    if _seat(command) not in step.before.route:
        yield "somebody off the route found something about the unit"
    if step.before.proposal is not None or step.before.place is Place.OUT:
        yield "a proposal beside another one"
    yield from it_fits(step, command, event)


def it_fits(step: Step, _: Any, event: Any) -> Breach:
    if step.before.place in {Place.DESK, Place.DONE} and event.kind not in TAKES_OUT:
        yield "what a unit sent was put away as closed or refused"


def a_disposition_takes_two(step: Step, command: Any, event: Any) -> Breach:
    proposal = step.before.proposal
    if proposal is None or (command.proposal, event.kind) != (proposal[2], proposal[0]):
        yield "7: another disposition was confirmed than the one named"
    elif proposal[1] == command.person:
        yield "a disposition by one person alone"


def a_proposal_is_declined_by_its_author_or_the_province(step: Step, command: Any, _: Any) -> Breach:
    proposal = step.before.proposal
    if proposal is None or proposal[2] != command.proposal:
        yield "7: another proposal was declined than the one named"
    elif proposal[1] != command.person and _seat(command) != step.before.route[-1]:
        yield "a proposal was declined by who has nothing to do with it"


def only_what_is_out_comes_back(step: Step, _: Any, __: Any) -> Breach:
    if step.before.place is not Place.OUT:
        yield "something was reinstated that was not disposed of"


def an_exception_expires(step: Step, _: Any, event: Any) -> Breach:
    if not to_text(step.now) < event.expires <= to_text(step.now + timedelta(days=92)):
        yield "12: an exception in the past, or without end"
    waiting = step.before.asked_for
    if waiting is not None and (waiting.scope, waiting.expires) == (event.scope, event.expires):
        yield "7: the same exception was proposed twice"


def an_exception_takes_two(step: Step, command: Any, event: Any) -> Breach:
    waiting = step.before.asked_for
    if waiting is None or not command.extension == event.extension == waiting.number:
        yield "12: another exception was granted than the one named"
    elif waiting.person == command.person:
        yield "12: an exception by one person alone"
    elif waiting.expires <= to_text(step.now):
        yield "12: an exception was granted that has expired"


def a_body_of_the_route_waives(step: Step, command: Any, _: Any) -> Breach:
    if _seat(command) not in step.before.route:
        yield "a rule was waived by who has nothing to do with it"


def a_waiver_is_of_one_rule_and_expires(step: Step, _: Any, event: e.WaiverProposed) -> Breach:
    if not event.rule:
        yield "no rule in particular was waived"
    if not to_text(step.now) < event.expires <= to_text(step.now + timedelta(days=92)):
        yield "a waiver in the past, or without end"


def a_waiver_takes_two(step: Step, command: c.ConfirmWaiver, event: e.WaiverConfirmed) -> Breach:
    proposed = next((one for one in step.before.waived if one.number == command.waiver), None)
    if proposed is None or (event.rule, event.waiver) != (proposed.rule, proposed.number):
        yield "another waiver was confirmed than the one named"
    elif command.person in {proposed.person, proposed.by}:
        yield "a waiver by one person alone"
    elif proposed.expires <= to_text(step.now):
        yield "a waiver was confirmed that has expired"


def a_move_stays_in_the_province(step: Step, _: Any, event: e.Moved) -> Breach:
    if not event.route or event.route[-1] != step.before.route[-1]:
        yield "a unit was moved out of the province"
    if event.route == step.before.route:
        yield "7: a unit was moved to where it is"
    if step.before.place in {Place.DONE, Place.OUT}:
        yield "a unit was moved that nobody has to act on"


def a_move_keeps_what_both_routes_agree_on(step: Step, _: Any, event: e.Moved) -> Breach:
    agreed = [word for old, new, word in zip(step.before.route, event.route, step.before.passed, strict=False)]
    for old, new, word in zip(step.before.route, event.route, step.before.passed, strict=False):
        if old != new:
            agreed = agreed[: step.before.passed.index(word)]
            break
    if [one.event_number for one in step.after.decisions] != [word.number for word in agreed]:
        yield "a move kept a decision of who has gone, or voided one of who has stayed"


# The calendar


def each_step_reminds_once_and_only_who_has_it(step: Step, _: Any, event: Any) -> Breach:
    if event.step in step.before.told:
        yield "somebody was reminded twice at one step"
    yield from somebody_has_it(step, _, event)


def a_deadline_passes_once(step: Step, _: Any, event: Any) -> Breach:
    if step.before.overdue:
        yield "a deadline passed twice"
    yield from somebody_has_it(step, _, event)


def somebody_has_it(step: Step, _: Any, __: Any) -> Breach:
    if step.before.place in {Place.DONE, Place.OUT}:
        yield "the calendar went on after the last owner was done"


def it_names_the_present_owner(step: Step, _: Any, event: e.DeadlinePassed) -> Breach:
    if event.level != (step.before.turn[0] if step.before.turn else ""):
        yield "a deadline passed for somebody else"


DECISION = (it_is_about_what_was_shown, nobody_decides_on_his_own_filing, nobody_decides_at_two_levels)
LAWS: Mapping[type[Event], tuple[Callable[[Step, Any, Any], Breach], ...]] = {
    e.FilingExpected: (),
    e.DraftStarted: (only_the_unit_writes_and_only_while_it_has_it, a_draft_starts_with_a_save),
    e.Submitted: (
        only_the_unit_writes_and_only_while_it_has_it,
        a_revision_is_sealed_as_it_was_shown_and_stays,
        nothing_fatal_or_unexplained_is_sealed_or_accepted,
        a_changed_item_ends_its_questions_and_no_other,
    ),
    e.Withdrawn: (a_unit_withdraws_before_anybody_acted,),
    e.LevelAccepted: (
        it_lies_on_the_desk_of_who_decides,
        *DECISION,
        nothing_fatal_or_unexplained_is_sealed_or_accepted,
        what_is_firm_is_cleared_first,
        questions_and_children_are_waited_for,
    ),
    e.Returned: (
        it_lies_on_the_desk_of_who_decides,
        *DECISION,
        a_return_has_reason_and_items_and_reaches_the_filler,
    ),
    e.Reopened: (
        only_what_is_accepted_is_reopened,
        *DECISION,
        a_return_has_reason_and_items_and_reaches_the_filler,
    ),
    e.DecisionUndone: (it_is_about_what_was_shown, a_decision_is_undone_by_its_author_before_anybody_acted),
    e.QueryAsked: (
        it_is_about_what_was_shown,
        nobody_decides_on_his_own_filing,
        a_level_asks_about_what_it_has_before_it,
    ),
    e.QueryAnswered: (an_open_question_is_answered,),
    e.QueryClosed: (who_asked_closes,),
    e.Claimed: (it_lies_on_the_desk_of_who_decides, *DECISION, a_claim_is_one_persons_and_lapses),
    e.WaiverProposed: (
        it_is_about_what_was_shown,
        nobody_decides_on_his_own_filing,
        a_body_of_the_route_waives,
        a_waiver_is_of_one_rule_and_expires,
    ),
    e.WaiverConfirmed: (nobody_decides_on_his_own_filing, a_body_of_the_route_waives, a_waiver_takes_two),
    e.DispositionProposed: (a_disposition_is_proposed_once_where_it_fits,),
    e.DispositionConfirmed: (only_the_province, a_disposition_takes_two, it_fits),
    e.DispositionDeclined: (a_proposal_is_declined_by_its_author_or_the_province,),
    e.Reinstated: (only_the_province, only_what_is_out_comes_back),
    e.ExtensionProposed: (only_the_province, an_exception_expires),
    e.ExtensionGranted: (only_the_province, an_exception_takes_two),
    e.Moved: (only_the_province, a_move_stays_in_the_province, a_move_keeps_what_both_routes_agree_on),
    e.Reminded: (each_step_reminds_once_and_only_who_has_it,),
    e.DeadlinePassed: (a_deadline_passes_once, it_names_the_present_owner),
}


# What holds in every state


def wrong_in(state: State, ledger: Ledger, now: datetime) -> Breach:
    """Each way in which a state is not what its history says, or has nobody to act on it (invariants 2, 9, 11, 15)."""
    for what, says, happened in _compared(state, ledger, now):
        if says != happened:
            yield f"15: {what}: the state says {says}, the history {happened}"
    if state.stage in {Stage.ACCEPTED, Stage.DISPOSED}:
        return
    duty = duty_of(state, CALENDAR)
    if duty is None or (duty.body is None) == (ledger.place is Place.DESK):
        yield "9: an open state has no owner, or the wrong one"
    elif not state.overdue and next_moment(state, CALENDAR) is None:
        yield "9: nobody will look at an open state when its time has passed"


def _compared(state: State, ledger: Ledger, now: datetime) -> Iterator[tuple[str, object, object]]:
    stands = state.in_tables
    yield "the revision", (state.revision, state.revision_hash), _latest_seal(ledger)
    yield "the route", tuple((body.level.value, body.region) for body in state.route), ledger.route
    yield "who has it", _place(state), ledger.place
    yield "whose turn", (state.turn.level.value, state.turn.region) if state.turn else None, ledger.turn
    yield "the filers", state.filers, tuple(sorted({person for person, _ in ledger.sealed}))
    words = (*ledger.passed, ledger.back) if ledger.back and ledger.place is Place.UNIT else ledger.passed
    yield "the decisions", tuple(map(_decided, state.standing)), tuple(map(_said, words))
    yield "the queries", tuple(map(_asked, state.queries)), tuple(map(_questioned, ledger.questions))
    yield "the tables", (stands.revision, stands.event_number) if stands else None, ledger.in_tables
    yield "the reminders", (state.reminders, state.overdue), (ledger.told, ledger.overdue)
    disposition = state.disposition
    waiting = disposition if disposition and not disposition.confirmed_by else None
    proposal = (waiting.kind.value, waiting.proposed_by, waiting.event_number) if waiting else None
    yield "the proposal", proposal, ledger.proposal
    yield "the disposition", disposition.kind.value if disposition and disposition.confirmed_by else "", ledger.out
    granted = state.extension.in_force(now) if state.extension else None
    leave = ledger.granted if ledger.granted and ledger.granted.expires > to_text(now) else None
    yield "the exception", granted and granted.event_number, leave and leave.number
    waivers = tuple(
        (one.rule, to_text(one.expires), one.proposed_by, one.event_number, one.confirmed_by) for one in state.waivers
    )
    yield (
        "the waivers",
        waivers,
        tuple((one.rule, one.expires, one.person, one.number, one.by) for one in ledger.waived),
    )
    yield "the claim", (state.claim.person, to_text(state.claim.until)) if state.claim else None, ledger.claim


def _latest_seal(ledger: Ledger) -> tuple[int, str]:
    return (len(ledger.sealed), ledger.sealed[-1][1]) if ledger.sealed else (0, "")


def _place(state: State) -> Place:
    places = {Stage.IN_REVIEW: Place.DESK, Stage.ACCEPTED: Place.DONE, Stage.DISPOSED: Place.OUT}
    return places.get(state.stage, Place.UNIT)


def _decided(decision: Decision) -> tuple[object, ...]:
    return (decision.accepted, decision.person, decision.level.value, decision.region, decision.event_number)


def _said(word: Word) -> tuple[object, ...]:
    return (word.kind == "accept", word.person, word.level, word.region, word.number)


def _asked(query: Query) -> tuple[object, ...]:
    return (query.number, query.level.value, query.region, query.revision, query.item, query.status.value, query.answer)


def _questioned(one: Question) -> tuple[object, ...]:
    return (one.number, one.level, one.region, one.revision, one.item, one.status, one.answer)


def _seat(command: Any) -> tuple[str, str]:
    return (command.body.level.value, command.body.region)


def _question(step: Step, number: int) -> Question | None:
    return next((one for one in step.before.questions if one.number == number), None)


# Invariant 7


def second_time(command: Command, outcome: Any, after: State) -> Breach:
    """What is broken if the same command, given again right after it was taken, is taken again."""
    if isinstance(command, (c.Save, c.ClaimCase)):
        return
    if not isinstance(outcome, Refusal):
        yield f"7: the same {type(command).__name__} twice was twice"
    elif isinstance(command, (c.Accept, c.Return)):
        yield from _names_the_winner(command, outcome, after)


def too_late(winner: c.Accept | c.Return, outcome: Any, after: State) -> Breach:
    """What is broken if another decision at the same desk, on the same revision, is taken after `winner`."""
    if not isinstance(outcome, Refusal):
        yield "7: two decisions at one desk"
    else:
        yield from _names_the_winner(winner, outcome, after)


def _names_the_winner(winner: c.Accept | c.Return, refusal: Refusal, after: State) -> Breach:
    told = refusal.decision
    is_told = told is not None and (told.person, told.body, told.accepted) == (
        winner.person,
        winner.body,
        isinstance(winner, c.Accept),
    )
    if refusal.code is not RefusalCode.ALREADY_DECIDED or not is_told:
        yield f"7: the loser is told {refusal.code}, not who won"


__all__ = ["Step", "breaches", "second_time", "too_late", "wrong_in"]
