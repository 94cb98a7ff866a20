"""The words of the rule language, how its grammar's own functions are written, and the error every check raises."""

from typing import Final

from forms.faults import Fault
from forms.language_functions import FUNCTIONS

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
