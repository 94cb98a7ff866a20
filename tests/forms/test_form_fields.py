"""The filing page: what was typed is kept as typed, and each mistake is said once, beside its cell."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from forms.content import Content, SignOff
from forms.definition import FormDefinition
from forms.fields import (
    FilingForm,
    ItemField,
    blank_form,
    content_of,
    filing_form,
    findings_of,
    form_from_content,
    form_from_raw,
    raw_inputs,
    sign_off_mistakes,
)
from forms.loading import shipped_forms
from forms.values import BLANK, Cell, Status

ENTERPRISE = shipped_forms().by_version("107-2/2021")
SIGNED = {"unit_head": "张", "statistician": "李", "filler": "王", "phone": "1", "report_date": "2027-03-01"}


def page(definition: FormDefinition, starred: bool = False, **typed: str) -> FilingForm:
    return form_from_raw(definition, typed, starred=starred)


def field_of(form: FilingForm, key: str) -> ItemField:
    field = form[key]
    assert isinstance(field, ItemField)
    return field


def test_the_form_class_is_made_once_for_each_layout_and_kind_of_unit(small: FormDefinition) -> None:
    assert filing_form(small, starred=True) is filing_form(small, starred=True)
    assert filing_form(small, starred=True) is not filing_form(small, starred=False)


def test_a_starred_item_stands_on_the_page_of_a_starred_unit_only(small: FormDefinition) -> None:
    assert [field.name for field in page(small).item_fields] == ["total", "part", "staff", "area"]
    assert "brand" in page(small, starred=True)


def test_posted_inputs_are_read_as_cells(small: FormDefinition) -> None:
    posted = MultiDict(
        [
            ("total", "１，２００"),
            ("part", "5"),
            ("part-status", "estimated"),
            ("part-note", " 约数 "),
            ("staff-status", "refused"),
            ("staff-note", "商业秘密"),
            ("area", "1.50"),
            ("phone", "0550"),
            ("action", "save"),
            ("explanation-S2", " 外包 "),
        ]
    )
    form = filing_form(small, starred=False)(posted)
    assert form.validate()
    assert content_of(form, small) == Content(
        {
            "total": Cell(Decimal(1200)),
            "part": Cell(Decimal(5), Status.ESTIMATED, "约数"),
            "staff": Cell(None, Status.REFUSED, "商业秘密"),
            "area": Cell(Decimal("1.5")),
        },
        {"S2": "外包"},
        SignOff(phone="0550"),
    )


def test_a_page_without_inputs_is_all_blank(small: FormDefinition) -> None:
    form = filing_form(small, starred=True)()
    assert {field.cell for field in form.item_fields} == {BLANK}
    assert raw_inputs(form) == {}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"total": "12abc"}, "not_a_number"),
        ({"total": "1.5"}, "decimals"),
        ({"total": "1", "total-status": "refused", "total-note": "x"}, "value_beside_status"),
        ({"total-status": "refused"}, "refused_without_reason"),
        ({"total-status": "estimated"}, "estimate_without_value"),
        ({"total-status": "guess"}, "unknown_status"),
        ({"total": "1", "total-note": "字" * 501}, "note_too_long"),
    ],
)
def test_a_mistake_is_told_beside_its_cell_and_the_text_stays(
    small: FormDefinition, typed: dict[str, str], code: str
) -> None:
    form = form_from_raw(small, typed, starred=False)
    field = field_of(form, "total")
    assert field.mistake is not None
    assert (field.mistake.code, field.cell) == (code, None)
    assert not form.validate()
    assert form.errors == {"total": [field.mistake.zh]}
    assert raw_inputs(form) == typed
    assert "total" not in content_of(form, small).cells
    assert form.mistakes == {"total": field.mistake}


def test_an_unreadable_cell_is_reported_once_and_not_also_as_missing(small: FormDefinition) -> None:
    form = page(small, total="12abc", part="5", staff="0", area="0")
    (finding,) = findings_of(form)
    assert finding.rule_id == "value:total"
    assert finding.items == ("total",)
    assert finding.zh.startswith("第 01 项“合计”：")
    assert finding.en.startswith("Item 01 “Total”: ")


def test_a_readable_page_is_checked_like_its_content(small: FormDefinition) -> None:
    form = page(small, total="1", part="5", staff="0", area="0")
    assert [finding.rule_id for finding in findings_of(form)] == ["S1", "S2"]


def test_a_starred_page_asks_the_starred_item(small: FormDefinition) -> None:
    form = page(small, starred=True, total="1", part="1", staff="1", area="0")
    assert [finding.rule_id for finding in findings_of(form)] == ["required:brand"]


def test_explanations_are_asked_for_rules_that_may_be_sent_with_a_reason(small: FormDefinition) -> None:
    form = page(small)
    assert form.explanations == ("S2",)
    assert "explanation-S2" in form
    assert "explanation-S1" not in form


def test_the_sign_off_is_asked_when_the_return_is_sent_and_not_when_it_is_saved(
    small: FormDefinition,
) -> None:
    form = page(small, unit_head="  ", phone="1")
    assert form.validate()
    missing = [finding.rule_id for finding in sign_off_mistakes(form)]
    assert missing == ["signoff:unit_head", "signoff:statistician", "signoff:filler", "signoff:report_date"]
    assert sign_off_mistakes(form_from_raw(small, SIGNED, starred=False)) == ()


@pytest.mark.parametrize(("name", "limit"), [("phone", 100), ("explanation-S2", 1000)])
def test_a_text_past_its_limit_is_told_and_kept(small: FormDefinition, name: str, limit: int) -> None:
    assert form_from_raw(small, {name: "字" * limit}, starred=False).validate()
    long = form_from_raw(small, {name: "字" * (limit + 1)}, starred=False)
    assert not long.validate()
    assert list(long.errors) == [name]
    assert raw_inputs(long) == {name: "字" * (limit + 1)}


def test_what_a_page_keeps_is_bounded(small: FormDefinition) -> None:
    huge = dict.fromkeys(("total", "total-status", "total-note", "phone", "explanation-S2"), "字" * 100_000)
    kept = raw_inputs(form_from_raw(small, huge, starred=False))
    assert {name: len(text) for name, text in kept.items()} == dict.fromkeys(huge, 4_000)


def test_a_first_page_is_blank_but_for_the_date_of_report(small: FormDefinition) -> None:
    form = blank_form(small, starred=False, report_date="2027-03-01")
    assert raw_inputs(form) == {"report_date": "2027-03-01"}
    assert content_of(form, small).signoff == SignOff(report_date="2027-03-01")


def test_a_stored_return_comes_back_to_the_page_as_it_was(small: FormDefinition) -> None:
    content = Content(
        {
            "total": Cell(Decimal("1200")),
            "staff": Cell(None, Status.REFUSED, "密"),
            "area": Cell(Decimal("1.50")),
        },
        {"S2": "外包"},
        SignOff(**SIGNED),
    )
    form = form_from_content(small, content, starred=False)
    assert field_of(form, "total").raw_text == "1200"
    assert content_of(form, small) == content


def test_a_field_renders_what_was_typed_escaped(small: FormDefinition) -> None:
    html = str(page(small, total='"><script>')["total"]())
    assert 'name="total"' in html
    assert 'value="&#34;&gt;&lt;script&gt;"' in html
    assert "required" in str(page(small)["unit_head"]())


names = st.sampled_from(
    [f"{key}{suffix}" for key in ENTERPRISE.items for suffix in ("", "-status", "-note")] + list(SIGNED)
)
typed_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=90)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(names, typed_texts, max_size=12))
def test_a_draft_loses_no_keystroke(raw: dict[str, str]) -> None:
    form = form_from_raw(ENTERPRISE, raw, starred=True)
    assert raw_inputs(form) == raw
    assert raw_inputs(form_from_raw(ENTERPRISE, raw_inputs(form), starred=True)) == raw
