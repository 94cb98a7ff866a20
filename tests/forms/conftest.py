"""Fixtures for the forms tests: the shipped layouts, and a small form that can be rewritten."""

from decimal import Decimal

import pytest

from forms import edits, required
from forms.content import Content, SignOff
from forms.definition import FormDefinition
from forms.loading import load_definition, shipped_forms
from forms.values import Cell

SMALL = """\
form: small
first_year: 2020
unit_kinds: [enterprise]
title: {zh: 小表, en: Small form}
header:
  form_number: 示例小表
  issuer: {zh: 示例, en: sample}
  document_number: 示例1号
  valid_until: 2099-12-31
  approval: sample
required: always
sections:
- title: {zh: 一, en: One}
  items:
  - {code: 01, key: total, zh: 合计, en: Total, unit: 千元, kind: amount}
  - {code: 02, key: part, zh: 其中：部分, en: of which part, unit: 千元, kind: amount, parent: total}
  - {code: 03, key: staff, zh: 人员, en: Staff, unit: 人, kind: stock}
  - {code: 04, key: area, zh: 面积, en: Area, unit: 万平方米, kind: stock, type: decimal, decimals: 2}
  - {code: 05, key: brand, zh: 商标, en: Brand, unit: 件, kind: stock, starred: true, required: starred}
rules:
- {id: S1, severity: fatal, expression: total >= part, zh: 部分大于合计。, en: Part above total., source: 试}
- {id: S2, severity: query, expression: "implies(total > 0, staff > 0)", zh: 无人。, en: No one., source: 试}
"""


@pytest.fixture(autouse=True)
def _compiled_anew() -> None:
    """Each test compiles its rules itself: what an earlier test left behind must not hide a fault."""
    edits._compiled.cache_clear()
    required._conditions.cache_clear()


@pytest.fixture
def small_text() -> str:
    return SMALL


@pytest.fixture(scope="session")
def small() -> FormDefinition:
    return load_definition(SMALL, "small/2020.yaml")


@pytest.fixture(scope="session")
def enterprise_form() -> FormDefinition:
    return shipped_forms().by_version("107-2/2021")


@pytest.fixture(scope="session")
def region_form() -> FormDefinition:
    return shipped_forms().by_version("region-st/2010")


@pytest.fixture
def sound_return(enterprise_form: FormDefinition) -> Content:
    """A starred unit's return on which no rule fires: staff 10, costs 100 of labour, nearly everything else 0."""
    cells = {key: Cell(Decimal(0)) for key in enterprise_form.items}
    cells |= {key: Cell(Decimal(100)) for key in ("rd_cost_total", "rd_cost_labour", "rd_src_own")}
    cells |= {key: Cell(Decimal(1)) for key in ("rd_inst_count", "patents_applied")}
    cells |= {"rd_tax_declared": Cell(Decimal(100)), "rd_tax_superdeduction_relief": Cell(Decimal(25))}
    cells["rd_staff_total"] = Cell(Decimal(10))
    return Content(cells, {}, SignOff("张", "李", "王", "0550", "2027-03-01"))
