"""A small register around one city, and helpers that write the import files of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from register.importing import ImportProblems, read_regions, read_staff, read_units
from register.units import make_synthetic_credit_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from register.regions import Regions

REGIONS_CSV = """code,name_zh,name_en,level,parent_code,zone_role,host_codes
530000,云南省,Yunnan Province,province,,,
530100,昆明市,Kunming City,city,530000,,
530102,五华区,Wuhua District,county,530100,,
530127,嵩明县,Songming County,county,530100,,
530171,昆明高新技术产业开发区,Kunming Hi-tech Zone,zone,530100,reviewing,530102
530174,自贸试验区昆明片区,Kunming FTZ Area,zone,530100,overlay,530102|530171
530177,嵩明杨林经济技术开发区,Yanglin Zone,zone,530127,group,530127
"""


@pytest.fixture
def regions_csv() -> str:
    """One province, one city, two counties and three zones, one of each role."""
    return REGIONS_CSV


@pytest.fixture
def regions(regions_csv: str) -> Regions:
    """The small register, read."""
    return read_regions(regions_csv.encode(), "regions.csv")


@pytest.fixture
def unit_row() -> Callable[..., dict[str, str]]:
    """A builder of one good enterprise row, with cells replaced by keyword."""

    def build(serial: int = 1, **cells: str) -> dict[str, str]:
        row = {
            "unit_id": make_synthetic_credit_code(serial),
            "name": "云南示例科技有限公司",
            "kind": "enterprise",
            "region_code": "530102",
            "reviewing_body": "",
            "industry_code": "3911",
            "email": "filler@example.cn",
        }
        return row | cells

    return build


@pytest.fixture
def csv_file() -> Callable[..., bytes]:
    """A writer of rows as a CSV file in UTF-8, the header from the first row."""

    def write(*rows: dict[str, str]) -> bytes:
        lines = [",".join(rows[0])]
        lines += [",".join('"' + cell.replace('"', '""') + '"' for cell in row.values()) for row in rows]
        return ("\n".join(lines) + "\n").encode()

    return write


@pytest.fixture
def units_refused(regions: Regions) -> Callable[[bytes], ImportProblems]:
    """Reads a units file that must be refused and gives what is wrong with it."""

    def refuse(data: bytes) -> ImportProblems:
        with pytest.raises(ImportProblems) as caught:
            list(read_units(data, "units.csv", regions))
        return caught.value

    return refuse


@pytest.fixture
def staff_refused(regions: Regions) -> Callable[[bytes], ImportProblems]:
    """Reads a staff file that must be refused and gives what is wrong with it."""

    def refuse(data: bytes) -> ImportProblems:
        with pytest.raises(ImportProblems) as caught:
            read_staff(data, "staff.csv", regions)
        return caught.value

    return refuse


@pytest.fixture
def regions_refused() -> Callable[[str], ImportProblems]:
    """Reads a regions file that must be refused and gives what is wrong with it."""

    def refuse(text: str) -> ImportProblems:
        with pytest.raises(ImportProblems) as caught:
            read_regions(text.encode(), "regions.csv")
        return caught.value

    return refuse
