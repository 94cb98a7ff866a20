"""A year of one collection in simulated time: diaries, a sweep every hour, mail that fails at times."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from infra.sqlite.store import SqliteStore
from tests.simulated.people import People
from tests.simulated.province import Province
from tests.workflows.conftest import DAY_KEY, KEY, START, SetClock, _catalogue
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.days import Closing
from workflows.deadlines import read_instant
from workflows.delivering import AcceptanceWithdrawn, SubmissionAccepted
from workflows.links import FilingLink, InboxLink, Links, ReviewLink
from workflows.ports import Letter, MailUnavailable
from workflows.services import Services
from workflows.signing import SigningKey
from workflows.sweep import Sweep

DUE, CLOSE = read_instant("2026-03-10T24:00"), read_instant("2026-06-30T24:00")
HOUR = timedelta(hours=1)


class Died(BaseException):
    """The process of the sweep is gone, in the middle of a pass."""


@dataclass
class PostOffice:
    """Takes letters in and lets their addressees read them; does not take one in three hundred at once, and in one of
    some thousands the sweep that hands it over dies."""

    clock: SetClock
    chance: random.Random
    read: Callable[[Letter], None]
    ids: Counter[str] = field(default_factory=Counter)
    taken: list[tuple[datetime, str, str]] = field(default_factory=list)
    """Of each letter: when it was taken, to whom, and its subject."""
    troubles: Counter[str] = field(default_factory=Counter)

    def send(self, letter: Letter, at: datetime) -> None:
        dice = self.chance.random()
        if dice < 0.003:
            self.troubles["would not take a letter"] += 1
            raise MailUnavailable
        if dice > 0.9998:
            self.troubles["the sweep died"] += 1
            raise Died
        self.ids[letter.id] += 1
        self.taken.append((at, letter.to_email, letter.subject))
        self.read(letter)

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()


@dataclass
class Year:
    """The collection of 2025, from its opening on 5 January 2026 to its close at the end of June."""

    home: Path
    province: Province
    seed: int = 2026

    def __post_init__(self) -> None:
        self.clock, chance = SetClock(), random.Random(self.seed)
        self.store = SqliteStore(self.home / "home.sqlite3")
        self.services = Services(
            self.store, self.clock, Links([KEY], self.clock), _catalogue(), "http://zhibao.example"
        )
        self.people = People(self.services, chance, self.later)
        self.post = PostOffice(self.clock, random.Random(self.seed + 1), self._read)
        self.told: list[SubmissionAccepted | AcceptanceWithdrawn] = []
        closing = Closing(self.store, lambda: SigningKey(DAY_KEY))
        self.sweeper = Sweep(self.services, self.post, self.told.append, once_by_id=False, closing=closing)
        self.work: Counter[str] = Counter()
        self._diary: list[tuple[datetime, int, Callable[[], None]]] = []
        self._entries = count()

    def later(self, at: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._diary, (at, next(self._entries), act))

    def run(self) -> None:
        """The whole year; whatever its people still have in their diaries at the close is left undone."""
        self.store.import_regions(self.province.regions(), START)
        self.store.import_units(self.province.units(), START)
        self.store.import_staff(self.province.staff(), START)
        for settings in self.province.settings():
            self.store.choose(settings, ())
        open_collection(self.services, year=2025, form="kd-1", calendar=Calendar(DUE, CLOSE))
        for weeks in range(2, 15):
            self.later(DUE + timedelta(weeks=weeks, hours=9, minutes=30), self.people.clear_the_list)
        self.later(DUE + timedelta(days=30, hours=10), self.people.reopen_some)
        moment = START
        while moment < CLOSE:
            self._live_until(moment)
            self._sweep()
            moment += HOUR

    def _live_until(self, moment: datetime) -> None:
        while self._diary and self._diary[0][0] <= moment:
            at, _, act = heapq.heappop(self._diary)
            self.clock.moment = at
            act()
        self.clock.moment = moment

    def _sweep(self) -> None:
        for _ in range(100):
            try:
                report = self.sweeper.run()
            except Died:
                continue
            self.work.update(
                passes=1, letters=report.letters, reminders=report.reminders, deferred=report.deferred, days=report.days
            )
            return
        raise RuntimeError("the sweep dies whenever it is started")

    def _read(self, letter: Letter) -> None:
        """The addressee opens his mail: what he is asked to do goes into his diary, news he only reads."""
        door, _, token = letter.link.removeprefix("http://zhibao.example/").partition("/")
        links = self.services.links
        if door == "f":
            self.people.filler_reads(links.read(FilingLink, token))
        elif door in ("r", "d"):
            review = links.read(ReviewLink, token)
            self.people.holder_reads(review.region, review.person)
        elif door == "i":
            inbox = links.read(InboxLink, token)
            self.people.holder_reads(inbox.region, inbox.person)
