"""A template that was filled says what was typed: every item, every row, mistakes included; and nothing in it runs."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.content import Content, SignOff
from forms.definition import FormDefinition, Item, ItemType
from forms.fields import SIGN_OFF
from forms.loading import shipped_forms
from forms.records import cell_key
from forms.spreadsheet import Filled, WorkbookRefused, read_filled
from forms.spreadsheet_cells import as_meant, figure_text, kept_from_running, plain_figure
from forms.spreadsheet_stamp import Stamp
from forms.spreadsheet_writing import Filling, write_template
from forms.values import Cell, Status
from tests.forms.hostile_workbooks import parts_of

YEAR = 2031
ALL = ("107-1", "107-2", "region-st")
LIVE = ("=1+1", "+5", "-5", "@SUM(A1)", "\t=1", "=cmd|' /c calc'!A0", "'=1", "''-1", "'")
MISTAKES = ("三百", "12e3", "1,23", "10.", "１２，３４５", " 7 ", "0.1", "007", "_x000D_", "&lt;b>", "1" * 20, "0" * 64)


def layout(form: str) -> FormDefinition:
    return shipped_forms().in_force(form, YEAR)


def template(
    definition: FormDefinition, inputs: Mapping[str, str], *, starred: bool = True, last: Content | None = None
) -> bytes:
    stamp = Stamp("submission-id", definition.version, 3)
    return write_template(Filling(definition, YEAR, "U1", "示例企业", starred, stamp, inputs, last))


def typed_again(definition: FormDefinition, data: bytes, *, starred: bool = True) -> dict[str, str]:
    """What an upload would save: filled inputs only, as a draft keeps them."""
    filled = read_filled(data)
    assert filled.stamp == Stamp("submission-id", definition.version, 3)
    return {name: text for name, text in filled.inputs(definition, starred=starred).items() if text}


def whole(definition: FormDefinition, rows: int = 200) -> dict[str, str]:
    """A draft with every cell filled, each with another value."""
    inputs: dict[str, str] = {}
    for number, item in enumerate(definition.items.values(), start=1):
        inputs |= {item.key: answer(item, number), f"{item.key}-status": "estimated", f"{item.key}-note": f"注{number}"}
    for table in definition.tables.values():
        for row in range(1, rows + 1):
            inputs |= {cell_key(table.key, row, item.key): answer(item, row) for item in table.columns}
    explained = {rule.id for rule in definition.rules if rule.severity.value in {"firm", "query"}}
    inputs |= {f"explanation-{rule}": f"{rule}：今年新增设备" for rule in explained}
    return inputs | {name: f"签{name}" for name in SIGN_OFF}


def answer(item: Item, number: int) -> str:
    if item.options:
        return item.options.options[number % len(item.options.options)].code
    if item.type is ItemType.MONTH:
        return "000000" if number % 7 == 0 else f"20{number % 30:02d}{number % 12 + 1:02d}"
    if item.type is ItemType.TEXT:
        return f"第 {number} 个项目"
    return f"{number * 1009}.{number % 9 + 1}" if item.type is ItemType.DECIMAL else str(number * 1009)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", ALL)
def test_a_whole_return_comes_back_exactly(form: str, lang: str) -> None:
    definition = layout(form)
    inputs = whole(definition)
    filling = Filling(definition, YEAR, "U1", "示例企业", True, Stamp("submission-id", definition.version, 3), inputs)
    assert typed_again(definition, write_template(replace(filling, lang=lang))) == inputs


def test_the_two_forms_have_51_items_and_200_rows() -> None:
    assert len(layout("107-2").items) == 51
    assert len({name.split(".")[1] for name in whole(layout("107-1")) if name.startswith("projects.")}) == 200


def test_two_thousand_projects_fit() -> None:
    """As many as the table takes: the file stays under the limit, and is read back."""
    definition = layout("107-1")
    inputs = whole(definition, rows=2_000)
    assert typed_again(definition, template(definition, inputs)) == inputs


def test_one_long_text_in_every_cell_is_refused() -> None:
    """Stored once in the file, it would be 30,000 times as much in the draft."""
    definition = layout("107-1")
    names = whole(definition, rows=2_000).keys()
    data = template(definition, {name: "长" * 4_000 for name in names if name.endswith("project_name")})
    assert len(data) < 200_000
    with pytest.raises(WorkbookRefused, match="缩短"):
        read_filled(data).inputs(definition, starred=True)


@pytest.mark.parametrize("text", [*LIVE, *MISTAKES])
def test_what_was_typed_wrong_comes_back_as_it_was_typed(text: str) -> None:
    definition = layout("107-2")
    inputs = {"papers": text, "papers-note": text, "phone": text}
    assert typed_again(definition, template(definition, inputs)) == inputs


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30), max_size=8
    )
)
def test_any_text_comes_back(texts: list[str]) -> None:
    definition = layout("107-2")
    names = [f"{key}-note" for key in definition.items][: len(texts)]
    inputs = {name: text for name, text in zip(names, texts, strict=True) if text}
    assert typed_again(definition, template(definition, inputs)) == inputs


@given(st.text(max_size=20))
def test_text_that_would_run_is_kept_from_it_and_given_back(text: str) -> None:
    kept = kept_from_running(text)
    assert kept[:1] not in set("=+-@\t\r")
    assert as_meant(kept) == text


@given(st.decimals(min_value=0, max_value=10**14, places=3, allow_nan=False).map(lambda d: f"{d:f}"))
def test_a_figure_is_a_number_only_where_it_gives_back_the_same_text(text: str) -> None:
    number = plain_figure(text)
    if number is not None:
        assert figure_text(repr(number)) == text


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("0.30000000000000004", "0.3"),
        ("1234.5599999999999", "1234.56"),
        ("1.0E+3", "1000"),
        ("12", "12"),
        ("-5", "-5"),
        ("1E+400", "1E+400"),
        ("1e16", "1e16"),
        ("nan", "nan"),
        ("", ""),
        ("TRUE", "TRUE"),
    ],
)
def test_a_stored_number_is_read_as_the_spreadsheet_shows_it(stored: str, shown: str) -> None:
    assert figure_text(stored) == shown


def test_only_the_cells_to_fill_are_unlocked_and_they_say_what_they_take() -> None:
    definition = layout("107-2")
    book = openpyxl.load_workbook(io.BytesIO(template(definition, {})))
    assert [sheet.sheet_state for sheet in book] == ["visible", "visible", "veryHidden", "veryHidden"]
    assert all(sheet.protection.sheet for sheet in book)
    items = book["填报"]
    keys = {items.cell(row, 1).value: row for row in range(2, items.max_row + 1) if items.cell(row, 1).value}
    assert keys.keys() == {*definition.items, *SIGN_OFF}
    unlocked = {cell.coordinate for line in items.iter_rows() for cell in line if not cell.protection.locked}
    figures = {f"{column}{keys[key]}" for key in definition.items for column in "EGH"}
    assert unlocked == figures | {f"E{keys[name]}" for name in SIGN_OFF}
    checks = {str(check.sqref): check for check in items.data_validations.dataValidation}
    assert (checks[f"E{keys['papers']}"].type, checks[f"E{keys['papers']}"].formula1) == ("whole", "0")
    assert "预估" in checks[f"G{keys['papers']}"].formula1


def test_a_table_offers_its_options_as_lists_and_room_for_more_rows() -> None:
    definition = layout("107-1")
    book = openpyxl.load_workbook(io.BytesIO(template(definition, whole(definition, rows=250))))
    sheet = book.worksheets[1]
    keys = {sheet.cell(2, column).value: column for column in range(2, sheet.max_column + 1)}
    checks = [check for check in sheet.data_validations.dataValidation if check.type == "list"]
    lists = {str(check.sqref): check.formula1 for check in checks}
    assert len(lists) == 5
    assert sheet.max_row == 8 + 250 + 200
    source = next(place for place in lists if place.startswith(sheet.cell(9, keys["project_source"]).column_letter))
    first, last = lists[source].replace("$", "").split("!")[1].split(":")
    offered = [cell.value for (cell,) in book["options"][first:last]]
    assert offered[0] == "1 本企业自选项目"
    assert sheet.cell(9, keys["project_source"]).value in offered


def test_a_line_of_the_list_means_its_code() -> None:
    definition = layout("107-1")
    book = openpyxl.load_workbook(io.BytesIO(template(definition, {})))
    sheet = book.worksheets[1]
    sheet.cell(9, 3).value, sheet.cell(10, 3).value, sheet.cell(11, 3).value = "2 政府部门科技项目", "3", "没有这一项"
    out = io.BytesIO()
    book.save(out)
    typed = typed_again(definition, out.getvalue())
    found = [typed[f"projects.{row}.project_source"] for row in (1, 2, 3)]
    assert found == ["2", "3", "没有这一项"]


def test_an_unstarred_unit_is_asked_no_starred_item() -> None:
    definition = layout("107-2")
    asked = {key for key, item in definition.items.items() if not item.starred}
    filled = read_filled(template(definition, {}, starred=False)).inputs(definition, starred=False)
    assert {name for name in filled if "-" not in name} == asked | set(SIGN_OFF)


def test_last_years_figures_stand_beside_only_where_they_are_given() -> None:
    definition = layout("107-2")
    last = Content({"papers": Cell(Decimal(12)), "standards": Cell(status=Status.UNKNOWN)}, {}, SignOff())
    for given_, expected in ((last, {"12", "未知"}), (None, set())):
        sheet = openpyxl.load_workbook(io.BytesIO(template(definition, {}, last=given_)))["填报"]
        shown = {sheet.cell(row, 6).value for row in range(7, sheet.max_row + 1)} - {None, ""}
        assert shown == expected


def test_the_head_says_number_issuer_document_validity_and_that_it_is_a_sample() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template(layout("107-2"), {})))["填报"]
    head = " ".join(str(sheet.cell(row, 2).value) for row in range(2, 6))
    header = layout("107-2").header
    for text in (header.form_number, header.issuer_zh, header.document_number, str(header.valid_until), "示例", "U1"):
        assert text in head


def test_the_same_draft_gives_the_same_file() -> None:
    definition = layout("107-1")
    assert template(definition, whole(definition)) == template(definition, whole(definition))


def test_no_text_is_written_as_a_formula_or_a_link() -> None:
    definition = layout("107-2")
    inputs = dict.fromkeys(definition.items, '=HYPERLINK("http://x.example","y")') | {"phone": "mailto:a@b.example"}
    parts = parts_of(template(definition, inputs))
    assert not any(b"<f>" in data or b"<f " in data for data in parts.values())
    assert not any("rels" in name and b"External" in data for name, data in parts.items())


def test_a_sheet_that_was_renamed_and_rows_that_were_sorted_are_read_right() -> None:
    definition = layout("107-2")
    inputs = whole(definition)
    book = openpyxl.load_workbook(io.BytesIO(template(definition, inputs)))
    sheet = book["填报"]
    sheet.title = "我的"
    rows = [row for row in range(7, sheet.max_row + 1) if sheet.cell(row, 1).value in definition.items]
    held = [[sheet.cell(row, column).value for column in range(1, 9)] for row in reversed(rows)]
    for row, values in zip(rows, held, strict=True):
        for column, value in enumerate(values, start=1):
            sheet.cell(row, column).value = value
    out = io.BytesIO()
    book.save(out)
    assert typed_again(definition, out.getvalue()) == inputs


@pytest.mark.parametrize("change", ["row removed", "key altered", "sheet removed", "column renamed", "layout"])
def test_a_template_that_was_taken_apart_is_refused(change: str) -> None:
    definition = layout("107-1" if change == "column renamed" else "107-2")
    book = openpyxl.load_workbook(io.BytesIO(template(definition, {})))
    match change:
        case "row removed":
            book["填报"].delete_rows(12)
        case "key altered":
            book["填报"].cell(8, 1).value = "papers"
        case "sheet removed":
            del book["填报说明"]
        case "column renamed":
            book.worksheets[1].cell(2, 3).value = "project_name"
        case "layout":
            book["zhibao"].cell(2, 1).value = "0"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(WorkbookRefused, match="下载模板"):
        read_filled(out.getvalue()).inputs(definition, starred=True)


def opened_and_saved(data: bytes, folder: Path, kind: str) -> bytes:
    """What LibreOffice makes of a file."""
    (folder / "in.xlsx").write_bytes(data)
    out = folder / "out"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(out), str(folder / "in.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    (made,) = out.iterdir()
    return made.read_bytes()


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (libreoffice-calc) is not installed here")
@pytest.mark.parametrize("form", ALL)
def test_libreoffice_opens_the_template_and_changes_nothing(form: str, tmp_path: Path) -> None:
    definition = layout(form)
    inputs = whole(definition) | {"phone": "+86 871", "unit_head": "=1+1"}
    saved = opened_and_saved(template(definition, inputs), tmp_path, "xlsx:Calc MS Excel 2007 XML")
    assert typed_again(definition, saved) == inputs
    book = openpyxl.load_workbook(io.BytesIO(saved))
    assert all(sheet.protection.sheet for sheet in book)
    assert sum(len(sheet.data_validations.dataValidation) for sheet in book) > 0


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (libreoffice-calc) is not installed here")
def test_libreoffice_computes_nothing_of_what_was_typed(tmp_path: Path) -> None:
    """As CSV, which keeps what is shown: text that would run is there as text."""
    inputs = {"papers": "12", "papers-note": "=1+1", "phone": "@SUM(1;2)"}
    shown = opened_and_saved(template(layout("107-2"), inputs), tmp_path, "csv:Text - txt - csv (StarCalc):44,34,76")
    lines = shown.decode().splitlines()
    assert next(line for line in lines if line.startswith("papers,")).endswith(",12,,,'=1+1")
    assert any(line.startswith("phone,") and "'@SUM(1;2)" in line for line in lines)


def test_what_is_read_is_a_zip_of_plain_parts() -> None:
    """No part that a reader of ours would refuse is ever written."""
    with zipfile.ZipFile(io.BytesIO(template(layout("107-1"), whole(layout("107-1"))))) as archive:
        assert all(info.compress_type == zipfile.ZIP_DEFLATED for info in archive.infolist())
    assert isinstance(read_filled(template(layout("107-1"), {})), Filled)
