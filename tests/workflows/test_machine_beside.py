"""What happens beside filing and deciding: questions, claims, dispositions, exceptions, moves, the calendar."""

from datetime import timedelta

import pytest

from tests.workflows.machine_cases import (
    ACCEPTED,
    AT,
    CITY,
    CLOSED,
    COUNTY,
    DRAFT,
    IN_REVIEW,
    NOT_STARTED,
    OPEN,
    OTHER,
    PROVINCE,
    REOPENED,
    RETURNED,
    ROUTE,
    WEEK,
    accept,
    after,
    ask,
    disposed,
    except_,
    excepted,
    propose,
    reopen,
    seal,
    send_back,
    undo,
)
from workflows.machine import commands as c
from workflows.machine import decide, evolve
from workflows.machine import events as e
from workflows.machine.commands import Circumstances, Command
from workflows.machine.guards import MOST_QUERIES
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import (
    Acceptance,
    Claim,
    DispositionKind,
    ExtensionScope,
    Query,
    QueryStatus,
    Stage,
    State,
)
from workflows.routes import Body, ReviewLevel

HOUR = timedelta(hours=1)
GRANTED = e.ExtensionGranted("p", "9", 3)
ASKED = after(IN_REVIEW, ask(COUNTY))
ANSWER = c.Answer("filler", 4, "w")
MOVE = c.Move("office-1", PROVINCE, (OTHER, CITY, PROVINCE))


def refusal(state: State, command: Command, now: Circumstances = OPEN) -> Refusal:
    """Why the command is not taken."""
    outcome = decide(state, command, now)
    assert isinstance(outcome, Refusal)
    return outcome


def close(body: Body = COUNTY, query: int = 4) -> c.CloseQuery:
    return c.CloseQuery(f"p-{body.region}", body, query)


# Queries


def test_a_question_is_about_one_item_and_knows_who_asked_when() -> None:
    (query,) = ASKED.queries
    assert query == Query(4, "p-990101", ReviewLevel.COUNTY, "990101", 1, "cost_total", AT, QueryStatus.OPEN, 0)
    assert (query.body, ASKED.query(4), ASKED.query(5)) == (COUNTY, query, None)
    assert refusal(IN_REVIEW, ask(COUNTY, item="")).code is RefusalCode.INCOMPLETE


def test_a_level_asks_while_the_return_is_below_it_and_not_after_passing_it_on() -> None:
    assert after(IN_REVIEW, ask(PROVINCE)).turn == COUNTY
    passed = after(IN_REVIEW, accept(COUNTY))
    assert refusal(passed, ask(COUNTY)) == Refusal(RefusalCode.ALREADY_DECIDED, passed.decisions[0])
    assert refusal(IN_REVIEW, ask(OTHER)).code is RefusalCode.NOT_ON_ROUTE
    assert refusal(IN_REVIEW, ask(COUNTY, person="filler")).code is RefusalCode.OWN_FILING
    assert refusal(IN_REVIEW, ask(COUNTY, revision=2)).code is RefusalCode.OVERTAKEN


def test_a_level_has_one_open_question_about_an_item() -> None:
    assert refusal(ASKED, ask(COUNTY)).code is RefusalCode.ALREADY_DONE
    assert len(after(ASKED, ask(COUNTY, "grants"), ask(CITY)).queries) == 3
    assert len(after(ASKED, ANSWER, ask(COUNTY)).queries) == 2


def test_a_filler_is_not_asked_without_end() -> None:
    state = after(IN_REVIEW, *(ask(COUNTY, f"item-{number}") for number in range(MOST_QUERIES)))
    assert refusal(state, ask(CITY)).code is RefusalCode.TOO_MANY_QUERIES
    assert len(after(state, close(), ask(CITY)).queries) == MOST_QUERIES + 1


def test_an_answer_is_bound_to_the_content_it_explains() -> None:
    assert decide(ASKED, ANSWER, OPEN) == (e.QueryAnswered("filler", 4, 1, "h1", "w"),)
    (query,) = after(ASKED, ANSWER).queries
    assert (query.status, query.answer) == (QueryStatus.ANSWERED, 5)
    assert refusal(after(ASKED, ANSWER), ANSWER).code is RefusalCode.ALREADY_DONE
    assert refusal(ASKED, c.Answer("filler", 3, "w")).code is RefusalCode.QUERY_UNKNOWN


