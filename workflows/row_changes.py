"""What changed in the rows of a table between two revisions: rows that came, went, or read otherwise.

Rows have no number of their own: they are paired by what their first column says (the name of a project), in order,
so that a row put in between does not make all below it look changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from forms.content import Content
from forms.definition import FormDefinition, Item, Table
from forms.values import BLANK, Cell

Cells = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that differs: one per row. `row` is its number in the later revision, 0 when it is gone."""

    table: Table
    row: int
    before: Cells | None
    """The row it was; None for a new one."""
    after: Cells | None
    """The row it is; None for one that is gone."""

    @property
    def title(self) -> str:
        """What its first column says."""
        return _title(self.table, self.after or self.before or {})

    @property
    def cells(self) -> tuple[tuple[Item, Cell, Cell], ...]:
        """Each column that reads otherwise, before and after; none for a row that came or went."""
        if self.before is None or self.after is None:
            return ()
        before, after = self.before, self.after
        pairs = ((one, before.get(one.key, BLANK), after.get(one.key, BLANK)) for one in self.table.columns)
        return tuple((column, was, now) for column, was, now in pairs if was != now)


def row_changes(definition: FormDefinition, before: Content, after: Content) -> tuple[RowChange, ...]:
    """Every row that differs, table by table, in the order of the later revision."""
    return tuple(
        change
        for key, table in definition.tables.items()
        for change in _changes(table, before.rows.get(key, ()), after.rows.get(key, ()))
    )


def _changes(table: Table, before: Sequence[Cells], after: Sequence[Cells]) -> Iterator[RowChange]:
    for old, new in _pairs([_title(table, row) for row in before], [_title(table, row) for row in after]):
        was, now = None if old is None else before[old], None if new is None else after[new]
        if was != now:
            yield RowChange(table, 0 if new is None else new + 1, was, now)


def _pairs(before: list[str], after: list[str]) -> Iterator[tuple[int | None, int | None]]:
    """Positions of the same row in both; None where it is only in one."""
    for _kind, old, old_end, new, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for step in range(max(old_end - old, new_end - new)):
            yield old + step if old + step < old_end else None, new + step if new + step < new_end else None


def _title(table: Table, row: Cells) -> str:
    return row.get(table.columns[0].key, BLANK).text
