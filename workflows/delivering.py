"""Keeping what the transactions promised: letters by every channel, facts for the subscriber.

Every effect is idempotent under its own id, so a pass that dies half-way is simply followed by another.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from workflows import effects
from workflows.bounces import stopped
from workflows.letters import Addressed, letters_for
from workflows.ports import Channel, Letter, LetterRecord, Mailer, MailRefused, MailUnavailable, Person
from workflows.report import Report
from workflows.restraint import Restraint
from workflows.services import Services
from workflows.submissions import OutboxItem, Submission

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
MAIL = "mail"
STOPPED = "the address bounced before"
"""Why a letter was not handed over although there is an address."""

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


@dataclass(frozen=True, slots=True)
class MailChannel:
    """Mail as one of the channels: it carries every letter."""

    mailer: Mailer
    once_by_id: bool
    name: str = MAIL

    def carries(self, _kind: str, _person: Person) -> bool:
        """Everything is mailed."""
        return True

    def send(self, letter: Letter, at: datetime) -> None:
        """Hand a letter to the mailer."""
        self.mailer.send(letter, at)

    def batch(self) -> AbstractContextManager[None]:
        """The mailer's own batch."""
        return self.mailer.batch()


@dataclass(slots=True)
class _Batch:
    """What came of some promises, to be marked together."""

    done: list[str] = field(default_factory=list)
    records: list[LetterRecord] = field(default_factory=list)
    digests: list[OutboxItem] = field(default_factory=list)
    deferred: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outlets of the sweep for the length of one pass."""

    services: Services
    channels: Sequence[Channel]
    on_accepted: Callable[[SubmissionAccepted | AcceptanceWithdrawn], None]
    restraint: Restraint
    report: Report

    def keep(self, items: Sequence[OutboxItem], go_on: Callable[[], bool]) -> bool:
        """Keep these promises and mark what was kept; whether to go on afterwards."""
        batch, going = _Batch(), True
        with ExitStack() as open_batches:
            for channel in self.channels:
                open_batches.enter_context(channel.batch())
            for item in items:
                going = go_on()
                if not going:
                    break
                self._try(item, batch)
        store, now = self.services.store, self.services.clock.now()
        if batch.digests:
            store.enqueue(batch.digests)
        store.finish(batch.done, batch.records, now)
        store.defer(batch.deferred)
        self.report.effects += len(batch.done)
        self.report.deferred += len(batch.deferred)
        return going

    def _try(self, item: OutboxItem, batch: _Batch) -> None:
        try:
            until = self._keep_one(item, batch)
        except Exception as error:
            logger.exception("effect %s postponed: %s", item.id, type(error).__name__)
            self.report.failed.append(item.id)
            self._postpone(item, error)
            return
        if until is None:
            batch.done.append(item.id)
        else:
            batch.deferred[item.id] = until

    def _keep_one(self, item: OutboxItem, batch: _Batch) -> datetime | None:
        """Keep one promise; when something of it has to wait, until when."""
        if item.kind == effects.FACTS:
            self._tell_subscriber(item)
            return None
        digest = self.restraint.digest_of(item)
        if digest is not None:
            batch.digests.append(digest)
            return None
        letters = [pair for one in letters_for(self.services, item) for pair in self._by_channel(item.kind, one)]
        known = self.services.store.letter_outcomes([addressed.letter.id for _, addressed in letters])
        waits = [
            self._hand_over(item, channel, addressed, batch)
            for channel, addressed in letters
            if addressed.letter.id not in known
        ]
        return min((until for until in waits if until is not None), default=None)

    def _by_channel(self, kind: str, addressed: Addressed) -> Iterator[tuple[Channel, Addressed]]:
        """The same letter for each channel that carries it, under an id of its own."""
        for channel in self.channels:
            if channel.name == MAIL:
                yield channel, addressed
            elif channel.carries(kind, Person(addressed.person, addressed.letter.to_email)):
                letter = replace(addressed.letter, id=f"{addressed.letter.id}.{channel.name}")
                yield channel, replace(addressed, letter=letter)

    def _hand_over(self, item: OutboxItem, channel: Channel, addressed: Addressed, batch: _Batch) -> datetime | None:
        """Send a letter, or say until when it waits. Raises `MailUnavailable`; a refusal is recorded and final."""
        until = self.restraint.wait_until(item, addressed)
        if until is not None:
            return until
        now, outcome = self.services.clock.now(), "sent"
        key, person = addressed.letter.id, addressed.person
        try:
            if channel.name == MAIL and stopped(self.services, addressed.letter.to_email) is not None:
                raise MailRefused(STOPPED)
            channel.send(addressed.letter, now)
            self.report.letters += 1
        except MailRefused as error:
            outcome = f"refused: {error}"[:200]
            self.report.refused += 1
        record = LetterRecord(key, item.id, person, now, outcome, channel.name, item.kind)
        batch.records.append(record)
        if not channel.once_by_id:
            self.services.store.record_letters([record])
        return None

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

    def _postpone(self, item: OutboxItem, error: Exception) -> None:
        attempts = self.services.store.attempts(item.id)
        delay = min(FIRST_RETRY * 2 ** min(attempts, 10), LONGEST_RETRY)
        kind = "mail" if isinstance(error, MailUnavailable) else type(error).__name__
        self.services.store.postpone(item.id, self.services.clock.now() + delay, kind)