def test_a_question_ends_with_the_value_it_is_about_and_stands_otherwise() -> None:
    sent_back = after(ASKED, ask(CITY, "grants"), ANSWER, send_back(COUNTY))
    corrected = after(sent_back, seal(2, changed=("grants",)))
    assert [(query.item, query.status) for query in corrected.queries] == [("cost_total", QueryStatus.ANSWERED)]
    assert after(sent_back, seal(2, changed=("cost_total", "grants"))).queries == ()


def test_who_asked_waits_for_the_answer_or_takes_the_question_back() -> None:
    assert refusal(ASKED, accept(COUNTY)).code is RefusalCode.QUERY_OPEN
    assert after(ASKED, ANSWER, accept(COUNTY)).turn == CITY
    assert after(ASKED, close(), accept(COUNTY)).turn == CITY
    assert after(after(IN_REVIEW, ask(CITY)), accept(COUNTY)).turn == CITY, "the question is another level's"


def test_an_acceptance_closes_the_questions_of_its_level_only() -> None:
    state = after(ASKED, ask(CITY), ANSWER, accept(COUNTY))
    assert [query.status for query in state.queries] == [QueryStatus.CLOSED, QueryStatus.OPEN]


def test_a_question_is_closed_once_by_the_level_that_asked() -> None:
    assert decide(ASKED, close(), OPEN) == (e.QueryClosed("p-990101", "county", "990101", 4),)
    assert refusal(ASKED, close(CITY)).code is RefusalCode.QUERY_UNKNOWN
    assert refusal(ASKED, close(query=3)).code is RefusalCode.QUERY_UNKNOWN
    assert refusal(after(ASKED, close()), close()).code is RefusalCode.ALREADY_DONE


def test_a_unit_takes_nothing_back_that_it_was_asked_about() -> None:
    assert refusal(ASKED, c.Withdraw("filler", 1)) == Refusal(RefusalCode.UNDER_REVIEW)
    carried = after(ASKED, send_back(COUNTY), seal(2))
    assert after(carried, c.Withdraw("filler", 2)).stage is Stage.DRAFT, "the question is about the first revision"


def test_an_acceptance_stands_once_the_next_level_has_asked() -> None:
    asked_before = after(IN_REVIEW, ask(PROVINCE), accept(COUNTY))
    assert after(asked_before, undo(asked_before)).turn == COUNTY
    asked_since = after(IN_REVIEW, accept(COUNTY), ask(CITY))
    assert refusal(asked_since, undo(asked_since)) == Refusal(RefusalCode.NEXT_ACTED, person="p-990100")


def test_to_answer_a_question_is_to_act_on_the_return() -> None:
    state = after(ASKED, send_back(COUNTY), ANSWER)
    assert refusal(state, undo(state)).code is RefusalCode.FILLER_ACTED
    assert not after(ASKED, ANSWER).correcting


# Claims


def claim(until: timedelta = HOUR, person: str = "p-990101", body: Body = COUNTY) -> c.ClaimCase:
    return c.ClaimCase(person, body, 1, AT + until)


def test_a_claim_shows_who_is_on_it_and_lapses() -> None:
    state = after(IN_REVIEW, claim())
    assert state.claim == Claim("p-990101", "990101", AT + HOUR)
    assert refusal(state, claim(person="other")) == Refusal(RefusalCode.CLAIMED, person="p-990101")
    later = Circumstances(AT + HOUR)
    assert after(state, claim(2 * HOUR, "other"), now=later).claim == Claim("other", "990101", AT + 2 * HOUR)
    assert after(state, claim(2 * HOUR)).claim == Claim("p-990101", "990101", AT + 2 * HOUR)


def test_a_claim_hinders_nobody_from_deciding_and_ends_with_the_decision() -> None:
    state = after(IN_REVIEW, claim())
    assert after(state, accept(COUNTY, "other")).claim is None


@pytest.mark.parametrize("until", [timedelta(0), -HOUR, timedelta(hours=2, seconds=1)])
def test_a_claim_has_an_end_within_two_hours(until: timedelta) -> None:
    assert refusal(IN_REVIEW, claim(until)).code is RefusalCode.INCOMPLETE
    assert after(IN_REVIEW, claim(2 * HOUR)).claim is not None


def test_only_who_may_decide_claims() -> None:
    assert refusal(IN_REVIEW, claim(body=CITY)).code is RefusalCode.NOT_YET
    assert refusal(IN_REVIEW, claim(person="filler")).code is RefusalCode.OWN_FILING
    passed = after(IN_REVIEW, accept(COUNTY, "both"))
    assert refusal(passed, claim(person="both", body=CITY)).code is RefusalCode.TWO_LEVELS


