"""What a unit must answer: always, if starred, or where a condition on its other answers holds."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from forms.content import Content, SignOff
from forms.definition import FormDefinition
from forms.edits import check
from forms.loading import load_definition
from forms.records import Surroundings, record_of
from forms.required import is_shown
from forms.values import Cell, Status

TEXT = """\
form: asking
first_year: 2020
unit_kinds: [enterprise]
title: {zh: 问卷, en: Questions}
header:
  form_number: 示例问卷
  issuer: {zh: 示例, en: sample}
  document_number: 示例1号
  valid_until: 2099-12-31
  approval: sample
required: always
option_lists:
  answers:
  - {code: "1", zh: 有, en: there is}
  - {code: "2", zh: 没有, en: there is none}
sections:
- title: {zh: 一、问, en: Questions}
  items:
  - {code: 01, key: has, zh: 有没有, en: Is there any, type: choice, options: answers}
  - {code: 02, key: amount, zh: 有多少, en: How much, unit: 千元, kind: amount, shown_when: 'has == "1"'}
  - {code: 03, key: reason, zh: 为什么, en: Why, type: text, required_when: amount > 100}
  - {code: 04, key: brand, zh: 商标, en: Brand, unit: 件, kind: stock, starred: true,
     required_when: 'form("asking").amount > 100'}
  - {code: 05, key: since, zh: 何时, en: Since, type: month, shown_when: 'has == "1"', required_when: amount > 100}
- title: {zh: 二、表, en: Table}
  table:
    key: lines
    columns:
    - {code: 1, key: line_name, zh: 名称, en: Name, type: text}
    - {code: 2, key: line_cost, zh: 经费, en: Cost, unit: 千元, kind: amount,
       required_when: 'line_name != "-" and has == "1"'}
    - {code: 3, key: line_note, zh: 注, en: Note, type: text, shown_when: line_cost > 10}
"""


@pytest.fixture(scope="module")
def asking() -> FormDefinition:
    return load_definition(TEXT, "asking/2020.yaml")


def content(row: Mapping[str, Cell] | None = None, **answers: str | int) -> Content:
    cells = {
        key: Cell(text=answer) if isinstance(answer, str) else Cell(Decimal(answer)) for key, answer in answers.items()
    }
    return Content(cells, {}, SignOff(), {"lines": (row,)} if row else {})


def lacking(definition: FormDefinition, given: Content, *, starred: bool = False) -> list[str]:
    return [finding.rule_id.removeprefix("required:") for finding in check(definition, given, starred=starred)]


def test_an_item_that_is_not_shown_is_not_required(asking: FormDefinition) -> None:
    assert lacking(asking, content(has="2")) == []
    assert lacking(asking, content(has="1")) == ["amount"]


def test_a_condition_that_cannot_be_told_hides_nothing(asking: FormDefinition) -> None:
    assert lacking(asking, content()) == ["has", "amount"]


@pytest.mark.parametrize(("amount", "expected"), [(100, []), (101, ["reason", "since"])])
def test_an_item_is_required_where_its_condition_holds(
    asking: FormDefinition, amount: int, expected: list[str]
) -> None:
    assert lacking(asking, content(has="1", amount=amount)) == expected


def test_what_is_required_somewhere_must_be_shown_as_well(asking: FormDefinition) -> None:
    assert lacking(asking, content(has="2", amount=101)) == ["reason"]


def test_a_starred_item_with_a_condition_is_required_of_a_starred_unit_only(asking: FormDefinition) -> None:
    given = content(has="1", amount=101, reason="新购", since="202401")
    assert lacking(asking, given, starred=True) == ["brand"]
    assert lacking(asking, given, starred=False) == []
    below = content(has="1", amount=99)
    assert lacking(asking, below, starred=True) == []


def test_a_column_is_required_by_its_row_and_by_the_form(asking: FormDefinition) -> None:
    named = {"line_name": Cell(text="甲")}
    assert lacking(asking, content(named, has="1", amount=1)) == ["lines.1.line_cost", "lines.1.line_note"]
    assert lacking(asking, content(named, has="2")) == ["lines.1.line_note"]
    assert lacking(asking, content({"line_cost": Cell(Decimal(1))}, has="2")) == ["lines.1.line_name"]
    costly = {"line_name": Cell(text="甲"), "line_cost": Cell(Decimal(11))}
    assert lacking(asking, content(costly, has="2")) == ["lines.1.line_note"]


def test_the_message_names_the_row_and_offers_zero_for_figures_only(asking: FormDefinition) -> None:
    finding, _ = check(asking, content({"line_name": Cell(text="甲")}, has="1", amount=1), starred=False)
    assert finding.zh == "第 1 行：第 2 项“经费”没有填。没有发生请填 0。"
    assert finding.en == "Row 1: Item 2 “Cost” is blank. Enter 0 if there was none."
    assert (finding.items, finding.row) == (("lines.1.line_cost",), 1)
    (finding,) = check(asking, content({"line_cost": Cell(Decimal(1))}, has="2"), starred=False)
    assert finding.zh == "第 1 行：第 1 项“名称”没有填。"
    assert finding.en == "Row 1: Item 1 “Name” is blank."


def test_a_status_answers_what_a_condition_requires(asking: FormDefinition) -> None:
    answered = Content({"has": Cell(text="1"), "amount": Cell(None, Status.UNKNOWN)}, {}, SignOff())
    assert lacking(asking, answered) == []


def test_whether_an_item_is_shown_is_told_of_items_and_of_columns(asking: FormDefinition) -> None:
    def shown(key: str, given: Content) -> bool:
        return is_shown(asking, asking.items[key], record_of(asking, given, Surroundings()))

    assert shown("amount", content(has="1"))
    assert not shown("amount", content(has="2"))
    assert shown("amount", content())
    assert shown("has", content(has="2"))
    assert not shown("since", content(has="2"))
    note = asking.tables["lines"].by_key["line_note"]
    assert is_shown(asking, note, {"line_cost": Decimal(11)}, table="lines")
    assert not is_shown(asking, note, {"line_cost": Decimal(10)}, table="lines")
