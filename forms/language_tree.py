"""The tree of an edit rule: what the parser makes, the static check walks and every back end reads.

A name is a flat address, the same in a record of the Python back end and in a column of the SQL one:
`rd_cost_total` (an item, or a column of the row a rule is asked of), `last.rd_cost_total` (the year before),
`107-1.projects` (another form of the same unit), `unit.size` (the register), `signoff.phone`, `year`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from typing import Literal


class Operator(StrEnum):
    """The comparisons a rule may make."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class ItemValue:
    """What stands at one address: a figure, a month, a chosen option, a text."""

    key: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """A number written in the rule; it fits any unit, unless `unit` names one (12 months in a year)."""

    value: Decimal
    column: int = field(default=1, compare=False)
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TextConstant:
    """A text written in the rule: an option's code, a month such as 000000."""

    value: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class RowColumn:
    """One column of all rows of a table; it stands only where a function takes a whole column."""

    table: str
    key: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms added or subtracted; where a blank term counts as 0 is said in `forms.language`."""

    terms: "tuple[tuple[Literal[1, -1], Value], ...]"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class RowSum:
    """A column added up over the rows of its table; blank cells count as 0 once any is filled."""

    rows: RowColumn
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows a table has: 0 where the form is there and the table is empty."""

    table: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Product:
    left: "Value"
    right: "Value"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Quotient:
    """A ratio, rounded half up to `QUOTIENT_DECIMALS`."""

    left: "Value"
    right: "Value"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Rounded:
    """Half up, away from zero: 0.5 is 1 and -0.5 is -1."""

    part: "Value"
    places: int
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """`a if condition else b`; blank where the condition cannot be told."""

    condition: "Condition"
    then: "Value"
    otherwise: "Value"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A named function of `forms.language_functions` on values; `word` is the name of a list it uses."""

    function: str
    arguments: "tuple[Value | RowColumn, ...]"
    column: int = field(default=1, compare=False)
    word: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    left: "Value"
    operator: Operator
    right: "Value"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Within:
    """An equality that a tolerance softens: the sides are at most `tolerance` apart."""

    left: "Value"
    right: "Value"
    tolerance: "Value"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """Whether a choice or a text is one of those listed; None asks for the item's own option list."""

    part: "Value"
    options: tuple[str, ...] | None
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Filled:
    """Whether anything stands there: the one condition that a blank does not leave open."""

    part: ItemValue
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Truth:
    """A named function that answers yes or no."""

    call: Call


@dataclass(frozen=True, slots=True)
class FiguresFit:
    """Every figure of the form or the row is at least 0 and has no more decimals than declared."""

    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Negation:
    part: "Condition"


@dataclass(frozen=True, slots=True)
class Implication:
    """若……则……: where the condition is true the consequence must hold."""

    condition: "Condition"
    consequence: "Condition"


Value = (
    ItemValue | Constant | TextConstant | Sum | RowSum | RowCount | Product | Quotient | Rounded | Conditional | Call
)
Condition = Comparison | Within | Member | Filled | Truth | FiguresFit | AllOf | AnyOf | Negation | Implication
Node = Value | Condition | RowColumn

QUOTIENT_DECIMALS = 6
"""Decimals a ratio is rounded to, in both back ends: one definition, so that they cannot disagree."""


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node, from left to right."""
    return tuple(part for each in fields(node) for part in _nodes_in(getattr(node, each.name)))


def _nodes_in(found: object) -> Iterator[Node]:
    """The nodes of one field: itself, or those in a tuple of nodes or of signed terms."""
    if isinstance(found, Node):
        yield found
    elif isinstance(found, tuple):
        for part in found:
            yield from _nodes_in(part)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, from left to right."""
    yield node
    for part in parts_of(node):
        yield from walk(part)


def keys_of(node: Node) -> tuple[str, ...]:
    """The addresses a node names, each once, in order of first mention; a table for a column of it."""
    named: list[str] = []
    for part in walk(node):
        if isinstance(part, ItemValue):
            named.append(part.key)
        elif isinstance(part, RowColumn | RowCount):
            named.append(part.table)
    return tuple(dict.fromkeys(named))