# Dispositions


def confirm(state: State, person: str = "p-990000", body: Body = PROVINCE, proposal: int | None = None) -> Command:
    number = state.disposition.event_number if state.disposition else 0
    return c.ConfirmDisposition(person, body, number if proposal is None else proposal)


def test_a_disposition_is_proposed_by_one_and_confirmed_by_another() -> None:
    state = after(DRAFT, propose(DispositionKind.CLOSED))
    assert state.stage is Stage.DRAFT, "a proposal moves nothing"
    assert decide(state, confirm(state), OPEN) == (e.DispositionConfirmed("p-990000", "990000", "closed"),)
    assert refusal(state, confirm(state, "p-990101")).code is RefusalCode.SAME_PERSON
    assert refusal(state, confirm(state, "p-990100", CITY)).code is RefusalCode.NOT_ON_ROUTE
    assert refusal(state, confirm(state, proposal=9)).code is RefusalCode.NOTHING_PROPOSED
    assert refusal(DRAFT, confirm(DRAFT)).code is RefusalCode.NOTHING_PROPOSED
    done = after(state, confirm(state)).disposition
    assert done is not None
    assert (done.kind, done.proposed_by, done.confirmed_by, done.stage_before) == (
        DispositionKind.CLOSED,
        "p-990101",
        "p-990000",
        Stage.DRAFT,
    )


def test_one_proposal_waits_at_a_time_from_a_body_of_the_route() -> None:
    state = after(DRAFT, propose())
    assert refusal(state, propose(body=CITY)) == Refusal(RefusalCode.ALREADY_PROPOSED, person="p-990101")
    assert refusal(DRAFT, propose(body=OTHER)).code is RefusalCode.NOT_ON_ROUTE


def test_another_proposal_than_the_one_shown_is_not_confirmed() -> None:
    first = after(DRAFT, propose(DispositionKind.CLOSED))
    shown = confirm(first)
    number = first.disposition.event_number if first.disposition else 0
    second = after(first, c.DeclineDisposition("p-990000", PROVINCE, number), propose(DispositionKind.REFUSED))
    assert refusal(second, shown).code is RefusalCode.NOTHING_PROPOSED


@pytest.mark.parametrize("kind", list(DispositionKind))
def test_what_a_unit_sent_is_put_away_only_if_it_should_never_have_been_asked_for(kind: DispositionKind) -> None:
    takes_out = kind in {DispositionKind.OUT_OF_SCOPE, DispositionKind.LEFT_PROVINCE, DispositionKind.DUPLICATE}
    for state in (IN_REVIEW, ACCEPTED):
        outcome = decide(state, propose(kind), OPEN)
        assert (outcome == Refusal(RefusalCode.UNFIT_DISPOSITION)) != takes_out
    for state in (NOT_STARTED, DRAFT, RETURNED, REOPENED):
        assert not isinstance(decide(state, propose(kind), OPEN), Refusal)


def test_a_proposal_that_no_longer_fits_is_not_confirmed() -> None:
    state = after(after(DRAFT, propose(DispositionKind.REFUSED)), seal())
    assert state.disposition is None, "what arrives is not refused"
    sent_back = after(REOPENED, propose(DispositionKind.CLOSED))
    undone = after(sent_back, undo(sent_back))
    assert refusal(undone, confirm(undone)).code is RefusalCode.UNFIT_DISPOSITION


def test_a_proposal_is_declined_by_its_author_or_the_province() -> None:
    state = after(DRAFT, propose())
    number = state.disposition.event_number if state.disposition else 0
    assert decide(state, c.DeclineDisposition("p-990101", COUNTY, number), OPEN) == (
        e.DispositionDeclined("p-990101", "990101", "duplicate"),
    )
    assert after(state, c.DeclineDisposition("p-990000", PROVINCE, number)).disposition is None
    assert refusal(state, c.DeclineDisposition("p-990100", CITY, number)).code is RefusalCode.NOT_YOURS
    assert refusal(state, c.DeclineDisposition("p-990000", PROVINCE, 9)).code is RefusalCode.NOTHING_PROPOSED


