"""What the scenes of the example years share: the installation, its clock, and how progress is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from handlers.bootstrap import Zhibao
from handlers.demo.acting import Judgement, review, waiting_at
from handlers.demo.clock import SteppingClock
from workflows.deadlines import read_instant
from workflows.routes import ReviewLevel
from workflows.services import Services

Item = TypeVar("Item")


class SweepFailed(RuntimeError):
    """Some promised effect was not kept during the example years; the log says which and why."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The installation that is played on. `progress` shows bars on standard error."""

    zhibao: Zhibao
    clock: SteppingClock
    progress: bool

    @property
    def services(self) -> Services:
        """What the use cases are given."""
        return self.zhibao.services

    def work(self, items: Sequence[Item], label: str, until: datetime) -> Iterator[Item]:
        """The items one by one, spread over the time until the given instant, under a progress bar."""
        from tqdm import tqdm

        yield from tqdm(
            self.clock.over(items, until),
            desc=label,
            total=len(items),
            disable=not self.progress,
            leave=False,
        )

    def sweep(self) -> None:
        """One pass: all that was promised so far is kept. Raises `SweepFailed`."""
        report = self.zhibao.sweep.run()
        if report.failed:
            raise SweepFailed(f"{len(report.failed)} 项未能送达，见日志 (effects not kept): {report.failed[:3]}")

    def review_level(self, year: int, level: ReviewLevel, judgement: Judgement, until: datetime) -> None:
        """Every seat of a level goes through what waits there of a year; then the mails go out."""
        for submission in self.work(waiting_at(self.services, level, year), f"{year} {level}", until):
            review(self.services, submission, judgement)
        self.sweep()


def china(text: str) -> datetime:
    """An instant written in China time."""
    return read_instant(text)
