"""The years for which documents print figures of `region-st`: filed by the offices, reviewed, closed."""

from collections import defaultdict
from collections.abc import Mapping

from forms.values import Status
from handlers.demo.acting import Answer, file_return
from handlers.demo.people import office_id, offices
from handlers.demo.shipped import OfficeFigure, office_figures
from handlers.demo.stage import Stage, china
from register.regions import Regions
from workflows.calendars import Calendar
from workflows.collecting import close_collection, open_collection
from workflows.reviewing import Verdict
from workflows.routes import ReviewLevel
from workflows.submissions import Submission

FORM = "region-st"


def play_office_year(stage: Stage, year: int, regions: Regions) -> None:
    """One round of the offices' return: opened in January, due on 10 March, closed on 31 March."""
    later = year + 1
    stage.clock.reach(china(f"{later}-01-11T09:00"))
    calendar = Calendar(china(f"{later}-03-10T24:00"), china(f"{later}-03-31T24:00"))
    open_collection(stage.services, year=year, form=FORM, calendar=calendar)
    stage.sweep()
    _file(stage, year, regions)
    for level, day in ((ReviewLevel.CITY, 18), (ReviewLevel.PROVINCE, 25)):
        stage.review_level(year, level, _accept, china(f"{later}-03-{day}T17:00"))
    stage.clock.reach(china(f"{later}-03-31T17:00"))
    close_collection(stage.services, year)
    stage.sweep()


def answers_by_office() -> Mapping[tuple[int, str], Mapping[str, Answer]]:
    """What each office files: (year, region code) → item → answer."""
    filed: dict[tuple[int, str], dict[str, Answer]] = defaultdict(dict)
    for figure in office_figures():
        filed[figure.year, figure.region_code][figure.item] = _answer(figure)
    return filed


def office_years() -> tuple[int, ...]:
    """The years for which any office files."""
    return tuple(sorted({figure.year for figure in office_figures()}))


def _file(stage: Stage, year: int, regions: Regions) -> None:
    units = {unit.unit_id: unit for unit in offices(regions)}
    returns = [(region, answers) for (filed, region), answers in answers_by_office().items() if filed == year]
    for region, answers in stage.work(returns, f"{year} {FORM}", china(f"{year + 1}-03-09T17:00")):
        file_return(stage.services, units[office_id(region)], year, FORM, answers)
    stage.sweep()


def _answer(figure: OfficeFigure) -> Answer:
    return Answer(figure.value, Status(figure.status), figure.note)


def _accept(_: Submission) -> Verdict:
    return Verdict(accept=True)
