"""From a row of the units file to a unit, or to the reasons why it is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from register.cell_checks import check_email, check_region, check_word
from register.csv_rows import Columns
from register.errors import RegisterError
from register.industries import sections_by_division
from register.regions import Level
from register.units import Size, Unit, UnitKind, UnitStatus, check_credit_code

if TYPE_CHECKING:
    from register.csv_rows import Row
    from register.problems import ProblemLog
    from register.regions import Region, Regions

UNIT_COLUMNS = Columns(
    required=("unit_id", "name", "kind", "region_code", "reviewing_body", "industry_code", "email"),
    optional=("size", "starred", "group_id", "status"),
    filled=frozenset({"unit_id", "name", "kind", "region_code", "email"}),
)
OFFICE_LEVELS = {UnitKind.COUNTY: (Level.COUNTY, Level.ZONE), UnitKind.CITY: (Level.CITY,)}
CREDIT_CODE_EXPECTED = "统一社会信用代码 with a valid check character (GB 32100-2015)"
STARRED = {"": False, "0": False, "1": True}

# An office's identifier becomes part of keys and addresses: letters, digits and four harmless marks.
_OFFICE_ID = re.compile(r"[\w.:-]{1,64}")
_INDUSTRY = re.compile(r"[0-9]{4}")


class UnitRows:
    """Reads the rows of one units file against one set of regions, remembering the identifiers seen."""

    __slots__ = ("_divisions", "_lines", "_problems", "_regions")

    def __init__(self, regions: Regions, problems: ProblemLog) -> None:
        self._regions = regions
        self._problems = problems
        self._divisions = sections_by_division()
        self._lines: dict[str, int] = {}

    def unit(self, row: Row) -> Unit | None:
        """Return the row's unit; None, with every mistake of the row noted, if there is any."""
        before = self._problems.total
        kind = check_word(row, "kind", UnitKind, self._problems)
        region = check_region(row, self._regions, self._problems)
        size = check_word(row, "size", Size, self._problems)
        status = check_word(row, "status", UnitStatus, self._problems)
        email = check_email(row, self._problems)
        starred = self._starred(row)
        if kind is None:
            return None
        unit_id = self._unit_id(row, kind)
        industry_code = self._industry_code(row, kind)
        reviewing_body = self._reviewing_body(row, kind, region)
        if self._problems.total != before:
            return None
        return Unit(
            unit_id=unit_id,
            name=row.cells["name"],
            kind=kind,
            region_code=row.cells["region_code"],
            reviewing_body=reviewing_body,
            industry_code=industry_code,
            email=email,
            size=size,
            starred=starred,
            group_id=row.cell("group_id"),
            status=status or UnitStatus.ACTIVE,
        )

    def _unit_id(self, row: Row, kind: UnitKind) -> str:
        unit_id = row.cells["unit_id"]
        try:
            unit_id = _check_unit_id(unit_id, kind)
        except RegisterError as error:
            self._problems.add(row.line, "unit_id", unit_id, str(error))
            return unit_id
        first = self._lines.setdefault(unit_id, row.line)
        if first != row.line:
            expected = f"不重复的 unit_id，已见于第 {first} 行 (already used on line {first})"
            self._problems.add(row.line, "unit_id", unit_id, expected)
        return unit_id

    def _industry_code(self, row: Row, kind: UnitKind) -> str:
        code = row.cells["industry_code"]
        if kind is not UnitKind.ENTERPRISE:
            if code:
                self._problems.add(row.line, "industry_code", code, "政府机构应为空 (blank for an office)")
        elif not _INDUSTRY.fullmatch(code) or code[:2] not in self._divisions:
            expected = "四位行业小类代码，大类 01–97 (4 digits, GB/T 4754-2017)"
            self._problems.add(row.line, "industry_code", code, expected)
        return code

    def _reviewing_body(self, row: Row, kind: UnitKind, region: Region | None) -> str | None:
        """Check that the first body on the route, given or implied, is one that reviews."""
        if region is not None and kind in OFFICE_LEVELS and region.level not in OFFICE_LEVELS[kind]:
            levels = " / ".join(OFFICE_LEVELS[kind])
            expected = f"{levels} 级行政区划代码，与 kind 一致 (a region of the office's level)"
            self._problems.add(row.line, "region_code", region.code, expected)
            return None
        code = row.cells["reviewing_body"]
        if code:
            self._check_reviews(row, code)
        elif region is not None:
            self._check_reviews(row, _implied_body(kind, region))
        return code or None

    def _check_reviews(self, row: Row, body_code: str) -> None:
        body = self._regions.get(body_code)
        if body is None or not body.reviews:
            expected = "县、市、省或有审核职能的功能区代码 (the code of a region that reviews)"
            self._problems.add(row.line, "reviewing_body", row.cells["reviewing_body"], expected)

    def _starred(self, row: Row) -> bool:
        text = row.cell("starred")
        if text not in STARRED:
            self._problems.add(row.line, "starred", text, "1 或 0 (1 or 0)")
        return STARRED.get(text, False)


def _implied_body(kind: UnitKind, region: Region) -> str:
    return region.code if kind is UnitKind.ENTERPRISE else region.parent_code or ""


def _check_unit_id(unit_id: str, kind: UnitKind) -> str:
    if kind is UnitKind.ENTERPRISE:
        try:
            return check_credit_code(unit_id)
        except RegisterError as error:
            raise RegisterError(f"{CREDIT_CODE_EXPECTED}；{error}") from error
    if not _OFFICE_ID.fullmatch(unit_id):
        raise RegisterError("机构编号：文字、数字和 . _ : -，不超过 64 位 (letters, digits, . _ : -)")
    return unit_id
