"""The rule language: what an edit rule means for one record, compiled to a closure over exact decimals.

A rule is a condition that must hold. It has three outcomes, `holds`, `fires` and `not_evaluated`:

- a *number* is blank when its item is blank. In a sum or difference a blank term counts as 0 once any term is
  filled; a sum of blanks is blank (constants fill nothing). A product or quotient with a blank part is blank.
- a *comparison* with a blank side, or with a division by zero in it, is not evaluated. In `total == a + b` a
  filled total makes its blank terms count as 0, all of them if need be.
- `a and b` fires if any part fires, else is not evaluated if any part is not, else holds.
- `a or b` holds if any part holds, else is not evaluated if any part is not, else fires.
- `not a` exchanges holds and fires.
- `implies(a, b)`: where `a` fires it holds; where `a` is not evaluated it is not; where `a` holds it is `b`,
  except that a `b` left unevaluated by a blank item fires: the condition is met and its answer is missing.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from enum import StrEnum
from typing import Final

from forms.language_parsing import RuleError, parse
from forms.language_tree import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Constant,
    Implication,
    ItemValue,
    Negation,
    Number,
    Operator,
    Product,
    Quotient,
    Sum,
    keys_of,
)
from forms.language_units import check_units, unit_of

__all__ = ["Gap", "Outcome", "Rule", "RuleError", "Values", "compile_rule", "referenced"]

Values = Mapping[str, Decimal | None]
"""The figures of one record by item key; None, or no entry, is a blank."""

_NumberOf = Callable[[Values], Decimal | None]
_Truth = Callable[[Values], bool | None]
_Sides = Callable[[Values], tuple[Decimal, Decimal] | None]

# An own context: the caller's precision or traps must not change what a rule says.
_EXACT: Final = Context(prec=50, traps=[DivisionByZero, InvalidOperation, Overflow])
_ZERO: Final = Decimal(0)
_COMPARE: Final[dict[Operator, Callable[[Decimal, Decimal], bool]]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.GREATER: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


class Outcome(StrEnum):
    """What a rule says of one record."""

    HOLDS = "holds"
    FIRES = "fires"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True, slots=True)
class Gap:
    """The two sides of the comparison that failed, both the unit's own figures, in one unit of measure."""

    left: Decimal
    right: Decimal
    unit: str

    @property
    def difference(self) -> Decimal:
        return abs(_EXACT.subtract(self.left, self.right))


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule; `gap` is the first failed comparison of a rule that consists of comparisons only."""

    expression: str
    items: tuple[str, ...]
    outcome: Callable[[Values], Outcome]
    gap: Callable[[Values], Gap | None]


def referenced(expression: str) -> tuple[str, ...]:
    """The keys of the items a rule names, each once, in order of first mention. Raises RuleError."""
    return keys_of(parse(expression))


def compile_rule(expression: str, units: Mapping[str, str]) -> Rule:
    """The rule as closures; `units` gives the unit of measure of every item by key.

    Raises RuleError for what the language does not have, an unknown item, or units of measure that disagree.
    """
    tree = parse(expression)
    check_units(tree, units)
    truth = _condition(tree)

    def outcome(values: Values) -> Outcome:
        said = truth(values)
        if said is None:
            return Outcome.NOT_EVALUATED
        return Outcome.HOLDS if said else Outcome.FIRES

    return Rule(expression, keys_of(tree), outcome, _gap(tree, units))


def _condition(node: Condition) -> _Truth:
    match node:
        case Comparison():
            return _comparison(node)
        case AllOf(parts=parts):
            return _decided_by([_condition(part) for part in parts], decisive=False)
        case AnyOf(parts=parts):
            return _decided_by([_condition(part) for part in parts], decisive=True)
        case Negation(part=part):
            return _negation(_condition(part))
        case Implication():
            return _implication(node)


def _decided_by(parts: list[_Truth], *, decisive: bool) -> _Truth:
    """`and` is decided by one False, `or` by one True; otherwise one unknown leaves the whole unknown."""

    def decide(values: Values) -> bool | None:
        result: bool | None = not decisive
        for part in parts:
            said = part(values)
            if said is decisive:
                return decisive
            if said is None:
                result = None
        return result

    return decide


def _negation(part: _Truth) -> _Truth:
    def negate(values: Values) -> bool | None:
        said = part(values)
        return None if said is None else not said

    return negate


def _implication(node: Implication) -> _Truth:
    condition, consequence = _condition(node.condition), _condition(node.consequence)
    needed = keys_of(node.consequence)

    def imply(values: Values) -> bool | None:
        given = condition(values)
        if not given:
            return None if given is None else True
        follows = consequence(values)
        if follows is None and any(values.get(key) is None for key in needed):
            return False
        return follows

    return imply


def _comparison(node: Comparison) -> _Truth:
    sides, holds = _sides(node), _COMPARE[node.operator]

    def compare(values: Values) -> bool | None:
        both = sides(values)
        return None if both is None else holds(*both)

    return compare


def _sides(node: Comparison) -> _Sides:
    """Both sides of a comparison, or None where it is not evaluated."""
    left, right = _number(node.left), _number(node.right)
    equality = node.operator is Operator.EQUAL
    left_fills = equality and _is_breakdown(node.left, total=node.right)
    right_fills = equality and _is_breakdown(node.right, total=node.left)

    def both(values: Values) -> tuple[Decimal, Decimal] | None:
        try:
            a, b = left(values), right(values)
        except DecimalException:
            return None
        if a is not None and b is not None:
            return a, b
        if a is not None and right_fills:
            return a, _ZERO
        if b is not None and left_fills:
            return _ZERO, b
        return None

    return both


def _is_breakdown(side: Number, *, total: Number) -> bool:
    """A sum of several items set equal to another figure; a constant is no total that could fill it."""
    return isinstance(side, Sum) and len(keys_of(side)) > 1 and bool(keys_of(total))


def _number(node: Number) -> _NumberOf:
    match node:
        case ItemValue(key=key):
            return lambda values: values.get(key)
        case Constant(value=value):
            return lambda values: value
        case Sum():
            return _sum(node)
        case Product():
            return _of_two(_EXACT.multiply, node)
        case Quotient():
            return _of_two(_EXACT.divide, node)


def _sum(node: Sum) -> _NumberOf:
    """Terms with items decide whether the sum is blank; terms without are added to whatever they come to."""
    signed = [(_EXACT.add if sign == 1 else _EXACT.subtract, term) for sign, term in node.terms]
    figures = [(apply, _number(term)) for apply, term in signed if keys_of(term)]
    fixed = [(apply, _number(term)) for apply, term in signed if not keys_of(term)]

    def add_up(values: Values) -> Decimal | None:
        total, filled = _ZERO, not figures
        for apply, term in figures:
            value = term(values)
            if value is not None:
                total, filled = apply(total, value), True
        if not filled:
            return None
        for apply, term in fixed:
            total = apply(total, term(values) or _ZERO)
        return total

    return add_up


def _of_two(apply: Callable[[Decimal, Decimal], Decimal], node: Product | Quotient) -> _NumberOf:
    left, right = _number(node.left), _number(node.right)

    def both(values: Values) -> Decimal | None:
        a, b = left(values), right(values)
        return None if a is None or b is None else apply(a, b)

    return both


def _gap(tree: Condition, units: Mapping[str, str]) -> Callable[[Values], Gap | None]:
    compared = [
        (_sides(node), _COMPARE[node.operator], unit_of(node.left, units) or unit_of(node.right, units) or "")
        for node in _plain_comparisons(tree)
    ]

    def gap(values: Values) -> Gap | None:
        for sides, holds, unit in compared:
            both = sides(values)
            if both is not None and not holds(*both):
                return Gap(*both, unit)
        return None

    return gap


def _plain_comparisons(tree: Condition) -> list[Comparison]:
    match tree:
        case Comparison():
            return [tree]
        case AllOf(parts=parts):
            return [found for part in parts for found in _plain_comparisons(part)]
        case _:
            return []
