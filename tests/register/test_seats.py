"""Terms of the people who hold a seat."""

from __future__ import annotations

from datetime import date

import pytest

from register.seats import Role, StaffMember

BEGIN, END = date(2026, 3, 1), date(2026, 6, 30)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "day", "serves"),
    [
        (BEGIN, END, date(2026, 2, 28), False),
        (BEGIN, END, BEGIN, True),
        (BEGIN, END, END, True),
        (BEGIN, END, date(2026, 7, 1), False),
        (None, END, date(1999, 1, 1), True),
        (None, END, date(2026, 7, 1), False),
        (BEGIN, None, date(2099, 1, 1), True),
        (BEGIN, None, date(2026, 2, 28), False),
        (None, None, date(2026, 1, 1), True),
    ],
)
def test_a_term_includes_its_first_and_last_day(
    valid_from: date | None, valid_to: date | None, day: date, serves: bool
) -> None:
    member = StaffMember("r@example.cn", "李审核", Role.REVIEWER, "530102", valid_from, valid_to)
    assert member.serves_on(day) is serves
