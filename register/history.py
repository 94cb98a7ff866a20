"""Region codes over the years: which code stood for today's region in a given reference year.

The shipped list (Yunnan, 2015–2021) was read off successive lists of the National Bureau of Statistics, each
"as of" a cut-off date. The day of a change is unknown; it lies between two cut-offs. A new code is taken to
hold from the year of the first list that shows it: the annual returns for year Y are collected after Y
has ended, under the codes of the list of Y, so the whole of Y stands under the new code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from register.shipped import shipped_rows


@dataclass(frozen=True, slots=True)
class CodeChange:
    """One renumbering of one region: one row per change.

    `first_year` is the first reference year under the new code.
    """

    old_code: str
    new_code: str
    first_year: int


@cache
def code_changes() -> tuple[CodeChange, ...]:
    """Return the known changes, oldest first."""
    changes = (
        CodeChange(row["old_code"], row["new_code"], int(row["first_seen_in_nbs_list_as_of"][:4]))
        for row in shipped_rows("region_code_history.csv")
    )
    return tuple(sorted(changes, key=lambda change: (change.first_year, change.new_code)))


def present_code(code: str) -> str:
    """Return today's code of a region given under any of its codes; a code never changed is its own."""
    for change in code_changes():
        if change.old_code == code:
            code = change.new_code
    return code


def code_in(code: str, year: int) -> str:
    """Return the code under which a region, given by any of its codes, stood in a reference year."""
    code = present_code(code)
    for change in reversed(code_changes()):
        if change.new_code == code and year < change.first_year:
            code = change.old_code
    return code
