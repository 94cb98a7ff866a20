"""What is refused when a rule is loaded: which fault, and at which column."""

import pytest

from forms.faults import Fault
from forms.language import RuleError, compile_rule, referenced
from forms.language_digits import Digits, digits_of
from forms.language_parsing import parse
from forms.language_tree import Comparison
from forms.language_types import type_of
from forms.language_units import PURE, unit_named
from tests.forms.records import SCOPE


def refused(expression: str) -> tuple[Fault, int]:
    with pytest.raises(RuleError) as caught:
        compile_rule(expression, SCOPE)
    return caught.value.fault, caught.value.column


@pytest.mark.parametrize(
    ("expression", "fault", "column"),
    [
        ("a > nobody", Fault.NO_SUCH_ITEM, 5),
        ("a > last(nobody)", Fault.NO_SUCH_ITEM, 10),
        ('a > form("107-9").o', Fault.NO_SUCH_FORM, 5),
        ('a > form("107-1").p', Fault.NO_SUCH_ITEM, 5),
        ('a > sum(form("107-9").lines.cost)', Fault.NO_SUCH_FORM, 9),
        ("a > sum(tasks.cost)", Fault.NO_SUCH_TABLE, 9),
        ('a > sum(form("107-1").projects.cost)', Fault.NO_SUCH_TABLE, 9),
        ("a > sum(projects.price)", Fault.NO_SUCH_COLUMN, 9),
        ("count(tasks) > 1", Fault.NO_SUCH_TABLE, 1),
        ('unit.colour == "x"', Fault.NO_SUCH_ATTRIBUTE, 1),
        ("filled(signoff.hat)", Fault.NO_SUCH_ATTRIBUTE, 8),
        ("filled(nobody)", Fault.NO_SUCH_ITEM, 8),
        ("a > staff", Fault.UNITS_DIFFER, 1),
        ("a + staff > 0", Fault.UNITS_DIFFER, 1),
        ("within(a, staff, 1)", Fault.UNITS_DIFFER, 1),
        ("within(a, b, staff)", Fault.UNITS_DIFFER, 1),
        ("(a if b > 0 else staff) > 1", Fault.UNITS_DIFFER, 2),
        ("sum(projects.effort) > staff", Fault.UNITS_DIFFER, 1),
        ("staff > 12 * months_in_year", Fault.UNITS_DIFFER, 1),
        ("(a if staff > b else c) > 1", Fault.UNITS_DIFFER, 7),
        ("a > goal", Fault.TYPES_DIFFER, 1),
        ("start == name", Fault.TYPES_DIFFER, 1),
        ('a == "x"', Fault.TYPES_DIFFER, 6),
        ('"x" == a', Fault.TYPES_DIFFER, 1),
        ('a in ("1",)', Fault.TYPES_DIFFER, 1),
        ("a + name > 1", Fault.NUMBER_EXPECTED, 5),
        ("a * goal > 1", Fault.NUMBER_EXPECTED, 5),
        ("goal / a > 1", Fault.NUMBER_EXPECTED, 1),
        ("round(name, 1) > 1", Fault.NUMBER_EXPECTED, 7),
        ("sum(projects.title) > 1", Fault.NUMBER_EXPECTED, 1),
        ("within(a, name, 1)", Fault.NUMBER_EXPECTED, 11),
        ('months_between(start, "202401") > 1', Fault.WRONG_TYPE, 23),
        ("months_between(start, name) > 1", Fault.WRONG_TYPE, 23),
        ("similarity(name, goal) > 1", Fault.WRONG_TYPE, 18),
        ("best_similarity(name, projects.cost) > 1", Fault.WRONG_TYPE, 23),
        ("month(name, 1) > start", Fault.WRONG_TYPE, 7),
        ('has_keyword(name, "verbs")', Fault.NO_SUCH_KEYWORDS, 1),
        ('goal < "1"', Fault.NO_ORDER, 1),
        ("name < last(name)", Fault.NO_ORDER, 1),
        ('name >= "x"', Fault.NO_ORDER, 1),
        ('goal == "3"', Fault.NOT_AN_OPTION, 9),
        ('"3" == goal', Fault.NOT_AN_OPTION, 1),
        ('goal in ("1", "3")', Fault.NOT_AN_OPTION, 1),
        ('start > "202413"', Fault.NOT_A_MONTH, 9),
        ('start > "202400"', Fault.NOT_A_MONTH, 9),
        ('start > "20241"', Fault.NOT_A_MONTH, 9),
        ('start > "2024-1"', Fault.NOT_A_MONTH, 9),
        ("name in options", Fault.OPTIONS_OF_TEXT, 1),
        ("a in options", Fault.OPTIONS_OF_TEXT, 1),
        ("a / 0 > b", Fault.DIVISION_BY_ZERO, 5),
        ("a / 0.0 > b", Fault.DIVISION_BY_ZERO, 5),
        ("a * b * c * a > 0", Fault.TOO_MANY_DIGITS, 1),
        ("a * b / staff / y > 0", Fault.TOO_MANY_DIGITS, 1),
        ("within(a * b, c * x, y)", Fault.UNITS_DIFFER, 1),
    ],
)
def test_what_does_not_fit_is_refused_at_its_column(expression: str, fault: Fault, column: int) -> None:
    assert refused(expression) == (fault, column)


