"""The sweep: keeps what the transactions promised, does what the clock asks for, and writes to who took a seat.

One pass at a time over all processes; a pass that dies half-way is simply followed by another.
"""

from collections.abc import Callable
from dataclasses import dataclass

from register.seats import Role
from workflows import effects
from workflows.days import Closing
from workflows.delivering import (
    FIRST_RETRY,
    LONGEST_RETRY,
    AcceptanceWithdrawn,
    Delivery,
    MailChannel,
    SubmissionAccepted,
)
from workflows.hits import count_hits
from workflows.ports import Channel, Mailer
from workflows.reminding import pass_time
from workflows.report import Report
from workflows.restraint import Restraint
from workflows.services import Services
from workflows.submissions import OutboxItem, Submission

__all__ = ["FIRST_RETRY", "LONGEST_RETRY", "AcceptanceWithdrawn", "Report", "SubmissionAccepted", "Sweep"]

BATCH = 50


@dataclass(frozen=True, slots=True)
class Sweep:
    """The sweep with its outlets: mail, the subscriber that turns acceptances into facts, and further channels."""

    services: Services
    mailer: Mailer
    on_accepted: Callable[[SubmissionAccepted | AcceptanceWithdrawn], None]
    once_by_id: bool
    """Whether the mailer itself delivers a letter id once; if not, each letter is marked as soon as it is out."""
    channels: tuple[Channel, ...] = ()
    """Ways to reach people beside mail; each says which letters it carries."""
    closing: Closing | None = None
    """Signs past days; without one no day is closed."""

    def run(self, go_on: Callable[[], bool] = lambda: True) -> Report:
        """One pass. Waits for a running one; when it returns, all that was queued before is delivered or postponed.

        First what was promised, then what is due by the calendar and, page by page, what that promised: a reminder's
        letter is in the outbox once the reminder is written down. Then hits of rules are counted; last the days that
        have passed are signed. `go_on` is asked before each effect, submission and day: it may wait to let pages go
        first, and its False ends the pass there.
        """
        report, go_on = Report(), _until_no(go_on)
        channels = (MailChannel(self.mailer, self.once_by_id), *self.channels)
        with self.services.store.sweeping():
            self._greet_new_holders()
            delivery = Delivery(self.services, channels, self.on_accepted, Restraint(self.services), report)
            if self._drain(delivery, go_on):
                pass_time(self.services, report, go_on, between=lambda: self._drain(delivery, go_on))
                count_hits(self.services, go_on)
                if self.closing is not None:
                    report.days = self.closing.run(self.services.clock.now(), go_on)
        return report

    def _drain(self, delivery: Delivery, go_on: Callable[[], bool]) -> bool:
        """Keep every promise whose time has come; whether to go on afterwards."""
        started = self.services.clock.now()  # what is postponed in this pass is for the next: a slow server ends it
        while items := self.services.store.pending(started, BATCH):
            if not delivery.keep(items, go_on):
                return False
        return True

    def _greet_new_holders(self) -> None:
        """Whoever took a seat, or took it again, since the last pass gets a mail for each return that waits there."""
        store, today = self.services.store, self.services.today()
        moment = f"{store.current('staff')}:{today}"
        if store.mark("greeted_on") == moment:
            return
        serving = {
            f"{member.region_code}:{store.person_of(member.email).id}"
            for member in store.staff()
            if member.role is Role.REVIEWER and member.serves_on(today)
        }
        for stint in sorted(serving.difference((store.mark("greeted") or "").split())):
            self._greet(*stint.split(":"))
        store.set_mark("greeted", " ".join(sorted(serving)))
        store.set_mark("greeted_on", moment)

    def _greet(self, region: str, person: str) -> None:
        store = self.services.store
        cursor: str | None = ""
        while cursor is not None:
            page = store.inbox(region, cursor, BATCH)
            store.enqueue([self._request(submission, person) for submission in page.rows])
            cursor = page.cursor or None

    def _request(self, submission: Submission, person: str) -> OutboxItem:
        turn, state = submission.state.turn, submission.state
        if turn is None:
            raise LookupError(f"{submission.id} stands in an inbox but waits for nobody")
        data = {
            "submission": submission.id,
            "revision": state.revision,
            "level": turn.level.value,
            "region": turn.region,
            "person": person,
        }
        now = self.services.clock.now()
        return OutboxItem(f"{submission.id}-{state.events:04d}.review.{person}", effects.REVIEW, data, now)


def _until_no(go_on: Callable[[], bool]) -> Callable[[], bool]:
    """The same question, but a no is for good: whoever was told to stop is not asked to go on with something else."""
    going = True

    def ask() -> bool:
        nonlocal going
        going = going and go_on()
        return going

    return ask
