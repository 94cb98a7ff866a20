"""The invented year: who files what, in which spelling, and how the reviewers treat it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tests.journeys.arithmetic import Map
from tests.journeys.driver import SIGN_OFF, csv_text
from tests.journeys.registers import Row, enterprise, office, region, reviewer

REGIONS = [
    region("990000", "示例省", "province"),
    region("990100", "甲市", "city", "990000"),
    region("990101", "甲一县", "county", "990100"),
    region("990102", "甲二县", "county", "990100"),
    region("990103", "甲三县", "county", "990100"),
    region("990171", "甲高新区", "zone", "990100", zone_role="reviewing", hosts="990101"),
    region("990200", "乙市", "city", "990000"),
    region("990201", "乙一县", "county", "990200"),
    region("990202", "乙二县", "county", "990200"),
    region("990275", "乙新片区", "zone", "990200", zone_role="overlay", hosts="990201|990202"),
    region("990300", "丙市", "city", "990000"),
    region("990301", "丙一县", "county", "990300"),
]
SEATLESS = "990103"
STAFF = [reviewer(row["code"]) for row in REGIONS if row["code"] not in {SEATLESS, "990275"}]
STAFF.insert(2, reviewer("990101", "b"))
PLACES = Map(
    {row["code"]: row["parent_code"] for row in REGIONS},
    frozenset(row["code"] for row in REGIONS if row["level"] == "zone"),
)
Typed = Mapping[str, tuple[str, Decimal | None]]
"""Item key → the text typed and the figure it means."""


@dataclass(slots=True)
class Course:
    """One unit's year: what it types each time it files, and the verdicts that differ from an acceptance."""

    row: Row
    form: str
    section: str = ""
    typed: tuple[Typed, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    """Inputs that are no item: statuses and notes."""
    verdicts: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """(seat, revision) → `return` or `leave`; anything else is accepted."""

    @property
    def unit_id(self) -> str:
        """The unit."""
        return self.row["unit_id"]

    @property
    def first_seat(self) -> str:
        """The first body of its route."""
        parent = PLACES.parents[self.row["region_code"]]
        return self.row["reviewing_body"] or (self.row["region_code"] if self.form == "107-2" else parent)


def staff_and_money(people: int, labour: int, **spelled: str) -> Typed:
    """R&D staff and costs that agree with each other; `spelled` gives other spellings of a figure."""
    figures = {
        "rd_staff_total": people,
        "rd_staff_fulltime": people // 2,
        "rd_cost_total": labour + 345,
        "rd_cost_labour": labour,
        "rd_cost_direct_input": 345,
        "rd_src_own": labour + 345,
    }
    return {key: (spelled.get(key, str(value)), Decimal(value)) for key, value in figures.items()}


def region_return(**figures: str) -> Typed:
    """An office's figures; those not named stay blank."""
    return {key: (text, Decimal(text.replace(",", ""))) for key, text in figures.items()}


_FIRST = staff_and_money(12, 12000, rd_cost_total="１２，３４５", rd_cost_labour="12,000", rd_staff_total="12.")
ENTERPRISES = [
    Course(
        enterprise(1, "990101", starred=True),
        "107-2",
        "C",
        ({**_FIRST, "new_product_sales": ("9 000", Decimal(9000))},),
    ),
    Course(
        enterprise(2, "990101", industry="6510"),
        "107-2",
        "I",
        ({**staff_and_money(7, 700), "papers": ("", None), "patents_applied": ("5", Decimal(5))},),
        {"papers-status": "not_applicable", "patents_applied-status": "estimated"},
    ),
    Course(enterprise(3, "990102"), "107-2", "C", (staff_and_money(30, 30000),)),
    Course(enterprise(4, "990101", industry="2710", body="990171"), "107-2", "C", (staff_and_money(41, 4100),)),
    Course(enterprise(5, "990201", industry="7320"), "107-2", "M", (staff_and_money(5, 55),)),
    Course(enterprise(6, "990202"), "107-2", "C", (staff_and_money(6, 66666),), verdicts={("990200", 1): "leave"}),
    Course(enterprise(7, SEATLESS), "107-2", "C", (staff_and_money(7, 77777),)),
    Course(enterprise(8, "990201"), "107-2", "C"),
    Course(
        enterprise(9, "990102", industry="6510"),
        "107-2",
        "I",
        (staff_and_money(99, 987654), staff_and_money(9, 999)),
        verdicts={("990100", 1): "return"},
    ),
    Course(enterprise(10, "990301"), "107-2", "C", (staff_and_money(10, 1010),)),
]
OFFICES = [
    Course(
        office("990101", "county"),
        "region-st",
        typed=(region_return(gdp="1,000,000.50", rd_expenditure="30000", resident_population="50.25", incubators="0"),),
    ),
    Course(
        office("990102", "county"),
        "region-st",
        typed=(region_return(gdp="500000", rd_expenditure="5000.05", resident_population="20", makerspaces="4"),),
    ),
    Course(
        office("990201", "county"),
        "region-st",
        typed=(region_return(gdp="444444", rd_expenditure="8888"), region_return(gdp="400000", rd_expenditure="8000")),
        verdicts={("990200", 1): "return"},
    ),
    Course(
        office("990202", "county"),
        "region-st",
        typed=(region_return(gdp="123123", rd_expenditure="321"),),
        verdicts={("990200", 1): "leave"},
    ),
    Course(
        office("990200", "city"),
        "region-st",
        typed=(region_return(gdp="777777", rd_expenditure="7"),),
        verdicts={("990000", 1): "return"},
    ),
    Course(
        office("990300", "city"),
        "region-st",
        typed=(region_return(gdp="900000", rd_expenditure="9000", resident_population="60"),),
    ),
    Course(
        office("990301", "county"),
        "region-st",
        typed=(region_return(gdp="850000", rd_expenditure="8500", incubators="3"),),
    ),
]
COURSES = {course.unit_id: course for course in ENTERPRISES + OFFICES}


def register_files() -> tuple[str, str, str]:
    """Regions, units and staff as CSV."""
    return csv_text(REGIONS), csv_text([course.row for course in COURSES.values()]), csv_text(STAFF)


def inputs_of(course: Course, revision: int, keys: list[str]) -> dict[str, str]:
    """What the page of a revision is filled with: every enterprise item 0 unless it is given another figure."""
    given = {key: text for key, (text, _) in course.typed[revision - 1].items()}
    rest = "0" if course.form == "107-2" else ""
    return {**dict.fromkeys(keys, rest), **given, **course.extra, **SIGN_OFF}


def figures_of(course: Course, revision: int, keys: list[str]) -> dict[str, Decimal | None]:
    """What that page means."""
    given = {key: value for key, (_, value) in course.typed[revision - 1].items()}
    return {**dict.fromkeys(keys, Decimal(0) if course.form == "107-2" else None), **given}
