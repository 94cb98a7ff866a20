"""Region codes over the years."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from register.history import CodeChange, code_changes, code_in, present_code
from register.importing import read_regions
from register.shipped import yunnan_regions_csv


@pytest.mark.parametrize(
    ("old", "new", "first_year"),
    [
        ("530328", "530303", 2016),
        ("530421", "530403", 2016),
        ("533321", "533301", 2016),
        ("530122", "530115", 2017),
        ("530321", "530304", 2018),
        ("530630", "530681", 2018),
        ("530422", "530481", 2020),
        ("532331", "532302", 2021),
    ],
)
def test_a_new_code_holds_from_the_year_of_the_first_list_that_shows_it(old: str, new: str, first_year: int) -> None:
    assert CodeChange(old, new, first_year) in code_changes()
    assert code_in(new, first_year - 1) == old
    assert code_in(new, first_year) == new
    assert code_in(old, first_year) == new
    assert code_in(old, 2000) == old
    assert present_code(old) == present_code(new) == new


def test_a_code_that_never_changed_is_its_own_in_every_year() -> None:
    assert code_in("530102", 1999) == code_in("530102", 2030) == present_code("530102") == "530102"


def test_every_present_code_is_in_the_shipped_register_and_no_old_one_is() -> None:
    yunnan = read_regions(yunnan_regions_csv(), "regions.csv")
    assert len(code_changes()) == 8
    assert all(change.new_code in yunnan and change.old_code not in yunnan for change in code_changes())


@settings(deadline=None)
@given(
    code=st.sampled_from([region.code for region in read_regions(yunnan_regions_csv(), "regions.csv")]),
    year=st.integers(1990, 2040),
)
def test_going_back_and_forth_in_time_leads_to_the_same_region(code: str, year: int) -> None:
    assert present_code(code_in(code, year)) == code


def test_a_region_renumbered_twice_is_followed_through_both(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = (CodeChange("1", "2", 2010), CodeChange("2", "3", 2015))
    monkeypatch.setattr("register.history.code_changes", lambda: changes)
    assert [code_in("3", year) for year in (2009, 2010, 2014, 2015)] == ["1", "2", "2", "3"]
    assert present_code("1") == "3"
