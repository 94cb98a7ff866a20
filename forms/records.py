"""One filing with its surroundings as the record rules are asked of: what stands at each address."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from forms.content import Content
from forms.definition import FormDefinition
from forms.language_words import LAST
from forms.values import Cell, Status

_NOT_KNOWN: Final = (Status.REFUSED, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a check may know beside the return itself; whatever is not given leaves its rules unasked.

    `last_year` is the same unit's accepted return of the year before, `other_forms` its sealed returns on other
    forms of this year by form, `attributes` the register's words on it (credit_code, size, industry_code, …).
    """

    last_year: Content | None = None
    other_forms: Mapping[str, Content] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    year: int | None = None


class _Row(Mapping[str, Any]):
    """A row of a form that is only looked into: most of its columns are never asked for."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self._cells = cells

    def __getitem__(self, key: str) -> Any:
        return self._cells[key].answer

    def get(self, key: str, default: Any = None) -> Any:
        cell = self._cells.get(key)
        return default if cell is None else cell.answer

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)


def cell_key(table: str, row: int, column: str) -> str:
    """The name of one cell of a table, on the page and in findings; rows are counted from 1."""
    return f"{table}.{row}.{column}"


def record_of(definition: FormDefinition, content: Content, around: Surroundings) -> dict[str, Any]:
    """The record: figures and texts by address, tables as rows, nothing for a blank."""
    record = _answers(content.cells)
    for table in definition.tables:
        record[table] = _rows(content, table)
    if around.last_year is not None:
        record |= _prefixed(LAST, around.last_year, definition.tables)
    for form, other in around.other_forms.items():
        if form in definition.other_forms:
            record |= _prefixed(f"{form}.", other, definition.other_forms[form].tables)
    if around.attributes:
        record |= {f"unit.{name}": value or None for name, value in around.attributes.items()}
        record |= {
            f"signoff.{name}": getattr(content.signoff, name).strip() or None for name in content.signoff.__slots__
        }
    if around.year is not None:
        record["year"] = Decimal(around.year)
    return record


def untold(definition: FormDefinition, content: Content, around: Surroundings) -> frozenset[str]:
    """The addresses of figures that exist but were not told (refused, unknown); a table where any cell is so."""
    found = _untold(content, "")
    for form, other in around.other_forms.items():
        found |= _untold(other, f"{form}.")
    if around.last_year is not None:
        found |= _untold(around.last_year, LAST)
    return frozenset(found)


def _untold(content: Content, prefix: str) -> set[str]:
    found = {prefix + key for key, cell in content.cells.items() if cell.value is None and cell.status in _NOT_KNOWN}
    for table, rows in content.rows.items():
        if any(cell.value is None and cell.status in _NOT_KNOWN for row in rows for cell in row.values()):
            found.add(prefix + table)
    return found


def _answers(cells: Mapping[str, Cell]) -> dict[str, Any]:
    return {key: cell.value if cell.value is not None else cell.text or None for key, cell in cells.items()}


def _rows(content: Content, table: str) -> tuple[dict[str, Any], ...]:
    return tuple(_answers(row) for row in content.rows.get(table, ()))


def _prefixed(prefix: str, content: Content, tables: Iterable[str]) -> dict[str, Any]:
    named = {prefix + key: value for key, value in _answers(content.cells).items()}
    return named | {prefix + table: tuple(map(_Row, content.rows.get(table, ()))) for table in tables}