def test_figures_of_who_should_never_have_been_asked_leave_the_tables_and_come_back() -> None:
    gone = disposed(ACCEPTED)
    assert (gone.in_tables, gone.accepted) == (None, Acceptance(1, "h1", 6))
    back = after(gone, c.Reinstate("p-990000", PROVINCE, "w"))
    assert (back.stage, back.in_tables, back.disposition) == (Stage.ACCEPTED, Acceptance(1, "h1", 6), None)
    assert disposed(REOPENED, DispositionKind.CLOSED).in_tables is not None, "what was true of an earlier year stays"


def test_who_refused_may_still_come_round_and_nobody_else() -> None:
    refusing = disposed(DRAFT, DispositionKind.REFUSED)
    assert (refusing.refuses, refusing.editable, disposed(DRAFT).editable) == (True, True, False)
    assert after(refusing, seal()).stage is Stage.IN_REVIEW
    assert after(refusing, seal()).disposition is None
    assert decide(refusing, c.Save("filler"), OPEN) == ()
    for command in (c.Save("filler"), seal()):
        assert refusal(disposed(DRAFT), command).code is RefusalCode.DISPOSED


def test_what_the_filler_had_begun_to_correct_he_has_begun_after_a_reinstatement_too() -> None:
    state = after(disposed(after(RETURNED, c.Save("filler"))), c.Reinstate("p-990000", PROVINCE, "w"))
    assert refusal(state, undo(state)).code is RefusalCode.FILLER_ACTED


# Exceptions after the close


def grant(state: State, person: str = "office-2", body: Body = PROVINCE) -> c.GrantExtension:
    return c.GrantExtension(person, body, state.extension.event_number if state.extension else 0)


def test_an_exception_for_filing_lets_everything_move_until_it_expires() -> None:
    state = excepted(DRAFT)
    assert not isinstance(decide(state, seal(), CLOSED), Refusal)
    last, over = AT + WEEK - timedelta(microseconds=1), AT + WEEK
    assert not isinstance(decide(state, seal(), Circumstances(last, closed=True)), Refusal)
    assert refusal(state, seal(), Circumstances(over, closed=True)).code is RefusalCode.COLLECTION_CLOSED


def test_an_exception_for_reviewing_lets_the_route_decide_and_the_unit_only_answer() -> None:
    state = excepted(ASKED, ExtensionScope.REVIEW)
    for command in (ANSWER, close(), send_back(COUNTY), claim(), ask(CITY)):
        assert not isinstance(decide(state, command, CLOSED), Refusal)
    for command in (c.Withdraw("filler", 1), MOVE, propose(), c.PassDeadline()):
        assert refusal(state, command, CLOSED).code is RefusalCode.COLLECTION_CLOSED
    returned = after(state, send_back(COUNTY))
    assert refusal(returned, seal(2), CLOSED).code is RefusalCode.COLLECTION_CLOSED


def test_an_exception_takes_two_people_and_the_one_that_was_shown() -> None:
    state = after(DRAFT, except_())
    assert decide(state, grant(state), CLOSED) == (e.ExtensionGranted("office-2", "990000", 3),)
    assert refusal(state, grant(state, "office-1")).code is RefusalCode.SAME_PERSON
    assert refusal(state, grant(state, body=CITY)).code is RefusalCode.NOT_ON_ROUTE
    assert refusal(DRAFT, grant(DRAFT)).code is RefusalCode.NOTHING_PROPOSED
    assert refusal(state, grant(state), Circumstances(AT + WEEK)).code is RefusalCode.EXPIRED
    granted = after(state, grant(state))
    assert refusal(granted, grant(granted)) == Refusal(RefusalCode.ALREADY_DONE, person="office-2")
    replaced = after(state, except_(ahead=2 * WEEK))
    assert refusal(replaced, grant(state)).code is RefusalCode.NOTHING_PROPOSED


def test_an_exception_that_only_one_proposed_lets_nothing_move() -> None:
    assert refusal(after(DRAFT, except_()), seal(), CLOSED).code is RefusalCode.COLLECTION_CLOSED


@pytest.mark.parametrize("ahead", [timedelta(0), -WEEK, timedelta(days=92, seconds=1)])
def test_an_exception_expires_within_a_season(ahead: timedelta) -> None:
    assert refusal(DRAFT, except_(ahead=ahead)).code is RefusalCode.EXPIRED
    assert after(DRAFT, except_(ahead=timedelta(days=92))).extension is not None


