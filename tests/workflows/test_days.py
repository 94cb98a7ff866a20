"""Closing days: each past day once and in order, over exactly the chains that moved, whatever interrupts it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.workflows.small_year import live_through, overnight
from workflows import days
from workflows.audit import verify
from workflows.chain import GENESIS
from workflows.days import Closing, closes_at, day_of
from workflows.merkle import leaf_hash, root_of
from workflows.proofs import prove
from workflows.signing import KeyUnusable, SigningKey, check_key, new_key

FIRST = date(2026, 1, 5)


def always() -> bool:
    return True


def close(world: Any, go_on: Callable[[], bool] = always) -> int:
    closed: int = world.sweeper.closing.run(world.clock.now(), go_on)
    return closed


@pytest.fixture
def filed(world: Any) -> Any:
    """E1 has been sent on the first day; three chains moved."""
    world.open()
    world.file("E1")
    return world


def test_a_day_belongs_to_china_and_is_closed_ten_minutes_after_its_midnight(filed: Any) -> None:
    assert day_of(datetime(2026, 1, 5, 16, 0, tzinfo=UTC)) == date(2026, 1, 6)
    assert closes_at(FIRST) == datetime(2026, 1, 5, 16, 10, tzinfo=UTC)
    filed.clock.moment = closes_at(FIRST) - timedelta(seconds=1)
    assert close(filed) == 0
    filed.clock.ahead(seconds=1)
    assert close(filed) == 1


def test_the_root_covers_the_root_before_and_each_chain_that_moved(filed: Any) -> None:
    overnight(filed)
    filed.accept("county")
    overnight(filed)
    first, second = filed.store.day(FIRST), filed.store.day(FIRST + days.ONE_DAY)
    chains = {unit: filed.store.events(filed.submission(unit).id) for unit in ("E1", "E2", "E3")}
    heads = sorted((filed.submission(unit).id, chain[min(len(chain), 2) - 1].hash) for unit, chain in chains.items())
    assert first.root == root_of([leaf_hash(GENESIS), *(leaf_hash(head) for _, head in heads)])
    assert second.root == root_of([leaf_hash(first.root), leaf_hash(chains["E1"][2].hash)])
    assert (first.count, first.previous, second.count, second.previous) == (3, GENESIS, 1, first.root)
    assert filed.store.audit_key(first.key).signed(first.signature, first.statement())


def test_missed_days_are_closed_in_order_with_those_on_which_nothing_moved(filed: Any) -> None:
    filed.clock.ahead(days=3)
    filed.accept("county")
    filed.clock.ahead(days=1)
    assert close(filed) == 4
    counts = [filed.store.day(FIRST + timedelta(days=number)).count for number in range(4)]
    assert counts == [3, 0, 0, 1]
    assert filed.store.last_day().day == FIRST + timedelta(days=3)
    assert verify(filed.services).faults == ()


def test_a_home_in_which_nothing_happened_closes_no_day(world: Any) -> None:
    world.clock.ahead(days=30)
    assert close(world) == 0


def test_a_day_is_closed_once(filed: Any) -> None:
    overnight(filed)
    before = filed.store.day(FIRST)
    assert close(filed) == 0
    again = filed.store.close_day(replace(before, root="f" * 64), SigningKey(new_key()).public)
    assert again == before == filed.store.day(FIRST)
    assert len(filed.store.audit_keys()) == 1


def test_a_pass_that_dies_half_way_is_followed_by_one_that_ends_the_same(
    filed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies after the heads were written and before the day was; meanwhile one more chain moved."""
    monkeypatch.setattr(days, "BATCH", 2)
    filed.clock.ahead(days=1)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(filed.store), "close_day", die)
        with pytest.raises(KeyboardInterrupt):
            close(filed)
    assert filed.store.last_day() is None
    assert verify(filed.services).faults == ()
    assert prove(filed.store, filed.store.events(filed.submission("E1").id), 2) is None
    filed.file("E2")
    assert close(filed) == 1
    assert (filed.store.day(FIRST).count, verify(filed.services).faults) == (3, ())


def test_a_step_that_came_too_late_for_its_day_is_covered_by_the_next(filed: Any) -> None:
    """A machine whose clock was behind, or a disk that took its time."""
    overnight(filed)
    morning = filed.clock.now()
    filed.clock.moment = closes_at(FIRST) - timedelta(minutes=20)
    filed.accept("county")
    filed.clock.moment = morning
    assert verify(filed.services).faults == ()
    overnight(filed)
    assert filed.store.covering(filed.submission("E1").id, 3).day == FIRST + days.ONE_DAY
    assert verify(filed.services).faults == ()


def test_the_sweep_closes_what_has_passed_after_it_kept_its_promises(filed: Any) -> None:
    assert filed.sweep().days == 0
    filed.clock.ahead(days=2)
    assert filed.sweep().days == 2
    filed.clock.ahead(days=2)
    assert filed.sweeper.run(lambda: False).days == 0


def test_the_key_may_change_and_old_days_stay_verifiable(filed: Any) -> None:
    overnight(filed)
    newer = SigningKey(new_key())
    filed.clock.ahead(days=1)
    assert Closing(filed.store, lambda: newer).run(filed.clock.now(), always) == 1
    assert [first for _, first in filed.store.audit_keys()] == [FIRST, FIRST + days.ONE_DAY]
    assert filed.store.last_day().key == newer.public.id
    assert verify(filed.services).faults == ()


def test_no_key_is_asked_for_while_no_day_is_to_be_closed(filed: Any) -> None:
    def no_key() -> SigningKey:
        raise AssertionError

    assert Closing(filed.store, no_key).run(filed.clock.now(), always) == 0


def test_every_event_of_a_signed_day_can_be_proved(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.merkle.BLOCK", 2)
    monkeypatch.setattr("workflows.proofs.BLOCK", 2)
    live_through(world)
    proved = 0
    for unit in ("E1", "E2", "E3"):
        events = world.store.events(world.submission(unit).id)
        for event in events:
            proof = prove(world.store, events, event.number)
            if proof is None:
                assert day_of(event.at) == date(2026, 1, 9)
                continue
            assert proof.holds()
            assert (proof.links[0], proof.head.day) == (event, day_of(event.at))
            proved += 1
    assert proved > 20


def test_a_proof_that_was_altered_does_not_hold(world: Any) -> None:
    live_through(world)
    proof = prove(world.store, world.store.events(world.submission("E1").id), 2)
    link, step = proof.links[0], proof.path[0]
    altered = [
        replace(proof, links=(replace(link, data={**link.data, "revision_hash": "0" * 64}), *proof.links[1:])),
        replace(proof, links=proof.links[:-1]),
        replace(proof, head=replace(proof.head, head="0" * 64)),
        replace(proof, path=(replace(step, left=not step.left), *proof.path[1:])),
        replace(proof, path=(replace(step, hash="x"), *proof.path[1:])),
        replace(proof, day=replace(proof.day, root="0" * 64)),
        replace(proof, day=replace(proof.day, day=date(2026, 1, 4))),
        replace(proof, day=replace(proof.day, count=99)),
        replace(proof, day=replace(proof.day, signature=proof.day.signature.upper())),
        replace(proof, key=SigningKey(new_key()).public),
    ]
    assert [one.holds() for one in altered] == [False] * len(altered)


@pytest.mark.parametrize("text", ["", "short", "é" * 44, "A" * 43, "!" * 44])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(KeyUnusable):
        check_key(text)


def test_a_key_shows_itself_to_nobody() -> None:
    text = new_key()
    check_key(text)
    key = SigningKey(text)
    assert text not in repr(key) + str(vars(key))
