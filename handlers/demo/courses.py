"""How the return of each synthetic enterprise goes: who files, who is sent back, where it stops."""

from dataclasses import dataclass
from typing import Final

from workflows.reviewing import Verdict
from workflows.routes import ReviewLevel


@dataclass(frozen=True, slots=True)
class Course:
    """What happens to one return; the first filing of a returned one has a slip in the unit of measure."""

    files: bool = True
    sends: bool = True
    late: bool = False
    returned_by: ReviewLevel | None = None
    stops_at: ReviewLevel | None = None


NEVER_FILES = Course(files=False, sends=False)
KEEPS_A_DRAFT = Course(sends=False)
LEFT_AT_CITY: Final = 100
"""The one return of 2024 that the city never decided on."""
RETURN: Final = Verdict(
    accept=False,
    reason="unit",
    items=("rd_cost_total", "rd_cost_labour"),
    comment="请核对金额各项的计量单位是否为千元；如属实，请原样再报并写明理由。",
)


def closed_year(number: int) -> Course:
    """The course of the enterprise with this running number in 2024: nearly all accepted."""
    if number == LEFT_AT_CITY:
        return Course(stops_at=ReviewLevel.CITY)
    if number % 43 == 7:
        return NEVER_FILES
    levels = {5: ReviewLevel.COUNTY, 25: ReviewLevel.CITY, 45: ReviewLevel.PROVINCE}
    return Course(late=number % 50 == 11, returned_by=levels.get(number % 75))


def open_year(number: int) -> Course:
    """The course of the same enterprise in 2025, at present: about 60 % have filed."""
    place = number * 37 % 100  # 37 and 100 share no factor: neighbours in the register fare differently
    if place > 64:
        return NEVER_FILES
    if place > 59:
        return KEEPS_A_DRAFT
    if place > 54:
        return Course(returned_by=ReviewLevel.COUNTY)
    if place > 51:
        return Course(returned_by=ReviewLevel.CITY)
    stops = ((40, ReviewLevel.COUNTY), (30, ReviewLevel.CITY), (22, ReviewLevel.PROVINCE))
    return Course(stops_at=next((level for above, level in stops if place > above), None))


def judge(course: Course, level: ReviewLevel, revision: int) -> Verdict | None:
    """What the seat at this level decides on this revision; None leaves it lying."""
    if course.stops_at is level:
        return None
    if course.returned_by is level and revision == 1:
        return RETURN
    return Verdict(accept=True)
