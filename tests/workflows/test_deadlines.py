"""Deadlines as people write them, and what has passed at an instant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendars import Calendar
from workflows.deadlines import DeadlineError, from_text, read_instant, show_deadline, show_instant, to_text

END_OF_10_MARCH = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-10T24:00",
        "2026-03-10 24:00",
        "2026-03-10T24:00:00",
        "2026-03-10T24:00+08:00",
        "2026-03-10T24:00+0800",
        "2026-03-11T00:00",
        "2026-03-11T00:00+08:00",
        "2026-03-10T16:00Z",
        "2026-03-10T12:00-04:00",
        "2026-03-10",
        " 2026-03-10 ",
        "20260310",
        "2026-W11-2",
    ],
)
def test_one_deadline_written_in_many_ways_is_one_instant(written: str) -> None:
    assert read_instant(written) == END_OF_10_MARCH


def test_24_00_with_an_offset_ends_the_day_of_that_offset() -> None:
    assert read_instant("2026-03-10T24:00Z") == datetime(2026, 3, 11, tzinfo=UTC)
    assert read_instant("2026-02-28T24:00Z") == datetime(2026, 3, 1, tzinfo=UTC)
    assert read_instant("2025-12-31T24:00-05:00") == datetime(2026, 1, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "soon",
        "3月10日",
        "2026-02-30",
        "2026-03-10T24:01",
        "2026-03-10T25:00",
        "2026-13-01T00:00",
        "2026-03-10T24:00+99:00",
        "9999-12-31",
        "9999-12-31T24:00",
        "0001-01-01T00:00",
        "9999-12-31T23:00-14:00",
        "2026-03-10T24:00\n2026-03-11",
    ],
)
def test_nonsense_is_refused_with_how_to_write_it(nonsense: str) -> None:
    with pytest.raises(DeadlineError, match="ISO 8601"):
        read_instant(nonsense)


def test_an_instant_is_shown_in_china_time_to_the_minute() -> None:
    assert show_instant(END_OF_10_MARCH) == "2026-03-11 00:00"


def test_a_deadline_at_midnight_is_shown_as_24_00_of_the_day_that_ends() -> None:
    assert show_deadline(END_OF_10_MARCH) == "2026-03-10 24:00"
    assert show_deadline(END_OF_10_MARCH - timedelta(minutes=1)) == "2026-03-10 23:59"
    assert show_deadline(END_OF_10_MARCH + timedelta(minutes=1)) == "2026-03-11 00:01"
    assert read_instant(show_deadline(END_OF_10_MARCH)) == END_OF_10_MARCH


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_stored_instants_come_back_and_sort_as_text_in_the_order_of_time(one: datetime, two: datetime) -> None:
    assert from_text(to_text(one)) == one
    assert (to_text(one) < to_text(two)) == (one < two)


def test_the_due_instant_itself_is_late_and_the_moment_before_is_not() -> None:
    calendar = Calendar(END_OF_10_MARCH)
    assert calendar.is_late(END_OF_10_MARCH)
    assert not calendar.is_late(END_OF_10_MARCH - timedelta(microseconds=1))


def test_a_collection_ends_at_its_close_and_without_one_never() -> None:
    calendar = Calendar(END_OF_10_MARCH, END_OF_10_MARCH + timedelta(days=5))
    assert not calendar.is_closed(END_OF_10_MARCH + timedelta(days=5) - timedelta(microseconds=1))
    assert calendar.is_closed(END_OF_10_MARCH + timedelta(days=5))
    assert not Calendar(END_OF_10_MARCH).is_closed(datetime(2999, 1, 1, tzinfo=UTC))


def test_a_close_before_the_due_time_is_refused() -> None:
    with pytest.raises(DeadlineError, match="close"):
        Calendar(END_OF_10_MARCH, END_OF_10_MARCH - timedelta(seconds=1))
    assert Calendar(END_OF_10_MARCH, END_OF_10_MARCH).close == END_OF_10_MARCH
