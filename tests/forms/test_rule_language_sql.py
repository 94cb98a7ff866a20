"""Both back ends say the same of every record, and a back end that was tampered with is found out."""

from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms import language_functions, language_values
from forms.language import Outcome, compile_tree
from forms.language_functions import Kind
from forms.language_parsing import parse
from forms.language_sql import rule_sql
from forms.language_tree import ItemValue
from tests.forms.records import SCOPE, TIED, Drawn, load

FEW: Final = 2_000
MANY: Final = 100_000
SAID: Final = {True: Outcome.HOLDS, False: Outcome.FIRES, None: Outcome.NOT_EVALUATED}

OPERATORS: Final = (
    "a == b",
    "a != b",
    "a < b",
    "a <= x",
    "x > y",
    "a >= 0",
    "a + b == c",
    "c == a - b + 5",
    "-a >= b + x + y",
    "a == b + c",
    "last(a) + last(b) == a",
    "2 * a > b",
    "a * b > 0",
    "x * 1.25 <= y",
    "a / b > 1",
    "x / b == 0.5",
    "a / b == 0.007813",
    "a / y < -0.333333",
    "y / staff >= 2.5",
    "c + a / b * c == c",
    "a / b / c > 0.5",
    "round(x, 0) == a",
    "round(x, 1) >= x",
    "round(y, 2) == y",
    "round(a / b, 2) == 0.33",
    "within(a, b, 1)",
    "within(a, b + c, 0.05 * a)",
    "within(a / b, 1, 0.5)",
    "(a if b > 0 else c) > 1",
    "(a / b if b > 0 else x / y) > 1",
    "(a / b if c > 0 else x / c) + 1 >= 0",
    "a > 0 and b > 0",
    "a > 0 or b > 0",
    "not (a > 0)",
    "implies(a > 0, b > 0)",
    "implies(a > 0, last(b) > 0)",
    "implies(b != 0, a / b > 1 or c > 0)",
    "filled(a) and not filled(name)",
    'goal in ("1", "10")',
    'goal not in ("2",)',
    "goal in options",
    'goal == "1" or goal != "2"',
    'unit.size in ("L", "M")',
    "sum(projects.cost) == a",
    "a <= sum(projects.cost) + b",
    "sum(projects.effort) * 12.5 >= sum(last(projects.effort))",
    "a / sum(projects.effort) <= 50",
    'sum(form("107-1").lines.cost) <= a',
    'form("107-1").o == a + b',
    "count(projects) >= 2",
    "start <= end",
    'end != "000000"',
    "start <= month(year, 12) and start >= month(year, 1)",
    "months_between(start, end) >= 4 * months_in_year / 12",
    "months_in_year * staff >= sum(projects.effort)",
    "similarity(name, last(name)) <= 0.8",
    "best_similarity(name, last(projects.title)) <= 0.8",
    'not has_keyword(name, "words")',
    "credit_code_ok(unit.credit_code)",
    "figures_fit()",
    "name == last(name)",
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("SET threads = 1")
        yield opened


def said_by_sql(connection: duckdb.DuckDBPyConnection, expression: str) -> list[Outcome]:
    text = rule_sql(parse(expression), SCOPE)
    return [SAID[outcome] for outcome in of_each_filing(connection, text)]


def of_each_filing(connection: duckdb.DuckDBPyConnection, text: str) -> list[Any]:
    """What an expression of SQL comes to for each filing, in the order of their numbers."""
    found = connection.table("filings").project(f"number, {text} AS found").order("number").fetchall()
    return [outcome for _, outcome in found]


def said_by_closures(records: list[dict[str, Any]], expression: str) -> list[Outcome]:
    rule = compile_tree(parse(expression), expression, SCOPE)
    return [rule.outcome(record) for record in records]


def differing(connection: duckdb.DuckDBPyConnection, records: list[dict[str, Any]], expression: str) -> list[str]:
    by_sql, by_closures = said_by_sql(connection, expression), said_by_closures(records, expression)
    return [
        f"{expression}: closures {one}, SQL {other} of {record}"
        for record, one, other in zip(records, by_closures, by_sql, strict=True)
        if one is not other
    ]


@pytest.fixture(scope="module")
def few(connection: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    records = Drawn(20260101).records(FEW)
    load(connection, records, tmp_path_factory.mktemp("records"))
    return records


@pytest.mark.parametrize("expression", OPERATORS)
def test_both_back_ends_say_the_same(
    connection: duckdb.DuckDBPyConnection, few: list[dict[str, Any]], expression: str
) -> None:
    assert differing(connection, few, expression)[:1] == []


@pytest.mark.parametrize("expression", OPERATORS)
def test_every_operator_is_shown_both_outcomes_at_least(few: list[dict[str, Any]], expression: str) -> None:
    """A comparison of back ends over records that all hold would prove little."""
    assert len(set(said_by_closures(few, expression))) >= 2


@pytest.mark.long
def test_both_back_ends_say_the_same_of_a_hundred_thousand_records(tmp_path: Path) -> None:
    records = Drawn(7).records(MANY)
    with duckdb.connect() as opened:
        load(opened, records, tmp_path)
        for expression in OPERATORS:
            assert differing(opened, records, expression)[:1] == [], expression


# Random trees, not only the listed ones.

amounts = st.recursive(
    st.sampled_from(["a", "b", "c", "x", "last(a)", "sum(projects.cost)", 'form("107-1").o', "3", "0.5"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda part: f"(2 * {part})"),
        inner.map(lambda part: f"({part} / 4)"),
        inner.map(lambda part: f"round({part}, 1)"),
        st.tuples(inner, inner).map(lambda both: f"({both[0]} if a > b else {both[1]})"),
    ),
    max_leaves=5,
)
conditions = st.recursive(
    st.one_of(
        st.tuples(amounts, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), amounts).map(" ".join),
        st.tuples(amounts, amounts).map(lambda both: f"within({both[0]}, {both[1]}, 2)"),
        st.tuples(amounts, amounts).map(lambda both: f"{both[0]} / (a - b) > {both[1]} / x"),
        st.sampled_from(['goal == "1"', "filled(b)", "start <= end", "figures_fit()"]),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda part: f"(not ({part}))"),
        st.tuples(inner, inner).map(lambda both: f"implies({both[0]}, {both[1]})"),
    ),
    max_leaves=4,
)


