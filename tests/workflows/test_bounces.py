"""Letters that came back: an outcome once, and an address that rests until it is changed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from workflows.bounces import LetterUnknown, lift, record_bounce, stopped
from workflows.deadlines import read_instant
from workflows.delivering import STOPPED
from workflows.evidence import evidence

DUE = read_instant("2026-03-10T24:00")
ADDRESS = "e1@units.example"


@pytest.fixture
def reminded(world: Any) -> Any:
    """Three enterprises, each reminded a week before the end of 10 March."""
    world.open()
    world.clock.moment = DUE - timedelta(days=7)
    world.sweep()
    return world


def rows(world: Any, unit: str = "E1") -> list[Any]:
    return list(evidence(world.services, 2025, "kd-1", unit))


def next_reminder(world: Any) -> list[Any]:
    """The outcomes after the next step of the calendar."""
    world.clock.moment = DUE - timedelta(days=1)
    world.sweep()
    return [row.outcome for row in rows(world)]


def test_a_dead_address_is_not_written_to_again_and_the_record_says_so(reminded: Any) -> None:
    assert record_bounce(reminded.services, rows(reminded)[0].letter, "Permanent General", is_final=True)
    before = len(reminded.post.to(ADDRESS))
    first, second = next_reminder(reminded)
    assert first.startswith("bounced 2026-03-04 00:00:00: Permanent General")
    assert second == f"refused: {STOPPED}"
    assert len(reminded.post.to(ADDRESS)) == before
    assert [row.outcome for row in rows(reminded, "E2")] == ["sent", "sent"]


def test_a_full_mailbox_is_an_outcome_and_stops_nothing(reminded: Any) -> None:
    assert record_bounce(reminded.services, rows(reminded)[0].letter, "Transient MailboxFull")
    first, second = next_reminder(reminded)
    assert first.startswith("bounced ")
    assert second == "sent"


def test_a_report_that_comes_twice_is_no_news_and_stops_nothing_again(reminded: Any) -> None:
    letter = rows(reminded)[0].letter
    assert record_bounce(reminded.services, letter, "x", is_final=True)
    assert lift(reminded.services, ADDRESS)
    assert not record_bounce(reminded.services, letter, "x", is_final=True)
    assert stopped(reminded.services, ADDRESS) is None
    assert not lift(reminded.services, ADDRESS)


def test_a_death_between_the_stop_and_the_outcome_is_made_good(reminded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = rows(reminded)[0].letter
    with monkeypatch.context() as patch:
        patch.setattr(type(reminded.services.store), "change_outcome", _die)
        with pytest.raises(KeyboardInterrupt):
            record_bounce(reminded.services, letter, "x", is_final=True)
    assert record_bounce(reminded.services, letter, "x", is_final=True)
    assert stopped(reminded.services, ADDRESS) is not None


def test_another_address_of_the_unit_is_written_to_at_once(reminded: Any) -> None:
    record_bounce(reminded.services, rows(reminded)[0].letter, "x", is_final=True)
    store = reminded.services.store
    units = list(store.units(store.current("units"), "", 100).rows)
    moved = [replace(one, email="new@units.example") if one.email == ADDRESS else one for one in units]
    store.import_units(moved, reminded.clock.now())
    next_reminder(reminded)
    assert [letter.subject for letter in reminded.post.to("new@units.example")] != []


def test_a_letter_that_nobody_knows_is_an_error_so_that_the_report_comes_again(reminded: Any) -> None:
    with pytest.raises(LetterUnknown):
        record_bounce(reminded.services, "no-such-letter", "x", is_final=True)


def test_capitals_do_not_hide_an_address(reminded: Any) -> None:
    record_bounce(reminded.services, rows(reminded)[0].letter, "x", is_final=True)
    assert stopped(reminded.services, ADDRESS.upper()) is not None


def _die(*_: object) -> bool:
    raise KeyboardInterrupt
