"""A table as bytes: CSV and JSON are ours and the same for ever; Parquet and XLSX the same under the versions named."""

import csv
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from indicators.definition import TableDefinition
from indicators.duck import duckdb_over
from indicators.table import Column, ColumnKind, Table

_LIVE = re.compile(r"'*[=+@\t\r-]")
"""Text that a spreadsheet would run, and the same behind apostrophes, so that taking one off gives back the text."""
_PARQUET_TYPES = {ColumnKind.TEXT: "VARCHAR", ColumnKind.INTEGER: "BIGINT", ColumnKind.NUMBER: "DECIMAL(38,10)"}
_TO_PARQUET = """
COPY (
    SELECT {names}
    FROM read_csv('{folder}/table.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
        parallel = false, new_line = '{end}', columns = {{{types}}})
) TO '{folder}/table.parquet' (FORMAT parquet, COMPRESSION zstd)
"""
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""A fixed moment, so that the same table gives the same file."""
_WIDEST = 40


def to_csv(table: Table) -> bytes:
    """UTF-8, `\\n`; text that a spreadsheet would run is kept from it by an apostrophe, numbers are never touched."""
    return _csv(_with_safe_text(table))


def to_csv_and_parquet(table: Table, beside: Executor) -> tuple[bytes, Future[bytes]]:
    """The CSV, and the Parquet that DuckDB makes of it meanwhile."""
    safe = _with_safe_text(table)
    data = _csv(safe)
    return data, beside.submit(_to_parquet, table, data if safe is table and b"\r" not in data else None)


def _csv(table: Table, end: str = "\n", quoting: Literal[0, 1] = csv.QUOTE_MINIMAL) -> bytes:
    if quoting == csv.QUOTE_MINIMAL and (plainly := _joined(table, end)) is not None:
        return plainly.encode()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end, quoting=quoting)
    writer.writerow(table.names)
    writer.writerows(table.rows)
    text = out.getvalue()
    if end == "\n" and "\r" in text and quoting == csv.QUOTE_MINIMAL:
        return _csv(table, end, csv.QUOTE_ALL)  # the writer quotes only what its own line end has in it
    return text.encode()


def _joined(table: Table, end: str) -> str | None:
    """The same text as `csv.writer` makes, six times faster; None where a cell would have to be quoted."""
    width, height = len(table.columns), len(table.rows) + 1
    text = end.join(map(",".join, (table.names, *table.rows))) + end
    is_plain = '"' not in text and text.count("\r") == end.count("\r") * height and text.count("\n") == height
    return text if is_plain and width > 1 and text.count(",") == (width - 1) * height else None


def _with_safe_text(table: Table) -> Table:
    return _with_text(table, safe_text)


def _with_text(table: Table, change: Callable[[str], str]) -> Table:
    """The table with its text changed; itself if nothing is. Texts repeat, so each distinct one is looked at once."""
    changes: dict[int, dict[str, str]] = {}
    for number, column in enumerate(table.columns):
        if column.kind is ColumnKind.TEXT:
            changed = {text: change(text) for text in set(map(itemgetter(number), table.rows))}
            if any(before != after for before, after in changed.items()):
                changes[number] = changed
    if not changes:
        return table
    columns = list(zip(*table.rows, strict=True))
    for number, changed in changes.items():
        columns[number] = tuple(map(changed.__getitem__, columns[number]))
    return replace(table, rows=tuple(zip(*columns, strict=True)))


def safe_text(text: str) -> str:
    """Text as a spreadsheet may have it: behind an apostrophe when it would be run."""
    return f"'{text}" if _LIVE.match(text) else text


def from_csv(data: bytes, columns: tuple[Column, ...], name: str, year: int) -> Table:
    """The table a CSV of ours holds: the inverse of `to_csv`."""
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))[1:]
    return _with_text(Table(name, year, columns, tuple(map(tuple, rows))), _unsafe)


def _unsafe(text: str) -> str:
    return text[1:] if text[:1] == "'" and _LIVE.match(text) else text


def to_json(table: Table) -> bytes:
    """A list of objects; numbers are strings at full precision, null where there is no value."""
    if not table.rows:
        return b"[]\n"
    columns = zip(table.columns, zip(*table.rows, strict=True), strict=True)
    pairs = [_json_pairs(column, cells, first=not number) for number, (column, cells) in enumerate(columns)]
    return b"[\n" + b"},\n".join(map(b"".join, zip(*pairs, strict=True))) + b"}\n]\n"


def _json_pairs(column: Column, cells: Sequence[str], *, first: bool) -> Iterator[bytes]:
    """`"name":"cell"` of every row; cells repeat, so each distinct one is encoded once."""
    encode, before = json.JSONEncoder(ensure_ascii=False).encode, f"{'{' if first else ','}{json.dumps(column.name)}:"
    pairs = {cell: f"{before}{encode(cell)}".encode() for cell in set(cells)}
    if column.kind is not ColumnKind.TEXT:
        pairs[""] = f"{before}null".encode()
    return map(pairs.__getitem__, cells)


def to_parquet(table: Table) -> bytes:
    """Typed columns, one thread, in the order of the rows; text as it is, without a spreadsheet's apostrophes."""
    return _to_parquet(table, None)


