"""The check of a return: what is missing, what fires, and what the messages may and may not say."""

from dataclasses import replace
from decimal import Decimal

import pytest

from forms.content import Content, SignOff
from forms.definition import FormDefinition, Severity
from forms.edits import Finding, check
from forms.values import Cell, Status


def with_figures(content: Content, **figures: int | None) -> Content:
    changed = {key: Cell(None if value is None else Decimal(value)) for key, value in figures.items()}
    return replace(content, cells={**content.cells, **changed})


def fired(definition: FormDefinition, content: Content) -> list[str]:
    """The rules that keep the return from being sent."""
    findings = check(definition, content, starred=True)
    return [finding.rule_id for finding in findings if finding.severity is Severity.FATAL]


def test_a_sound_return_has_no_findings(enterprise_form: FormDefinition, sound_return: Content) -> None:
    assert check(enterprise_form, sound_return, starred=True) == ()


def test_an_empty_return_lacks_every_required_item_in_document_order(enterprise_form: FormDefinition) -> None:
    empty = Content({}, {}, SignOff())
    findings = check(enterprise_form, empty, starred=False)
    asked = [key for key, item in enterprise_form.items.items() if not item.starred]
    assert [finding.rule_id for finding in findings] == [f"required:{key}" for key in asked]
    assert len(check(enterprise_form, empty, starred=True)) == 51


def test_a_missing_item_is_named_and_zero_is_offered(enterprise_form: FormDefinition, sound_return: Content) -> None:
    (finding,) = check(enterprise_form, with_figures(sound_return, rd_inst_cost=None), starred=True)
    assert finding == Finding(
        "required:rd_inst_cost",
        Severity.FATAL,
        ("rd_inst_cost",),
        "第 26 项“机构研究开发费用”没有填。没有发生请填 0。",
        "Item 26 “R&D costs of the institutions” is blank. Enter 0 if there was none.",
    )


def test_nothing_is_missing_on_an_empty_region_return(region_form: FormDefinition) -> None:
    assert check(region_form, Content({}, {}, SignOff()), starred=False) == ()


@pytest.mark.parametrize(
    "cell",
    [
        Cell(Decimal(0)),
        Cell(status=Status.NOT_APPLICABLE),
        Cell(status=Status.UNKNOWN),
        Cell(status=Status.REFUSED, note="商业秘密"),
        Cell(Decimal(0), Status.ESTIMATED),
    ],
)
def test_zero_and_every_status_answer_a_required_item(
    enterprise_form: FormDefinition, sound_return: Content, cell: Cell
) -> None:
    answered = replace(sound_return, cells={**sound_return.cells, "papers": cell})
    assert check(enterprise_form, answered, starred=True) == ()


def test_a_note_alone_does_not_answer_a_required_item(enterprise_form: FormDefinition, sound_return: Content) -> None:
    noted = replace(sound_return, cells={**sound_return.cells, "papers": Cell(note="待核")})
    assert fired(enterprise_form, noted) == ["required:papers"]


@pytest.mark.parametrize(
    ("rule", "figures"),
    [
        ("R01", {"rd_staff_admin": 11}),
        ("R02", {"rd_staff_female": 11}),
        ("R03", {"rd_staff_fulltime": 11}),
        ("R04", {"rd_staff_bachelor_plus": 11}),
        ("R05", {"rd_staff_external": 11}),
        ("R06", {"rd_inst_staff": 11}),
        ("R07", {"rd_cost_total": 101}),
        ("R07", {"rd_cost_total": 99}),
        ("R07", {"rd_cost_direct_input": 1}),
        ("R07", {"rd_cost_depreciation": 1}),
        ("R07", {"rd_cost_amortisation": 1}),
        ("R07", {"rd_cost_design": 1}),
        ("R07", {"rd_cost_commissioning_trial": 1}),
        ("R07", {"rd_cost_other": 1}),
        ("R08", {"rd_inst_cost": 101}),
        ("R09", {"rd_cost_labour": 0, "rd_cost_other": 100}),
        ("R10", {"rd_staff_total": 0}),
        ("R11", {"rd_cost_outsourced": 1, "rd_cost_total": 101}),
        ("R11", {"rd_cost_out_institutes": 1}),
        ("R11", {"rd_cost_out_universities": 1}),
        ("R11", {"rd_cost_out_enterprises": 1}),
        ("R11", {"rd_cost_out_abroad": 1}),
        ("R12", {"rd_fixed_assets_equipment": 1}),
        ("R13", {"rd_inst_equipment_value": 1, "rd_inst_count": 0}),
        ("R14", {"patents_applied_invention": 2}),
        ("R15", {"inventions_implemented": 1}),
        ("R16", {"new_product_exports": 1}),
    ],
)
def test_each_rule_of_the_enterprise_form_fires_alone(
    enterprise_form: FormDefinition, sound_return: Content, rule: str, figures: dict[str, int]
) -> None:
    assert fired(enterprise_form, with_figures(sound_return, **figures)) == [rule]


