"""The file of an operator's import: `unit_id,item,value,unit[,status,explanation]`, one row per unit × item.

Everything a row can get wrong by itself is found here, with its line and column; what the unit has done meanwhile, and
the writing, are left to `workflows.importing_returns`. A row of a table names its cell: `projects.1.project_name`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from forms.definition import FormDefinition, Item
from forms.explanation_marks import INPUT
from forms.fields import SIGN_OFF, filing_form
from forms.text_values import read_cell
from forms.values import Status, ValueMistake
from register.csv_rows import Columns, Row, read_rows
from register.problems import ProblemLog

MAX_ROWS: Final = 1_000_000
"""Rows of one file: they are held until the last one is read. A bigger year comes as several files."""
RETURN_COLUMNS: Final = Columns(
    required=("unit_id", "item", "value", "unit"),
    optional=("status", "explanation"),
    filled=frozenset({"unit_id", "item"}),
)
_STATUSES: Final[Mapping[str, Status]] = {
    **{status.value: status for status in Status},
    "预估": Status.ESTIMATED,
    "不适用": Status.NOT_APPLICABLE,
    "拒报": Status.REFUSED,
    "未知": Status.UNKNOWN,
}
_CELL: Final = re.compile(r"([a-z][a-z0-9_]*)\.([1-9][0-9]{0,3})\.([a-z][a-z0-9_]*)")
_COLUMN_OF: Final = {
    "unknown_status": "status",
    "refused_without_reason": "explanation",
    "note_too_long": "explanation",
}
"""Where a mistake of reading stands when it is not in the value."""


@dataclass(slots=True)
class FiledRows:
    """What a file says of one unit: one per unit. `inputs` are the page's inputs by name, as if typed."""

    unit_id: str
    line: int
    inputs: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    """Item → the line that names it."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Item → its explanation."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A unit the file may speak of: whether it fills the starred items too."""

    starred: bool


def read_returns(
    data: bytes, definition: FormDefinition, problems: ProblemLog, expected: Callable[[Row], Expected | None]
) -> list[FiledRows]:
    """What a file says, unit by unit in the order of the file; mistakes are noted in `problems`.

    `expected` says of the first row of each unit whether the unit may be spoken of, and notes why not.
    Raises ImportProblems where nothing can be read.
    """
    reader = _Reader(definition, problems, expected)
    for number, row in enumerate(read_rows(data, RETURN_COLUMNS, problems)):
        if number >= MAX_ROWS:
            wanted = f"不超过 {MAX_ROWS} 行，请分几个文件导入 (at most {MAX_ROWS} rows; split the file)"
            problems.add(row.line, "", f"row {number + 1}", wanted)
            break
        reader.take(row)
    return list(reader.units())


class _Reader:
    """Takes the rows one by one; remembers each unit's, so that they may stand in any order."""

    def __init__(
        self, definition: FormDefinition, problems: ProblemLog, expected: Callable[[Row], Expected | None]
    ) -> None:
        self._definition = definition
        self._problems = problems
        self._expected = expected
        form = filing_form(definition, starred=True)
        self._reasons = {f"{INPUT}{rule}" for rule in form.explanations}
        self._known: dict[str, tuple[Expected | None, FiledRows]] = {}

    def units(self) -> Iterator[FiledRows]:
        """Those that may be spoken of."""
        return (filed for known, filed in self._known.values() if known is not None)

    def take(self, row: Row) -> None:
        """Note what a row says of its unit, or what is wrong with it."""
        unit_id = row.cells["unit_id"]
        if unit_id not in self._known:
            self._known[unit_id] = self._expected(row), FiledRows(unit_id, row.line)
        known, filed = self._known[unit_id]
        if known is None:
            return
        name = row.cells["item"]
        first = filed.lines.setdefault(name, row.line)
        if first != row.line:
            wanted = (
                f"每个单位每个指标项只一行，已见于第 {first} 行 (one row per unit and item; already on line {first})"
            )
            self._problems.add(row.line, "item", name, wanted)
            return
        if name in SIGN_OFF or name in self._reasons:
            filed.inputs[name] = row.cells["value"]
        else:
            self._take_item(row, name, known, filed)

    def _take_item(self, row: Row, name: str, known: Expected, filed: FiledRows) -> None:
        item = self._item(name)
        if item is None:
            wanted = f"{self._definition.version} 的指标项 key，如 {self._examples()} (an item of the form)"
            self._problems.add(row.line, "item", name, wanted)
        elif not self._definition.is_asked(item, starred=known.starred):
            wanted = "本单位要填的指标项；带 * 的项只由带星单位填报 (an item that this unit is asked)"
            self._problems.add(row.line, "item", name, wanted)
        elif row.cells["unit"] != item.unit:
            unit = f"计量单位 {item.unit}" if item.unit else "空白：本项没有计量单位"
            self._problems.add(row.line, "unit", row.cells["unit"], f"{unit} (the item's unit of measure)")
        elif self._is_readable(row, item):
            filed.inputs |= _inputs(name, row)
            if row.cell("explanation"):
                filed.reasons[name] = row.cell("explanation")

    def _item(self, name: str) -> Item | None:
        match = _CELL.fullmatch(name)
        if match is None:
            return self._definition.items.get(name)
        table = self._definition.tables.get(match[1])
        if table is None or int(match[2]) > table.max_rows:
            return None
        return table.by_key.get(match[3])

    def _examples(self) -> str:
        keys = list(self._definition.items)[:3]
        return "、".join(
            keys or [f"{table}.1.{table_.columns[0].key}" for table, table_ in self._definition.tables.items()]
        )

    def _is_readable(self, row: Row, item: Item) -> bool:
        """Read the cell as the page will; a mistake is noted under the column it is about."""
        status = _STATUSES.get(row.cell("status"))
        if status is None:
            wanted = "空白、" + "、".join(filter(None, Status)) + " (blank or one of these)"
            self._problems.add(row.line, "status", row.cell("status"), wanted)
            return False
        try:
            read_cell(row.cells["value"], item, status, row.cell("explanation"))
        except ValueMistake as mistake:
            column = _COLUMN_OF.get(mistake.code, "value")
            self._problems.add(row.line, column, row.cell(column), f"{mistake.zh} {mistake.en}")
            return False
        return True


def _inputs(name: str, row: Row) -> dict[str, str]:
    """The inputs of the page that say what the row says; a cell of a table has its text only."""
    status = _STATUSES[row.cell("status")].value
    given = {name: row.cells["value"], f"{name}-status": status, f"{name}-note": row.cell("explanation")}
    return {key: text for key, text in given.items() if text}
