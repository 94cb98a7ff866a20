"""Where on a form something is: an item, a rule, a table, a row (`projects.3`) or a cell (`projects.3.start_month`).

Returns, queries and the record of what changed name places; a letter or a page says them in words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from forms.content import Content
from forms.definition import FormDefinition, Item, Table
from forms.explanation_marks import rule_ids
from forms.values import Cell

_PLACE: Final = re.compile(r"([a-z][a-z0-9_]*)\.([1-9][0-9]{0,4})(?:\.([a-z][a-z0-9_]*))?")


@dataclass(frozen=True, slots=True)
class TablePlace:
    """A table, a row of it (from 1; 0 for the whole table), and a column where one cell is meant."""

    table: Table
    row: int = 0
    column: Item | None = None


def row_place(table: str, number: int) -> str:
    """The name of one row."""
    return f"{table}.{number}"


def place_in_table(definition: FormDefinition, name: str) -> TablePlace | None:
    """The table, row or cell of that name; None where the form has none such."""
    if name in definition.tables:
        return TablePlace(definition.tables[name])
    match = _PLACE.fullmatch(name)
    table = definition.tables.get(match[1]) if match else None
    if match is None or table is None or int(match[2]) > table.max_rows:
        return None
    column = table.by_key.get(match[3]) if match[3] else None
    return None if match[3] and column is None else TablePlace(table, int(match[2]), column)


def is_askable(definition: FormDefinition, name: str) -> bool:
    """Whether a query can be about it: an item, a table or a row of one."""
    place = place_in_table(definition, name)
    return name in definition.items or (place is not None and place.column is None)


def is_returnable(definition: FormDefinition, name: str) -> bool:
    """Whether a return can name it: an item, a rule, a table, a row or a cell."""
    is_rule = name in rule_ids(definition)
    return is_rule or name in definition.items or place_in_table(definition, name) is not None


def coded_zh(definition: FormDefinition, name: str) -> str:
    """The place as a letter names it: item or column with its code; a rule by its id."""
    item = definition.items.get(name)
    return f"{item.code} {item.name_zh}" if item else said_zh(definition, name)


def said_zh(definition: FormDefinition, name: str) -> str:
    """The place as a page names it: item or column by its name; a rule by its id."""
    if name in definition.items:
        return definition.items[name].name_zh
    place = place_in_table(definition, name)
    if place is None:
        return name
    row = f"第 {place.row} 行" if place.row else _titles(definition, place.table)[0]
    return f"{row} {place.column.code} {place.column.name_zh}" if place.column else row


def said_en(definition: FormDefinition, name: str) -> str:
    """The same for an English page."""
    if name in definition.items:
        return definition.items[name].name_en
    place = place_in_table(definition, name)
    if place is None:
        return name
    row = f"Row {place.row}" if place.row else _titles(definition, place.table)[1]
    return f"{row}: {place.column.code} {place.column.name_en}" if place.column else row


def changed_places(definition: FormDefinition, before: Content, after: Content) -> tuple[str, ...]:
    """Items whose cell differs between two revisions, and rows that differ from the row in their place before."""
    items = (key for key in definition.items if before.cell(key) != after.cell(key))
    rows = (
        row_place(table, number)
        for table in definition.tables
        for number in _changed(before.rows.get(table, ()), after.rows.get(table, ()))
    )
    return (*items, *rows)


def _changed(before: tuple[Mapping[str, Cell], ...], after: tuple[Mapping[str, Cell], ...]) -> list[int]:
    numbers = range(1, max(len(before), len(after)) + 1)
    return [number for number in numbers if before[number - 1 : number] != after[number - 1 : number]]


def _titles(definition: FormDefinition, table: Table) -> tuple[str, str]:
    section = next(section for section in definition.sections if section.table is table)
    return section.title_zh, section.title_en
