"""Reads the register files of an import: regions, units and staff, each all or nothing.

A reader either gives everything the file says or raises ImportProblems; never a part for the whole.
Columns may stand in any order, optional ones may be absent, and outer spaces of a cell do not count.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from register.cell_checks import check_date, check_email, check_region, check_word
from register.csv_rows import Columns, read_rows
from register.decoding import decode
from register.problems import ImportProblems, Problem, ProblemLog
from register.regions import Level, Region, Regions, ZoneRole, find_faults
from register.seats import Role, StaffMember
from register.unit_rows import UNIT_COLUMNS, UnitRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from register.csv_rows import Row
    from register.units import Unit

__all__ = ["ImportProblems", "Problem", "decode", "read_regions", "read_staff", "read_units"]

REGION_COLUMNS = Columns(
    required=("code", "name_zh", "name_en", "level", "parent_code"),
    optional=("zone_role", "host_codes"),
    filled=frozenset({"code", "name_zh", "level"}),
)
STAFF_COLUMNS = Columns(
    required=("email", "name", "role", "region_code"),
    optional=("from", "to"),
    filled=frozenset({"email", "name", "role", "region_code"}),
)

_GB2260 = re.compile(r"[0-9]{6}")
_ZONE_CODE = re.compile(r"[0-9A-Z]{6,12}")


def read_regions(data: bytes, file: str) -> Regions:
    """Return the regions a file lists; raises ImportProblems for any mistake in a row or in the whole."""
    problems = ProblemLog(file)
    listed: list[Region] = []
    lines: list[int] = []
    for row in read_rows(data, REGION_COLUMNS, problems):
        region = _region(row, problems)
        if region is not None:
            listed.append(region)
            lines.append(row.line)
    # with a row missing, what the rows say of each other would be blamed on the wrong one
    problems.raise_if_any()
    for fault in find_faults(listed):
        problems.add(lines[fault.index], fault.column, fault.found, fault.expected)
    problems.raise_if_any()
    return Regions(listed)


def read_units(data: bytes, file: str, regions: Regions) -> Iterator[Unit]:
    """Give the units of a file one by one, holding no more than their identifiers.

    The last step raises ImportProblems if anything in the file was wrong, so nothing may be used before the
    generator has ended: write a new snapshot in batches, and point to it afterwards. From the first mistake
    on no more units are given, but the file is read to its end and every mistake counted.
    """
    problems = ProblemLog(file)
    rows = UnitRows(regions, problems)
    for row in read_rows(data, UNIT_COLUMNS, problems):
        unit = rows.unit(row)
        if unit is not None and problems.total == 0:
            yield unit
    problems.raise_if_any()


def read_staff(data: bytes, file: str, regions: Regions) -> list[StaffMember]:
    """Return the terms of staff a file lists; raises ImportProblems for any mistake."""
    problems = ProblemLog(file)
    members = [_staff_member(row, regions, problems) for row in read_rows(data, STAFF_COLUMNS, problems)]
    problems.raise_if_any()
    return [member for member in members if member is not None]


def _region(row: Row, problems: ProblemLog) -> Region | None:
    level = check_word(row, "level", Level, problems)
    zone_role = check_word(row, "zone_role", ZoneRole, problems)
    code = row.cells["code"]
    if level is None:
        return None
    pattern = _ZONE_CODE if level is Level.ZONE else _GB2260
    if not pattern.fullmatch(code):
        expected = "六位行政区划代码；功能区可为 6 至 12 位数字或大写字母 (6 digits, GB/T 2260; a zone 6 to 12)"
        problems.add(row.line, "code", code, expected)
    hosts = row.cell("host_codes")
    return Region(
        code=code,
        name_zh=row.cells["name_zh"],
        name_en=row.cells["name_en"],
        level=level,
        parent_code=row.cells["parent_code"] or None,
        zone_role=zone_role,
        host_codes=tuple(host.strip() for host in hosts.split("|")) if hosts else (),
    )


def _staff_member(row: Row, regions: Regions, problems: ProblemLog) -> StaffMember | None:
    email = check_email(row, problems)
    role = check_word(row, "role", Role, problems)
    region = check_region(row, regions, problems)
    valid_from = check_date(row, "from", problems)
    valid_to = check_date(row, "to", problems)
    if valid_from is not None and valid_to is not None and valid_from > valid_to:
        problems.add(row.line, "to", row.cell("to"), f"不早于 from 的日期 (not before {valid_from})")
    if role is None or region is None:
        return None
    if role is Role.REVIEWER and not region.reviews:
        expected = "审核人所在地应有审核职能 (a region that reviews: no overlay or group zone)"
        problems.add(row.line, "region_code", region.code, expected)
    return StaffMember(email, row.cells["name"], role, region.code, valid_from, valid_to)
