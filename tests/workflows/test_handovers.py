"""A handed-over section beside the inputs of its draft: what belongs to it, what it replaces, what may be merged."""

from datetime import UTC, datetime, timedelta

import pytest

from forms.definition import FormDefinition
from forms.loading import shipped_forms
from workflows.handovers import (
    LASTS,
    SAVED_BY,
    STREAK,
    Handover,
    UnfitHandover,
    belongs,
    digest_of,
    handovers_of,
    kept_beside,
    merged,
    new_handover,
    typed_in,
    with_section,
)
from workflows.submissions import Draft

AT = datetime(2032, 1, 15, 2, tzinfo=UTC)
STAFF, MONEY = 1, 2


@pytest.fixture(scope="module")
def form() -> FormDefinition:
    return shipped_forms().in_force("107-2", 2031)


def handed(form: FormDefinition, section: int = STAFF) -> Handover:
    return new_handover(form, None, section, "  财务科   李四 ", AT)


def draft(version: int, **inputs: str) -> Draft:
    return Draft(version, inputs, AT)


def filled(form: FormDefinition, before: Draft, handover: Handover, **typed: str) -> Draft:
    """The draft after a colleague saved."""
    section = form.sections[handover.section - 1]
    return Draft(before.version + 1, with_section(before, section, handover, typed), AT)


def test_it_is_read_as_it_was_written(form: FormDefinition) -> None:
    one = handed(form)
    came = one.came(AT + timedelta(hours=1), 7)
    assert handovers_of(Draft(1, {"papers": "1", **one.written()}, AT)) == (one,)
    assert handovers_of(Draft(1, came.written(), AT)) == (came,)
    assert (one.name, one.ends_at) == ("财务科 李四", AT + LASTS)
    assert handovers_of(None) == ()


@pytest.mark.parametrize(("section", "name"), [(0, "李四"), (9, "李四"), (-1, "李四"), (1, " "), (1, "长" * 41)])
def test_it_names_a_section_of_the_form_and_somebody(form: FormDefinition, section: int, name: str) -> None:
    with pytest.raises(UnfitHandover):
        new_handover(form, None, section, name, AT)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("rd_staff_total", True),
        ("rd_staff_total-status", True),
        ("rd_staff_total-note", True),
        ("rd_staff_total-x", False),
        ("rd_cost_total", False),
        ("unit_head", False),
        ("explanation-R01", False),
        ("handover.streak", False),
    ],
)
def test_what_belongs_to_a_section(form: FormDefinition, name: str, own: bool) -> None:
    assert belongs(form.sections[0], name) is own


def test_a_table_owns_its_cells_and_no_others() -> None:
    section = shipped_forms().in_force("107-1", 2031).sections[0]
    assert belongs(section, "projects.3.start_month")
    assert not belongs(section, "projectsx.3.start_month")


def test_a_colleague_replaces_his_section_and_nothing_else(form: FormDefinition) -> None:
    one = handed(form)
    before = draft(4, rd_staff_total="1", rd_staff_female="1", papers="3", **{SAVED_BY: "p" * 16}, **one.written())
    after = filled(form, before, one.came(AT, 1), rd_staff_total="12", papers="9", unit_head="别人")
    assert typed_in(after.inputs) == {"rd_staff_total": "12", "papers": "3"}
    assert handovers_of(after)[0].cells == 1


def test_the_filler_keeps_handovers_and_ends_the_tale(form: FormDefinition) -> None:
    one = handed(form)
    after = filled(form, draft(1, **one.written()), one, rd_staff_total="12")
    assert STREAK in after.inputs
    assert kept_beside(after) == one.written()
    assert kept_beside(None) == {}


def test_what_only_colleagues_saved_is_merged_where_it_was_not_touched(form: FormDefinition) -> None:
    staff, money = handed(form, STAFF), handed(form, MONEY)
    base = draft(3, papers="3", **staff.written(), **money.written())
    once = filled(form, base, staff, rd_staff_total="12")
    twice = filled(form, filled(form, once, money, rd_cost_total="700"), staff, rd_staff_total="13")
    assert merged(form, twice, {"papers": "4"}, 3) == {"papers": "4", "rd_staff_total": "13", "rd_cost_total": "700"}
    assert merged(form, twice, {"papers": "4", "rd_staff_total": "1"}, 3) is None
    assert merged(form, twice, {"papers": "4"}, 4) is None
    assert merged(form, twice, {"papers": "4"}, 2) is None


def test_once_the_filler_saved_in_between_the_tale_begins_anew(form: FormDefinition) -> None:
    one = handed(form)
    after = filled(form, draft(3, **one.written()), one, rd_staff_total="12")
    own = Draft(5, {"papers": "5", "rd_staff_total": "12", **kept_beside(after)}, AT)
    assert merged(form, own, {"papers": "4"}, 3) is None
    again = filled(form, own, one, rd_staff_total="13")
    assert merged(form, again, {"papers": "4", "rd_staff_total": "12"}, 5) == {"papers": "4", "rd_staff_total": "13"}
    assert merged(form, again, {"papers": "4"}, 3) is None


def test_a_digest_tells_whether_a_section_reads_the_same(form: FormDefinition) -> None:
    section = form.sections[0]
    same = [
        {"rd_staff_total": "1"},
        {"rd_staff_total": "1", "papers": "9"},
        {"rd_staff_total": "1", "rd_staff_female": ""},
    ]
    assert len({digest_of(section, inputs) for inputs in same}) == 1
    others: list[dict[str, str]] = [{}, {"rd_staff_total": "2"}, {"rd_staff_total": "1", "rd_staff_total-note": "x"}]
    assert digest_of(section, same[0]) not in {digest_of(section, inputs) for inputs in others}