def compiles(expression: str) -> bool:
    from forms.language import RuleError

    try:
        compile_tree(parse(expression), expression, SCOPE)
    except RuleError:
        return False
    return True


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conditions.filter(compiles))
def test_both_back_ends_say_the_same_of_any_rule(
    connection: duckdb.DuckDBPyConnection, few: list[dict[str, Any]], expression: str
) -> None:
    assert differing(connection, few, expression)[:1] == []


# Deliberate changes in one back end: each must be caught by the records above.


def found_out(connection: duckdb.DuckDBPyConnection, few: list[dict[str, Any]]) -> set[str]:
    return {expression for expression in OPERATORS if differing(connection, few, expression)}


def whole_part(value: Decimal, places: int) -> Decimal:
    return Decimal(int(value))


def half_even(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, language_values.EXACT)


@pytest.mark.parametrize(
    ("tampered", "caught"),
    [(whole_part, "x / b == 0.5"), (half_even, "round(x, 1) >= x"), (half_even, "a / b == 0.007813")],
)
def test_another_rounding_in_one_back_end_is_caught(
    monkeypatch: pytest.MonkeyPatch,
    connection: duckdb.DuckDBPyConnection,
    few: list[dict[str, Any]],
    tampered: Callable[[Decimal, int], Decimal],
    caught: str,
) -> None:
    monkeypatch.setattr(language_values, "half_up", tampered)
    assert caught in found_out(connection, few)


def integer_division(left: Decimal, right: Decimal) -> Decimal:
    return language_values.EXACT.divide_int(left, right)


def blank_as_zero(node: ItemValue, _: object) -> Callable[[Mapping[str, Any]], Any]:
    zero = Decimal(0) if SCOPE.items.get(node.key, SCOPE.items["name"]).kind is Kind.NUMBER else None
    return lambda record: zero if record.get(node.key) is None else record[node.key]


def test_integer_division_in_the_closures_is_caught(
    monkeypatch: pytest.MonkeyPatch, connection: duckdb.DuckDBPyConnection, few: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(language_values, "_quotient", integer_division)
    assert {"x / b == 0.5", "a / b == 0.007813", "within(a / b, 1, 0.5)"} <= found_out(connection, few)


def test_a_blank_taken_for_zero_in_the_closures_is_caught(
    monkeypatch: pytest.MonkeyPatch, connection: duckdb.DuckDBPyConnection, few: list[dict[str, Any]]
) -> None:
    values = {**language_values._VALUES, ItemValue: blank_as_zero}
    monkeypatch.setattr(language_values, "_VALUES", values)
    assert {"a < b", "a >= 0", "a * b > 0", "within(a, b, 1)", "implies(a > 0, b > 0)"} <= found_out(connection, few)


def test_the_records_hold_what_back_ends_could_treat_apart(few: list[dict[str, Any]]) -> None:
    """Blanks, zeros to divide by, halves to round, the largest figures a cell takes, negative ones."""
    assert {record["a"] is None for record in few} == {True, False}
    assert {record["projects"] is None for record in few} == {True, False}
    assert sum(record["b"] == 0 and record["a"] is not None for record in few) > 50
    assert sum(record["x"] is not None and abs(record["x"] * 100 % 10) == 5 for record in few) > 30
    assert sum(record["b"] == 128 and record["a"] in TIED for record in few) > 50
    assert sum(record["a"] is not None and abs(record["a"]) == 10**15 - 1 for record in few) > 50
    assert sum(record["a"] is not None and record["a"] < 0 for record in few) > 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"a"', 'coalesce("a", 0)'),  # NULL as 0
        (" * 2 + ", " * 2 + 0 * "),  # rounded down
        (" * 2 + ", " * 2 - 1 + "),  # a half rounded down
        ("HUGEINT", "DOUBLE"),  # binary floating point
        (" AND ", " OR "),
        ("<=", "<"),
        ("CASE WHEN NOT", "CASE WHEN"),
    ],
)
def test_a_change_in_the_sql_is_caught(
    connection: duckdb.DuckDBPyConnection, few: list[dict[str, Any]], old: str, new: str
) -> None:
    caught = []
    for expression in OPERATORS:
        text = rule_sql(parse(expression), SCOPE).replace(old, new)
        try:
            found = of_each_filing(connection, text)
        except duckdb.Error:
            caught.append(expression)
            continue
        if [SAID.get(outcome) for outcome in found] != said_by_closures(few, expression):
            caught.append(expression)
    assert caught


def test_the_credit_code_function_agrees_with_the_published_algorithm() -> None:
    from stdnum.cn import uscc

    genuine = "91350100M000100Y43"
    assert language_functions.FUNCTIONS["credit_code_ok"].python(genuine)
    for place in range(18):
        for character in language_functions.CREDIT_CODE_ALPHABET:
            changed = genuine[:place] + character + genuine[place + 1 :]
            digits_first = changed[2:8].isdigit()
            expected = uscc.is_valid(changed) if digits_first else changed == genuine
            assert language_functions.FUNCTIONS["credit_code_ok"].python(changed) is expected or not digits_first
