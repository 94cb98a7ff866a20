"""Statistical edits: what is asked about, what is left alone, and that no question tells a unit what to report."""

import random
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.content import Content, SignOff
from forms.definition import FormDefinition, Severity
from forms.edits import Finding
from forms.loading import shipped_forms
from forms.outliers import Moved, outlier_findings, outliers, outliers_sql
from forms.statistical_edits import (
    Slip,
    is_beyond,
    near_sum,
    shared_cells,
    statistical_findings,
)
from forms.statistical_settings import Band, OutlierSettings, statistical_settings
from forms.statistical_sql import statistical_sql
from forms.unit_slips import scale_slip
from forms.values import Cell
from tests.forms.records import load_rows

POWERS, AROUND = (1, 3, 4), Decimal(2)
ORDINARY = {
    "rd_staff_total": 37,
    "rd_staff_fulltime": 31,
    "rd_cost_total": 6_473,
    "rd_cost_labour": 3_312,
    "rd_cost_direct_input": 1_957,
    "rd_cost_depreciation": 431,
    "rd_cost_design": 219,
    "rd_cost_other": 554,
    "rd_src_own": 6_473,
    "rd_tax_declared": 6_117,
    "rd_inst_staff": 23,
    "patents_applied": 7,
    "inventions_in_force": 12,
}


def filing(**changes: int) -> Content:
    figures = {**ORDINARY, **changes}
    return Content({key: Cell(Decimal(value)) for key, value in figures.items()}, {}, SignOff())


def a_year_earlier() -> Content:
    return filing(**{key: value * 93 // 100 + 1 for key, value in ORDINARY.items()})


def in_unit(factor: Decimal) -> Content:
    """The same return with its money in another unit of measure."""
    cells = {
        key: cell if key.startswith(("rd_staff", "rd_inst", "pat", "inv")) else Cell(Decimal(int(value * factor)))
        for key, cell in filing().cells.items()
        if (value := cell.value) is not None
    }
    return replace(filing(), cells=cells)


def asked(definition: FormDefinition, content: Content, last_year: Content | None = None) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in statistical_findings(definition, content, last_year):
        found.setdefault(finding.rule_id, []).append(finding)
    return found


def test_an_ordinary_return_is_not_asked_anything(enterprise_form: FormDefinition) -> None:
    assert asked(enterprise_form, filing()) == {}
    assert asked(enterprise_form, filing(), a_year_earlier()) == {}


def test_a_regional_return_is_asked_about_its_own_last_year_and_nothing_else(region_form: FormDefinition) -> None:
    now, before = (Content({"gdp": Cell(Decimal(figure))}, {}, SignOff()) for figure in (5_000_000, 2_000_000))
    assert [finding.items for finding in statistical_findings(region_form, now, before)] == [("gdp",)]
    assert statistical_findings(region_form, now, now) == ()
    assert statistical_findings(region_form, now) == ()


def test_the_project_form_is_asked_about_its_projects_only() -> None:
    assert statistical_findings(shipped_forms().by_version("107-1/2018"), filing(), filing()) == ()


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (201, 100, True),
        (200, 100, False),
        (111, 1, True),
        (110, 1, True),
        (10, 4, False),
        (11, 1, False),
        (5, 0, False),
    ],
)
def test_a_band_needs_its_ratio_and_its_floor(now: int, before: int, *, expected: bool) -> None:
    band = Band(Decimal(1), Decimal(10))
    assert is_beyond(Decimal(now), Decimal(before), band) is expected


def test_a_fall_beyond_its_floor_counts_only_as_far_as_the_ratio_lets_it() -> None:
    assert is_beyond(Decimal(0), Decimal(100), Band(Decimal("0.9"), Decimal(10)))
    assert not is_beyond(Decimal(0), Decimal(100), Band(Decimal(1), Decimal(10)))


def test_a_leap_against_last_year_is_asked_about_with_its_cell(enterprise_form: FormDefinition) -> None:
    found = asked(enterprise_form, filing(patents_applied=70), a_year_earlier())
    assert [finding.items for finding in found["S01"]] == [("patents_applied",)]
    assert found["S01"][0].severity is Severity.QUERY


