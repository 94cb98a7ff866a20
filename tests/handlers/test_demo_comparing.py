"""Printed beside computed: what agrees, what differs, and what lacks a part."""

from decimal import Decimal

import pytest

from handlers.demo.comparing import Figures, Meaning, Verdict
from handlers.demo.shipped import Cell, PrintedCheck
from handlers.demo.telling import Wording, not_computable

MEANINGS = {
    "rd_intensity_gdp": Meaning("ratio", "rd_expenditure", "gdp"),
    "rd_expenditure_growth_avg": Meaning("average_growth", "rd_expenditure", ""),
    "rd_intensity_gdp_change": Meaning("difference", "rd_intensity_gdp", ""),
    "rd_rank_in_parent": Meaning("rank", "rd_expenditure", ""),
    "rd_rank_in_parent_change": Meaning("rank_change", "rd_rank_in_parent", ""),
}
WORDS = Wording(
    {
        "gdp": ("地区生产总值", "Gross regional product", "万元"),
        "rd_expenditure": ("R&D经费", "Gross domestic expenditure on R&D", "万元"),
    }
)


def row(region: str, **cells: str) -> dict[str, str]:
    blank = dict.fromkeys(("rd_expenditure", "gdp", *MEANINGS), "")
    place = {"region_code": region, "region_name_zh": region, "parent_code": "530000", "level": "city"}
    return {**blank, **place, **cells}


def check(indicator: str, value: str, step: str = "0.01", year: int = 2020) -> PrintedCheck:
    return PrintedCheck("", "530100", year, indicator, value, Decimal(value), Decimal(step), "")


@pytest.mark.parametrize(
    ("computed", "printed", "step", "verdict"),
    [
        ("10.389534", "10.39", "0.01", Verdict.AGREES),
        ("10.389534", "10.40", "0.01", Verdict.LAST_DIGIT),
        ("10.389534", "10.4", "0.1", Verdict.AGREES),
        ("10.389534", "10.42", "0.01", Verdict.DIFFERS),
        ("0.945", "0.95", "0.01", Verdict.AGREES),
        ("42000", "42000", "1000", Verdict.AGREES),
        ("41400", "42000", "1000", Verdict.LAST_DIGIT),
    ],
)
def test_a_computed_value_is_compared_at_the_printed_precision(
    computed: str, printed: str, step: str, verdict: Verdict
) -> None:
    figures = Figures({2020: [row("530100", rd_intensity_gdp=computed)]}, MEANINGS)
    assert figures.compare(check("rd_intensity_gdp", printed, step)).verdict is verdict


def test_a_ratio_lacks_the_part_that_was_never_printed() -> None:
    figures = Figures({2019: [row("530100", rd_expenditure="8970")]}, MEANINGS)
    comparison = figures.compare(check("rd_intensity_gdp", "0.95", year=2019))
    assert comparison.verdict is Verdict.NOT_COMPUTABLE
    assert comparison.missing == (Cell("530100", 2019, "gdp"),)
    assert "(not computable: GDP 2019 missing)" in not_computable(comparison.missing, WORDS)


def test_an_average_growth_lacks_the_base_year_of_its_plan() -> None:
    figures = Figures({2020: [row("530100", rd_expenditure="1208600")]}, MEANINGS)
    missing = figures.missing(Cell("530100", 2020, "rd_expenditure_growth_avg"))
    assert missing == (Cell("530100", 2015, "rd_expenditure"),)


def test_a_change_of_a_ratio_lacks_the_parts_of_both_years() -> None:
    figures = Figures({2020: [row("530100", rd_expenditure="24800")]}, MEANINGS)
    missing = figures.missing(Cell("530100", 2020, "rd_intensity_gdp_change"))
    assert missing == (
        Cell("530100", 2020, "gdp"),
        Cell("530100", 2019, "rd_expenditure"),
        Cell("530100", 2019, "gdp"),
    )


@pytest.mark.parametrize("indicator", ["rd_rank_in_parent", "rd_rank_in_parent_change"])
def test_a_rank_among_a_few_known_regions_is_not_comparable(indicator: str) -> None:
    known = row("530100", rd_expenditure="24800", rd_rank_in_parent="1", rd_rank_in_parent_change="1")
    figures = Figures({2020: [known, row("530300"), row("530400")]}, MEANINGS)
    comparison = figures.compare(check(indicator, "13", "1"))
    assert comparison.verdict is Verdict.NOT_COMPARABLE
    assert (comparison.known, comparison.siblings) == (1, 3)


def test_a_rank_among_all_regions_is_compared() -> None:
    rows = [
        row("530100", rd_expenditure="24800", rd_rank_in_parent="13"),
        row("530300", rd_expenditure="9"),
    ]
    assert Figures({2020: rows}, MEANINGS).compare(check("rd_rank_in_parent", "13", "1")).verdict is Verdict.AGREES
