"""Who has a submission, by when, and when the clock has something to do with it."""

from datetime import UTC, datetime, timedelta

from tests.workflows.machine_cases import (
    ACCEPTED,
    AT,
    CITY,
    COUNTY,
    DRAFT,
    IN_REVIEW,
    NOT_STARTED,
    REOPENED,
    RETURNED,
    accept,
    after,
    disposed,
)
from workflows.calendars import Calendar, Step
from workflows.machine.commands import PassDeadline, Remind
from workflows.machine.duties import Duty, duty_of, is_overdue, next_moment, step_due
from workflows.machine.states import State

DUE = datetime(2026, 3, 10, 16, tzinfo=UTC)
DAY = timedelta(days=1)
CALENDAR = Calendar(
    due=DUE,
    review={"county": DUE + 5 * DAY},
    correction_days=7,
    review_days=5,
    filling=(Step.read("-7d"), Step.read("-1d"), Step.read("+1d")),
    reviewing=(Step.read("-1d"), Step.read("+1d")),
)


def reminded(state: State, *steps: str) -> State:
    return after(state, *(Remind(step, ("p",), "w") for step in steps))


def test_a_filler_owes_his_return_by_the_due_time() -> None:
    for state in (NOT_STARTED, DRAFT):
        assert duty_of(state, CALENDAR) == Duty(None, DUE)


def test_a_level_has_its_set_time_or_its_days_whichever_is_later() -> None:
    assert duty_of(IN_REVIEW, CALENDAR) == Duty(COUNTY, DUE + 5 * DAY)
    assert duty_of(after(IN_REVIEW, accept(COUNTY)), CALENDAR) == Duty(CITY, AT + 5 * DAY)
    short = Calendar(due=DUE, review={"county": AT + DAY}, review_days=5)
    assert duty_of(IN_REVIEW, short) == Duty(COUNTY, AT + 5 * DAY)


def test_a_filler_who_got_it_back_has_his_days_and_never_less_than_the_others() -> None:
    assert duty_of(RETURNED, CALENDAR) == Duty(None, DUE)
    early = Calendar(due=AT - DAY, correction_days=7)
    for state in (RETURNED, REOPENED):
        assert duty_of(state, early) == Duty(None, AT + 7 * DAY)


def test_nobody_owes_anything_once_it_is_accepted_or_put_away() -> None:
    for state in (ACCEPTED, disposed(DRAFT)):
        assert duty_of(state, CALENDAR) is None
        assert next_moment(state, CALENDAR) is None
        assert step_due(state, CALENDAR, DUE + 99 * DAY) is None
        assert not is_overdue(state, CALENDAR, DUE + 99 * DAY)


def test_a_state_of_before_the_opening_owes_by_the_due_time() -> None:
    assert duty_of(State(), CALENDAR) == Duty(None, DUE)
    assert next_moment(State(), CALENDAR) == DUE, "steps before it lie before anybody had it"


def test_the_sweep_looks_at_each_step_and_at_the_due_time_itself() -> None:
    state = DRAFT
    assert next_moment(state, CALENDAR) == DUE - 7 * DAY
    state = reminded(state, "-7d")
    assert next_moment(state, CALENDAR) == DUE - DAY
    state = reminded(state, "-1d")
    assert next_moment(state, CALENDAR) == DUE
    state = after(state, PassDeadline())
    assert next_moment(state, CALENDAR) == DUE + DAY
    assert next_moment(reminded(state, "+1d"), CALENDAR) is None


def test_a_step_is_due_from_its_own_instant_on() -> None:
    moment = DUE - 7 * DAY
    assert step_due(DRAFT, CALENDAR, moment - timedelta(seconds=1)) is None
    assert step_due(DRAFT, CALENDAR, moment) == CALENDAR.filling[0]


def test_a_sweep_that_was_away_reminds_of_the_latest_step_only() -> None:
    assert step_due(DRAFT, CALENDAR, DUE) == CALENDAR.filling[1]
    assert step_due(reminded(DRAFT, "-1d"), CALENDAR, DUE) is None, "an earlier step is not made up for"


def test_steps_that_lie_before_the_owner_had_it_are_left_out() -> None:
    """A county that gets a return three days before its time is not reminded of seven days before."""
    assert step_due(IN_REVIEW, CALENDAR, DUE + 4 * DAY) == CALENDAR.reviewing[0]
    soon = Calendar(due=AT + timedelta(hours=12), filling=CALENDAR.filling)
    assert next_moment(NOT_STARTED, soon) == AT + timedelta(hours=12)
    just = Calendar(due=AT + DAY, filling=CALENDAR.filling)
    assert next_moment(NOT_STARTED, just) == AT, "the step of the very instant counts"


def test_a_deadline_is_passed_at_its_instant_and_written_down_once() -> None:
    assert not is_overdue(DRAFT, CALENDAR, DUE - timedelta(seconds=1))
    assert is_overdue(DRAFT, CALENDAR, DUE)
    assert not is_overdue(after(DRAFT, PassDeadline()), CALENDAR, DUE + DAY)
