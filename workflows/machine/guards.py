"""The guards of the review machine: each says in one place why a command may not be. A guard answers with a refusal or
None; the order in which a command meets its guards stands in `table`.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from workflows.machine.commands import (
    Accept,
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
    Remind,
    Reopen,
    Return,
    Save,
    Submit,
    Undo,
    Withdraw,
)
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import (
    Decision,
    DispositionKind,
    Extension,
    ExtensionScope,
    QueryStatus,
    Stage,
    State,
    Waiver,
)
from workflows.routes import Body

Guard = Callable[[State, Any, Circumstances], Refusal | None]

MOST_QUERIES = 20
"""Queries of one revision that are not closed, at most: more is a return."""
LONGEST_CLAIM = timedelta(hours=2)
LONGEST_EXTENSION = timedelta(days=92)
REVIEWING = (Accept, Return, Ask, CloseQuery, ClaimCase, Undo, ProposeWaiver, ConfirmWaiver)
"""What an exception for reviewing only lets move."""


def moves_before_the_close_or_by_exception(state: State, command: Command, now: Circumstances) -> Refusal | None:
    """After the close nothing moves without a recorded exception (invariant 12)."""
    if not now.closed or _is_let(state.extension, command, now):
        return None
    return Refusal(RefusalCode.COLLECTION_CLOSED)


def _is_let(extension: Extension | None, command: Command, now: Circumstances) -> bool:
    granted = extension.in_force(now.at) if extension else None
    if granted is None:
        return False
    return granted.scope is ExtensionScope.FILING or isinstance(command, (*REVIEWING, Answer))


def only_who_refused_files_after_a_disposition(state: State, _: Save | Submit, __: Circumstances) -> Refusal | None:
    """A unit recorded as closed or out of scope files nothing; one that refused may still come round."""
    return None if state.editable else Refusal(RefusalCode.DISPOSED)


def is_on_this_revision(
    state: State, command: Accept | Return | Ask | ClaimCase | Undo | Withdraw | ProposeWaiver, _: Circumstances
) -> Refusal | None:
    """A decision is about the revision its author was shown, to the byte (invariants 3, 4)."""
    shown = getattr(command, "revision_hash", state.revision_hash)
    if (command.revision, shown) == (state.revision, state.revision_hash):
        return None
    return Refusal(RefusalCode.OVERTAKEN)


def is_in_turn(state: State, command: Accept | Return | ClaimCase, _: Circumstances) -> Refusal | None:
    """A level decides when every lower level has accepted, and once (invariants 3, 7)."""
    if command.body == state.turn:
        return None
    earlier = state.decision_of(command.body.level) if command.body in state.route else None
    if earlier is not None:
        return Refusal(RefusalCode.ALREADY_DECIDED, earlier)
    return Refusal(RefusalCode.NOT_YET if command.body in state.route else RefusalCode.NOT_ON_ROUTE)


def is_on_the_route(
    state: State, command: ProposeDisposition | ProposeWaiver | ConfirmWaiver | Undo, _: Circumstances
) -> Refusal | None:
    """Only a body of the route finds or waives anything about the unit, or takes it back."""
    return None if command.body in state.route else Refusal(RefusalCode.NOT_ON_ROUTE)


def has_not_passed_it_on(state: State, command: Ask, _: Circumstances) -> Refusal | None:
    """A level asks while the return is at its desk or still below; what it accepted it has answered for."""
    if command.body not in state.route:
        return Refusal(RefusalCode.NOT_ON_ROUTE)
    earlier = state.decision_of(command.body.level)
    return Refusal(RefusalCode.ALREADY_DECIDED, earlier) if earlier else None


def is_not_his_own_filing(
    state: State,
    command: Accept | Return | Ask | ClaimCase | Reopen | ProposeWaiver | ConfirmWaiver,
    _: Circumstances,
) -> Refusal | None:
    """Nobody decides on what he filed himself (invariant 8)."""
    return Refusal(RefusalCode.OWN_FILING) if command.person in state.filers else None


def has_not_decided_at_another_level(
    state: State, command: Accept | Return | ClaimCase | Reopen, _: Circumstances
) -> Refusal | None:
    """Nobody decides at two levels of one route (invariant 8); the province may reopen what it accepted itself."""
    elsewhere = (
        decision for decision in state.decisions if decision.person == command.person and decision.body != command.body
    )
    return Refusal(RefusalCode.TWO_LEVELS) if next(elsewhere, None) else None


def names_reason_and_items(_: State, command: Return | Reopen, __: Circumstances) -> Refusal | None:
    """A return has a coded reason and names at least one item or rule (invariant 5)."""
    return None if command.reason and command.items else Refusal(RefusalCode.INCOMPLETE)


def names_an_item(_: State, command: Ask, __: Circumstances) -> Refusal | None:
    """A query is about one item."""
    return None if command.item else Refusal(RefusalCode.INCOMPLETE)


def meets_every_fatal_rule(_: State, command: Submit | Accept, __: Circumstances) -> Refusal | None:
    """A fatal rule of the stamped rule set blocks sending, and is run again at each acceptance (invariant 13)."""
    return Refusal(RefusalCode.FATAL_FINDINGS) if command.fatal else None


def explains_what_fired(_: State, command: Submit | Accept, __: Circumstances) -> Refusal | None:
    """Every fired firm or query rule has a live explanation (invariant 14)."""
    return Refusal(RefusalCode.UNEXPLAINED) if command.unexplained else None


def clears_firm_rules_at_the_first_level(state: State, command: Accept, now: Circumstances) -> Refusal | None:
    """表内审核须无准强制性错误: what is firm is cleared or waived before the first acceptance."""
    waived = {waiver.rule for waiver in state.waivers if waiver.is_live(now.at)}
    stands = not waived.issuperset(command.firm)
    return Refusal(RefusalCode.FIRM_FINDINGS) if stands and not state.decisions else None


def waives_something_new(state: State, command: ProposeWaiver, now: Circumstances) -> Refusal | None:
    """A second click proposes nothing a second time, and what is waived needs no second waiver."""
    if not command.rule:
        return Refusal(RefusalCode.INCOMPLETE)
    stands = state.waiver(command.rule)
    if stands is None or now.at >= stands.expires:
        return None
    if stands.confirmed_by:
        return Refusal(RefusalCode.ALREADY_DONE, person=stands.confirmed_by)
    is_same = stands.expires == command.expires
    return Refusal(RefusalCode.ALREADY_PROPOSED, person=stands.proposed_by) if is_same else None


def has_a_waiver_to_confirm(state: State, command: ConfirmWaiver, now: Circumstances) -> Refusal | None:
    """What he was shown was proposed on this revision, has not expired, and was not confirmed before."""
    waiver = _waiver(state, command)
    if waiver is None:
        return Refusal(RefusalCode.NOTHING_PROPOSED)
    if waiver.confirmed_by:
        return Refusal(RefusalCode.ALREADY_DONE, person=waiver.confirmed_by)
    return Refusal(RefusalCode.EXPIRED) if now.at >= waiver.expires else None


def is_another_person_than_who_would_waive(state: State, command: ConfirmWaiver, _: Circumstances) -> Refusal | None:
    """Two people waive a firm rule, or nobody does."""
    waiver = _waiver(state, command)
    is_same = waiver is not None and waiver.proposed_by == command.person
    return Refusal(RefusalCode.SAME_PERSON) if is_same else None


def _waiver(state: State, command: ConfirmWaiver) -> Waiver | None:
    return next((waiver for waiver in state.waivers if waiver.event_number == command.waiver), None)


def has_the_children_it_waits_for(_: State, command: Accept, __: Circumstances) -> Refusal | None:
    """An upper level may be set to wait for a defined set of returns below (`routes.yaml`)."""
    return Refusal(RefusalCode.CHILDREN_MISSING) if command.missing_children else None


def has_its_queries_answered(state: State, command: Accept, _: Circumstances) -> Refusal | None:
    """Whoever asks waits for the answer, or takes the question back, before he accepts."""
    waiting = (query for query in state.queries if query.body == command.body and query.status is QueryStatus.OPEN)
    return Refusal(RefusalCode.QUERY_OPEN) if next(waiting, None) else None


def asks_something_new(state: State, command: Ask, _: Circumstances) -> Refusal | None:
    """A second click asks nothing a second time: a body has one open question about an item."""
    asked = any(
        (query.body, query.item, query.status) == (command.body, command.item, QueryStatus.OPEN)
        for query in state.queries
    )
    return Refusal(RefusalCode.ALREADY_DONE) if asked else None


def does_not_ask_without_end(state: State, _: Ask, __: Circumstances) -> Refusal | None:
    """Bounded input: a filler with more open questions than this gets a return instead."""
    count = sum(1 for query in state.queries if query.status is not QueryStatus.CLOSED)
    return Refusal(RefusalCode.TOO_MANY_QUERIES) if count >= MOST_QUERIES else None


def answers_an_open_query(state: State, command: Answer, _: Circumstances) -> Refusal | None:
    """An answer is given once, to a question that stands."""
    query = state.query(command.query)
    if query is None:
        return Refusal(RefusalCode.QUERY_UNKNOWN)
    return None if query.status is QueryStatus.OPEN else Refusal(RefusalCode.ALREADY_DONE)


def closes_its_own_query(state: State, command: CloseQuery, _: Circumstances) -> Refusal | None:
    """Only the body that asked is content or not; another of its seat may say so for it."""
    query = state.query(command.query)
    if query is None or query.body != command.body:
        return Refusal(RefusalCode.QUERY_UNKNOWN)
    return Refusal(RefusalCode.ALREADY_DONE) if query.status is QueryStatus.CLOSED else None


def is_not_under_review_yet(state: State, _: Withdraw, __: Circumstances) -> Refusal | None:
    """A unit takes back what it sent until the first decision or query on that revision."""
    if state.decisions:
        return Refusal(RefusalCode.UNDER_REVIEW, state.decisions[0])
    asked = any(query.revision == state.revision for query in state.queries)
    return Refusal(RefusalCode.UNDER_REVIEW) if asked else None


def is_not_claimed_by_another(state: State, command: ClaimCase, now: Circumstances) -> Refusal | None:
    """One at a time marks that he is on it; the mark lapses by itself."""
    claim = state.claim
    if claim is not None and claim.person != command.person and now.at < claim.until:
        return Refusal(RefusalCode.CLAIMED, person=claim.person)
    return None if now.at < command.until <= now.at + LONGEST_CLAIM else Refusal(RefusalCode.INCOMPLETE)


def latest_decision(state: State) -> Decision | None:
    """The decision that stands last: a return or reopening while it waits for its answer, else an acceptance."""
    return state.standing[-1] if state.standing else None


def undoes_his_own_latest_decision(state: State, command: Undo, _: Circumstances) -> Refusal | None:
    """A person takes back his own decision and nobody else's, and only the one that stands last."""
    if state.standing_decision(command.decision) is None:
        return Refusal(RefusalCode.ALREADY_DONE)
    latest = latest_decision(state)
    if (
        latest is None
        or latest.event_number != command.decision
        or latest.person != command.person
        or latest.body != command.body
    ):
        return Refusal(RefusalCode.NOT_YOURS, latest)
    return None


