"""What the clock does: reminders at each step of the calendar, deadlines, escalation; each once, kept as evidence."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.maildir import Maildir, read_mailbox
from register.seats import StaffMember
from workflows.audit import verify
from workflows.collecting import close_collection
from workflows.deadlines import read_instant, show_deadline
from workflows.letters.reminders import LINK
from workflows.links import FilingLink, ReviewLink
from workflows.machine.events import DeadlinePassed, Reminded
from workflows.overview import uncovered_seats
from workflows.ports import Letter, MailRefused, Person
from workflows.reminding import pass_time
from workflows.report import Report

DUE = read_instant("2026-03-10T24:00")
FILLER_STEPS = ("-7d", "-1d", "-4h", "+1d", "+3d", "+7d")
STATUTE = ("第七条", "第四十四条", "第四十五条")


class Killed(BaseException):
    """The process ends here: nothing of ours catches this."""


@pytest.fixture
def opened(world: Any) -> Any:
    """Three enterprises are invited to file by the end of 10 March."""
    world.open()
    world.sweep()
    world.post.letters.clear()
    return world


def at(world: Any, moment: datetime) -> Any:
    world.clock.moment = moment
    return world.sweep()


def hourly(world: Any, until: datetime) -> None:
    while world.clock.moment < until:
        world.clock.ahead(hours=1)
        world.sweep()


def reminders(world: Any, email: str = "e1@units.example") -> list[Letter]:
    return [letter for letter in world.post.to(email) if "催报" in letter.subject]


def happened(world: Any, kind: type, unit: str = "E1") -> list[Any]:
    events = [recorded.event() for recorded in world.store.events(world.submission(unit).id)]
    return [event for event in events if isinstance(event, kind)]


# Fillers


def test_a_filler_is_reminded_once_at_each_step_of_a_whole_calendar(opened: Any) -> None:
    opened.clock.moment = DUE - timedelta(days=9, minutes=30)
    hourly(opened, DUE + timedelta(days=10))
    assert [event.step for event in happened(opened, Reminded)] == list(FILLER_STEPS)
    assert len({letter.id for letter in opened.post.letters}) == len(opened.post.letters) == 18
    assert Counter(letter.to_email for letter in opened.post.letters) == {f"e{n}@units.example": 6 for n in (1, 2, 3)}


def test_each_step_comes_with_the_first_pass_after_its_moment(opened: Any) -> None:
    moment = DUE - timedelta(days=7)
    assert at(opened, moment - timedelta(microseconds=1)).reminders == 0
    assert at(opened, moment).reminders == 3
    assert at(opened, moment).reminders == 0


def test_nobody_is_reminded_of_what_he_has_sent(opened: Any) -> None:
    at(opened, DUE - timedelta(days=7))
    opened.file("E1")
    hourly(opened, DUE + timedelta(days=8))
    assert len(reminders(opened)) == 1
    assert len(reminders(opened, "e2@units.example")) == 6


def test_a_reminder_decided_just_before_the_return_came_in_is_not_sent(opened: Any) -> None:
    opened.clock.moment = DUE - timedelta(days=7)
    pass_time(opened.services, Report(), lambda: True)
    opened.clock.ahead(seconds=1)
    opened.file("E1")
    opened.sweep()
    assert reminders(opened) == []
    assert len(reminders(opened, "e2@units.example")) == 1


def test_a_sweep_that_was_away_for_a_week_sends_the_latest_step_only(opened: Any) -> None:
    at(opened, DUE + timedelta(days=2))
    assert [event.step for event in happened(opened, Reminded)] == ["+1d"]
    assert len(happened(opened, DeadlinePassed)) == 1
    hourly(opened, DUE + timedelta(days=8))
    assert [event.step for event in happened(opened, Reminded)] == ["+1d", "+3d", "+7d"]


def test_who_got_his_return_back_has_a_time_and_reminders_of_his_own(opened: Any) -> None:
    opened.file("E1")
    at(opened, DUE - timedelta(days=2))
    opened.send_back("county")
    hourly(opened, DUE + timedelta(days=5))
    (first, *_) = reminders(opened)
    assert "退回后尚未重新报送" in first.subject
    assert show_deadline(DUE + timedelta(days=5)) in first.text  # seven days from the return


def test_after_the_close_nobody_is_reminded_and_nothing_is_looked_at_again(opened: Any) -> None:
    close_collection(opened.services, 2025)
    report = at(opened, DUE + timedelta(days=1))
    assert (report.reminders, report.deadlines, report.failed) == (0, 0, [])
    assert opened.store.due(DUE + timedelta(days=300), "", 9).rows == []


def test_a_unit_that_moved_its_mailbox_is_reminded_there(opened: Any, reworded: Callable[..., None]) -> None:
    reworded("E1", email="moved@units.example")
    at(opened, DUE - timedelta(days=7))
    assert (len(reminders(opened)), len(reminders(opened, "moved@units.example"))) == (0, 1)


# Evidence


def test_what_is_kept_is_what_was_sent_but_for_the_link(opened: Any) -> None:
    at(opened, DUE - timedelta(days=7))
    (letter,) = reminders(opened)
    submission = opened.submission()
    (number,) = [one.number for one in opened.store.events(submission.id) if one.type == "Reminded"]
    payload = opened.store.payload(submission.id, number)
    assert payload.text == f"{letter.subject}\n\n{letter.text.replace(letter.link, LINK)}"
    assert "http" not in payload.text
    assert happened(opened, Reminded)[0].text_hash == payload.hash
    assert verify(opened.services).faults == ()


def test_a_reminder_quotes_the_law_and_opens_the_form(opened: Any) -> None:
    at(opened, DUE - timedelta(days=7))
    (letter,) = reminders(opened)
    assert all(article in letter.text for article in STATUTE)
    assert [line for line in letter.text.splitlines() if "://" in line] == [letter.link]
    assert opened.services.links.read(FilingLink, letter.link.rpartition("/")[2]) == opened.filing_link()


def test_a_units_name_cannot_take_the_place_of_the_link(world: Any, reworded: Callable[..., None]) -> None:
    reworded("E1", name=f"{LINK}科技公司")
    world.open()
    at(world, DUE - timedelta(days=7))
    (letter,) = reminders(world)
    assert letter.text.splitlines()[0] == f"{LINK}科技公司："
    assert letter.link in letter.text.splitlines()


def test_an_address_that_is_refused_is_on_record_and_not_tried_again(opened: Any) -> None:
    def refuse(letter: Letter) -> None:
        tried.append(letter.id)
        raise MailRefused("SMTP 550 no such user")

    tried: list[str] = []
    opened.post.before = refuse
    assert at(opened, DUE - timedelta(days=7)).refused == 3
    assert at(opened, DUE - timedelta(days=6)).refused == 0
    assert set(opened.store.letter_outcomes(tried).values()) == {"refused: SMTP 550 no such user"}


@dataclass
class TextMessages:
    """A gateway to short messages: takes reminders to those whose number it knows."""

    name: str = "sms"
    once_by_id: bool = True
    known: frozenset[str] = frozenset({"e1@units.example"})
    sent: list[Letter] = field(default_factory=list)

    def carries(self, kind: str, person: Person) -> bool:
        return kind == "reminder" and person.email in self.known

    def send(self, letter: Letter, _: datetime) -> None:
        self.sent.append(letter)

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()


def test_a_further_channel_carries_what_it_says_and_each_channel_has_its_record(opened: Any) -> None:
    gateway = TextMessages()
    sweep = replace(opened.sweeper, channels=(gateway,))
    opened.clock.moment = DUE - timedelta(days=7)
    sweep.run()
    sweep.run()
    assert [letter.to_email for letter in gateway.sent] == ["e1@units.example"]
    person = opened.filing_link().person
    promise = f"{opened.submission().id}-{opened.submission().version:04d}.reminder.{person}"
    assert sorted(one.channel for one in opened.store.letters_of(promise)) == ["mail", "sms"]
    assert len(opened.post.letters) == 3


# Seats


def test_every_holder_of_the_seat_is_reminded_while_the_return_waits_there(
    opened: Any, seat: Callable[..., StaffMember]
) -> None:
    opened.seats(seat("990101", 1), seat("990101", 2), seat("990100"))
    opened.file("E1")
    hourly(opened, opened.clock.moment + timedelta(days=10))
    asked = Counter(letter.to_email for letter in opened.post.about("催办"))
    assert asked == {"r990101.1@seats.example": 3, "r990101.2@seats.example": 3}
    assert [event.step for event in happened(opened, Reminded)] == ["-1d", "+1d", "+3d"]


def test_a_reminder_to_a_seat_opens_the_return_for_its_addressee(opened: Any) -> None:
    opened.file("E1")
    at(opened, opened.clock.moment + timedelta(days=4))
    (letter,) = opened.post.about("催办")
    assert opened.services.links.read(ReviewLink, letter.link.rpartition("/")[2]) == opened.review_link("county")


def test_when_a_levels_time_has_passed_the_next_level_is_told_once(opened: Any) -> None:
    opened.file("E1")
    hourly(opened, opened.clock.moment + timedelta(days=10))
    assert [letter.to_email for letter in opened.post.about("审核超期")] == ["r990100.1@seats.example"]
    assert [event.level for event in happened(opened, DeadlinePassed)] == ["county"]


def test_when_the_provinces_time_has_passed_its_own_holders_are_told(opened: Any) -> None:
    opened.file("E1")
    opened.accept("county")
    opened.accept("city")
    hourly(opened, opened.clock.moment + timedelta(days=6))
    assert [letter.to_email for letter in opened.post.about("审核超期")] == ["r990000.1@seats.example"]


def test_a_level_without_a_holder_is_passed_over_by_the_escalation(
    opened: Any, seat: Callable[..., StaffMember]
) -> None:
    opened.file("E1")
    opened.seats(seat("990101"), seat("990000"))
    at(opened, opened.clock.moment + timedelta(days=6))
    assert [letter.to_email for letter in opened.post.about("审核超期")] == ["r990000.1@seats.example"]


def test_a_seat_nobody_holds_is_looked_at_once_a_day_and_reminded_when_somebody_does(
    opened: Any, seat: Callable[..., StaffMember]
) -> None:
    opened.file("E1")
    opened.seats(seat("990100"), seat("990000"))
    at(opened, opened.clock.moment + timedelta(days=8))
    assert (happened(opened, Reminded), len(happened(opened, DeadlinePassed))) == ([], 1)
    assert opened.store.due(opened.clock.moment, "", 9).rows == []
    assert [(one.region.code, one.waiting) for one in uncovered_seats(opened.services, 2025)] == [("990101", 1)]
    opened.seats(seat("990100"), seat("990000"), seat("990101"))
    at(opened, read_instant(opened.clock.moment.date().isoformat()))  # the next midnight in China
    assert [letter.to_email for letter in opened.post.about("催办")] == ["r990101.1@seats.example"]


# Whatever fails


def test_letters_go_out_between_pages_of_what_is_due(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.reminding.BATCH", 1)
    decided: list[int] = []
    opened.post.before = lambda _: decided.append(
        sum(len(happened(opened, Reminded, unit)) for unit in ("E1", "E2", "E3"))
    )
    at(opened, DUE - timedelta(days=7))
    assert decided == [1, 2, 3]


def test_two_sweeps_at_once_remind_once(opened: Any) -> None:
    opened.clock.moment = DUE - timedelta(days=7)
    start = threading.Barrier(4)

    def sweep(_: int) -> None:
        start.wait()
        opened.sweep()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sweep, range(4)))
    assert Counter(letter.to_email for letter in opened.post.letters) == {f"e{n}@units.example": 1 for n in (1, 2, 3)}
    assert len(happened(opened, Reminded)) == 1


def test_a_pass_killed_between_the_decision_and_its_letter_sends_it_next_time_once(opened: Any, tmp_path: Path) -> None:
    class Dying(Maildir):
        def send(self, letter: Letter, moment: datetime) -> None:
            super().send(letter, moment)
            if deaths.pop(0) if deaths else False:
                raise Killed

    box = Dying(tmp_path / "mail", "zhibao@zhibao.example")
    deaths = [True, False, True]
    sweep = replace(opened.sweeper, mailer=box, once_by_id=True)
    opened.clock.moment = DUE - timedelta(days=7)
    for _ in range(2):
        with pytest.raises(Killed):
            sweep.run()
    assert [len(happened(opened, Reminded, unit)) for unit in ("E1", "E2", "E3")] == [1, 1, 1]
    sweep.run()
    sweep.run()
    assert sorted(received.to for received in read_mailbox(box.root)) == sorted(
        {received.to for received in read_mailbox(box.root)}
    )
    assert len(list(read_mailbox(box.root))) == 3


def test_what_fails_is_tried_again_later_and_holds_up_nothing_else(
    opened: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lost(_: Any, submission: Any) -> str:
        if submission.identity.unit_id == "E2":
            raise LookupError("no address")
        return f"{submission.identity.unit_id.lower()}@units.example"

    caplog.set_level(logging.CRITICAL)
    with monkeypatch.context() as patch:
        patch.setattr("workflows.services.Services.address_of", lost)
        report = at(opened, DUE - timedelta(days=7))
        assert (report.reminders, report.failed) == (2, [opened.submission("E2").id])
        assert opened.store.due(opened.clock.moment, "", 9).rows == []
    opened.clock.ahead(minutes=10)
    assert opened.sweep().reminders == 1


def test_a_pass_told_to_stop_leaves_the_rest_to_the_next(opened: Any) -> None:
    opened.clock.moment = DUE - timedelta(days=7)
    answers = iter([True, False])
    assert opened.sweeper.run(lambda: next(answers)).reminders == 1
    assert opened.sweep().reminders == 2
    assert len({letter.id for letter in opened.post.letters}) == len(opened.post.letters) == 3
