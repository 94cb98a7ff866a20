"""The static check of a rule: every name is an item, and units of measure agree before any figure is seen."""

from collections.abc import Iterator, Mapping
from typing import Final

from forms.language_parsing import RuleError
from forms.language_tree import (
    Comparison,
    Condition,
    Constant,
    ItemValue,
    Number,
    Product,
    Quotient,
    Sum,
    item_values,
    parts_of,
)

_PURE: Final = "1"
"""The unit of a ratio of two figures in one unit of measure."""


def check_units(tree: Condition, units: Mapping[str, str]) -> None:
    """Raises RuleError for an unknown item, and where 千元 would be compared with 万元 or added to 人.

    `units` gives the unit of measure of each item by key. A bare constant fits any unit; a figure times a
    constant keeps its unit; a quotient of two figures in one unit is pure, of two units it carries both.
    """
    for mention in item_values(tree):
        if mention.key not in units:
            raise RuleError(f"the form has no item {mention.key!r}", mention.column)
    for comparison in comparisons_of(tree):
        _common([comparison.left, comparison.right], units, comparison.column)


def comparisons_of(tree: Number | Condition) -> Iterator[Comparison]:
    """Every comparison in a rule, from left to right."""
    if isinstance(tree, Comparison):
        yield tree
        return
    for part in parts_of(tree):
        yield from comparisons_of(part)


def unit_of(node: Number, units: Mapping[str, str]) -> str | None:
    """The unit of measure of a number; None where any unit fits. Raises RuleError where units disagree."""
    match node:
        case ItemValue(key=key):
            return units[key]
        case Constant():
            return None
        case Sum(terms=terms):
            return _common([term for _, term in terms], units, node.column)
        case Product():
            return _multiplied(unit_of(node.left, units), unit_of(node.right, units), "·")
        case Quotient():
            left, right = unit_of(node.left, units), unit_of(node.right, units)
            if left is not None and left == right:
                return _PURE
            return _multiplied(left, right, "/")


def _common(nodes: list[Number], units: Mapping[str, str], column: int) -> str | None:
    found = [unit for node in nodes if (unit := unit_of(node, units)) is not None]
    for unit in found:
        if unit != found[0]:
            raise RuleError(f"units of measure differ: {found[0]} and {unit}", column)
    return found[0] if found else None


def _multiplied(left: str | None, right: str | None, sign: str) -> str | None:
    """千元/人 for a quotient, 人·件 for a product; a constant or a pure ratio keeps the other unit."""
    if right in (None, _PURE):
        return left or right
    if left in (None, _PURE):
        return right if sign == "·" else f"1/{right}"
    return f"{left}{sign}{right}"
