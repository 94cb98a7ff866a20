"""What came of a seat's returns: counted once each, with the way the main amount went."""

from decimal import Decimal
from typing import Any

import pytest

from workflows.returning import SeatReturns, seat_returns
from workflows.undoing import undo


@pytest.fixture
def filed(world: Any) -> Any:
    world.open()
    world.file()  # 120 in all
    return world


def seat(world: Any, region: str = "990101") -> SeatReturns:
    return next(one for one in seat_returns(world.services, 2025) if one.region == region)


def test_a_return_that_waits_for_its_answer_counts_and_moves_nothing(filed: Any) -> None:
    filed.send_back("county")
    one = seat(filed)
    assert (one.form, one.returned, one.answered, one.drift) == ("kd-1", 1, 0, None)


@pytest.mark.parametrize(
    ("total", "raised", "lowered", "unchanged", "drift"),
    [("150", 1, 0, 0, "0.25"), ("90", 0, 1, 0, "-0.25"), ("120", 0, 0, 1, "0")],
)
def test_what_was_sent_again_is_compared_with_what_was_returned(
    filed: Any, total: str, raised: int, lowered: int, unchanged: int, drift: str
) -> None:
    filed.send_back("county")
    filed.file(cost_total=total, cost_labour="70")
    one = seat(filed)
    assert (one.answered, one.raised, one.lowered, one.unchanged) == (1, raised, lowered, unchanged)
    assert one.drift == Decimal(drift)
    assert (one.before, one.after) == (Decimal(120_000), Decimal(total) * 1000)


def test_each_seat_has_its_own_returns(filed: Any) -> None:
    filed.send_back("county")
    filed.file(cost_total="150", cost_labour="70")
    filed.accept("county")
    filed.send_back("city")
    filed.file(cost_total="120", cost_labour="70")
    assert (seat(filed).raised, seat(filed).lowered) == (1, 0)
    assert (seat(filed, "990100").raised, seat(filed, "990100").lowered) == (0, 1)


def test_a_return_that_was_undone_never_was(filed: Any) -> None:
    filed.send_back("county")
    number = filed.submission().state.standing[-1].event_number
    undo(filed.services, filed.review_link("county"), number)
    assert seat_returns(filed.services, 2025) == ()


def test_another_year_has_none(filed: Any) -> None:
    filed.send_back("county")
    assert seat_returns(filed.services, 2024) == ()
