"""Region indicators: every figure here was worked out by hand."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from forms.loading import FormCatalogue
from indicators.definition import TableDefinition
from indicators.ports import REGION_FORM
from indicators.reference import ReferenceSeries
from indicators.region_table import RegionYear, region_indicators
from indicators.units import UnitMismatch
from register.regions import Level, Region, Regions

Rows = Callable[[RegionYear], dict[str, dict[str, str]]]
Year = Callable[..., RegionYear]
References = Callable[..., ReferenceSeries]
COUNTIES = ("990101", "990102", "990103")


def coverage(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["basis"], row["regions_expected"], row["regions_in"]


def test_the_columns_are_place_basis_items_in_form_order_and_indicators(
    region_year: Year, definitions: Mapping[str, TableDefinition], catalogue: FormCatalogue
) -> None:
    table = region_indicators(region_year({}), definitions["region_indicators"], ())
    items = tuple(catalogue.in_force(REGION_FORM, 2025).items)
    place = "year,region_code,region_name_zh,region_name_en,level,parent_code,basis,regions_expected,regions_in"
    assert table.names[:9] == tuple(place.split(","))
    assert table.names[9 : 9 + len(items)] == items
    assert table.names[9 + len(items) :] == tuple(one.key for one in definitions["region_indicators"].indicators)


def test_every_region_has_one_row_in_code_order_zones_too(region_year: Year, region_rows: Rows) -> None:
    rows = region_rows(region_year({}))
    assert list(rows) == ["990000", "990100", *COUNTIES, "990171", "990200", "990201"]
    assert rows["990000"]["parent_code"] == ""
    assert (rows["990171"]["level"], rows["990171"]["parent_code"]) == ("zone", "990100")
    assert coverage(rows["990000"]) == ("", "0", "0")


def test_a_city_that_filed_stands_on_its_own_figure_and_not_on_its_counties(
    region_year: Year, region_rows: Rows
) -> None:
    rows = region_rows(region_year({"990100 gdp": "500", "990101 gdp": "100", "990102 gdp": "200"}))
    assert rows["990100"]["gdp"] == "500"
    assert coverage(rows["990100"]) == ("own", "1", "1")
    assert coverage(rows["990101"]) == ("own", "1", "1")


def test_a_city_that_did_not_file_is_the_sum_of_its_counties(region_year: Year, region_rows: Rows) -> None:
    year = region_year({"990101 gdp": "100.10", "990102 gdp": "200.20", "990103 gdp": "0.05"})
    rows = region_rows(year)
    assert rows["990100"]["gdp"] == "300.35"
    assert coverage(rows["990100"]) == ("sum", "3", "3")
    assert rows["990000"]["gdp"] == "300.35"
    assert coverage(rows["990000"]) == ("sum", "1", "1")


def test_cells_a_city_left_blank_come_from_its_counties_and_the_row_is_mixed(
    region_year: Year, region_rows: Rows
) -> None:
    filed = {"990100 gdp": "500", "990100 rd_expenditure": None}
    filed |= {"990101 rd_expenditure": "3", "990102 rd_expenditure": "4"}
    rows = region_rows(region_year(filed))
    assert (rows["990100"]["gdp"], rows["990100"]["rd_expenditure"]) == ("500", "7")
    assert rows["990100"]["basis"] == "mixed"


def test_partial_coverage_shows_the_sum_but_no_ratio(region_year: Year, region_rows: Rows) -> None:
    filed = {"990101 gdp": "100", "990101 rd_expenditure": "2", "990102 gdp": "100", "990102 rd_expenditure": "3"}
    rows = region_rows(region_year(filed, offices=COUNTIES))
    assert (rows["990100"]["gdp"], rows["990100"]["rd_expenditure"]) == ("200", "5")
    assert coverage(rows["990100"]) == ("sum", "3", "2")
    assert rows["990100"]["rd_intensity_gdp"] == ""
    assert coverage(rows["990103"]) == ("", "1", "0")
    whole = region_rows(region_year(filed))
    assert whole["990100"]["rd_intensity_gdp"] == "2.5"


def test_one_county_that_left_one_item_blank_spoils_only_what_needs_it(region_year: Year, region_rows: Rows) -> None:
    filed = {f"{code} {item}": "10" for code in COUNTIES for item in ("gdp", "rd_expenditure", "resident_population")}
    rows = region_rows(region_year({**filed, "990103 rd_expenditure": None}))
    assert rows["990100"]["rd_expenditure"] == "20"
    assert rows["990100"]["rd_intensity_gdp"] == ""
    assert rows["990100"]["gdp_per_capita"] == "1"


def test_a_blank_is_not_a_zero(region_year: Year, region_rows: Rows) -> None:
    rows = region_rows(region_year({"990101 gdp": "0", "990101 rd_expenditure": None, "990102 gdp": None}))
    assert rows["990101"]["gdp"] == "0"
    assert rows["990101"]["rd_expenditure"] == ""
    assert rows["990102"]["gdp"] == ""
    assert coverage(rows["990102"]) == ("own", "1", "1")
    assert rows["990201"]["gdp"] == ""


def test_a_ratio_over_zero_is_blank_and_a_ratio_of_zero_is_zero(region_year: Year, region_rows: Rows) -> None:
    rows = region_rows(
        region_year({"990101 gdp": "0", "990101 rd_expenditure": "5", "990102 gdp": "9", "990102 rd_expenditure": "0"})
    )
    assert rows["990101"]["rd_intensity_gdp"] == ""
    assert rows["990102"]["rd_intensity_gdp"] == "0"


def test_ratios_are_recomputed_from_sums_and_kept_to_ten_decimals(region_year: Year, region_rows: Rows) -> None:
    filed = {"990101 gdp": "3", "990101 rd_expenditure": "1", "990102 gdp": "297", "990102 rd_expenditure": "1"}
    rows = region_rows(region_year(filed))
    assert rows["990101"]["rd_intensity_gdp"] == "33.3333333333"
    assert rows["990102"]["rd_intensity_gdp"] == "0.3367003367"
    assert rows["990100"]["rd_intensity_gdp"] == "0.6666666667", "2 ÷ 300, not the mean of the counties"


def test_ten_thousand_yuan_over_ten_thousand_people_is_yuan_a_head(region_year: Year, region_rows: Rows) -> None:
    rows = region_rows(region_year({"990101 gdp": "6730000", "990101 resident_population": "846"}))
    assert rows["990101"]["gdp_per_capita"] == "7955.0827423168"


def test_zones_are_overlays_and_never_added(region_year: Year, region_rows: Rows) -> None:
    rows = region_rows(region_year({"990101 gdp": "100", "990171 gdp": "60"}))
    assert rows["990171"]["gdp"] == "60"
    assert coverage(rows["990171"]) == ("own", "1", "1")
    assert rows["990100"]["gdp"] == "100"
    assert rows["990000"]["gdp"] == "100"


def test_a_reference_figure_goes_before_a_filed_one_and_is_converted(
    region_year: Year, region_rows: Rows, reference_of: References
) -> None:
    reference = reference_of(("gdp", "990100", 2025, "6733.79", "亿元"), ("gdp", "990101", 2024, "1", "亿元"))
    year = region_year({"990100 gdp": "1", "990100 rd_expenditure": "1208600", "990101 gdp": "9"}, reference=reference)
    rows = region_rows(year)
    assert rows["990100"]["gdp"] == "67337900"
    assert rows["990100"]["basis"] == "own"
    assert rows["990101"]["gdp"] == "9", "a reference figure of another year is none"
    assert rows["990100"]["rd_intensity_gdp"] == "1.7948287666", "1208600 ÷ 67337900 × 100 by long division"
    assert rows["990000"]["gdp"] == "67337900"


def test_a_row_of_reference_figures_alone_says_so_and_counts_nobody(
    region_year: Year, region_rows: Rows, reference_of: References
) -> None:
    reference = reference_of(("gdp", "990200", 2025, "12", "亿元"))
    rows = region_rows(region_year({}, reference=reference))
    assert coverage(rows["990200"]) == ("reference", "0", "0")
    assert rows["990200"]["gdp"] == "120000"


def test_reference_figures_of_some_children_make_no_complete_sum(
    region_year: Year, region_rows: Rows, reference_of: References
) -> None:
    rows_of = ("gdp", "990100", 2025, "2", "亿元"), ("rd_expenditure", "990100", 2025, "1", "亿元")
    rows = region_rows(region_year({}, reference=reference_of(*rows_of)))
    assert rows["990100"]["rd_intensity_gdp"] == "50"
    assert rows["990000"]["gdp"] == "20000"
    assert rows["990000"]["rd_intensity_gdp"] == "", "乙市 has no figure, so the province's is not the province's"
    both = (*rows_of, ("gdp", "990200", 2025, "2", "亿元"), ("rd_expenditure", "990200", 2025, "0", "亿元"))
    assert region_rows(region_year({}, reference=reference_of(*both)))["990000"]["rd_intensity_gdp"] == "25"


def test_a_reference_in_a_unit_that_does_not_convert_is_never_passed_through(
    region_year: Year, region_rows: Rows, reference_of: References
) -> None:
    reference = reference_of(("gdp", "990100", 2025, "5", "万人"))
    with pytest.raises(UnitMismatch, match="万人 不能换算成 万元"):
        region_rows(region_year({}, reference=reference))


def test_average_growth_of_kunming_over_the_plan_period(
    region_year: Year, region_rows: Rows, reference_of: References
) -> None:
    """(1208600 ÷ 737300)^(1/5) − 1 = 10.3895 %: 2020 looks back on 2015, whatever lies between."""
    earlier = region_year({"990100 rd_expenditure": "737300"}, year=2015)
    years = [region_year({"990100 rd_expenditure": "1"}, year=year) for year in range(2016, 2020)]
    row = region_rows(region_year({"990100 rd_expenditure": "1208600"}, year=2020, before=[earlier, *years]))["990100"]
    assert Decimal(row["rd_expenditure_growth_avg"]).quantize(Decimal("0.0001")) == Decimal("10.3895")
    assert len(row["rd_expenditure_growth_avg"].partition(".")[2]) >= 6
    assert row["rd_expenditure_growth"] == "120859900"


@pytest.mark.parametrize(
    ("year", "base"), [(2016, 2015), (2017, 2015), (2020, 2015), (2021, 2020), (2025, 2020), (2015, 2010)]
)
def test_the_base_of_an_average_growth_is_the_last_year_of_the_plan_before(
    region_year: Year, region_rows: Rows, year: int, base: int
) -> None:
    growth = Decimal("1.1") ** (year - base)
    before = [region_year({"990101 rd_expenditure": "100"}, year=base)]
    now = region_year({"990101 rd_expenditure": str(100 * growth)}, year=year, before=before)
    assert region_rows(now)["990101"]["rd_expenditure_growth_avg"] == "10"


def test_growth_and_difference_need_the_year_before(region_year: Year, region_rows: Rows) -> None:
    filed = {"990101 gdp": "1000", "990101 rd_expenditure": "30", "990102 gdp": "100", "990102 rd_expenditure": "1"}
    before = {"990101 gdp": "800", "990101 rd_expenditure": "40", "990102 gdp": "0", "990102 rd_expenditure": "0"}
    rows = region_rows(region_year(filed, before=[region_year(before, year=2024)]))
    assert rows["990101"]["rd_expenditure_growth"] == "-25"
    assert rows["990101"]["rd_intensity_gdp_change"] == "-2"
    assert rows["990102"]["rd_expenditure_growth"] == "", "nothing grows from zero by a rate"
    assert rows["990102"]["rd_intensity_gdp_change"] == ""
    alone = region_rows(region_year(filed))
    assert alone["990101"]["rd_expenditure_growth"] == alone["990101"]["rd_expenditure_growth_avg"] == ""


def test_no_change_is_zero_and_not_blank_nor_minus_zero(region_year: Year, region_rows: Rows) -> None:
    filed = {"990101 gdp": "100", "990101 rd_expenditure": "3"}
    rows = region_rows(region_year(filed, before=[region_year(filed, year=2024)]))
    assert rows["990101"]["rd_expenditure_growth"] == "0"
    assert rows["990101"]["rd_intensity_gdp_change"] == "0"
    assert rows["990101"]["rd_rank_in_parent_change"] == "0"


def test_ties_share_a_rank_and_the_next_place_is_left_out(region_year: Year, region_rows: Rows) -> None:
    filed = {"990101 rd_expenditure": "7", "990102 rd_expenditure": "7", "990103 rd_expenditure": "5"}
    rows = region_rows(region_year(filed))
    assert [rows[code]["rd_rank_in_parent"] for code in COUNTIES] == ["1", "1", "3"]
    assert rows["990000"]["rd_rank_in_parent"] == ""


def test_a_rank_is_among_regions_of_one_level_with_complete_figures(region_year: Year, region_rows: Rows) -> None:
    filed = {"990101 rd_expenditure": "1", "990102 rd_expenditure": "2", "990171 rd_expenditure": "99"}
    filed |= {"990201 rd_expenditure": "50"}
    rows = region_rows(region_year(filed, offices=[*COUNTIES, "990171", "990201"]))
    assert (rows["990102"]["rd_rank_in_parent"], rows["990101"]["rd_rank_in_parent"]) == ("1", "2")
    assert rows["990103"]["rd_rank_in_parent"] == rows["990171"]["rd_rank_in_parent"] == ""
    assert rows["990201"]["rd_rank_in_parent"] == "1"
    assert rows["990100"]["rd_rank_in_parent"] == "", "a partial sum takes no place"
    assert rows["990200"]["rd_rank_in_parent"] == "1"


def test_a_step_up_in_rank_is_positive(region_year: Year, region_rows: Rows) -> None:
    before = region_year({"990101 rd_expenditure": "1", "990102 rd_expenditure": "2"}, year=2024)
    rows = region_rows(region_year({"990101 rd_expenditure": "9", "990102 rd_expenditure": "3"}, before=[before]))
    assert rows["990101"]["rd_rank_in_parent_change"] == "1"
    assert rows["990102"]["rd_rank_in_parent_change"] == "-1"


def kunming(county: str) -> Regions:
    return Regions(
        [
            Region("530000", "云南省", "Yunnan", Level.PROVINCE, None),
            Region("530100", "昆明市", "Kunming", Level.CITY, "530000"),
            Region(county, "晋宁区", "Jinning", Level.COUNTY, "530100"),
        ]
    )


def test_a_region_is_followed_through_a_change_of_its_code(region_year: Year, region_rows: Rows) -> None:
    """晋宁 was 530122 in the lists up to 2016 and is 530115 since 2017."""
    old = region_year({"530122 rd_expenditure": "100"}, year=2015, regions=kunming("530122"))
    now = region_year({"530115 rd_expenditure": "200"}, year=2020, regions=kunming("530115"), before=[old])
    average = Decimal(region_rows(now)["530115"]["rd_expenditure_growth_avg"])
    assert average.quantize(Decimal("0.000001")) == Decimal("14.869835"), "2^(1/5) − 1"


def test_reference_figures_are_found_under_the_code_of_their_year(
    region_year: Year, region_rows: Rows, reference_of: References
) -> None:
    """A year nobody filed has today's register, while its published figures bear the codes of the time."""
    reference = reference_of(("rd_expenditure", "530122", 2015, "100", "万元"))
    old = region_year({}, year=2015, regions=kunming("530115"), reference=reference)
    now = region_year({"530115 rd_expenditure": "200"}, year=2020, regions=kunming("530115"), before=[old])
    assert region_rows(now)["530115"]["rd_expenditure_growth_avg"].startswith("14.869835")


