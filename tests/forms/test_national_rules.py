"""The rules of the national forms: each is satisfied by one filing and fired by another, and says which cells."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from forms.content import Content, SignOff
from forms.definition import FormDefinition, Severity
from forms.edits import RuleState, Surroundings, check, evaluate
from forms.loading import shipped_forms
from forms.values import Cell

FATAL, QUERY, NOTE = Severity.FATAL, Severity.QUERY, Severity.NOTE
SEVERITIES: Mapping[str, Severity] = {
    **{f"R{number:02}": FATAL for number in [*range(1, 17), 18, 22, 23, 24, 31, 32, 38, 39]},
    **{f"R{number}": QUERY for number in (17, 19, 20, 25, 27, 33, 34, 35, 36, 37)},
    **{f"R{number}": NOTE for number in (21, 26, 28)},
}
"""The proposal of the forms' own source: hard is fatal, soft is query, info is note."""

SIGNED = SignOff("张", "李", "王", "0550", "2025-03-01")
ATTRIBUTES = {"credit_code": "91350100M000100Y43"}
PROJECT: Mapping[str, str | int] = {
    "project_name": "高温合金配方研究",
    "project_source": "1",
    "project_form": "10",
    "project_output": "12",
    "project_goal": "3",
    "start_month": "202401",
    "end_month": "202412",
    "project_staff": 5,
    "project_person_months": 40,
    "project_cost": 90,
    "project_cost_government": 0,
    "project_cost_basic": 10,
    "project_cost_basic_own": 10,
    "project_cost_basic_outsourced": 0,
}


def cells_of(answers: Mapping[str, str | int | Decimal | None]) -> dict[str, Cell]:
    return {
        key: Cell(text=answer) if isinstance(answer, str) else Cell(None if answer is None else Decimal(answer))
        for key, answer in answers.items()
    }


def projects(*changes: Mapping[str, str | int | Decimal | None]) -> Content:
    """A signed 107-1 with one row a set of changes to a sound project."""
    return Content({}, {}, SIGNED, {"projects": tuple(cells_of({**PROJECT, **change}) for change in changes)})


@pytest.fixture(scope="session")
def project_form() -> FormDefinition:
    return shipped_forms().by_version("107-1/2018")


def with_figures(content: Content, **figures: int | Decimal | None) -> Content:
    return replace(content, signoff=SIGNED, cells={**content.cells, **cells_of(figures)})


def states(definition: FormDefinition, content: Content, around: Surroundings) -> dict[str, set[RuleState]]:
    found: dict[str, set[RuleState]] = {}
    for result in evaluate(definition, content, around):
        found.setdefault(result.rule.id, set()).add(result.state)
    return found


def around(last_year: Content | None, **other_forms: Content) -> Surroundings:
    named = {name.removeprefix("form_").replace("_", "-"): content for name, content in other_forms.items()}
    return Surroundings(last_year, named, ATTRIBUTES, 2024)


def test_all_37_rules_stand_with_severity_and_source() -> None:
    rules = {rule.id: rule for form in ("107-1", "107-2") for rule in shipped_forms().in_force(form, 2024).rules}
    assert {rule_id: rule.severity for rule_id, rule in rules.items()} == SEVERITIES
    assert len(rules) == 37
    assert all(rule.source for rule in rules.values())


def test_a_sound_pair_of_forms_satisfies_every_rule(
    enterprise_form: FormDefinition, project_form: FormDefinition, sound_return: Content
) -> None:
    figures = with_figures(sound_return)
    last_projects = projects({"project_name": "低温润滑脂"})
    sound = projects({})
    said = states(enterprise_form, figures, around(figures, form_107_1=sound))
    said |= states(project_form, sound, around(last_projects, form_107_2=figures))
    unsatisfied = {rule: state for rule, state in said.items() if state != {RuleState.SATISFIED}}
    # a project within the year has no stage (R26) for the third sentence to speak of
    assert unsatisfied == {"R26": {RuleState.SATISFIED, RuleState.NOT_EVALUATED}}
    assert set(said) == set(SEVERITIES)


@pytest.mark.parametrize(
    ("rule", "part", "figures"),
    [
        ("R17", 0, {"rd_src_own": 99}),
        ("R21", 1, {"rd_inst_count": 0}),
        ("R21", 2, {"rd_cost_outsourced": 1}),
        ("R21", 3, {"rd_tax_superdeduction_relief": 0}),
        ("R21", 4, {"patents_applied": 0}),
        ("R36", 1, {"rd_tax_declared": 101}),
        ("R36", 2, {"rd_tax_superdeduction_relief": 31}),
        ("R37", 1, {"rd_cost_total": 151}),
        ("R37", 1, {"rd_cost_total": 49}),
        ("R37", 2, {"rd_staff_total": 16}),
        ("R37", 3, {"rd_cost_total": 0}),
        ("R38", 0, {"papers": -1}),
        ("R38", 0, {"papers": Decimal("0.5")}),
        ("R18", 0, {"rd_staff_total": 3}),
        ("R19", 0, {"rd_cost_labour": 87}),
        ("R19", 0, {"rd_cost_labour": 2001}),
        ("R35", 0, {"rd_cost_total": 89}),
    ],
)
def test_a_rule_of_the_activity_form_fires(
    enterprise_form: FormDefinition,
    sound_return: Content,
    rule: str,
    part: int,
    figures: Mapping[str, int | Decimal],
) -> None:
    spoiled = with_figures(sound_return, **figures)
    found = evaluate(enterprise_form, spoiled, around(sound_return, form_107_1=projects({})))
    (fired,) = [each for each in found if (each.rule.id, each.rule.part) == (rule, part)]
    assert fired.state is RuleState.FIRED
    assert fired.finding is not None
    assert fired.finding.severity is SEVERITIES[rule]
    assert set(fired.finding.items) & set(figures)