@pytest.mark.parametrize(
    ("now", "before", "slip"),
    [
        (1000, 1, 3),
        (1, 1000, -3),
        (2000, 1, 3),
        (2001, 1, None),
        (500, 1, 3),
        (499, 1, None),
        (10, 1, 1),
        (10_000, 1, 4),
        (1, 1, None),
        (100, 1, None),
        (0, 1, None),
        (1, 0, None),
        (-1000, 1, None),
    ],
)
def test_a_slip_of_the_unit_is_a_ratio_near_a_power_of_ten(now: int, before: int, slip: int | None) -> None:
    assert scale_slip(Decimal(now), Decimal(before), POWERS, AROUND) == slip


@pytest.mark.parametrize("factor", ["0.1", "10", "1000", "10000"])
def test_money_in_another_unit_than_last_year_is_asked_about_once(enterprise_form: FormDefinition, factor: str) -> None:
    (finding,) = asked(enterprise_form, in_unit(Decimal(factor)), a_year_earlier())["S03"]
    assert "rd_cost_total" in finding.items
    assert "rd_staff_total" not in finding.items


def test_one_item_in_another_unit_is_no_slip_of_the_form(enterprise_form: FormDefinition) -> None:
    assert "S03" not in asked(enterprise_form, filing(rd_cost_design=219_000), a_year_earlier())


def test_without_last_year_the_cost_of_a_full_time_person_speaks(enterprise_form: FormDefinition) -> None:
    (finding,) = asked(enterprise_form, in_unit(Decimal(1000)))["S03"]
    assert finding.items == ("rd_cost_labour", "rd_staff_fulltime")
    assert "S03" not in asked(enterprise_form, filing(rd_staff_fulltime=0))


def test_research_that_costs_more_than_all_turnover_is_asked_about(enterprise_form: FormDefinition) -> None:
    found = statistical_findings(enterprise_form, filing(), turnover=Decimal(6_472))
    assert [(finding.rule_id, finding.items) for finding in found] == [("S03", ("rd_cost_total",))]
    assert statistical_findings(enterprise_form, filing(), turnover=Decimal(6_473)) == ()


def test_amounts_that_are_nearly_all_round_are_a_reminder(enterprise_form: FormDefinition) -> None:
    money = ("rd_cost_labour", "rd_cost_direct_input", "rd_cost_depreciation", "rd_cost_design", "rd_cost_other")
    round_ones = filing(rd_cost_total=5_000, rd_src_own=5_000, rd_tax_declared=5_000, **dict.fromkeys(money, 1_000))
    (finding,) = asked(enterprise_form, round_ones)["S04"]
    assert finding.severity is Severity.NOTE
    assert set(finding.items) == {*money, "rd_cost_total", "rd_src_own", "rd_tax_declared"}


def test_a_copied_year_is_asked_about(enterprise_form: FormDefinition) -> None:
    found = asked(enterprise_form, filing(patents_applied=8), filing())
    assert set(found) == {"S05"}
    assert "patents_applied" not in found["S05"][0].items


@pytest.mark.parametrize(
    ("total", "parts", "slip"),
    [
        (100, [60, 40], None),
        (103, [60, 40], Slip.DIGIT),
        (130, [60, 40], Slip.DIGIT),
        (60, [60, 40], Slip.LEFT_OUT),
        (140, [60, 40], Slip.TWICE),
        (534, [300, 243], Slip.DIGIT),
        (534, [300, 52], None),
        (5_341, [5_000, 431], Slip.DIGIT),
        (6_432, [6_000, 342], Slip.DIGIT),
        (3_642, [3_000, 462], Slip.EXCHANGED),
        (8_164, [8_000, 416], None),
        (1_927, [1_000, 297], Slip.EXCHANGED),
        (0, [], None),
    ],
)
def test_what_would_explain_a_sum_that_nearly_adds(total: int, parts: list[int], slip: Slip | None) -> None:
    assert near_sum(Decimal(total), [Decimal(part) for part in parts]) is slip


def test_the_cell_that_all_failed_sums_share_is_named(enterprise_form: FormDefinition) -> None:
    found = asked(enterprise_form, filing(rd_cost_total=6_743))
    assert [finding.items for finding in found["S06"]] == [("rd_cost_total",), ("rd_cost_total",)]
    assert "颠倒" in found["S06"][0].zh