def comes_before_the_next_level_acts(state: State, command: Undo, _: Circumstances) -> Refusal | None:
    """Once a level above has asked about what was passed to it, the decision below stands."""
    latest = latest_decision(state)
    since = latest.event_number if latest else 0
    asked = (query for query in state.queries if query.number > since and query.body != command.body)
    acted = next(asked, None)
    return Refusal(RefusalCode.NEXT_ACTED, person=acted.person) if acted else None


def comes_before_the_filler_acts(state: State, _: Undo, __: Circumstances) -> Refusal | None:
    """Once the filler has begun to correct, the return stands."""
    is_answered = state.correcting and state.stage in {Stage.RETURNED, Stage.REOPENED}
    return Refusal(RefusalCode.FILLER_ACTED) if is_answered else None


def comes_before_a_table_uses_it(state: State, command: Undo, _: Circumstances) -> Refusal | None:
    """The province's acceptance stands once a table was built on it (invariant 11); after that it is reopened."""
    is_used = command.in_a_table and state.stage is Stage.ACCEPTED
    return Refusal(RefusalCode.IN_A_TABLE) if is_used else None


def is_of_the_province(state: State, command: Any, _: Circumstances) -> Refusal | None:
    """Only the last body of the route, or provincial staff."""
    body: Body = command.body
    return None if body == state.route[-1] else Refusal(RefusalCode.NOT_ON_ROUTE)