@pytest.mark.parametrize("cost", [50, 100, 150])
def test_half_of_last_years_figure_up_or_down_is_not_asked_about(
    enterprise_form: FormDefinition, sound_return: Content, cost: int
) -> None:
    said = states(enterprise_form, with_figures(sound_return, rd_cost_total=cost), around(sound_return))
    assert said["R37"] == {RuleState.SATISFIED}


@pytest.mark.parametrize(
    ("rule", "part", "column", "change"),
    [
        ("R22", 0, "end_month", {"start_month": "202404", "end_month": "202403"}),
        ("R22", 0, "end_month", {"start_month": "202301", "end_month": "202312"}),
        ("R22", 0, "start_month", {"start_month": "202501", "end_month": "202503"}),
        ("R23", 1, "stage", {"start_month": "202312"}),
        ("R23", 1, "stage", {"end_month": "202501"}),
        ("R23", 2, "stage", {"stage": "1"}),
        ("R24", 0, "project_source", {"project_source": "6"}),
        ("R24", 0, "project_form", {"project_form": "1"}),
        ("R24", 0, "project_output", {"project_output": "15"}),
        ("R24", 0, "project_goal", {"project_goal": "0"}),
        ("R25", 0, "project_name", {"project_name": "新高温合金配方研究"}),
        ("R26", 1, "project_output", {"project_output": "14"}),
        ("R26", 2, "project_goal", {"project_goal": "5"}),
        ("R26", 3, "stage", {"stage": "4"}),
        ("R27", 0, "project_name", {"project_name": "新品种推广"}),
        ("R28", 0, "end_month", {"end_month": "202403"}),
        ("R31", 1, "project_cost_government", {"project_cost_government": 91}),
        ("R31", 2, "project_cost_basic", {"project_cost_basic": 91}),
        ("R31", 3, "project_cost_basic_own", {"project_cost_basic_own": 9}),
        ("R32", 1, "project_person_months", {"project_person_months": 0}),
        ("R32", 1, "project_person_months", {"project_person_months": None}),
        ("R32", 2, "project_person_months", {"project_person_months": Decimal("60.1")}),
        ("R33", 0, "project_cost_government", {"project_source": "2"}),
        ("R38", 0, "project_cost", {"project_cost": -1}),
        ("R38", 0, "project_person_months", {"project_person_months": Decimal("1.25")}),
    ],
)
def test_a_rule_of_the_project_form_fires_on_the_row_concerned(
    project_form: FormDefinition, rule: str, part: int, column: str, change: Mapping[str, str | int | Decimal | None]
) -> None:
    spoiled = projects({}, change)
    found = evaluate(project_form, spoiled, around(projects({})))
    fired = [each for each in found if (each.rule.id, each.rule.part, each.row) == (rule, part, 2)]
    assert [each.state for each in fired] == [RuleState.FIRED]
    assert fired[0].finding is not None
    assert fired[0].finding.severity is SEVERITIES[rule]
    assert f"projects.2.{column}" in fired[0].finding.items
    assert fired[0].finding.zh.startswith("第 2 行：")


def test_project_time_that_adds_up_to_nothing_is_asked_about(project_form: FormDefinition) -> None:
    idle = projects({"project_person_months": 0}, {"project_person_months": 0})
    assert states(project_form, idle, around(None))["R20"] == {RuleState.FIRED}
    assert states(project_form, projects(), around(None))["R20"] == {RuleState.NOT_EVALUATED}


def test_government_funds_of_projects_are_held_against_the_other_form(
    enterprise_form: FormDefinition, project_form: FormDefinition, sound_return: Content
) -> None:
    funded = projects({"project_cost_government": 10})
    assert states(enterprise_form, sound_return, around(None, form_107_1=funded))["R34"] == {RuleState.FIRED}
    assert states(project_form, funded, around(None, form_107_2=sound_return))["R34"] == {RuleState.FIRED}


