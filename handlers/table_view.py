"""Which rows of a published table one page shows: what was picked, a bounded piece of it, and what can be picked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.table import Column

PAGE = 200
"""Rows of one page."""
TOTAL = "total"
"""Picks the rows of all industries together, whose section is blank."""

Row = Mapping[str, str]
_SAID_ABOVE = frozenset({"region_name_zh", "level", "form", "industry_section"})
"""Columns a table of one region leaves out while they say the same on every line: a phone has room for the figures."""


@dataclass(frozen=True, slots=True)
class View:
    """One page of a table, with the sections and items present in the region that was picked."""

    rows: Sequence[Row]
    section: str
    item: str
    number: int
    """This page, from 1."""
    pages: int
    sections: tuple[str, ...]
    items: tuple[str, ...]


def columns_of(columns: Sequence[Column], rows: Sequence[Row], shown: Sequence[Row], *, crossed: bool) -> list[Column]:
    """The columns with anything in them; of a table crossed by industry, those that tell its lines apart."""
    filled = (column for column in columns if any(row[column.name] for row in rows))
    return [
        column
        for column in filled
        if not (crossed and column.name in _SAID_ABOVE and len({row[column.name] for row in shown}) == 1)
    ]


def view_of(rows: Sequence[Row], section: str, item: str, page: str) -> View:
    """What was asked for, as far as it is there: an unknown section or item picks all, a page beyond is the last."""
    sections = tuple(sorted({row["industry_section"] for row in rows if row.get("industry_section")}))
    items = tuple(dict.fromkeys(row["item"] for row in rows if "item" in row))
    section = section if section in {TOTAL, *sections} and sections else ""
    item = item if item in items else ""
    wanted = "" if section == TOTAL else section
    picked = [
        row for row in rows if (not section or row["industry_section"] == wanted) and (not item or row["item"] == item)
    ]
    pages = max(1, -(-len(picked) // PAGE))
    asked = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    number = min(max(asked, 1), pages)
    return View(picked[(number - 1) * PAGE : number * PAGE], section, item, number, pages, sections, items)
