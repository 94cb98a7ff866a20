"""Whether a rule can hold, can fire, and can hold beside others: the question the linter asks of every rule.

A condition is written out as ways it can come true, each a set of inequalities over figures, options a choice may
take, and yes-or-no facts. What is no line (a product of figures, a rounding, a function) counts as a figure of its
own, so an answer "impossible" is certain, and "possible" is at times too kind.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from forms.feasibility import AtMostZero, Linear, feasible
from forms.language_functions import Kind
from forms.language_tree import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Constant,
    FiguresFit,
    Filled,
    Implication,
    ItemValue,
    Member,
    Negation,
    Operator,
    Product,
    Quotient,
    RowCount,
    RowSum,
    Sum,
    TextConstant,
    Truth,
    Value,
    Within,
)
from forms.language_types import Scope, type_of

MAX_WAYS: Final = 512
"""More ways than this are not looked through; the rule then counts as possible."""

_OPPOSITE: Final = {
    Operator.EQUAL: Operator.NOT_EQUAL,
    Operator.NOT_EQUAL: Operator.EQUAL,
    Operator.LESS: Operator.AT_LEAST,
    Operator.AT_LEAST: Operator.LESS,
    Operator.GREATER: Operator.AT_MOST,
    Operator.AT_MOST: Operator.GREATER,
}


class TooManyWays(Exception):
    """The condition branches too often to be looked through."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which conditions hold: inequalities, the options left to each choice, facts by name."""

    inequalities: tuple[AtMostZero, ...] = ()
    options: Mapping[str, frozenset[str]] = field(default_factory=dict)
    facts: Mapping[str, bool] = field(default_factory=dict)

    def joined(self, other: "Way") -> "Way | None":
        """Both at once; None where an option or a fact already forbids it."""
        options = dict(self.options)
        for name, allowed in other.options.items():
            options[name] = options.get(name, allowed) & allowed
            if not options[name]:
                return None
        if any(self.facts.get(name, said) != said for name, said in other.facts.items()):
            return None
        return Way(self.inequalities + other.inequalities, options, {**self.facts, **other.facts})


def possible(trees: Iterable[tuple[Condition, bool]], scope: Scope) -> bool:
    """Whether conditions can come out as wanted together, every item they name being filled."""
    writer = _Ways(scope)
    found = [Way()]
    try:
        for tree, wanted in trees:
            found = _crossed(found, writer.of(tree, wanted=wanted))
    except TooManyWays:
        return True
    return any(feasible(way.inequalities, writer.signed, writer.whole) for way in found)


def _crossed(ones: list[Way], others: list[Way]) -> list[Way]:
    if len(ones) * len(others) > MAX_WAYS:
        raise TooManyWays
    return [joined for one in ones for other in others if (joined := one.joined(other)) is not None]


