"""What every store must do for signed days, whatever it stands on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from workflows.days import DayHead, SignedDay
from workflows.ports import Store
from workflows.signing import PublicKey

DAY = date(2026, 1, 5)
KEY = PublicKey("ab" * 32)
SIGNED = SignedDay(DAY, 3, "0" * 64, "1" * 64, KEY.id, "2" * 128, ("3" * 64, "4" * 64))


def heads(count: int, first: int = 1) -> list[DayHead]:
    return [DayHead(DAY, place, f"s{place:02d}", 2, f"{place:064x}") for place in range(first, first + count)]


def test_a_new_home_has_no_days(store: Store) -> None:
    assert (store.first_move(), store.last_day(), store.day(DAY), store.audit_keys()) == (None, None, None, [])
    assert (store.moves(DAY, "", 9), store.day_heads(DAY, 0, 9), store.covering("s01", 1)) == ([], [], None)
    assert store.audit_key(KEY.id) is None


def test_a_day_comes_back_as_it_was_signed(store: Store) -> None:
    assert store.close_day(SIGNED, KEY) == SIGNED
    assert store.day(DAY) == SIGNED == store.last_day()
    assert (store.audit_key(KEY.id), store.audit_keys()) == (KEY, [(KEY, DAY)])
    later = replace(SIGNED, day=DAY + timedelta(days=1))
    store.close_day(later, KEY)
    assert (store.last_day(), store.audit_keys()) == (later, [(KEY, DAY)])


def test_a_day_that_is_there_stays_as_it_is(store: Store) -> None:
    store.close_day(SIGNED, KEY)
    assert store.close_day(replace(SIGNED, root="9" * 64), PublicKey("cd" * 32)) == SIGNED
    assert store.audit_keys() == [(KEY, DAY)]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_heads_are_read_by_place(store: Store, limit: int) -> None:
    store.put_heads(heads(3))
    assert list(store.day_heads(DAY, 2, limit)) == heads(3)[1:][:limit]


def test_heads_of_an_unfinished_closing_give_way_and_cover_nothing(store: Store) -> None:
    store.put_heads([replace(head, submission="old") for head in heads(5)])
    assert store.covering("old", 1) is None
    store.put_heads(heads(3))
    store.close_day(SIGNED, KEY)
    assert list(store.day_heads(DAY, 0, 9)) == heads(3)
    assert store.covering("old", 1) is None


def test_an_event_is_covered_by_the_first_day_whose_head_is_not_before_it(store: Store) -> None:
    store.put_heads(heads(3))
    store.close_day(SIGNED, KEY)
    tomorrow = DAY + timedelta(days=1)
    later = DayHead(tomorrow, 1, "s02", 5, "5" * 64)
    store.put_heads([later])
    store.close_day(replace(SIGNED, day=tomorrow, count=1), KEY)
    assert [store.covering("s02", number) for number in (1, 2, 3, 5, 6)] == [heads(3)[1]] * 2 + [later] * 2 + [None]
