"""What every store must do for signed days, whatever it stands on."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from register.units import UnitKind
from workflows.chain import RecordedEvent
from workflows.days import DayHead, SignedDay
from workflows.machine.events import DraftStarted, FilingExpected
from workflows.machine.states import State
from workflows.ports import Store
from workflows.signing import PublicKey
from workflows.submissions import Identity, Submission, Transition, advance

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


def moved(store: Store, key: str, *moments: datetime) -> list[RecordedEvent]:
    """A chain with one event at each of these moments."""
    of = Identity(key, 2025, "kd-1", f"U-{key}", UnitKind.ENTERPRISE, "990100", "", "990100", "990171")
    before, chain = Submission(of, State()), list[RecordedEvent]()
    for number, at in enumerate(moments):
        event = FilingExpected((("county", "990171"),)) if number == 0 else DraftStarted("one")
        after, links = advance(before, (event,), at)
        transition = Transition(before=before, after=after, at=at, events=links)
        if number == 0:
            store.create([transition])
        else:
            store.commit(transition)
        before, chain = after, chain + list(links)
    return chain


def covered(store: Store, day: date) -> list[tuple[str, int]]:
    """What a day covers when it is closed now: its chains with the numbers of their heads."""
    found = list(store.moves(day, "", 99))
    placed = [replace(head, day=day, place=place) for place, head in enumerate(found, start=1)]
    store.put_heads(placed)
    store.close_day(replace(SIGNED, day=day, count=len(placed)), KEY)
    return [(head.submission, head.number) for head in found]


NOON, NEXT = datetime(2026, 1, 5, 4, tzinfo=UTC), datetime(2026, 1, 5, 16, 5, tzinfo=UTC)
"""Noon of the day in China, and five minutes into the next."""


def test_a_chain_that_moved_again_after_midnight_is_covered_up_to_midnight(store: Store) -> None:
    chain = moved(store, "a", NOON, NEXT)
    moved(store, "b", NOON)
    moved(store, "c", NEXT)
    assert store.first_move() == DAY
    first = store.moves(DAY, "", 9)[0]
    assert (first.submission, first.number, first.head) == ("a", 1, chain[0].hash)
    assert covered(store, DAY) == [("a", 1), ("b", 1)]
    assert store.moves(DAY, "", 9) == []
    assert covered(store, DAY + timedelta(days=1)) == [("a", 2), ("c", 1)]
    assert store.first_move() is None


def test_a_step_that_came_too_late_for_its_day_is_covered_by_the_next(store: Store) -> None:
    moved(store, "a", NOON)
    assert covered(store, DAY) == [("a", 1)]
    moved(store, "b", NOON)
    assert covered(store, DAY + timedelta(days=1)) == [("b", 1)]
    assert store.moves(DAY + timedelta(days=9), "", 9) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 9])
def test_moves_are_paged_by_submission_whatever_their_day(store: Store, limit: int) -> None:
    for key, at in {"z": NOON, "a": NEXT, "q": NOON, "2": NEXT}.items():
        moved(store, key, at)
    found, after = [], ""
    while page := store.moves(DAY + timedelta(days=1), after, limit):
        found += [head.submission for head in page]
        after = page[-1].submission
    assert found == ["2", "a", "q", "z"]
