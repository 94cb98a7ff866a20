"""各分项合计: what the unit's own parts add up to, beside the total it filled. Never an expected value.

A total has such a sum where the form itself has a rule that the parts make the whole; what is only a part of it
(其中) adds up to nothing.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

from forms.definition import FormDefinition

Parts = Mapping[str, tuple[str, ...]]
"""Key of a total → keys of its parts, in the form's order."""


@lru_cache(maxsize=64)
def parts_of(definition: FormDefinition, table: str = "") -> Parts:
    """The totals of the form, or of the columns of one of its tables, with their parts."""
    items = definition.tables[table].columns if table else tuple(definition.items.values())
    children: dict[str, tuple[str, ...]] = {}
    for item in items:
        if item.parent:
            children[item.parent] = (*children.get(item.parent, ()), item.key)
    summed = [set(rule.items) for rule in definition.rules if rule.for_each == table and "==" in rule.expression]
    return {total: parts for total, parts in children.items() if {total, *parts} in summed}


def sum_of(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is filled; None where nothing is, so that an empty form shows no zeros."""
    filled = [value for value in values if value is not None]
    return sum(filled, Decimal(0)) if filled else None
