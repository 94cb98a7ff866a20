"""Rows of an imported CSV file, each with the line it begins on, its cells cleaned and fit to be looked at.

What every register file has in common is checked here: header, number of cells, required cells, length,
control characters. What the cells mean is left to the reader of each file.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from register.decoding import encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from register.problems import ProblemLog

MAXIMUM_CHARACTERS = 500

# Control characters, line and paragraph separators, marks that turn the direction of writing (they make
# one name look like another), and the replacement character, which shows that text was lost before.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]")
_LINE_END = re.compile("\r\n|\r|\n")
_NO_ROWS = "表头和至少一行数据 (a header and at least one row)"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind of file; those in `filled` may not be blank in any row."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    filled: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file; `line` is the physical line it begins on, `cells` holds text by column."""

    line: int
    cells: dict[str, str]

    def cell(self, column: str) -> str:
        """Return the text of a column, blank when an optional column is absent."""
        return self.cells.get(column, "")


def read_rows(data: bytes, columns: Columns, problems: ProblemLog) -> Iterator[Row]:
    """Give the fit rows one by one and note the unfit ones; empty lines are passed over.

    Raises ImportProblems at once for an encoding, a header or a file without rows: nothing is left to read.
    """
    encoding = encoding_of(data, problems.file)
    # newline="" leaves line ends to the csv reader, so that its count of lines is the file's own
    records = _records(io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=""), problems)
    header = _header(next(records, (1, []))[1], columns, problems)
    rows = 0
    for line, cells in records:
        rows += 1
        if _is_fit(line, cells, header, columns, problems):
            yield Row(line, dict(zip(header, map(_clean, cells), strict=True)))
    if rows == 0 and problems.total == 0:
        problems.add(1, "", "no rows", _NO_ROWS)
        problems.raise_if_any()


def _records(text: io.TextIOWrapper, problems: ProblemLog) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            expected = "引号成对的 CSV，其后未读 (CSV with every quotation mark closed; reading stopped)"
            problems.add(line, "", str(error), expected)
            return
        if cells or line == 1:
            yield line, cells


def _header(cells: list[str], columns: Columns, problems: ProblemLog) -> list[str]:
    names = [cell.strip() for cell in cells]
    problems.raise_if_any()
    if not any(names):
        problems.add(1, "", "no rows", _NO_ROWS)
        problems.raise_if_any()
    known = (*columns.required, *columns.optional)
    for name, times in Counter(names).items():
        if name not in known:
            problems.add(1, name, name, f"表头只有这些列 (unknown column; known are) {','.join(known)}")
        elif times > 1:
            problems.add(1, name, f"{times} times", "每列只出现一次 (duplicate column)")
    for name in columns.required:
        if name not in names:
            problems.add(1, name, "", "表头中应有此列 (missing column)")
    problems.raise_if_any()
    return names


def _is_fit(line: int, cells: list[str], header: list[str], columns: Columns, problems: ProblemLog) -> bool:
    if len(cells) != len(header):
        problems.add(line, "", f"{len(cells)} cells", f"与表头相同的 {len(header)} 格 (cells as in the header)")
        return False
    before = problems.total
    whole = "".join(cells)
    if len(whole) > MAXIMUM_CHARACTERS or _UNFIT.search(whole):
        _note_unfit_cells(line, cells, header, problems)
    for name, cell in zip(header, cells, strict=True):
        if name in columns.filled and not cell.strip():
            problems.add(line, name, cell, "必填 (required, not blank)")
    return problems.total == before


def _note_unfit_cells(line: int, cells: list[str], header: list[str], problems: ProblemLog) -> None:
    for name, cell in zip(header, cells, strict=True):
        if len(cell) > MAXIMUM_CHARACTERS:
            problems.add(line, name, cell, f"不超过 {MAXIMUM_CHARACTERS} 字符 (at most 500 characters)")
        elif _UNFIT.search(cell):
            problems.add(line, name, cell, "不含换行、制表符或控制字符 (no control characters)")
        line += len(_LINE_END.findall(cell))


def _clean(cell: str) -> str:
    """Strip outer spaces, and the apostrophe that keeps a spreadsheet from running text as a formula."""
    cell = cell.strip()
    if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@"}:
        return cell[1:]
    return cell
