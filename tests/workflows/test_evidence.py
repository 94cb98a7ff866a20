"""The record of reminders as evidence: every reminder with its addressee, time, channel, words and outcome."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from register.seats import StaffMember
from workflows.bounces import LetterUnknown, record_bounce
from workflows.deadlines import read_instant
from workflows.evidence import NOT_NEEDED, PENDING, evidence
from workflows.letters.reminders import LINK
from workflows.ports import Letter, MailRefused, MailUnavailable
from workflows.reminding import pass_time
from workflows.report import Report

DUE = read_instant("2026-03-10T24:00")


@pytest.fixture
def reminded(world: Any) -> Any:
    """Three enterprises, each reminded a week and a day before the end of 10 March."""
    world.open()
    for days in (7, 1):
        world.clock.moment = DUE - timedelta(days=days)
        world.sweep()
    return world


def rows(world: Any, unit: str = "") -> list[Any]:
    return list(evidence(world.services, 2025, "kd-1", unit))


def test_each_reminder_is_a_row_with_all_that_proves_it(reminded: Any) -> None:
    first, second = rows(reminded, "E1")
    letters = {letter.id: letter for letter in reminded.post.about("催报")}
    assert [(row.step, row.reminded, row.unit_id, row.unit_name) for row in (first, second)] == [
        ("-7d", "unit", "E1", "E1科技有限公司"),
        ("-1d", "unit", "E1", "E1科技有限公司"),
    ]
    assert first.decided_at == first.sent_at == DUE - timedelta(days=7)
    assert (first.channel, first.addressee, first.outcome) == ("mail", "e1@units.example", "sent")
    letter = letters[first.letter]
    assert first.text == f"{letter.subject}\n\n{letter.text.replace(letter.link, LINK)}"


def test_a_collection_is_read_in_pages_and_no_reminder_is_left_out(
    reminded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.evidence.PAGE", 2)
    assert sorted(row.unit_id for row in rows(reminded)) == ["E1", "E1", "E2", "E2", "E3", "E3"]
    assert rows(reminded, "E4") == rows(reminded, "nobody") == []
    assert list(evidence(reminded.services, 2025, "ts-1")) == []


def test_only_what_a_reader_is_answerable_for_is_read(reminded: Any) -> None:
    found = evidence(reminded.services, 2025, "kd-1", covers=lambda identity: identity.city_code == "990200")
    assert {row.unit_id for row in found} == {"E3"}


def test_a_reminder_to_a_seat_names_the_seat_and_has_a_row_for_each_holder(
    reminded: Any, seat: Callable[..., StaffMember]
) -> None:
    reminded.seats(seat("990101", 1), seat("990101", 2))
    reminded.file("E1")
    reminded.clock.ahead(days=4)
    reminded.sweep()
    asked = [row for row in rows(reminded, "E1") if row.reminded == "990101"]
    assert sorted(row.addressee for row in asked) == ["r990101.1@seats.example", "r990101.2@seats.example"]
    assert all("催办" in row.text for row in asked)


def test_an_outcome_says_refused_pending_or_not_needed(world: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)

    def refuse_or_wait(letter: Letter) -> None:
        if letter.to_email == "e1@units.example":
            raise MailRefused("SMTP 550 no such user")
        raise MailUnavailable("connection refused")

    world.open()
    world.sweep()
    world.post.before = refuse_or_wait
    world.clock.moment = DUE - timedelta(days=7)
    world.sweep()
    world.file("E2")
    outcomes = {row.unit_id: (row.outcome, row.sent_at is None) for row in rows(world)}
    assert outcomes == {
        "E1": ("refused: SMTP 550 no such user", False),
        "E2": (NOT_NEEDED, True),
        "E3": (PENDING, True),
    }


def test_a_bounce_that_comes_back_later_is_the_outcome_from_then_on(reminded: Any) -> None:
    first, second = rows(reminded, "E1")
    assert record_bounce(reminded.services, first.letter, "550 5.1.1\r\nno such user")
    assert not record_bounce(reminded.services, first.letter, "again")
    assert [row.outcome for row in rows(reminded, "E1")] == [
        "bounced 2026-03-10 00:00:00: 550 5.1.1 no such user",
        "sent",
    ]
    assert second.outcome == "sent"


def test_a_refused_letter_cannot_bounce_and_an_unknown_one_is_an_error(world: Any) -> None:
    def refuse(_: Letter) -> None:
        raise MailRefused("550")

    world.open()
    world.post.before = refuse
    world.clock.moment = DUE - timedelta(days=7)
    world.sweep()
    (row,) = rows(world, "E1")
    assert not record_bounce(world.services, row.letter, "x")
    assert rows(world, "E1")[0].outcome == "refused: 550"
    with pytest.raises(LetterUnknown):
        record_bounce(world.services, "no-such-letter", "x")


def test_a_reminder_is_on_record_from_its_decision_on(world: Any) -> None:
    world.open()
    world.clock.moment = DUE - timedelta(days=7)
    pass_time(world.services, Report(), lambda: True)
    (row,) = rows(world, "E1")
    assert (row.outcome, row.channel, row.letter, row.addressee) == (PENDING, "", "", "e1@units.example")