def _to_parquet(table: Table, source: bytes | None) -> bytes:
    """`source` is the table's CSV where that has neither apostrophes nor carriage returns to misread."""
    end = "\\r\\n" if source is None else "\\n"
    types = ", ".join(f"'{column.name}': '{_PARQUET_TYPES[column.kind]}'" for column in table.columns)
    names = ", ".join(
        f"COALESCE({column.name}, '') AS {column.name}" if column.kind is ColumnKind.TEXT else column.name
        for column in table.columns
    )
    with tempfile.TemporaryDirectory(prefix="zhibao-") as name:
        folder = Path(name)
        (folder / "table.csv").write_bytes(_csv(table, "\r\n") if source is None else source)
        with duckdb_over(folder) as duck:
            duck.execute(_TO_PARQUET.format(names=names, folder=folder, end=end, types=types))
        return (folder / "table.parquet").read_bytes()


def to_xlsx(table: Table, definition: TableDefinition, marks: list[Any]) -> bytes:
    """A workbook for people: the table, and a sheet of notes with its marks."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": definition.title_zh, "created": _MADE})
        _write_rows(book, table)
        notes = book.add_worksheet("说明")
        notes.set_column(0, 0, 100)
        lines = [f"{definition.title_zh} · {definition.title_en} · {table.year}"]
        lines += [json.dumps(mark, ensure_ascii=False) if "zh" not in mark else mark["zh"] for mark in marks]
        for number, line in enumerate(lines):
            notes.write_string(number, 0, line)
    return out.getvalue()


def _write_rows(book: Any, table: Table) -> None:
    sheet = book.add_worksheet(table.name[:31])
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, min(_WIDEST, max(10, len(column.name) + 2)))
    for number, column in enumerate(table.columns):
        unit = f"\n（{column.unit}）" if column.unit else ""
        sheet.write_string(0, number, f"{column.name}\n{column.title_zh}{unit}", head)
    for line, row in enumerate(table.rows, start=1):
        for number, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            if column.kind is ColumnKind.TEXT:
                sheet.write_string(line, number, cell)
            elif cell:
                sheet.write_number(line, number, float(Decimal(cell)))


def table_schema(table: Table, definition: TableDefinition) -> dict[str, Any]:
    """A Frictionless table schema, with titles, units of measure and how many decimals to show."""
    fields = []
    for column in table.columns:
        described: dict[str, Any] = {"name": column.name, "type": column.kind.value, "title": column.title_zh}
        described |= {"title_en": column.title_en}
        described |= {"unit": column.unit} if column.unit else {}
        described |= {"decimals": column.decimals} if column.decimals is not None else {}
        fields.append(described)
    return {
        "name": table.name,
        "title": definition.title_zh,
        "title_en": definition.title_en,
        "missingValues": [""],
        "fields": fields,
        "marks": list(table.marks),
    }
