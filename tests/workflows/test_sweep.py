"""The sweep: every promise is kept once, whatever fails on the way, and new holders of a seat are written to."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.maildir import Maildir, read_mailbox
from register.seats import Role, StaffMember
from workflows.machine.states import Stage
from workflows.ports import Letter, MailRefused, MailUnavailable
from workflows.submissions import OutboxItem
from workflows.sweep import LONGEST_RETRY

LEVELS = ("county", "city", "province")


class Killed(BaseException):
    """The process ends here: nothing of ours catches this."""


@pytest.fixture
def filed(world: Any) -> Any:
    """Three enterprises are expected, E1 has sent its return, and the seats were greeted before; no mail is out."""
    world.sweep()
    world.open()
    world.file()
    return world


def unavailable(_: Letter) -> None:
    raise MailUnavailable("connection refused")


def test_one_pass_keeps_every_promise(filed: Any) -> None:
    report = filed.sweep()
    assert (report.effects, report.letters, report.refused, report.failed) == (5, 4, 0, [])
    assert filed.store.pending_count() == 0
    assert Counter(letter.to_email for letter in filed.post.letters) == {
        "e1@units.example": 1,  # the receipt; the invitation was overtaken
        "e2@units.example": 1,
        "e3@units.example": 1,
        "r990101.1@seats.example": 1,
    }


def test_a_repeated_pass_sends_nothing(filed: Any) -> None:
    filed.sweep()
    sent = len(filed.post.letters)
    for _ in range(3):
        filed.clock.ahead(days=1)
        report = filed.sweep()
        assert (report.effects, report.letters) == (0, 0)
    assert len(filed.post.letters) == sent


def test_a_whole_route_mails_each_letter_once(filed: Any) -> None:
    for level in LEVELS:
        filed.sweep()
        filed.accept(level)
    filed.sweep()
    assert len({letter.id for letter in filed.post.letters}) == len(filed.post.letters)
    assert [one.event for one in filed.accepted] == [f"{filed.submission().id}-0005"]
    assert len(filed.post.about("验收通过")) == 1


def test_mail_that_cannot_go_now_goes_later(filed: Any) -> None:
    filed.post.before = unavailable
    report = filed.sweep()
    assert (report.letters, len(report.failed)) == (0, 4)
    filed.post.before = lambda _: None
    assert filed.sweep().letters == 0
    filed.clock.ahead(seconds=30)
    assert filed.sweep().letters == 4
    assert filed.store.pending_count() == 0


def test_the_pause_doubles_up_to_an_hour(filed: Any) -> None:
    filed.post.before = unavailable
    pauses = []
    for _ in range(12):
        filed.sweep()
        start = filed.clock.now()
        while not filed.store.pending(filed.clock.now(), 1):
            filed.clock.ahead(seconds=10)
        pauses.append(filed.clock.now() - start)
    assert pauses[:4] == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    assert pauses[-1] == LONGEST_RETRY == max(pauses)


def test_a_pass_ends_though_each_try_takes_longer_than_the_first_pause(filed: Any) -> None:
    def slow(letter: Letter) -> None:
        filed.clock.ahead(seconds=45)
        tried[letter.id] += 1
        unavailable(letter)

    tried = Counter[str]()
    filed.post.before = slow
    filed.sweep()
    assert set(tried.values()) == {1}


def test_a_pass_told_to_stop_leaves_the_rest_to_the_next_and_loses_nothing(filed: Any) -> None:
    answers = iter([True, True, False])
    report = filed.sweeper.run(lambda: next(answers))
    assert (report.effects, filed.store.pending_count()) == (2, 3)
    filed.sweep()
    assert len({letter.id for letter in filed.post.letters}) == len(filed.post.letters) == 4


def test_a_refused_letter_is_recorded_once_and_never_tried_again(filed: Any) -> None:
    def refuse(letter: Letter) -> None:
        if letter.to_email == "e2@units.example":
            tried.append(letter.id)
            raise MailRefused("SMTP 550 no such user")

    tried: list[str] = []
    filed.post.before = refuse
    assert filed.sweep().refused == 1
    filed.clock.ahead(days=3)
    assert filed.sweep().refused == 0
    assert len(tried) == 1
    assert filed.store.letter_outcomes(tried) == {tried[0]: "refused: SMTP 550 no such user"}


def test_every_letter_handed_over_is_on_record(filed: Any) -> None:
    filed.sweep()
    outcomes = filed.store.letter_outcomes([letter.id for letter in filed.post.letters])
    assert outcomes == {letter.id: "sent" for letter in filed.post.letters}


def test_a_poison_effect_does_not_hold_up_the_others(filed: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    bad = [
        OutboxItem("bad-1", "no such kind", {"submission": filed.submission().id}, filed.clock.now()),
        OutboxItem("bad-2", "receipt", {"submission": "lost", "revision": 1}, filed.clock.now()),
        OutboxItem("bad-3", "receipt", {}, filed.clock.now()),
    ]
    filed.store.enqueue(bad)
    filed.post.before = lambda letter: None
    report = filed.sweep()
    assert report.failed == ["bad-1", "bad-2", "bad-3"]
    assert report.letters == 4
    assert filed.store.pending_count() == 3
    assert [filed.store.attempts(item.id) for item in bad] == [1, 1, 1]


def test_more_effects_than_one_batch_are_kept_in_one_pass(filed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.sweep.BATCH", 2)
    assert filed.sweep().effects == 5


def test_a_pass_killed_between_hand_over_and_mark_repeats_only_that_letter(filed: Any) -> None:
    def kill_at_the_second(_: Letter) -> None:
        if len(filed.post.letters) == 1:
            raise Killed

    filed.post.before = kill_at_the_second
    with pytest.raises(Killed):
        filed.sweep()
    filed.post.before = lambda _: None
    filed.sweep()
    assert len({letter.id for letter in filed.post.letters}) == len(filed.post.letters) == 4


def test_a_maildir_holds_each_letter_once_though_the_pass_died_before_any_mark(filed: Any, tmp_path: Path) -> None:
    class Dying(Maildir):
        def send(self, letter: Letter, at: datetime) -> None:
            super().send(letter, at)
            if deaths[:1] == ["while writing"]:
                raise Killed(deaths.pop(0))

        def _deliver(self, files: list[Path]) -> None:
            super()._deliver(files)
            if deaths[:1] == ["before the mark"]:
                raise Killed(deaths.pop(0))

    box = Dying(tmp_path / "mail", "zhibao@zhibao.example")
    sweep = replace(filed.sweeper, mailer=box, once_by_id=True)
    deaths, there = ["while writing", "before the mark"], []
    while deaths:
        with pytest.raises(Killed):
            sweep.run()
        there.append(len(list(read_mailbox(box.root))))
    assert there == [0, 4]
    sweep.run()
    assert len([received.id for received in read_mailbox(box.root)]) == 4
    assert filed.store.pending_count() == 0
    assert set(filed.store.letter_outcomes([one.id for one in read_mailbox(box.root)]).values()) == {"sent"}


def test_an_overtaken_review_request_is_not_mailed(filed: Any) -> None:
    filed.send_back("county")
    filed.file()
    filed.sweep()
    (letter,) = filed.post.about("待审核")
    assert "第 2 版" in letter.text


def test_a_level_that_decided_before_the_pass_is_not_asked_any_more(filed: Any) -> None:
    filed.accept("county")
    filed.sweep()
    assert [letter.to_email for letter in filed.post.about("待审核")] == ["r990100.1@seats.example"]


def test_every_holder_of_a_seat_is_asked(filed: Any, seat: Callable[..., StaffMember]) -> None:
    filed.seats(seat("990101", 1), seat("990101", 2), seat("990101", 3, valid_to=date(2026, 1, 4)))
    filed.sweep()
    asked = [letter.to_email for letter in filed.post.about("待审核")]
    assert sorted(asked) == ["r990101.1@seats.example", "r990101.2@seats.example"]


def test_a_return_waits_for_a_seat_nobody_holds_and_its_first_holder_is_written_to(
    filed: Any, seat: Callable[..., StaffMember]
) -> None:
    filed.seats(seat("990100"))
    filed.sweep()
    assert filed.post.about("待审核") == []
    assert filed.submission().state.turn.region == "990101"
    filed.seats(seat("990100"), seat("990101"))
    filed.sweep()
    assert [letter.to_email for letter in filed.post.about("待审核")] == ["r990101.1@seats.example"]


def test_a_new_holder_gets_each_waiting_return_once_and_old_holders_none(
    filed: Any, seat: Callable[..., StaffMember], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.sweep.BATCH", 1)
    filed.seats(seat("990100"), seat("990101", 1))
    filed.file("E2")
    filed.accept("county")
    filed.store.import_staff([seat("990100", 1), seat("990171")], filed.clock.now())
    filed.accept("county", "E2")
    filed.sweep()
    before = Counter(letter.to_email for letter in filed.post.about("待审核"))
    assert before == {"r990100.1@seats.example": 2}
    filed.seats(seat("990100", 1), seat("990100", 2))
    for _ in range(3):
        filed.clock.ahead(days=1)
        filed.sweep()
    after = Counter(letter.to_email for letter in filed.post.about("待审核"))
    assert after == {"r990100.1@seats.example": 2, "r990100.2@seats.example": 2}


def test_a_holder_whose_term_begins_later_is_written_to_on_that_day(
    filed: Any, seat: Callable[..., StaffMember]
) -> None:
    filed.seats(seat("990101", 1, valid_to=date(2026, 1, 6)), seat("990101", 2, valid_from=date(2026, 1, 7)))
    filed.sweep()
    filed.clock.moment = datetime.fromisoformat("2026-01-06T23:59+08:00")
    filed.sweep()
    assert [letter.to_email for letter in filed.post.about("待审核")] == ["r990101.1@seats.example"]
    filed.clock.ahead(minutes=1)
    filed.sweep()
    assert [letter.to_email for letter in filed.post.about("待审核")][1:] == ["r990101.2@seats.example"]


def test_a_holder_who_left_and_came_back_gets_what_came_to_wait_meanwhile(
    world: Any, seat: Callable[..., StaffMember]
) -> None:
    world.open()
    world.sweep()
    world.seats(seat("990100"))
    world.file()
    world.sweep()
    assert world.post.about("待审核") == []
    world.seats(seat("990100"), seat("990101"))
    world.sweep()
    assert [letter.to_email for letter in world.post.about("待审核")] == ["r990101.1@seats.example"]


@pytest.mark.parametrize("role", [Role.OFFICE, Role.AUDITOR, Role.OPERATOR])
def test_only_reviewers_are_asked_to_review(filed: Any, role: Role) -> None:
    filed.seats(StaffMember("x@seats.example", "某", role, "990101"))
    filed.sweep()
    assert filed.post.about("待审核") == []


def test_facts_are_asked_for_once_and_a_failing_subscriber_is_asked_again(
    filed: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_: Any) -> None:
        raise OSError("disk full")

    caplog.set_level(logging.CRITICAL)
    for level in LEVELS:
        filed.accept(level)
    report = replace(filed.sweeper, on_accepted=failing).run()
    assert report.failed == [f"{filed.submission().id}-0005.facts"]
    assert len(filed.post.about("验收通过")) == 1
    filed.clock.ahead(minutes=1)
    filed.sweep()
    filed.sweep()
    (told,) = filed.accepted
    assert (told.submission.state.stage, told.revision) == (Stage.ACCEPTED, 1)


def test_every_decision_is_confirmed_to_the_whole_seat(filed: Any, seat: Callable[..., StaffMember]) -> None:
    filed.seats(seat("990101", 1), seat("990101", 2), seat("990100"))
    filed.accept("county")
    filed.sweep()
    told = [letter.to_email for letter in filed.post.about("已记录")]
    assert sorted(told) == ["r990101.1@seats.example", "r990101.2@seats.example"]
