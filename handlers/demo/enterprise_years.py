"""The two years of the synthetic enterprises on form 107-2: 2024, closed, and 2025, under way now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from forms.definition import FormDefinition
from handlers.demo.acting import Answer, Judgement, file_return, save_draft
from handlers.demo.courses import Course, closed_year, judge, open_year
from handlers.demo.figures import figures_of, in_yuan
from handlers.demo.stage import Stage, china
from register.units import Unit
from workflows.calendars import Calendar
from workflows.collecting import close_collection, open_collection
from workflows.deadlines import CHINA
from workflows.reviewing import Verdict
from workflows.routes import ReviewLevel
from workflows.submissions import Submission

FORM = "107-2"
CLOSED_YEAR = 2024
OPEN_YEAR = 2025
OPENED_BEFORE = timedelta(days=35)
DUE_AFTER = timedelta(days=12)
DRAFT_ITEMS = 14
"""A draft stops after so many items."""


@dataclass(frozen=True, slots=True)
class Filer:
    """One enterprise in one year: its unit and the course its return takes."""

    unit: Unit
    course: Course


def play_closed_year(stage: Stage, units: Sequence[Unit]) -> None:
    """2024: filed and reviewed in two rounds, because a few came back; some never filed; then closed."""
    filers = [Filer(unit, closed_year(number)) for number, unit in enumerate(units, start=1)]
    scene = _Scene(stage, CLOSED_YEAR, filers)
    scene.open(china("2025-01-06T09:00"), Calendar(china("2025-03-10T24:00"), china("2025-04-20T24:00")))
    scene.file([filer for filer in filers if filer.course.sends and not filer.course.late], china("2025-03-09T17:00"))
    scene.file([filer for filer in filers if filer.course.late], china("2025-03-13T17:00"))
    scene.review(china("2025-03-14T09:00"), timedelta(days=4))
    scene.file_again([filer for filer in filers if filer.course.returned_by], china("2025-04-01T17:00"))
    scene.review(china("2025-04-02T09:00"), timedelta(days=4))
    stage.clock.reach(china("2025-04-20T17:00"))
    close_collection(stage.services, CLOSED_YEAR)
    stage.sweep()


def play_open_year(stage: Stage, units: Sequence[Unit], now: datetime) -> None:
    """2025: opened some weeks before the present, due some days after it."""
    filers = [Filer(unit, open_year(number)) for number, unit in enumerate(units, start=1)]
    scene = _Scene(stage, OPEN_YEAR, filers)
    due = (now + DUE_AFTER).astimezone(CHINA).strftime("%Y-%m-%dT24:00")
    scene.open(opening_before(now), Calendar(china(due)))
    scene.draft([filer for filer in filers if filer.course.files and not filer.course.sends], now - timedelta(days=30))
    scene.file([filer for filer in filers if filer.course.sends], now - timedelta(days=4))
    scene.review(now - timedelta(days=4), timedelta(days=1))


def opening_before(now: datetime) -> datetime:
    """When the collection of 2025 was opened, seen from now."""
    return now - OPENED_BEFORE


class _Scene:
    """One year of the enterprises: its filers, and the steps they take in batches."""

    def __init__(self, stage: Stage, year: int, filers: Sequence[Filer]) -> None:
        self._stage = stage
        self._year = year
        self._courses = {filer.unit.unit_id: filer.course for filer in filers}
        self._definition: FormDefinition = stage.zhibao.forms.in_force(FORM, year)

    def open(self, moment: datetime, calendar: Calendar) -> None:
        self._stage.clock.reach(moment)
        open_collection(self._stage.services, year=self._year, form=FORM, calendar=calendar)
        self._stage.sweep()

    def draft(self, filers: Sequence[Filer], until: datetime) -> None:
        """The first items only, kept and not sent."""
        for filer in self._batch(filers, "draft", until):
            answers = dict(list(self._answers(filer.unit, slip=False).items())[:DRAFT_ITEMS])
            save_draft(self._stage.services, filer.unit, self._year, FORM, answers)

    def file(self, filers: Sequence[Filer], until: datetime) -> None:
        """The first revision; one that will come back is in the wrong unit of measure."""
        for filer in self._batch(filers, "send", until):
            self._send(filer.unit, slip=filer.course.returned_by is not None)
        self._stage.sweep()

    def file_again(self, filers: Sequence[Filer], until: datetime) -> None:
        """The corrected revision, by the unit itself."""
        for filer in self._batch(filers, "send again", until):
            self._send(filer.unit, slip=False)
        self._stage.sweep()

    def review(self, start: datetime, days: timedelta) -> None:
        """Each level in turn goes through its inboxes, one stretch of time for each."""
        for number, level in enumerate(ReviewLevel, start=1):
            self._stage.review_level(self._year, level, self._judgement(level), start + days * number)

    def _send(self, unit: Unit, *, slip: bool) -> None:
        file_return(self._stage.services, unit, self._year, FORM, self._answers(unit, slip=slip))

    def _answers(self, unit: Unit, *, slip: bool) -> dict[str, Answer]:
        figures = figures_of(unit, self._year, self._definition)
        if slip:
            figures = in_yuan(figures, self._definition)
        return {key: Answer(str(value)) for key, value in figures.items()}

    def _judgement(self, level: ReviewLevel) -> Judgement:
        def decide(submission: Submission) -> Verdict | None:
            return judge(self._courses[submission.identity.unit_id], level, submission.state.revision)

        return decide

    def _batch(self, filers: Sequence[Filer], what: str, until: datetime) -> Iterator[Filer]:
        return self._stage.work(filers, f"{self._year} {FORM} {what}", until)
