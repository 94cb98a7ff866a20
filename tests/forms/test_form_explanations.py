"""Reasons that say nothing are refused with a hint; a reason is bound to the values it explains."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from forms.content import Content, SignOff
from forms.definition import FormDefinition, Severity
from forms.edits import Finding
from forms.explanation_marks import binding
from forms.explanations import Refused, refused_explanations
from forms.loading import DefinitionError, shipped_forms
from forms.severities import read_overlay
from forms.values import Cell

REASON = "三季度新建检测中心，购入设备并新招研究人员"


def fired(*rules: str, severity: Severity = Severity.QUERY) -> list[Finding]:
    return [Finding(rule, severity, (), "问", "asked") for rule in rules]


def explained(texts: Mapping[str, str]) -> Content:
    return Content({}, texts, SignOff())


def judged(texts: Mapping[str, str], last_year: Mapping[str, str] | None = None) -> dict[str, Refused]:
    before = explained(last_year) if last_year is not None else None
    refused = refused_explanations(explained(texts), fired("R17", "R36", "R37"), before)
    return {each.rule_id: each.why for each in refused}


REASONS = {"R17": REASON, "R36": "上年申报的部分在今年汇算", "R37": "收购了一家软件企业"}


def test_three_reasons_of_their_own_are_taken() -> None:
    assert judged(REASONS) == {}


@pytest.mark.parametrize("text", ["", "   ", "。", "……", "——", "\u3000"])
def test_a_blank_is_no_reason(text: str) -> None:
    assert judged({**REASONS, "R36": text}) == {"R36": Refused.MISSING}


@pytest.mark.parametrize(
    "text",
    [
        "核实无误",
        "情况属实",
        "已核实",
        "已核实。",
        "经核实，数据准确无误！",
        "经 核 实 无 误",
        "本单位数据已核实，情况属实。",
        "ＯＫ",
        "Verified.",
        "The data have been checked and are correct",
        "正常波动",
        "无",
        "我公司以上数据经财务部门反复核对，均真实准确",
    ],
)
def test_stock_words_are_no_reason(text: str) -> None:
    assert judged({**REASONS, "R36": text}) == {"R36": Refused.STOCK}


@pytest.mark.parametrize(
    "text",
    ["经核实，本年停产检修三个月", "新购设备", "已核实，合并两家子公司", "merger with a subsidiary", "2024年3月起外包"],
)
def test_a_reason_among_stock_words_is_a_reason(text: str) -> None:
    assert judged({**REASONS, "R36": text}) == {}


def test_one_text_under_most_rules_is_refused_under_each() -> None:
    copied = {"R17": REASON, "R36": f"{REASON}。", "R37": "收购了一家软件企业"}
    assert judged(copied) == {"R17": Refused.COPIED, "R36": Refused.COPIED}


def test_one_text_under_a_few_of_many_rules_is_taken() -> None:
    texts = {f"R{number}": f"原因之{number}" for number in range(17, 21)} | {"R36": REASON, "R37": REASON}
    assert refused_explanations(explained(texts), fired(*texts)) == ()


def test_last_years_text_is_refused_under_whatever_rule_it_stood() -> None:
    assert judged(REASONS, {"R19": f"{REASON}！"}) == {"R17": Refused.LAST_YEAR}
    assert judged(REASONS, {"R19": "别的原因"}) == {}


def test_only_firm_and_query_rules_want_a_reason_and_each_once() -> None:
    none = explained({})
    assert refused_explanations(none, fired("R01", severity=Severity.FATAL)) == ()
    assert refused_explanations(none, fired("R21", severity=Severity.NOTE)) == ()
    (once,) = refused_explanations(none, fired("R37", "R37", severity=Severity.FIRM))
    assert (once.rule_id, once.why) == ("R37", Refused.MISSING)


def test_every_hint_is_in_both_languages_and_names_no_figure() -> None:
    for why in Refused:
        assert why.zh
        assert why.en
        assert not any(character.isdigit() for character in why.zh + why.en)


def test_a_changed_value_voids_the_reason_and_another_value_does_not(
    enterprise_form: FormDefinition, sound_return: Content
) -> None:
    bound = binding(enterprise_form, sound_return, "R17")
    other = replace(sound_return, cells={**sound_return.cells, "papers": Cell(Decimal(3))})
    changed = replace(sound_return, cells={**sound_return.cells, "rd_src_own": Cell(Decimal(99))})
    reworded = replace(sound_return, explanations={"R17": "原因"})
    assert binding(enterprise_form, other, "R17") == bound
    assert binding(enterprise_form, reworded, "R17") == bound
    assert binding(enterprise_form, changed, "R17") != bound
    assert binding(enterprise_form, sound_return, "R37") != bound


def test_a_reason_for_a_rule_over_rows_is_bound_to_the_rows() -> None:
    form = shipped_forms().by_version("107-1/2018")
    one = Content({}, {}, SignOff(), {"projects": ({"project_name": Cell(text="推广")},)})
    other = Content({}, {}, SignOff(), {"projects": ({"project_name": Cell(text="示范")},)})
    assert binding(form, one, "R27") != binding(form, other, "R27")


def test_an_installation_sets_severities_without_a_new_form_version(enterprise_form: FormDefinition) -> None:
    overlay = read_overlay("version: 2026-1\nseverities: {R17: firm, R37: note}", "overlay.yaml", shipped_forms())
    changed = overlay.over(shipped_forms()).by_version("107-2/2021")
    severities = {rule.id: rule.severity for rule in changed.rules}
    assert (severities["R17"], severities["R37"], severities["R36"]) == (Severity.FIRM, Severity.NOTE, Severity.QUERY)
    assert (changed.version, changed.severities) == (enterprise_form.version, "2026-1")
    assert changed.rule_set != enterprise_form.rule_set
    assert changed.code_map == enterprise_form.code_map


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 2026-1\nseverities: {R99: firm}", "R99"),
        ("version: 2026-1\nseverities: {R17: hard}", "fatal"),
        ("severities: {R17: firm}", "version"),
        ("version: 2026-1\nseverities: {R17: firm}\nnote: x", "note"),
    ],
)
def test_an_overlay_that_cannot_be_meant_is_refused_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(DefinitionError, match=rf"overlay.yaml: line \d+, column \d+: .*{expected}"):
        read_overlay(text, "overlay.yaml", shipped_forms())
