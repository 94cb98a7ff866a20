"""Tables as bytes: the same for ever, numbers as numbers, nothing a spreadsheet would run."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from indicators.definition import TableDefinition
from indicators.formats import (
    from_csv,
    safe_text,
    table_schema,
    to_csv,
    to_csv_and_parquet,
    to_json,
    to_parquet,
    to_xlsx,
)
from indicators.table import Column, ColumnKind, Table, plain

COLUMNS = (
    Column("region_name_zh", ColumnKind.TEXT, "地区", "Region"),
    Column("value", ColumnKind.NUMBER, "数值", "Value", "千元", 2),
    Column("contributors", ColumnKind.INTEGER, "填报单位数", "Contributors"),
    Column("note", ColumnKind.TEXT),
)
TABLE = Table(
    "sample",
    2025,
    COLUMNS,
    (
        ("甲市", "-1.5", "3", '说明,"引号"'),
        ("=1+1", "12345678901234567.0000000001", "0", ""),
        ("乙市", "", "", "-"),
    ),
    ({"mark": "sample", "zh": "示例：试用", "en": "Sample"}, {"mark": "partial", "region_code": "1", "item": "gdp"}),
)
GOLDEN = (
    "region_name_zh,value,contributors,note\n"
    '甲市,-1.5,3,"说明,""引号"""\n'
    "'=1+1,12345678901234567.0000000001,0,\n"
    "乙市,,,'-\n"
).encode()
EMPTY = Table("empty", 2025, COLUMNS, ())


def test_the_csv_is_the_golden_one() -> None:
    assert to_csv(TABLE) == GOLDEN


def test_the_json_holds_numbers_as_strings_and_null_for_no_value() -> None:
    assert to_json(TABLE).decode() == (
        "[\n"
        '{"region_name_zh":"甲市","value":"-1.5","contributors":"3","note":"说明,\\"引号\\""},\n'
        '{"region_name_zh":"=1+1","value":"12345678901234567.0000000001","contributors":"0","note":""},\n'
        '{"region_name_zh":"乙市","value":null,"contributors":null,"note":"-"}\n'
        "]\n"
    )
    assert json.loads(to_json(EMPTY)) == []


def test_text_that_a_spreadsheet_would_run_is_neutralised_and_numbers_are_not() -> None:
    for start in ("=", "+", "-", "@", "\t", "\r"):
        table = Table("t", 2025, COLUMNS, ((f"{start}cmd", "-1", "1", f"'{start}"),))
        row = list(csv.reader(io.StringIO(to_csv(table).decode(), newline="")))[1]
        assert row == [f"'{start}cmd", "-1", "1", f"''{start}"]
        assert from_csv(to_csv(table), COLUMNS, "t", 2025) == table


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
numbers = st.one_of(st.just(""), st.decimals(-(10**20), 10**20, places=8).map(plain))
wholes = st.one_of(st.just(""), st.integers(0, 10**9).map(str))
nasty = st.sampled_from(["=1", "'=1", "''+", "'", "'a", "-", "@x", '"', ",", "\t", "%s", "{}", "%"])


@given(rows=st.lists(st.tuples(st.one_of(texts, nasty), numbers, wholes, st.one_of(texts, nasty)), max_size=6))
def test_a_csv_gives_back_the_table_it_was_made_of(rows: list[tuple[str, str, str, str]]) -> None:
    table = Table("t", 2025, COLUMNS, tuple(rows))
    assert from_csv(to_csv(table), COLUMNS, "t", 2025) == table
    found = json.loads(to_json(table))
    assert [tuple(record.values()) for record in found] == [(a, b or None, c or None, d) for a, b, c, d in rows]


def test_the_same_table_gives_the_same_bytes_in_all_four_formats(definitions: Mapping[str, TableDefinition]) -> None:
    def rendered() -> list[bytes]:
        book = to_xlsx(TABLE, definitions["response_rates"], list(TABLE.marks))
        return [to_csv(TABLE), to_json(TABLE), to_parquet(TABLE), book]

    assert rendered() == rendered()


@pytest.mark.parametrize("rows", [TABLE.rows, TABLE.rows[:1], (("a\rb", "1", "", ""),)])
def test_parquet_is_the_same_whether_made_beside_the_csv_or_alone(rows: tuple[tuple[str, ...], ...]) -> None:
    table = Table("t", 2025, COLUMNS, rows)
    with ThreadPoolExecutor(1) as beside:
        data, parquet = to_csv_and_parquet(table, beside)
        assert (data, parquet.result()) == (to_csv(table), to_parquet(table))


Parquet = Callable[[Table], tuple[dict[str, str], list[tuple[Any, ...]]]]


@pytest.fixture
def parquet(tmp_path: Path) -> Parquet:
    """Reads a table's Parquet the way a user would: types by column, and rows."""

    def read(table: Table) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
        path = tmp_path / f"{table.name}.parquet"
        path.write_bytes(to_parquet(table))
        with duckdb.connect() as connection:
            types = connection.execute(f"DESCRIBE FROM '{path}'").fetchall()
            return {name: kind for name, kind, *_ in types}, connection.execute(f"FROM '{path}'").fetchall()

    return read


