"""Who has a submission, by when, and when the clock has something to do with it (invariant 9). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows.calendars import Calendar, Step
from workflows.machine.states import OPEN, State
from workflows.routes import Body


@dataclass(frozen=True, slots=True)
class Duty:
    """What somebody owes: the filler (`body` None) a return, or a body its decision."""

    body: Body | None
    due: datetime


def duty_of(state: State, calendar: Calendar) -> Duty | None:
    """Whose turn it is and until when; None when nobody has to act any more.

    A level that got a return late has its days all the same; so has a filler who got his return back.
    """
    if state.stage not in OPEN:
        return None
    since = state.since or calendar.due
    if state.turn is not None:
        set_time = calendar.review.get(state.turn.level, since)
        return Duty(state.turn, max(set_time, since + timedelta(days=calendar.review_days)))
    if state.revision == 0:
        return Duty(None, calendar.due)
    return Duty(None, max(calendar.due, since + timedelta(days=calendar.correction_days)))


def next_moment(state: State, calendar: Calendar) -> datetime | None:
    """The next instant at which the sweep has to look at the submission; None when it never has to again."""
    duty = duty_of(state, calendar)
    if duty is None:
        return None
    moments = [duty.due + step.offset for step in _ahead(state, calendar, duty)]
    if not state.overdue:
        moments.append(duty.due)
    return min(moments, default=None)


def step_due(state: State, calendar: Calendar, at: datetime) -> Step | None:
    """The reminder that is due now: the latest one, because a sweep that was away does not catch up on each."""
    duty = duty_of(state, calendar)
    if duty is None:
        return None
    come = [step for step in _ahead(state, calendar, duty) if duty.due + step.offset <= at]
    return come[-1] if come else None


def is_overdue(state: State, calendar: Calendar, at: datetime) -> bool:
    """Whether the owner's time passed and nobody has written it down yet."""
    duty = duty_of(state, calendar)
    return duty is not None and not state.overdue and at >= duty.due


def _ahead(state: State, calendar: Calendar, duty: Duty) -> list[Step]:
    """Steps still to come: later than the last one sent, and not before the owner got it."""
    steps = calendar.reviewing if duty.body else calendar.filling
    sent = [step.offset for step in steps if step.name in state.reminders]
    start = (state.since or duty.due) - duty.due
    return [step for step in steps if step.offset >= start and all(step.offset > offset for offset in sent)]