def fits_where_it_stands(state: State, command: ProposeDisposition, _: Circumstances) -> Refusal | None:
    """What a unit already sent is reviewed, unless it should never have been asked for."""
    return None if command.kind in fitting_kinds(state) else Refusal(RefusalCode.UNFIT_DISPOSITION)


def fitting_kinds(state: State) -> frozenset[DispositionKind]:
    """The findings that make sense where the submission stands."""
    if state.stage in {Stage.ACCEPTED, Stage.IN_REVIEW}:
        return frozenset(kind for kind in DispositionKind if kind.takes_out)
    return frozenset(DispositionKind)


def proposes_something_new(state: State, _: ProposeDisposition, __: Circumstances) -> Refusal | None:
    """One proposal at a time."""
    standing = state.disposition
    return Refusal(RefusalCode.ALREADY_PROPOSED, person=standing.proposed_by) if standing else None


def has_this_proposal(
    state: State, command: ConfirmDisposition | DeclineDisposition, _: Circumstances
) -> Refusal | None:
    """What he was shown still waits: another may have come in its place meanwhile."""
    proposal = state.disposition
    is_there = proposal is not None and proposal.event_number == command.proposal
    return None if is_there else Refusal(RefusalCode.NOTHING_PROPOSED)


def is_who_proposed_or_of_the_province(state: State, command: DeclineDisposition, _: Circumstances) -> Refusal | None:
    """A proposal is taken back by its author, or not followed by the province."""
    proposal = state.disposition
    is_author = proposal is not None and proposal.proposed_by == command.person
    return None if is_author or command.body == state.route[-1] else Refusal(RefusalCode.NOT_YOURS)