def test_parquet_holds_typed_columns_in_order_and_text_as_it_is(parquet: Parquet) -> None:
    types, rows = parquet(TABLE)
    assert list(types.items()) == [
        ("region_name_zh", "VARCHAR"),
        ("value", "DECIMAL(38,10)"),
        ("contributors", "BIGINT"),
        ("note", "VARCHAR"),
    ]
    assert rows == [
        ("甲市", Decimal("-1.5"), 3, '说明,"引号"'),
        ("=1+1", Decimal("12345678901234567.0000000001"), 0, ""),
        ("乙市", None, None, "-"),
    ]


NASTY_TEXTS = (
    "a\nb",
    "a\rb",
    "a\r\nb",
    '"q"',
    "\r",
    "",
    " x ",
    '"',
    '""\n"',
    "\t",
    "'",
    "NULL",
    "\u2028",
    "\\n",
    "=1",
    "'=",
)


@pytest.mark.parametrize("texts_in", [NASTY_TEXTS, *((one,) for one in NASTY_TEXTS)], ids=repr)
def test_parquet_keeps_any_text(parquet: Parquet, texts_in: tuple[str, ...]) -> None:
    _, rows = parquet(Table("t", 2025, COLUMNS, tuple((text, "", "1", text) for text in texts_in)))
    assert rows == [(text, None, 1, text) for text in texts_in]


def test_an_empty_table_is_a_header_in_every_format(
    parquet: Parquet, definitions: Mapping[str, TableDefinition]
) -> None:
    assert to_csv(EMPTY) == b"region_name_zh,value,contributors,note\n"
    assert from_csv(to_csv(EMPTY), COLUMNS, "empty", 2025) == EMPTY
    types, rows = parquet(EMPTY)
    assert (list(types), rows) == ([column.name for column in COLUMNS], [])
    book = CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(EMPTY, definitions["response_rates"], [])))
    assert len(book.get_sheet_by_name("empty").to_python()) == 1


def test_a_workbook_has_numbers_as_numbers_and_no_formula(definitions: Mapping[str, TableDefinition]) -> None:
    links = Table("t", 2025, COLUMNS, (*TABLE.rows, ("http://example.com", "1", "2", "=HYPERLINK(1)")))
    data = to_xlsx(links, definitions["response_rates"], list(TABLE.marks))
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    rows = book.get_sheet_by_name("t").to_python()
    assert rows[1] == ["甲市", -1.5, 3.0, '说明,"引号"']
    assert rows[2][0] == "=1+1"
    assert rows[3] == ["乙市", "", "", "-"]
    assert rows[4][3] == "=HYPERLINK(1)"
    notes = [line[0] for line in book.get_sheet_by_name("说明").to_python()]
    assert notes[0] == "报送率 · Response rates · 2025"
    assert notes[1] == "示例：试用"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = "".join(archive.read(name).decode() for name in archive.namelist() if "sheet" in name)
    assert "<f>" not in sheets
    assert "hyperlink" not in sheets.lower().replace("=hyperlink(1)", "")


def test_the_schema_is_a_frictionless_one_with_units_decimals_and_marks(
    definitions: Mapping[str, TableDefinition],
) -> None:
    schema = table_schema(TABLE, definitions["response_rates"])
    assert schema["missingValues"] == [""]
    assert schema["fields"][1] == {
        "name": "value",
        "type": "number",
        "title": "数值",
        "title_en": "Value",
        "unit": "千元",
        "decimals": 2,
    }
    assert [field["type"] for field in schema["fields"]] == ["string", "number", "integer", "string"]
    assert schema["marks"] == list(TABLE.marks)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (Decimal("-0.00"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.500"), "1.5"),
        (Decimal("100"), "100"),
        (Decimal("1E-10"), "0.0000000001"),
        (-7, "-7"),
    ],
)
def test_numbers_are_plain_decimals(value: Decimal | int | None, text: str) -> None:
    assert plain(value) == text


def test_sums_of_columns_are_exact_beyond_28_digits() -> None:
    rows = (("", "99999999999999999999999999.9999999999", "1", ""), ("", "0.0000000001", "2", ""), ("", "", "", ""))
    sums = Table("t", 2025, COLUMNS, rows).sums()
    assert sums == {"value": "100000000000000000000000000", "contributors": "3"}


@given(rows=st.lists(st.tuples(st.one_of(texts, nasty), numbers, wholes, st.one_of(texts, nasty)), max_size=6))
def test_a_csv_is_what_the_csv_writer_makes_whether_or_not_a_cell_is_quoted(
    rows: list[tuple[str, str, str, str]],
) -> None:
    table = Table("t", 2025, COLUMNS, tuple(rows))
    made = from_csv(to_csv(table), COLUMNS, "t", 2025)
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if any("\r" in cell for row in rows for cell in row) else csv.QUOTE_MINIMAL
    writer = csv.writer(out, lineterminator="\n", quoting=quoting)
    writer.writerows([table.names, *([safe_text(a), b, c, safe_text(d)] for a, b, c, d in made.rows)])
    assert to_csv(table).decode() == out.getvalue()
