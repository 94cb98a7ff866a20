"""Tables, choices, months, dates and texts: how they are read, kept, sealed and checked."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from forms.content import Content, ContentError, SignOff, from_json, to_json
from forms.definition import FormDefinition, Item, ItemType
from forms.fields import (
    blank_form,
    content_of,
    filing_form,
    findings_of,
    form_from_content,
    form_from_raw,
    raw_inputs,
)
from forms.loading import shipped_forms
from forms.records import Surroundings
from forms.text_values import read_cell, read_words
from forms.values import Cell, Status, ValueMistake

PROJECTS = shipped_forms().by_version("107-1/2018")
COLUMNS = PROJECTS.tables["projects"].by_key
NAME, SOURCE, START, COST = (COLUMNS[key] for key in ("project_name", "project_source", "start_month", "project_cost"))
ROW: Mapping[str, str] = {
    "project_name": "高温合金研究",
    "project_source": "1",
    "project_form": "10",
    "project_output": "12",
    "project_goal": "3",
    "start_month": "202401",
    "end_month": "202412",
    "project_staff": "5",
    "project_person_months": "40.5",
    "project_cost": "90",
    "project_cost_government": "0",
}


def inputs(*rows: Mapping[str, str]) -> dict[str, str]:
    return {f"projects.{number}.{key}": text for number, row in enumerate(rows, start=1) for key, text in row.items()}


@pytest.mark.parametrize(
    ("item", "typed", "stored"),
    [
        (NAME, "  高温\t合金\n 研究 ", "高温 合金 研究"),
        (NAME, "e\u0301tude", "\u00e9tude"),
        (NAME, "\u200b\u0000 ", ""),
        (SOURCE, "2", "2"),
        (SOURCE, " 02 ", "2"),
        (SOURCE, "２", "2"),
        (SOURCE, "境外项目", "4"),
        (SOURCE, "", ""),
        (START, "202403", "202403"),
        (START, "2024-3", "202403"),
        (START, "2024年3月", "202403"),
        (START, "２０２４．０３", "202403"),
        (START, "000000", "000000"),
        (START, "", ""),
    ],
)
def test_what_is_typed_is_read_as_meant(item: Item, typed: str, stored: str) -> None:
    assert read_words(typed, item) == stored


@pytest.mark.parametrize(
    ("item", "typed", "code"),
    [
        (NAME, "字" * 201, "too_long"),
        (SOURCE, "6", "unknown_option"),
        (SOURCE, "一", "unknown_option"),
        (SOURCE, "1" * 65, "too_long"),
        (START, "202413", "not_a_month"),
        (START, "202400", "not_a_month"),
        (START, "24.3", "not_a_month"),
        (START, "189912", "not_a_month"),
        (COST, "九十", "not_a_number"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(item: Item, typed: str, code: str) -> None:
    with pytest.raises(ValueMistake) as caught:
        read_cell(typed, item)
    assert caught.value.code == code


DATED = Item(
    **{name: getattr(START, name) for name in ("key", "code", "name_zh", "name_en", "unit", "decimals", "kind")},
    **{name: getattr(START, name) for name in ("parent", "starred", "required", "scope_zh", "note_zh", "depth")},
    type=ItemType.DATE,
)


@pytest.mark.parametrize("typed", ["2027-03-01", "2027.3.1", "2027年3月1日", "2027/03/01", "２０２７/３/１"])
def test_a_date_is_stored_in_one_spelling(typed: str) -> None:
    assert read_words(typed, DATED) == "2027-03-01"


@pytest.mark.parametrize("typed", ["2027-02-29", "2027-13-01", "20270301", "1.3.2027", "soon"])
def test_a_day_that_does_not_exist_is_no_date(typed: str) -> None:
    with pytest.raises(ValueMistake) as caught:
        read_words(typed, DATED)
    assert caught.value.code == "not_a_date"
    assert read_words("", DATED) == ""


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_and_reading_it_again_changes_nothing(typed: str) -> None:
    for item in (NAME, SOURCE, START, DATED):
        try:
            stored = read_words(typed, item)
        except ValueMistake:
            continue
        assert read_words(stored, item) == stored


def test_a_text_is_an_answer_and_cannot_stand_beside_a_mark_that_there_is_none() -> None:
    assert not Cell(text="高温").is_blank
    assert Cell(text="高温").answer == "高温"
    assert Cell(Decimal(0)).answer == 0
    assert Cell().answer is None
    with pytest.raises(ValueMistake) as caught:
        Cell(None, Status.UNKNOWN, text="高温")
    assert caught.value.code == "value_beside_status"


def test_rows_are_read_in_the_order_of_their_numbers_and_blank_ones_left_out() -> None:
    typed = {
        **{name.replace(".1.", ".12."): text for name, text in inputs(ROW | {"project_name": "二"}).items()},
        **{name.replace(".1.", ".3."): text for name, text in inputs(ROW | {"project_name": "一"}).items()},
        "projects.7.project_name": "  ",
        "projects.0.project_name": "零",
        "projects.x.project_name": "无",
        "projects.123456.project_name": "远",
    }
    form = form_from_raw(PROJECTS, typed, starred=False)
    content = content_of(form, PROJECTS)
    assert [row["project_name"].text for row in content.rows["projects"]] == ["一", "二"]
    assert raw_inputs(form)["projects.2.project_name"] == "二"
    assert content.rows["projects"][0]["project_person_months"] == Cell(Decimal("40.5"))


def test_a_page_that_was_kept_comes_back_as_typed_mistakes_included() -> None:
    typed = inputs(ROW, ROW | {"project_source": "9", "project_cost": "1 0"})
    form = form_from_raw(PROJECTS, typed, starred=False)
    assert raw_inputs(form) == typed
    posted = filing_form(PROJECTS, starred=False)(MultiDict(typed))
    assert raw_inputs(posted) == typed
    assert not posted.validate()


def test_a_page_made_of_stored_rows_says_what_they_say() -> None:
    content = content_of(form_from_raw(PROJECTS, inputs(ROW, ROW), starred=False), PROJECTS)
    assert content_of(form_from_content(PROJECTS, content, starred=False), PROJECTS) == content


def test_starred_columns_are_asked_of_starred_units_only() -> None:
    basic = {"project_cost_basic": "10", "project_cost_basic_own": "10", "project_cost_basic_outsourced": "0"}
    for starred in (True, False):
        form = form_from_raw(PROJECTS, inputs({**ROW, **basic}), starred=starred)
        (row,) = content_of(form, PROJECTS).rows["projects"]
        assert ("project_cost_basic" in row) is starred
    lacking = findings_of(form_from_raw(PROJECTS, inputs(ROW), starred=True))
    assert {finding.rule_id for finding in lacking} >= {f"required:projects.1.{key}" for key in basic}


def test_each_cell_that_cannot_be_read_is_named_with_its_row() -> None:
    form = form_from_raw(PROJECTS, inputs(ROW, ROW | {"project_source": "9", "project_cost": "x"}), starred=False)
    found = {finding.rule_id: finding for finding in findings_of(form)}
    assert found["value:projects.2.project_source"].items == ("projects.2.project_source",)
    assert found["value:projects.2.project_source"].zh.startswith("第 2 行：第 1 项“项目来源”")
    assert found["value:projects.2.project_cost"].row == 2
    assert "R31" not in found


def test_a_sum_over_a_column_with_an_unreadable_cell_is_left_out() -> None:
    idle = ROW | {"project_person_months": "0", "project_staff": "0"}
    spoiled = form_from_raw(PROJECTS, inputs(idle, idle | {"project_cost": "x"}), starred=False)
    sound = form_from_raw(PROJECTS, inputs(idle), starred=False)
    assert "R20" in {finding.rule_id for finding in findings_of(sound)}
    assert "R20" not in {finding.rule_id for finding in findings_of(spoiled)}


def test_more_rows_than_the_table_takes_are_refused_and_said() -> None:
    many = inputs(*[{"project_name": str(number)} for number in range(2_001)])
    form = form_from_raw(PROJECTS, many, starred=False)
    (finding,) = [each for each in findings_of(form) if each.rule_id == "rows:projects"]
    assert "2000" in finding.zh
    assert len(content_of(form, PROJECTS).rows["projects"]) == 2_000
    assert not form.validate()


def test_a_missing_answer_in_a_row_is_named_and_a_table_may_be_empty() -> None:
    assert findings_of(blank_form(PROJECTS, starred=False, report_date="")) == ()
    form = form_from_raw(
        PROJECTS,
        inputs(ROW, {key: text for key, text in ROW.items() if key != "project_goal"} | {"project_name": "另一个项目"}),
        starred=False,
    )
    assert [finding.rule_id for finding in findings_of(form)] == ["required:projects.2.project_goal"]


def test_the_stage_is_asked_of_projects_over_several_years_only() -> None:
    around = Surroundings(year=2024)
    over = form_from_raw(PROJECTS, inputs(ROW | {"start_month": "202311"}), starred=False)
    within = form_from_raw(PROJECTS, inputs(ROW), starred=False)
    assert {finding.rule_id for finding in findings_of(over, around)} == {"R23"}
    assert findings_of(within, around) == ()


def test_rows_are_sealed_as_text_and_open_again() -> None:
    content = content_of(form_from_raw(PROJECTS, inputs(ROW), starred=False), PROJECTS)
    plain = json.loads(json.dumps(to_json(content, PROJECTS)))
    assert plain["rows"]["projects"][0]["project_person_months"] == {"value": "40.5"}
    assert plain["rows"]["projects"][0]["project_cost"] == {"value": "90"}
    assert plain["rows"]["projects"][0]["start_month"] == {"value": "202401"}
    assert from_json(plain, PROJECTS) == content


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ({"tasks": [{}]}, "no table 'tasks'"),
        ({"projects": []}, "a list of filled rows"),
        ({"projects": [{}]}, "a list of filled rows"),
        ({"projects": "x"}, "a list of filled rows"),
        ({"projects": [{"colour": {"value": "1"}}]}, "no column 'colour'"),
        ({"projects": [{"project_cost": {"value": "1.0"}}]}, "more than 0 decimals|canonical"),
        ({"projects": [{"project_name": {"value": ""}}]}, "left out"),
        ({"projects": [{"project_name": {"value": 1}}]}, "text was expected"),
        ({"projects": [{"project_name": {"value": "a"}}] * 2_001}, "over 2000 rows"),
        ([], "a mapping was expected"),
    ],
)
def test_rows_that_are_not_canonical_are_refused(rows: Any, expected: str) -> None:
    plain = to_json(Content({}, {}, SignOff()), PROJECTS)
    with pytest.raises(ContentError, match=expected):
        from_json(plain | {"rows": rows}, PROJECTS)


def test_a_form_without_tables_is_sealed_in_the_shape_it_always_had(
    enterprise_form: FormDefinition, sound_return: Content
) -> None:
    plain = to_json(sound_return, enterprise_form)
    assert set(plain) == {"cells", "explanations", "signoff"}
    sealed_earlier = {
        "cells": {"papers": {"value": "0"}, "rd_staff_total": {"note": "约", "status": "estimated", "value": "10"}},
        "explanations": {"R17": "外单位拨款"},
        "signoff": {"filler": "王", "phone": "1", "report_date": "2026-03-01", "statistician": "李", "unit_head": "张"},
    }
    opened = from_json(sealed_earlier, enterprise_form)
    assert opened.cell("rd_staff_total") == Cell(Decimal(10), Status.ESTIMATED, "约")
    assert to_json(opened, enterprise_form) == sealed_earlier


def test_a_reminder_asks_for_no_explanation(enterprise_form: FormDefinition) -> None:
    explained = filing_form(enterprise_form, starred=False).explanations
    assert "R17" in explained
    assert "R21" not in explained
    assert len(set(explained)) == len(explained)
