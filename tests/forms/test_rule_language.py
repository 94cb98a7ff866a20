"""The rule language: what it has, what it refuses, and what a rule says where figures are blank."""

import decimal
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.language import Gap, Outcome, RuleError, compile_rule, referenced

UNITS = {"a": "千元", "b": "千元", "c": "千元", "d": "千元", "staff": "人", "rate": "千元"}
HOLDS, FIRES, NOT_EVALUATED = Outcome.HOLDS, Outcome.FIRES, Outcome.NOT_EVALUATED


def said(expression: str, **values: str | int | None) -> Outcome:
    figures = {key: None if value is None else Decimal(value) for key, value in values.items()}
    return compile_rule(expression, UNITS).outcome(figures)


@pytest.mark.parametrize(
    ("expression", "outcome"),
    [
        ("a == b", FIRES),
        ("a != b", HOLDS),
        ("a < b", HOLDS),
        ("a <= b", HOLDS),
        ("a > b", FIRES),
        ("a >= b", FIRES),
        ("a <= 1", HOLDS),
        ("a < 1", FIRES),
        ("a >= 1", HOLDS),
        ("a > 1", FIRES),
        ("a == 1 and b == 2", HOLDS),
        ("a == 1 and b == 1", FIRES),
        ("a == 2 or b == 2", HOLDS),
        ("not a == 1", FIRES),
        ("a < b < c", HOLDS),
        ("a < c < b", FIRES),
        ("a + b == c", HOLDS),
        ("c - b == a", HOLDS),
        ("c - (b - a) == 2", HOLDS),
        ("c - (b + a) == 0", HOLDS),
        ("-a == -1", HOLDS),
        ("2 * b == 4", HOLDS),
        ("c / b == 1.5", HOLDS),
        ("b + 0.5 == 2.5", HOLDS),
        ("implies(a == 1, b == 2)", HOLDS),
        ("implies(a == 1, b == 1)", FIRES),
        ("implies(a == 2, b == 1)", HOLDS),
        ("  a < b  ", HOLDS),
    ],
)
def test_the_operators_mean_what_they_say(expression: str, outcome: Outcome) -> None:
    assert said(expression, a=1, b=2, c=3) is outcome


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"a": 5, "b": 5, "c": None}, HOLDS),
        ({"a": 5, "b": None, "c": 4}, FIRES),
        ({"a": 5, "b": None, "c": None}, FIRES),
        ({"a": 0, "b": None, "c": None}, HOLDS),
        ({"a": None, "b": 1, "c": 1}, NOT_EVALUATED),
        ({"a": None, "b": None, "c": None}, NOT_EVALUATED),
        ({}, NOT_EVALUATED),
    ],
)
def test_a_blank_term_counts_as_zero_once_the_total_or_any_term_is_filled(
    values: dict[str, int | None], outcome: Outcome
) -> None:
    assert said("a == b + c", **values) is outcome
    assert said("b + c == a", **values) is outcome


def test_a_sum_of_blanks_is_blank_outside_an_equality() -> None:
    assert said("a >= b + c", a=5, b=None, c=None) is NOT_EVALUATED
    assert said("b + c >= a", a=5) is NOT_EVALUATED
    assert said("a >= b + c", a=5, b=6, c=None) is FIRES
    assert said("a == b", a=0, b=None) is NOT_EVALUATED


def test_a_constant_does_not_fill_a_sum_of_blanks() -> None:
    assert said("b + 5 >= a", a=1, b=None) is NOT_EVALUATED
    assert said("b + 5 >= a", a=5, b=0) is HOLDS
    assert said("1 + 2 == 3", a=1) is HOLDS


def test_a_constant_is_no_total_and_a_single_item_no_breakdown() -> None:
    assert said("a + b == 5", a=None, b=None) is NOT_EVALUATED
    assert said("0 == a + b", a=None, b=None) is NOT_EVALUATED
    assert said("c == -a", a=None, c=1) is NOT_EVALUATED
    assert said("c + d == a + b", a=1, b=None, c=None, d=None) is FIRES
    assert said("c != a + b", a=None, b=None, c=1) is NOT_EVALUATED


def test_a_blank_subtrahend_counts_as_zero_and_a_blank_factor_makes_a_blank() -> None:
    assert said("a - b == 5", a=5, b=None) is HOLDS
    assert said("a - b == 5", a=None, b=5) is FIRES
    assert said("2 * a >= 0", a=None) is NOT_EVALUATED
    assert said("a / 2 >= 0", a=None) is NOT_EVALUATED
    assert said("b + 2 * a == 7", a=None, b=7) is HOLDS


def test_division_by_zero_is_not_evaluated_and_never_counts_as_zero() -> None:
    assert said("a / b > 1", a=1, b=0) is NOT_EVALUATED
    assert said("a / b > 1", a=0, b=0) is NOT_EVALUATED
    assert said("c + a / b * c == c", a=1, b=0, c=3) is NOT_EVALUATED
    assert said("implies(a > 0, a / b > 1)", a=1, b=0) is NOT_EVALUATED
    assert said("implies(b > 0, a / b > 1)", a=1, b=0) is HOLDS
    assert said("b == 0 or a / b > 1", a=1, b=0) is HOLDS
    assert said("a / b > 1 and a > 5", a=1, b=0) is FIRES


