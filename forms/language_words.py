"""The words and limits of the rule language, how its functions are written, and the error every check raises."""

import ast
from typing import Final

from forms.faults import Fault
from forms.language_functions import FUNCTIONS

MAX_LENGTH: Final = 2_000
MAX_NODES: Final = 1_000
MAX_NESTING: Final = 100
WORDS: Final = frozenset(
    {"implies", "within", "filled", "figures_fit", "round", "sum", "count", "last", "form", "options"}
    | {"unit", "signoff", "year", "months_in_year", *FUNCTIONS}
)
"""Names the language keeps for itself: no item, column or table can have one of them as its key."""
NAMESPACES: Final = ("unit", "signoff")
LAST: Final = "last."

USAGE: Final = {
    "implies": "implies(condition, consequence)",
    "within": "within(left, right, tolerance)",
    "filled": "filled(item)",
    "figures_fit": "figures_fit()",
    "round": "round(number, places)",
    "sum": "sum(table.column)",
    "count": "count(table)",
    "last": "last(item)",
    "form": 'form("107-1").item',
}
"""How each function of the grammar is written; those on values say it themselves."""


class RuleError(ValueError):
    """A rule cannot be used: which fault, what was found, and the 1-based column where."""

    def __init__(self, fault: Fault, column: int, **facts: object) -> None:
        self.fault = fault
        self.message = fault.say(**facts)
        self.column = column
        super().__init__(f"column {column}: {self.message}")


def check_bounds(body: ast.expr) -> None:
    """Count and depth first, without recursion, so that nothing deep is ever walked by recursion."""
    waiting: list[tuple[ast.AST, int]] = [(body, 1)]
    count = 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        column = getattr(node, "col_offset", 0) + 1
        if count > MAX_NODES:
            raise RuleError(Fault.RULE_TOO_MANY_PARTS, column, limit=MAX_NODES)
        if depth > MAX_NESTING:
            raise RuleError(Fault.RULE_TOO_DEEP, column, limit=MAX_NESTING)
        waiting.extend((child, depth + 1) for child in ast.iter_child_nodes(node))
