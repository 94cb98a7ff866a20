"""Importing a register: what is read goes in force as a whole, or the old one stays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.sqlite.store import SqliteStore
from register.importing import ImportProblems
from register.units import make_synthetic_credit_code
from workflows.registering import import_regions, import_staff, import_units
from workflows.services import Services

REGIONS = """code,name_zh,name_en,level,parent_code
990000,示例省,Sample Province,province,
990100,甲市,Jia City,city,990000
990101,甲一县,Jiayi County,county,990100
""".encode()
STAFF = "email,name,role,region_code\nr@seats.example,审核员,reviewer,990101\n".encode()


def units(*codes: str) -> bytes:
    head = "unit_id,name,kind,region_code,reviewing_body,industry_code,email\n"
    return (head + "".join(f"{code},公司,enterprise,990101,,3911,a@x.example\n" for code in codes)).encode()


@pytest.fixture
def empty(services: Services, tmp_path: Path) -> Iterator[Services]:
    """A home without any register."""
    store = SqliteStore(tmp_path / "empty.sqlite3")
    yield replace(services, store=store)
    store.close()


def test_a_register_is_imported_regions_first(empty: Services) -> None:
    for import_one, data in ((import_units, units()), (import_staff, STAFF)):
        with pytest.raises(ImportProblems, match="import regions"):
            import_one(empty, data, "file.csv")
    assert import_regions(empty, REGIONS, "regions.csv") == 3
    assert import_units(empty, units(*map(make_synthetic_credit_code, (1, 2))), "units.csv") == 2
    assert import_staff(empty, STAFF, "staff.csv") == 1
    assert [member.email for member in empty.store.holders("990101", empty.today())] == ["r@seats.example"]


def test_a_file_with_a_mistake_leaves_every_list_as_it_was(empty: Services) -> None:
    import_regions(empty, REGIONS, "regions.csv")
    import_units(empty, units(make_synthetic_credit_code(1)), "units.csv")
    import_staff(empty, STAFF, "staff.csv")
    before = [empty.store.current(kind) for kind in ("regions", "units", "staff")]
    with pytest.raises(ImportProblems, match=r"units\.csv:3"):
        import_units(empty, units(make_synthetic_credit_code(2), "nonsense"), "units.csv")
    with pytest.raises(ImportProblems, match=r"staff\.csv:2"):
        import_staff(empty, STAFF.replace(b"reviewer", b"monarch"), "staff.csv")
    with pytest.raises(ImportProblems, match=r"regions\.csv"):
        import_regions(empty, REGIONS.replace(b"county", b"hamlet"), "regions.csv")
    assert [empty.store.current(kind) for kind in ("regions", "units", "staff")] == before