class _Ways:
    """Writes conditions out; keeps which figures may be negative and which are whole."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._signed: set[str] = set()
        self._whole: set[str] = set()

    @property
    def signed(self) -> frozenset[str]:
        return frozenset(self._signed)

    @property
    def whole(self) -> frozenset[str]:
        return frozenset(self._whole)

    def of(self, node: Condition, *, wanted: bool) -> list[Way]:
        return _CONDITIONS[type(node)](self, node, wanted=wanted)

    def several(self, node: AllOf | AnyOf, *, wanted: bool) -> list[Way]:
        """`and` that holds, and `or` that does not, need every part; the others need one."""
        listed = [self.of(part, wanted=wanted) for part in node.parts]
        if isinstance(node, AllOf) == wanted:
            found = [Way()]
            for ways in listed:
                found = _crossed(found, ways)
            return found
        return [way for ways in listed for way in ways]

    def negation(self, node: Negation, *, wanted: bool) -> list[Way]:
        return self.of(node.part, wanted=not wanted)

    def implication(self, node: Implication, *, wanted: bool) -> list[Way]:
        met = _crossed(self.of(node.condition, wanted=True), self.of(node.consequence, wanted=wanted))
        return [*self.of(node.condition, wanted=False), *met] if wanted else met

    def member(self, node: Member, *, wanted: bool) -> list[Way]:
        found = type_of(node.part, self._scope)
        if found.kind is not Kind.CHOICE or not isinstance(node.part, ItemValue):
            return self.fact(node, wanted=wanted)
        listed = frozenset(node.options if node.options is not None else found.options)
        return self._among(node.part.key, listed, frozenset(found.options), wanted=wanted)

    def _among(self, key: str, listed: frozenset[str], options: frozenset[str], *, wanted: bool) -> list[Way]:
        """An answer outside the list of options is possible too: that is what `in options` asks about."""
        left = listed if wanted else (options | {""}) - listed
        return [Way(options={key: left})] if left else []

    def fact(self, node: Any, *, wanted: bool) -> list[Way]:
        """A yes-or-no of its own, the same wherever the same is asked."""
        return [Way(facts={repr(_bare(node)): wanted})]

    def within(self, node: Within, *, wanted: bool) -> list[Way]:
        left, right, allowed = (self.line(part) for part in (node.left, node.right, node.tolerance))
        above = left.plus(right, Fraction(-1)).plus(allowed, Fraction(-1))
        below = right.plus(left, Fraction(-1)).plus(allowed, Fraction(-1))
        if wanted:
            return [Way((AtMostZero(above), AtMostZero(below)))]
        return [Way((AtMostZero(side.scaled(Fraction(-1)), strict=True),)) for side in (above, below)]

    def comparison(self, node: Comparison, *, wanted: bool) -> list[Way]:
        kind = type_of(node.left, self._scope).kind
        other = type_of(node.right, self._scope)
        if Kind.CHOICE in (kind, other.kind):
            return self._choice(node, wanted=wanted)
        if {kind, other.kind} & {Kind.TEXT, Kind.DATE} and Kind.MONTH not in (kind, other.kind):
            return self._texts(node, wanted=wanted)
        apart = self.line(node.left).plus(self.line(node.right), Fraction(-1))
        back = apart.scaled(Fraction(-1))
        match node.operator if wanted else _OPPOSITE[node.operator]:
            case Operator.EQUAL:
                return [Way((AtMostZero(apart), AtMostZero(back)))]
            case Operator.NOT_EQUAL:
                return [Way((AtMostZero(side, strict=True),)) for side in (apart, back)]
            case Operator.LESS | Operator.AT_MOST as operator:
                return [Way((AtMostZero(apart, operator is Operator.LESS),))]
            case operator:
                return [Way((AtMostZero(back, operator is Operator.GREATER),))]

    def _choice(self, node: Comparison, *, wanted: bool) -> list[Way]:
        item, other = node.left, node.right
        if isinstance(item, TextConstant):
            item, other = other, item
        if not isinstance(item, ItemValue) or not isinstance(other, TextConstant):
            return self._texts(node, wanted=wanted)
        options = frozenset(self._scope.type_at(item).options)
        same = (node.operator is Operator.EQUAL) == wanted
        return self._among(item.key, frozenset({other.value}), options, wanted=same)

    def _texts(self, node: Comparison, *, wanted: bool) -> list[Way]:
        """Two texts are the same or not; which comes first is not looked into."""
        if node.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
            same = (node.operator is Operator.EQUAL) == wanted
            return [Way(facts={repr((_bare(node.left), _bare(node.right))): same})]
        return self.fact(node, wanted=wanted)

    def line(self, node: Value) -> Linear:
        """A number as a line over figures; months count as numbers YYYYMM."""
        match node:
            case Constant(value=value):
                return Linear({}, Fraction(value))
            case TextConstant(value=text):
                return Linear({}, Fraction(int(text)))
            case Sum(terms=terms):
                total = Linear({})
                for sign, term in terms:
                    total = total.plus(self.line(term), Fraction(sign))
                return total
            case Product() | Quotient():
                return self._scaled(node)
            case _:
                return self._figure(node)

    def _scaled(self, node: Product | Quotient) -> Linear:
        left, right = self.line(node.left), self.line(node.right)
        if isinstance(node, Quotient):
            # a quotient is rounded, so even one by a constant is a line only nearly
            return self._figure(node)
        for constant, line in ((left, right), (right, left)):
            if not constant.coefficients:
                return line.scaled(constant.constant)
        return self._figure(node)

    def _figure(self, node: Value) -> Linear:
        """A figure of its own: at least 0 where that is known, whole where it counts things."""
        name = node.key if isinstance(node, ItemValue) else repr(_bare(node))
        if not isinstance(node, ItemValue | RowSum | RowCount):
            self._signed.add(name)
        elif isinstance(node, RowCount) or not self._decimals(node):
            self._whole.add(name)
        return Linear({name: Fraction(1)})

    def _decimals(self, node: ItemValue | RowSum) -> int:
        found = self._scope.column_at(node.rows) if isinstance(node, RowSum) else self._scope.type_at(node)
        return found.decimals


def _bare(node: Any) -> Any:
    """A node without the columns it was read at, so that the same words make the same name."""
    if isinstance(node, tuple):
        return tuple(_bare(part) for part in node)
    if not hasattr(node, "__dataclass_fields__"):
        return node
    named = (name for name in node.__dataclass_fields__ if name != "column")
    return (type(node).__name__, *(_bare(getattr(node, name)) for name in named))


_CONDITIONS: Final[Mapping[type, Callable[..., list[Way]]]] = MappingProxyType(
    {
        Comparison: _Ways.comparison,
        Within: _Ways.within,
        Member: _Ways.member,
        Filled: _Ways.fact,
        Truth: _Ways.fact,
        FiguresFit: _Ways.fact,
        AllOf: _Ways.several,
        AnyOf: _Ways.several,
        Negation: _Ways.negation,
        Implication: _Ways.implication,
    }
)