@pytest.mark.parametrize(
    ("failed", "cells"),
    [
        ([], ()),
        ([("a", "b")], ("a",)),
        ([("a", "b"), ("b", "c")], ("b",)),
        ([("a", "b"), ("c", "d")], ("a", "c")),
        ([("a",), ("b",), ("c",), ("d",)], ()),
    ],
)
def test_the_fewest_cells_that_failed_rules_share(failed: list[tuple[str, ...]], cells: tuple[str, ...]) -> None:
    assert shared_cells(failed) == cells


names = st.sampled_from("abcdef")


@given(st.lists(st.lists(names, min_size=1, max_size=3), min_size=1, max_size=5))
def test_shared_cells_touch_every_failed_rule(failed: list[list[str]]) -> None:
    cells = shared_cells(failed)
    assert not cells or all(set(rule) & set(cells) for rule in failed)


def test_no_question_names_a_figure(enterprise_form: FormDefinition) -> None:
    """A message may hold codes and years of the form, never a number that the unit could copy."""
    spoiled = [in_unit(Decimal(1000)), filing(), filing(rd_cost_total=6_743), filing(patents_applied=999)]
    for content in spoiled:
        for finding in statistical_findings(enterprise_form, content, filing()):
            codes = {enterprise_form.items[key].code for key in finding.items}
            digits = "".join(character if character.isdigit() else " " for character in finding.zh).split()
            assert set(digits) <= codes


SETTINGS = OutlierSettings(("rd_cost_total",), 0.5, 0.05, 4.0, 5)


def moved(unit: str, now: int, before: int, industry: str = "27", size: str = "M", city: str = "5301") -> Moved:
    return Moved(unit, "rd_cost_total", industry, size, city, Decimal(now), Decimal(before))


def test_a_unit_that_moved_unlike_its_group_is_asked() -> None:
    steady = [moved(f"u{number}", 1000 + 10 * number, 1000) for number in range(9)]
    (found,) = outliers([*steady, moved("wild", 4000, 1000)], SETTINGS)
    assert (found.unit, found.item) == ("wild", "rd_cost_total")
    assert 0 < found.score < 1


def test_what_is_wild_among_all_is_ordinary_where_the_whole_group_moved() -> None:
    doubled = [moved(f"d{number}", 2000 + 10 * number, 1000, industry="39") for number in range(9)]
    steady = [moved(f"u{number}", 1000 + 10 * number, 1000) for number in range(60)]
    assert outliers([*steady, *doubled], SETTINGS) == ()
    alone = [replace(row, industry="27") for row in doubled[:1]]
    assert [each.unit for each in outliers([*steady, *alone], SETTINGS)] == ["d0"]


def test_a_small_group_falls_back_to_a_wider_one() -> None:
    steady = [moved(f"u{number}", 1000 + 10 * number, 1000, city="5301") for number in range(9)]
    lonely = moved("lonely", 4000, 1000, city="5333")
    assert [each.unit for each in outliers([*steady, lonely], SETTINGS)] == ["lonely"]


def test_a_large_unit_needs_a_smaller_move_than_a_small_one() -> None:
    steady = [moved(f"u{number}", 1000 + 10 * number, 1000) for number in range(20)]
    found = outliers([*steady, moved("large", 1_400_000, 1_000_000), moved("small", 14, 10)], SETTINGS)
    assert [each.unit for each in found] == ["large"]


def test_the_greatest_effect_on_the_total_comes_first() -> None:
    steady = [moved(f"u{number}", 1000 + 10 * number, 1000) for number in range(20)]
    found = outliers([*steady, moved("b", 9_000, 1_000), moved("a", 90_000, 10_000)], SETTINGS)
    assert [each.unit for each in found] == ["a", "b"]


def test_entrants_and_leavers_are_not_compared() -> None:
    steady = [moved(f"u{number}", 1000 + 10 * number, 1000) for number in range(9)]
    assert outliers([*steady, moved("new", 5000, 0), moved("gone", 0, 5000)], SETTINGS) == ()


def test_an_outlier_is_asked_of_its_own_cell_only(enterprise_form: FormDefinition) -> None:
    steady = [moved(f"u{number}", 1000 + 10 * number, 1000) for number in range(9)]
    found = outlier_findings(enterprise_form, outliers([*steady, moved("wild", 4000, 1000)], SETTINGS))
    ((finding,),) = found.values()
    assert set(found) == {"wild"}
    assert finding.items == ("rd_cost_total",)
    assert not any(character.isdigit() for character in finding.zh.replace("第 7 项", ""))


