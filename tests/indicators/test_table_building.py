"""From recorded acceptances to published tables: one whole year, an empty one, and years that look back on others."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.definition import TableDefinition
from indicators.facts import AcceptedReturn, record
from indicators.ports import CollectionFrame, Objects, ProgressRow
from indicators.publishing import Manifest, latest, read_file, verify
from indicators.reference import import_reference
from indicators.region_table import RegionYear
from indicators.tables import NoCollection, Workshop, definition_of, published
from register.regions import Level, Region, Regions

Frames = Callable[..., CollectionFrame]
Returns = Callable[..., AcceptedReturn]
Workshops = Callable[..., Workshop]
TABLES = ("enterprise_totals", "region_indicators", "response_rates")


@pytest.fixture
def text_of(definitions: Mapping[str, TableDefinition]) -> Callable[[Objects, Manifest], str]:
    """A published CSV."""
    return lambda objects, manifest: read_file(objects, manifest, definitions[manifest.name], "csv").decode()


def rows(text: str) -> dict[str, dict[str, str]]:
    return {row["region_code"]: row for row in csv.DictReader(io.StringIO(text))}


GOLDEN_RATES = """\
year,region_code,region_name_zh,level,form,expected,exceptions,sent,late,in_review_county,in_review_city,in_review_province,returned,accepted
2025,990000,示例省,province,107-2,2,0,2,1,0,1,0,0,1
2025,990000,示例省,province,region-st,1,0,1,0,0,0,0,0,1
2025,990100,甲市,city,107-2,2,0,2,1,0,1,0,0,1
2025,990100,甲市,city,region-st,1,0,1,0,0,0,0,0,1
2025,990101,甲一区,county,107-2,2,0,2,1,0,1,0,0,1
2025,990101,甲一区,county,region-st,1,0,1,0,0,0,0,0,1
"""
GOLDEN_TOTALS = """\
year,region_code,region_name_zh,level,industry_section,form,item,unit,value,contributors
2025,990000,示例省,province,,107-2,rd_staff_total,人,12,1
2025,990000,示例省,province,,107-2,rd_staff_admin,人,,0
"""
GOLDEN_INDICATORS = f"2025,990101,甲一区,Jia 1,county,990100,own,1,1,2000,50.5,,,7{36 * ','}2.525{12 * ','}1,\n"


def a_year(objects: Objects, frame_of: Frames, accepted_return: Returns) -> CollectionFrame:
    office = {"gdp": "2000.00", "rd_expenditure": "50.50", "rd_personnel": "7", "hnte_count": {}}
    record(objects, accepted_return(1, {"rd_staff_total": 12, "rd_cost_total": "100"}))
    record(objects, accepted_return(2, office, form="region-st", unit_kind="county"))

    def row(form: str, stage: str, level: str, *, late: bool) -> ProgressRow:
        return ProgressRow(form, "990101", "990101", stage, level, late=late, sent=True, excepted=False, count=1)

    progress = (
        row("107-2", "accepted", "", late=False),
        row("107-2", "in_review", "city", late=True),
        row("region-st", "accepted", "", late=False),
    )
    return frame_of(progress=progress)


def test_the_tables_of_a_small_year_are_the_golden_ones(
    objects: Objects,
    frame_of: Frames,
    accepted_return: Returns,
    workshop_of: Workshops,
    at: datetime,
    text_of: Callable[[Objects, Manifest], str],
) -> None:
    workshop = workshop_of(objects, a_year(objects, frame_of, accepted_return))
    totals, indicators, rates = workshop.build(None, 2025, at)
    assert [one.name for one in (totals, indicators, rates)] == list(TABLES)
    assert text_of(objects, rates) == GOLDEN_RATES
    assert text_of(objects, totals).startswith(GOLDEN_TOTALS)
    assert text_of(objects, indicators).splitlines(keepends=True)[3] == GOLDEN_INDICATORS
    assert totals.body["revisions"]["count"] == indicators.body["revisions"]["count"] == 1
    assert rates.body["revisions"]["count"] == 0
    assert totals.body["inputs"]["forms"] == {"107-2": "107-2/2021", "region-st": "region-st/2010"}
    assert [mark["mark"] for mark in totals.marks] == ["sample"]
    assert verify(objects, TABLES, [2025]) == []


def test_building_twice_publishes_once_and_gives_the_same_bytes(
    new_objects: Callable[[], Any], frame_of: Frames, accepted_return: Returns, workshop_of: Workshops, at: datetime
) -> None:
    first, second = new_objects(), new_objects()
    for objects in (first, second):
        workshop = workshop_of(objects, a_year(objects, frame_of, accepted_return))
        built = workshop.build(None, 2025, at)
        assert workshop.build(None, 2025, at) == built
    assert first.held == second.held


def test_one_table_alone_is_built_by_its_name(
    objects: Objects, frame_of: Frames, accepted_return: Returns, workshop_of: Workshops, at: datetime
) -> None:
    workshop = workshop_of(objects, a_year(objects, frame_of, accepted_return))
    (manifest,) = workshop.build("response_rates", 2025, at)
    assert manifest.name == "response_rates"
    assert latest(objects, "enterprise_totals", 2025) is None
    assert published(objects, [2024, 2025]) == [manifest]


def test_a_year_nothing_was_accepted_in_is_built_empty(
    objects: Objects,
    frame_of: Frames,
    workshop_of: Workshops,
    at: datetime,
    text_of: Callable[[Objects, Manifest], str],
) -> None:
    totals, indicators, rates = workshop_of(objects, frame_of(provisional=True)).build(None, 2025, at)
    assert text_of(objects, totals).splitlines() == [GOLDEN_TOTALS.splitlines()[0]]
    assert text_of(objects, rates).splitlines() == [GOLDEN_RATES.splitlines()[0]]
    assert len(rows(text_of(objects, indicators))) == 8
    assert totals.body["sums"] == {"value": "0", "contributors": "0"}
    assert [mark["mark"] for mark in totals.marks] == ["sample", "provisional"]
    assert verify(objects, TABLES, [2025]) == []


def test_a_year_of_one_form_alone_is_built(
    objects: Objects, frame_of: Frames, workshop_of: Workshops, at: datetime
) -> None:
    frame = frame_of(versions={"107-2": "107-2/2021"})
    assert len(workshop_of(objects, frame).build(None, 2025, at)) == 3


def test_a_year_or_a_table_there_is_not_is_refused_with_what_there_is(
    objects: Objects, frame_of: Frames, workshop_of: Workshops, at: datetime
) -> None:
    workshop = workshop_of(objects, frame_of(2024), frame_of(2025))
    with pytest.raises(NoCollection, match="2019 年没有开过年报；有的是 2025, 2024"):
        workshop.build(None, 2019, at)
    with pytest.raises(NoCollection, match="没有表 gdp；有的是 enterprise_totals, region_indicators, response_rates"):
        workshop.build("gdp", 2025, at)
    with pytest.raises(NoCollection):
        definition_of("gdp")
    assert objects.names("") == []


def test_earlier_years_are_read_from_their_own_facts_or_from_reference_alone(
    objects: Objects,
    frame_of: Frames,
    accepted_return: Returns,
    workshop_of: Workshops,
    at: datetime,
    text_of: Callable[[Objects, Manifest], str],
) -> None:
    for year, figure in ((2024, 100), (2025, 125)):
        record(objects, accepted_return(year, {"rd_expenditure": figure}, form="region-st", year=year))
    header = "series,region_code,year,value,unit,vintage,source,published_on"
    reference = f"{header}\nrd_expenditure,990101,2020,0.0050,亿元,,年鉴,2021-10-01\n"
    import_reference(objects, reference.encode(), "reference.csv", at)
    frames = [frame_of(year, offices=["990101"]) for year in (2024, 2025)]
    (manifest,) = workshop_of(objects, *frames).build("region_indicators", 2025, at)
    row = rows(text_of(objects, manifest))["990101"]
    assert row["rd_expenditure_growth"] == "25"
    average = Decimal(row["rd_expenditure_growth_avg"]).quantize(Decimal("0.000001"))
    assert average == Decimal("20.112443"), "50 to 125 in five years: 2.5^(1/5) − 1"
    assert len(manifest.body["inputs"]["reference_snapshot"]) == 64
    assert row["rd_rank_in_parent_change"] == "0"


def test_a_reference_figure_that_arrives_later_makes_a_new_version(
    objects: Objects, frame_of: Frames, accepted_return: Returns, workshop_of: Workshops, at: datetime
) -> None:
    workshop = workshop_of(objects, a_year(objects, frame_of, accepted_return))
    assert [one.number for one in workshop.build(None, 2025, at)] == [1, 1, 1]
    header = "series,region_code,year,value,unit,vintage,source,published_on"
    import_reference(objects, f"{header}\ngdp,990101,2025,9,亿元,,年鉴,2026-05-01\n".encode(), "r.csv", at)
    assert [one.number for one in workshop.build(None, 2025, at)] == [1, 2, 1]


@st.composite
def figures(draw: st.DrawFn) -> tuple[Regions, dict[str, Decimal | None], set[str]]:
    """A random province, what its regions filed of one item, and who was expected."""
    found = [Region("990000", "省", "P", Level.PROVINCE, None)]
    for city in range(1, draw(st.integers(1, 4)) + 1):
        found.append(Region(f"99{city:02d}00", f"市{city}", "C", Level.CITY, "990000"))
        counties = range(1, draw(st.integers(0, 4)) + 1)
        found += [Region(f"99{city:02d}{n:02d}", "县", "D", Level.COUNTY, f"99{city:02d}00") for n in counties]
    codes = [region.code for region in found[1:]]
    value = st.one_of(st.none(), st.decimals(0, 10**9, places=2))
    filed = draw(st.dictionaries(st.sampled_from(codes), value))
    return Regions(found), filed, set(filed) | draw(st.sets(st.sampled_from(codes)))


def naive(
    regions: Regions, filed: Mapping[str, Decimal | None], expected: set[str], code: str
) -> tuple[Decimal | None, bool]:
    """The figure of a region and whether all who were expected are in it."""
    value = filed.get(code)
    if value is not None:
        return value, True
    children = [region.code for region in regions if region.parent_code == code]
    parts = {child: naive(regions, filed, expected, child) for child in children}
    values = [part for part, _ in parts.values() if part is not None]
    if not values:
        return None, False

    def waited_for(child: str) -> bool:
        return any(region.code in expected and child in (region.code, region.parent_code) for region in regions)

    whole = all(part is not None and complete for child, (part, complete) in parts.items() if waited_for(child))
    return sum(values, Decimal(0)), whole


@settings(max_examples=50, deadline=None)
@given(case=figures())
def test_sums_and_completeness_of_regions_equal_a_naive_recursion(
    region_year: Callable[..., RegionYear],
    region_rows: Callable[[RegionYear], dict[str, dict[str, str]]],
    case: tuple[Regions, dict[str, Decimal | None], set[str]],
) -> None:
    regions, filed, expected = case
    cells: dict[str, str | None] = {}
    for code, value in filed.items():
        cells |= {f"{code} gdp": None if value is None else str(value)}
        cells |= {f"{code} rd_expenditure": None if value is None else "1"}
    found = region_rows(region_year(cells, offices=expected, regions=regions))
    for code, row in found.items():
        value, complete = naive(regions, filed, expected, code)
        assert row["gdp"] == ("" if value is None else str(Decimal(row["gdp"])))
        assert value is None or Decimal(row["gdp"]) == value
        assert (row["rd_intensity_gdp"] != "") == (complete and bool(value))


def test_each_year_whose_facts_are_read_is_noted_before_and_after(
    objects: Objects, frame_of: Frames, workshop_of: Workshops, at: datetime
) -> None:
    workshop: Any = workshop_of(objects, frame_of(2024), frame_of(2025))
    workshop.build(None, 2025, at)
    noted = workshop.frames.noted
    assert (noted[0], noted[-1]) == ("begins 2025", "ends 2025")
    assert "begins 2024" in noted
