"""Reference series: published figures with their units and vintages, imported whole or not at all."""

from datetime import datetime
from decimal import Decimal

import pytest

from indicators.ports import Objects
from indicators.reference import POINTER, import_reference, load_reference
from indicators.units import UnitMismatch, convert
from register.importing import ImportProblems

HEADER = "series,region_code,year,value,unit,vintage,source,published_on"
GOOD = "gdp,530100,2020,6733.79,亿元,初步核算,统计公报,2021-04-01"


def csv_of(*lines: str) -> bytes:
    return "\n".join((HEADER, *lines, "")).encode()


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "result"),
    [
        ("1", "亿元", "万元", "10000"),
        ("6733.79", "亿元", "万元", "67337900"),
        ("1", "元", "亿元", "0.00000001"),
        ("123456789012345.1234567891", "亿元", "元", "12345678901234512345678.91"),
        ("846.3", "万人", "人", "8463000"),
        ("15", "平方米", "万平方米", "0.0015"),
        ("7", "千元", "万元", "0.7"),
        ("3", "件", "件", "3"),
    ],
)
def test_units_convert_exactly(value: str, unit: str, wanted: str, result: str) -> None:
    assert convert(Decimal(value), unit, wanted) == Decimal(result)


@pytest.mark.parametrize(("unit", "wanted"), [("亿元", "人"), ("个", "件"), ("吨", "万元"), ("万元", "吨"), ("", "元")])
def test_units_of_different_things_never_convert(unit: str, wanted: str) -> None:
    with pytest.raises(UnitMismatch):
        convert(Decimal(1), unit, wanted)


def test_the_newest_published_vintage_counts(objects: Objects, at: datetime) -> None:
    lines = (
        "gdp,530100,2020,6800,亿元,最终核实,年鉴,2022-11-01",
        GOOD,
        "gdp,530100,2020,6750,亿元,初步核实,年鉴,2021-12-01",
        "gdp,530100,2019,6475.88,亿元,最终核实,年鉴,2021-11-01",
        "gdp,000000,2020,1013567,亿元,,国家统计局,2021-02-28",
    )
    assert import_reference(objects, csv_of(*lines), "reference.csv", at) == 5
    reference = load_reference(objects)
    found = reference.get("gdp", "530100", 2020)
    assert found is not None
    assert (found.value, found.vintage) == (Decimal(6800), "最终核实")
    nation = reference.get("gdp", "000000", 2020)
    assert nation is not None
    assert nation.vintage == ""
    assert reference.get("gdp", "530100", 2018) is None
    assert reference.get("rd_expenditure", "530100", 2020) is None


def test_an_import_is_a_new_snapshot_of_everything(objects: Objects, at: datetime) -> None:
    import_reference(objects, csv_of(GOOD), "first.csv", at)
    first = load_reference(objects)
    import_reference(objects, csv_of(GOOD.replace("530100", "530300")), "second.csv", at)
    second = load_reference(objects)
    assert second.get("gdp", "530100", 2020) is None
    assert second.get("gdp", "530300", 2020) is not None
    assert first.snapshot != second.snapshot
    assert objects.read(f"reference/{first.snapshot}.csv") == csv_of(GOOD), "the old one is still there"


def test_nothing_imported_is_an_empty_series(objects: Objects) -> None:
    assert load_reference(objects).newest == {}


def test_gb18030_and_a_byte_order_mark_are_read(objects: Objects, at: datetime) -> None:
    for data in (csv_of(GOOD).decode().encode("gb18030"), b"\xef\xbb\xbf" + csv_of(GOOD)):
        import_reference(objects, data, "reference.csv", at)
        found = load_reference(objects).get("gdp", "530100", 2020)
        assert found is not None
        assert found.unit == "亿元"


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (GOOD.replace("6733.79", "6,733.79").replace("6,733.79", '"6,733.79"'), "value"),
        (GOOD.replace("6733.79", "6733.79亿元"), "value"),
        (GOOD.replace("6733.79", "1e5"), "value"),
        (GOOD.replace("6733.79", ""), "value"),
        (GOOD.replace("530100", "昆明市"), "region_code"),
        (GOOD.replace("530100", "５３０１００"), "region_code"),
        (GOOD.replace(",2020,", ",20,"), "year"),
        (GOOD.replace(",2020,", ",２０２０,"), "year"),
        (GOOD.replace("gdp", "地区生产总值"), "series"),
        (GOOD.replace("2021-04-01", "2021年4月"), "published_on"),
        (GOOD.replace("亿元", ""), "unit"),
        (GOOD.replace("亿元", "万人"), "unit"),
        (GOOD.replace("统计公报", ""), "source"),
    ],
)
def test_one_bad_line_changes_nothing_and_is_named_by_file_line_and_column(
    objects: Objects, at: datetime, line: str, column: str
) -> None:
    import_reference(objects, csv_of(GOOD), "good.csv", at)
    before = objects.read(POINTER)
    with pytest.raises(ImportProblems) as caught:
        import_reference(objects, csv_of(GOOD.replace("530100", "530300"), line, GOOD), "bad.csv", at)
    assert str(caught.value.problems[0]).startswith(f"bad.csv:3: column {column}: found ")
    assert objects.read(POINTER) == before
    assert objects.names("reference/") == sorted([POINTER, f"reference/{load_reference(objects).snapshot}.csv"]), (
        "nothing half-written"
    )


def test_a_figure_of_one_vintage_stands_once(objects: Objects, at: datetime) -> None:
    with pytest.raises(ImportProblems, match=r"bad\.csv:3: column series"):
        import_reference(objects, csv_of(GOOD, GOOD.replace("6733.79", "9")), "bad.csv", at)


def test_a_series_that_is_no_item_may_be_in_any_unit(objects: Objects, at: datetime) -> None:
    import_reference(objects, csv_of(GOOD.replace("gdp", "rd_intensity_gdp").replace("亿元", "%")), "r.csv", at)
    found = load_reference(objects).get("rd_intensity_gdp", "530100", 2020)
    assert found is not None
    assert found.unit == "%"


def test_a_lost_snapshot_is_an_error_and_not_an_empty_series(objects: Objects, at: datetime) -> None:
    import_reference(objects, csv_of(GOOD), "good.csv", at)
    pointer = objects.read(POINTER)
    assert pointer is not None
    tag = objects.read_with_tag(POINTER)
    assert tag is not None
    objects.swap(POINTER, pointer.replace(load_reference(objects).snapshot.encode(), b"0" * 64), tag[1])
    with pytest.raises(LookupError, match="missing from the object store"):
        load_reference(objects)
