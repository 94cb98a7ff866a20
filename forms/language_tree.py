"""The tree of an edit rule: what the parser makes, the static check walks and every back end reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field
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
    """The figure of one item."""

    key: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """A number written in the rule; it fits any unit of measure."""

    value: Decimal
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms added or subtracted; where a blank term counts as 0 is said in `forms.language`."""

    terms: "tuple[tuple[Literal[1, -1], Number], ...]"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Product:
    left: "Number"
    right: "Number"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Quotient:
    left: "Number"
    right: "Number"
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    left: "Number"
    operator: Operator
    right: "Number"
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


Number = ItemValue | Constant | Sum | Product | Quotient
Condition = Comparison | AllOf | AnyOf | Negation | Implication


def parts_of(node: Number | Condition) -> tuple[Number | Condition, ...]:
    """The nodes directly below a node, from left to right."""
    match node:
        case Sum(terms=terms):
            return tuple(term for _, term in terms)
        case Product() | Quotient() | Comparison():
            return (node.left, node.right)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return parts
        case Negation(part=part):
            return (part,)
        case Implication(condition=condition, consequence=consequence):
            return (condition, consequence)
        case ItemValue() | Constant():
            return ()


def item_values(node: Number | Condition) -> Iterator[ItemValue]:
    """Every mention of an item, from left to right."""
    if isinstance(node, ItemValue):
        yield node
    for part in parts_of(node):
        yield from item_values(part)


def keys_of(node: Number | Condition) -> tuple[str, ...]:
    """The keys of the items a node names, each once, in order of first mention."""
    return tuple(dict.fromkeys(mention.key for mention in item_values(node)))
