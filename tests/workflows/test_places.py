"""Places on a form: items, rows and cells by name, how they are said, and which changed between two revisions."""

import pytest

from forms.content import Content, SignOff
from forms.definition import FormDefinition
from forms.loading import shipped_forms
from forms.values import Cell
from workflows.places import changed_places, coded_zh, is_askable, is_returnable, place_in_table, said_en, said_zh
from workflows.row_changes import row_changes


@pytest.fixture(scope="module")
def projects() -> FormDefinition:
    return shipped_forms().in_force("107-1", 2031)


@pytest.fixture(scope="module")
def activity() -> FormDefinition:
    return shipped_forms().in_force("107-2", 2031)


def rows(*names: str, **first: str) -> Content:
    """A return with a project for each name; `first` are more cells of the first."""
    made = [{"project_name": Cell(text=name)} for name in names]
    if made:
        made[0] |= {key: Cell(text=text) for key, text in first.items()}
    return Content({}, {}, SignOff(), {"projects": tuple(made)})


@pytest.mark.parametrize(
    ("name", "askable", "returnable"),
    [
        ("projects", True, True),
        ("projects.1", True, True),
        ("projects.2000", True, True),
        ("projects.2001", False, False),
        ("projects.0", False, False),
        ("projects.01", False, False),
        ("projects.3.start_month", False, True),
        ("projects.3.papers", False, False),
        ("papers", False, False),
        ("R31", False, True),
        ("R99", False, False),
        ("", False, False),
        ("projects.3.start_month.x", False, False),
    ],
)
def test_what_a_query_or_a_return_may_name(
    projects: FormDefinition, name: str, askable: bool, returnable: bool
) -> None:
    assert (is_askable(projects, name), is_returnable(projects, name)) == (askable, returnable)


def test_a_form_of_lines_is_asked_about_by_item(activity: FormDefinition) -> None:
    assert is_askable(activity, "papers")
    assert not is_askable(activity, "R07")
    assert is_returnable(activity, "R07")
    assert place_in_table(activity, "projects.1") is None


def test_places_are_said_in_words(projects: FormDefinition, activity: FormDefinition) -> None:
    assert said_zh(projects, "projects.3") == coded_zh(projects, "projects.3") == "第 3 行"
    assert said_zh(projects, "projects.3.start_month") == "第 3 行 5 项目起始日期"
    assert said_en(projects, "projects.3.start_month") == "Row 3: 5 Month of start"
    assert (said_zh(projects, "projects"), said_en(projects, "projects")) == ("研究开发项目", "R&D projects")
    assert (said_zh(activity, "papers"), coded_zh(activity, "papers")) == ("发表科技论文", "40 发表科技论文")
    assert said_en(activity, "R07") == said_zh(activity, "R07") == "R07"


def test_a_row_counts_as_changed_by_what_stands_in_its_place(projects: FormDefinition) -> None:
    assert changed_places(projects, rows("甲", "乙"), rows("甲", "乙")) == ()
    assert changed_places(projects, rows("甲", "乙"), rows("甲", "丙")) == ("projects.2",)
    assert changed_places(projects, rows("甲", "乙"), rows("甲")) == ("projects.2",)
    assert changed_places(projects, rows("甲"), rows("新", "甲")) == ("projects.1", "projects.2")
    assert changed_places(projects, rows(), rows("甲")) == ("projects.1",)


def test_a_row_put_in_between_leaves_those_below_as_they_were(projects: FormDefinition) -> None:
    changes = row_changes(projects, rows("甲", "乙"), rows("新", "甲", "乙"))
    assert [(one.row, one.title, one.before) for one in changes] == [(1, "新", None)]


def test_a_row_that_went_is_told_with_its_name(projects: FormDefinition) -> None:
    (gone,) = row_changes(projects, rows("甲", "乙"), rows("甲"))
    assert (gone.row, gone.title, gone.after, gone.cells) == (0, "乙", None, ())


def test_a_row_of_the_same_name_is_compared_cell_by_cell(projects: FormDefinition) -> None:
    (one,) = row_changes(projects, rows("甲", "乙", start_month="203101"), rows("甲", "乙", start_month="203102"))
    assert one.row == 1
    assert [(c.key, was.text, now.text) for c, was, now in one.cells] == [("start_month", "203101", "203102")]


def test_a_renamed_row_is_paired_with_the_one_in_its_place(projects: FormDefinition) -> None:
    (one,) = row_changes(projects, rows("甲", "乙", "丙"), rows("甲", "乙二", "丙"))
    assert [(column.key, was.text, now.text) for column, was, now in one.cells] == [("project_name", "乙", "乙二")]
