"""Identities among published figures: each comes out as the document states, and where it does not, that is shown."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources

import pytest

from indicators.definition import DefinitionMistake
from indicators.published_checks import CheckOutcome, load_checks, run, run_checks, shipped_checks
from indicators.reference import ReferenceSeries, ReferenceValue, import_reference, load_reference
from tests.indicators.conftest import MemoryObjects

CHECKS = {check.id: check for check in shipped_checks()}
PLACES = Decimal("0.00005")
"""The document states its results to four decimals at most."""


@pytest.fixture(scope="module")
def published() -> ReferenceSeries:
    """The published figures that ship with the example years."""
    objects = MemoryObjects()
    data = resources.files("handlers.demo.data").joinpath("reference.csv").read_bytes()
    import_reference(objects, data, "reference.csv", datetime(2026, 6, 1, tzinfo=UTC))
    return load_reference(objects)


def test_all_eight_identities_ship_with_their_tolerance_and_result() -> None:
    assert set(CHECKS) == {"C008", "C009", "C010", "C204", "C205", "C206", "C207", "C208"}
    tolerances = {name: str(check.tolerance) for name, check in CHECKS.items()}
    assert tolerances == {
        **dict.fromkeys(("C008", "C009", "C010"), "1.55"),
        "C204": "0.08",
        **dict.fromkeys(("C205", "C206", "C207"), "0.05"),
        "C208": "0.0001",
    }
    assert {name for name, check in CHECKS.items() if check.stated.exact} == {"C009", "C208"}


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_each_identity_comes_out_as_the_document_states(published: ReferenceSeries, name: str) -> None:
    check, result = CHECKS[name], run(CHECKS[name], published)
    assert result.left is not None
    assert result.right is not None
    assert result.difference is not None
    assert abs(result.left - check.stated.left) <= (PLACES if check.unit == "%" else 0) + (name == "C207") * 10 * PLACES
    assert result.right == check.stated.right
    assert abs(result.difference - check.stated.difference) <= (10 * PLACES if check.unit == "%" else 0)
    assert result.outcome is (CheckOutcome.EXACT if check.stated.exact else CheckOutcome.WITHIN)
    assert result.is_as_stated


def test_a_figure_that_moved_breaks_its_identity_and_is_shown_so(published: ReferenceSeries) -> None:
    key = ("gdp", "530100", 2022)
    moved = replace(published.newest[key], value=Decimal("7541.57"))
    result = run(CHECKS["C204"], ReferenceSeries("x", {**published.newest, key: moved}))
    assert (result.outcome, result.difference, result.is_as_stated) == (CheckOutcome.FAILS, Decimal("0.22"), False)


def test_with_a_region_missing_nothing_is_summed(published: ReferenceSeries) -> None:
    fewer = {key: value for key, value in published.newest.items() if key != ("rd_expenditure", "460000", 2019)}
    result = run(CHECKS["C009"], ReferenceSeries("x", fewer))
    assert (result.outcome, result.left, result.difference) == (CheckOutcome.NOT_COMPUTED, None, None)
    assert not result.is_as_stated


def test_a_citys_figure_is_no_part_of_the_nations_sum(published: ReferenceSeries) -> None:
    assert ("rd_expenditure", "530100", 2019) in published.newest
    assert run(CHECKS["C009"], published).left == Decimal("22143.6")


IDENTITY = """
checks:
- {{id: T001, year: 2020, unit: 亿元, zh: 甲加乙等于丙, en: a and b make c, left: "{left}", right: "{right}",
   figures: {{a: {{series: x, region: "110000"}}, b: {{series: y, region: "110000"}},
     c: {{series: z, region: "110000"}}}},
   tolerance: 0.5, why: 原文如此, stated: {{left: 3, right: 5, difference: -2, exact: false, passes: false}}}}
"""


def figures(**values: str) -> ReferenceSeries:
    at = date(2021, 1, 1)
    found = {
        (series, "110000", 2020): ReferenceValue(series, "110000", 2020, Decimal(value), "亿元", "", "s", at)
        for series, value in values.items()
    }
    return ReferenceSeries("x", found)


def test_an_identity_that_fails_as_documented_is_shown_as_failing() -> None:
    (check,) = load_checks(IDENTITY.format(left="a + b", right="c"), "test.yaml")
    as_documented = run(check, figures(x="1", y="2", z="5"))
    assert (as_documented.outcome, as_documented.is_as_stated) == (CheckOutcome.FAILS, True)
    mended = run(check, figures(x="1", y="2", z="3"))
    assert (mended.outcome, mended.is_as_stated) == (CheckOutcome.EXACT, False)
    assert run(check, figures(x="1", y="2")).outcome is CheckOutcome.NOT_COMPUTED
    assert run(check, figures(x="1", y="2", z="3.5")).outcome is CheckOutcome.WITHIN
    assert as_documented.as_data()["outcome"] == "fails"


@pytest.mark.parametrize(("left", "right"), [("a +", "c"), ("no_such_figure", "c"), ("a > b", "c"), ("a", "b or c")])
def test_an_identity_that_says_nothing_is_refused(left: str, right: str) -> None:
    with pytest.raises(DefinitionMistake, match=r"test\.yaml"):
        load_checks(IDENTITY.format(left=left, right=right), "test.yaml")


def test_dividing_by_nothing_computes_nothing() -> None:
    (check,) = load_checks(IDENTITY.format(left="a / b", right="c"), "test.yaml")
    assert run(check, figures(x="1", y="0", z="5")).outcome is CheckOutcome.NOT_COMPUTED


def test_a_year_has_its_own_identities_only(published: ReferenceSeries) -> None:
    assert [one.check.id for one in run_checks(published, 2019)] == ["C009", "C205", "C207", "C208"]
    assert run_checks(published, 2011) == ()
