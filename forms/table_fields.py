"""The rows of a table as one WTForms field: inputs `table.row.column`, what was typed kept as typed."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from wtforms import Field, ValidationError

from forms.definition import Item, Table
from forms.records import cell_key
from forms.text_values import read_cell
from forms.values import Cell, ValueMistake

MAX_KEPT: Final = 4_000
"""Characters of one input that are kept; anything longer is far past every limit and says so."""


class Inputs(Protocol):
    """Posted inputs as werkzeug's MultiDict gives them."""

    def getlist(self, name: str, /) -> Sequence[Any]: ...

    def __iter__(self) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class TypedCell:
    """One cell of a row as typed, and what it says: `cell`, or the `mistake` that it cannot be read."""

    raw: str
    cell: Cell | None
    mistake: ValueMistake | None


def first_input(inputs: Inputs | None, name: str) -> str:
    """The first text posted under a name, cut at what is kept; blank for none."""
    given = inputs.getlist(name) if inputs is not None else ()
    return str(given[0])[:MAX_KEPT] if given else ""


class TableField(Field):
    """All rows of one table: one TypedCell a column a row, rows wholly blank left out and the rest renumbered.

    Reading never raises; `too_many` says that there were more rows than the table takes.
    """

    def __init__(self, table: Table, columns: Iterable[Item], **kwargs: Any) -> None:
        super().__init__(label=table.key, **kwargs)
        self.table = table
        self.columns = tuple(columns)
        self.typed: tuple[Mapping[str, TypedCell], ...] = ()
        self.too_many = False

    def process(self, formdata: Inputs | None, data: object = None, extra_filters: object = None) -> None:
        """Takes the posted inputs only, like every field of the filing form."""
        self.process_errors = []
        self.raw_data = []
        self.object_data = None
        rows = [row for row in self._posted(formdata) if any(text.strip() for text in row.values())]
        self.too_many = len(rows) > self.table.max_rows
        self.typed = tuple(self._row(row) for row in rows[: self.table.max_rows])
        self.data = self.typed

    def _posted(self, inputs: Inputs | None) -> Iterator[dict[str, str]]:
        """The rows that were posted, in the order of their numbers, whatever gaps the numbers have."""
        pattern = re.compile(rf"{re.escape(self.table.key)}\.([1-9][0-9]{{0,4}})\.[a-z][a-z0-9_]*")
        matches = (pattern.fullmatch(name) for name in inputs or ())
        for number in sorted({int(match[1]) for match in matches if match}):
            names = {item.key: cell_key(self.table.key, number, item.key) for item in self.columns}
            yield {key: first_input(inputs, name) for key, name in names.items()}

    def _row(self, texts: Mapping[str, str]) -> Mapping[str, TypedCell]:
        return {item.key: _typed(texts[item.key], item) for item in self.columns}

    @property
    def rows(self) -> tuple[Mapping[str, Cell], ...]:
        """The rows as content; cells with a mistake are left out."""
        return tuple({key: typed.cell for key, typed in row.items() if typed.cell is not None} for row in self.typed)

    @property
    def mistakes(self) -> Mapping[str, tuple[Item, int, ValueMistake]]:
        """Every cell that cannot be read, by its name on the page: its column, its row, why."""
        by_key = self.table.by_key
        return {
            cell_key(self.table.key, number, key): (by_key[key], number, typed.mistake)
            for number, row in enumerate(self.typed, start=1)
            for key, typed in row.items()
            if typed.mistake is not None
        }

    def inputs(self) -> Iterator[tuple[str, str]]:
        """Each input's name and its text as typed."""
        for number, row in enumerate(self.typed, start=1):
            for key, typed in row.items():
                yield cell_key(self.table.key, number, key), typed.raw

    def pre_validate(self, form: object) -> None:
        """The first mistake's message; `mistakes` has them all."""
        if self.too_many:
            raise ValidationError(f"最多 {self.table.max_rows} 行。")
        for item, number, mistake in self.mistakes.values():
            raise ValidationError(f"第 {number} 行{item.cited_zh}：{mistake.zh}")


def _typed(raw: str, item: Item) -> TypedCell:
    try:
        return TypedCell(raw, read_cell(raw, item), None)
    except ValueMistake as mistake:
        return TypedCell(raw, None, mistake)
