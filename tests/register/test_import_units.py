"""Importing the units file: what is read, and what each mistake is told."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from register.importing import ImportProblems, Problem, read_units
from register.regions import Regions
from register.units import Size, Unit, UnitKind, UnitStatus, make_synthetic_credit_code

RowMaker = Callable[..., dict[str, str]]
FileMaker = Callable[..., bytes]
Refusal = Callable[[bytes], ImportProblems]

OFFICE = {"unit_id": "530102-st", "name": "五华区科技局", "kind": "county", "industry_code": ""}


def only(problems: ImportProblems) -> Problem:
    assert problems.total == 1, str(problems)
    return problems.problems[0]


def test_a_full_row_becomes_a_unit(regions: Regions, unit_row: RowMaker, csv_file: FileMaker) -> None:
    row = unit_row(7, reviewing_body="530171", size="L", starred="1", group_id="G1", status="closed")
    assert list(read_units(csv_file(row), "units.csv", regions)) == [
        Unit(
            unit_id=make_synthetic_credit_code(7),
            name="云南示例科技有限公司",
            kind=UnitKind.ENTERPRISE,
            region_code="530102",
            reviewing_body="530171",
            industry_code="3911",
            email="filler@example.cn",
            size=Size.LARGE,
            starred=True,
            group_id="G1",
            status=UnitStatus.CLOSED,
        )
    ]


def test_optional_columns_may_be_absent_or_blank(regions: Regions, unit_row: RowMaker, csv_file: FileMaker) -> None:
    short = list(read_units(csv_file(unit_row()), "units.csv", regions))
    blank = unit_row(size="", starred="", group_id="", status="")
    assert short == list(read_units(csv_file(blank), "units.csv", regions))
    assert short[0].reviewing_body is None
    assert short[0].status is UnitStatus.ACTIVE


def test_columns_may_stand_in_any_order(regions: Regions, unit_row: RowMaker, csv_file: FileMaker) -> None:
    row = unit_row(starred="0")
    turned = dict(reversed(row.items()))
    read = [list(read_units(csv_file(r), "units.csv", regions)) for r in (row, turned)]
    assert read[0] == read[1]


def test_offices_of_county_zone_and_city_are_read(regions: Regions, unit_row: RowMaker, csv_file: FileMaker) -> None:
    county = unit_row(**OFFICE)
    zone = unit_row(**OFFICE | {"unit_id": "530171-st", "region_code": "530171"})
    city = unit_row(**OFFICE | {"unit_id": "530100-st", "kind": "city", "region_code": "530100"})
    units = list(read_units(csv_file(county, zone, city), "units.csv", regions))
    assert [(unit.kind.value, unit.region_code) for unit in units] == [
        ("county", "530102"),
        ("county", "530171"),
        ("city", "530100"),
    ]


def test_a_credit_code_is_stored_in_its_one_spelling(regions: Regions, unit_row: RowMaker, csv_file: FileMaker) -> None:
    code = make_synthetic_credit_code(5)
    row = unit_row(unit_id="９" + code[1:].lower())
    assert next(read_units(csv_file(row), "units.csv", regions)).unit_id == code


def test_the_apostrophe_that_guards_against_formulas_is_taken_off(
    regions: Regions, unit_row: RowMaker, csv_file: FileMaker
) -> None:
    rows = [unit_row(n, name=name) for n, name in enumerate(["'=HYPERLINK(1)", "'-甲", "'@乙", "'+丙", "'丁", "=戊"])]
    names = [unit.name for unit in read_units(csv_file(*rows), "units.csv", regions)]
    assert names == ["=HYPERLINK(1)", "-甲", "@乙", "+丙", "'丁", "=戊"]


def test_outer_spaces_and_empty_lines_do_not_count(regions: Regions, unit_row: RowMaker, csv_file: FileMaker) -> None:
    data = csv_file(unit_row(name=" 甲公司　"), unit_row(2)).replace(b"\n", b"\r\n\r\n")
    units = list(read_units(data, "units.csv", regions))
    assert [unit.name for unit in units] == ["甲公司", "云南示例科技有限公司"]


BAD_CELLS = [
    (
        "unit_id",
        "91999999000000001X",
        "统一社会信用代码 with a valid check character \\(GB 32100-2015\\).*校验码不符",
    ),
    ("unit_id", "9199", "统一社会信用代码 with a valid.*应为 18 位，现为 4 位"),
    ("unit_id", "", "必填"),
    ("name", "", "必填"),
    ("name", "'", None),
    ("name", "甲" * 500, None),
    ("name", "甲" * 501, "不超过 500 字符"),
    ("name", "甲\t乙", "不含换行、制表符或控制字符"),
    ("name", "甲\x00乙", "UTF-8 或 GB18030"),
    ("name", "甲\x85乙", "不含换行、制表符或控制字符"),
    ("name", "甲\u202e乙", "不含换行、制表符或控制字符"),
    ("name", "甲\ufffd乙", "不含换行、制表符或控制字符"),
    ("kind", "", "必填"),
    ("kind", "company", "enterprise / county / city 之一"),
    ("region_code", "", "必填"),
    ("region_code", "440100", "名录库中的行政区划代码"),
    ("reviewing_body", "440100", "县、市、省或有审核职能的功能区代码"),
    ("reviewing_body", "530174", "县、市、省或有审核职能的功能区代码"),
    ("reviewing_body", "530177", "县、市、省或有审核职能的功能区代码"),
    ("reviewing_body", "530171", None),
    ("reviewing_body", "530100", None),
    ("reviewing_body", "530000", None),
    ("industry_code", "", "四位行业小类代码"),
    ("industry_code", "391", "四位行业小类代码"),
    ("industry_code", "39111", "四位行业小类代码"),
    ("industry_code", "9811", "四位行业小类代码"),
    ("industry_code", "0011", "四位行业小类代码"),
    ("industry_code", "３９１１", "四位行业小类代码"),
    ("email", "", "必填"),
    ("email", "filler", "一个电子邮件地址"),
    ("email", "a@b@example.cn", "一个电子邮件地址"),
    ("email", "a b@example.cn", "一个电子邮件地址"),
    ("email", "a@example.cn,b@example.cn", "一个电子邮件地址"),
    ("email", "a@example.cn;b", "一个电子邮件地址"),
    ("email", "<a@example.cn>", "一个电子邮件地址"),
    ("email", "a@", "一个电子邮件地址"),
    ("email", "@example.cn", "一个电子邮件地址"),
    ("email", "a@example..cn", "一个电子邮件地址"),
    ("email", "a@-example.cn", "一个电子邮件地址"),
    ("email", ".a@example.cn", "一个电子邮件地址"),
    ("email", "a＠example.cn", "一个电子邮件地址"),
    ("email", "a@" + "b" * 253, "一个电子邮件地址"),
    ("email", "a@example.cn\r\nBcc: b@example.cn", "不含换行、制表符或控制字符"),
    ("email", "first.last+tag@mail-1.example.cn", None),
    ("size", "X", "L / M / S / T 之一"),
    ("size", "l", "L / M / S / T 之一"),
    ("starred", "2", "1 或 0"),
    ("starred", "true", "1 或 0"),
    ("status", "gone", "active / closed 之一"),
]


@pytest.mark.parametrize(("column", "cell", "expected"), BAD_CELLS)
def test_each_wrong_cell_of_an_enterprise_is_named(
    column: str,
    cell: str,
    expected: str | None,
    regions: Regions,
    unit_row: RowMaker,
    csv_file: FileMaker,
    units_refused: Refusal,
) -> None:
    good = unit_row(1, size="", starred="", status="")
    data = csv_file(good, good | unit_row(2) | {column: cell})
    if expected is None:
        assert len(list(read_units(data, "units.csv", regions))) == 2
        return
    problem = only(units_refused(data))
    assert problem.line == 3
    assert problem.column == ("" if "UTF-8" in expected else column)
    assert problem.file == "units.csv"
    assert re.search(expected, problem.expected)


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        ({"industry_code": "9221"}, "industry_code", "政府机构应为空"),
        ({"region_code": "530100"}, "region_code", "county / zone 级行政区划代码"),
        ({"region_code": "530000"}, "region_code", "county / zone 级行政区划代码"),
        ({"kind": "city"}, "region_code", "city 级行政区划代码"),
        ({"kind": "city", "region_code": "530171"}, "region_code", "city 级行政区划代码"),
        ({"unit_id": "530102 st"}, "unit_id", "机构编号"),
        ({"unit_id": "530102/st"}, "unit_id", "机构编号"),
        ({"unit_id": "x" * 65}, "unit_id", "机构编号"),
        ({"reviewing_body": "530177"}, "reviewing_body", "有审核职能"),
    ],
)
def test_each_wrong_cell_of_an_office_is_named(
    cells: dict[str, str],
    column: str,
    expected: str,
    unit_row: RowMaker,
    csv_file: FileMaker,
    units_refused: Refusal,
) -> None:
    problem = only(units_refused(csv_file(unit_row(**OFFICE | cells))))
    assert (problem.line, problem.column) == (2, column)
    assert expected in problem.expected


@pytest.mark.parametrize("region_code", ["530174", "530177"])
def test_an_enterprise_in_a_zone_that_does_not_review_needs_a_reviewing_body(
    region_code: str, regions: Regions, unit_row: RowMaker, csv_file: FileMaker, units_refused: Refusal
) -> None:
    problem = only(units_refused(csv_file(unit_row(region_code=region_code))))
    assert (problem.column, problem.found) == ("reviewing_body", "")
    given = unit_row(region_code=region_code, reviewing_body="530127")
    assert next(read_units(csv_file(given), "units.csv", regions)).reviewing_body == "530127"


def test_a_unit_listed_twice_is_named_with_its_first_line_whatever_the_spelling(
    unit_row: RowMaker, csv_file: FileMaker, units_refused: Refusal
) -> None:
    again = unit_row(unit_id=make_synthetic_credit_code(1).replace("9", "９"))
    problem = only(units_refused(csv_file(unit_row(1), unit_row(2), again)))
    assert (problem.line, problem.column) == (4, "unit_id")
    assert "已见于第 2 行" in problem.expected


def test_all_mistakes_of_a_row_are_told_at_once(
    unit_row: RowMaker, csv_file: FileMaker, units_refused: Refusal
) -> None:
    row = unit_row(unit_id="1", region_code="2", reviewing_body="3", industry_code="4", email="5", starred="6")
    columns = [problem.column for problem in units_refused(csv_file(row)).problems]
    assert sorted(columns) == sorted(["unit_id", "region_code", "reviewing_body", "industry_code", "email", "starred"])


def test_twenty_problems_are_shown_and_all_are_counted(
    unit_row: RowMaker, csv_file: FileMaker, units_refused: Refusal
) -> None:
    problems = units_refused(csv_file(*(unit_row(n, email="x") for n in range(25))))
    assert problems.total == 25
    assert [problem.line for problem in problems.problems] == list(range(2, 22))
    lines = str(problems).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "共 25 处错误，以上为前 20 处 (25 problems in all)"


def test_a_problem_is_told_on_one_line_with_file_line_and_column(
    unit_row: RowMaker, csv_file: FileMaker, units_refused: Refusal
) -> None:
    problems = units_refused(csv_file(unit_row(unit_id="91999999000000001X")))
    assert str(problems) == (
        'units.csv:2: column unit_id: found "91999999000000001X", '
        "expected 统一社会信用代码 with a valid check character (GB 32100-2015)；"
        "统一社会信用代码的校验码不符，请核对是否抄错 (check character)"
    )


def test_a_long_or_unprintable_cell_cannot_spoil_the_message(
    unit_row: RowMaker, csv_file: FileMaker, units_refused: Refusal
) -> None:
    text = str(units_refused(csv_file(unit_row(name="\x1b[31m\n" + "甲" * 600))))
    assert text.startswith('units.csv:2: column name: found "\\x1b[31m\\n甲')
    assert '…"' in text
    assert len(text) < 200
    assert text.count("\n") == 0


def test_the_stream_gives_nothing_after_the_first_mistake_and_fails_at_its_end(
    regions: Regions, unit_row: RowMaker, csv_file: FileMaker
) -> None:
    stream = read_units(csv_file(unit_row(1), unit_row(2, email="x"), unit_row(3)), "units.csv", regions)
    assert next(stream).unit_id == make_synthetic_credit_code(1)
    with pytest.raises(ImportProblems):
        next(stream)


def test_lines_are_those_of_the_file_even_after_a_cell_of_several_lines(
    unit_row: RowMaker, csv_file: FileMaker, units_refused: Refusal
) -> None:
    problems = units_refused(csv_file(unit_row(1), unit_row(2, name="甲\n乙\r\n丙"), unit_row(3, email="x")))
    assert [(problem.line, problem.column) for problem in problems.problems] == [(3, "name"), (6, "email")]


def test_a_fault_behind_a_line_break_is_placed_on_its_own_line(
    unit_row: RowMaker, csv_file: FileMaker, units_refused: Refusal
) -> None:
    problems = units_refused(csv_file(unit_row(name="甲\n乙", email="a\tb")))
    assert [(problem.line, problem.column) for problem in problems.problems] == [(2, "name"), (3, "email")]


@pytest.mark.parametrize(
    ("header", "column", "expected"),
    [
        ("unit_id,name,kind,region_code,reviewing_body,industry_code", "email", "missing column"),
        ("unit_id,name,kind,region_code,reviewing_body,industry_code,email,Email", "Email", "unknown column"),
        ("unit_id,name,kind,region_code,reviewing_body,industry_code,email,name", "name", "duplicate column"),
        ("unit_id,name,kind,region_code,reviewing_body,industry_code,email,", "", "unknown column"),
    ],
)
def test_a_wrong_header_names_the_column(header: str, column: str, expected: str, units_refused: Refusal) -> None:
    problem = only(units_refused(f"{header}\n1,2\n".encode()))
    assert (problem.line, problem.column) == (1, column)
    assert expected in problem.expected


@pytest.mark.parametrize("change", [b",1\n", b"\n"])
def test_a_row_with_too_many_or_too_few_cells_is_named(
    change: bytes, unit_row: RowMaker, csv_file: FileMaker, units_refused: Refusal
) -> None:
    data = csv_file(unit_row())
    bad = data[:-1] + change if change != b"\n" else data[: data.rindex(b",")] + change
    problem = only(units_refused(bad))
    assert (problem.line, problem.column) == (2, "")
    assert problem.found == ("8 cells" if change != b"\n" else "6 cells")
    assert "7 格" in problem.expected


def test_a_quotation_mark_left_open_is_named_where_it_opens(
    unit_row: RowMaker, csv_file: FileMaker, units_refused: Refusal
) -> None:
    data = csv_file(unit_row(1), unit_row(2))
    problem = only(units_refused(data + b'"9199,\n' + data))
    assert problem.line == 4
    assert "引号成对" in problem.expected


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n", b" \n"])
def test_an_empty_file_is_refused(data: bytes, units_refused: Refusal) -> None:
    problem = only(units_refused(data))
    assert (problem.line, problem.found) == (1, "no rows")


def test_a_header_alone_is_refused(unit_row: RowMaker, units_refused: Refusal) -> None:
    problem = only(units_refused(",".join(unit_row()).encode() + b"\n\n"))
    assert problem.found == "no rows"
    assert "至少一行数据" in problem.expected


def test_a_file_in_gb18030_gives_the_same_units(regions: Regions, unit_row: RowMaker, csv_file: FileMaker) -> None:
    data = csv_file(unit_row(1), unit_row(2, name="昆明联通设备厂"))
    recoded = data.decode().encode("gb18030")
    assert list(read_units(recoded, "u", regions)) == list(read_units(data, "u", regions))