def test_a_second_click_proposes_nothing_a_second_time() -> None:
    state = after(DRAFT, except_())
    assert refusal(state, except_()) == Refusal(RefusalCode.ALREADY_PROPOSED, person="office-1")
    for other in (except_(ahead=2 * WEEK), except_(ExtensionScope.REVIEW)):
        assert not isinstance(decide(state, other, OPEN), Refusal)
    assert not isinstance(decide(excepted(DRAFT), except_(), OPEN), Refusal), "the first was granted meanwhile"


def test_what_two_people_granted_holds_while_another_exception_waits() -> None:
    state = after(excepted(DRAFT), except_(ExtensionScope.REVIEW, 2 * WEEK))
    assert not isinstance(decide(state, seal(), CLOSED), Refusal)
    assert refusal(state, seal(), Circumstances(AT + WEEK, closed=True)).code is RefusalCode.COLLECTION_CLOSED
    narrowed = after(state, grant(state))
    assert refusal(narrowed, seal(), CLOSED).code is RefusalCode.COLLECTION_CLOSED, "two people agreed on less"
    assert narrowed.extension is not None
    assert narrowed.extension.before is None


# Moves


def test_a_move_keeps_the_decisions_that_both_routes_agree_on_from_below() -> None:
    passed = after(IN_REVIEW, accept(COUNTY), accept(CITY))
    straight = c.Move("office-1", PROVINCE, (COUNTY, PROVINCE))
    assert [decision.body for decision in after(passed, straight).decisions] == [COUNTY]
    moved = after(passed, MOVE)
    assert (moved.decisions, moved.turn, moved.revision) == ((), OTHER, 1)


def test_a_move_ends_the_questions_of_who_has_gone() -> None:
    state = after(after(ASKED, ask(CITY)), MOVE)
    assert [query.body for query in state.queries] == [CITY]


def test_whoever_keeps_it_through_a_move_keeps_his_time_too() -> None:
    passed = after(IN_REVIEW, accept(COUNTY), c.Remind("-1d", ("p",), "w"), c.PassDeadline())
    elsewhere = c.Move("office-1", PROVINCE, (COUNTY, PROVINCE))
    kept = after(after(RETURNED, c.Remind("-1d", ("p",), "w")), MOVE)
    assert (kept.reminders, kept.stage) == (("-1d",), Stage.RETURNED)
    gone = after(passed, elsewhere)
    assert (gone.reminders, gone.overdue, gone.turn) == ((), False, PROVINCE)


def test_a_unit_moves_within_the_province_only() -> None:
    abroad = (Body(ReviewLevel.COUNTY, "980101"), Body(ReviewLevel.PROVINCE, "980000"))
    for route in (abroad, ()):
        assert refusal(IN_REVIEW, c.Move("office-1", PROVINCE, route)).code is RefusalCode.OTHER_PROVINCE
    assert refusal(IN_REVIEW, c.Move("office-1", PROVINCE, ROUTE)).code is RefusalCode.SAME_ROUTE
    assert refusal(IN_REVIEW, c.Move("office-1", CITY, MOVE.route)).code is RefusalCode.NOT_ON_ROUTE


def test_a_reopening_undone_after_a_move_leaves_the_return_to_the_bodies_that_have_not_seen_it() -> None:
    moved = after(REOPENED, MOVE)
    state = after(moved, undo(moved))
    assert (state.stage, state.turn, state.in_tables) == (Stage.IN_REVIEW, OTHER, Acceptance(1, "h1", 6))


def test_a_body_that_is_off_the_route_takes_nothing_back() -> None:
    moved = after(RETURNED, MOVE)
    assert refusal(moved, undo(moved)).code is RefusalCode.NOT_ON_ROUTE


# The calendar


def test_a_step_reminds_its_owner_once_and_the_next_owner_anew() -> None:
    step = c.Remind("-1d", ("p",), "w")
    assert decide(DRAFT, step, OPEN) == (e.Reminded("-1d", ("p",), "w"),)
    reminded = after(DRAFT, step)
    assert refusal(reminded, step).code is RefusalCode.ALREADY_DONE
    assert after(reminded, c.Remind("+1d", ("p",), "w")).reminders == ("-1d", "+1d")
    assert after(reminded, seal()).reminders == ()


