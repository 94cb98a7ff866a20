"""Importing regions and staff: what is read, and what each mistake is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from register.importing import ImportProblems, Problem, read_regions, read_staff
from register.regions import Regions, ZoneRole
from register.seats import Role, StaffMember

FileMaker = Callable[..., bytes]


def only(problems: ImportProblems) -> Problem:
    assert problems.total == 1, str(problems)
    return problems.problems[0]


def staff_row(**cells: str) -> dict[str, str]:
    row = {"email": "li@example.cn", "name": "李审核", "role": "reviewer", "region_code": "530102"}
    return row | {"from": "", "to": ""} | cells


def test_zone_columns_are_optional_and_hosts_are_joined_by_a_bar(regions: Regions, regions_csv: str) -> None:
    assert regions["530174"].host_codes == ("530102", "530171")
    assert regions["530174"].zone_role is ZoneRole.OVERLAY
    short = "\n".join(",".join(line.split(",")[:5]) for line in regions_csv.splitlines()[:5])
    assert len(read_regions(short.encode(), "regions.csv")) == 4


def test_a_region_may_lack_an_english_name(regions_csv: str) -> None:
    text = regions_csv.replace("Wuhua District", "")
    assert read_regions(text.encode(), "regions.csv")["530102"].name_en == ""


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "expected"),
    [
        ("530127,嵩明县", "53012,嵩明县", 5, "code", "六位行政区划代码"),
        ("530171,昆明高", "53-171,昆明高", 6, "code", "六位行政区划代码"),
        ("530127,嵩明县", ",嵩明县", 5, "code", "必填"),
        ("嵩明县", "", 5, "name_zh", "必填"),
        ("District,county", "District,区", 4, "level", "province / city / county / zone 之一"),
        (",reviewing,", ",审核,", 6, "zone_role", "reviewing / overlay / group 之一"),
        (",reviewing,", ",,", 6, "zone_role", "功能区必填"),
        ("county,530100,,\n530127", "county,530100,group,\n530127", 4, "zone_role", "非功能区应为空"),
        ("county,530100,,\n530127", "county,530000x,,\n530127", 4, "parent_code", "名录库中的上级代码"),
        ("530102|530171", "530102|", 7, "host_codes", "名录库中的所在地代码"),
        ("530102|530171", "530102;530171", 7, "host_codes", "名录库中的所在地代码"),
        ("530171,昆明高新", "530102,昆明高新", 6, "code", "每个代码只出现一次"),
        ("city,530000", "province,", 3, "level", "恰有一个省级"),
    ],
)
def test_each_mistake_in_the_regions_is_named(
    old: str,
    new: str,
    line: int,
    column: str,
    expected: str,
    regions_csv: str,
    regions_refused: Callable[[str], ImportProblems],
) -> None:
    text = regions_csv.replace(old, new)
    problems = regions_refused(text).problems
    assert any(p.line == line and p.column == column and expected in p.expected for p in problems), problems


def test_regions_without_a_row_are_refused(regions_csv: str, regions_refused: Callable[[str], ImportProblems]) -> None:
    assert only(regions_refused("")).found == "no rows"
    assert only(regions_refused(regions_csv.splitlines()[0])).found == "no rows"


def test_several_people_may_hold_one_seat(regions: Regions, csv_file: FileMaker) -> None:
    rows = [staff_row(), staff_row(email="wang@example.cn", **{"from": "2026-01-01", "to": "2026-12-31"})]
    assert read_staff(csv_file(*rows), "staff.csv", regions) == [
        StaffMember("li@example.cn", "李审核", Role.REVIEWER, "530102", None, None),
        StaffMember("wang@example.cn", "李审核", Role.REVIEWER, "530102", date(2026, 1, 1), date(2026, 12, 31)),
    ]


def test_the_term_columns_may_be_absent(regions: Regions, csv_file: FileMaker) -> None:
    row = {column: cell for column, cell in staff_row().items() if column not in {"from", "to"}}
    assert read_staff(csv_file(row), "staff.csv", regions)[0].valid_to is None


def test_a_term_of_one_day_is_a_term(regions: Regions, csv_file: FileMaker) -> None:
    row = staff_row(**{"from": "2026-01-01", "to": "2026-01-01"})
    assert read_staff(csv_file(row), "staff.csv", regions)[0].serves_on(date(2026, 1, 1))


@pytest.mark.parametrize("role", ["office", "operator", "auditor"])
def test_staff_that_does_not_review_may_belong_to_any_region(role: str, regions: Regions, csv_file: FileMaker) -> None:
    row = staff_row(role=role, region_code="530174")
    assert read_staff(csv_file(row), "staff.csv", regions)[0].role == role


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        ({"email": "x"}, "email", "一个电子邮件地址"),
        ({"email": ""}, "email", "必填"),
        ({"name": ""}, "name", "必填"),
        ({"role": "boss"}, "role", "reviewer / office / operator / auditor 之一"),
        ({"region_code": "440000"}, "region_code", "名录库中的行政区划代码"),
        ({"region_code": "530174"}, "region_code", "审核人所在地应有审核职能"),
        ({"region_code": "530177"}, "region_code", "审核人所在地应有审核职能"),
        ({"from": "2026/01/01"}, "from", "YYYY-MM-DD"),
        ({"from": "20260101"}, "from", "YYYY-MM-DD"),
        ({"from": "2026-W01-1"}, "from", "YYYY-MM-DD"),
        ({"to": "2026-02-30"}, "to", "YYYY-MM-DD"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "to", "不早于 from 的日期 (not before 2026-02-02)"),
    ],
)
def test_each_mistake_in_the_staff_is_named(
    cells: dict[str, str],
    column: str,
    expected: str,
    csv_file: FileMaker,
    staff_refused: Callable[[bytes], ImportProblems],
) -> None:
    problem = only(staff_refused(csv_file(staff_row(), staff_row(**cells))))
    assert (problem.line, problem.column) == (3, column)
    assert expected in problem.expected


def test_a_reviewing_zone_has_a_seat(regions: Regions, csv_file: FileMaker) -> None:
    assert read_staff(csv_file(staff_row(region_code="530171")), "staff.csv", regions)


def test_staff_without_a_row_is_refused(staff_refused: Callable[[bytes], ImportProblems]) -> None:
    assert only(staff_refused(b"email,name,role,region_code\n")).found == "no rows"


def test_a_register_without_a_province_is_refused_at_its_first_row(
    regions_refused: Callable[[str], ImportProblems],
) -> None:
    text = "code,name_zh,name_en,level,parent_code\n530102,五华区,Wuhua District,county,530100\n"
    problems = regions_refused(text).problems
    assert [(problem.line, problem.column) for problem in problems] == [(2, "level"), (2, "parent_code")]
    assert problems[0].found == "no province"
