"""Who takes part in the example years: the offices of every region, the reviewers, the province's staff.

Every name and address is invented and says so: 示例 in the name, `.example` (RFC 2606) in the address.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from register.regions import Level, Region, Regions
from register.units import Unit, UnitKind

STAFF_COLUMNS = ("email", "name", "role", "region_code")
UNIT_COLUMNS = (
    "unit_id",
    "name",
    "kind",
    "region_code",
    "reviewing_body",
    "industry_code",
    "email",
    "size",
    "starred",
)
PROVINCE_ROLES = {"office": "省级统计人员", "operator": "系统运维人员", "auditor": "检查人员"}
OFFICE_ADDRESS = "office@province.example"
SEAT_WORDS = {Level.PROVINCE: "省级", Level.CITY: "市级", Level.COUNTY: "县级", Level.ZONE: "功能区"}


def office_id(region_code: str) -> str:
    """The unit id of a region's science and technology office (科技主管部门)."""
    return f"KJ{region_code}"


def reviewer_address(region: Region) -> str:
    """The address of the one who holds a region's seat."""
    return f"{region.level}-{region.code}@review.example"


def offices(regions: Regions) -> list[Unit]:
    """The office of every county and city: one row per office, the units that file `region-st`."""
    kinds = {Level.COUNTY: UnitKind.COUNTY, Level.CITY: UnitKind.CITY}
    return [
        Unit(
            unit_id=office_id(region.code),
            name=f"{region.name_zh}科学技术主管部门（示例）",
            kind=kinds[region.level],
            region_code=region.code,
            reviewing_body=None,
            industry_code="",
            email=f"{office_id(region.code).lower()}@office.example",
        )
        for region in regions
        if region.level in kinds
    ]


def units_csv(units: Iterable[Unit]) -> bytes:
    """Units as the file that `zhibao import units` takes."""
    rows = (
        (
            unit.unit_id,
            unit.name,
            unit.kind,
            unit.region_code,
            unit.reviewing_body or "",
            unit.industry_code,
            unit.email,
            unit.size or "",
            "1" if unit.starred else "",
        )
        for unit in units
    )
    return _csv(UNIT_COLUMNS, rows)


def staff_csv(regions: Regions) -> bytes:
    """A holder for every seat, and the province's staff, as the file that `zhibao import staff` takes."""
    seats = [
        (
            reviewer_address(region),
            f"{region.name_zh}{SEAT_WORDS[region.level]}审核员（示例）",
            "reviewer",
            region.code,
        )
        for region in regions
        if region.reviews
    ]
    province = [
        (f"{role}@province.example", f"{word}（示例）", role, regions.province.code)
        for role, word in PROVINCE_ROLES.items()
    ]
    return _csv(STAFF_COLUMNS, [*seats, *province])


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
