"""How large the figures of a rule can get, known before any is seen: both back ends stay exact or refuse.

A figure has at most 15 integer digits and its declared decimals (`forms.values`). DuckDB counts in whole numbers
of 38 digits, so a rule that could pass them is refused when it is loaded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from forms.faults import Fault
from forms.language_functions import FUNCTIONS
from forms.language_tree import (
    QUOTIENT_DECIMALS,
    Call,
    Comparison,
    Conditional,
    Constant,
    ItemValue,
    Node,
    Product,
    Quotient,
    Rounded,
    RowCount,
    RowSum,
    Sum,
    TextConstant,
    Value,
    Within,
    walk,
)
from forms.language_types import Scope, type_of
from forms.language_words import RuleError

MAX_DIGITS: Final = 38
ITEM_DIGITS: Final = 15
ROW_DIGITS: Final = 5
"""A table has fewer than 100,000 rows."""


@dataclass(frozen=True, slots=True)
class Digits:
    """At most so many digits before and after the decimal point."""

    whole: int
    decimals: int

    @property
    def total(self) -> int:
        return self.whole + self.decimals


def check_digits(tree: Node, scope: Scope) -> None:
    """Raises RuleError where a comparison could need more digits than can be counted exactly."""
    for node in walk(tree):
        match node:
            case Comparison():
                if type_of(node.left, scope).kind == "number":
                    aligned([node.left, node.right], scope, node.column)
            case Within():
                aligned([node.left, node.right, node.tolerance], scope, node.column, spare=1)
            case _:
                continue


def digits_of(node: Value, scope: Scope) -> Digits:
    """The bound on a number. Raises RuleError over 38 digits."""
    return _DIGITS[type(node)](node, scope)


def _item(node: ItemValue, scope: Scope) -> Digits:
    return Digits(ROW_DIGITS, 0) if node.key == "year" else Digits(ITEM_DIGITS, scope.type_at(node).decimals)


def _row_sum(node: RowSum, scope: Scope) -> Digits:
    return Digits(ITEM_DIGITS + ROW_DIGITS, scope.column_at(node.rows).decimals)


def _constant(node: Constant, scope: Scope) -> Digits:
    return Digits(max(node.value.adjusted() + 1, 1), max(-int(node.value.as_tuple().exponent), 0))


def _sum(node: Sum, scope: Scope) -> Digits:
    return aligned([term for _, term in node.terms], scope, node.column, spare=len(str(len(node.terms))))


def _rounded(node: Rounded, scope: Scope) -> Digits:
    found = digits_of(node.part, scope)
    if node.places >= found.decimals:
        return found
    return _bounded(Digits(found.whole + 1, node.places), node.column)


def _product(node: Product, scope: Scope) -> Digits:
    left, right = digits_of(node.left, scope), digits_of(node.right, scope)
    return _bounded(Digits(left.whole + right.whole, left.decimals + right.decimals), node.column)


def aligned(nodes: list[Value], scope: Scope, column: int, *, spare: int = 0) -> Digits:
    """The bound that holds for each of several numbers written with the same decimals."""
    found = [digits_of(node, scope) for node in nodes]
    return _bounded(Digits(max(each.whole for each in found) + spare, max(each.decimals for each in found)), column)


def shift_of(left: Digits, right: Digits) -> int:
    """How many zeros the dividend gets so that the whole quotient has the agreed decimals; below 0, the divisor."""
    return QUOTIENT_DECIMALS + right.decimals - left.decimals


def _quotient(node: Quotient, scope: Scope) -> Digits:
    left, right = digits_of(node.left, scope), digits_of(node.right, scope)
    shift = shift_of(left, right)
    # one more for the doubling that rounds half up
    _bounded(Digits(left.total + max(shift, 0) + 1, 0), node.column)
    _bounded(Digits(right.total + max(-shift, 0) + 1, 0), node.column)
    return _bounded(Digits(left.whole + right.decimals + 1, QUOTIENT_DECIMALS), node.column)


def _bounded(digits: Digits, column: int) -> Digits:
    if digits.total > MAX_DIGITS:
        raise RuleError(Fault.TOO_MANY_DIGITS, column, limit=MAX_DIGITS)
    return digits


_DIGITS: Final[Mapping[type, Callable[[Any, Scope], Digits]]] = MappingProxyType(
    {
        ItemValue: _item,
        RowSum: _row_sum,
        RowCount: lambda node, scope: Digits(ROW_DIGITS, 0),
        Constant: _constant,
        TextConstant: lambda node, scope: Digits(0, 0),
        Sum: _sum,
        Conditional: lambda node, scope: aligned([node.then, node.otherwise], scope, node.column),
        Rounded: _rounded,
        Call: lambda node, scope: Digits(FUNCTIONS[node.function].digits, FUNCTIONS[node.function].scale),
        Product: _product,
        Quotient: _quotient,
    }
)
