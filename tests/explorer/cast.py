"""Who takes part in the explorations: a unit's fillers, holders of seats before and after a staff change, routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from workflows.calendars import Calendar
from workflows.routes import Body, ReviewLevel

AT = datetime(2026, 3, 1, tzinfo=UTC)
"""The present of every exploration: what lies before or after it is said relative to it."""
CALENDAR = Calendar(due=datetime(2026, 3, 10, tzinfo=UTC))

COUNTY = Body(ReviewLevel.COUNTY, "990101")
OTHER_COUNTY = Body(ReviewLevel.COUNTY, "990102")
CITY = Body(ReviewLevel.CITY, "990100")
PROVINCE = Body(ReviewLevel.PROVINCE, "990000")
ROUTE = (COUNTY, CITY, PROVINCE)
MOVED = (OTHER_COUNTY, CITY, PROVINCE)
STRAIGHT = (COUNTY, PROVINCE)
"""A county under the province itself (省直管县)."""
FOREIGN = (Body(ReviewLevel.COUNTY, "980101"), Body(ReviewLevel.PROVINCE, "980000"))
ITEM = "costs"


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who may act for whom: one person who fills for the unit, and the holders of each seat."""

    filler: str
    seats: Mapping[Body, tuple[str, ...]]

    def pairs(self) -> tuple[tuple[str, Body], ...]:
        """Each holder with his seat."""
        return tuple((person, body) for body, people in self.seats.items() for person in people)


BEFORE = Staffing(
    "fang", {COUNTY: ("chen", "fang"), OTHER_COUNTY: ("mao",), CITY: ("tian",), PROVINCE: ("pan", "qian")}
)
"""Fang fills, and sits in the county's seat as well."""
AFTER = Staffing(
    "gao",
    {COUNTY: ("ning",), OTHER_COUNTY: ("mao",), CITY: ("chen",), PROVINCE: ("pan", "qian", "tian", "fang")},
)
"""Gao fills now; Chen went from the county to the city, Tian from the city to the province, and so did Fang."""
ALIKE = ("pan", "qian")
"""Two who hold the same seats at all times: a state is the same with their names exchanged."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far an exploration goes: what may happen, and how often."""

    revisions: int = 3
    questions: int = 1
    reopenings: int = 1
    exceptions: int = 1
    aspects: frozenset[str] = frozenset()
    """Out of `ASPECTS`: what may happen beside filing, deciding, withdrawing, undoing and reopening."""


ASPECTS = ("questions", "claims", "waivers", "dispositions", "exceptions", "moves", "calendar", "staff")
