"""各分项合计 stands beside a total whose parts make it, by a rule of the form, and beside no other."""

from decimal import Decimal

from forms.loading import shipped_forms
from handlers.totals import parts_of, sum_of


def test_totals_are_those_that_a_rule_adds_up() -> None:
    forms = shipped_forms()
    assert set(parts_of(forms.in_force("107-2", 2031))) == {"rd_cost_total", "rd_cost_outsourced"}
    assert parts_of(forms.in_force("107-1", 2031), "projects") == {
        "project_cost_basic": ("project_cost_basic_own", "project_cost_basic_outsourced")
    }
    assert parts_of(forms.in_force("107-1", 2031)) == {}
    assert parts_of(forms.in_force("region-st", 2031)) == {}


def test_parts_are_added_exactly_and_nothing_makes_no_zero() -> None:
    assert sum_of([Decimal("10.10"), None, Decimal("20.20")]) == Decimal("30.30")
    assert sum_of([None]) is None
    assert sum_of([]) is None
    assert sum_of([Decimal(0)]) == 0