def test_marks_name_sources_statuses_and_partial_sums(
    region_year: Year, definitions: Mapping[str, TableDefinition], reference_of: References
) -> None:
    reference = reference_of(("gdp", "990200", 2025, "1", "亿元"))
    year = region_year({"990101 gdp": "5"}, offices=COUNTIES, reference=reference, provisional=True)
    year.cells = {
        **year.cells,
        ("990101", "rd_expenditure"): (Decimal(3), "estimated", "快报数"),
        ("990102", "gdp"): (None, "refused", "不予提供"),
    }
    marks = region_indicators(year, definitions["region_indicators"], ()).marks
    assert [mark["mark"] for mark in marks[:2]] == ["sample", "provisional"]
    cells = {(mark["region_code"], mark["item"]): mark for mark in marks[2:]}
    assert cells["990200", "gdp"] == {
        "mark": "reference", "region_code": "990200", "item": "gdp", "note": "统计年鉴 年鉴"
    }  # fmt: skip
    assert cells["990101", "rd_expenditure"]["mark"] == "estimated"
    assert cells["990101", "rd_expenditure"]["note"] == "快报数"
    assert cells["990102", "gdp"]["mark"] == "refused"
    assert cells["990100", "gdp"]["mark"] == "partial"
    assert ("990101", "gdp") not in cells


def test_an_official_closed_year_bears_no_mark(region_year: Year, definitions: Mapping[str, TableDefinition]) -> None:
    year = region_year({"990201 gdp": "5"}, samples=frozenset())
    assert region_indicators(year, definitions["region_indicators"], ()).marks == ()


def test_computed_figures_do_not_depend_on_the_order_of_asking(
    region_year: Year, definitions: Mapping[str, TableDefinition]
) -> None:
    filed = {f"{code} {item}": str(7 + int(code)) for code in COUNTIES for item in ("gdp", "rd_expenditure")}
    definition = definitions["region_indicators"]
    backwards = replace(definition, indicators=definition.indicators[::-1])
    forth = region_indicators(region_year(filed), definition, ())
    back = region_indicators(region_year(filed), backwards, ())
    assert forth.records()[1] == back.records()[1]
