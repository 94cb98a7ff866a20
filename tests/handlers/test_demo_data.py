"""The shipped figures of the example years: what may be among them, and what may not."""

import re
from decimal import Decimal

import pytest

from forms.loading import shipped_forms
from forms.values import Cell, Status, read_number
from handlers.demo.shipped import (
    OfficeFigure,
    contradictions,
    office_figures,
    printed_checks,
    reference_csv,
)
from register.shipped import yunnan_regions_csv

FIGURES = office_figures()
REGIONS = {line.split(",")[0]: line.split(",")[3] for line in yunnan_regions_csv().decode().splitlines()[1:]}


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: f"{figure.region_code}-{figure.year}-{figure.item}")
def test_every_figure_fits_its_item(figure: OfficeFigure) -> None:
    item = shipped_forms().in_force("region-st", figure.year).items[figure.item]
    assert figure.unit == item.unit
    Cell(read_number(figure.value, item), Status(figure.status), figure.note)


def test_each_item_of_each_office_is_filed_once_a_year() -> None:
    keys = [(figure.region_code, figure.year, figure.item) for figure in FIGURES]
    assert len(keys) == len(set(keys))


def test_only_counties_and_cities_file() -> None:
    assert {REGIONS[figure.region_code] for figure in FIGURES} == {"county", "city"}


def test_only_years_that_were_over_are_observed() -> None:
    assert {figure.year for figure in FIGURES} == {2015, 2019, 2020, 2021}


def test_money_printed_in_yi_yuan_is_filed_in_wan_yuan() -> None:
    kunming = {(f.year, f.item): f.value for f in FIGURES if f.region_code == "530100"}
    assert Decimal(kunming[2015, "rd_expenditure"]) == Decimal("73.73") * 10_000
    assert Decimal(kunming[2020, "rd_expenditure"]) == Decimal("120.86") * 10_000


def test_no_plan_target_is_filed() -> None:
    """The Dongchuan plan prints 4 (2019) and 7 (target of 2025) in one row."""
    counts = [f.value for f in FIGURES if f.region_code == "530113" and f.item == "hnte_count"]
    assert counts == ["4"]
    assert not any("目标" in f.note for f in FIGURES)


def test_patents_are_counted_in_jian() -> None:
    patents = [figure for figure in FIGURES if "patent" in figure.item]
    assert patents
    assert {figure.unit for figure in patents} == {"件"}


def test_what_a_document_calls_estimated_or_unknown_keeps_that_status() -> None:
    status = {(f.region_code, f.year, f.item): f.status for f in FIGURES}
    assert status["530113", 2020, "gdp"] == "estimated"
    assert status["530100", 2020, "hnte_revenue"] == "estimated"
    assert status["530113", 2019, "patents_granted"] == "unknown"
    assert status["530113", 2019, "rd_expenditure"] == ""


def test_the_reference_series_hold_no_target_and_nothing_from_memory() -> None:
    text = reference_csv().decode()
    assert "目标" not in text
    assert "unverified" not in text.lower()
    assert ",2025," not in text


@pytest.mark.parametrize("row", ["gdp,530100,2019", "gdp,530100,2020", "gdp,530900,2020", "gdp,530000,2018"])
def test_unverified_gdp_is_left_out(row: str) -> None:
    assert f"\n{row}," not in reference_csv().decode()


def test_the_reference_series_keep_the_printed_figures() -> None:
    lines = reference_csv().decode().splitlines()
    assert any(line.startswith("rd_expenditure,530100,2019,112.05,亿元,") for line in lines)
    assert any(line.startswith("gdp,530000,2020,24521.9,亿元,初步核算,") for line in lines)
    assert any(line.startswith("rd_expenditure,530000,2020,246.0,亿元,") for line in lines)


def test_every_printed_check_names_a_region_and_an_observed_year() -> None:
    for check in printed_checks():
        assert check.region_code in REGIONS
        assert check.year in {2015, 2019, 2020}
        assert check.step > 0


def test_all_contradictions_of_the_documents_are_listed() -> None:
    assert [one.number for one in contradictions()] == list(range(1, 24))


def test_no_telephone_number_is_among_the_data() -> None:
    texts = [reference_csv().decode(), *(one.text for one in contradictions()), *(f.note for f in FIGURES)]
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)|0\d{2,3}-\d{7,8}", "\n".join(texts))