def test_graduates_of_the_institutions_are_bounded_twice(
    enterprise_form: FormDefinition, sound_return: Content
) -> None:
    sound = with_figures(sound_return, rd_staff_bachelor_plus=5, rd_inst_staff=5, rd_inst_phd=2, rd_inst_master=3)
    assert fired(enterprise_form, sound) == []
    assert fired(enterprise_form, with_figures(sound, rd_inst_master=4)) == ["R04", "R06"]
    assert fired(enterprise_form, with_figures(sound, rd_inst_phd=4, rd_inst_staff=7)) == ["R04"]


def test_all_rules_hold_where_both_sides_are_equal(enterprise_form: FormDefinition, sound_return: Content) -> None:
    equal = with_figures(
        sound_return,
        rd_staff_admin=10,
        rd_staff_female=10,
        rd_staff_fulltime=10,
        rd_staff_bachelor_plus=10,
        rd_staff_external=10,
        rd_inst_staff=10,
        rd_inst_cost=100,
    )
    assert fired(enterprise_form, equal) == []


def test_a_message_gives_the_gap_between_the_units_own_figures(
    enterprise_form: FormDefinition, sound_return: Content
) -> None:
    spoiled = with_figures(sound_return, rd_cost_total=120, rd_cost_labour=110, rd_src_own=120)
    (finding,) = check(enterprise_form, spoiled, starred=True)
    assert finding.zh.endswith("左边 120，右边 110，相差 10（千元）。")
    assert finding.en.endswith("Left 120, right 110, difference 10 (thousand yuan).")
    assert finding.severity is Severity.FATAL
    assert finding.items[0] == "rd_cost_total"
    assert len(finding.items) == 9


def test_an_implication_names_its_cells_without_a_gap(enterprise_form: FormDefinition, sound_return: Content) -> None:
    (finding,) = check(enterprise_form, with_figures(sound_return, rd_staff_total=0), starred=True)
    assert finding.items == ("rd_cost_labour", "rd_staff_total")
    assert "左边" not in finding.zh


@pytest.mark.parametrize("status", [Status.REFUSED, Status.UNKNOWN])
def test_a_rule_over_a_figure_that_was_not_told_is_not_evaluated(
    enterprise_form: FormDefinition, sound_return: Content, status: Status
) -> None:
    cells = {**sound_return.cells, "rd_cost_labour": Cell(None, status, "原因")}
    assert fired(enterprise_form, replace(sound_return, cells=cells)) == []


def test_not_applicable_counts_as_absent(enterprise_form: FormDefinition, sound_return: Content) -> None:
    cells = {**sound_return.cells, "rd_cost_design": Cell(status=Status.NOT_APPLICABLE)}
    assert fired(enterprise_form, replace(sound_return, cells=cells)) == []
    without_labour = {**sound_return.cells, "rd_cost_labour": Cell(status=Status.NOT_APPLICABLE)}
    assert fired(enterprise_form, replace(sound_return, cells=without_labour)) == ["R07", "R09"]


def test_an_estimate_is_checked_like_a_reported_figure(enterprise_form: FormDefinition, sound_return: Content) -> None:
    cells = {**sound_return.cells, "rd_cost_total": Cell(Decimal(120), Status.ESTIMATED)}
    assert fired(enterprise_form, replace(sound_return, cells=cells)) == ["R07"]


def test_a_finding_carries_the_severity_the_installation_gave_the_rule(
    enterprise_form: FormDefinition, sound_return: Content
) -> None:
    rules = tuple(replace(rule, severity=Severity.QUERY) for rule in enterprise_form.rules)
    softened = replace(enterprise_form, rules=rules)
    (finding,) = check(softened, with_figures(sound_return, rd_staff_admin=11), starred=True)
    assert (finding.rule_id, finding.severity) == ("R01", Severity.QUERY)


def test_an_endless_ratio_is_shown_with_six_decimals(small: FormDefinition) -> None:
    first = replace(small.rules[0], expression="total / area >= part / area")
    definition = replace(small, rules=(first,))
    content = Content({"total": Cell(Decimal(1)), "part": Cell(Decimal(3)), "area": Cell(Decimal(3))}, {}, SignOff())
    (finding,) = [each for each in check(definition, content, starred=False) if each.rule_id == "S1"]
    assert finding.zh.endswith("左边 0.333333，右边 1，相差 0.666667（千元/万平方米）。")