@pytest.mark.parametrize("seed", range(5))
def test_the_sql_asks_the_same_units_in_the_same_order(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    rows = []
    for number in range(400):
        before = draw.choice([0, *[int(draw.lognormvariate(7, 1.5)) for _ in range(9)]])
        now = int(before * draw.lognormvariate(0, 0.3)) * draw.choice([1] * 20 + [10, 1000])
        groups = (draw.choice(["27", "39", "65"]), draw.choice("LMST"), draw.choice(["5301", "5303", "5333"]))
        rows.append(replace(moved(f"u{number}", now, before, *groups), item=draw.choice(["x", "y"])))
    expected = outliers(rows, SETTINGS)
    with duckdb.connect() as connection:
        types = dict.fromkeys(("unit", "item", "industry", "size", "city"), "VARCHAR")
        types |= dict.fromkeys(("now", "before"), "DECIMAL(15,0)")
        load_rows(connection, "moved_rows", types, map(asdict, rows), tmp_path)
        answers = connection.execute(outliers_sql("moved_rows", SETTINGS)).fetchall()
    assert [(unit, item) for unit, item, _, _ in answers] == [(each.unit, each.item) for each in expected]
    for (_, _, effect, score), each in zip(answers, expected, strict=True):
        assert (effect, score) == pytest.approx((each.effect, each.score))
    assert expected


def test_the_shipped_parameters_name_items_of_the_form(enterprise_form: FormDefinition) -> None:
    settings = statistical_settings()
    named = {*settings.bands, *settings.outliers.items, settings.unit_of_measure.labour, settings.unit_of_measure.cost}
    named |= {settings.unit_of_measure.full_time}
    named |= {key for balance in settings.balances.values() for key in (balance.total, *balance.parts)}
    assert named <= enterprise_form.items.keys()
    for form, bands in settings.other_bands.items():
        assert bands.keys() <= shipped_forms().in_force(form, 2024).items.keys()
    assert settings.balances.keys() <= {rule.id for rule in enterprise_form.rules}


@pytest.mark.parametrize("seed", range(3))
def test_the_statement_asks_what_the_edits_of_each_return_ask(
    seed: int, enterprise_form: FormDefinition, tmp_path: Path
) -> None:
    """S03 by turnover and by cost of a person, and S06 to S08, are asked of one return only."""
    draw = random.Random(f"all{seed}")
    keys = list(enterprise_form.items)
    pairs = []
    for _ in range(150):
        before = {key: Decimal(draw.choice([0, draw.randint(1, 9), draw.randint(100, 99_999)])) for key in keys}
        scale = draw.choice([1, 1, 1, 1000, 10])
        moved_by = draw.choice([0, 1, 2])
        now = {
            key: value * (scale if enterprise_form.items[key].unit == "千元" else 1) + draw.randint(0, 3) * moved_by
            for key, value in before.items()
            if draw.random() < 0.9
        }
        if draw.random() < 0.2:
            now = {key: value // 1000 * 1000 for key, value in now.items()}
        pairs.append((now, {key: value for key, value in before.items() if draw.random() < 0.95}))
    expected: list[tuple[int, str, tuple[str, ...]]] = []
    for unit, (now, before) in enumerate(pairs):
        this, last = (
            Content({key: Cell(value) for key, value in year.items()}, {}, SignOff()) for year in (now, before)
        )
        for finding in statistical_findings(enterprise_form, this, last):
            by_person = finding.rule_id == "S03" and "rd_staff_fulltime" in finding.items
            if finding.rule_id not in {"S06", "S07", "S08"} and not by_person:
                expected.append((unit, finding.rule_id, finding.items))
    with duckdb.connect() as connection:
        types = {"unit": "INTEGER", "item": "VARCHAR", "now": "DECIMAL(15,0)", "before": "DECIMAL(15,0)"}
        rows = [
            {"unit": unit, "item": key, "now": now.get(key), "before": before.get(key)}
            for unit, (now, before) in enumerate(pairs)
            for key in keys
        ]
        load_rows(connection, "pairs", types, rows, tmp_path)
        statement = statistical_sql(enterprise_form, "pairs", statistical_settings())
        answers = [(unit, rule, tuple(items)) for unit, rule, items in connection.execute(statement).fetchall()]
    assert sorted(answers) == sorted(expected)
    assert {rule for _, rule, _ in answers} == {"S01", "S03", "S04", "S05"}
