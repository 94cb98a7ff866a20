"""The rows of a table while they are filled: what was typed in each cell, and empty rows to go on in."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from forms.definition import FormDefinition, Item
from forms.edits import Finding
from forms.fields import FilingForm
from forms.records import cell_key
from forms.table_fields import TableField, TypedCell
from forms.values import BLANK, ValueMistake
from handlers.language import language
from handlers.table_rows import Grid, GridCell, GridRow, by_row, marked_columns, named, sums
from handlers.totals import Parts, parts_of, sum_of
from workflows.places import row_place

FIRST_BLANKS = 5
"""Empty rows under those filled; more come by a button."""
MOST_BLANKS = 100
_NOTHING_TYPED = TypedCell("", BLANK, None)


def typed_grids(
    form: FilingForm,
    findings: Sequence[Finding],
    *,
    blanks: int = FIRST_BLANKS,
    marks: Iterable[str] = (),
    stored: Mapping[str, str] | None = None,
) -> dict[str, Grid]:
    """Every table of a form that is being filled, by key."""
    return {
        field.table.key: typed_grid(form.definition, field, findings, blanks=blanks, marks=marks, stored=stored)
        for field in form.table_fields
    }


def typed_grid(
    definition: FormDefinition,
    field: TableField,
    findings: Sequence[Finding],
    *,
    blanks: int = FIRST_BLANKS,
    marks: Iterable[str] = (),
    stored: Mapping[str, str] | None = None,
) -> Grid:
    """The table as it is being filled, with empty rows to go on in."""
    table, marked = field.table, frozenset(marks)
    blanks = max(0, min(blanks, table.max_rows - len(field.typed)))
    typed = [*field.typed, *({} for _ in range(blanks))]
    parts, found = parts_of(definition, table.key), by_row(findings, table)
    names = named(findings)
    rows = tuple(
        GridRow(
            number,
            row_place(table.key, number),
            tuple(
                _typed_cell(table.key, number, column, row, parts, names, marked, stored) for column in field.columns
            ),
            found.get(number, ()),
            is_marked=row_place(table.key, number) in marked,
        )
        for number, row in enumerate(typed, start=1)
    )
    return Grid(
        table=table,
        columns=field.columns,
        rows=rows,
        sums=sums(field.columns, rows),
        findings=found.get(0, ()),
        marked=marked_columns(table, marked),
        filled=len(field.typed),
    )


def _typed_cell(
    table: str,
    number: int,
    column: Item,
    row: Mapping[str, TypedCell],
    parts: Parts,
    names: frozenset[str],
    marked: frozenset[str],
    stored: Mapping[str, str] | None,
) -> GridCell:
    typed, name = row.get(column.key, _NOTHING_TYPED), cell_key(table, number, column.key)
    there = stored.get(name, "") if stored is not None else typed.raw
    own = parts.get(column.key, ())
    return GridCell(
        name=name,
        column=column,
        typed=typed.raw,
        cell=typed.cell or BLANK,
        mistake=mistake_text(typed.mistake),
        is_found=name in names,
        is_marked=name in marked,
        stored=there if there != typed.raw else None,
        parts=tuple(cell_key(table, number, part) for part in own),
        parts_sum=sum_of(_value(row.get(part)) for part in own),
    )


def _value(typed: TypedCell | None) -> Decimal | None:
    return typed.cell.value if typed is not None and typed.cell is not None else None


def mistake_text(mistake: ValueMistake | None) -> str:
    """Why a cell cannot be read, in the language of the page."""
    if mistake is None:
        return ""
    return mistake.en if language() == "en" else mistake.zh