@pytest.mark.parametrize("name", ["unit_head", "statistician", "filler", "phone", "report_date"])
def test_a_sign_off_line_left_blank_fires_once_the_register_is_known(
    enterprise_form: FormDefinition, sound_return: Content, name: str
) -> None:
    unsigned = replace(sound_return, signoff=replace(SIGNED, **{name: " "}))
    found = check(enterprise_form, unsigned, starred=True, attributes=ATTRIBUTES)
    assert [finding.rule_id for finding in found] == ["R39"]
    assert name in found[0].items
    assert check(enterprise_form, unsigned, starred=True) == ()


def test_a_credit_code_with_a_wrong_check_character_fires(
    enterprise_form: FormDefinition, sound_return: Content
) -> None:
    wrong = {"credit_code": "91350100M000100Y44"}
    found = check(enterprise_form, with_figures(sound_return), starred=True, attributes=wrong)
    assert [finding.rule_id for finding in found] == ["R39"]


def test_a_rule_across_forms_waits_until_the_other_form_is_there(
    enterprise_form: FormDefinition, project_form: FormDefinition, sound_return: Content
) -> None:
    across = {"R18", "R19", "R34", "R35"}
    for definition, content in ((enterprise_form, sound_return), (project_form, projects({}))):
        said = states(definition, content, around(None))
        assert {rule for rule, found in said.items() if found == {RuleState.WAITING}} == across


def test_without_last_year_nothing_is_compared_with_it(enterprise_form: FormDefinition, sound_return: Content) -> None:
    assert states(enterprise_form, sound_return, around(None))["R37"] == {RuleState.NOT_EVALUATED}


def test_a_check_is_told_the_year_the_register_and_the_other_forms(
    project_form: FormDefinition, enterprise_form: FormDefinition, sound_return: Content
) -> None:
    late = projects({"start_month": "202501", "end_month": "202503"})
    found = check(project_form, late, starred=True, year=2024)
    assert {finding.rule_id for finding in found} == {"R22", "R23", "R28"}
    assert {finding.rule_id for finding in check(project_form, late, starred=True)} == {"R28"}
    few = with_figures(sound_return, rd_staff_total=3)
    found = check(enterprise_form, few, starred=True, other_forms={"107-1": projects({})})
    assert {finding.rule_id for finding in found} == {"R18"}
    assert found[0].zh.endswith("左边 36，右边 40，相差 4（人月）。")
    assert found[0].en.endswith("Left 36, right 40, difference 4 (person-months).")


def test_no_finding_shows_a_threshold(
    enterprise_form: FormDefinition, project_form: FormDefinition, sound_return: Content
) -> None:
    """What a rule compares with a number of its own is told in words only: nobody tells a unit what to report."""
    spoiled = with_figures(sound_return, rd_cost_labour=2001, rd_tax_superdeduction_relief=31, rd_cost_total=151)
    found = check(
        enterprise_form, spoiled, starred=True, last_year=sound_return, other_forms={"107-1": projects({})}, year=2024
    )
    for rule in ("R19", "R36", "R37"):
        texts = [finding.zh + finding.en for finding in found if finding.rule_id == rule]
        assert texts
        assert not any("左边" in text or "Left" in text for text in texts)


def test_a_figure_that_was_not_told_leaves_rules_over_its_column_unasked(
    project_form: FormDefinition, sound_return: Content
) -> None:
    from forms.values import Status

    row = cells_of(PROJECT) | {"project_cost": Cell(None, Status.REFUSED, "商业秘密")}
    content = Content({}, {}, SIGNED, {"projects": (row,)})
    said = states(project_form, content, around(None, form_107_2=sound_return))
    assert said["R35"] == {RuleState.NOT_EVALUATED}


def test_the_two_layouts_ask_the_same_of_what_they_share() -> None:
    earlier, later = (shipped_forms().by_version(f"107-2/{year}") for year in (2018, 2021))
    before = {(rule.id, rule.part): rule.expression for rule in earlier.rules}
    after = {(rule.id, rule.part): rule.expression for rule in later.rules}
    changed = {rule for rule, _ in before.keys() ^ after.keys()} | {
        rule for rule, part in before.keys() & after.keys() if before[rule, part] != after[rule, part]
    }
    assert changed == {"R17", "R36"}


def test_the_earlier_layout_has_the_printed_codes_1_to_52(enterprise_form: FormDefinition) -> None:
    earlier = shipped_forms().in_force("107-2", 2020)
    assert earlier.version == "107-2/2018"
    assert [item.code for item in earlier.items.values()] == [str(number) for number in range(1, 53)]
    assert shipped_forms().in_force("107-2", 2021) is enterprise_form


def test_a_key_means_the_same_item_in_both_layouts(enterprise_form: FormDefinition) -> None:
    earlier = shipped_forms().by_version("107-2/2018")
    for key in earlier.items.keys() & enterprise_form.items.keys():
        one, other = earlier.items[key], enterprise_form.items[key]
        assert (one.code, one.unit, one.type, one.starred) == (other.code, other.unit, other.type, other.starred)
    assert set(enterprise_form.code_map.dropped) == earlier.items.keys() - enterprise_form.items.keys()
    assert set(enterprise_form.code_map.inserted) == enterprise_form.items.keys() - earlier.items.keys()
