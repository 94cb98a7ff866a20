"""The project list: beside itself, beside last year's, beside form 107-2."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from forms.content import Content, SignOff
from forms.definition import FormDefinition, Severity
from forms.findings import Finding
from forms.loading import shipped_forms
from forms.statistical_edits import statistical_findings
from forms.values import Cell

NAMES = ("高炉煤气余热利用", "矿渣微粉制备", "烧结机漏风治理", "转炉少渣冶炼")


@pytest.fixture(scope="module")
def projects_form() -> FormDefinition:
    return shipped_forms().by_version("107-1/2018")


def project(name: str, cost: int, months: str = "24") -> Mapping[str, Cell]:
    return {
        "project_name": Cell(text=name),
        "project_cost": Cell(Decimal(cost)),
        "project_person_months": Cell(Decimal(months)),
    }


def listed(*rows: Mapping[str, Cell]) -> Content:
    return Content({}, {}, SignOff(), {"projects": rows})


ORDINARY = listed(*(project(name, 400 + 37 * place) for place, name in enumerate(NAMES)))


def whole(total: int) -> dict[str, Content]:
    return {"107-2": Content({"rd_cost_total": Cell(Decimal(total))}, {}, SignOff())}


def asked(
    form: FormDefinition, now: Content, before: Content | None = None, others: Mapping[str, Content] | None = None
) -> dict[str, Finding]:
    """The question under each rule."""
    found = statistical_findings(form, now, before, other_forms=others)
    assert all(one.severity is Severity.QUERY for one in found)
    return {one.rule_id: one for one in found}


def test_an_ordinary_list_is_asked_nothing(projects_form: FormDefinition) -> None:
    assert asked(projects_form, ORDINARY) == {}
    assert asked(projects_form, ORDINARY, listed(project(NAMES[0], 380, "20")), whole(2_000)) == {}


@pytest.mark.parametrize(("times", "is_asked"), [(1, False), (1_000, True), (10_000, True), (10, True), (100, False)])
def test_costs_in_another_unit_than_the_other_form_are_asked_about(
    projects_form: FormDefinition, times: int, *, is_asked: bool
) -> None:
    inflated = listed(*(project(name, 400 * times) for name in NAMES))
    assert ("S09" in asked(projects_form, inflated, others=whole(1_700))) is is_asked


def test_without_the_other_form_no_unit_can_be_told(projects_form: FormDefinition) -> None:
    assert asked(projects_form, listed(*(project(name, 400_000) for name in NAMES))) == {}
    assert "S09" not in asked(projects_form, ORDINARY, others=whole(0))


@pytest.mark.parametrize("cost", [41, 4_100])
def test_a_project_with_a_digit_less_or_more_is_asked_about(projects_form: FormDefinition, cost: int) -> None:
    rows = [*ORDINARY.rows["projects"][:3], project(NAMES[3], cost)]
    found = asked(projects_form, listed(*rows))["S10"]
    assert (found.row, found.items) == (4, ("projects.4.project_cost", "projects.4.project_person_months"))


def test_a_large_project_with_as_many_people_is_ordinary(projects_form: FormDefinition) -> None:
    rows = [*ORDINARY.rows["projects"][:3], project(NAMES[3], 4_100, "240")]
    assert asked(projects_form, listed(*rows)) == {}


def test_a_single_project_is_looked_at_beside_the_whole_form(projects_form: FormDefinition) -> None:
    alone = listed(project(NAMES[0], 60))
    assert "S10" in asked(projects_form, alone, others=whole(1_500))
    assert "S10" not in asked(projects_form, alone, others=whole(80))
    assert asked(projects_form, alone) == {}


def test_a_project_without_working_time_is_left_to_the_forms_own_rules(projects_form: FormDefinition) -> None:
    rows = [*ORDINARY.rows["projects"][:3], project(NAMES[3], 400, "0")]
    assert asked(projects_form, listed(*rows)) == {}


def test_a_project_entered_twice_is_asked_about_whatever_its_marks(projects_form: FormDefinition) -> None:
    rows = [*ORDINARY.rows["projects"], project("高炉煤气，余热利用（ ）", 390)]
    assert asked(projects_form, listed(*rows))["S11"].items == ("projects.1.project_name", "projects.5.project_name")


def test_projects_without_a_name_are_not_one_project(projects_form: FormDefinition) -> None:
    rows = [project("", 400), project("", 420), project("", 410)]
    assert asked(projects_form, listed(*rows)) == {}


def test_last_years_list_again_is_asked_about(projects_form: FormDefinition) -> None:
    cells = asked(projects_form, ORDINARY, ORDINARY)["S12"].items
    assert cells == tuple(f"projects.{number}.project_cost" for number in (1, 2, 3, 4))
    moved = listed(*(project(name, 450 + 31 * place) for place, name in enumerate(NAMES)))
    assert asked(projects_form, moved, ORDINARY) == {}


def test_no_question_shows_a_figure(projects_form: FormDefinition) -> None:
    rows = [*ORDINARY.rows["projects"], project(NAMES[0], 41)]
    found = asked(projects_form, listed(*rows), listed(*rows), whole(14_870))
    assert found.keys() == {"S09", "S10", "S11", "S12"}
    for one in found.values():
        assert not any(figure in one.zh + one.en for figure in ("400", "437", "474", "511", "41", "14870"))
