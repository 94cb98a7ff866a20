"""The Python back end, values: each node as a closure that reads one record and gives what stands there, or None."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from types import MappingProxyType
from typing import Any, Final

from forms.language_functions import FUNCTIONS
from forms.language_tree import (
    QUOTIENT_DECIMALS,
    Call,
    Conditional,
    Constant,
    ItemValue,
    Product,
    Quotient,
    Rounded,
    RowColumn,
    RowCount,
    RowSum,
    Sum,
    TextConstant,
    Value,
    keys_of,
)

Record = Mapping[str, Any]
"""One filing by address: a Decimal, a text, the rows of a table as mappings by column; None or nothing is a blank."""

ValueOf = Callable[[Record], Any]
TruthOf = Callable[[Record], bool | None]
Branch = Callable[[Any], TruthOf]

# An own context: the caller's precision or traps must not change what a rule says. A quotient of two numbers of
# 38 digits that is no tie differs from one by more than 1e-50, so 100 digits round as the exact ratio would.
EXACT: Final = Context(prec=100, rounding=ROUND_HALF_UP, traps=[DivisionByZero, InvalidOperation, Overflow])
ZERO: Final = Decimal(0)


def value_of(node: Value, condition: Branch) -> ValueOf:
    """The closure of a value; `condition` compiles the conditions inside it. Dividing by zero raises."""
    return _VALUES[type(node)](node, condition)


def _item(node: ItemValue, condition: Branch) -> ValueOf:
    key = node.key
    return lambda record: record.get(key)


def _constant(node: Constant | TextConstant, condition: Branch) -> ValueOf:
    value = node.value
    return lambda record: value


def _row_count(node: RowCount, condition: Branch) -> ValueOf:
    table = node.table
    return lambda record: None if record.get(table) is None else Decimal(len(record[table]))


def call_of(node: Call, condition: Branch, words: tuple[str, ...] = ()) -> ValueOf:
    """A named function: blank if any argument is; a column of rows is given as its filled cells."""
    function = FUNCTIONS[node.function]
    arguments = [_column(part) if isinstance(part, RowColumn) else value_of(part, condition) for part in node.arguments]
    extra = (words,) if function.words else ()

    def call(record: Record) -> Any:
        found = [argument(record) for argument in arguments]
        return None if None in found else function.python(*found, *extra)

    return call


def _column(rows: RowColumn) -> ValueOf:
    table, key = rows.table, rows.key

    def column(record: Record) -> list[Any] | None:
        found = record.get(table)
        return None if found is None else [row[key] for row in found if row.get(key) is not None]

    return column


def _row_sum(node: RowSum, condition: Branch) -> ValueOf:
    column = _column(node.rows)

    def add_up(record: Record) -> Decimal | None:
        filled = column(record)
        if not filled:
            return None
        total = ZERO
        for value in filled:
            total = EXACT.add(total, value)
        return total

    return add_up


def _sum(node: Sum, condition: Branch) -> ValueOf:
    """Terms with items decide whether the sum is blank; terms without are added to whatever they come to."""
    signed = [(EXACT.add if sign == 1 else EXACT.subtract, term) for sign, term in node.terms]
    figures = [(apply, value_of(term, condition)) for apply, term in signed if keys_of(term)]
    fixed = [(apply, value_of(term, condition)) for apply, term in signed if not keys_of(term)]

    def add_up(record: Record) -> Decimal | None:
        total, filled = ZERO, not figures
        for apply, term in figures:
            value = term(record)
            if value is not None:
                total, filled = apply(total, value), True
        if not filled:
            return None
        for apply, term in fixed:
            total = apply(total, term(record))
        return total

    return add_up


def _of_two(node: Product | Quotient, condition: Branch) -> ValueOf:
    apply = _quotient if isinstance(node, Quotient) else EXACT.multiply
    left, right = value_of(node.left, condition), value_of(node.right, condition)

    def both(record: Record) -> Decimal | None:
        a, b = left(record), right(record)
        return None if a is None or b is None else apply(a, b)

    return both


def half_up(value: Decimal, places: int) -> Decimal:
    """Rounded half up, away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, EXACT)


def _quotient(left: Decimal, right: Decimal) -> Decimal:
    return half_up(EXACT.divide(left, right), QUOTIENT_DECIMALS)


def _rounded(node: Rounded, condition: Branch) -> ValueOf:
    part, places = value_of(node.part, condition), node.places

    def rounded(record: Record) -> Decimal | None:
        value = part(record)
        return None if value is None else half_up(value, places)

    return rounded


def _conditional(node: Conditional, condition: Branch) -> ValueOf:
    given = condition(node.condition)
    then, otherwise = value_of(node.then, condition), value_of(node.otherwise, condition)

    def choose(record: Record) -> Any:
        said = given(record)
        if said is None:
            return None
        return then(record) if said else otherwise(record)

    return choose


_VALUES: Final[Mapping[type, Callable[[Any, Branch], ValueOf]]] = MappingProxyType(
    {
        ItemValue: _item,
        Constant: _constant,
        TextConstant: _constant,
        Sum: _sum,
        RowSum: _row_sum,
        RowCount: _row_count,
        Rounded: _rounded,
        Conditional: _conditional,
        Call: call_of,
        Product: _of_two,
        Quotient: _of_two,
    }
)
