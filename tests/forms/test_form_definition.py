"""What a form definition promises: its header, its versions and stamps, what it asks of whom."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from forms.definition import UNITS, Approval, FormDefinition, Header, ItemType, Requirement, Severity, unit_en

HEADER = Header("示例1表", "示例单位", "Sample office", "示例1号", date(2099, 12, 31), Approval.SAMPLE)


@pytest.mark.parametrize("name", ["form_number", "issuer_zh", "issuer_en", "document_number"])
@pytest.mark.parametrize("blank", ["", "  ", "\u3000"])
def test_a_header_without_what_the_law_requires_cannot_be_made(name: str, blank: str) -> None:
    without: dict[str, Any] = {name: blank}
    with pytest.raises(ValueError, match=name):
        replace(HEADER, **without)


@pytest.mark.parametrize(
    ("zh", "en"),
    [("国家统计局", "Sample office"), ("示例", "National Bureau of Statistics"), ("示例（国家统计局）", "x")],
)
def test_a_sample_never_names_the_national_bureau_as_issuer(zh: str, en: str) -> None:
    with pytest.raises(ValueError, match="国家统计局"):
        replace(HEADER, issuer_zh=zh, issuer_en=en)


def test_an_approved_form_may_name_the_national_bureau() -> None:
    official = replace(HEADER, issuer_zh="国家统计局", approval=Approval.OFFICIAL)
    assert official.issuer_zh == "国家统计局"


def test_every_unit_of_measure_has_an_english_name() -> None:
    assert unit_en("千元") == "thousand yuan"
    assert all(unit_en(unit) for unit in UNITS)
    with pytest.raises(LookupError, match="公斤"):
        unit_en("公斤")


def test_a_rule_set_changes_with_what_decides_and_not_with_wording(small: FormDefinition) -> None:
    first, *others = small.rules

    def stamped(**changes: Any) -> str:
        return replace(small, rules=(replace(first, **changes), *others)).rule_set

    assert stamped() == small.rule_set
    assert stamped(message_zh="另一种说法") == small.rule_set
    assert stamped(severity=Severity.QUERY) != small.rule_set
    assert stamped(expression="total > part") != small.rule_set
    assert len(small.rule_set) == 16


def test_two_items_cannot_share_a_key(small: FormDefinition) -> None:
    with pytest.raises(ValueError, match="share one key"):
        replace(small, sections=(*small.sections, *small.sections))


def test_a_starred_item_is_asked_and_required_of_a_starred_unit_only(small: FormDefinition) -> None:
    brand, total = small.items["brand"], small.items["total"]
    assert small.is_asked(brand, starred=True)
    assert small.is_required(brand, starred=True)
    assert not small.is_asked(brand, starred=False)
    assert not small.is_required(brand, starred=False)
    assert small.is_asked(total, starred=False)
    assert small.is_required(total, starred=False)


def test_the_enterprise_form_has_its_51_items_its_fatal_rules_and_three_starred(
    enterprise_form: FormDefinition,
) -> None:
    assert enterprise_form.version == "107-2/2021"
    assert len(enterprise_form.items) == 51
    fatal = [rule.id for rule in enterprise_form.rules if rule.severity is Severity.FATAL]
    assert fatal == [f"R{number:02}" for number in [*range(1, 17), 18, 38, 39]]
    starred = [item for item in enterprise_form.items.values() if item.starred]
    assert [item.code for item in starred] == ["36", "37", "38"]
    assert {item.required for item in starred} == {Requirement.STARRED}
    assert {item.type for item in enterprise_form.items.values()} == {ItemType.INTEGER}
    assert enterprise_form.unit_kinds == {"enterprise"}


def test_the_enterprise_form_asks_every_unstarred_unit_48_items(enterprise_form: FormDefinition) -> None:
    items = enterprise_form.items.values()
    assert sum(enterprise_form.is_required(item, starred=False) for item in items) == 48
    assert sum(enterprise_form.is_required(item, starred=True) for item in items) == 51


def test_nothing_on_the_region_return_is_required_and_no_rule_fires_on_it(
    region_form: FormDefinition,
) -> None:
    assert len(region_form.items) == 40
    assert region_form.rules == ()
    assert not any(region_form.is_required(item, starred=True) for item in region_form.items.values())
    assert region_form.unit_kinds == {"county", "city"}
    assert [item.code for item in region_form.items.values()] == [f"{number:02}" for number in range(1, 41)]


def test_money_and_areas_on_the_region_return_take_two_decimals_and_counts_none(
    region_form: FormDefinition,
) -> None:
    for item in region_form.items.values():
        decimal = item.unit in {"万元", "万人", "万平方米"}
        assert (item.type, item.decimals) == ((ItemType.DECIMAL, 2) if decimal else (ItemType.INTEGER, 0))


def test_both_shipped_forms_are_samples_that_say_so(
    enterprise_form: FormDefinition, region_form: FormDefinition
) -> None:
    for definition in (enterprise_form, region_form):
        assert definition.header.approval is Approval.SAMPLE
        assert "示例" in definition.header.form_number
        assert definition.header.valid_until == date(2099, 12, 31)


def test_a_rule_message_names_the_code_of_every_cell_it_concerns(enterprise_form: FormDefinition) -> None:
    for rule in enterprise_form.rules:
        for key in rule.items:
            assert enterprise_form.items[key].code in rule.message_zh
            assert enterprise_form.items[key].code in rule.message_en


def test_a_part_is_indented_only_where_it_stands_under_its_whole(
    enterprise_form: FormDefinition, region_form: FormDefinition
) -> None:
    depths = {item.code: item.depth for item in enterprise_form.items.values()}
    assert [depths[code] for code in ("7", "8", "14", "15", "18", "19", "20", "25")] == [
        0,
        1,
        1,
        2,
        2,
        1,
        0,
        1,
    ]
    away = region_form.items["gov_sci_tech_expenditure"]
    assert (away.parent, away.depth) == ("general_budget_expenditure", 0)


def test_names_and_titles_come_in_both_languages(enterprise_form: FormDefinition) -> None:
    item = enterprise_form.items["rd_cost_labour"]
    assert item.name("zh") == "1.人员人工费用"
    assert item.name("en-GB") == "1. Labour costs"
    assert item.cited_zh == "第 8 项“人员人工费用”"
    assert item.cited_en == "Item 8 “Labour costs”"
    assert enterprise_form.title("zh_CN") == "企业研究开发活动及相关情况"
    assert enterprise_form.sections[0].title("en") == "1. R&D personnel"
