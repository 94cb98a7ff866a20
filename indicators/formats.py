"""A table as bytes: CSV and JSON are ours and the same for ever; Parquet and XLSX the same under the versions named."""

import csv
import io
import json
import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from indicators.definition import TableDefinition
from indicators.duck import duckdb_over
from indicators.table import Column, ColumnKind, Table

FORMATS = ("csv", "json", "parquet", "xlsx")
_LIVE = ("=", "+", "-", "@", "\t", "\r")
_PARQUET_TYPES = {ColumnKind.TEXT: "VARCHAR", ColumnKind.INTEGER: "BIGINT", ColumnKind.NUMBER: "DECIMAL(38,10)"}
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed moment, so that the same table gives the same file
_WIDEST = 40


def to_csv(table: Table) -> bytes:
    """UTF-8, `\\n`; text that a spreadsheet would run is kept from it by an apostrophe, numbers are never touched."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.names)
    text = [number for number, column in enumerate(table.columns) if column.kind is ColumnKind.TEXT]
    if any(row[number].startswith(_LIVE) for row in table.rows for number in text):
        kinds = [column.kind for column in table.columns]
        writer.writerows([_safe(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in table.rows)
    else:
        writer.writerows(table.rows)
    return out.getvalue().encode()


def _safe(cell: str, kind: ColumnKind) -> str:
    return f"'{cell}" if kind is ColumnKind.TEXT and cell.startswith(_LIVE) else cell


def from_csv(data: bytes, columns: tuple[Column, ...], name: str, year: int) -> Table:
    """The table a CSV of ours holds."""
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))[1:]
    kinds = [column.kind for column in columns]
    plain = (tuple(_unsafe(cell, kind) for cell, kind in zip(row, kinds, strict=True)) for row in rows)
    return Table(name, year, columns, tuple(plain))


def _unsafe(cell: str, kind: ColumnKind) -> str:
    neutralised = kind is ColumnKind.TEXT and cell[:1] == "'" and cell[1:].startswith(_LIVE)
    return cell[1:] if neutralised else cell


def to_json(table: Table) -> bytes:
    """A list of objects; numbers are strings at full precision, null where there is no value."""
    numeric = [column.kind is not ColumnKind.TEXT for column in table.columns]
    encode, names = json.JSONEncoder(ensure_ascii=False).encode, [json.dumps(name) for name in table.names]
    lines = []
    for row in table.rows:
        cells = zip(names, row, numeric, strict=True)
        lines.append("{" + ",".join(f"{n}:{encode(v) if v or not number else 'null'}" for n, v, number in cells) + "}")
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode() if lines else b"[]\n"


def to_parquet(table: Table) -> bytes:
    """Typed columns, one thread, in the order of the rows."""
    with tempfile.TemporaryDirectory(prefix="zhibao-") as name:
        folder = Path(name)
        (folder / "table.csv").write_bytes(to_csv(Table(table.name, table.year, table.columns, table.rows)))
        types = ", ".join(f"'{column.name}': '{_PARQUET_TYPES[column.kind]}'" for column in table.columns)
        names = ", ".join(
            f"COALESCE({column.name}, '') AS {column.name}" if column.kind is ColumnKind.TEXT else column.name
            for column in table.columns
        )
        with duckdb_over(folder) as duck:
            duck.execute(
                f"COPY (SELECT {names} FROM read_csv('{folder}/table.csv', header = true, auto_detect = false,"
                f" delim = ',', quote = '\"', escape = '\"', parallel = false, columns = {{{types}}}))"
                f" TO '{folder}/table.parquet' (FORMAT parquet, COMPRESSION zstd)"
            )
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
