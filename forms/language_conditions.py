"""The Python back end, conditions: each node as a closure that says True, False, or None for not evaluated."""

import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, DecimalException
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from forms.faults import Fault
from forms.language_tree import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    FiguresFit,
    Filled,
    Implication,
    ItemValue,
    Member,
    Negation,
    Operator,
    RowSum,
    Sum,
    Truth,
    Value,
    Within,
    keys_of,
)
from forms.language_types import Scope
from forms.language_values import EXACT, ZERO, Record, TruthOf, call_of, value_of
from forms.language_words import RuleError

__all__ = ["Record", "comparison_sides", "condition_of", "holds_of", "own_keys", "unfit_figures"]

Sides = Callable[[Record], tuple[Any, Any] | None]

_COMPARE: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.GREATER: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


def condition_of(node: Condition, scope: Scope) -> TruthOf:
    """The closure of a condition; the scope gives option lists, keyword lists and what decimals figures have."""
    return _CONDITIONS[type(node)](node, scope)


def own_keys(node: Condition) -> tuple[str, ...]:
    """The addresses on the form itself: not last year's, another form's or the register's."""
    return tuple(key for key in keys_of(node) if "." not in key and key != "year")


def _decided(node: AllOf | AnyOf, scope: Scope) -> TruthOf:
    """`and` is decided by one False, `or` by one True; otherwise one unknown leaves the whole unknown."""
    parts = [condition_of(part, scope) for part in node.parts]
    decisive = isinstance(node, AnyOf)

    def decide(record: Record) -> bool | None:
        result: bool | None = not decisive
        for part in parts:
            said = part(record)
            if said is decisive:
                return decisive
            if said is None:
                result = None
        return result

    return decide


def _negation(node: Negation, scope: Scope) -> TruthOf:
    part = condition_of(node.part, scope)

    def negate(record: Record) -> bool | None:
        said = part(record)
        return None if said is None else not said

    return negate


def _implication(node: Implication, scope: Scope) -> TruthOf:
    condition, consequence = condition_of(node.condition, scope), condition_of(node.consequence, scope)
    needed = own_keys(node.consequence)

    def imply(record: Record) -> bool | None:
        given = condition(record)
        if not given:
            return None if given is None else True
        follows = consequence(record)
        if follows is None and any(record.get(key) is None for key in needed):
            return False
        return follows

    return imply


def _membership(node: Member, scope: Scope) -> TruthOf:
    part = value_of(node.part, partial(condition_of, scope=scope))
    options = node.options
    if options is None:
        if not isinstance(node.part, ItemValue):
            raise RuleError(Fault.OPTIONS_OF_TEXT, node.column)
        options = scope.type_at(node.part).options
    listed = frozenset(options)

    def belongs(record: Record) -> bool | None:
        value = part(record)
        return None if value is None else value in listed

    return belongs


def _filled(node: Filled, scope: Scope) -> TruthOf:
    key = node.part.key
    return lambda record: record.get(key) is not None


def _truth(node: Truth, scope: Scope) -> TruthOf:
    words = scope.keywords.get(node.call.word, ())
    return call_of(node.call, partial(condition_of, scope=scope), words)


def _figures_fit(node: FiguresFit, scope: Scope) -> TruthOf:
    """Blanks fit; so does everything `forms.values` reads. It speaks of figures that came another way."""
    decimals = {key: scope.items[key].decimals for key in scope.figures}
    return lambda record: next(unfit_figures(decimals, record), None) is None


def unfit_figures(decimals: Mapping[str, int], record: Record) -> Iterator[str]:
    """The addresses of figures below 0 or finer than their decimals."""
    for key, places in decimals.items():
        value: Decimal | None = record.get(key)
        if value and (value < 0 or not _is_whole(value.scaleb(places, EXACT) if places else value)):
            yield key


def _is_whole(value: Decimal) -> bool:
    return value == value.to_integral_value()


def _comparison(node: Comparison | Within, scope: Scope) -> TruthOf:
    sides, holds = comparison_sides(node, scope), holds_of(node, scope)

    def compare(record: Record) -> bool | None:
        both = sides(record)
        return None if both is None else holds(record, both)

    return compare


def holds_of(node: Comparison | Within, scope: Scope) -> Callable[[Record, tuple[Any, Any]], bool | None]:
    """Whether two filled sides are as the comparison says; None where a tolerance is blank."""
    if isinstance(node, Comparison):
        compare = _COMPARE[node.operator]
        return lambda record, both: compare(*both)
    tolerance = value_of(node.tolerance, partial(condition_of, scope=scope))

    def near(record: Record, both: tuple[Decimal, Decimal]) -> bool | None:
        try:
            allowed = tolerance(record)
        except DecimalException:
            return None
        return None if allowed is None else abs(EXACT.subtract(*both)) <= allowed

    return near


def comparison_sides(node: Comparison | Within, scope: Scope) -> Sides:
    """Both sides of a comparison, or None where it is not evaluated."""
    below = partial(condition_of, scope=scope)
    left, right = value_of(node.left, below), value_of(node.right, below)
    left_fills, right_fills = breakdowns(node)

    def both(record: Record) -> tuple[Any, Any] | None:
        try:
            a, b = left(record), right(record)
        except DecimalException:
            return None
        if a is not None and b is not None:
            return a, b
        if a is not None and right_fills:
            return a, ZERO
        if b is not None and left_fills:
            return ZERO, b
        return None

    return both


def breakdowns(node: Comparison | Within) -> tuple[bool, bool]:
    """Whether the left, and the right side is a breakdown that its filled total makes 0 where it is blank."""
    equality = isinstance(node, Within) or node.operator is Operator.EQUAL
    return (
        equality and _is_breakdown(node.left, total=node.right),
        equality and _is_breakdown(node.right, total=node.left),
    )


def _is_breakdown(side: Value, *, total: Value) -> bool:
    """A sum of several items, or of a column, set equal to another figure; a constant is no total to fill it."""
    several = isinstance(side, RowSum) or (isinstance(side, Sum) and len(keys_of(side)) > 1)
    return several and bool(keys_of(total))


_CONDITIONS: Final[Mapping[type, Callable[[Any, Scope], TruthOf]]] = MappingProxyType(
    {
        Comparison: _comparison,
        Within: _comparison,
        AllOf: _decided,
        AnyOf: _decided,
        Negation: _negation,
        Implication: _implication,
        Member: _membership,
        Filled: _filled,
        Truth: _truth,
        FiguresFit: _figures_fit,
    }
)