@pytest.mark.parametrize(
    ("expression", "outcome"),
    [
        ("a == 1 and d > 0", NOT_EVALUATED),
        ("d > 0 and a == 2", FIRES),
        ("d > 0 or a == 1", HOLDS),
        ("d > 0 or a == 2", NOT_EVALUATED),
        ("not d > 0", NOT_EVALUATED),
        ("implies(d > 0, a == 2)", NOT_EVALUATED),
        ("implies(a == 1, d > 0)", FIRES),
        ("implies(a == 2, d > 0)", HOLDS),
        ("implies(a == 1, a == 1 or d > 0)", HOLDS),
        ("implies(a == 1, a == 1 and d > 0)", FIRES),
    ],
)
def test_what_is_not_evaluated_stays_so_unless_the_rest_decides(expression: str, outcome: Outcome) -> None:
    assert said(expression, a=1, d=None) is outcome


def test_arithmetic_is_exact_and_ignores_the_callers_precision() -> None:
    assert said("a + b == 30.30", a="10.10", b="20.20") is HOLDS
    with decimal.localcontext(prec=2):
        assert said("a + b == c", a="999999999999999.99", b="0.01", c="1000000000000000") is HOLDS
        assert said("a * b > 0", a="999999999999999", b="999999999999999") is HOLDS


def test_a_ratio_is_rounded_half_up_to_six_decimals() -> None:
    gap = compile_rule("a / c == b / c", UNITS).gap({"a": Decimal(1), "b": Decimal(2), "c": Decimal(3)})
    assert gap == Gap(Decimal("0.333333"), Decimal("0.666667"), "")


@pytest.mark.parametrize(
    ("expression", "column"),
    [
        ("", 1),
        ("a", 1),
        ("1", 1),
        ("a +", 4),
        ("a > 0 and b", 11),
        ("a and b", 1),
        ("(a > b) + 1 > 0", 2),
        ("a > nobody", 5),
        ("  a > nobody", 7),
        ("a == 'x'", 6),
        ("a == None", 6),
        ("a == True", 6),
        ("a == 1e5", 6),
        ("a == 0x10", 6),
        ("a == 1_000", 6),
        ("a == 1.", 6),
        ("a == 2j", 6),
        ("a == 1234567890123456", 6),
        ("a ** 2 > 0", 1),
        ("a // 2 > 0", 1),
        ("a % 2 > 0", 1),
        ("+a > 0", 1),
        ("~a > 0", 1),
        ("a is b", 1),
        ("a in b", 1),
        ("a.real > 0", 1),
        ("a[0] > 0", 1),
        ("[a] > 0", 1),
        ("(a := 1) > 0", 2),
        ("a if a > 0 else b", 1),
        ("lambda: 0", 1),
        ("sum(a) > 0", 5),
        ("implies(a > 0)", 1),
        ("implies(a > 0, b > 0, c > 0)", 1),
        ("implies(a > 0, consequence=b > 0)", 1),
        ("implies(*a)", 1),
        ("implies > 0", 1),
        ("__import__('os')", 1),
        ("a > 0; b > 0", 6),
        ("a ＞ 0", 3),
        ("甲 > 0", 1),
        ("a > 0\n", 6),
        ("a > 0 # b", 7),
    ],
)
def test_whatever_the_language_does_not_have_is_refused_at_its_column(expression: str, column: int) -> None:
    with pytest.raises(RuleError) as caught:
        compile_rule(expression, UNITS)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a > " + "b + " * 600 + "b", "over 2000 characters"),
        ("a>0 and " * 240 + "a>0", "over 1000 parts"),
        ("-" * 150 + "a > 0", "over 100 deep"),
        ("(" * 300 + "a" + ")" * 300 + " > 0", "not an expression"),
    ],
)
def test_a_rule_is_bounded_in_length_parts_and_nesting(expression: str, expected: str) -> None:
    with pytest.raises(RuleError, match=expected):
        compile_rule(expression, UNITS)


@pytest.mark.parametrize(
    "expression",
    ["a > staff", "a + staff > 0", "a - 2 * staff > 0", "a / staff > b", "a / b + a > 0", "a * a > b"],
)
def test_figures_in_different_units_of_measure_are_never_compared_or_added(expression: str) -> None:
    with pytest.raises(RuleError, match="units of measure differ"):
        compile_rule(expression, UNITS)


@pytest.mark.parametrize(
    "expression",
    [
        "12 * a > b / 2",
        "a * 2 + 1 > 3 - b",
        "a / staff > 5",
        "a / staff == b / staff",
        "a / b < 0.5",
        "a / b * c > d",
        "1 / staff > 0",
        "a * staff == b * staff",
    ],
)
def test_constants_fit_any_unit_and_ratios_carry_theirs(expression: str) -> None:
    assert compile_rule(expression, UNITS).expression == expression


