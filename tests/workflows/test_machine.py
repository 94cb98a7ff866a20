"""Filing and deciding in the review machine: what is sealed, who decides when, and what each is told who may not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workflows.machine_cases import (
    ACCEPTED,
    AT,
    CITY,
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
    accept,
    after,
    fold,
    reopen,
    seal,
    send_back,
    undo,
    waive,
    waived,
)
from workflows.machine import decide, evolve
from workflows.machine.commands import Circumstances, ConfirmWaiver, Save, Withdraw
from workflows.machine.events import (
    DecisionUndone,
    DraftStarted,
    FilingExpected,
    LevelAccepted,
    Reopened,
    Returned,
    Submitted,
    Withdrawn,
)
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import Acceptance, Stage
from workflows.routes import Body, ReviewLevel


def test_the_first_save_starts_the_draft_and_later_ones_are_no_events() -> None:
    assert decide(NOT_STARTED, Save("filler"), OPEN) == (DraftStarted("filler"),)
    assert decide(DRAFT, Save("filler"), OPEN) == ()
    assert decide(RETURNED, Save("filler"), OPEN) == (DraftStarted("filler"),)
    assert decide(after(RETURNED, Save("filler")), Save("filler"), OPEN) == ()


def test_a_sealed_revision_carries_what_it_was_checked_with() -> None:
    assert decide(DRAFT, seal(), OPEN) == (Submitted("filler", 1, "h1", "kd-1/2021", "rules", late=False),)
    sealed = (IN_REVIEW.revision, IN_REVIEW.revision_hash, IN_REVIEW.form_version, IN_REVIEW.rule_set)
    assert sealed == (1, "h1", "kd-1/2021", "rules")
    assert (IN_REVIEW.filers, IN_REVIEW.sealed_at, IN_REVIEW.first_sent_at) == (("filler",), AT, AT)


def test_a_return_goes_to_the_filler_in_one_step_from_any_level() -> None:
    for passed, body in enumerate(ROUTE):
        state = after(IN_REVIEW, *(accept(lower) for lower in ROUTE[:passed]), send_back(body))
        assert state.stage is Stage.RETURNED
        assert state.editable
        assert state.turn is None
        assert state.returned is not None
        assert (state.returned.level, state.returned.accepted) == (body.level, False)


def test_a_return_keeps_its_reason_its_items_and_the_hash_of_its_comment() -> None:
    outcome = decide(IN_REVIEW, send_back(COUNTY, items=("cost_total", "R1")), OPEN)
    event = Returned("p-990101", "county", "990101", 1, "h1", "arithmetic", ("cost_total", "R1"), "w")
    assert outcome == (event,)
    returned = evolve(IN_REVIEW, event, AT).returned
    assert returned is not None
    assert (returned.reason, returned.items) == ("arithmetic", ("cost_total", "R1"))


@pytest.mark.parametrize("missing", [{"reason": ""}, {"items": ()}])
def test_a_return_without_reason_or_items_is_refused(missing: dict[str, Any]) -> None:
    assert decide(IN_REVIEW, send_back(COUNTY, **missing), OPEN) == Refusal(RefusalCode.INCOMPLETE)


@pytest.mark.parametrize("body", [CITY, PROVINCE])
def test_a_higher_level_waits_for_the_lower_ones(body: Body) -> None:
    assert decide(IN_REVIEW, accept(body), OPEN) == Refusal(RefusalCode.NOT_YET)
    assert decide(IN_REVIEW, send_back(body), OPEN) == Refusal(RefusalCode.NOT_YET)


def test_the_second_of_two_decisions_at_a_level_is_told_who_was_first() -> None:
    state = after(IN_REVIEW, accept(COUNTY, "first"))
    outcome = decide(state, send_back(COUNTY, "second"), OPEN)
    assert isinstance(outcome, Refusal)
    assert outcome.code is RefusalCode.ALREADY_DECIDED
    assert outcome.decision is not None
    assert (outcome.decision.person, outcome.decision.at, outcome.decision.accepted) == ("first", AT, True)


def test_a_level_whose_work_was_returned_above_it_is_told_of_its_own_decision() -> None:
    state = after(IN_REVIEW, accept(COUNTY), send_back(CITY))
    outcome = decide(state, accept(COUNTY, "late"), OPEN)
    assert outcome == Refusal(RefusalCode.ALREADY_DECIDED, state.decisions[0])


def test_a_level_never_reached_is_told_of_the_return_that_stopped_it() -> None:
    outcome = decide(RETURNED, accept(PROVINCE), OPEN)
    assert outcome == Refusal(RefusalCode.OVERTAKEN, RETURNED.returned)


def test_another_region_of_the_same_level_is_not_on_the_route() -> None:
    other = Body(ReviewLevel.COUNTY, "990201")
    assert decide(IN_REVIEW, accept(other), OPEN) == Refusal(RefusalCode.NOT_ON_ROUTE)


@pytest.mark.parametrize("revision", [0, 1, 3])
def test_a_decision_on_any_revision_but_the_latest_is_overtaken(revision: int) -> None:
    state = after(RETURNED, seal(2))
    assert state.revision == 2
    for command in (accept(COUNTY, revision=revision), send_back(COUNTY, revision=revision)):
        assert decide(state, command, OPEN) == Refusal(RefusalCode.OVERTAKEN)


def test_a_new_revision_voids_every_acceptance() -> None:
    state = after(IN_REVIEW, accept(COUNTY), accept(CITY), send_back(PROVINCE))
    state = after(state, seal(2))
    assert state.decisions == ()
    assert state.turn == COUNTY
    assert state.revision_hash == "h2"


def test_nobody_decides_on_his_own_filing() -> None:
    for command in (accept(COUNTY, "filler"), send_back(COUNTY, "filler")):
        assert decide(IN_REVIEW, command, OPEN) == Refusal(RefusalCode.OWN_FILING)


def test_nobody_decides_at_two_levels_of_one_route() -> None:
    state = after(IN_REVIEW, accept(COUNTY, "both"))
    for command in (accept(CITY, "both"), send_back(CITY, "both")):
        assert decide(state, command, OPEN) == Refusal(RefusalCode.TWO_LEVELS)


def test_acceptance_by_every_level_of_the_route_accepts_the_revision() -> None:
    state = IN_REVIEW
    for number, body in enumerate(ROUTE, start=1):
        assert state.turn == body
        assert decide(state, accept(body), OPEN) == (
            LevelAccepted(f"p-{body.region}", body.level, body.region, 1, "h1"),
        )
        state = after(state, accept(body))
        assert (state.stage is Stage.ACCEPTED) == (number == len(ROUTE))
    assert [decision.event_number for decision in state.decisions] == [4, 5, 6]
    assert not state.editable


def test_a_route_of_one_level_is_accepted_at_once() -> None:
    state = after(fold(FilingExpected((("province", "990000"),))), seal(), accept(PROVINCE))
    assert state.stage is Stage.ACCEPTED


def test_lateness_is_the_first_filings_and_a_correction_changes_it_neither_way() -> None:
    late, in_time = seal(2, late=True), seal(2)
    assert not after(RETURNED, late).late
    late_first = after(NOT_STARTED, seal(late=True), send_back(COUNTY))
    assert late_first.late
    assert after(late_first, in_time).late


def test_the_first_sending_is_remembered_through_corrections() -> None:
    later = datetime(2026, 3, 9, tzinfo=UTC)
    event = Submitted("filler", 2, "h2", "kd-1/2021", "rules", late=False)
    state = evolve(RETURNED, event, later)
    assert (state.first_sent_at, state.sealed_at, state.since) == (AT, later, later)


def test_the_owner_of_a_submission_has_it_since_the_last_step_that_changed_owners() -> None:
    later = datetime(2026, 3, 9, tzinfo=UTC)
    assert evolve(NOT_STARTED, DraftStarted("filler"), later).since == AT
    assert evolve(IN_REVIEW, LevelAccepted("p", "county", "990101", 1, "h1"), later).since == later
    assert evolve(IN_REVIEW, Returned("p", "county", "990101", 1, "h1", "other", ("R1",), "c"), later).since == later


def test_a_decision_on_what_was_never_sent_is_not_in_review() -> None:
    for state in (NOT_STARTED, DRAFT):
        assert decide(state, accept(COUNTY, revision=0), OPEN) == Refusal(RefusalCode.NOT_IN_REVIEW)


@pytest.mark.parametrize(
    ("found", "code"),
    [({"fatal": ("R1",)}, RefusalCode.FATAL_FINDINGS), ({"unexplained": ("R2",)}, RefusalCode.UNEXPLAINED)],
)
def test_what_is_fatal_or_unexplained_is_neither_sealed_nor_accepted(found: dict[str, Any], code: str) -> None:
    assert decide(DRAFT, seal(**found), OPEN) == Refusal(RefusalCode(code))
    assert decide(IN_REVIEW, accept(COUNTY, **found), OPEN) == Refusal(RefusalCode(code))


def test_firm_findings_stop_the_first_level_only() -> None:
    assert decide(IN_REVIEW, accept(COUNTY, firm=("R3",)), OPEN) == Refusal(RefusalCode.FIRM_FINDINGS)
    passed = after(IN_REVIEW, accept(COUNTY))
    assert after(passed, accept(CITY, firm=("R3",))).turn == PROVINCE


def test_a_waived_rule_passes_the_first_level_until_its_time() -> None:
    state = waived(IN_REVIEW)
    later = Circumstances(AT + timedelta(days=7))
    assert after(state, accept(COUNTY, firm=("R3",))).turn == CITY
    assert decide(state, accept(COUNTY, firm=("R3", "R4")), OPEN) == Refusal(RefusalCode.FIRM_FINDINGS)
    assert decide(state, accept(COUNTY, firm=("R3",)), later) == Refusal(RefusalCode.FIRM_FINDINGS)
    assert decide(after(IN_REVIEW, waive()), accept(COUNTY, firm=("R3",)), OPEN) == Refusal(RefusalCode.FIRM_FINDINGS)


def test_a_waiver_is_proposed_by_one_and_confirmed_by_another() -> None:
    state = after(IN_REVIEW, waive())
    number = state.waivers[0].event_number
    confirm = ConfirmWaiver("p-990101", COUNTY, number)
    assert decide(state, confirm, OPEN) == Refusal(RefusalCode.SAME_PERSON)
    assert decide(state, replace(confirm, person="filler"), OPEN) == Refusal(RefusalCode.OWN_FILING)
    assert decide(state, replace(confirm, person="x", body=OTHER), OPEN) == Refusal(RefusalCode.NOT_ON_ROUTE)
    assert decide(state, replace(confirm, person="x", waiver=9), OPEN) == Refusal(RefusalCode.NOTHING_PROPOSED)
    late = Circumstances(AT + timedelta(days=7))
    assert decide(state, replace(confirm, person="x"), late) == Refusal(RefusalCode.EXPIRED)
    done = after(state, replace(confirm, person="x"))
    assert done.waiver("R3") == done.waivers[0]
    assert (done.waivers[0].proposed_by, done.waivers[0].confirmed_by) == ("p-990101", "x")
    assert decide(done, replace(confirm, person="y"), OPEN) == Refusal(RefusalCode.ALREADY_DONE, person="x")


def test_a_waiver_names_a_rule_and_a_time_within_a_quarter_and_is_proposed_once() -> None:
    state = after(IN_REVIEW, waive())
    assert decide(IN_REVIEW, waive(rule=""), OPEN) == Refusal(RefusalCode.INCOMPLETE)
    for days in (0, 93):
        assert decide(IN_REVIEW, waive(ahead=timedelta(days=days)), OPEN) == Refusal(RefusalCode.EXPIRED)
    assert decide(IN_REVIEW, waive(revision_hash="h9"), OPEN) == Refusal(RefusalCode.OVERTAKEN)
    assert decide(IN_REVIEW, waive(person="filler"), OPEN) == Refusal(RefusalCode.OWN_FILING)
    assert decide(IN_REVIEW, waive(OTHER), OPEN) == Refusal(RefusalCode.NOT_ON_ROUTE)
    assert decide(state, waive(), OPEN) == Refusal(RefusalCode.ALREADY_PROPOSED, person="p-990101")
    longer = after(state, waive(ahead=timedelta(days=9)))
    assert [waiver.expires for waiver in longer.waivers] == [AT + timedelta(days=9)]
    assert decide(waived(IN_REVIEW), waive(ahead=timedelta(days=9)), OPEN) == Refusal(
        RefusalCode.ALREADY_DONE, person="p-990100"
    )
    lapsed = Circumstances(AT + timedelta(days=8))
    again = after(waived(IN_REVIEW), waive(ahead=timedelta(days=9)), now=lapsed)
    assert again.waivers[0].confirmed_by == ""


def test_a_new_revision_voids_its_waivers() -> None:
    state = after(waived(IN_REVIEW), send_back(COUNTY), seal(2))
    assert state.waivers == ()
    assert decide(state, accept(COUNTY, revision=2, firm=("R3",)), OPEN) == Refusal(RefusalCode.FIRM_FINDINGS)


def test_a_level_waits_for_the_returns_it_is_set_to_wait_for() -> None:
    assert decide(IN_REVIEW, accept(COUNTY, missing_children=1), OPEN) == Refusal(RefusalCode.CHILDREN_MISSING)


def test_a_unit_takes_back_what_it_sent_and_it_stays_sealed() -> None:
    assert decide(IN_REVIEW, Withdraw("filler", 1), OPEN) == (Withdrawn("filler", 1, "h1"),)
    state = after(IN_REVIEW, Withdraw("filler", 1))
    assert (state.stage, state.revision, state.revision_hash, state.sealed_at) == (Stage.DRAFT, 1, "h1", AT)
    assert after(state, seal(2)).revision == 2


def test_a_unit_takes_nothing_back_that_a_level_has_decided_on() -> None:
    state = after(IN_REVIEW, accept(COUNTY))
    assert decide(state, Withdraw("filler", 1), OPEN) == Refusal(RefusalCode.UNDER_REVIEW, state.decisions[0])
    undone = after(state, undo(state))
    assert after(undone, Withdraw("filler", 1)).stage is Stage.DRAFT


def test_only_the_revision_that_was_shown_is_withdrawn() -> None:
    assert decide(IN_REVIEW, Withdraw("filler", 0), OPEN) == Refusal(RefusalCode.OVERTAKEN)


def test_an_acceptance_is_undone_by_its_author_and_the_level_has_it_again() -> None:
    passed = after(IN_REVIEW, accept(COUNTY), accept(CITY))
    event = DecisionUndone("p-990100", "city", "990100", 1, undone=5, acceptance=True)
    assert decide(passed, undo(passed), OPEN) == (event,)
    assert after(passed, undo(passed)).turn == CITY


def test_a_return_is_undone_until_the_filler_begins_to_correct() -> None:
    event = DecisionUndone("p-990101", "county", "990101", 1, undone=4, acceptance=False)
    assert decide(RETURNED, undo(RETURNED), OPEN) == (event,)
    back = after(RETURNED, undo(RETURNED))
    assert (back.stage, back.turn, back.last_return) == (Stage.IN_REVIEW, COUNTY, None)
    begun = after(RETURNED, Save("filler"))
    assert decide(begun, undo(begun), OPEN) == Refusal(RefusalCode.FILLER_ACTED)


def test_only_ones_own_latest_decision_is_undone() -> None:
    passed = after(IN_REVIEW, accept(COUNTY), accept(CITY))
    county, city = passed.decisions
    for wrong in ({"person": "somebody"}, {"decision": county.event_number, "person": county.person, "body": COUNTY}):
        assert decide(passed, undo(passed, **wrong), OPEN) == Refusal(RefusalCode.NOT_YOURS, city)
    assert decide(passed, undo(passed, body=COUNTY), OPEN) == Refusal(RefusalCode.NOT_YOURS, city)
    assert decide(passed, undo(passed, revision=0), OPEN) == Refusal(RefusalCode.OVERTAKEN)


def test_a_second_click_on_undo_takes_back_nothing_else() -> None:
    """Who accepted for the province and reopened it takes back the reopening; the acceptance stands."""
    click = undo(REOPENED)
    state = after(REOPENED, click)
    assert state.stage is Stage.ACCEPTED
    assert decide(state, click, OPEN) == Refusal(RefusalCode.ALREADY_DONE)


def test_the_provinces_acceptance_is_undone_until_a_table_uses_it() -> None:
    assert decide(ACCEPTED, undo(ACCEPTED, in_a_table=True), OPEN) == Refusal(RefusalCode.IN_A_TABLE)
    state = after(ACCEPTED, undo(ACCEPTED))
    assert (state.stage, state.turn, state.in_tables) == (Stage.IN_REVIEW, PROVINCE, None)
    passed = after(IN_REVIEW, accept(COUNTY))
    assert after(passed, undo(passed, in_a_table=True)).turn == COUNTY, "the table used what stood before"


def test_a_reopening_leaves_the_accepted_revision_in_the_tables_until_the_next_acceptance() -> None:
    first = Acceptance(1, "h1", 6)
    assert decide(ACCEPTED, reopen(), OPEN) == (
        Reopened("p-990000", "province", "990000", 1, "h1", "arithmetic", ("cost_total",), "w"),
    )
    again = after(REOPENED, seal(2), accept(COUNTY, revision=2), accept(CITY, revision=2))
    assert REOPENED.in_tables == again.in_tables == first
    second = after(again, accept(PROVINCE, revision=2))
    assert second.in_tables == Acceptance(2, "h2", 11, before=first)
    assert after(second, undo(second)).in_tables == first


def test_what_is_reopened_is_what_was_shown_by_the_province_with_a_reason() -> None:
    codes = {
        RefusalCode.OVERTAKEN: reopen(revision=0),
        RefusalCode.INCOMPLETE: reopen(reason=""),
        RefusalCode.NOT_ON_ROUTE: reopen(body=CITY),
        RefusalCode.OWN_FILING: reopen("filler"),
        RefusalCode.TWO_LEVELS: reopen("p-990101"),
    }
    assert {code: decide(ACCEPTED, command, OPEN) for code, command in codes.items()} == {
        code: Refusal(code) for code in codes
    }
    assert decide(ACCEPTED, reopen(items=()), OPEN) == Refusal(RefusalCode.INCOMPLETE)


def test_a_decision_names_the_content_to_the_byte() -> None:
    for command in (accept(COUNTY), send_back(COUNTY)):
        other = replace(command, revision_hash="another")
        assert decide(IN_REVIEW, other, OPEN) == Refusal(RefusalCode.OVERTAKEN)