@pytest.mark.parametrize(
    ("expression", "fault", "column"),
    [
        ("min(a, b) > 0", Fault.UNKNOWN_FUNCTION, 1),
        ("a > min(a, b)", Fault.UNKNOWN_FUNCTION, 5),
        ("within(a, b)", Fault.WRONG_ARGUMENTS, 1),
        ("filled(a, b)", Fault.WRONG_ARGUMENTS, 1),
        ("figures_fit(a)", Fault.WRONG_ARGUMENTS, 1),
        ("a > round(b)", Fault.WRONG_ARGUMENTS, 5),
        ("a > round(b, 11)", Fault.VALUE_EXPECTED, 5),
        ("a > round(b, -1)", Fault.VALUE_EXPECTED, 5),
        ("a > round(b, c)", Fault.VALUE_EXPECTED, 5),
        ("sum(a) > 0", Fault.WRONG_ARGUMENTS, 5),
        ("sum(projects) > 0", Fault.WRONG_ARGUMENTS, 5),
        ("count(projects.cost) > 0", Fault.WRONG_ARGUMENTS, 7),
        ("a > sum()", Fault.WRONG_ARGUMENTS, 5),
        ("a > last()", Fault.WRONG_ARGUMENTS, 5),
        ("last(last(a)) > 0", Fault.LAST_OF_LAST, 6),
        ("last(unit.size) > 0", Fault.LAST_OF_LAST, 6),
        ('last(form("107-1").o) > 0', Fault.LAST_OF_LAST, 6),
        ("sum(last(last(projects.cost))) > 0", Fault.LAST_OF_LAST, 10),
        ("form(107).o > 0", Fault.WRONG_ARGUMENTS, 1),
        ("form().o > 0", Fault.WRONG_ARGUMENTS, 1),
        ("fork('107-1').o > 0", Fault.WRONG_ARGUMENTS, 1),
        ("filled(a + b)", Fault.VALUE_EXPECTED, 8),
        ("filled(1)", Fault.VALUE_EXPECTED, 8),
        ("a.b > 0", Fault.VALUE_EXPECTED, 1),
        ("unit > 0", Fault.VALUE_EXPECTED, 1),
        ("sum > 0", Fault.VALUE_EXPECTED, 1),
        ("has_keyword(name)", Fault.WRONG_ARGUMENTS, 1),
        ("has_keyword(name, words)", Fault.WRONG_ARGUMENTS, 1),
        ("similarity(name) > 1", Fault.WRONG_ARGUMENTS, 1),
        ("similarity(name, name)", Fault.CONDITION_EXPECTED, 1),
        ('has_keyword(name, "words") > 1', Fault.VALUE_EXPECTED, 1),
        ("goal in name", Fault.BAD_MEMBERSHIP, 1),
        ("goal in ()", Fault.BAD_MEMBERSHIP, 1),
        ("goal in (1, 2)", Fault.BAD_MEMBERSHIP, 10),
        ("a < b in c", Fault.BAD_COMPARISON, 1),
        ("a is b", Fault.BAD_COMPARISON, 1),
        ('name == ""', Fault.BAD_TEXT, 9),
        (f'name == "{"x" * 31}"', Fault.BAD_TEXT, 9),
        ("a % b > 0", Fault.VALUE_EXPECTED, 1),
        ("a ** 2 > 0", Fault.VALUE_EXPECTED, 1),
        ("~a > 0", Fault.VALUE_EXPECTED, 1),
        ("a == 1e5", Fault.BAD_NUMBER, 6),
        ("a == True", Fault.BAD_NUMBER, 6),
        ("a", Fault.CONDITION_EXPECTED, 1),
        ("implies(a > 0)", Fault.WRONG_ARGUMENTS, 1),
        ("a > 0 # b", Fault.NOT_ASCII, 7),
        ("  a >", Fault.NOT_AN_EXPRESSION, 6),
    ],
)
def test_what_the_language_does_not_have_is_refused_at_its_column(expression: str, fault: Fault, column: int) -> None:
    assert refused(expression) == (fault, column)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("min(a, b) > 0", "there is no function 'min'; known are best_similarity, count, credit_code_ok, figures_fit,"),
        ("within(a, b)", "within is written within(left, right, tolerance)"),
        ("has_keyword(name)", 'has_keyword is written has_keyword(name, "list")'),
        ("sum(a) > 0", "sum is written sum(table.column)"),
        ("count(projects.cost) > 0", "count is written count(table)"),
        ("form(1).o > 0", 'form is written form("107-1").item'),
        ("a ≥ b", "'≥' does not belong in a rule"),
        ("a > nobody", "the form has no item 'nobody'"),
        ('a > form("107-9").o', "there is no form '107-9'"),
        ("sum(tasks.cost) > a", "there is no table 'tasks'"),
        ("sum(projects.price) > a", "table projects has no column 'price'"),
        ('unit.colour == "x"', "the register has no attribute 'unit.colour'"),
        ("a + staff > 0", "units of measure differ: 千元 and 人"),
        ("start == name", "month cannot be compared with text"),
        ("a == goal", "number cannot be compared with choice"),
        ('a == "x"', "number cannot be compared with text"),
        ("a + name > 1", "a number was expected, not text"),
        ("similarity(name, goal) > 1", "similarity takes text here, not choice"),
        ('has_keyword(name, "verbs")', "there is no keyword list 'verbs'"),
        ('goal == "3"', "'3' is not in the option list"),
        ('start > "202413"', "'202413' is not a month (YYYYMM)"),
        ("a * b * c * a > 0", "over 38 digits"),
        ("a > " + "b + " * 600 + "b", "over 2000 characters"),
        ("a>0 and " * 240 + "a>0", "over 1000 parts"),
        ("-" * 150 + "a > 0", "nested over 100 deep"),
    ],
)
def test_the_message_says_what_was_found_and_what_was_expected(expression: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        compile_rule(expression, SCOPE)
    assert message in caught.value.message
    assert "{" not in caught.value.message
    assert "None" not in caught.value.message
    assert str(caught.value) == f"column {caught.value.column}: {caught.value.message}"


def test_a_forms_own_name_before_an_item_means_the_item() -> None:
    assert referenced('form("107-2").a > form("107-1").o', form="107-2") == ("a", "107-1.o")
    assert referenced('form("107-2").a > form("107-1").o') == ("107-2.a", "107-1.o")
    own = compile_rule('form("107-2").a > 1', SCOPE, form="107-2")
    assert own.items == ("a",)


@pytest.mark.parametrize(
    "expression",
    [
        f'name == "{"x" * 30}"',
        "round(a, 10) > 0",
        "round(a, 0) > 0",
        "staff * months_in_year > sum(projects.effort)",
        "sum(projects.effort) / staff > 2 * months_in_year",
        "a / staff / months_in_year > a / sum(projects.effort)",
        "months_between(start, end) > months_in_year",
        "a * b > 0",
        "c + a / b * c == c",
        'start == "000000" or end != "202412"',
        '"1" == goal and goal != "2"',
        'goal in ["1", "2"]',
        "signoff.report_date == signoff.report_date",
        "year > 2000 and count(projects) < year",
        'form("107-1").o > last(a)',
        'sum(form("107-1").lines.cost) > sum(last(projects.cost))',
        "filled(last(a)) and filled(unit.size) and filled(signoff.phone)",
        'has_keyword(name, "words")',
    ],
)
def test_what_fits_is_taken(expression: str) -> None:
    assert compile_rule(expression, SCOPE).expression == expression


def side(expression: str) -> Comparison:
    tree = parse(f"{expression} > 0")
    assert isinstance(tree, Comparison)
    return tree


@pytest.mark.parametrize(
    ("expression", "unit"),
    [
        ("a", "千元"),
        ("a / staff", "千元/人"),
        ("a * staff", "人·千元"),
        ("a / b", "1"),
        ("1 / staff", "1/人"),
        ("a / sum(projects.effort)", "千元/人月"),
        ("sum(projects.effort) / staff", "月"),
        ("a * a / b", "千元"),
        ("a / staff * staff", "千元"),
        ("round(a / staff, 2) * 12", "千元/人"),
        ("staff * staff", "人·人"),
        ("months_between(start, end)", "月"),
        ("staff * months_in_year", "人月"),
        ("1 / (a * a)", "1/千元·千元"),
    ],
)
def test_units_of_measure_are_counted_as_powers(expression: str, unit: str) -> None:
    assert str(type_of(side(expression).left, SCOPE).unit) == unit


def test_constants_and_counts_fit_any_unit() -> None:
    for expression in ("12", "2 * 3", "count(projects)", "year"):
        assert type_of(side(expression).left, SCOPE).unit is None
    assert str(PURE) == "1"
    assert unit_named("人月") == unit_named("人").times(unit_named("月"))


@pytest.mark.parametrize(
    ("expression", "whole", "decimals"),
    [
        ("a", 15, 0),
        ("x", 15, 2),
        ("last(y)", 15, 6),
        ("year", 5, 0),
        ("count(projects)", 5, 0),
        ("12.50", 2, 2),
        ("0.5", 1, 1),
        ("0", 1, 0),
        ("sum(projects.effort)", 20, 1),
        ("a + x", 16, 2),
        ("a + b + c + a + b + c + a + b + c + a", 17, 0),
        ("-a", 16, 0),
        ("a * x", 30, 2),
        ("a / b", 16, 6),
        ("x / y", 22, 6),
        ("round(x, 1)", 16, 1),
        ("round(x, 2)", 15, 2),
        ("round(x, 5)", 15, 2),
        ("(a if b > 0 else y)", 15, 6),
        ("months_between(start, end)", 6, 0),
        ("similarity(name, name)", 1, 6),
    ],
)
def test_how_large_a_figure_can_get_is_known_beforehand(expression: str, whole: int, decimals: int) -> None:
    assert digits_of(side(expression).left, SCOPE) == Digits(whole, decimals)