def test_a_deadline_passes_once_for_whoever_has_it() -> None:
    assert decide(DRAFT, c.PassDeadline(), OPEN) == (e.DeadlinePassed(""),)
    assert decide(IN_REVIEW, c.PassDeadline(), OPEN) == (e.DeadlinePassed("county"),)
    passed = after(IN_REVIEW, c.PassDeadline())
    assert (passed.overdue, refusal(passed, c.PassDeadline()).code) == (True, RefusalCode.ALREADY_DONE)
    assert not after(passed, accept(COUNTY)).overdue


def test_a_reopening_goes_to_the_filler_anew() -> None:
    state = after(after(ACCEPTED, reopen()), c.PassDeadline(), c.Save("filler"))
    assert (state.overdue, state.correcting, state.editable) == (True, True, True)


# What each command says in the chain, and from when on the next owner has it


@pytest.mark.parametrize(
    ("state", "command", "event"),
    [
        (IN_REVIEW, ask(COUNTY), e.QueryAsked("p-990101", "county", "990101", 1, "cost_total", "w")),
        (IN_REVIEW, claim(), e.Claimed("p-990101", "county", "990101", "2026-03-01T01:00:00.000000Z")),
        (DRAFT, propose(), e.DispositionProposed("p-990101", "county", "990101", "duplicate", "w")),
        (disposed(DRAFT), c.Reinstate("p", PROVINCE, "w"), e.Reinstated("p", "990000", "w")),
        (DRAFT, except_(), e.ExtensionProposed("office-1", "990000", "filing", "2026-03-08T00:00:00.000000Z", "w")),
        (
            IN_REVIEW,
            MOVE,
            e.Moved("office-1", (("county", "990102"), ("city", "990100"), ("province", "990000"))),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_event_says_who_where_and_what(state: State, command: Command, event: e.Event) -> None:
    assert decide(state, command, OPEN) == (event,)


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (DRAFT, seal()),
        (IN_REVIEW, c.Withdraw("filler", 1)),
        (IN_REVIEW, accept(COUNTY)),
        (after(IN_REVIEW, accept(COUNTY), accept(CITY)), accept(PROVINCE)),
        (IN_REVIEW, send_back(COUNTY)),
        (ACCEPTED, reopen()),
        (RETURNED, undo(RETURNED)),
        (ACCEPTED, undo(ACCEPTED)),
        (IN_REVIEW, MOVE),
        (after(DRAFT, propose()), confirm(after(DRAFT, propose()))),
        (disposed(DRAFT), c.Reinstate("p", PROVINCE, "w")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whoever_gets_it_has_it_from_that_instant(state: State, command: Command) -> None:
    later = Circumstances(AT + HOUR)
    assert after(state, command, now=later).since == AT + HOUR


def test_an_opening_a_query_and_a_decision_keep_their_instant() -> None:
    later = Circumstances(AT + HOUR)
    (query,) = after(IN_REVIEW, ask(CITY), now=later).queries
    assert (NOT_STARTED.since, query.asked_at, query.revision) == (AT, AT + HOUR, 1)
    for state, command in ((IN_REVIEW, send_back(COUNTY)), (ACCEPTED, reopen())):
        sent_back = after(state, command, now=later).last_return
        assert sent_back is not None
        assert (sent_back.at, sent_back.event_number) == (AT + HOUR, state.events + 1)
    (decision,) = after(IN_REVIEW, accept(COUNTY), now=later).decisions
    assert (decision.at, decision.reason, decision.revision_hash) == (AT + HOUR, "", "h1")


def test_a_new_owner_has_begun_nothing() -> None:
    begun = after(RETURNED, c.Save("filler"))
    assert begun.correcting
    assert after(begun, seal(2)).correcting is False
    assert after(after(begun, seal(2)), send_back(COUNTY, revision=2)).correcting is False


def test_of_two_acceptances_in_the_tables_one_comes_back_and_no_further() -> None:
    accepted = ACCEPTED
    for revision in (2, 3):
        accepted = after(accepted, reopen(revision=revision - 1), seal(revision))
        accepted = after(accepted, *(accept(body, revision=revision) for body in ROUTE))
    assert accepted.accepted is not None
    assert accepted.accepted.before is not None
    assert (accepted.accepted.before.revision, accepted.accepted.before.before) == (2, None)


def test_the_fold_says_what_is_missing_when_a_chain_lacks_a_proposal() -> None:
    for event, what in ((e.DispositionConfirmed("p", "9", "closed"), "disposition"), (GRANTED, "exception")):
        with pytest.raises(ValueError, match=f"^an? {what} was .* that nobody proposed$"):
            evolve(DRAFT, event, AT)
