"""The sweep: keeps what the transactions promised. It drains the outbox, and writes to those who took a waiting seat.

One pass at a time over all processes. Every effect is idempotent under its own id, so a pass that dies half-way is
simply followed by another.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from register.seats import Role
from workflows import effects
from workflows.letters import Addressed, letters_for
from workflows.ports import LetterRecord, Mailer, MailRefused, MailUnavailable
from workflows.services import Services
from workflows.submissions import OutboxItem, Submission

BATCH = 50
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SubmissionAccepted:
    """What subscribers of acceptances are told: the submission, the event, and the revision that stands from it on."""

    submission: Submission
    event: str
    revision: int


@dataclass(frozen=True, slots=True)
class AcceptanceWithdrawn:
    """From this event on nothing of the submission stands in the tables, where `revision` stood before."""

    submission: Submission
    event: str
    revision: int


@dataclass(slots=True)
class Report:
    """What one pass did."""

    effects: int = 0
    letters: int = 0
    refused: int = 0
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sweep:
    """The sweep with its two outlets: mail, and the subscriber that turns acceptances into facts."""

    services: Services
    mailer: Mailer
    on_accepted: Callable[[SubmissionAccepted | AcceptanceWithdrawn], None]
    once_by_id: bool
    """Whether the mailer itself delivers a letter id once; if not, each letter is marked as soon as it is out."""

    def run(self, go_on: Callable[[], bool] = lambda: True) -> Report:
        """One pass. Waits for a running one; when it returns, all that was queued before is delivered or postponed.

        `go_on` is asked before each effect: it may wait to let pages go first, and its False ends the pass there.
        """
        report = Report()
        with self.services.store.sweeping():
            self._greet_new_holders()
            started = self.services.clock.now()  # what is postponed in this pass is for the next: a slow server ends it
            while items := self.services.store.pending(started, BATCH):
                if not self._keep(items, report, go_on):
                    break
        return report

    def _keep(self, items: Sequence[OutboxItem], report: Report, go_on: Callable[[], bool]) -> bool:
        """Keep these promises and mark what was kept; whether to go on afterwards."""
        done: list[str] = []
        records: list[LetterRecord] = []
        going = True
        with self.mailer.batch():
            for item in items:
                going = go_on()
                if not going:
                    break
                try:
                    records += self._keep_one(item, report)
                except Exception as error:
                    logger.exception("effect %s postponed: %s", item.id, type(error).__name__)
                    report.failed.append(item.id)
                    self._postpone(item, error)
                else:
                    done.append(item.id)
        self.services.store.finish(done, records, self.services.clock.now())
        report.effects += len(done)
        return going

    def _keep_one(self, item: OutboxItem, report: Report) -> list[LetterRecord]:
        if item.kind == effects.FACTS:
            self._tell_subscriber(item)
            return []
        letters = letters_for(self.services, item)
        known = self.services.store.letter_outcomes([addressed.letter.id for addressed in letters])
        return [self._hand_over(item, one, report) for one in letters if one.letter.id not in known]

    def _tell_subscriber(self, item: OutboxItem) -> None:
        submission = self.services.store.submission(item.data["submission"])
        if submission is None:
            raise LookupError(f"outbox {item.id} names a submission that is not there")
        event = f"{submission.id}-{item.data['number']:04d}"
        revision = item.data["revision"]
        if revision:
            self.on_accepted(SubmissionAccepted(submission, event, revision))
        else:
            self.on_accepted(AcceptanceWithdrawn(submission, event, item.data["stood"]))

    def _hand_over(self, item: OutboxItem, addressed: Addressed, report: Report) -> LetterRecord:
        """Raises `MailUnavailable`; a refusal is recorded and final."""
        now, outcome = self.services.clock.now(), "sent"
        try:
            self.mailer.send(addressed.letter, now)
            report.letters += 1
        except MailRefused as error:
            outcome = f"refused: {error}"[:200]
            report.refused += 1
        record = LetterRecord(addressed.letter.id, item.id, addressed.person, now, outcome)
        if not self.once_by_id:
            self.services.store.record_letters([record])
        return record

    def _postpone(self, item: OutboxItem, error: Exception) -> None:
        attempts = self.services.store.attempts(item.id)
        delay = min(FIRST_RETRY * 2 ** min(attempts, 10), LONGEST_RETRY)
        kind = "mail" if isinstance(error, MailUnavailable) else type(error).__name__
        self.services.store.postpone(item.id, self.services.clock.now() + delay, kind)

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