def test_a_rule_knows_the_items_it_names_in_order_of_first_mention() -> None:
    assert referenced("implies(c > 0, a + b > c) and not d == a") == ("c", "a", "b", "d")
    assert compile_rule("b >= a", UNITS).items == ("b", "a")
    assert referenced("nobody > 0") == ("nobody",)


def test_the_gap_is_between_the_two_sides_of_the_comparison_that_failed() -> None:
    rule = compile_rule("a >= b >= c + d", UNITS)
    figures = {"a": Decimal(9), "b": Decimal(5), "c": Decimal(4), "d": Decimal(3)}
    gap = rule.gap(figures)
    assert gap == Gap(Decimal(5), Decimal(7), "千元")
    assert gap.difference == 2
    assert rule.gap(figures | {"d": None}) is None


def test_an_implication_has_no_gap() -> None:
    rule = compile_rule("implies(a > 0, b > 0)", UNITS)
    assert rule.outcome({"a": Decimal(1), "b": Decimal(0)}) is FIRES
    assert rule.gap({"a": Decimal(1), "b": Decimal(0)}) is None


# An independent evaluator: each strategy builds the text of a rule and, beside it, what the text must mean,
# in fractions instead of decimals and by truth tables instead of closures.

Figures = dict[str, int | None]
Amount = tuple[str, Callable[[Figures], Fraction | None]]
Claim = tuple[str, Callable[[Figures], bool | None]]
KEYS = ("a", "b", "c", "d")


def key_amount(key: str) -> Amount:
    return key, lambda figures: None if figures[key] is None else Fraction(figures[key] or 0)


def sum_amount(signed: list[tuple[int, Amount]]) -> Amount:
    text = " ".join(f"{'+' if sign == 1 else '-'} {part}" for sign, (part, _) in signed).removeprefix("+ ")

    def value(figures: Figures) -> Fraction | None:
        found = [(sign, amount(figures)) for sign, (_, amount) in signed]
        if all(part is None for _, part in found):
            return None
        return sum((sign * part for sign, part in found if part is not None), Fraction(0))

    return f"({text})", value


def scaled_amount(factor: int, amount: Amount) -> Amount:
    text, value = amount

    def scaled(figures: Figures) -> Fraction | None:
        found = value(figures)
        return None if found is None else factor * found

    return f"{factor} * {text}", scaled


amounts = st.recursive(
    st.sampled_from(KEYS).map(key_amount),
    lambda inner: st.one_of(
        st.lists(st.tuples(st.sampled_from([1, -1]), inner), min_size=2, max_size=4).map(sum_amount),
        st.builds(scaled_amount, st.integers(0, 9), inner),
    ),
    max_leaves=6,
)
SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "!=": lambda left, right: left != right,
}


def comparison(left: Amount, sign: str, right: Amount) -> Claim:
    def claim(figures: Figures) -> bool | None:
        one, other = left[1](figures), right[1](figures)
        return None if one is None or other is None else SIGNS[sign](one, other)

    return f"{left[0]} {sign} {right[0]}", claim


def both(left: Claim, right: Claim) -> Claim:
    def claim(figures: Figures) -> bool | None:
        said_of = {left[1](figures), right[1](figures)}
        return False if False in said_of else None if None in said_of else True

    return f"({left[0]} and {right[0]})", claim


def either(left: Claim, right: Claim) -> Claim:
    def claim(figures: Figures) -> bool | None:
        said_of = {left[1](figures), right[1](figures)}
        return True if True in said_of else None if None in said_of else False

    return f"({left[0]} or {right[0]})", claim


def negated(part: Claim) -> Claim:
    return f"(not {part[0]})", lambda figures: {True: False, False: True, None: None}[part[1](figures)]


def implied(given_: Claim, follows: Claim) -> Claim:
    def claim(figures: Figures) -> bool | None:
        condition, consequence = given_[1](figures), follows[1](figures)
        return {False: True, None: None, True: consequence is True}[condition]

    return f"implies({given_[0]}, {follows[0]})", claim


claims = st.recursive(
    st.builds(comparison, amounts, st.sampled_from(sorted(SIGNS)), amounts),
    lambda inner: st.one_of(
        st.builds(both, inner, inner),
        st.builds(either, inner, inner),
        st.builds(implied, inner, inner),
        inner.map(negated),
    ),
    max_leaves=5,
)
records = st.fixed_dictionaries({key: st.none() | st.integers(0, 20) for key in KEYS})


@given(claims, records)
def test_the_compiled_rule_agrees_with_an_independent_evaluator(claim: Claim, figures: Figures) -> None:
    text, meaning = claim
    expected = {True: HOLDS, False: FIRES, None: NOT_EVALUATED}[meaning(figures)]
    assert said(text, **figures) is expected


def column_of_refusal(text: str) -> int | None:
    try:
        compile_rule(text, UNITS)
    except RuleError as error:
        return error.column
    return None


@given(st.text(max_size=60) | st.text("ab01.+-*/<>=() ,#\n", max_size=40))
def test_any_text_compiles_or_is_refused_with_a_column(text: str) -> None:
    column = column_of_refusal(text)
    assert column is None or column >= 1
