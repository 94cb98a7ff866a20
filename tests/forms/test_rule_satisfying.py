"""What the linter proves of rules: "impossible" is never said of a rule that some figures satisfy."""

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.feasibility import AtMostZero, Linear, feasible
from forms.language import Outcome, compile_tree
from forms.language_parsing import parse
from forms.satisfying import possible
from tests.forms.records import SCOPE

IMPOSSIBLE = (
    "a > b and b > a",
    "a > 0 and a < 1",
    "a == b + 1 and b == a + 1",
    "a < 0",
    "sum(projects.cost) < 0",
    "count(projects) > 2 and count(projects) < 3",
    "a / b > 5 and a / b < 3",
    'goal == "1" and goal == "2"',
    'goal in options and goal not in ("1", "2", "10")',
    'goal in ("1",) and not (goal == "1")',
    "implies(a > 0, b > a) and b < a",
    "within(a, b, 1) and a > b + 1",
    "start <= end and end < start",
    'end < "000000"',
    "2 * a > 3 * b and b > a",
    "a + b + c == 10 and a > 4 and b > 4 and c > 0",
    "filled(a) and not filled(a)",
    "name == last(name) and name != last(name)",
    'has_keyword(name, "words") and not has_keyword(name, "words")',
)
POSSIBLE = (
    "a >= b and b >= a",
    "x > 0 and x < 1",
    "within(a, b, 1) and a >= b + 1",
    "a + b + c == 10 and a >= 4 and b >= 4 and c >= 2",
    'goal not in ("1", "2", "10")',
    "last(a) > a and a > 0",
    "a - b < 0",
    "months_between(start, end) < 0",
    'unit.size != "L"',
)


@pytest.mark.parametrize("expression", IMPOSSIBLE)
def test_what_contradicts_itself_is_impossible_and_its_opposite_is_not(expression: str) -> None:
    tree = parse(expression)
    assert not possible([(tree, True)], SCOPE)
    assert possible([(tree, False)], SCOPE)


@pytest.mark.parametrize("expression", POSSIBLE)
def test_what_some_figures_satisfy_is_possible(expression: str) -> None:
    assert possible([(parse(expression), True)], SCOPE)


def test_rules_are_looked_at_together() -> None:
    one, other = parse("a > b"), parse("b > c")
    assert possible([(one, True), (other, True)], SCOPE)
    assert not possible([(one, True), (other, True), (parse("c >= a"), True)], SCOPE)


def test_a_rule_that_branches_too_often_counts_as_possible() -> None:
    tree = parse(" and ".join(f"(a != {number} or b != {number})" for number in range(12)) + " and a < 0")
    assert possible([(tree, True)], SCOPE)


lines = st.recursive(
    st.sampled_from(["a", "b", "c", "1", "2"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(st.sampled_from(["2", "0.5"]), inner).map(lambda parts: f"({' * '.join(parts)})"),
    ),
    max_leaves=4,
)
claims = st.recursive(
    st.one_of(
        st.tuples(lines, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), lines).map(" ".join),
        st.tuples(lines, lines).map(lambda both: f"within({both[0]}, {both[1]}, 1)"),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda part: f"(not ({part}))"),
        st.tuples(inner, inner).map(lambda both: f"implies({both[0]}, {both[1]})"),
    ),
    max_leaves=5,
)
RECORDS = [dict(zip("abc", map(Decimal, figures), strict=True)) for figures in product(range(5), repeat=3)]


@settings(deadline=None)
@given(claims)
def test_nothing_that_is_satisfied_somewhere_is_called_impossible(expression: str) -> None:
    tree = parse(expression)
    rule = compile_tree(tree, expression, SCOPE)
    outcomes = {rule.outcome(record) for record in RECORDS}
    if Outcome.HOLDS in outcomes:
        assert possible([(tree, True)], SCOPE)
    if Outcome.FIRES in outcomes:
        assert possible([(tree, False)], SCOPE)


coefficients = st.integers(-3, 3).map(Fraction)
systems = st.lists(st.tuples(coefficients, coefficients, st.integers(-6, 6).map(Fraction)), min_size=1, max_size=5)


@given(systems)
def test_two_unknowns_are_feasible_where_a_corner_says_so(system: list[tuple[Fraction, Fraction, Fraction]]) -> None:
    """In a plane a region that is not empty has a corner among the crossings of its lines with x, y >= 0."""
    rows = [*system, (Fraction(-1), Fraction(0), Fraction(0)), (Fraction(0), Fraction(-1), Fraction(0))]
    corners = []
    for (a, b, c), (d, e, f) in product(rows, repeat=2):
        determinant = a * e - b * d
        if determinant:
            corners.append(((b * f - c * e) / determinant, (c * d - a * f) / determinant))
    expected = any(all(a * x + b * y + c <= 0 for a, b, c in rows) for x, y in corners)
    inequalities = [AtMostZero(Linear({"x": a, "y": b}, c)) for a, b, c in system]
    assert feasible(inequalities, frozenset(), frozenset()) is expected
