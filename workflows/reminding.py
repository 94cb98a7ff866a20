"""What the clock does to submissions: deadlines pass, and whoever has a submission is reminded (催报) at each step of
its calendar, once. A sweep that was away sends the latest step only.

Only submissions whose moment has come are looked at; each is one transaction of its own.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from workflows.chain import Payload
from workflows.deadlines import CHINA
from workflows.letters.desk import Desk
from workflows.letters.reminders import reminder_text
from workflows.machine.commands import Command, PassDeadline, Remind
from workflows.machine.duties import Duty, duty_of, is_overdue, next_moment, step_due
from workflows.ports import StateConflict
from workflows.report import Report
from workflows.services import Services
from workflows.stepping import CommandRefused, prepare
from workflows.submissions import Submission

BATCH = 50
RETRY = timedelta(minutes=10)
"""After which an item that failed is looked at again."""

logger = logging.getLogger(__name__)


def pass_time(
    services: Services, report: Report, go_on: Callable[[], bool], between: Callable[[], object] = lambda: None
) -> None:
    """Attend to everything that is due now, until `go_on` says no; `between` is called after each page of it.

    A deadline falls due for every unit of the province at one instant: mail must not wait for the last of them.
    """
    now = services.clock.now()
    cursor: str | None = ""
    while cursor is not None:
        page = services.store.due(now, cursor, BATCH)
        for submission in page.rows:
            if not go_on():
                return
            _attend(services, submission, report)
        if page.rows:
            between()
        cursor = page.cursor or None


def _attend(services: Services, submission: Submission, report: Report) -> None:
    """One submission; what somebody moved meanwhile is left to its new moment, what fails is tried again later."""
    try:
        submission = _pass_deadline(services, submission, report)
        _remind(services, submission, report)
    except StateConflict:
        return
    except CommandRefused:
        services.store.reschedule(submission, None)  # closed: nothing moves, until an exception sets a new moment
    except Exception as error:
        logger.exception("the clock of %s failed: %s", submission.id, type(error).__name__)
        report.failed.append(submission.id)
        services.store.reschedule(submission, services.clock.now() + RETRY)


def _pass_deadline(services: Services, submission: Submission, report: Report) -> Submission:
    """Write down that the owner's time has passed, if nobody has."""
    calendar = services.collection_of(submission).calendar
    if not is_overdue(submission.state, calendar, services.clock.now()):
        return submission
    moved = _step(services, submission, PassDeadline())
    report.deadlines += 1
    return moved


def _remind(services: Services, submission: Submission, report: Report) -> None:
    """Remind the owner at the latest step that has come, or look again when there is something to do."""
    calendar, now = services.collection_of(submission).calendar, services.clock.now()
    duty, step = duty_of(submission.state, calendar), step_due(submission.state, calendar, now)
    if duty is None or step is None:
        services.store.reschedule(submission, next_moment(submission.state, calendar))
        return
    people = _owners(services, submission, duty)
    if not people:
        services.store.reschedule(submission, _tomorrow(now))  # on the province's list until somebody holds the seat
        return
    text = Payload.of(reminder_text(Desk(services, submission), duty, step))
    _step(services, submission, Remind(step.name, people, text.hash), text)
    report.reminders += 1


def _step(services: Services, submission: Submission, command: Command, payload: Payload | None = None) -> Submission:
    transition = prepare(services, submission, command, payload=payload)
    services.store.commit(transition)
    return transition.after


def _owners(services: Services, submission: Submission, duty: Duty) -> tuple[str, ...]:
    """Whom to remind, as opaque ids: the unit's registered address, or every holder of the seat today."""
    if duty.body is None:
        return (services.store.person_of(services.address_of(submission)).id,)
    holders = services.store.holders(duty.body.region, services.today())
    return tuple(services.store.person_of(member.email).id for member in holders)


def _tomorrow(now: datetime) -> datetime:
    """The next midnight in China: seats change hands by the day."""
    today = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=1)).astimezone(now.tzinfo)