def confirms_what_still_fits(state: State, _: ConfirmDisposition, __: Circumstances) -> Refusal | None:
    """The return may have moved since somebody proposed it."""
    proposal = state.disposition
    is_fit = proposal is None or proposal.kind in fitting_kinds(state)
    return None if is_fit else Refusal(RefusalCode.UNFIT_DISPOSITION)


def is_another_person(state: State, command: ConfirmDisposition, _: Circumstances) -> Refusal | None:
    """Proposed by one, confirmed by another."""
    proposal = state.disposition
    is_same = proposal is not None and proposal.proposed_by == command.person
    return Refusal(RefusalCode.SAME_PERSON) if is_same else None


def names_a_time_to_come(_: State, command: ProposeExtension | ProposeWaiver, now: Circumstances) -> Refusal | None:
    """An exception expires, and not in the past."""
    is_bounded = now.at < command.expires <= now.at + LONGEST_EXTENSION
    return None if is_bounded else Refusal(RefusalCode.EXPIRED)


def proposes_another_extension(state: State, command: ProposeExtension, _: Circumstances) -> Refusal | None:
    """A second click proposes nothing a second time."""
    waiting = state.extension
    if waiting is None or waiting.granted_by or (waiting.scope, waiting.expires) != (command.scope, command.expires):
        return None
    return Refusal(RefusalCode.ALREADY_PROPOSED, person=waiting.proposed_by)


def has_an_extension_to_grant(state: State, command: GrantExtension, now: Circumstances) -> Refusal | None:
    """What he was shown was proposed, has not expired, and was not granted before."""
    extension = state.extension
    if extension is None or extension.event_number != command.extension:
        return Refusal(RefusalCode.NOTHING_PROPOSED)
    if extension.granted_by:
        return Refusal(RefusalCode.ALREADY_DONE, person=extension.granted_by)
    return Refusal(RefusalCode.EXPIRED) if now.at >= extension.expires else None


def is_another_person_than_who_proposed(state: State, command: GrantExtension, _: Circumstances) -> Refusal | None:
    """The approver of an exception is not its proposer (invariant 12)."""
    extension = state.extension
    is_same = extension is not None and extension.proposed_by == command.person
    return Refusal(RefusalCode.SAME_PERSON) if is_same else None


def stays_in_the_province(state: State, command: Move, _: Circumstances) -> Refusal | None:
    """A move is to another county within the province; who leaves it has a disposition of its own."""
    if not command.route or command.route[-1] != state.route[-1]:
        return Refusal(RefusalCode.OTHER_PROVINCE)
    return Refusal(RefusalCode.SAME_ROUTE) if command.route == state.route else None


def reminds_once_at_a_step(state: State, command: Remind, _: Circumstances) -> Refusal | None:
    """Each step of the calendar reminds its owner once."""
    return Refusal(RefusalCode.ALREADY_DONE) if command.step in state.reminders else None


def passes_once(state: State, _: PassDeadline, __: Circumstances) -> Refusal | None:
    """A deadline passes once for each owner."""
    return Refusal(RefusalCode.ALREADY_DONE) if state.overdue else None
