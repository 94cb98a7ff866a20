"""Figures of one return beside those of last year, several together: money sent again, lines exchanged."""

from decimal import Decimal

import pytest

from forms.content import Content, SignOff
from forms.definition import FormDefinition, Severity
from forms.statistical_edits import statistical_findings
from forms.statistical_settings import Exchanged
from forms.values import Cell
from forms.year_edits import is_exchanged

LIMITS = Exchanged(Decimal(2), Decimal("1.5"))
BEFORE = {
    "rd_staff_total": 40,
    "rd_staff_fulltime": 30,
    "rd_cost_total": 9_312,
    "rd_cost_labour": 5_107,
    "rd_cost_direct_input": 3_305,
    "rd_cost_depreciation": 612,
    "rd_cost_design": 188,
    "rd_cost_other": 100,
    "rd_src_own": 9_312,
}


def filed(**changes: int) -> Content:
    return Content({key: Cell(Decimal(value)) for key, value in {**BEFORE, **changes}.items()}, {}, SignOff())


def asked(form: FormDefinition, now: Content, rule: str) -> list[tuple[str, ...]]:
    """The cells of each question under a rule."""
    found = [one for one in statistical_findings(form, now, filed()) if one.rule_id == rule]
    assert all(one.severity is Severity.QUERY for one in found)
    return [one.items for one in found]


def test_the_money_of_last_year_beside_new_people_is_asked_about(enterprise_form: FormDefinition) -> None:
    now = filed(rd_staff_total=44, rd_staff_fulltime=35)
    (cells,) = asked(enterprise_form, now, "S07")
    assert set(cells) == {key for key in BEFORE if "staff" not in key}


def test_a_form_copied_whole_is_asked_about_once(enterprise_form: FormDefinition) -> None:
    assert [asked(enterprise_form, filed(), rule) for rule in ("S05", "S07")] == [[tuple(BEFORE)], []]


def test_money_of_which_most_moved_is_nobodys_copy(enterprise_form: FormDefinition) -> None:
    moved = {key: value + 3 for key, value in BEFORE.items() if key.startswith("rd_cost")}
    assert asked(enterprise_form, filed(**moved), "S07") == []


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ((600, 5_000), (5_100, 610), True),
        ((0, 500), (480, 0), True),
        ((610, 5_000), (600, 5_100), False),
        ((600, 5_000), (1_100, 2_600), False),  # neither is far from its own
        ((600, 5_000), (5_100, 1_200), False),  # exchanged, one of them would still be far
        ((3, 2), (2, 3), False),
        ((500, 500), (500, 500), False),
    ],
)
def test_lines_look_exchanged_where_both_fit_the_other(
    now: tuple[int, int], before: tuple[int, int], *, expected: bool
) -> None:
    this, last = ((Decimal(one), Decimal(other)) for one, other in (now, before))
    assert is_exchanged(this, last, LIMITS) is expected


def test_two_neighbouring_lines_with_each_others_figures_are_asked_about(enterprise_form: FormDefinition) -> None:
    now = filed(rd_cost_direct_input=650, rd_cost_depreciation=3_400)
    assert asked(enterprise_form, now, "S08") == [("rd_cost_direct_input", "rd_cost_depreciation")]
    assert statistical_findings(enterprise_form, now) == ()


def test_no_question_shows_a_figure(enterprise_form: FormDefinition) -> None:
    now = filed(rd_staff_total=44, rd_staff_fulltime=35)
    for found in statistical_findings(enterprise_form, now, filed()):
        for text in (found.zh, found.en):
            assert not any(str(value) in text for value in BEFORE.values() if value > 100)
