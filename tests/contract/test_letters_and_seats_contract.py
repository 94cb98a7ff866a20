"""What every store must do with the record of letters, with what seats chose, and with what has to wait."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from register.units import UnitKind
from workflows.machine.events import FilingExpected
from workflows.machine.states import State
from workflows.ports import LetterRecord, StateConflict, Store
from workflows.seat_settings import Digest, SeatSettings
from workflows.submissions import Identity, OutboxItem, Submission, Transition, advance

AT = datetime(2026, 1, 5, 1, 2, 3, 456789, tzinfo=UTC)


def letter(key: str, person: str = "p", minutes: int = 0, kind: str = "reminder", outbox: str = "o") -> LetterRecord:
    return LetterRecord(key, outbox, person, AT + timedelta(minutes=minutes), "sent", "mail", kind)


def promise(key: str, due: datetime | None = None) -> OutboxItem:
    return OutboxItem(key, "review", {"region": "990101"}, AT, due_at=due)


# Letters


def test_a_letters_record_comes_back_as_it_was_under_its_promise(store: Store) -> None:
    sms = LetterRecord("l2", "o", "p", AT, "refused: 550", "sms", "reminder")
    store.record_letters([sms, letter("l1"), letter("other", outbox="o2")])
    assert store.letters_of("o") == [letter("l1"), sms]
    assert store.letters_of("none") == []


def test_letters_of_some_kinds_to_one_person_are_counted_from_an_instant_on(store: Store) -> None:
    store.record_letters([letter(f"l{n}", minutes=n) for n in range(5)])
    store.record_letters([letter("x", person="q", minutes=3), letter("y", kind="receipt", minutes=3)])
    limited = frozenset({"reminder", "escalation"})
    counts = [store.letters_since("p", AT + timedelta(minutes=n), limited) for n in range(6)]
    assert counts == [5, 4, 3, 2, 1, 0]
    assert store.letters_since("p", AT, frozenset()) == store.letters_since("nobody", AT, limited) == 0


def test_an_outcome_changes_only_from_what_it_was(store: Store) -> None:
    store.record_letters([letter("l1")])
    assert not store.change_outcome("l1", "refused", "bounced")
    assert store.change_outcome("l1", "sent", "bounced")
    assert not store.change_outcome("l1", "sent", "bounced again")
    assert not store.change_outcome("unknown", "sent", "bounced")
    assert store.letters_of("o") == [replace(letter("l1"), outcome="bounced")]
    assert store.letter("l1") == replace(letter("l1"), outcome="bounced")
    assert store.letter("unknown") is None


# Seats


def test_a_seat_that_chose_nothing_has_the_default(store: Store) -> None:
    assert store.seat_settings("990101") == SeatSettings("990101")


def test_the_newest_choice_of_a_seat_holds_and_comes_with_its_promises(store: Store) -> None:
    first = SeatSettings("990101", Digest.DAILY, 7, 20, 8, version=1, changed_by="p", changed_at=AT)
    second = SeatSettings("990101", Digest.HOURLY, version=2, changed_by="q", changed_at=AT + timedelta(days=1))
    store.choose(first, [promise("a")])
    assert store.seat_settings("990101") == first
    store.choose(second, [])
    assert store.seat_settings("990101") == second
    assert store.seat_settings("990102") == SeatSettings("990102")
    assert [item.id for item in store.pending(AT, 9)] == ["a"]


def test_of_racing_choices_one_is_kept_and_only_its_letter_promised(store: Store) -> None:
    def choose(number: int) -> bool:
        made = SeatSettings("990101", Digest.DAILY, number, version=1, changed_by=str(number), changed_at=AT)
        try:
            store.choose(made, [promise(f"told-{number}")])
        except StateConflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(choose, range(16)))
    assert won.count(True) == 1
    winner = won.index(True)
    assert store.seat_settings("990101").hour == winner
    assert [item.id for item in store.pending(AT, 99)] == [f"told-{winner}"]


# What waits


def test_a_promise_for_later_is_kept_at_its_time(store: Store) -> None:
    later = AT + timedelta(hours=1)
    store.enqueue([promise("later", later), promise("now")])
    assert [item.id for item in store.pending(later - timedelta(microseconds=1), 9)] == ["now"]
    assert [item.id for item in store.pending(later, 9)] == ["now", "later"]


def test_what_is_deferred_waits_without_counting_as_a_failed_try(store: Store) -> None:
    later = AT + timedelta(hours=1)
    store.enqueue([promise("a"), promise("b"), promise("done")])
    store.finish(["done"], [], AT)
    store.defer({"a": later, "done": later})
    store.defer({})
    assert [item.id for item in store.pending(AT, 9)] == ["b"]
    assert [item.id for item in store.pending(later, 9)] == ["b", "a"]
    assert store.attempts("a") == 0


@pytest.mark.parametrize("limit", [1, 2, 3, 9])
def test_the_submissions_of_one_collection_are_paged_by_id(store: Store, limit: int) -> None:
    for key, year, form in (("c", 2025, "f"), ("a", 2025, "f"), ("b", 2025, "f"), ("x", 2024, "f"), ("y", 2025, "g")):
        store.create([_expected(Identity(key, year, form, key, UnitKind.ENTERPRISE, "1", "1", "2", "1"))])
    found, cursor = [], ""
    while True:
        page = store.submissions_of(2025, "f", cursor, limit)
        found += [one.id for one in page.rows]
        if not page.cursor:
            break
        cursor = page.cursor
    assert found == ["a", "b", "c"]


def _expected(identity: Identity) -> Transition:
    before = Submission(identity, State())
    after, links = advance(before, (FilingExpected((("county", "1"),)),), AT)
    return Transition(before=before, after=after, at=AT, events=links)
