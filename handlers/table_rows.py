"""The rows of a table on a page: each cell with what is typed or sealed, what was found, what stood there before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from types import MappingProxyType

from forms.content import Content
from forms.definition import EditRule, FormDefinition, Item, Table
from forms.edits import Finding
from forms.records import cell_key
from forms.values import BLANK, Cell
from handlers.totals import sum_of
from workflows.changes import Changes
from workflows.places import row_place
from workflows.queries import Thread, threads_by_item

MOST_LISTS = 400
"""Up to so many rows each choice is a list of its own; beyond, one list serves the whole column, typed or picked."""
Cells = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of one row."""

    name: str
    """`table.row.column`: the name of its input, and its place on the page."""
    column: Item
    typed: str = ""
    cell: Cell = BLANK
    mistake: str = ""
    is_found: bool = False
    """Whether a finding of its row names it."""
    is_marked: bool = False
    stored: str | None = None
    """What another window saved here, when that differs."""
    was: Cell | None = None
    """What stood here in the revision a reviewer last looked at, when that differs."""
    parts: tuple[str, ...] = ()
    """The cells that add up to this one, by name."""
    parts_sum: Decimal | None = None

    @property
    def chosen(self) -> str:
        """The code of the option that is chosen, or whatever was typed instead of one."""
        return self.cell.text or self.typed.strip()

    @property
    def is_no_option(self) -> bool:
        """Whether something was typed that the option list does not have."""
        options = self.column.options
        return bool(self.chosen) and options is not None and self.chosen not in options.codes


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of the table, such as one project."""

    number: int
    place: str
    """`table.row`, as a return or a query names it."""
    cells: tuple[GridCell, ...]
    findings: tuple[Finding, ...] = ()
    is_marked: bool = False
    is_new: bool = False
    """Whether it came since the revision a reviewer last looked at."""
    threads: tuple[Thread, ...] = ()

    @property
    def title(self) -> str:
        """What the row is called: what its first column says."""
        return self.cells[0].cell.text or self.cells[0].typed.strip()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of a form with its rows: one row per project (107-1)."""

    table: Table
    columns: tuple[Item, ...]
    rows: tuple[GridRow, ...]
    sums: Mapping[str, Decimal | None]
    """Column key → the sum of what is filled, of figures only."""
    findings: tuple[Finding, ...] = ()
    """Those about the table as a whole."""
    marked: frozenset[str] = frozenset()
    """Columns that a return names."""
    filled: int = 0
    """How many rows hold an answer."""
    threads: tuple[Thread, ...] = ()

    @property
    def lists_in_cells(self) -> bool:
        """Whether each choice has its list in the cell."""
        return len(self.rows) <= MOST_LISTS


def sealed_grid(
    definition: FormDefinition,
    table: Table,
    content: Content,
    *,
    findings: Sequence[Finding] = (),
    marks: Iterable[str] = (),
    was: Mapping[int, Cells | None] = MappingProxyType({}),
    threads: Sequence[Thread] = (),
) -> Grid:
    """The table as it was sealed. `was` has, by row number, what stood in a row before; None for a row that is new."""
    answers, marked = content.rows.get(table.key, ()), frozenset(marks)
    columns = tuple(column for column in table.columns if not column.starred or any(column.key in r for r in answers))
    found, names, asked = by_row(findings, table), named(findings), threads_by_item(threads)
    rows = tuple(
        GridRow(
            number,
            place := row_place(table.key, number),
            tuple(_sealed_cell(table.key, number, column, row, was, names, marked) for column in columns),
            found.get(number, ()),
            is_marked=place in marked,
            is_new=number in was and was[number] is None,
            threads=asked.get(place, ()),
        )
        for number, row in enumerate(answers, start=1)
    )
    return Grid(
        table=table,
        columns=columns,
        rows=rows,
        sums=sums(columns, rows),
        findings=found.get(0, ()),
        marked=marked_columns(table, marked),
        filled=len(rows),
        threads=asked.get(table.key, ()),
    )


def rule_places(rule: EditRule) -> Iterator[str]:
    """The places that a rule named in a return stands for: items, or columns as `table.column`."""
    yield from (f"{rule.for_each}.{item}" if rule.for_each else item for item in rule.items)


def _sealed_cell(
    table: str,
    number: int,
    column: Item,
    row: Cells,
    was: Mapping[int, Cells | None],
    names: frozenset[str],
    marked: frozenset[str],
) -> GridCell:
    name, cell, earlier = cell_key(table, number, column.key), row.get(column.key, BLANK), was.get(number)
    before = earlier.get(column.key, BLANK) if earlier is not None else cell
    return GridCell(
        name=name,
        column=column,
        cell=cell,
        is_found=name in names,
        is_marked=name in marked,
        was=before if before != cell else None,
    )


def sums(columns: Iterable[Item], rows: Sequence[GridRow]) -> dict[str, Decimal | None]:
    """Column key → the sum of what is filled, of figures only."""
    by_column = zip_longest(*(row.cells for row in rows)) if rows else ()
    values = {cells[0].column.key: [cell.cell.value for cell in cells] for cells in by_column}
    return {column.key: sum_of(values.get(column.key, ())) for column in columns if column.type.is_figure}


def by_row(findings: Iterable[Finding], table: Table) -> dict[int, tuple[Finding, ...]]:
    """Row number → its findings; 0 has those about the whole table, and what is not about it is left out."""
    found: dict[int, tuple[Finding, ...]] = {}
    for finding in findings:
        is_here = any(name == table.key or name.startswith(f"{table.key}.") for name in finding.items)
        if is_here and not finding.rule_id.startswith("value:"):
            found[finding.row] = (*found.get(finding.row, ()), finding)
    return found


def named(findings: Iterable[Finding]) -> frozenset[str]:
    """Every place that a finding names."""
    return frozenset(name for finding in findings for name in finding.items)


def marked_columns(table: Table, marked: frozenset[str]) -> frozenset[str]:
    """The columns that a return names, whatever the row."""
    return frozenset(column.key for column in table.columns if f"{table.key}.{column.key}" in marked)


def sealed_grids(
    definition: FormDefinition,
    content: Content,
    *,
    findings: Sequence[Finding] = (),
    marks: Iterable[str] = (),
    changes: Changes | None = None,
    threads: Sequence[Thread] = (),
) -> dict[str, Grid]:
    """Every table of a sealed revision, by key."""
    marked = frozenset(marks)
    return {
        key: sealed_grid(
            definition,
            table,
            content,
            findings=findings,
            marks=marked,
            was=changes.rows_before(key) if changes else {},
            threads=threads,
        )
        for key, table in definition.tables.items()
    }
