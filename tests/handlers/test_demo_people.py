"""The invented people and enterprises: everyone is there, nobody is real, every return holds."""

from collections import Counter
from decimal import Decimal

import pytest

from forms.content import Content, SignOff
from forms.definition import Severity
from forms.edits import check
from forms.loading import shipped_forms
from forms.values import Cell
from handlers.demo.courses import closed_year, open_year
from handlers.demo.enterprises import enterprises
from handlers.demo.figures import figures_of, in_yuan
from handlers.demo.people import offices, staff_csv, units_csv
from register.importing import read_regions, read_staff, read_units
from register.industries import section_of
from register.regions import Level, Regions
from register.seats import Role
from register.shipped import yunnan_regions_csv
from register.units import UnitKind


@pytest.fixture(scope="module")
def regions() -> Regions:
    return read_regions(yunnan_regions_csv(), "regions.csv")


def test_the_register_file_reads_back_to_the_same_units(regions: Regions) -> None:
    units = [*offices(regions), *enterprises(regions)]
    assert list(read_units(units_csv(units), "units.csv", regions)) == units


def test_every_county_and_city_has_its_office(regions: Regions) -> None:
    kinds = Counter(unit.kind for unit in offices(regions))
    assert kinds == {UnitKind.COUNTY: 129, UnitKind.CITY: 16}


def test_two_or_three_enterprises_stand_in_every_county(regions: Regions) -> None:
    found = enterprises(regions)
    counts = Counter(unit.region_code for unit in found)
    assert set(counts) == {region.code for region in regions if region.level is Level.COUNTY}
    assert set(counts.values()) == {2, 3}
    assert 290 <= len(found) <= 310


def test_every_enterprise_says_that_it_is_synthetic(regions: Regions) -> None:
    for unit in enterprises(regions):
        assert unit.name.startswith("示例（合成）")
        assert unit.unit_id[2:8] == "999999"
        assert unit.email.endswith(".example")


def test_the_enterprises_are_of_many_kinds(regions: Regions) -> None:
    found = enterprises(regions)
    assert len({section_of(unit.industry_code) for unit in found}) >= 8
    assert len({unit.size for unit in found}) == 4
    assert any(unit.starred for unit in found)
    assert {"530171", "530172", "530173"} <= {unit.reviewing_body for unit in found}


def test_every_seat_is_held_and_the_province_is_staffed(regions: Regions) -> None:
    staff = read_staff(staff_csv(regions), "staff.csv", regions)
    seats = {member.region_code for member in staff if member.role is Role.REVIEWER}
    assert seats == {region.code for region in regions if region.reviews}
    assert {member.role for member in staff} == set(Role)
    assert all("示例" in member.name and member.email.endswith(".example") for member in staff)


@pytest.mark.parametrize("year", [2024, 2025])
@pytest.mark.parametrize("slip", [False, True])
def test_every_synthetic_return_meets_nothing_but_reminders(regions: Regions, year: int, slip: bool) -> None:
    definition = shipped_forms().in_force("107-2", year)
    for unit in enterprises(regions):
        figures = figures_of(unit, year, definition)
        figures = in_yuan(figures, definition) if slip else figures
        content = Content(
            {key: Cell(Decimal(value)) for key, value in figures.items()}, {}, SignOff("", "", "", "", "")
        )
        found = check(definition, content, starred=unit.starred)
        assert {finding.severity for finding in found} <= {Severity.NOTE}


def test_the_open_year_has_something_of_everything() -> None:
    courses = [open_year(number) for number in range(1, 302)]
    sent = sum(course.sends for course in courses)
    assert 0.55 < sent / len(courses) < 0.65
    assert any(course.files and not course.sends for course in courses)
    assert {course.stops_at for course in courses if course.sends} >= {"county", "city", "province", None}


def test_nearly_all_of_the_closed_year_is_accepted() -> None:
    courses = [closed_year(number) for number in range(1, 302)]
    assert sum(course.stops_at is not None for course in courses) == 1
    assert sum(not course.sends for course in courses) <= 10
    assert {course.returned_by for course in courses} == {None, "county", "city", "province"}
