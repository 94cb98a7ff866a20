"""Every stage under every command, and each refusal of the review machine."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from workflows.machine import decide, evolve
from workflows.machine.commands import Accept, Circumstances, Command, Return, Save, Submit
from workflows.machine.events import DraftStarted, Event, FilingExpected, LevelAccepted, Returned, Submitted
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import Stage, State
from workflows.machine.table import RULES
from workflows.routes import Body, ReviewLevel

AT = datetime(2026, 3, 1, tzinfo=UTC)
OPEN, CLOSED = Circumstances(AT), Circumstances(AT, closed=True)
COUNTY = Body(ReviewLevel.COUNTY, "990101")
CITY = Body(ReviewLevel.CITY, "990100")
PROVINCE = Body(ReviewLevel.PROVINCE, "990000")
ROUTE = (COUNTY, CITY, PROVINCE)

EXPECTED = FilingExpected(tuple((body.level.value, body.region) for body in ROUTE))
SUBMIT = Submit("filler", "h1", "kd-1/2021", "rules", late=False)


def fold(*events: Event) -> State:
    state = State()
    for event in events:
        state = evolve(state, event, AT)
    return state


def after(state: State, *commands: Command) -> State:
    for command in commands:
        outcome = decide(state, command, OPEN)
        assert not isinstance(outcome, Refusal), outcome
        for event in outcome:
            state = evolve(state, event, AT)
    return state


def accept(body: Body, person: str = "", revision: int = 1) -> Accept:
    return Accept(person or f"p-{body.level}", body, revision, f"h{revision}")


def send_back(body: Body, person: str = "", revision: int = 1, **more: object) -> Return:
    words = {"reason": "arithmetic", "items": ("cost_total",), "comment_hash": "c", **more}
    return Return(person or f"p-{body.level}", body, revision, f"h{revision}", **words)  # type: ignore[arg-type]


NOT_STARTED = fold(EXPECTED)
DRAFT = after(NOT_STARTED, Save("filler"))
IN_REVIEW = after(DRAFT, SUBMIT)
RETURNED = after(IN_REVIEW, send_back(COUNTY))
ACCEPTED = after(IN_REVIEW, *(accept(body) for body in ROUTE))
STATES = {state.stage: state for state in (NOT_STARTED, DRAFT, IN_REVIEW, RETURNED, ACCEPTED)}
COMMANDS: dict[type[Command], Command] = {
    Save: Save("filler"),
    Submit: SUBMIT,
    Accept: accept(COUNTY),
    Return: send_back(COUNTY),
}

TABLE = {
    (Stage.NOT_STARTED, Save): Stage.DRAFT,
    (Stage.NOT_STARTED, Submit): Stage.IN_REVIEW,
    (Stage.NOT_STARTED, Accept): RefusalCode.OVERTAKEN,
    (Stage.NOT_STARTED, Return): RefusalCode.OVERTAKEN,
    (Stage.DRAFT, Save): Stage.DRAFT,
    (Stage.DRAFT, Submit): Stage.IN_REVIEW,
    (Stage.DRAFT, Accept): RefusalCode.OVERTAKEN,
    (Stage.DRAFT, Return): RefusalCode.OVERTAKEN,
    (Stage.IN_REVIEW, Save): RefusalCode.NOT_EDITABLE,
    (Stage.IN_REVIEW, Submit): RefusalCode.NOT_EDITABLE,
    (Stage.IN_REVIEW, Accept): Stage.IN_REVIEW,
    (Stage.IN_REVIEW, Return): Stage.RETURNED,
    (Stage.RETURNED, Save): Stage.RETURNED,
    (Stage.RETURNED, Submit): Stage.IN_REVIEW,
    (Stage.RETURNED, Accept): RefusalCode.ALREADY_DECIDED,
    (Stage.RETURNED, Return): RefusalCode.ALREADY_DECIDED,
    (Stage.ACCEPTED, Save): RefusalCode.NOT_EDITABLE,
    (Stage.ACCEPTED, Submit): RefusalCode.NOT_EDITABLE,
    (Stage.ACCEPTED, Accept): RefusalCode.ALREADY_DECIDED,
    (Stage.ACCEPTED, Return): RefusalCode.ALREADY_DECIDED,
}


def test_the_table_above_has_every_stage_under_every_command() -> None:
    assert set(TABLE) == set(product(STATES, COMMANDS))
    allowed = {cell for cell, result in TABLE.items() if isinstance(result, Stage)}
    rules = {(stage, kind) for kind in COMMANDS for stage in RULES[kind].stages}
    assert rules - {(Stage.REOPENED, Save), (Stage.REOPENED, Submit)} == allowed | {
        (Stage.DISPOSED, Save),
        (Stage.DISPOSED, Submit),
    }


@pytest.mark.parametrize(("stage", "kind"), TABLE)
def test_each_stage_answers_each_command_as_the_table_says(stage: Stage, kind: type[Command]) -> None:
    outcome = decide(STATES[stage], COMMANDS[kind], OPEN)
    expected = TABLE[stage, kind]
    if isinstance(outcome, Refusal):
        assert outcome.code == expected
    else:
        assert after(STATES[stage], COMMANDS[kind]).stage == expected


@pytest.mark.parametrize(("stage", "kind"), TABLE)
def test_after_the_close_nothing_moves(stage: Stage, kind: type[Command]) -> None:
    assert decide(STATES[stage], COMMANDS[kind], CLOSED) == Refusal(RefusalCode.COLLECTION_CLOSED)


def test_the_first_save_starts_the_draft_and_later_ones_are_no_events() -> None:
    assert decide(NOT_STARTED, Save("filler"), OPEN) == (DraftStarted("filler"),)
    assert decide(DRAFT, Save("filler"), OPEN) == ()
    assert decide(RETURNED, Save("filler"), OPEN) == (DraftStarted("filler"),)
    assert decide(after(RETURNED, Save("filler")), Save("filler"), OPEN) == ()


def test_a_sealed_revision_carries_what_it_was_checked_with() -> None:
    assert decide(DRAFT, SUBMIT, OPEN) == (Submitted("filler", 1, "h1", "kd-1/2021", "rules", late=False),)
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
    event = Returned("p-county", "county", "990101", 1, "h1", "arithmetic", ("cost_total", "R1"), "c")
    assert outcome == (event,)
    returned = evolve(IN_REVIEW, event, AT).returned
    assert returned is not None
    assert (returned.reason, returned.items) == ("arithmetic", ("cost_total", "R1"))


@pytest.mark.parametrize("missing", [{"reason": ""}, {"items": ()}])
def test_a_return_without_reason_or_items_is_refused(missing: dict[str, object]) -> None:
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
    state = after(RETURNED, Submit("filler", "h2", "kd-1/2021", "rules", late=False))
    assert state.revision == 2
    for command in (accept(COUNTY, revision=revision), send_back(COUNTY, revision=revision)):
        assert decide(state, command, OPEN) == Refusal(RefusalCode.OVERTAKEN)


def test_a_new_revision_voids_every_acceptance() -> None:
    state = after(IN_REVIEW, accept(COUNTY), accept(CITY), send_back(PROVINCE))
    state = after(state, Submit("filler", "h2", "kd-1/2021", "rules", late=False))
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
            LevelAccepted(f"p-{body.level}", body.level, body.region, 1, "h1"),
        )
        state = after(state, accept(body))
        assert (state.stage is Stage.ACCEPTED) == (number == len(ROUTE))
    assert [decision.event_number for decision in state.decisions] == [4, 5, 6]
    assert not state.editable


def test_a_route_of_one_level_is_accepted_at_once() -> None:
    state = after(fold(FilingExpected((("province", "990000"),))), SUBMIT, accept(PROVINCE))
    assert state.stage is Stage.ACCEPTED


def test_lateness_is_the_first_filings_and_a_correction_changes_it_neither_way() -> None:
    late = Submit("filler", "h2", "kd-1/2021", "rules", late=True)
    in_time = Submit("filler", "h2", "kd-1/2021", "rules", late=False)
    assert not after(RETURNED, late).late
    late_first = after(NOT_STARTED, replace(late, revision_hash="h1"), send_back(COUNTY))
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
