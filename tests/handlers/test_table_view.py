"""A page of a table shows what was picked, a piece at a time, whatever the address says."""

import pytest

from handlers.table_view import PAGE, TOTAL, columns_of, view_of
from indicators.table import Column

ROWS = [
    {"industry_section": section, "item": item, "value": f"{section}{item}"}
    for section in ("", "C", "M")
    for item in ("cost", "staff")
]


@pytest.mark.parametrize(
    ("section", "item", "values"),
    [
        ("", "", ["cost", "staff", "Ccost", "Cstaff", "Mcost", "Mstaff"]),
        (TOTAL, "", ["cost", "staff"]),
        ("C", "", ["Ccost", "Cstaff"]),
        ("", "staff", ["staff", "Cstaff", "Mstaff"]),
        ("M", "cost", ["Mcost"]),
        ("Z", "nothing", ["cost", "staff", "Ccost", "Cstaff", "Mcost", "Mstaff"]),
    ],
)
def test_the_rows_picked_are_shown(section: str, item: str, values: list[str]) -> None:
    view = view_of(ROWS, section, item, "")
    assert [row["value"] for row in view.rows] == values
    assert (view.sections, view.items) == (("C", "M"), ("cost", "staff"))


def test_the_pages_together_hold_every_row_once() -> None:
    rows = [{"region_code": str(number)} for number in range(2 * PAGE + 1)]
    pages = [view_of(rows, "", "", str(number)) for number in (1, 2, 3)]
    assert [row for page in pages for row in page.rows] == rows
    assert {page.pages for page in pages} == {3}


@pytest.mark.parametrize(
    ("asked", "shown"), [("", 1), ("0", 1), ("-1", 1), ("x", 1), ("²", 1), ("9" * 50, 1), ("99", 2)]
)
def test_a_page_that_is_not_there_is_the_nearest_one(asked: str, shown: int) -> None:
    rows = [{"region_code": str(number)} for number in range(PAGE + 1)]
    assert view_of(rows, "", "", asked).number == shown


def test_a_table_of_one_region_shows_the_columns_that_tell_its_lines_apart() -> None:
    columns = [Column(name) for name in ("level", "industry_section", "item", "value", "note")]
    rows = [{**row, "level": "city", "note": ""} for row in ROWS]
    names = [column.name for column in columns_of(columns, rows, rows, crossed=True)]
    assert names == ["industry_section", "item", "value"]
    section = view_of(rows, "C", "", "").rows
    assert [column.name for column in columns_of(columns, rows, section, crossed=True)] == ["item", "value"]
    names = [column.name for column in columns_of(columns, rows, rows, crossed=False)]
    assert names == ["level", "industry_section", "item", "value"]


def test_a_table_without_rows_is_one_empty_page() -> None:
    view = view_of([], TOTAL, "cost", "2")
    assert (view.rows, view.number, view.pages) == ([], 1, 1)
